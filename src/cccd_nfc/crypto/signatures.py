"""Signature schemes of certificates and security objects, and their verification.

OpenSSL verifies wherever it knows the curve; brainpoolP192r1, P224r1 and P320r1 fall to `ecdsa`. Keys are handed over
as numbers, so that explicit curve parameters are no obstacle. MD5 and anything older is not known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal

from cccd_nfc.crypto.algorithm_identifiers import parse_algorithm_identifier
from cccd_nfc.crypto.public_keys import EC_OIDS, RSA_OIDS, ECPublicKey, PublicKey, RSAPublicKey
from cccd_nfc.errors import CardError, EncodingError, SignatureError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.sentences import Said

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

SHORTEST_RSA = 1024
"""Bits of the shortest RSA key whose signatures are looked at."""

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

REFUSED = {
    "1.2.840.113549.2.2": "MD2",
    "1.2.840.113549.2.5": "MD5",
    "1.2.840.113549.1.1.2": "RSA with MD2",
    "1.2.840.113549.1.1.4": "RSA with MD5",
    "1.2.840.10040.4.3": "DSA with SHA-1",
}
"""Known, and never accepted."""

RSASSA_PSS = "1.2.840.113549.1.1.10"
MGF1 = "1.2.840.113549.1.1.8"

HASHES = tuple(HASH_OIDS.values())
HASHERS: Mapping[str, Callable[[bytes], hashlib._Hash]] = {name: getattr(hashlib, name) for name in HASHES}
"""The hash functions by their `hashlib` names, looked up once."""


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
        raise UnsupportedError(
            Said("the digest algorithm {algorithm} is not accepted", algorithm=REFUSED.get(oid, oid))
        )
    return HASH_OIDS[oid]


@lru_cache(maxsize=1024)
def signature_scheme(algorithm_identifier: bytes, *, digest_name_hint: str | None = None) -> SignatureScheme:
    """The scheme that an AlgorithmIdentifier names.

    `digest_name_hint` completes what names a key only (bare rsaEncryption, id-ecPublicKey): several countries write
    that into SignerInfo. Raises UnsupportedError for schemes that are not known or not accepted.
    """
    oid, parameters = parse_algorithm_identifier(algorithm_identifier)
    if oid == RSASSA_PSS:
        return _pss(parameters)
    if oid in RSA_PKCS1_OIDS:
        return SignatureScheme("rsa-pkcs1", RSA_PKCS1_OIDS[oid])
    if oid in ECDSA_OIDS:
        return SignatureScheme("ecdsa", ECDSA_OIDS[oid])
    if digest_name_hint and oid == RSA_OIDS[0]:
        return SignatureScheme("rsa-pkcs1", digest_name_hint)
    if digest_name_hint and oid in EC_OIDS:
        return SignatureScheme("ecdsa", digest_name_hint)
    raise UnsupportedError(Said("the signature algorithm {algorithm} is not accepted", algorithm=REFUSED.get(oid, oid)))


_HASH, _MASK, _SALT, _TRAILER = 0xA0, 0xA1, 0xA2, 0xA3


def _pss(parameters: bytes) -> SignatureScheme:
    """RSASSA-PSS-params (RFC 4055 §3.1); what is left out is SHA-1, MGF1 with SHA-1, and a salt of 20 bytes."""
    stated = tlv.parse_one(parameters).children() if parameters[:1] == b"\x30" else ()
    given = {each.tag: each.value for each in stated}
    if given.keys() - {_HASH, _MASK, _SALT, _TRAILER} or list(given) != sorted(given) or len(given) != len(stated):
        raise EncodingError("broken parameters of RSASSA-PSS")
    hash_name = _plain_hash(given[_HASH]) if _HASH in given else "sha1"
    if _number(given.get(_TRAILER), 1) != 1:
        raise UnsupportedError("a PSS trailer field other than 1")
    salt_length = _number(given.get(_SALT), 20)
    if not 0 <= salt_length <= 512:
        raise UnsupportedError(Said("a PSS salt of {size} bytes", size=salt_length))
    return SignatureScheme("rsa-pss", hash_name, _mask_hash(given.get(_MASK)), salt_length)


def _mask_hash(stated: bytes | None) -> str:
    if stated is None:
        return "sha1"
    oid, parameters = parse_algorithm_identifier(stated)
    if oid != MGF1:
        raise UnsupportedError("a mask generation function other than MGF1")
    return _plain_hash(parameters)


def _plain_hash(identifier: bytes) -> str:
    """A hash function's name; its parameters are NULL or left out, or it is another function."""
    oid, parameters = parse_algorithm_identifier(identifier)
    if parameters not in (b"", b"\x05\x00"):
        raise EncodingError("a hash function with parameters")
    return hash_name_of(oid)


