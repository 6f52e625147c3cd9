"""The chip's proofs that it is no copy: Active Authentication, and Chip Authentication version 1."""

from __future__ import annotations

import hashlib

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point
from cccd_nfc.crypto.iso9796 import sign_iso9796
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import CardError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import SecurityInfos
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, CAProtocol
from cccd_nfc.simulator.private_keys import ECPrivateKey, RSAPrivateKey, parse_private_key
from cccd_nfc.simulator.secure_messaging import ChipSession
from cccd_nfc.simulator.status import Refusal


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
    """The protocol that MSE:Set AT names, if EF.DG14 offers it."""
    try:
        objects = {each.tag: each.value for each in tlv.parse_all(data)}
    except CardError as error:
        raise Refusal(0x6A80) from error
    for info in infos.chip_authentication:
        if objects.get(0x80) == oid_value(info.protocol) and objects.get(0x84, info.key_id) == info.key_id:
            return CA_PROTOCOLS[info.protocol]
    raise Refusal(0x6A80)


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
