"""Deviation lists: what an issuing State says is wrong with documents it has issued (ICAO 9303-12, 8th ed., §10).

This is the content of the CMS message only: whose signature counts, and for which State, is the caller's to decide. A
deviation that cannot be read is skipped with a record and never sinks the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cccd_nfc.crypto.signatures import HASH_OIDS
from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.pki.document_criteria import DeviationDocuments, DocumentFacts, IssuancePeriod
from cccd_nfc.pki.signer_reference import (
    SignerReference,
    parse_algorithm,
    parse_integer,
    parse_issuer_and_serial,
    readable,
    sequence_of,
)
from cccd_nfc.pki.times import parse_time
from cccd_nfc.sentences import Said

DEVIATION_LIST = "2.23.136.1.1.7"
"""The content type."""

_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID = 0x30, 0x31, 0x02, 0x04, 0x06
_UTF8, _PRINTABLE, _IA5 = 0x0C, 0x13, 0x16
_TYPE, _ISSUER, _KEY, _DIGEST, _ISSUED, _NUMBERS = range(0x80, 0x86)
_PARAMETERS, _NATIONAL_USE = 0xA0, 0xA1
_CONSTRUCTED = 0x20


class DeviationType(StrEnum):
    """The types that §10 defines, by their object identifiers; a list may also hold others."""

    DS_SIGNATURE = f"{DEVIATION_LIST}.1.1"
    DS_ENCODING = f"{DEVIATION_LIST}.1.2"
    CSCA_ENCODING = f"{DEVIATION_LIST}.1.3"
    AA_KEY_COMPROMISED = f"{DEVIATION_LIST}.1.4"
    DG_MALFORMED = f"{DEVIATION_LIST}.2.1"
    DG_HASH_WRONG = f"{DEVIATION_LIST}.2.2"
    SOD_SIGNATURE_WRONG = f"{DEVIATION_LIST}.2.3"
    COM_INCONSISTENT = f"{DEVIATION_LIST}.2.4"
    MRZ_WRONG_DATA = f"{DEVIATION_LIST}.3.1"
    MRZ_WRONG_CHECK_DIGIT = f"{DEVIATION_LIST}.3.2"
    CHIP = f"{DEVIATION_LIST}.4"
    NATIONAL_USE = f"{DEVIATION_LIST}.5"


_LABELS: Mapping[str, Said] = {
    DeviationType.DS_SIGNATURE: Said("the document signer certificate has a wrong signature"),
    DeviationType.DS_ENCODING: Said("the document signer certificate is wrongly encoded"),
    DeviationType.CSCA_ENCODING: Said("the CSCA certificate is wrongly encoded"),
    DeviationType.AA_KEY_COMPROMISED: Said("the keys of active authentication may be compromised"),
    DeviationType.DG_MALFORMED: Said("a data group is malformed"),
    DeviationType.DG_HASH_WRONG: Said("the hash of a data group is wrong"),
    DeviationType.SOD_SIGNATURE_WRONG: Said("the signature of EF.SOD is wrong"),
    DeviationType.COM_INCONSISTENT: Said("EF.COM and EF.SOD disagree"),
    DeviationType.MRZ_WRONG_DATA: Said("the MRZ has wrong data"),
    DeviationType.MRZ_WRONG_CHECK_DIGIT: Said("the MRZ has a wrong check digit"),
    DeviationType.CHIP: Said("the chip has a defect"),
    DeviationType.NATIONAL_USE: Said("a deviation described for national use"),
}

_CERTIFICATE_FIELDS = ["generic", "version", "serialNumber", "signature", "issuer", "validity", "subject"]
_CERTIFICATE_FIELDS += ["subjectPublicKeyInfo", "issuerUniqueID", "subjectUniqueID"]
_MRZ_FIELDS = ["generic", "documentCode", "issuingState", "personName", "documentNumber", "nationality"]
_MRZ_FIELDS += ["dateOfBirth", "sex", "dateOfExpiry", "optionalData"]
_DATA_GROUPS = {**{number: f"EF.DG{number}" for number in range(1, 17)}, 20: "EF.SOD", 21: "EF.COM"}
_FIELDS: Mapping[str, Mapping[int, str]] = {
    DeviationType.DS_ENCODING: dict(enumerate(_CERTIFICATE_FIELDS)),
    DeviationType.CSCA_ENCODING: dict(enumerate(_CERTIFICATE_FIELDS)),
    DeviationType.DG_MALFORMED: _DATA_GROUPS,
    DeviationType.DG_HASH_WRONG: _DATA_GROUPS,
    DeviationType.MRZ_WRONG_DATA: dict(enumerate(_MRZ_FIELDS)),
    DeviationType.MRZ_WRONG_CHECK_DIGIT: dict(enumerate(_MRZ_FIELDS)),
}
"""What the number in the parameters of a type stands for."""


@dataclass(frozen=True, slots=True)
class DeviationDescription:
    """deviation_type: dotted OID, of DeviationType or another.  parameters, national_use: BER objects, or nothing."""

    deviation_type: str
    description: str = ""
    parameters: bytes = field(default=b"", repr=False)
    national_use: bytes = field(default=b"", repr=False)

    @property
    def label(self) -> Said:
        """What the type means, for people; the dotted OID of a type that §10 does not define."""
        return _LABELS.get(self.deviation_type) or Said(self.deviation_type)

    @property
    def concerns(self) -> Said:
        """The data group ("EF.DG2"), field ("validity") or extension (dotted OID) meant; empty when none is stated."""
        fields = _FIELDS.get(self.deviation_type)
        if fields is None or not self.parameters:
            return Said("")
        try:
            found = tlv.parse_one(self.parameters)
            if found.tag == _OID:
                return Said(dotted_oid(found.value))
            number = parse_integer(found)
        except CardError:
            return Said("")
        return Said(fields[number]) if number in fields else Said("field {number}", number=number)


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is wrong, and with which documents."""

    documents: DeviationDocuments
    descriptions: tuple[DeviationDescription, ...]


