"""Defect lists: what the BSI knows to be wrong with documents, signer by signer (BSI TR-03129-2 ch. 7).

This is the content of the CMS message only: whose signature counts is the caller's to decide. A row that cannot be read
is skipped with a record and never sinks the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cccd_nfc.crypto.public_keys import encode_integer
from cccd_nfc.crypto.signatures import HASH_OIDS
from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid, encode_oid
from cccd_nfc.pki.certificates import Certificate, known_certificate
from cccd_nfc.pki.signer_reference import (
    SignerReference,
    encode_issuer_and_serial,
    encode_set_of,
    parse_algorithm,
    parse_integer,
    parse_issuer_and_serial,
    readable,
    sequence_of,
)
from cccd_nfc.sentences import Said

DEFECT_LIST = "0.4.0.127.0.7.3.1.5"
"""The content type."""

_SEQUENCE, _SET, _OCTETS, _OID = 0x30, 0x31, 0x04, 0x06
_CONTEXT_0, _CONTEXT_0_PRIMITIVE = 0xA0, 0x80


class DefectType(StrEnum):
    """The types known here, by their object identifiers; a list may also hold others."""

    CERT_REVOKED = f"{DEFECT_LIST}.1.1"
    CERT_REPLACED = f"{DEFECT_LIST}.1.2"
    CHIP_AUTH_KEY_REVOKED = f"{DEFECT_LIST}.1.3"
    ACTIVE_AUTH_KEY_REVOKED = f"{DEFECT_LIST}.1.4"
    EPASSPORT_DG_MALFORMED = f"{DEFECT_LIST}.2.1"
    SOD_INVALID = f"{DEFECT_LIST}.2.2"
    EID_DG_MALFORMED = f"{DEFECT_LIST}.3.1"
    EID_INTEGRITY = f"{DEFECT_LIST}.3.2"
    CARD_SECURITY_MALFORMED = f"{DEFECT_LIST}.4.1"
    CHIP_SECURITY_MALFORMED = f"{DEFECT_LIST}.4.2"
    POWER_DOWN_REQ = f"{DEFECT_LIST}.4.3"


_LABELS: Mapping[str, Said] = {
    DefectType.CERT_REVOKED: Said("the document signer certificate is revoked"),
    DefectType.CERT_REPLACED: Said("the document signer certificate is malformed and has a replacement"),
    DefectType.CHIP_AUTH_KEY_REVOKED: Said("the keys of chip authentication may be compromised"),
    DefectType.ACTIVE_AUTH_KEY_REVOKED: Said("the keys of active authentication may be compromised"),
    DefectType.EPASSPORT_DG_MALFORMED: Said("data groups of the ePassport are malformed"),
    DefectType.SOD_INVALID: Said("EF.SOD is invalid"),
    DefectType.EID_DG_MALFORMED: Said("data groups of the eID are malformed"),
    DefectType.EID_INTEGRITY: Said("the integrity of the eID's data is not guaranteed"),
    DefectType.CARD_SECURITY_MALFORMED: Said("EF.CardSecurity is malformed"),
    DefectType.CHIP_SECURITY_MALFORMED: Said("EF.ChipSecurity is malformed"),
    DefectType.POWER_DOWN_REQ: Said("the chip must be switched off between two applications"),
}


@dataclass(frozen=True, slots=True)
class KnownDefect:
    """defect_type: dotted OID, of DefectType or another.  parameters: the BER that goes with it, or nothing."""

    defect_type: str
    parameters: bytes = field(default=b"", repr=False)

    @property
    def label(self) -> Said:
        """What the type means, for people; the dotted OID of a type that is not known."""
        return _LABELS.get(self.defect_type) or Said(self.defect_type)

    @property
    def replacement(self) -> Certificate | None:
        """The certificate that takes a malformed one's place; None where none is given, or none that can be read."""
        try:
            return known_certificate(self.parameters) if self.defect_type == DefectType.CERT_REPLACED else None
        except CardError:
            return None

    @property
    def status_code(self) -> int | None:
        """Why the certificate was revoked; None where that is not said."""
        try:
            return (
                parse_integer(tlv.parse_one(self.parameters)) if self.defect_type == DefectType.CERT_REVOKED else None
            )
        except CardError:
            return None

    @property
    def data_groups(self) -> tuple[int, ...]:
        """The numbers of the data groups that are malformed; none where that is not said."""
        if self.defect_type not in (DefectType.EPASSPORT_DG_MALFORMED, DefectType.EID_DG_MALFORMED):
            return ()
        try:
            return tuple(sorted(map(parse_integer, tlv.parse_one(self.parameters, tag=_SET).children())))
        except CardError:
            return ()


