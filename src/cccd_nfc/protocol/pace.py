"""Password Authenticated Connection Establishment (ICAO 9303-11 §4.4, 8th ed.; worked example in Appendix G.1).

Generic mapping over the elliptic curves of table 12, with every cipher. A mapping is one function in `_MAPPINGS`, and
the group's arithmetic is `key_agreement`'s; the conversation itself is the same for all of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from cccd_nfc.crypto.curves import Curve, Point, curve_by_parameter_id
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import AccessDeniedError, AuthenticationError, EncodingError, StatusWordError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.protocol.key_agreement import EphemeralKey, public_key_object
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS, PACEProtocol
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.sentences import Said

DYNAMIC_AUTHENTICATION_DATA = 0x7C

_EC_PARAMETER_IDS = range(8, 19)
_LONGEST_NONCE = 64
_WRONG_PARAMETERS = (0x6A80, 0x6A87, 0x6A88)
_WRONG_PASSWORD = (0x6300, 0x6982, 0x6988, 0x6A80)
"""At the token. 6300 is the standard's; the others are what chips say when the MAC that they check is wrong."""
_BLOCKED = (0x6983, 0x6984)


def is_supported(info: PACEInfo) -> bool:
    """Whether `pace` can do it: ECDH, generic mapping, a standardised curve."""
    protocol = PACE_PROTOCOLS.get(info.protocol)
    return (
        protocol is not None
        and protocol.agreement == "ECDH"
        and protocol.mapping in _MAPPINGS
        and info.parameter_id in _EC_PARAMETER_IDS
    )


def preferred(infos: Iterable[PACEInfo]) -> PACEInfo | None:
    """Of the PACEInfos that are supported the one with the longest key, then the largest curve; None without any."""
    return max(filter(is_supported, infos), key=_strength, default=None)


def _strength(info: PACEInfo) -> tuple[int, int, int]:
    protocol, curve = _resolve(info)
    return protocol.suite.block_size, protocol.suite.key_length, curve.field_size


def _resolve(info: PACEInfo) -> tuple[PACEProtocol, Curve]:
    if not is_supported(info) or info.parameter_id is None:
        template = "PACE {protocol} with domain parameters {parameters} is not supported"
        raise UnsupportedError(Said(template, protocol=info.protocol, parameters=info.parameter_id))
    return PACE_PROTOCOLS[info.protocol], curve_by_parameter_id(info.parameter_id)


def pace(
    info: PACEInfo, password: Password, random_bytes: RandomBytes, *, offered: Iterable[PACEInfo] = ()
) -> Flow[Channel]:
    """The channel of a session that only a chip and a terminal with the same password can have.

    offered: all that EF.CardAccess lists; with several domain parameters among them the chip must be told which.
    Raises AccessDeniedError for a wrong password (with the tries left, where the chip tells them), AuthenticationError
    when the chip's own proof is wrong, UnsupportedError for what is not supported, CardError for unacceptable answers.
    """
    protocol, curve = _resolve(info)
    yield from _set_at(info, password, offered)

    # 1. The chip sends its nonce, encrypted: z = E(K_pi, s).
    z = yield from _encrypted_nonce(protocol)

    # 2. The terminal recovers s with the password.
    s = protocol.suite.decrypt(derive_key(password.pace_key_seed(), Counter.PACE, protocol.suite), z)

    # 3a, b. Both map s to a generator that an onlooker cannot know.
    mapped_generator, pk_map_ic = yield from _MAPPINGS[protocol.mapping](curve, s, random_bytes)

    # 3c. Diffie-Hellman with fresh keys over that generator.
    ephemeral = EphemeralKey.draw(mapped_generator, random_bytes)
    pk_dh_ic = yield from _exchange_keys(ephemeral, 0x83, 0x84, "PACE: ephemeral key")

    # 3d. The keys must differ, from each other and from the one used for the mapping.
    if pk_dh_ic == pk_map_ic:
        raise AuthenticationError("PACE: the chip uses its mapping key once more")
    shared_secret = ephemeral.shared_secret(pk_dh_ic)

    # 3e. Session keys.
    keys = SessionKeys.derive(shared_secret, protocol.suite)

    # 3f. Each shows the other that it has them, by a token over the other's public key.
    t_ic = yield from _exchange_tokens(protocol, curve, authentication_token(protocol, keys, pk_dh_ic))
    if not hmac.compare_digest(t_ic, authentication_token(protocol, keys, ephemeral.public)):
        raise AuthenticationError("PACE: the chip's authentication token is wrong")
    return Channel(keys)


def authentication_token(protocol: PACEProtocol, keys: SessionKeys, public_key: Point) -> bytes:
    """MAC over the protocol's OID and the public key that its maker received, 8 bytes (§4.4.3.4)."""
    return protocol.suite.mac(keys.ks_mac, public_key_object(protocol.oid, protocol.agreement, public_key.encode()))


