"""Diffie-Hellman as PACE and Chip Authentication use it (ICAO 9303-11 §9.4.5, §9.6, 8th ed.).

The protocols know no coordinates: public keys come and go as bytes, and what a group's elements are stands here alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cccd_nfc.crypto.curves import Point, random_scalar
from cccd_nfc.errors import AuthenticationError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.protocol.object_identifiers import Agreement

_PUBLIC_VALUE_TAGS: dict[Agreement, int] = {"DH": 0x84, "ECDH": 0x86}
"""Tables 10 and 11: the one data object of an ephemeral public key."""


@dataclass(frozen=True, slots=True)
class EphemeralKey:
    """A key pair of one run, over the standard generator or over one that PACE has mapped."""

    generator: Point
    public: Point
    secret: int = field(repr=False)

    @classmethod
    def draw(cls, generator: Point, random_bytes: RandomBytes) -> EphemeralKey:
        secret = random_scalar(generator.curve, random_bytes)
        return cls(generator, generator * secret, secret)

    def encode(self) -> bytes:
        """The public value as it is sent."""
        return self.public.encode()

    def decode(self, raw: bytes) -> Point:
        """The other side's public value; EncodingError unless it is an element of the same group."""
        return Point.decode(self.generator.curve, raw)

    def agree(self, other: Point) -> Point:
        """The element that both sides come to; AuthenticationError when `other` is our own key, sent back to us."""
        if other == self.public:
            raise AuthenticationError("the chip echoes our own key")
        return other * self.secret

    def shared_secret(self, other: Point) -> bytes:
        """K of `agree`: the x-coordinate, in the field's full width."""
        return self.agree(other).x_bytes


def public_key_object(oid: str, agreement: Agreement, public_value: bytes) -> bytes:
    """Data object 7F49 with the protocol's OID and a public value, without domain parameters: what tokens are over."""
    return tlv.encode(0x7F49, encode_oid(oid), tlv.encode(_PUBLIC_VALUE_TAGS[agreement], public_value))