def _number(stated: bytes | None, default: int) -> int:
    if stated is None:
        return default
    return int.from_bytes(tlv.parse_one(stated, tag=0x02, name="a number of RSASSA-PSS").value, "big", signed=True)


def verify(key: PublicKey, scheme: SignatureScheme, signature: bytes, message: bytes) -> None:
    """Returns when `signature` is right; SignatureError when it is not, UnsupportedError when key and scheme differ."""
    if scheme.kind == "ecdsa":
        if isinstance(key, ECPublicKey):
            return verify_ecdsa(key, signature, HASHERS[scheme.hash_name](message).digest(), scheme.hash_name)
    elif isinstance(key, RSAPublicKey):
        return _verify_rsa(key, scheme, signature, message)
    template = "a {key} key for a signature of {scheme}"
    raise UnsupportedError(Said(template, key=key.description, scheme=scheme.description))


def _verify_rsa(key: RSAPublicKey, scheme: SignatureScheme, signature: bytes, message: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding

    if key.modulus.bit_length() < SHORTEST_RSA:
        raise UnsupportedError(Said("signatures by a key of {key} are not accepted", key=key.description))
    how: padding.AsymmetricPadding = padding.PKCS1v15()
    if scheme.kind == "rsa-pss":
        how = padding.PSS(padding.MGF1(_openssl_hash(scheme.mgf_hash_name)), scheme.salt_length)
    try:
        key.openssl.verify(signature, message, how, _openssl_hash(scheme.hash_name))
    except InvalidSignature as error:
        if scheme.kind == "rsa-pkcs1" and _holds_without_null(key, scheme.hash_name, signature, message):
            return
        raise SignatureError(Said("the signature of {scheme} does not verify", scheme=scheme.description)) from error
    except ValueError as error:
        raise UnsupportedError(Said("an RSA key that cannot be used ({key})", key=key.description)) from error


def _holds_without_null(key: RSAPublicKey, hash_name: str, signature: bytes, message: bytes) -> bool:
    """PKCS #1 v1.5 whose DigestInfo leaves NULL out (RFC 8017 §9.2, note 1), as ICAO's master list of 2023 has it.

    The whole representative is compared with the one that is right, so nothing is parsed that could be forged.
    """
    oid = next(oid for oid, name in HASH_OIDS.items() if name == hash_name)
    digest = hashlib.new(hash_name, message).digest()
    info = tlv.encode(0x30, tlv.encode(0x30, encode_oid(oid)), tlv.encode(0x04, digest))
    filling = key.size - len(info) - 3
    number = int.from_bytes(signature, "big")
    if len(signature) != key.size or number >= key.modulus or filling < 8:
        return False
    expected = b"\x00\x01" + b"\xff" * filling + b"\x00" + info
    return pow(number, key.exponent, key.modulus).to_bytes(key.size, "big") == expected


def verify_ecdsa(key: ECPublicKey, signature: bytes, digest: bytes, hash_name: str) -> None:
    """Checks an ECDSA signature, DER or plain r || s, over `digest`, which is cut to the order's length.

    Raises SignatureError.
    """
    if not _ecdsa_holds(key, signature, digest, hash_name):
        raise SignatureError(Said("the ECDSA signature on {curve} does not verify", curve=key.curve.name))


def _ecdsa_holds(key: ECPublicKey, signature: bytes, digest: bytes, hash_name: str) -> bool:
    if key.openssl is None:
        r, s = parse_ecdsa_signature(key, signature)
        return 1 <= r < key.curve.n and 1 <= s < key.curve.n and _ecdsa_holds_by_points(key, r, s, digest)
    if len(signature) == key.size:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        signature = encode_dss_signature(*parse_ecdsa_signature(key, signature))
    try:
        key.openssl.verify(signature, digest, _openssl_ecdsa(hash_name))
    except _invalid_signature():
        return False
    return True


def _invalid_signature() -> type[Exception]:
    """Looked up only when it is raised: an import statement costs a right signature more than its comparison."""
    from cryptography.exceptions import InvalidSignature

    return InvalidSignature


def parse_ecdsa_signature(key: ECPublicKey, signature: bytes) -> tuple[int, int]:
    """(r, s) of a signature in DER (strict) or plain r || s of twice the order's length; SignatureError otherwise."""
    if len(signature) == key.size:
        half = key.size // 2
        return int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    try:
        return decode_dss_signature(signature)
    except ValueError as error:
        template = "{size} bytes are no ECDSA signature on {curve}"
        raise SignatureError(Said(template, size=len(signature), curve=key.curve.name)) from error


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
def _openssl_ecdsa(hash_name: str) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    return ec.ECDSA(Prehashed(_openssl_hash(hash_name)))
