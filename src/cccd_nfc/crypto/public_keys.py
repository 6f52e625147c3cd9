"""Public keys as certificates and EF.DG14, EF.DG15 carry them: SubjectPublicKeyInfo, explicit curve parameters too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from asn1crypto import algos, core, keys

from cccd_nfc.crypto.curves import Curve, Point, curve_by_oid, curve_from_explicit
from cccd_nfc.errors import EncodingError, UnsupportedError

RSA_OIDS = ("1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10")  # rsaEncryption, id-RSASSA-PSS
EC_OIDS = ("1.2.840.10045.2.1", "1.3.132.1.12")  # id-ecPublicKey, id-ecDH
PRIME_FIELD = "1.2.840.10045.1.1"

_MAX_MODULUS_BITS = 16_384
_EXPONENT_LIMIT = 1 << 64


@dataclass(frozen=True, slots=True)
class RSAPublicKey:
    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of the modulus, and so of a signature."""
        return (self.modulus.bit_length() + 7) // 8

    @property
    def description(self) -> str:
        return f"RSA-{self.modulus.bit_length()}"


@dataclass(frozen=True, slots=True)
class ECPublicKey:
    point: Point

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


class _AlgorithmIdentifier(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [("algorithm", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]


class _SubjectPublicKeyInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("algorithm", _AlgorithmIdentifier), ("public_key", core.OctetBitString)]


class _FieldID(core.Sequence):  # type: ignore[misc]
    _fields = [("field_type", core.ObjectIdentifier), ("parameters", core.Integer)]


class _CurveCoefficients(core.Sequence):  # type: ignore[misc]
    _fields = [("a", core.OctetString), ("b", core.OctetString), ("seed", core.OctetBitString, {"optional": True})]


class _ECParameters(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("field_id", _FieldID),
        ("curve", _CurveCoefficients),
        ("base", core.OctetString),
        ("order", core.Integer),
        ("cofactor", core.Integer, {"optional": True}),
        ("hash", core.Any, {"optional": True}),
    ]


def parse_subject_public_key_info(der: bytes) -> PublicKey:
    """The key in a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, BSI TR-03111).

    Raises EncodingError for broken bytes, UnsupportedError for another kind of key or an unknown curve.
    """
    try:
        info = _SubjectPublicKeyInfo.load(der)
        oid = str(info["algorithm"]["algorithm"].dotted)
        raw = bytes(info["public_key"].native)
        parameters = info["algorithm"]["parameters"].dump()
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("a public key that is no SubjectPublicKeyInfo") from error
    if oid in RSA_OIDS:
        return _rsa_key(raw)
    if oid in EC_OIDS:
        return ECPublicKey(Point.decode(parse_ec_parameters(parameters), _uncompressed(raw)))
    raise UnsupportedError(f"a public key of the kind {oid}")


def parse_ec_parameters(der: bytes) -> Curve:
    """The curve that named or explicit ECParameters (RFC 3279 §2.3.5) state."""
    try:
        if der[:1] == b"\x06":
            return curve_by_oid(str(core.ObjectIdentifier.load(der).dotted))
        stated = _ECParameters.load(der)
        if stated["field_id"]["field_type"].dotted != PRIME_FIELD:
            raise UnsupportedError("a curve over a field that is not prime")
        p = int(stated["field_id"]["parameters"].native)
        a, b = (int.from_bytes(stated["curve"][name].native, "big") for name in ("a", "b"))
        cofactor = stated["cofactor"].native
        return curve_from_explicit(p, a, b, bytes(stated["base"].native), int(stated["order"].native), cofactor)
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("broken parameters of an elliptic curve") from error


def _rsa_key(raw: bytes) -> RSAPublicKey:
    try:
        numbers = keys.RSAPublicKey.load(raw)
        modulus, exponent = int(numbers["modulus"].native), int(numbers["public_exponent"].native)
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("a broken RSA public key") from error
    if not (modulus % 2 and 512 <= modulus.bit_length() <= _MAX_MODULUS_BITS):
        raise UnsupportedError(f"an RSA modulus of {modulus.bit_length()} bits")
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
        numbers = keys.RSAPublicKey({"modulus": key.modulus, "public_exponent": key.exponent})
        algorithm = {"algorithm": RSA_OIDS[0], "parameters": core.Null()}
        return bytes(_SubjectPublicKeyInfo({"algorithm": algorithm, "public_key": numbers.dump()}).dump())
    stated = _explicit(key.curve) if explicit_parameters else core.ObjectIdentifier(key.curve.oid)
    algorithm = {"algorithm": EC_OIDS[0], "parameters": stated}
    return bytes(_SubjectPublicKeyInfo({"algorithm": algorithm, "public_key": key.point.encode()}).dump())


def _explicit(curve: Curve) -> _ECParameters:
    size = curve.field_size
    coefficients = {"a": curve.a.to_bytes(size, "big"), "b": curve.b.to_bytes(size, "big")}
    return _ECParameters(
        {
            "version": 1,
            "field_id": {"field_type": PRIME_FIELD, "parameters": curve.p},
            "curve": coefficients,
            "base": curve.generator.encode(),
            "order": curve.n,
            "cofactor": curve.cofactor,
        }
    )


def algorithm_oid(algorithm_identifier: bytes) -> str:
    """The dotted OID of an AlgorithmIdentifier."""
    try:
        return str(algos.AlgorithmIdentifier.load(algorithm_identifier)["algorithm"].dotted)
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("a broken AlgorithmIdentifier") from error
