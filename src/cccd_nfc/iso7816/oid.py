"""Object identifiers as data objects (ISO/IEC 8825-1 §8.19)."""

from __future__ import annotations

from functools import lru_cache

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.sentences import Said

_MAX_VALUE = 64


def encode_oid(dotted: str) -> bytes:
    """The data object 06 of an object identifier in dotted form."""
    return tlv.encode(0x06, oid_value(dotted))


def oid_value(dotted: str) -> bytes:
    """Its value alone, as MSE:Set AT wants it."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    return b"".join(_base_128(number) for number in (40 * first + second, *rest))


def _base_128(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


@lru_cache(maxsize=4096)
def dotted_oid(value: bytes) -> str:
    """The dotted form of an identifier's value; EncodingError for a torn, empty or overlong one."""
    if not value or len(value) > _MAX_VALUE or value[-1] & 0x80:
        raise EncodingError(Said("a broken object identifier of {size} bytes", size=len(value)))
    numbers, number = [], 0
    for byte in value:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(str(part) for part in (first, numbers[0] - 40 * first, *numbers[1:]))
