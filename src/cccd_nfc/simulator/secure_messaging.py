"""Secure messaging, the chip's side. Written apart from the terminal's, so that each checks the other."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from cccd_nfc.crypto.ciphers import CipherSuite, pad, unpad
from cccd_nfc.errors import CardError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, CommandAPDU, ResponseAPDU


class BadProtection(Exception):
    """The command's secure messaging is not right; the session ends with the status word."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw


MISSING, INCORRECT = 0x6987, 0x6988


@dataclass(slots=True)
class ChipSession:
    """The chip's half of a session: keys, and a counter of one block."""

    suite: CipherSuite
    ks_enc: bytes = field(repr=False)
    ks_mac: bytes = field(repr=False)
    ssc: int = 0

    def open(self, command: CommandAPDU) -> CommandAPDU:
        """The plain command inside a protected one; BadProtection when anything about it is wrong."""
        self._count()
        objects = _objects(command)
        self._check_mac(command, objects)
        cryptogram, ne = objects.get(_cryptogram_tag(command.ins)), objects.get(0x97)
        return CommandAPDU(
            command.cla & ~0x0C,
            command.ins,
            command.p1,
            command.p2,
            self._plain(cryptogram, command.ins) if cryptogram else b"",
            self._ne(ne.value) if ne else 0,
            command.name,
        )

    def _check_mac(self, command: CommandAPDU, objects: dict[int, tlv.DataObject]) -> None:
        covered = b"".join(each.raw for tag, each in objects.items() if tag != 0x8E)
        # The header has its own padding where something follows it; the last padding is _mac's.
        signed = pad(command.header, self.suite.block_size) + covered if covered else command.header
        if not hmac.compare_digest(self._mac(signed), objects[0x8E].value):
            raise BadProtection(INCORRECT)

    def _plain(self, cryptogram: tlv.DataObject, ins: int) -> bytes:
        encrypted = cryptogram.value
        if not ins & 1:
            indicator, encrypted = encrypted[:1], encrypted[1:]
            if indicator != b"\x01":
                raise BadProtection(INCORRECT)
        try:
            return unpad(self.suite.decrypt(self.ks_enc, encrypted, self._iv()))
        except CardError as error:
            raise BadProtection(INCORRECT) from error

    def _ne(self, value: bytes) -> int:
        if len(value) not in (1, 2):
            raise BadProtection(INCORRECT)
        return int.from_bytes(value, "big") or (SHORT_MAX_NE if len(value) == 1 else 65_536)

    def seal(self, response: ResponseAPDU) -> ResponseAPDU:
        """The protected response."""
        self._count()
        body = b""
        if response.data:
            encrypted = self.suite.encrypt(self.ks_enc, pad(response.data, self.suite.block_size), self._iv())
            body = tlv.encode(0x87, b"\x01" + encrypted)
        body += tlv.encode(0x99, response.sw.to_bytes(2, "big"))
        return ResponseAPDU(body + tlv.encode(0x8E, self._mac(body)), response.sw)

    def room(self, wire: int) -> int:
        """Plain bytes that fit a protected response data field of `wire` bytes; 0 when none do."""
        block = self.suite.block_size
        blocks = max(0, (wire - 4 - 10 - 2) // block)  # without DO'99', DO'8E', and tag and indicator of DO'87'
        while blocks and len(tlv.encode(0x87, bytes(1 + blocks * block))) + 14 > wire:
            blocks -= 1
        return max(0, blocks * block - 1)

    def _count(self) -> None:
        """One up, over its end where BAC has begun near it: its start is up to both sides' random numbers."""
        self.ssc = (self.ssc + 1) % (1 << 8 * self.suite.block_size)

    def _mac(self, content: bytes) -> bytes:
        """Over SSC || content, padded; the retail MAC of 3DES pads by itself."""
        content = self._counter() + content
        padded = content if self.suite is CipherSuite.DES3 else pad(content, self.suite.block_size)
        return self.suite.mac(self.ks_mac, padded)

    def _counter(self) -> bytes:
        return self.ssc.to_bytes(self.suite.block_size, "big")

    def _iv(self) -> bytes:
        if self.suite is CipherSuite.DES3:
            return bytes(self.suite.block_size)
        return self.suite.encrypt_block(self.ks_enc, self._counter())


def _cryptogram_tag(ins: int) -> int:
    return 0x85 if ins & 1 else 0x87


def _objects(command: CommandAPDU) -> dict[int, tlv.DataObject]:
    """The data objects of a protected command by tag: the cryptogram and Ne, each at most once, then the MAC."""
    try:
        objects = tlv.parse_all(command.data)
    except CardError as error:
        raise BadProtection(INCORRECT) from error
    found = {each.tag: each for each in objects}
    if 0x8E not in found:
        raise BadProtection(MISSING)
    if [each.tag for each in objects] != [tag for tag in (_cryptogram_tag(command.ins), 0x97, 0x8E) if tag in found]:
        raise BadProtection(INCORRECT)
    return found
