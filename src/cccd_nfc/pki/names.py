"""Distinguished names: for people, and compared as RFC 5280 §7.1 has it."""

from __future__ import annotations

from functools import lru_cache

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import oid_value

_BMP_STRING = 0x1E
_SHORT_NAMES = {
    oid_value(oid): short
    for oid, short in (
        ("2.5.4.6", "C"),
        ("2.5.4.10", "O"),
        ("2.5.4.11", "OU"),
        ("2.5.4.3", "CN"),
        ("2.5.4.5", "serialNumber"),
    )
}


def name_text(der: bytes) -> str:
    """A distinguished name for people: "C=VN, O=.., CN=..", attributes without a short name left out."""
    try:
        rdns = tlv.parse_one(der).children()
        pairs = [attribute.children()[:2] for rdn in rdns for attribute in rdn.children()]
        texts = [(_SHORT_NAMES.get(kind.value), _attribute_text(value)) for kind, value in pairs]
    except (CardError, UnicodeDecodeError, ValueError):
        return "(a name that cannot be read)"
    return ", ".join(f"{short}={text}" for short, text in texts if short)


def _attribute_text(value: tlv.DataObject) -> str:
    """The string of a name's attribute; BMPString is UTF-16, the others are UTF-8 or within it."""
    return value.value.decode("utf-16-be" if value.tag == _BMP_STRING else "utf-8")


def names_equal(one: bytes, other: bytes) -> bool:
    """Whether two names are the same for RFC 5280 §7.1: letter case, spaces and string types aside."""
    if one == other:
        return True
    try:
        return _folded(one) == _folded(other)
    except (CardError, UnicodeDecodeError):
        return False


def folded_name(der: bytes) -> object:
    """What equal names have in common, to look them up by; the bytes themselves where they cannot be read."""
    try:
        return _folded(der)
    except (CardError, UnicodeDecodeError):
        return der


@lru_cache(maxsize=4096)
def _folded(der: bytes) -> tuple[tuple[bytes, str], ...]:
    attributes = []
    for rdn in tlv.parse_one(der).children():
        for attribute in rdn.children():
            parts = attribute.children()
            if len(parts) != 2:
                raise EncodingError("a name with an attribute that is no pair")
            attributes.append((parts[0].value, " ".join(_attribute_text(parts[1]).split()).casefold()))
    return tuple(sorted(attributes))


def country_of(name: bytes) -> str:
    wanted = oid_value("2.5.4.6")
    try:
        return next((text for kind, text in _folded(name) if kind == wanted), "")
    except (CardError, UnicodeDecodeError, ValueError):
        return ""
