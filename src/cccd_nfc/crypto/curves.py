"""Elliptic curves and their points: what PACE needs beyond Diffie-Hellman with a fixed generator.

Point arithmetic is `ecdsa`'s (with gmpy2 where it is installed), since the mapped generator of PACE is out of reach of
OpenSSL's bindings. It does not run in constant time; the scalars here live for one session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cccd_nfc.crypto.curve_table import ROWS
from cccd_nfc.errors import CardError, EncodingError, UnsupportedError
from cccd_nfc.sentences import Said

_MAX_DRAWS = 256


@dataclass(frozen=True, slots=True)
class Curve:
    """y² = x³ + ax + b over the field of p, with a generator of prime order n and cofactor 1.

    parameter_id: of ICAO 9303-11 table 12.  oid: dotted.
    """

    name: str
    oid: str
    p: int
    a: int
    b: int
    gx: int
    gy: int
    n: int
    parameter_id: int
    cofactor: int = 1

    @property
    def field_size(self) -> int:
        """Bytes of a coordinate."""
        return (self.p.bit_length() + 7) // 8

    @property
    def order_size(self) -> int:
        """Bytes of a scalar."""
        return (self.n.bit_length() + 7) // 8

    @property
    def generator(self) -> Point:
        return Point(self, self.gx, self.gy)

    def __repr__(self) -> str:
        return f"Curve({self.name})"


@dataclass(frozen=True, slots=True)
class Point:
    """An affine point, never the one at infinity; making one off the curve raises EncodingError."""

    curve: Curve
    x: int
    y: int

    def __post_init__(self) -> None:
        curve, x, y = self.curve, self.x, self.y
        if not (0 <= x < curve.p and 0 <= y < curve.p) or (y * y - (x * x * x + curve.a * x + curve.b)) % curve.p:
            raise EncodingError(Said("a point that is not on {curve}", curve=curve.name))

    @classmethod
    def decode(cls, curve: Curve, raw: bytes) -> Point:
        """The point that `raw` encodes uncompressed, 1 + 2 * field_size bytes (BSI TR-03111 §3.2.1)."""
        size = curve.field_size
        if len(raw) != 1 + 2 * size or raw[0] != 0x04:
            raise EncodingError(
                Said("not an uncompressed point of {curve}: {size} bytes", curve=curve.name, size=len(raw))
            )
        return cls(curve, int.from_bytes(raw[1 : 1 + size], "big"), int.from_bytes(raw[1 + size :], "big"))

    def encode(self) -> bytes:
        """04 || X || Y, 1 + 2 * field_size bytes."""
        return b"\x04" + self.x_bytes + self.y.to_bytes(self.curve.field_size, "big")

    @property
    def x_bytes(self) -> bytes:
        """The x-coordinate in its full width: leading zeros belong to a shared secret."""
        return self.x.to_bytes(self.curve.field_size, "big")

    def __mul__(self, scalar: int) -> Point:
        return self._affine(self._jacobian() * scalar)

    __rmul__ = __mul__

    def __add__(self, other: Point) -> Point:
        if other.curve != self.curve:
            template = "points of {curve} and {other} cannot be added"
            raise CardError(Said(template, curve=self.curve.name, other=other.curve.name))
        return self._affine(self._jacobian() + other._jacobian())

    def _jacobian(self) -> Any:
        from ecdsa.ellipticcurve import PointJacobi

        return PointJacobi(_arithmetic(self.curve), self.x, self.y, 1, self.curve.n)

    def _affine(self, point: Any) -> Point:
        from ecdsa.ellipticcurve import INFINITY

        if point == INFINITY:
            raise CardError(Said("the point at infinity of {curve} came out", curve=self.curve.name))
        return Point(self.curve, int(point.x()), int(point.y()))


@cache
def _arithmetic(curve: Curve) -> Any:
    from ecdsa.ellipticcurve import CurveFp

    return CurveFp(curve.p, curve.a, curve.b, 1)


CURVES: tuple[Curve, ...] = tuple(
    Curve(name, oid, p, a, b, gx, gy, n, parameter_id) for parameter_id, name, oid, p, a, b, gx, gy, n in ROWS
)


def curve_by_parameter_id(parameter_id: int) -> Curve:
    """The curve of a standardised domain parameter id, 8 to 18; UnsupportedError for any other."""
    return _find("parameter id", parameter_id, {curve.parameter_id: curve for curve in CURVES})


def curve_by_oid(oid: str) -> Curve:
    return _find("OID", oid, {curve.oid: curve for curve in CURVES})


def curve_by_name(name: str) -> Curve:
    return _find("name", name, {curve.name: curve for curve in CURVES})


def _find(kind: str, key: Any, curves: dict[Any, Curve]) -> Curve:
    if key not in curves:
        raise UnsupportedError(Said("no known curve has the {kind} {key}", kind=Said(kind), key=key))
    return curves[key]


def curve_from_explicit(p: int, a: int, b: int, generator: bytes, n: int, cofactor: int | None) -> Curve:
    """The known curve that these parameters state; UnsupportedError when there is none, or the generator differs.

    A generator of one's own choice would let a chip, or a forged certificate, make signatures that verify.
    """
    for curve in CURVES:
        if (curve.p, curve.a, curve.b) == (p, a % p if p else a, b % p if p else b):
            if n != curve.n or cofactor not in (None, 1) or generator not in _encodings(curve):
                template = "explicit parameters that alter the generator or order of {curve}"
                raise UnsupportedError(Said(template, curve=curve.name))
            return curve
    raise UnsupportedError("explicit parameters of a curve that is not known")


def _encodings(curve: Curve) -> tuple[bytes, bytes]:
    point = curve.generator
    return point.encode(), bytes((2 + (point.y & 1),)) + point.x_bytes


def random_scalar(curve: Curve, random_bytes: Callable[[int], bytes]) -> int:
    """A secret scalar, 1 <= k < n, drawn by rejection from `random_bytes(order_size)`.

    Rejection keeps it unbiased; and randomness that is a worked example's private key gives that key.
    """
    mask = (1 << curve.n.bit_length()) - 1
    for _ in range(_MAX_DRAWS):
        scalar = int.from_bytes(random_bytes(curve.order_size), "big") & mask
        if 1 <= scalar < curve.n:
            return scalar
    raise CardError("the source of randomness gives no usable scalar")
