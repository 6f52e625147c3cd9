"""What the extensions of a certificate say (RFC 5280 §4.2; ICAO 9303-12, 8th ed., §7.1.1).

Each reader takes the value's bytes and gives what they mean; EncodingError where they mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid, oid_value
from cccd_nfc.pki.times import parse_time_value

SUBJECT_KEY_IDENTIFIER, AUTHORITY_KEY_IDENTIFIER = "2.5.29.14", "2.5.29.35"
KEY_USAGE, EXTENDED_KEY_USAGE, PRIVATE_KEY_USAGE_PERIOD = "2.5.29.15", "2.5.29.37", "2.5.29.16"
SUBJECT_ALTERNATIVE_NAME, ISSUER_ALTERNATIVE_NAME = "2.5.29.17", "2.5.29.18"
BASIC_CONSTRAINTS, CRL_DISTRIBUTION_POINTS = "2.5.29.19", "2.5.29.31"
NAME_CHANGE, DOCUMENT_TYPE_LIST = "2.23.136.1.1.6.1", "2.23.136.1.1.6.2"

DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN = 0, 5, 6
"""Bits of KeyUsage."""

_SEQUENCE, _BIT_STRING, _BOOLEAN, _INTEGER, _OID = 0x30, 0x03, 0x01, 0x02, 0x06
_EXTENSIONS = 0xA3
_DIRECTORY_NAME = 0xA4
_LOCALITY, _STATE = oid_value("2.5.4.7"), oid_value("2.5.4.8")
_STRINGS = (0x0C, 0x13, 0x14, 0x16)
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Extensions:
    """values: OID -> value bytes.  critical: OIDs of the critical ones.  repeated: OIDs that stand there twice.
    defaults: those that write `critical FALSE` out, which DER leaves out.
    """

    values: dict[str, bytes]
    critical: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()
    defaults: frozenset[str] = frozenset()


def parse_extensions(rest: tuple[tlv.DataObject, ...], tag: int = _EXTENSIONS) -> Extensions:
    """The extensions among the last fields of a certificate or list; EncodingError when they cannot be read."""
    wrapper = tlv.find(rest, tag)
    rows = tlv.parse_one(wrapper.value, tag=_SEQUENCE, name="extensions").children() if wrapper else ()
    values: dict[str, bytes] = {}
    critical: set[str] = set()
    repeated: set[str] = set()
    defaults: set[str] = set()
    for row in rows:
        parts = row.children()
        if len(parts) not in (2, 3) or parts[0].tag != _OID:
            raise EncodingError("an extension that cannot be read")
        oid = dotted_oid(parts[0].value)
        if oid in values:
            repeated.add(oid)
        values[oid] = parts[-1].value
        if len(parts) == 3:
            (critical if parts[1].value != b"\x00" else defaults).add(oid)
    return Extensions(values, frozenset(critical), frozenset(repeated), frozenset(defaults))


def key_usage(value: bytes) -> frozenset[int]:
    """The bits that are set."""
    found = tlv.parse_one(value, tag=_BIT_STRING, name="KeyUsage").value
    if len(found) < 2:
        raise EncodingError("KeyUsage: no bit is there")
    return frozenset(bit for bit in range(8 * (len(found) - 1)) if found[1 + bit // 8] >> (7 - bit % 8) & 1)


@dataclass(frozen=True, slots=True)
class BasicConstraints:
    """path_length: how many CAs may follow, or None.  writes_default: whether `cA FALSE` stands there."""

    is_ca: bool
    path_length: int | None
    writes_default: bool = False


def basic_constraints(value: bytes) -> BasicConstraints:
    parts = tlv.parse_one(value, tag=_SEQUENCE, name="BasicConstraints").children()
    flag, length = tlv.find(parts, _BOOLEAN), tlv.find(parts, _INTEGER)
    is_ca = flag is not None and flag.value != b"\x00"
    stated = int.from_bytes(length.value, "big", signed=True) if length else None
    return BasicConstraints(is_ca, stated, flag is not None and not is_ca)


def key_identifier(value: bytes) -> bytes:
    """keyIdentifier [0] of AuthorityKeyIdentifier, or nothing."""
    found = tlv.find(tlv.parse_one(value, tag=_SEQUENCE, name="AuthorityKeyIdentifier").children(), 0x80)
    return found.value if found else b""


def purposes(value: bytes) -> frozenset[str]:
    """The dotted OIDs of ExtKeyUsage."""
    return frozenset(dotted_oid(each.value) for each in tlv.parse_one(value, name="ExtKeyUsage").children())


@dataclass(frozen=True, slots=True)
class UsagePeriod:
    """When the private key signs; None for an end that is not stated."""

    begin: datetime | None
    end: datetime | None

    def covers(self, moment: datetime) -> bool:
        return (self.begin is None or self.begin <= moment) and (self.end is None or moment <= self.end)


def private_key_usage_period(value: bytes) -> UsagePeriod:
    parts = tlv.parse_one(value, tag=_SEQUENCE, name="PrivateKeyUsagePeriod").children()
    begin, end = tlv.find(parts, 0x80), tlv.find(parts, 0x81)
    return UsagePeriod(*(parse_time_value(each.value) if each else None for each in (begin, end)))


@lru_cache(maxsize=1024)
def mrz_codes(value: bytes) -> frozenset[str]:
    """The issuer's codes as the MRZ has them, from the directory name of an alternative name (9303-12 §7.1.1.2)."""
    codes = set()
    for general_name in tlv.parse_one(value, tag=_SEQUENCE, name="alternative name").children():
        if general_name.tag == _DIRECTORY_NAME:
            codes |= {text for kind, text in _attributes(general_name.value) if kind in (_LOCALITY, _STATE)}
    return frozenset(code.upper() for code in codes)


def _attributes(name: bytes) -> Iterator[tuple[bytes, str]]:
    for relative in tlv.parse_one(name, name="directory name").children():
        for attribute in relative.children():
            parts = attribute.children()
            if len(parts) == 2:
                yield parts[0].value, parts[1].value.decode("utf-8", "replace").strip()


def document_types(value: bytes) -> frozenset[str]:
    """The types of the MRZ that a signer may sign, without fillers; states encode the list in several ways."""
    return frozenset(text.replace("<", "").strip().upper() for text in _texts(tlv.parse_all(value), _MAX_DEPTH))


def _texts(found: tuple[tlv.DataObject, ...], depth: int) -> Iterator[str]:
    for each in found:
        if each.tag in _STRINGS:
            yield each.value.decode("utf-8", "replace")
        elif each.is_constructed and depth:
            yield from _texts(each.children(), depth - 1)
