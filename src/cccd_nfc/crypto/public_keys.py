"""Public keys as certificates and EF.DG14, EF.DG15 carry them: SubjectPublicKeyInfo, explicit curve parameters too."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

from cccd_nfc.crypto.algorithm_identifiers import parse_algorithm_identifier
from cccd_nfc.crypto.curves import Curve, Point, curve_by_oid, curve_from_explicit
from cccd_nfc.errors import EncodingError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid, encode_oid
from cccd_nfc.sentences import Said

RSA_OIDS = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10")  # rsaEncryption, id-RSASSA-PSS
EC_OIDS = ("1.2.840.10045.2.1", "1.3.132.1.12")  # id-ecPublicKey, id-ecDH
PRIME_FIELD = "1.2.840.10045.1.1"

_SEQUENCE, _INTEGER, _BIT_STRING, _OCTETS, _OID, _NULL = 0x30, 0x02, 0x03, 0x04, 0x06, 0x05
_MAX_MODULUS_BITS = 16_384
_EXPONENT_LIMIT = 1 << 64


_OPENSSL_CURVES = {
    "secp192r1": "SECP192R1",
    "secp224r1": "SECP224R1",
    "secp256r1": "SECP256R1",
    "secp384r1": "SECP384R1",
    "secp521r1": "SECP521R1",
    "brainpoolP256r1": "BrainpoolP256R1",
    "brainpoolP384r1": "BrainpoolP384R1",
    "brainpoolP512r1": "BrainpoolP512R1",
}
"""The curves that OpenSSL's bindings have -> their names there."""


@dataclass(frozen=True)
class RSAPublicKey:
    modulus: int
    exponent: int

    @cached_property
    def openssl(self) -> Any:
        """The key for OpenSSL; UnsupportedError where that refuses it."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

        try:
            return RSAPublicNumbers(self.exponent, self.modulus).public_key()
        except ValueError as error:
            raise UnsupportedError(Said("an RSA key that cannot be used ({key})", key=self.description)) from error

    @property
    def size(self) -> int:
        """Bytes of the modulus, and so of a signature."""
        return (self.modulus.bit_length() + 7) // 8

    @property
    def description(self) -> str:
        return f"RSA-{self.modulus.bit_length()}"


@dataclass(frozen=True)
class ECPublicKey:
    point: Point

    @cached_property
    def openssl(self) -> Any:
        """The key for OpenSSL, handed over as a point so that explicit parameters are no obstacle; None where its
        bindings lack the curve."""
        from cryptography.hazmat.primitives.asymmetric import ec

        curve = getattr(ec, _OPENSSL_CURVES.get(self.curve.name, ""), None)
        return ec.EllipticCurvePublicKey.from_encoded_point(curve(), self.point.encode()) if curve else None

    @property
    def curve(self) -> Curve:
        return self.point.curve

    @property
    def size(self) -> int:
        """Bytes of a plain signature r || s."""
        return 2 * self.curve.order_size

    @property
    def description(self) -> str:
        return self.curve.name


PublicKey: TypeAlias = RSAPublicKey | ECPublicKey


def parse_subject_public_key_info(der: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, BSI TR-03111).

    Raises EncodingError for broken bytes, UnsupportedError for another kind of key or an unknown curve.
    """
    parts = tlv.parse_one(der, tag=_SEQUENCE, name="SubjectPublicKeyInfo").children()
    if len(parts) != 2 or parts[1].tag != _BIT_STRING or parts[1].value[:1] != b"\x00":
        raise EncodingError("a public key that is no SubjectPublicKeyInfo")
    oid, parameters = parse_algorithm_identifier(parts[0].raw)
    raw = parts[1].value[1:]
    if oid in RSA_OIDS:
        return _rsa_key(raw)
    if oid in EC_OIDS:
        return ECPublicKey(Point.decode(parse_ec_parameters(parameters), _uncompressed(raw)))
    raise UnsupportedError(Said("a public key of the kind {oid}", oid=oid))


