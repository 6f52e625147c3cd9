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
        self.ssc += 1
        try:
            objects = {each.tag: each for each in tlv.parse_all(command.data)}
        except CardError as error:
            raise BadProtection(INCORRECT) from error
        if 0x8E not in objects:
            raise BadProtection(MISSING)
        self._check_mac(command, objects)
        cryptogram = objects.get(0x85 if command.ins & 1 else 0x87)
        ne = objects.get(0x97)
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
        header = pad(command.header, self.suite.block_size)
        content = self._counter() + header + (pad(covered, self.suite.block_size) if covered else b"")
        # The retail MAC pads once more by itself; what is padded already must lose that padding first.
        expected = self.suite.mac(self.ks_mac, unpad(content) if self.suite is CipherSuite.DES3 else content)
        if not hmac.compare_digest(expected, objects[0x8E].value):
            raise BadProtection(INCORRECT)

    def _plain(self, cryptogram: tlv.DataObject, ins: int) -> bytes:
        encrypted = cryptogram.value if ins & 1 else cryptogram.value[1:]
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
        self.ssc += 1
        body = b""
        if response.data:
            encrypted = self.suite.encrypt(self.ks_enc, pad(response.data, self.suite.block_size), self._iv())
            body = tlv.encode(0x87, b"\x01" + encrypted)
        body += tlv.encode(0x99, response.sw.to_bytes(2, "big"))
        content = self._counter() + body
        if self.suite is not CipherSuite.DES3:
            content = pad(content, self.suite.block_size)
        return ResponseAPDU(body + tlv.encode(0x8E, self.suite.mac(self.ks_mac, content)), response.sw)

    def room(self, wire: int) -> int:
        """Plain bytes that fit a protected response data field of `wire` bytes."""
        block = self.suite.block_size
        blocks = (wire - 4 - 10 - 2) // block  # without DO'99', DO'8E', and tag and content indicator of DO'87'
        while len(tlv.encode(0x87, bytes(1 + blocks * block))) + 14 > wire:
            blocks -= 1
        return max(0, blocks * block - 1)

    def _counter(self) -> bytes:
        return self.ssc.to_bytes(self.suite.block_size, "big")

    def _iv(self) -> bytes:
        if self.suite is CipherSuite.DES3:
            return bytes(self.suite.block_size)
        return self.suite.encrypt_block(self.ks_enc, self._counter())