@dataclass(frozen=True, slots=True)
class DeviationList:
    """digest_algorithm: dotted OID, or empty.  skipped: why deviations of the list could not be read, one by one."""

    version: int = 0
    digest_algorithm: str = ""
    deviations: tuple[Deviation, ...] = ()
    skipped: tuple[str, ...] = ()

    def descriptions_for(self, document: DocumentFacts) -> tuple[DeviationDescription, ...]:
        """What is stated about `document`, which must be of the State that has issued the list."""
        hash_name = HASH_OIDS.get(self.digest_algorithm, "") if self.digest_algorithm else "sha256"
        affecting = [each for each in self.deviations if each.documents.match(document, hash_name)]
        return tuple(description for each in affecting for description in each.descriptions)


def parse_deviation_list(content: bytes) -> DeviationList:
    """The DeviationList in `content`, in DER or BER; EncodingError when it is none."""
    version, *parts = sequence_of(tlv.parse_one(content, name="deviation list"), 2, "deviation list")
    algorithm = parse_algorithm(parts.pop(0)) if parts[0].tag != _SET else ""
    if not parts or parts[0].tag != _SET:
        raise EncodingError("deviation list: the deviations are missing")
    skipped: list[str] = []
    deviations = readable("deviation", parts[0], _deviation, skipped)
    return DeviationList(parse_integer(version), algorithm, deviations, tuple(skipped))


def _deviation(row: tlv.DataObject) -> Deviation:
    documents, descriptions = sequence_of(row, 2, "deviation")[:2]
    if descriptions.tag != _SET:
        raise EncodingError("the descriptions are missing")
    return Deviation(_documents(documents), tuple(map(_description, descriptions.children())))


def _documents(found: tlv.DataObject) -> DeviationDocuments:
    """A criterion that is not known is refused: without it, more documents would match than are meant."""
    stated: dict[int, tlv.DataObject] = {}
    for part in sequence_of(found, 0, "documents"):
        number = part.tag & ~_CONSTRUCTED
        if not _TYPE <= number <= _NUMBERS or number in stated:
            raise EncodingError(Said("a criterion {tag} that is not known, or stated twice", tag=f"{part.tag:02X}"))
        stated[number] = part
    numbers = _unwrapped(stated[_NUMBERS], _SET).children() if _NUMBERS in stated else None
    return DeviationDocuments(
        _text(_primitive(stated[_TYPE], _PRINTABLE)) if _TYPE in stated else None,
        _signer(stated),
        _period(_unwrapped(stated[_ISSUED], _SEQUENCE)) if _ISSUED in stated else None,
        None if numbers is None else frozenset(_text(each.value) for each in numbers),
    )


def _signer(stated: Mapping[int, tlv.DataObject]) -> SignerReference | None:
    given = stated.keys() & {_ISSUER, _KEY, _DIGEST}
    if len(given) > 1:
        raise EncodingError("a signer that is named in two ways")
    if _ISSUER in given:
        return SignerReference(*parse_issuer_and_serial(_unwrapped(stated[_ISSUER], _SEQUENCE)))
    if not given:
        return None
    value = _primitive(stated[max(given)], _OCTETS)
    if not value:
        raise EncodingError("a signer that is not identified")
    return SignerReference(key_identifier=value) if _KEY in given else SignerReference(digest=value)


def _period(found: tlv.DataObject) -> IssuancePeriod:
    times = found.children()
    if len(times) != 2:
        raise EncodingError("a period of issuance without its two ends")
    return IssuancePeriod(parse_time(times[0]), parse_time(times[1]))


def _description(found: tlv.DataObject) -> DeviationDescription:
    parts = list(sequence_of(found, 1, "description"))
    text = _text(parts.pop(0).value) if parts[0].tag in (_PRINTABLE, _UTF8, _IA5) else ""
    if not parts or parts[0].tag != _OID:
        raise EncodingError("a description without its type")
    stated = {part.tag: part.value for part in parts[1:]}
    number = stated.get(_PARAMETERS & ~_CONSTRUCTED)  # an INTEGER under an implicit tag, where an explicit one is due
    parameters = stated.get(_PARAMETERS, b"") if number is None else tlv.encode(_INTEGER, number)
    return DeviationDescription(dotted_oid(parts[0].value), text, parameters, stated.get(_NATIONAL_USE, b""))


def _unwrapped(found: tlv.DataObject, tag: int) -> tlv.DataObject:
    """`found`, or the one object of `tag` in it, where an issuer has put an explicit tag for the implicit one."""
    inner = found.children() if found.is_constructed else ()
    return inner[0] if len(inner) == 1 and inner[0].tag == tag else found


def _primitive(found: tlv.DataObject, tag: int) -> bytes:
    inner = _unwrapped(found, tag)
    if inner.is_constructed:
        raise EncodingError(Said("a criterion {tag} that is wrongly tagged", tag=f"{found.tag:02X}"))
    return inner.value


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError("a text that cannot be read") from error
