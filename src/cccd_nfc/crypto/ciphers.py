"""The cipher suites of the chip protocols: encryption in CBC mode and MACs of 8 bytes (ICAO 9303-11 §9.8, 8th ed.)."""

from __future__ import annotations

from enum import Enum

from Crypto.Cipher import AES
from Crypto.Hash import CMAC

from cccd_nfc.crypto import legacy
from cccd_nfc.errors import EncodingError
from cccd_nfc.sentences import Said

MAC_SIZE = 8


class CipherSuite(Enum):
    """3DES with two keys, or AES, each with its MAC: retail MAC, or CMAC cut to 8 bytes."""

    DES3 = ("3DES", 16, 8)
    AES128 = ("AES-128", 16, 16)
    AES192 = ("AES-192", 24, 16)
    AES256 = ("AES-256", 32, 16)

    def __init__(self, label: str, key_length: int, block_size: int) -> None:
        self.label = label
        self.key_length = key_length
        self.block_size = block_size

    def encrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        """CBC without padding; `iv` of one block, zeros by default. EncodingError unless whole blocks are given."""
        self._check(data)
        return bytes(self._cbc(key, iv).encrypt(data))

    def decrypt(self, key: bytes, data: bytes, iv: bytes | None = None) -> bytes:
        self._check(data)
        return bytes(self._cbc(key, iv).decrypt(data))

    def encrypt_block(self, key: bytes, block: bytes) -> bytes:
        """One block without chaining: how AES secure messaging makes its IV from the SSC (§9.8.6.1)."""
        return self.encrypt(key, block)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """8 bytes. 3DES pads `data` by method 2 itself, as ISO/IEC 9797-1 has it; CMAC needs no padding."""
        if self is CipherSuite.DES3:
            return legacy.retail_mac(key, pad(data, self.block_size))
        return bytes(CMAC.new(key, data, ciphermod=AES).digest()[:MAC_SIZE])

    def _check(self, data: bytes) -> None:
        if len(data) % self.block_size:
            raise EncodingError(
                Said("{size} bytes are not whole blocks of {cipher}", size=len(data), cipher=self.label)
            )

    def _cbc(self, key: bytes, iv: bytes | None) -> legacy.CbcCipher:
        iv = bytes(self.block_size) if iv is None else iv
        cipher: legacy.CbcCipher = legacy.des3(key, iv) if self is CipherSuite.DES3 else AES.new(key, AES.MODE_CBC, iv)
        return cipher


def pad(data: bytes, block_size: int) -> bytes:
    """`data` with 80 and as many 00 as fill the last block (ISO/IEC 9797-1 padding method 2)."""
    return data + b"\x80" + bytes(-(len(data) + 1) % block_size)


def unpad(data: bytes) -> bytes:
    """`data` without its padding by method 2; EncodingError when there is none."""
    stripped = data.rstrip(b"\x00")
    if not stripped.endswith(b"\x80"):
        raise EncodingError("the padding 80 00 .. 00 is missing")
    return stripped[:-1]
