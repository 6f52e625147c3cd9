"""Chip Authentication version 1 (ICAO 9303-11 §6.2, 8th ed.): new session keys that only the genuine chip can have.

The protocol having run proves nothing yet. The first answer under the new keys does, and only for a key whose EF.DG14
passive authentication vouches for.
"""

from __future__ import annotations

from dataclasses import dataclass

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point
from cccd_nfc.crypto.public_keys import ECPublicKey
from cccd_nfc.errors import AuthenticationError, UnsupportedError
from cccd_nfc.evidence import ChipAuthenticationRecord
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, SecurityInfos
from cccd_nfc.protocol.key_agreement import EphemeralKey
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, CAProtocol
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.sentences import Said

DEFAULT_PROTOCOL = CA_PROTOCOLS["0.4.0.127.0.7.2.2.3.2.1"]
"""ECDH with 3DES: what chips mean that have a key and no ChipAuthenticationInfo (French passports of 2013 to 2017)."""

_VERSION = 1
_CHUNK = 223
"""Plain bytes whose protected command, with Le, is still a short one under AES."""
_EMPTY_ANSWER = len(tlv.encode(0x7C))


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to use. key_id: the bytes of EF.DG14, never a number, as chips compare them so; empty if it has none."""

    protocol: CAProtocol
    key_id: bytes
    pk_ic: Point


def chip_authentication(
    infos: SecurityInfos, channel: Channel, random_bytes: RandomBytes
) -> Flow[tuple[ChipAuthenticationRecord, Channel]]:
    """What was done, and the channel under the new keys; the old channel when the chip refused (§6.2.2).

    The record's `proven` is False: whoever reads on sets it after the first verified answer. Raises UnsupportedError
    when no key of EF.DG14 is of a kind that is known.
    """
    # 1. The chip's static key and its domain parameters are those of EF.DG14.
    choice = _choose(infos)

    # 2. The terminal makes an ephemeral key over them and sends it, under the old keys and counter (§9.8.2).
    ephemeral = EphemeralKey.draw(choice.pk_ic.curve.generator, random_bytes)
    response = yield from channel.secure(_send_key(choice, ephemeral))
    record = ChipAuthenticationRecord(
        choice.protocol.oid, choice.key_id, choice.pk_ic.encode(), proven=False, sw=response.sw
    )
    if response.sw != SW_OK:
        return record, channel

    # 3. Both derive K and the new session keys; the counter starts at zero.
    keys = SessionKeys.derive(ephemeral.shared_secret(choice.pk_ic), choice.protocol.suite)
    return record, Channel(keys, extended=channel.extended)


def _choose(infos: SecurityInfos) -> _Choice:
    """The strongest protocol of version 1 that is known, with the key that it refers to."""
    keys = infos.chip_authentication_public_keys
    choices = [
        _Choice(CA_PROTOCOLS[info.protocol], info.key_id or key.key_id, key.public_key.point)
        for info in infos.chip_authentication
        for key in keys
        if isinstance(key.public_key, ECPublicKey) and _is_usable(info) and _refers_to(info, key, len(keys))
    ]
    if not infos.chip_authentication:
        choices = [
            _Choice(DEFAULT_PROTOCOL, key.key_id, key.public_key.point)
            for key in keys[:1]
            if isinstance(key.public_key, ECPublicKey)
        ]
    if not choices:
        raise UnsupportedError("Chip Authentication: no protocol and key of a kind that is known")
    return max(choices, key=lambda choice: (choice.protocol.suite.block_size, choice.protocol.suite.key_length))


def _is_usable(info: ChipAuthenticationInfo) -> bool:
    protocol = CA_PROTOCOLS.get(info.protocol)
    return info.version == _VERSION and protocol is not None and protocol.agreement == "ECDH"


def _refers_to(info: ChipAuthenticationInfo, key: ChipAuthenticationPublicKeyInfo, keys: int) -> bool:
    """By equal key ids; with a single key in the file, one of the two may lack its id."""
    return info.key_id == key.key_id or (keys == 1 and not (info.key_id and key.key_id))


def _send_key(choice: _Choice, ephemeral: EphemeralKey) -> Flow[ResponseAPDU]:
    """One MSE:Set KAT for 3DES (§6.2.4.1), else MSE:Set AT and GENERAL AUTHENTICATE (§6.2.4.2); the last response."""
    key_reference = tlv.encode(0x84, choice.key_id) if choice.key_id else b""
    if choice.protocol.suite is CipherSuite.DES3:
        data = tlv.encode(0x91, ephemeral.encode()) + key_reference
        return (yield CommandAPDU(0x00, 0x22, 0x41, 0xA6, data, name="MSE:Set KAT"))
    data = tlv.encode(0x80, oid_value(choice.protocol.oid)) + key_reference
    response = yield CommandAPDU(0x00, 0x22, 0x41, 0xA4, data, name="MSE:Set AT for Chip Authentication")
    if response.sw != SW_OK:
        return response
    return (yield from general_authenticate(tlv.encode(0x7C, tlv.encode(0x80, ephemeral.encode()))))


def general_authenticate(data: bytes) -> Flow[ResponseAPDU]:
    """The response to GENERAL AUTHENTICATE, chained where one short protected command cannot carry `data`."""
    pieces = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    for piece in pieces[:-1]:
        response = yield CommandAPDU(0x10, 0x86, 0x00, 0x00, piece, name="GENERAL AUTHENTICATE, chained")
        if response.sw != SW_OK:
            return response
    last = CommandAPDU(
        0x00, 0x86, 0x00, 0x00, pieces[-1], ne=SHORT_MAX_NE, name="GENERAL AUTHENTICATE", expected=_EMPTY_ANSWER
    )
    return (yield last)


def confirm_chip_authentication(record: ChipAuthenticationRecord, infos: SecurityInfos) -> Said:
    """In words what was proven with a key of the EF.DG14 in `infos`; AuthenticationError when key or protocol is none
    of those."""
    protocol = CA_PROTOCOLS.get(record.oid)
    if protocol is None or protocol.oid not in _offered(infos):
        raise AuthenticationError("the protocol that was used is not one of the signed EF.DG14")
    for info in infos.chip_authentication_public_keys:
        if isinstance(info.public_key, ECPublicKey) and info.public_key.point.encode() == record.chip_public_key:
            curve, suite = info.public_key.curve.name, protocol.suite.label
            return Said("{agreement} on {curve}, {suite}", agreement=protocol.agreement, curve=curve, suite=suite)
    raise AuthenticationError("the key that was used is not the one in the signed EF.DG14")


def _offered(infos: SecurityInfos) -> set[str]:
    return {info.protocol for info in infos.chip_authentication} or {DEFAULT_PROTOCOL.oid}
