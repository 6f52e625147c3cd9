"""The chip's proofs that it is no copy: Active Authentication, and Chip Authentication version 1."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point
from cccd_nfc.crypto.iso9796 import sign_iso9796
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import SecurityInfos
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, CAProtocol
from cccd_nfc.simulator.card import ChipKeys
from cccd_nfc.simulator.private_keys import ECPrivateKey, RSAPrivateKey, parse_private_key
from cccd_nfc.simulator.secure_messaging import ChipSession
from cccd_nfc.simulator.status import Refusal

_DES3 = "0.4.0.127.0.7.2.2.3.2.1"
"""Chip Authentication by ECDH with 3DES: what a chip means that has a key and names no protocol."""


_LONGEST_CHAIN = 1_024
"""Bytes of the terminal's key, with what is around it."""


def check_keys(keys: ChipKeys) -> None:
    """EncodingError when a private key of the card cannot be used for what it is there for."""
    if keys.active_authentication is not None:
        parse_private_key(keys.active_authentication)
    if keys.chip_authentication is not None:
        key = parse_private_key(keys.chip_authentication)
        if not isinstance(key, ECPrivateKey):
            raise EncodingError("the card's private key for Chip Authentication is on no elliptic curve")


def sign_challenge(key_der: bytes | None, challenge: bytes, signature_size: int, random_bytes: RandomBytes) -> bytes:
    """The signature over the terminal's challenge. Without a key, bytes that look like one: a clone bluffs."""
    if len(challenge) != 8:
        raise Refusal(0x6700)
    if key_der is None:
        return random_bytes(signature_size)
    key = parse_private_key(key_der)
    if isinstance(key, RSAPrivateKey):
        return sign_iso9796(key.modulus, key.private_exponent, challenge, "sha1", random_bytes)
    return key.sign(hashlib.sha256(challenge).digest())


def named_protocol(infos: SecurityInfos, data: bytes) -> CAProtocol:
    """The protocol that MSE:Set AT names; Refusal 6A80 when the chip does not offer it, 6A88 for an unknown key."""
    objects = _values(data)
    named = [protocol for protocol in _offered(infos) if oid_value(protocol.oid) == objects.get(0x80)]
    if not named:
        raise Refusal(0x6A80)
    key_ids = {info.key_id for info in infos.chip_authentication if info.protocol == named[0].oid} or {b""}
    if 0x84 in objects and objects[0x84] not in key_ids:
        raise Refusal(0x6A88)
    return named[0]


@dataclass(slots=True)
class ChipAuthenticationRun:
    """What MSE:Set AT has begun: it waits for the terminal's key, in one GENERAL AUTHENTICATE or in a chain of them."""

    protocol: CAProtocol
    key_der: bytes | None = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)
    data: bytes = field(default=b"", repr=False)
    session: ChipSession | None = None

    def step(self, data: bytes, *, last: bool) -> bytes:
        """The answer to the next link of the chain; with the last one `session` is there."""
        self.data += data
        if len(self.data) > _LONGEST_CHAIN:
            raise Refusal(0x6700)
        if not last:
            return b""
        try:
            key = tlv.require(tlv.parse_one(self.data, tag=0x7C).children(), 0x80, name="key").value
        except CardError as error:
            raise Refusal(0x6A80) from error
        self.session = agree(self.key_der, key, self.protocol, self.random_bytes)
        return tlv.encode(0x7C)


def agree_by_template(
    infos: SecurityInfos, key_der: bytes | None, data: bytes, random_bytes: RandomBytes
) -> ChipSession:
    """The session after MSE:Set KAT, which is the whole of Chip Authentication with 3DES."""
    protocol = next((each for each in _offered(infos) if each.suite is CipherSuite.DES3), None)
    key = _values(data).get(0x91)
    if protocol is None or key is None:
        raise Refusal(0x6A80)
    return agree(key_der, key, protocol, random_bytes)


def _offered(infos: SecurityInfos) -> list[CAProtocol]:
    """What EF.DG14 names and the chip can do."""
    named = [info.protocol for info in infos.chip_authentication]
    if not named and infos.chip_authentication_public_keys:
        named = [_DES3]
    return [CA_PROTOCOLS[oid] for oid in named if oid in CA_PROTOCOLS and CA_PROTOCOLS[oid].agreement == "ECDH"]


def _values(data: bytes) -> dict[int, bytes]:
    try:
        return {each.tag: each.value for each in tlv.parse_all(data)}
    except CardError as error:
        raise Refusal(0x6A80) from error


def agree(key_der: bytes | None, terminal_key: bytes, protocol: CAProtocol, random_bytes: RandomBytes) -> ChipSession:
    """The session under the new keys. A clone has no key to make them with, and takes any."""
    if key_der is None:
        return _session(protocol.suite, random_bytes(32))
    key = parse_private_key(key_der)
    if not isinstance(key, ECPrivateKey):
        raise Refusal(0x6A80)
    try:
        shared = Point.decode(key.curve, terminal_key) * key.scalar
    except CardError as error:
        raise Refusal(0x6A80) from error
    return _session(protocol.suite, shared.x_bytes)


def _session(suite: CipherSuite, shared_secret: bytes) -> ChipSession:
    return ChipSession(
        suite, derive_key(shared_secret, Counter.ENC, suite), derive_key(shared_secret, Counter.MAC, suite)
    )
