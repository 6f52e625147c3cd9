"""CMS SignedData as EF.SOD, EF.CardSecurity and master lists carry it, in DER or BER (RFC 5652 §5): its reader."""

from __future__ import annotations

from functools import lru_cache

from cccd_nfc.crypto.algorithm_identifiers import parse_algorithm_identifier
from cccd_nfc.crypto.signatures import RSASSA_PSS
from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.lds.sod import parse_lds_security_object, unwrap_sod
from cccd_nfc.pki.certificates import Certificate, known_certificate
from cccd_nfc.pki.signed_data import NO_PARAMETERS, SignedData, SignerInfo

SIGNED_DATA = "1.2.840.113549.1.7.2"

_SEQUENCE, _SET, _OCTETS, _OID, _INTEGER = 0x30, 0x31, 0x04, 0x06, 0x02
_CONSTRUCTED_OCTETS = 0x24
_CONTEXT_0, _CONTEXT_0_PRIMITIVE, _CONTEXT_1 = 0xA0, 0x80, 0xA1


def parse_signed_data(raw: bytes) -> SignedData:
    """The SignedData in a ContentInfo; EncodingError for anything else."""
    outer = tlv.parse_one(raw, tag=_SEQUENCE, name="CMS").children()
    if [each.tag for each in outer] != [_OID, _CONTEXT_0] or dotted_oid(outer[0].value) != SIGNED_DATA:
        raise EncodingError("CMS: no SignedData")
    parts = _only(outer[1], _SEQUENCE).children()
    if len(parts) < 4 or [part.tag for part in parts[:3]] != [_INTEGER, _SET, _SEQUENCE]:
        raise EncodingError("CMS: fields of SignedData are missing")
    content_type, content = _content(parts[2])
    certificates = tlv.find(parts[3:], _CONTEXT_0)
    signers = tlv.require(parts[3:], _SET, name="CMS signers")
    return SignedData(
        content_type,
        content,
        _readable(certificates.value) if certificates else (),
        tuple(_signer(each) for each in signers.children()),
        int.from_bytes(parts[0].value[:2], "big"),
        parts[1].value,
        len(parts) > (5 if certificates else 4),
    )


@lru_cache(maxsize=256)
def _readable(raw: bytes) -> tuple[Certificate, ...]:
    """Those of the certificates that can be read; remembered, since the documents of one signer bring the same."""
    certificates = []
    for each in tlv.parse_all(raw):
        try:
            certificates.append(known_certificate(each.raw))
        except CardError:
            continue  # a signer whose certificate cannot be read stays without one, and the check says so
    return tuple(certificates)


def _content(info: tlv.DataObject) -> tuple[str, bytes]:
    parts = info.children()
    if len(parts) < 2 or parts[0].tag != _OID or parts[1].tag != _CONTEXT_0:
        raise EncodingError("CMS: no content is enclosed")
    return dotted_oid(parts[0].value), _octets(_only(parts[1]))


def _only(found: tlv.DataObject, tag: int | None = None) -> tlv.DataObject:
    """What an explicit tag holds."""
    inner = found.children()
    if len(inner) != 1 or (tag is not None and inner[0].tag != tag):
        raise EncodingError("CMS: an explicit tag that does not hold what it should")
    return inner[0]


def _octets(found: tlv.DataObject) -> bytes:
    """The bytes of an OCTET STRING, whole or in the pieces of BER."""
    if found.tag == _OCTETS:
        return found.value
    if found.tag == _CONSTRUCTED_OCTETS:
        return b"".join(_octets(piece) for piece in found.children())
    raise EncodingError("CMS: the content is no OCTET STRING")


def _signer(info: tlv.DataObject) -> SignerInfo:
    parts = list(info.children())
    if info.tag != _SEQUENCE or len(parts) < 5 or parts[0].tag != _INTEGER:
        raise EncodingError("CMS: fields of SignerInfo are missing")
    issuer, serial, key_identifier = _signer_identifier(parts[1].raw)
    digest_algorithm, digest_parameters = parse_algorithm_identifier(parts[2].raw)
    attributes = parts.pop(3) if parts[3].tag == _CONTEXT_0 else None
    if len(parts) < 5 or parts[4].tag not in (_OCTETS, _CONSTRUCTED_OCTETS):
        raise EncodingError("CMS: fields of SignerInfo are missing")
    rows = attributes.children() if attributes else ()
    return SignerInfo(
        version=int.from_bytes(parts[0].value[:2], "big"),
        issuer=issuer,
        serial=serial,
        key_identifier=key_identifier,
        digest_algorithm=digest_algorithm,
        signature_algorithm=parts[3].raw,
        signature=_octets(parts[4]),
        signed_attributes=_in_der_order(rows) if attributes else b"",
        attributes=_attributes(rows),
        odd=len(parts) > 5 or digest_parameters not in NO_PARAMETERS or _says_more(parts[3].raw),
    )


@lru_cache(maxsize=1024)
def _says_more(signature_algorithm: bytes) -> bool:
    """Whether an algorithm that has no parameters is given some."""
    oid, parameters = parse_algorithm_identifier(signature_algorithm)
    return oid != RSASSA_PSS and parameters not in NO_PARAMETERS


@lru_cache(maxsize=1024)
def _signer_identifier(raw: bytes) -> tuple[bytes, int | None, bytes]:
    found = tlv.parse_one(raw)
    if found.tag in (_CONTEXT_0_PRIMITIVE, _CONTEXT_0):
        inner = found.value if found.tag == _CONTEXT_0_PRIMITIVE else b"".join(map(_octets, found.children()))
        if not inner:
            raise EncodingError("CMS: a signer that is not identified")
        return b"", None, inner
    parts = found.children() if found.tag == _SEQUENCE else ()
    if len(parts) != 2 or parts[1].tag != _INTEGER:
        raise EncodingError("CMS: a signer that is not identified")
    return parts[0].raw, int.from_bytes(parts[1].value, "big", signed=True), b""


def _in_der_order(attributes: tuple[tlv.DataObject, ...]) -> bytes:
    """The attributes under the tag of SET OF, sorted as DER demands: this is what RFC 5652 §5.4 has signed."""
    return tlv.encode(_SET, *sorted(each.raw for each in attributes))


def _attributes(found: tuple[tlv.DataObject, ...]) -> dict[str, tuple[tlv.DataObject, ...]]:
    values: dict[str, tuple[tlv.DataObject, ...]] = {}
    for attribute in found:
        parts = attribute.children()
        if len(parts) < 2:
            raise EncodingError("CMS: an attribute without a value")
        kind = dotted_oid(parts[0].value)
        values[kind] = values.get(kind, ()) + parts[1].children()
    return values


def signed_data_group_numbers(ef_sod: bytes) -> tuple[int, ...]:
    """Numbers of the data groups that EF.SOD lists, signature unverified: what a reader may ask the chip for."""
    return tuple(parse_lds_security_object(parse_signed_data(unwrap_sod(ef_sod)).content).hashes)