def _set_at(info: PACEInfo, password: Password, offered: Iterable[PACEInfo]) -> Flow[None]:
    """MSE:Set AT, with DO'84' where the domain parameters are ambiguous (§4.4.4.1), and else without it.

    Some chips want it always, some never, whatever the rule: a refusal is answered once by doing it the other way.
    """
    name = f"MSE:Set AT for PACE with the {password.kind.name}"
    plain = tlv.encode(0x80, oid_value(info.protocol)) + tlv.encode(0x83, bytes((password.kind.reference,)))
    named = plain + tlv.encode(0x84, bytes((info.parameter_id or 0,)))
    ambiguous = len({each.parameter_id for each in offered}) > 1
    for data in (named, plain) if ambiguous else (plain, named):
        command = CommandAPDU(0x00, 0x22, 0xC1, 0xA4, data, name=name)
        response = yield command
        if response.sw == SW_OK or response.sw >> 4 == 0x63C:
            return  # 63Cx: the chip takes it, and warns of how few tries are left
        if response.sw not in _WRONG_PARAMETERS:
            break
    _expect_ok(response, command)


def _encrypted_nonce(protocol: PACEProtocol) -> Flow[bytes]:
    """z: one or more blocks; chips with long keys send 16 or 32 bytes."""
    command = _general_authenticate("PACE: nonce", b"")
    z = _value((yield command), command, 0x80)
    if not z or len(z) > _LONGEST_NONCE or len(z) % protocol.suite.block_size:
        raise EncodingError(
            Said("PACE: a nonce of {size} bytes for {cipher}", size=len(z), cipher=protocol.suite.label)
        )
    return z


def _map_generically(curve: Curve, s: bytes, random_bytes: RandomBytes) -> Flow[tuple[Point, Point]]:
    """(mapped generator s * G + H, the chip's mapping key); H is an anonymous Diffie-Hellman element (§4.4.3.3.1)."""
    mapping = EphemeralKey.draw(curve.generator, random_bytes)
    pk_map_ic = yield from _exchange_keys(mapping, 0x81, 0x82, "PACE: mapping data")
    h = mapping.agree(pk_map_ic)
    return curve.generator * (int.from_bytes(s, "big") % curve.n) + h, pk_map_ic


_MAPPINGS = {"GM": _map_generically}


def _exchange_keys(own: EphemeralKey, send: int, receive: int, name: str) -> Flow[Point]:
    command = _general_authenticate(name, tlv.encode(send, own.encode()))
    return own.decode(_value((yield command), command, receive))


def _exchange_tokens(protocol: PACEProtocol, curve: Curve, t_ifd: bytes) -> Flow[bytes]:
    """The chip's token. Only now does it use what the password gave, so here a wrong one comes to light."""
    command = _general_authenticate("PACE: authentication token", tlv.encode(0x85, t_ifd), last=True)
    response = yield command
    counted = response.sw >> 4 == 0x63C
    if counted or response.sw in _WRONG_PASSWORD:
        tries = response.sw & 0x0F if counted else None
        template = "{sw}, {suite} on {curve}"
        how = Said(template, sw=f"{response.sw:04X}", suite=protocol.suite.label, curve=curve.name)
        how = how if tries is None else Said("{how}; {tries} tries left", how=how, tries=tries)
        said = Said("PACE: the chip did not accept the password ({how})", how=how)
        raise AccessDeniedError(said, sw=response.sw, tries_left=tries)
    return _value(response, command, 0x86)


def _general_authenticate(name: str, content: bytes, *, last: bool = False) -> CommandAPDU:
    """One link of the chain; Le is always 00, which chips want here and refuse in MSE:Set AT."""
    data = tlv.encode(DYNAMIC_AUTHENTICATION_DATA, content)
    return CommandAPDU(0x00 if last else 0x10, 0x86, 0x00, 0x00, data, ne=SHORT_MAX_NE, name=name)


def _value(response: ResponseAPDU, command: CommandAPDU, tag: int) -> bytes:
    """The value of the data object that a step answers with; others beside it are left alone."""
    data = _expect_ok(response, command)
    outer = tlv.parse_one(data, tag=DYNAMIC_AUTHENTICATION_DATA, name=command.name)
    return tlv.require(outer.children(), tag, name=command.name).value


def _expect_ok(response: ResponseAPDU, command: CommandAPDU) -> bytes:
    if response.sw in _BLOCKED:
        said = Said("PACE: this password is blocked ({sw})", sw=f"{response.sw:04X}")
        raise AccessDeniedError(said, sw=response.sw, tries_left=0)
    if response.sw != SW_OK:
        raise StatusWordError(command.name, response.sw)
    return response.data