@dataclass(frozen=True, slots=True)
class Defect:
    """What is known of the documents of one signer."""

    signer: SignerReference
    known_defects: tuple[KnownDefect, ...]

    def replaces_by(self, certificate: Certificate) -> bool:
        """Whether `certificate` is given here as the one that takes the signer's place."""
        return any(known.replacement == certificate for known in self.known_defects)


@dataclass(frozen=True, slots=True)
class DefectList:
    """hash_algorithm: dotted OID.  skipped: why rows of the list could not be read, one by one."""

    version: int = 0
    hash_algorithm: str = "2.16.840.1.101.3.4.2.1"
    defects: tuple[Defect, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def replacements(self) -> tuple[Certificate, ...]:
        """All certificates that are given in the place of malformed ones, as far as they can be read."""
        given = (known.replacement for each in self.defects for known in each.known_defects)
        return tuple(each for each in given if each is not None)

    def defects_of(self, signer: Certificate) -> tuple[KnownDefect, ...]:
        """What is known to be wrong with documents that `signer` has signed.

        A replacement has the defects of the certificate whose place it takes: the documents are the same, and what a
        chip brings as its signer's certificate nobody has signed with them.
        Where the hash algorithm is not known, issuer and serial decide alone: better warned too often than too seldom.
        """
        hash_name = HASH_OIDS.get(self.hash_algorithm, "")
        named = {
            each.signer for each in self.defects if each.signer.names(signer, hash_name) or each.replaces_by(signer)
        }
        return tuple(known for each in self.defects if each.signer in named for known in each.known_defects)

    def replacement_of(self, signer: Certificate) -> Certificate | None:
        """The certificate that takes the place of `signer`; None where it stands for itself."""
        given = (known.replacement for known in self.defects_of(signer))
        return next((each for each in given if each is not None and each != signer), None)


def parse_defect_list(content: bytes) -> DefectList:
    """The DefectList in `content`, in DER or BER; EncodingError when it is none."""
    parts = sequence_of(tlv.parse_one(content, name="defect list"), 3, "defect list")
    if parts[2].tag != _SET:
        raise EncodingError("defect list: the defects are missing")
    skipped: list[str] = []
    defects = readable("defect", parts[2], lambda row: _defect(row, skipped), skipped)
    return DefectList(parse_integer(parts[0]), parse_algorithm(parts[1]), defects, tuple(skipped))


def _defect(row: tlv.DataObject, skipped: list[str]) -> Defect:
    identifier, *rest = sequence_of(row, 2, "defect")
    digest = rest.pop(0).value if rest[0].tag == _OCTETS else b""
    if not rest or rest[0].tag != _SET:
        raise EncodingError("the known defects are missing")
    # One defect that cannot be read must not hide its neighbour, which may say that the signer is revoked.
    return Defect(_signer(identifier, digest), readable("known defect", rest[0], _known_defect, skipped))


def _signer(found: tlv.DataObject, digest: bytes) -> SignerReference:
    if found.tag == _SEQUENCE:
        issuer, serial = parse_issuer_and_serial(found)
        return SignerReference(issuer, serial, digest=digest)
    inner = tlv.parse_one(found.value, tag=_OCTETS) if found.tag == _CONTEXT_0 else found
    if found.tag not in (_CONTEXT_0, _CONTEXT_0_PRIMITIVE) or not inner.value:
        raise EncodingError("a signer that is not identified")
    return SignerReference(key_identifier=inner.value, digest=digest)


def _known_defect(row: tlv.DataObject) -> KnownDefect:
    parts = sequence_of(row, 1, "known defect")
    if parts[0].tag != _OID:
        raise EncodingError("a defect without its type")
    stated = parts[1] if len(parts) > 1 else None
    parameters = b"" if stated is None else stated.value if stated.tag == _CONTEXT_0 else stated.raw
    return KnownDefect(dotted_oid(parts[0].value), parameters)


def encode_defect_list(listed: DefectList) -> bytes:
    """The content in DER: each SET OF in the order of its encodings. `skipped` is not written."""
    defects = encode_set_of(_SET, map(encode_defect, listed.defects))
    return tlv.encode(_SEQUENCE, encode_integer(listed.version), encode_oid(listed.hash_algorithm), defects)


def encode_defect(defect: Defect) -> bytes:
    signer = defect.signer
    if signer.key_identifier:
        identifier = tlv.encode(_CONTEXT_0_PRIMITIVE, signer.key_identifier)
    else:
        identifier = encode_issuer_and_serial(_SEQUENCE, signer)
    digest = tlv.encode(_OCTETS, signer.digest) if signer.digest else b""
    known = encode_set_of(_SET, map(encode_known_defect, defect.known_defects))
    return tlv.encode(_SEQUENCE, identifier, digest, known)


def encode_known_defect(known: KnownDefect) -> bytes:
    return tlv.encode(_SEQUENCE, encode_oid(known.defect_type), known.parameters)
