"""The key derivation function of the chip protocols (ICAO 9303-11, 8th ed., §9.7.1)."""

from __future__ import annotations

import hashlib
from enum import IntEnum

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.legacy import adjust_parity


class Counter(IntEnum):
    """What the key is for."""

    ENC = 1
    MAC = 2
    PACE = 3


def derive_key(shared_secret: bytes, counter: Counter, suite: CipherSuite) -> bytes:
    """KDF(K, c): `suite.key_length` bytes of H(K || c); odd parity for 3DES.

    H is SHA-1 for 3DES and AES-128, SHA-256 for the longer keys. Vectors: Appendix D.1, G.1.
    """
    material = shared_secret + counter.to_bytes(4, "big")
    long_key = suite.key_length > 16
    digest = (hashlib.sha256 if long_key else hashlib.sha1)(material).digest()[: suite.key_length]
    return adjust_parity(digest) if suite is CipherSuite.DES3 else digest
