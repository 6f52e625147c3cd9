"""Password Authenticated Connection Establishment (ICAO 9303-11 §4.4, 8th ed.; worked example in Appendix G.1).

Here: generic mapping over the elliptic curves of table 12, with every cipher. The conversation is the same for the
other mappings and for DH; what differs is `_map` and the group.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from cccd_nfc.crypto.curves import Curve, Point, curve_by_parameter_id, random_scalar
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import (
    AccessDeniedError,
    AuthenticationError,
    EncodingError,
    StatusWordError,
    UnsupportedError,
)
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.iso7816.oid import encode_oid, oid_value
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS, PACEProtocol
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys

DYNAMIC_AUTHENTICATION_DATA = 0x7C
_WRONG_PARAMETERS = (0x6A80, 0x6A87, 0x6A88)
_BLOCKED = 0x6983
_EC_PARAMETER_IDS = range(8, 19)


def is_supported(info: PACEInfo) -> bool:
    """Whether `pace` can do it: ECDH, generic mapping, a standardised curve."""
    protocol = PACE_PROTOCOLS.get(info.protocol)
    return (
        protocol is not None
        and (protocol.agreement, protocol.mapping) == ("ECDH", "GM")
        and info.parameter_id in _EC_PARAMETER_IDS
    )


def preferred(infos: Iterable[PACEInfo]) -> PACEInfo | None:
    """Of the PACEInfos that are supported the one with the longest key, then the largest curve; None without any."""
    usable = [info for info in infos if is_supported(info)]
    return max(usable, key=_strength, default=None)


def _strength(info: PACEInfo) -> tuple[int, int, int]:
    curve = curve_by_parameter_id(info.parameter_id or 0)
    suite = PACE_PROTOCOLS[info.protocol].suite
    return suite.block_size, suite.key_length, curve.field_size


def pace(info: PACEInfo, password: Password, random_bytes: RandomBytes) -> Flow[Channel]:
    """The channel of a session that only a chip and a terminal with the same password can have.

    Raises AccessDeniedError for a wrong password (with the tries left, where the chip tells them), UnsupportedError for
    a PACEInfo that is not supported, CardError for answers that cannot be accepted.
    """
    if not is_supported(info):
        raise UnsupportedError(f"PACE {info.protocol} with domain parameters {info.parameter_id} is not supported")
    protocol, curve = PACE_PROTOCOLS[info.protocol], curve_by_parameter_id(info.parameter_id or 0)

    # 1. The terminal names protocol and password.
    yield from _set_at(protocol, password, curve)

    # 2. The chip sends its nonce s, encrypted by K_pi; both map it to a generator that an onlooker cannot know.
    nonce = yield from _nonce(protocol, password)
    generator, mapping_key = yield from _map(curve, nonce, random_bytes)

    # 3. Diffie-Hellman with fresh keys over that generator.
    secret = random_scalar(curve, random_bytes)
    pk_ifd = generator * secret
    pk_ic = yield from _exchange_key(pk_ifd, 0x83, 0x84, "PACE: ephemeral key")
    if pk_ic in (pk_ifd, mapping_key):
        raise AuthenticationError("PACE: the chip sent back a key that was used before")
    shared_secret = (pk_ic * secret).x_bytes

    # 4. Each shows the other that it has the keys, by a token over the other's public key.
    keys = SessionKeys(
        protocol.suite,
        derive_key(shared_secret, Counter.ENC, protocol.suite),
        derive_key(shared_secret, Counter.MAC, protocol.suite),
    )
    t_ic = yield from _exchange_tokens(authentication_token(protocol, keys, pk_ic))
    if not hmac.compare_digest(t_ic, authentication_token(protocol, keys, pk_ifd)):
        raise AuthenticationError("PACE: the chip's authentication token is wrong")
    return Channel(keys)


def authentication_token(protocol: PACEProtocol, keys: SessionKeys, public_key: Point) -> bytes:
    """MAC over the protocol's OID and the other side's public key, 8 bytes (§4.4.3.4)."""
    content = tlv.encode(0x7F49, encode_oid(protocol.oid), tlv.encode(0x86, public_key.encode()))
    return protocol.suite.mac(keys.ks_mac, content)


def _set_at(protocol: PACEProtocol, password: Password, curve: Curve) -> Flow[None]:
    """MSE:Set AT. The domain parameters are named by DO'84' only if the chip insists: some refuse it, some need it."""
    plain = tlv.encode(0x80, oid_value(protocol.oid)) + tlv.encode(0x83, bytes((password.kind.reference,)))
    named = plain + tlv.encode(0x84, bytes((curve.parameter_id,)))
    for data in (plain, named):
        command = CommandAPDU(0x00, 0x22, 0xC1, 0xA4, data, name="MSE:Set AT for PACE")
        response = yield command
        if response.sw == SW_OK or response.sw >> 4 == 0x63C:
            return  # 63Cx: the chip takes it, and warns of how few tries are left
        if response.sw not in _WRONG_PARAMETERS:
            break
    if response.sw == _BLOCKED:
        raise AccessDeniedError("PACE: this password is blocked (6983)", sw=response.sw, tries_left=0)
    raise StatusWordError(command.name, response.sw)


def _nonce(protocol: PACEProtocol, password: Password) -> Flow[bytes]:
    """The nonce s of one block's length, decrypted by K_pi."""
    command = _general_authenticate("PACE: nonce", b"")
    z = _value(command, (yield command), 0x80)
    if len(z) not in (16, protocol.suite.block_size) or len(z) % protocol.suite.block_size:
        raise EncodingError(f"PACE: a nonce of {len(z)} bytes")
    k_pi = derive_key(password.pace_key_seed(), Counter.PACE, protocol.suite)
    return protocol.suite.decrypt(k_pi, z)


