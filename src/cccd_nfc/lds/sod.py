"""EF.SOD and the LDSSecurityObject inside its signature (ICAO 9303-10, 8th ed., §4.6.2, Appendix D)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cccd_nfc.crypto.algorithm_identifiers import parse_algorithm_identifier
from cccd_nfc.crypto.public_keys import encode_integer
from cccd_nfc.crypto.signatures import HASH_OIDS, hash_name_of
from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.lds.files import EF_SOD
from cccd_nfc.sentences import Said

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"

_MAX_DATA_GROUP = 16
_NAME = "LDSSecurityObject"
_SEQUENCE, _INTEGER, _OCTETS, _PRINTABLE = 0x30, 0x02, 0x04, 0x13


class LDSSecurityObject(NamedTuple):
    """The signed hashes.

    version: 0, or 1 with LDS 1.8, which then states lds_version and unicode_version.  hashes: number -> digest.
    repeated: data groups that stand in the list more than once, with whatever digests.
    """

    version: int
    hash_name: str
    hashes: Mapping[int, bytes]
    lds_version: str = ""
    unicode_version: str = ""
    repeated: tuple[int, ...] = ()


def unwrap_sod(raw: bytes) -> bytes:
    """The CMS ContentInfo inside EF.SOD; some dumps have it without the tag around it."""
    return raw if raw[:1] == b"\x30" else tlv.parse_one(raw, tag=EF_SOD.tag, name=EF_SOD.name).value


def wrap_sod(content_info: bytes) -> bytes:
    return tlv.encode(EF_SOD.tag, content_info)


def parse_lds_security_object(der: bytes) -> LDSSecurityObject:
    """The signed list of hashes; EncodingError for broken bytes, UnsupportedError for an unknown digest algorithm."""
    outer = tlv.parse_all(der, name=_NAME)
    parts = outer[0].children() if len(outer) == 1 and outer[0].tag == _SEQUENCE else ()
    if [part.tag for part in parts[:3]] != [_INTEGER, _SEQUENCE, _SEQUENCE] or len(parts) > 4:
        raise EncodingError(Said("{name}: the fields are not those that it has", name=_NAME))
    oid, _ = parse_algorithm_identifier(parts[1].raw)
    hashes: dict[int, bytes] = {}
    repeated = set()
    for number, value in _rows(parts[2].value):
        if number in hashes:
            repeated.add(number)
        if 1 <= number <= _MAX_DATA_GROUP:  # China lists groups beyond 16: there is no file for such a hash
            hashes[number] = value
    version = int.from_bytes(parts[0].value, "big", signed=True)
    return LDSSecurityObject(version, hash_name_of(oid), hashes, *_versions(parts[3:]), tuple(sorted(repeated)))


def _rows(raw: bytes) -> list[tuple[int, bytes]]:
    """(number, hash) of each row. Rows of one size, as nearly all issuers write them, are cut apart at once."""
    step = 2 + raw[1] if len(raw) > 1 else 0
    head = raw[:4]
    if 9 < step < 0x80 and len(raw) % step == 0 and head[2:] == b"\x02\x01" and head[0] == _SEQUENCE:
        size = bytes((_OCTETS, step - 7))
        starts = range(0, len(raw), step)
        if all(raw[at : at + 4] == head and raw[at + 5 : at + 7] == size for at in starts):
            return [(raw[at + 4], raw[at + 7 : at + step]) for at in starts]
    return [_row(row) for row in tlv.parse_all(raw, name=_NAME)]


def _row(row: tlv.DataObject) -> tuple[int, bytes]:
    parts = row.children()
    if [part.tag for part in parts] != [_INTEGER, _OCTETS] or row.tag != _SEQUENCE:
        raise EncodingError(Said("{name}: a hash that is no pair of number and value", name=_NAME))
    return int.from_bytes(parts[0].value, "big", signed=True), parts[1].value


def _versions(found: tuple[tlv.DataObject, ...]) -> tuple[str, str]:
    """ldsVersion and unicodeVersion, empty where LDSVersionInfo is left out."""
    if not found:
        return "", ""
    parts = found[0].children()
    if [part.tag for part in parts] != [_PRINTABLE, _PRINTABLE] or found[0].tag != _SEQUENCE:
        raise EncodingError(Said("{name}: LDSVersionInfo is broken", name=_NAME))
    lds, unicode = (part.value.decode("ascii", "replace") for part in parts)
    return lds, unicode


def encode_lds_security_object(content: LDSSecurityObject) -> bytes:
    """The DER of `content`; the digest algorithm carries NULL parameters, as on the cards."""
    oid = next(oid for oid, name in HASH_OIDS.items() if name == content.hash_name)
    rows = (
        tlv.encode(_SEQUENCE, encode_integer(number), tlv.encode(_OCTETS, value))
        for number, value in content.hashes.items()
    )
    fields = [encode_integer(content.version), tlv.encode(_SEQUENCE, encode_oid(oid), b"\x05\x00")]
    fields.append(tlv.encode(_SEQUENCE, *rows))
    if content.version:
        versions = (content.lds_version, content.unicode_version)
        fields.append(tlv.encode(_SEQUENCE, *(tlv.encode(_PRINTABLE, each.encode("ascii")) for each in versions)))
    return tlv.encode(_SEQUENCE, *fields)
