"""Signature schemes of certificates and security objects, and their verification.

OpenSSL verifies wherever it knows the curve; brainpoolP192r1, P224r1 and P320r1 fall to `ecdsa`. Keys are handed over
as numbers, so that explicit curve parameters are no obstacle. MD5 and anything older is not known here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from asn1crypto import algos, core

from cccd_nfc.crypto.curves import Curve
from cccd_nfc.crypto.public_keys import EC_OIDS, RSA_OIDS, ECPublicKey, PublicKey, RSAPublicKey
from cccd_nfc.errors import CardError, EncodingError, SignatureError, UnsupportedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

HASH_OIDS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}

RSA_PKCS1_OIDS = {
    "1.2.840.113549.1.1.5": "sha1",
    "1.2.840.113549.1.1.14": "sha224",
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}

ECDSA_OIDS = {
    "1.2.840.10045.4.1": "sha1",
    "1.2.840.10045.4.3.1": "sha224",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
    # BSI TR-03111 §5.2.1, plain signatures r || s, as ActiveAuthenticationInfo names them
    "0.4.0.127.0.7.1.1.4.1.1": "sha1",
    "0.4.0.127.0.7.1.1.4.1.2": "sha224",
    "0.4.0.127.0.7.1.1.4.1.3": "sha256",
    "0.4.0.127.0.7.1.1.4.1.4": "sha384",
    "0.4.0.127.0.7.1.1.4.1.5": "sha512",
}

RSASSA_PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"

HASHES = tuple(HASH_OIDS.values())


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """How a signature is made. mgf_hash_name and salt_length (bytes) matter for rsa-pss only."""

    kind: Literal["rsa-pkcs1", "rsa-pss", "ecdsa"]
    hash_name: str
    mgf_hash_name: str = ""
    salt_length: int = 0

    @property
    def description(self) -> str:
        names = {"rsa-pkcs1": "RSA", "rsa-pss": "RSA-PSS", "ecdsa": "ECDSA"}
        return f"{names[self.kind]} with {spelled(self.hash_name)}"


def spelled(hash_name: str) -> str:
    """ "sha256" as people write it: SHA-256."""
    return hash_name.upper().replace("SHA", "SHA-")


def hash_name_of(oid: str) -> str:
    """The `hashlib` name of a digest algorithm; UnsupportedError for MD5 and all else that is not in 9303-12 §4.4.4."""
    if oid not in HASH_OIDS:
        raise UnsupportedError(f"the digest algorithm {oid} is not accepted")
    return HASH_OIDS[oid]


def signature_scheme(algorithm_identifier: bytes, *, digest_name_hint: str | None = None) -> SignatureScheme:
    """The scheme that an AlgorithmIdentifier names.

    `digest_name_hint` completes what names a key only (bare rsaEncryption, id-ecPublicKey): several countries write
    that into SignerInfo. Raises UnsupportedError for schemes that are not known or not accepted.
    """
    try:
        parsed = algos.AlgorithmIdentifier.load(algorithm_identifier)
        oid = str(parsed["algorithm"].dotted)
        if oid == RSASSA_PSS:
            return _pss(parsed["parameters"].dump() if parsed["parameters"] else b"")
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("a broken signature AlgorithmIdentifier") from error
    if oid in RSA_PKCS1_OIDS:
        return SignatureScheme("rsa-pkcs1", RSA_PKCS1_OIDS[oid])
    if oid in ECDSA_OIDS:
        return SignatureScheme("ecdsa", ECDSA_OIDS[oid])
    if digest_name_hint and oid == RSA_OIDS[0]:
        return SignatureScheme("rsa-pkcs1", digest_name_hint)
    if digest_name_hint and oid in EC_OIDS:
        return SignatureScheme("ecdsa", digest_name_hint)
    raise UnsupportedError(f"the signature algorithm {oid} is not accepted")


class _PssParameters(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [
        ("hash", algos.AlgorithmIdentifier, {"explicit": 0, "optional": True}),
        ("mask", algos.AlgorithmIdentifier, {"explicit": 1, "optional": True}),
        ("salt_length", core.Integer, {"explicit": 2, "default": 20}),
        ("trailer_field", core.Integer, {"explicit": 3, "default": 1}),
    ]


def _pss(parameters: bytes) -> SignatureScheme:
    """RSASSA-PSS-params (RFC 4055 §3.1); what is left out is SHA-1, MGF1 with SHA-1, and a salt of 20 bytes."""
    if parameters[:1] != b"\x30":
        parameters = b"\x30\x00"
    stated = _PssParameters.load(parameters)
    hash_name = _stated_hash(stated["hash"])
    mask = stated["mask"]
    if mask and str(mask["algorithm"].dotted) != MGF1:
        raise UnsupportedError("a mask generation function other than MGF1")
    mgf_hash = hash_name_of(_inner_oid(mask["parameters"].dump())) if mask else "sha1"
    if stated["trailer_field"].native != 1:
        raise UnsupportedError("a PSS trailer field other than 1")
    salt_length = int(stated["salt_length"].native)
    if not 0 <= salt_length <= 512:
        raise UnsupportedError(f"a PSS salt of {salt_length} bytes")
    return SignatureScheme("rsa-pss", hash_name, mgf_hash, salt_length)


def _stated_hash(identifier: Any) -> str:
    return hash_name_of(str(identifier["algorithm"].dotted)) if identifier else "sha1"


def _inner_oid(der: bytes) -> str:
    return str(algos.AlgorithmIdentifier.load(der)["algorithm"].dotted)


def verify(key: PublicKey, scheme: SignatureScheme, signature: bytes, message: bytes) -> None:
    """Returns when `signature` is right; SignatureError when it is not, UnsupportedError when key and scheme differ."""
    if isinstance(key, RSAPublicKey) and scheme.kind != "ecdsa":
        return _verify_rsa(key, scheme, signature, message)
    if isinstance(key, ECPublicKey) and scheme.kind == "ecdsa":
        return verify_ecdsa(key, signature, hashlib.new(scheme.hash_name, message).digest(), scheme.hash_name)
    raise UnsupportedError(f"a {key.description} key for a signature of {scheme.description}")


def _verify_rsa(key: RSAPublicKey, scheme: SignatureScheme, signature: bytes, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    digest = _openssl_hash(scheme.hash_name)
    how: padding.AsymmetricPadding = padding.PKCS1v15()
    if scheme.kind == "rsa-pss":
        how = padding.PSS(padding.MGF1(_openssl_hash(scheme.mgf_hash_name)), scheme.salt_length)
    try:
        RSAPublicNumbers(key.exponent, key.modulus).public_key().verify(signature, message, how, digest)
    except InvalidSignature as error:
        raise SignatureError(f"the signature of {scheme.description} does not verify") from error
    except ValueError as error:
        raise UnsupportedError(f"an RSA key that cannot be used ({key.description})") from error


def verify_ecdsa(key: ECPublicKey, signature: bytes, digest: bytes, hash_name: str) -> None:
    """Checks an ECDSA signature, DER or plain r || s, over `digest`, which is cut to the order's length.

    Raises SignatureError.
    """
    r, s = parse_ecdsa_signature(key, signature)
    curve = key.curve
    if not (1 <= r < curve.n and 1 <= s < curve.n) or not _ecdsa_holds(key, r, s, digest, hash_name):
        raise SignatureError(f"the ECDSA signature on {curve.name} does not verify")


def parse_ecdsa_signature(key: ECPublicKey, signature: bytes) -> tuple[int, int]:
    """(r, s) of a signature in DER (strict) or plain r || s of twice the order's length; SignatureError otherwise."""
    if len(signature) == key.size:
        half = key.size // 2
        return int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    try:
        return decode_dss_signature(signature)
    except ValueError as error:
        raise SignatureError(f"{len(signature)} bytes are no ECDSA signature on {key.curve.name}") from error


