"""Distinguished names: for people, and compared as RFC 5280 §7.1 has it.

A name is read once and remembered: thousands of certificates are issued under the same few.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import oid_value

COUNTRY, COMMON_NAME, SERIAL_NUMBER = oid_value("2.5.4.6"), oid_value("2.5.4.3"), oid_value("2.5.4.5")

_BMP_STRING = 0x1E
_SHORT_NAMES = {
    COUNTRY: "C",
    oid_value("2.5.4.10"): "O",
    oid_value("2.5.4.11"): "OU",
    COMMON_NAME: "CN",
    SERIAL_NUMBER: "serialNumber",
}


class Attribute(NamedTuple):
    """kind: the OID's value bytes.  tag: of the string type.  text: as it is written."""

    kind: bytes
    tag: int
    text: str


@lru_cache(maxsize=4096)
def attributes_of(der: bytes) -> tuple[Attribute, ...]:
    """The attributes of a name, in its order; EncodingError for what is no name."""
    found = []
    for relative in tlv.parse_one(der, name="name").children():
        for attribute in relative.children():
            parts = attribute.children()
            if len(parts) != 2:
                raise EncodingError("a name with an attribute that is no pair")
            found.append(Attribute(parts[0].value, parts[1].tag, _text(parts[1])))
    return tuple(found)


def _text(value: tlv.DataObject) -> str:
    """The string of a name's attribute; BMPString is UTF-16, the others are UTF-8 or within it."""
    try:
        return value.value.decode("utf-16-be" if value.tag == _BMP_STRING else "utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError("a name with a string that is none") from error


def name_text(der: bytes) -> str:
    """A distinguished name for people: "C=VN, O=.., CN=..", attributes without a short name left out."""
    try:
        found = attributes_of(der)
    except CardError:
        return "(a name that cannot be read)"
    return ", ".join(f"{_SHORT_NAMES[each.kind]}={each.text}" for each in found if each.kind in _SHORT_NAMES)


def names_equal(one: bytes, other: bytes) -> bool:
    """Whether two names are the same for RFC 5280 §7.1: letter case, spaces and string types aside.

    The order of attributes is left aside too: some twenty states write their name in two orders.
    """
    if one == other:
        return True
    try:
        return _folded(one) == _folded(other)
    except CardError:
        return False


def folded_name(der: bytes) -> object:
    """What equal names have in common, to look them up by; the bytes themselves where they cannot be read."""
    try:
        return _folded(der)
    except CardError:
        return der


@lru_cache(maxsize=4096)
def _folded(der: bytes) -> tuple[tuple[bytes, str], ...]:
    return tuple(sorted((each.kind, " ".join(each.text.split()).casefold()) for each in attributes_of(der)))


def country_of(name: bytes) -> str:
    """countryName as it is written, or nothing."""
    try:
        return next((each.text.strip() for each in attributes_of(name) if each.kind == COUNTRY), "")
    except CardError:
        return ""
