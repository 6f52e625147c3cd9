"""ISO/IEC 9796-2 digital signature scheme 1 with partial recovery, as Active Authentication uses it.

Source: ICAO 9303-11 (8th ed.) §6.1.2, Appendix F. The recovered representative is 6A || M1 || H(M1 || M2) || trailer,
where M2 is the terminal's challenge. Trailer BC means SHA-1; xx CC names the hash by its ISO/IEC 10118 number.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from cccd_nfc.crypto.public_keys import RSAPublicKey
from cccd_nfc.errors import SignatureError
from cccd_nfc.sentences import Said

TRAILERS = {
    b"\xbc": "sha1",
    b"\x33\xcc": "sha1",
    b"\x34\xcc": "sha256",
    b"\x35\xcc": "sha512",
    b"\x36\xcc": "sha384",
    b"\x38\xcc": "sha224",
}

_HEADER = 0x6A


def verify_iso9796(key: RSAPublicKey, signature: bytes, challenge: bytes) -> str:
    """The name of the hash that the signature over `challenge` (M2) was made with; SignatureError when it is wrong."""
    if len(signature) != key.size:
        raise SignatureError(
            Said("a signature of {size} bytes for a key of {wanted}", size=len(signature), wanted=key.size)
        )
    number = int.from_bytes(signature, "big")
    if number >= key.modulus:
        raise SignatureError("a signature that is larger than the modulus")
    opened = pow(number, key.exponent, key.modulus)
    for candidate in (opened, key.modulus - opened):  # a signer may have given min(s, n - s)
        representative = candidate.to_bytes(key.size, "big")
        if representative[0] == _HEADER and representative[-1] & 0x0F == 0x0C:
            return _check(representative, challenge)
    raise SignatureError("the signature does not open to a representative of ISO/IEC 9796-2")


def _check(representative: bytes, challenge: bytes) -> str:
    trailer = representative[-1:] if representative[-1] == 0xBC else representative[-2:]
    if trailer not in TRAILERS:
        raise SignatureError(Said("the trailer {trailer} names no known hash", trailer=trailer.hex().upper()))
    hash_name = TRAILERS[trailer]
    digest_size = hashlib.new(hash_name).digest_size
    body = representative[1 : -len(trailer)]
    if len(body) <= digest_size:
        raise SignatureError("the key is too short for the hash that the trailer names")
    m1, digest = body[:-digest_size], body[-digest_size:]
    if not hmac.compare_digest(hashlib.new(hash_name, m1 + challenge).digest(), digest):
        raise SignatureError("the signature is over another challenge")
    return hash_name


def sign_iso9796(
    modulus: int, private_exponent: int, challenge: bytes, hash_name: str, random_bytes: Callable[[int], bytes]
) -> bytes:
    """The chip's side: a signature of the modulus's length, with M1 as long as fits."""
    size = (modulus.bit_length() + 7) // 8
    trailer = next(trailer for trailer, name in TRAILERS.items() if name == hash_name)
    m1 = random_bytes(size - 1 - hashlib.new(hash_name).digest_size - len(trailer))
    digest = hashlib.new(hash_name, m1 + challenge).digest()
    representative = int.from_bytes(bytes((_HEADER,)) + m1 + digest + trailer, "big")
    return pow(representative, private_exponent, modulus).to_bytes(size, "big")