def _ecdsa_holds(key: ECPublicKey, r: int, s: int, digest: bytes, hash_name: str) -> bool:
    curve = _openssl_curve(key.curve)
    if curve is None:
        return _ecdsa_holds_by_points(key, r, s, digest)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

    public = ec.EllipticCurvePublicNumbers(key.point.x, key.point.y, curve).public_key()
    try:
        public.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(_openssl_hash(hash_name))))
    except InvalidSignature:
        return False
    return True


def _ecdsa_holds_by_points(key: ECPublicKey, r: int, s: int, digest: bytes) -> bool:
    """The verification equation itself (BSI TR-03111 §4.2.1.2), for the curves that OpenSSL's bindings lack."""
    curve = key.curve
    cut = max(0, 8 * len(digest) - curve.n.bit_length())
    inverse = pow(s, -1, curve.n)
    u1 = (int.from_bytes(digest, "big") >> cut) * inverse % curve.n
    u2 = r * inverse % curve.n
    try:
        point = key.point * u2 + curve.generator * u1 if u1 else key.point * u2
    except CardError:  # the point at infinity is the sum of no valid signature
        return False
    return point.x % curve.n == r


@cache
def _openssl_hash(name: str) -> HashAlgorithm:
    from cryptography.hazmat.primitives import hashes

    algorithm: HashAlgorithm = getattr(hashes, name.upper())()
    return algorithm


@cache
def _openssl_curve(curve: Curve) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    names = {
        "secp192r1": "SECP192R1",
        "secp224r1": "SECP224R1",
        "secp256r1": "SECP256R1",
        "secp384r1": "SECP384R1",
        "secp521r1": "SECP521R1",
        "brainpoolP256r1": "BrainpoolP256R1",
        "brainpoolP384r1": "BrainpoolP384R1",
        "brainpoolP512r1": "BrainpoolP512R1",
    }
    name = names.get(curve.name)
    return getattr(ec, name)() if name and hasattr(ec, name) else None
