"""The chip's private keys, from PKCS #8."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from asn1crypto import core, keys

from cccd_nfc.crypto.curves import Curve, curve_by_oid
from cccd_nfc.errors import EncodingError


@dataclass(frozen=True, slots=True)
class RSAPrivateKey:
    modulus: int
    private_exponent: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class ECPrivateKey:
    curve: Curve
    scalar: int = field(repr=False)

    def sign(self, digest: bytes) -> bytes:
        """A plain ECDSA signature r || s over `digest`, by RFC 6979."""
        from ecdsa import SigningKey
        from ecdsa.curves import Curve as LibraryCurve
        from ecdsa.ellipticcurve import CurveFp, PointJacobi

        curve = self.curve
        field_curve = CurveFp(curve.p, curve.a, curve.b, 1)
        base = PointJacobi(field_curve, curve.gx, curve.gy, 1, curve.n, generator=True)
        oid = tuple(int(part) for part in curve.oid.split("."))
        library_curve = LibraryCurve(curve.name, field_curve, base, oid)
        key = SigningKey.from_secret_exponent(self.scalar, library_curve)
        return bytes(key.sign_digest_deterministic(digest, hashfunc=_sha256(), allow_truncate=True))


PrivateKey: TypeAlias = RSAPrivateKey | ECPrivateKey


def parse_private_key(der: bytes) -> PrivateKey:
    """An RSA key, or one on a curve that is stated by its name; EncodingError for anything else."""
    try:
        info = keys.PrivateKeyInfo.load(der)
        algorithm = info["private_key_algorithm"]
        if algorithm["algorithm"].native == "rsa":
            numbers = keys.RSAPrivateKey.load(info["private_key"].contents)
            return RSAPrivateKey(int(numbers["modulus"].native), int(numbers["private_exponent"].native))
        curve = curve_by_oid(str(core.ObjectIdentifier.load(algorithm["parameters"].chosen.dump()).dotted))
        private = keys.ECPrivateKey.load(info["private_key"].contents)
        return ECPrivateKey(curve, int.from_bytes(private["private_key"].contents, "big"))
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("a private key of the card cannot be read") from error


def _sha256() -> object:
    import hashlib

    return hashlib.sha256