@lru_cache(maxsize=256)
def parse_ec_parameters(der: bytes) -> Curve:
    """The curve that named or explicit ECParameters (RFC 3279 §2.3.5) state."""
    outer = tlv.parse_one(der, name="parameters of an elliptic curve")
    if outer.tag == _OID:
        return curve_by_oid(dotted_oid(outer.value))
    stated = outer.children() if outer.tag == _SEQUENCE else ()
    if [each.tag for each in stated[:5]] != [_INTEGER, _SEQUENCE, _SEQUENCE, _OCTETS, _INTEGER]:
        raise EncodingError("broken parameters of an elliptic curve")
    _, field, coefficients, generator, order = stated[:5]
    a, b = (_octets(each) for each in _at_least(coefficients, 2)[:2])
    cofactor = next((_integer(each) for each in stated[5:] if each.tag == _INTEGER), None)
    return curve_from_explicit(_prime(field), a, b, generator.value, _integer(order), cofactor)


def _prime(field: tlv.DataObject) -> int:
    kind, parameters = _at_least(field, 2)[:2]
    if kind.tag != _OID or dotted_oid(kind.value) != PRIME_FIELD:
        raise UnsupportedError("a curve over a field that is not prime")
    return _integer(parameters)


def _at_least(found: tlv.DataObject, count: int) -> tuple[tlv.DataObject, ...]:
    parts = found.children()
    if len(parts) < count:
        raise EncodingError("broken parameters of an elliptic curve")
    return parts


def _integer(found: tlv.DataObject) -> int:
    if found.tag != _INTEGER or not found.value or found.value[0] & 0x80:
        raise EncodingError("a number of a public key that is no positive INTEGER")
    return int.from_bytes(found.value, "big")


def _octets(found: tlv.DataObject) -> int:
    if found.tag != _OCTETS:
        raise EncodingError("broken parameters of an elliptic curve")
    return int.from_bytes(found.value, "big")


def _rsa_key(raw: bytes) -> RSAPublicKey:
    numbers = tlv.parse_one(raw, tag=_SEQUENCE, name="RSA public key").children()
    if len(numbers) != 2:
        raise EncodingError("a broken RSA public key")
    modulus, exponent = (_integer(number) for number in numbers)
    if not (modulus % 2 and 512 <= modulus.bit_length() <= _MAX_MODULUS_BITS):
        raise UnsupportedError(Said("an RSA modulus of {size} bits", size=modulus.bit_length()))
    if not (exponent % 2 and 3 <= exponent < _EXPONENT_LIMIT):
        raise UnsupportedError("an RSA exponent that is even, tiny or huge")
    return RSAPublicKey(modulus, exponent)


def _uncompressed(raw: bytes) -> bytes:
    if raw[:1] in (b"\x02", b"\x03"):
        raise UnsupportedError("a compressed point")
    return raw


def encode_subject_public_key_info(key: PublicKey, *, explicit_parameters: bool = False) -> bytes:
    """The DER of `key`; with `explicit_parameters` the curve is stated by value, as 9303-12 §4.1.6.3 demands."""
    if isinstance(key, RSAPublicKey):
        numbers = tlv.encode(_SEQUENCE, encode_integer(key.modulus), encode_integer(key.exponent))
        return _info(RSA_OIDS[0], tlv.encode(_NULL), numbers)
    stated = _explicit(key.curve) if explicit_parameters else encode_oid(key.curve.oid)
    return _info(EC_OIDS[0], stated, key.point.encode())


def encode_integer(number: int) -> bytes:
    """The INTEGER of a number that is not negative."""
    return tlv.encode(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _info(oid: str, parameters: bytes, key: bytes) -> bytes:
    algorithm = tlv.encode(_SEQUENCE, encode_oid(oid), parameters)
    return tlv.encode(_SEQUENCE, algorithm, tlv.encode(_BIT_STRING, b"\x00", key))


def _explicit(curve: Curve) -> bytes:
    coefficients = (tlv.encode(_OCTETS, number.to_bytes(curve.field_size, "big")) for number in (curve.a, curve.b))
    return tlv.encode(
        _SEQUENCE,
        encode_integer(1),
        tlv.encode(_SEQUENCE, encode_oid(PRIME_FIELD), encode_integer(curve.p)),
        tlv.encode(_SEQUENCE, *coefficients),
        tlv.encode(_OCTETS, curve.generator.encode()),
        encode_integer(curve.n),
        encode_integer(curve.cofactor),
    )
