"""What is weak and yet required: 3DES with two keys, the retail MAC, SHA-1 (BAC, and PACE or CA of old chips).

Triple DES has blocks of 64 bits and was withdrawn by NIST after 2023; the chip protocols use it for short sessions with
fresh keys only, and a document that knows nothing else has to be read all the same.
"""

from __future__ import annotations

from typing import Protocol

from Crypto.Cipher import DES, DES3

BLOCK = 8


def adjust_parity(key: bytes) -> bytes:
    """`key` with the last bit of each byte set so that the byte's number of ones is odd."""
    return bytes(byte & 0xFE | (byte >> 1).bit_count() % 2 ^ 1 for byte in key)


class CbcCipher(Protocol):
    def encrypt(self, data: bytes) -> bytes: ...
    def decrypt(self, data: bytes) -> bytes: ...


def des3(key: bytes, iv: bytes) -> CbcCipher:
    """A CBC cipher of the 16-byte key K1 || K2. With equal halves it is DES, which the library's 3DES refuses."""
    single = adjust_parity(key[:8]) == adjust_parity(key[8:])
    cipher: CbcCipher = DES.new(key[:8], DES.MODE_CBC, iv) if single else DES3.new(key, DES3.MODE_CBC, iv)
    return cipher


def retail_mac(key: bytes, padded: bytes) -> bytes:
    """ISO/IEC 9797-1 MAC algorithm 3 with DES over `padded` (a multiple of 8 bytes): 8 bytes."""
    chained = DES.new(key[:8], DES.MODE_CBC, bytes(BLOCK)).encrypt(padded)[-BLOCK:]
    middle = DES.new(key[8:16], DES.MODE_ECB).decrypt(chained)
    return bytes(DES.new(key[:8], DES.MODE_ECB).encrypt(middle))
