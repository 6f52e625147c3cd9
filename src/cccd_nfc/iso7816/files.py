"""Selecting and reading transparent files (ISO/IEC 7816-4:2020 §11.2, §11.3; ICAO 9303-10 §3.6).

A file is read by its short identifier where the chip allows it, with no separate probe for its length: the first answer
is as long as the chip will give and tells, by the data object it begins with, how much there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cccd_nfc.errors import CardError, EncodingError, StatusWordError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, Progress
from cccd_nfc.sentences import Said

SW_END_OF_FILE = 0x6282
SW_WRONG_LENGTH = 0x6700
SW_WRONG_OFFSET = 0x6B00
SW_FILE_NOT_FOUND = 0x6A82
SW_SECURITY_STATUS = 0x6982

_MAX_FILE = 1 << 20
_MAX_PLAIN_OFFSET = 0x7FFF
_LEAST_BLOCK = 16
_ODD_ANSWER_HEADER = 8  # DO'53' around the answer of the odd instruction


class TransparentFile(Protocol):
    """What is needed to find a file: its name, its identifier (2 bytes) and its short identifier (5 bits)."""

    @property
    def name(self) -> str: ...
    @property
    def fid(self) -> int: ...
    @property
    def sfi(self) -> int: ...


@dataclass(slots=True)
class Manner:
    """How this chip likes to be read; learnt on the way and kept for the session.

    block: most plain bytes asked for at once.  short_block: the same where only short APDUs are understood (256, or
    what of it secure messaging leaves).  by_sfi: whether short file identifiers have not been refused yet.
    """

    block: int = SHORT_MAX_NE
    short_block: int = SHORT_MAX_NE
    by_sfi: bool = True


def select_application(aid: bytes) -> CommandAPDU:
    """SELECT by DF name, no answer wanted; some chips refuse an Le here."""
    return CommandAPDU(0x00, 0xA4, 0x04, 0x0C, aid, name="SELECT application")


def select_master_file() -> CommandAPDU:
    """SELECT by identifier 3F00: with empty data several chips answer 9000 and stay where they are."""
    return CommandAPDU(0x00, 0xA4, 0x00, 0x0C, b"\x3f\x00", name="SELECT MF")


def select_file(file: TransparentFile) -> CommandAPDU:
    return CommandAPDU(0x00, 0xA4, 0x02, 0x0C, file.fid.to_bytes(2, "big"), name=f"SELECT {file.name}")


def read_by_sfi(file: TransparentFile, ne: int) -> CommandAPDU:
    """READ BINARY from offset 0, which also makes the file the current one."""
    return CommandAPDU(0x00, 0xB0, 0x80 | file.sfi, 0x00, ne=ne, name=f"READ BINARY {file.name} at 0")


def read_at(file: TransparentFile, offset: int, ne: int) -> CommandAPDU:
    """READ BINARY of the current file; beyond 32,767 bytes by the odd instruction, whose offset is a data object."""
    name = f"READ BINARY {file.name} at {offset}"
    if offset <= _MAX_PLAIN_OFFSET:
        return CommandAPDU(0x00, 0xB0, offset >> 8, offset & 0xFF, ne=ne, name=name)
    offset_object = tlv.encode(0x54, offset.to_bytes((offset.bit_length() + 7) // 8, "big"))
    return CommandAPDU(0x00, 0xB1, 0x00, 0x00, offset_object, ne=ne, name=name)


def read_file(file: TransparentFile, manner: Manner) -> Flow[bytes]:
    """The whole file: the data object that it holds, without the filling behind it.

    Raises StatusWordError (6A82 absent, 6982 protected), EncodingError for a length that cannot be true, and CardError
    when the chip stops giving.
    """
    content = yield from _first_bytes(file, manner)
    total = _announced(content, file)
    yield Progress(file.name, min(len(content), total), total)
    budget = 64 + total // (_LEAST_BLOCK - _ODD_ANSWER_HEADER)
    while len(content) < total:
        budget -= 1
        if budget < 0:
            template = "{file}: the chip gives {size} of {total} bytes, in pieces too small"
            raise CardError(Said(template, file=file.name, size=len(content), total=total))
        content += yield from _next_bytes(file, len(content), total - len(content), manner)
        yield Progress(file.name, min(len(content), total), total)
    return content[:total]


def _announced(content: bytes, file: TransparentFile) -> int:
    """Length of the file by the header of its data object."""
    _, header, length = tlv.parse_header(content, name=file.name)
    if length < 0:
        raise EncodingError(Said("{file}: a file whose outermost length is indefinite cannot be read", file=file.name))
    if header + length > _MAX_FILE:
        template = "{file}: promises {size} bytes, more than any file holds"
        raise EncodingError(Said(template, file=file.name, size=header + length))
    return header + length


def _first_bytes(file: TransparentFile, manner: Manner) -> Flow[bytes]:
    while manner.by_sfi:
        command = read_by_sfi(file, manner.block)
        response = yield command
        if _gives(response):
            return _not_longer(response, command)
        if response.sw == SW_SECURITY_STATUS:
            raise StatusWordError(command.name, response.sw)
        if not _asks_for_less(response):
            break
        _less(response, manner.block, command, file, manner)
    selected = select_file(file)
    (yield selected).expect_ok(selected)
    # The file is there although its short identifier was refused: this chip does not take them.
    manner.by_sfi = False
    return (yield from _next_bytes(file, 0, manner.block, manner))


def _next_bytes(file: TransparentFile, offset: int, missing: int, manner: Manner) -> Flow[bytes]:
    """At least one byte from `offset`; asks for less where the chip cannot give as much."""
    extra = _ODD_ANSWER_HEADER if offset > _MAX_PLAIN_OFFSET else 0
    ne = min(manner.block, missing + extra)
    while True:
        command = read_at(file, offset, ne)
        response = yield command
        if _gives(response):
            data = _not_longer(response, command)
            return _discretionary(data, file)[:missing] if extra else data
        ne = _less(response, ne, command, file, manner)


def _gives(response: ResponseAPDU) -> bool:
    return bool(response.data) and response.sw in (SW_OK, SW_END_OF_FILE)


def _asks_for_less(response: ResponseAPDU) -> bool:
    """6700, 6B00, 6Cxx, or an answer that is right but empty: all seen where the chip was asked for too much."""
    return response.sw in (SW_OK, SW_END_OF_FILE, SW_WRONG_LENGTH, SW_WRONG_OFFSET) or response.sw >> 8 == 0x6C


def _less(response: ResponseAPDU, ne: int, command: CommandAPDU, file: TransparentFile, manner: Manner) -> int:
    """What to ask for after a refusal, remembered in `manner`: what 6Cxx names; the short form; then half each time."""
    if not _asks_for_less(response):
        raise StatusWordError(command.name, response.sw)
    named = response.sw & 0xFF if response.sw >> 8 == 0x6C else 0
    # Without extended length a chip refuses all of it, so halving from 2,000 on would only cost exchanges.
    half = manner.short_block if ne > manner.short_block else ne // 2
    smaller = named if 0 < named < ne else half
    if smaller < _LEAST_BLOCK:
        template = "{file}: the chip gives no more bytes ({sw}); it may be cut short"
        raise CardError(Said(template, file=file.name, sw=f"{response.sw:04X}"))
    manner.block = smaller
    return smaller


def _not_longer(response: ResponseAPDU, command: CommandAPDU) -> bytes:
    if len(response.data) > command.ne:
        template = "{command}: {size} bytes where {wanted} were asked for"
        raise CardError(Said(template, command=command.name, size=len(response.data), wanted=command.ne))
    return response.data


def _discretionary(data: bytes, file: TransparentFile) -> bytes:
    """The bytes inside DO'53', which may promise the rest of the file and be cut at Le."""
    tag, header, _ = tlv.parse_header(data, name=file.name)
    if tag != 0x53:
        raise EncodingError(Said("{file}: data object {tag} where 53 is expected", file=file.name, tag=f"{tag:02X}"))
    return data[header:]