def _map(curve: Curve, nonce: bytes, random_bytes: RandomBytes) -> Flow[tuple[Point, Point]]:
    """(mapped generator s * G + H, the chip's mapping key); H is an anonymous Diffie-Hellman point (§4.4.3.3.1)."""
    secret = random_scalar(curve, random_bytes)
    own_key = curve.generator * secret
    chip_key = yield from _exchange_key(own_key, 0x81, 0x82, "PACE: mapping data")
    if chip_key == own_key:
        raise AuthenticationError("PACE: the chip echoes our mapping key")
    shared_point = chip_key * secret
    return curve.generator * (int.from_bytes(nonce, "big") % curve.n) + shared_point, chip_key


def _exchange_key(own_key: Point, send: int, receive: int, name: str) -> Flow[Point]:
    command = _general_authenticate(name, tlv.encode(send, own_key.encode()))
    return Point.decode(own_key.curve, _value(command, (yield command), receive))


def _exchange_tokens(t_ifd: bytes) -> Flow[bytes]:
    """The chip's token; here a wrong password comes to light, since only now its key is used."""
    command = _general_authenticate("PACE: authentication token", tlv.encode(0x85, t_ifd), last=True)
    response = yield command
    if response.sw != SW_OK:
        tries = response.sw & 0x0F if response.sw >> 4 == 0x63C else None
        left = "" if tries is None else f"; {tries} tries left"
        raise AccessDeniedError(
            f"PACE: the chip did not accept the password ({response.sw:04X}{left})", sw=response.sw, tries_left=tries
        )
    return _value(command, response, 0x86)


def _general_authenticate(name: str, content: bytes, *, last: bool = False) -> CommandAPDU:
    data = tlv.encode(DYNAMIC_AUTHENTICATION_DATA, content)
    return CommandAPDU(0x00 if last else 0x10, 0x86, 0x00, 0x00, data, ne=SHORT_MAX_NE, name=name)


def _value(command: CommandAPDU, response: ResponseAPDU, tag: int) -> bytes:
    """The value of the one data object that a step answers with."""
    outer = tlv.parse_one(response.expect_ok(command), tag=DYNAMIC_AUTHENTICATION_DATA, name=command.name)
    return tlv.require(outer.children(), tag, name=command.name).value
