"""vicc 3.3 as Debian 12 ships it, with what fails under Python 3 replaced from outside, before the rest is imported.

Not one line of vicc is here: each function does what its place in the program asks for, written anew. Left as they are:
access control (there is none), status words, the answers to commands that nobody expects.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

VICC = "/usr/lib/python3/site-packages/virtualsmartcard"

_CRYPTOGRAM, _CRYPTOGRAM_ODD, _NE, _SW, _MAC = 0x87, 0x85, 0x97, 0x99, 0x8E


def mend(*, protected_status: bool = True) -> None:
    """Makes `virtualsmartcard` importable and right. protected_status: whether answers carry DO'99', as the standard
    wants and as the ePass of vicc does not do."""
    sys.path.insert(0, VICC)
    from virtualsmartcard import TLVutils

    # First, since the other modules take these by name when they are imported.
    TLVutils.pack = _pack
    TLVutils.tlv_find_tags = _find
    from virtualsmartcard import CryptoUtils, SEutils, SmartcardFilesystem, utils

    utils.C_APDU.parse = _parse_command
    CryptoUtils.operation_on_string = _combine
    SEutils.ControlReferenceTemplate._ControlReferenceTemplate__replace_tag = _forget
    SEutils.Security_Environment.parse_SM_CAPDU = _open
    SEutils.Security_Environment.protect_response = _seal if protected_status else _seal_without_status
    SmartcardFilesystem.MF.dataUnitsDecodeEncapsulated = _locate


# --- data objects: (tag, length, value) with bytes or a list as value ------------------------------------------------


def _pack(objects: Any, recalculate_length: bool = False) -> bytes:
    return b"".join(_pack_one(each[0], each[2]) for each in objects)


def _pack_one(tag: int, value: Any) -> bytes:
    head = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    if tag in (0x00, 0xFF):
        return head  # filling between data objects
    content = bytes(value) if isinstance(value, bytes | bytearray) else _pack(value)
    size = len(content)
    if size < 0x80:
        return head + bytes((size,)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes((0x80 | len(octets),)) + octets + content


def _find(objects: Any, tags: Any, num_results: int | None = None) -> list[Any]:
    return list(_matching(objects, tags))[:num_results]


def _matching(objects: Any, tags: Any) -> Iterator[Any]:
    for each in objects:
        if each[0] in tags:
            yield each
        elif isinstance(each[2], list):
            yield from _matching(each[2], tags)


# --- commands --------------------------------------------------------------------------------------------------------


def _parse_command(self: Any, apdu: Any) -> None:
    """All seven forms; the shipped one takes an extended Le after data for three bytes instead of two."""
    raw = bytes(apdu).ljust(4, b"\x00")
    self.CLA, self.INS, self.P1, self.P2 = raw[:4]
    extended = len(raw) >= 7 and raw[4] == 0
    self._C_APDU__extended_length = extended
    width, body = (2, raw[5:]) if extended else (1, raw[4:])
    if len(body) <= width:
        data, le = b"", body
    else:
        end = width + int.from_bytes(body[:width], "big")
        data, le = body[width:end], body[end:]
        if len(data) != end - width or len(le) not in (0, width):
            raise ValueError("the Lc of a command is not the length of its data")
    self.data = data
    if le:
        self.Le = int.from_bytes(le, "big")


def _locate(self: Any, p1: int, p2: int, data: bytes) -> Any:
    """(file, offsets, data) of an odd READ BINARY; P1-P2 of zero is the current file."""
    from virtualsmartcard import TLVutils

    objects = TLVutils.bertlv_unpack(data)
    if p1 == 0 and p2 == 0:
        file = self.currentEF()
    elif p1 == 0 and p2 < 0x20:
        file = self.currentDF().select("shortfid", p2)
    else:
        file = self.currentDF().select("fid", p1 << 8 | p2)
    self.current = file
    return file, TLVutils.decodeOffsetDataObjects(objects), TLVutils.decodeDiscretionaryDataObjects(objects)


def _combine(left: bytes, right: bytes, operation: Any) -> bytes:
    return bytes(operation(a, b) for a, b in zip(left, right, strict=True))


def _forget(self: Any, tag: int, data: bytes) -> None:
    """The text form of the settings, which nothing reads."""


# --- secure messaging (ISO/IEC 7816-4 §10; ICAO 9303-11 §9.8) --------------------------------------------------------


def _open(self: Any, command: Any, authenticate_header: Any) -> Any:
    """The plain command of a protected one, whose MAC must be right."""
    from virtualsmartcard import CryptoUtils, TLVutils, utils
    from virtualsmartcard.SWutils import SW, SwError

    block = self.cct.blocklength
    header = bytes((command.cla, command.ins, command.p1, command.p2))
    covered = CryptoUtils.append_padding(block, header) if authenticate_header else b""
    data, ne, mac = b"", None, None
    for tag, length, value in TLVutils.unpack(command.data):
        if tag % 2:
            covered += _pack_one(tag, value)
        if tag in (_CRYPTOGRAM, _CRYPTOGRAM_ODD):
            cryptogram = value[1:] if tag == _CRYPTOGRAM else value
            data += bytes(self.decipher(tag, 0x80, cryptogram)).rstrip(b"\x00")[:-1]
        elif tag == _NE:
            ne = int.from_bytes(value, "big") or 1 << 8 * length
        elif tag == _MAC:
            mac = value
    checksum = self.compute_cryptographic_checksum(_MAC, 0x80, CryptoUtils.append_padding(block, covered))
    if mac is None or bytes(checksum) != mac:
        raise SwError(SW["ERR_SECMESSOBJECTSINCORRECT"])
    return utils.C_APDU(cla=command.cla, ins=command.ins, p1=command.p1, p2=command.p2, le=ne, data=data)


def _seal(self: Any, sw: int, result: bytes) -> tuple[int, bytes]:
    return _sealed(self, sw, result, _pack_one(_SW, sw.to_bytes(2, "big")))


def _seal_without_status(self: Any, sw: int, result: bytes) -> tuple[int, bytes]:
    return _sealed(self, sw, result, b"")


def _sealed(self: Any, sw: int, result: bytes, status: bytes) -> tuple[int, bytes]:
    from virtualsmartcard import CryptoUtils

    protected = _pack_one(_CRYPTOGRAM, b"\x01" + bytes(self.encipher(0x82, 0x80, result))) if result else b""
    protected += status
    padded = CryptoUtils.append_padding(self.cct.blocklength, protected)
    return sw, protected + _pack_one(_MAC, bytes(self.compute_cryptographic_checksum(_MAC, 0x80, padded)))
