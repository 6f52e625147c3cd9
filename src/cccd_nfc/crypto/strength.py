"""What is weak in a signature, and is named wherever it is met; what is too weak to look at, `signatures` refuses."""

from __future__ import annotations

from enum import StrEnum

from cccd_nfc.crypto.public_keys import PublicKey, RSAPublicKey
from cccd_nfc.crypto.signatures import SignatureScheme

_GOOD_RSA = 2048
_SHORT_CURVES = ("secp192r1", "brainpoolP192r1")


class Weakness(StrEnum):
    """SHA_1: collisions are within reach.  SHORT_RSA: below 2048 bits.  SHORT_CURVE: of 192 bits."""

    SHA_1 = "sha-1"
    SHORT_RSA = "rsa-below-2048"
    SHORT_CURVE = "curve-p192"


def weaknesses(scheme: SignatureScheme, key: PublicKey) -> tuple[Weakness, ...]:
    """What is weak in signatures of `scheme` by `key`. The hash of a mask generation function does not count."""
    found = [Weakness.SHA_1] if scheme.hash_name == "sha1" else []
    return (*found, *key_weaknesses(key))


def key_weaknesses(key: PublicKey) -> tuple[Weakness, ...]:
    if isinstance(key, RSAPublicKey):
        return (Weakness.SHORT_RSA,) if key.modulus.bit_length() < _GOOD_RSA else ()
    return (Weakness.SHORT_CURVE,) if key.curve.name in _SHORT_CURVES else ()
