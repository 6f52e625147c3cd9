"""BER-TLV data objects, with the exact bytes they came in (ISO/IEC 7816-4:2020 §6.3, ISO/IEC 8825-1).

Lengths may be of any BER form, also longer than needed and indefinite, since chips send all of them; what is hashed or
MACed is `raw`, never a re-encoding.
"""

from __future__ import annotations

from typing import NamedTuple

from cccd_nfc.errors import EncodingError
from cccd_nfc.sentences import Said

_MAX_TAG_BYTES = 4
_MAX_LENGTH_BYTES = 4
_MAX_DEPTH = 16


class DataObject(NamedTuple):
    """One data object: `tag` as the number its bytes form (0x7F49), `value`, and `raw`, the whole as received."""

    tag: int
    value: bytes
    raw: bytes

    def __repr__(self) -> str:
        return f"DataObject(tag={self.tag:#x})"

    @property
    def is_constructed(self) -> bool:
        return is_constructed(self.tag)

    def children(self) -> tuple[DataObject, ...]:
        """The data objects inside `value`."""
        return parse_all(self.value)


def is_constructed(tag: int) -> bool:
    """Whether bit 6 of the tag's first byte is set."""
    first = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")[0]
    return bool(first & 0x20)


def encode_length(length: int) -> bytes:
    """The shortest definite form: 1 to 5 bytes."""
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def encode_tag(tag: int) -> bytes:
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def encode(tag: int, *values: bytes) -> bytes:
    """The data object of `tag` whose value is `values` one after another."""
    value = b"".join(values)
    return encode_tag(tag) + encode_length(len(value)) + value


def parse_one(data: bytes, *, tag: int | None = None, name: str = "data object") -> DataObject:
    """The data object that `data` begins with; bytes behind it are left alone.

    Raises EncodingError when it is torn, or when `tag` is given and another one is there.
    """
    found, _ = _read(data, 0, name, 0)
    if tag is not None and found.tag != tag:
        template = "{name}: tag {tag} where {wanted} is expected"
        raise EncodingError(Said(template, name=Said(name), tag=f"{found.tag:02X}", wanted=f"{tag:02X}"))
    return found


_new = tuple.__new__
"""Makes a NamedTuple without the call in between, which costs as much as the rest."""


def parse_all(data: bytes, *, name: str = "data objects") -> tuple[DataObject, ...]:
    """All data objects of `data`, which must end with the last of them."""
    found: list[DataObject] = []
    at = _read_usual(data, 0, found)
    while at < len(data):
        each, at = _read(data, at, name, 0)
        found.append(each)
        at = _read_usual(data, at, found)
    return tuple(found)


def _read_usual(data: bytes, at: int, found: list[DataObject]) -> int:
    """Adds the data objects from `at` on to `found`, up to one of an unusual form or the end; gives where that is.

    Usual are tags of one byte and lengths of up to three. Certificates have hundreds of these, so this loop is written
    for speed, and what it cannot read is left to `_read`, which also says what is wrong with it.
    """
    size, add = len(data), found.append
    try:
        while at < size:
            length = data[at + 1]
            if length < 0x80:
                begin = at + 2
            elif length == 0x82:
                begin, length = at + 4, data[at + 2] << 8 | data[at + 3]
            elif length == 0x81:
                begin, length = at + 3, data[at + 2]
            else:
                return at
            end = begin + length
            tag = data[at]
            if end > size or tag & 0x1F == 0x1F:
                return at
            add(_new(DataObject, (tag, data[begin:end], data[at:end])))
            at = end
    except IndexError:  # the header is torn
        return at
    return at


def find(objects: tuple[DataObject, ...], tag: int) -> DataObject | None:
    """The first object of `tag`, if there is one."""
    return next((each for each in objects if each.tag == tag), None)


def require(objects: tuple[DataObject, ...], tag: int, *, name: str) -> DataObject:
    """The first object of `tag`; EncodingError, which says what misses it, when there is none."""
    found = find(objects, tag)
    if found is None:
        raise EncodingError(Said("{name}: data object {tag} is missing", name=Said(name), tag=f"{tag:02X}"))
    return found


def parse_header(data: bytes, *, name: str = "data object") -> tuple[int, int, int]:
    """(tag, length of the header, length of the value) of what may be only the beginning of a data object.

    The value's length is -1 for the indefinite form. This is how the first bytes of a file tell the file's length.
    """
    tag, length, at = _read_header(data, 0, name)
    return tag, at, length


def _read(data: bytes, at: int, name: str, depth: int) -> tuple[DataObject, int]:
    start = at
    tag, length, at = _read_header(data, at, name)
    if length < 0:
        return _read_indefinite(data, start, at, tag, name, depth)
    end = at + length
    if end > len(data):
        template = "{name}: tag {tag} promises {length} bytes, {there} are there"
        there = len(data) - at
        raise EncodingError(Said(template, name=Said(name), tag=f"{tag:02X}", length=length, there=there))
    return _new(DataObject, (tag, data[at:end], data[start:end])), end


def _read_indefinite(data: bytes, start: int, at: int, tag: int, name: str, depth: int) -> tuple[DataObject, int]:
    if depth >= _MAX_DEPTH or not is_constructed(tag):
        template = "{name}: tag {tag} cannot have an indefinite length here"
        raise EncodingError(Said(template, name=Said(name), tag=f"{tag:02X}"))
    value_at = at
    while data[at : at + 2] != b"\x00\x00":
        _, at = _read(data, at, name, depth + 1)
    return DataObject(tag, data[value_at:at], data[start : at + 2]), at + 2


def _read_header(data: bytes, at: int, name: str) -> tuple[int, int, int]:
    """(tag, length or -1 for the indefinite form, where the value begins); the common forms without a further call."""
    if at + 4 <= len(data) and data[at] & 0x1F != 0x1F:
        if data[at + 1] < 0x80:
            return data[at], data[at + 1], at + 2
        if data[at + 1] == 0x82:
            return data[at], data[at + 2] << 8 | data[at + 3], at + 4
    tag, at = _read_tag(data, at, name)
    length, at = _read_length(data, at, name)
    return tag, length, at


def _read_tag(data: bytes, at: int, name: str) -> tuple[int, int]:
    end = at + 1
    if data[at:end] and data[at] & 0x1F == 0x1F:
        end += 1
        while end <= len(data) and data[end - 1] & 0x80:
            end += 1
    if end > len(data) or end - at > _MAX_TAG_BYTES:
        raise EncodingError(Said("{name}: torn or overlong tag at byte {at}", name=Said(name), at=at))
    return int.from_bytes(data[at:end], "big"), end


def _read_length(data: bytes, at: int, name: str) -> tuple[int, int]:
    if at >= len(data):
        raise EncodingError(Said("{name}: the length field at byte {at} is missing", name=Said(name), at=at))
    first = data[at]
    if first < 0x80:
        return first, at + 1
    if first == 0x80:
        return -1, at + 1
    end = at + 1 + (first & 0x7F)
    if end > len(data) or first & 0x7F > _MAX_LENGTH_BYTES:
        raise EncodingError(Said("{name}: torn or overlong length field at byte {at}", name=Said(name), at=at))
    return int.from_bytes(data[at + 1 : end], "big"), end
