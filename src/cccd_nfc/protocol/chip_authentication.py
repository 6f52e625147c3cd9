"""Chip Authentication version 1 (ICAO 9303-11 §6.2, 8th ed.): new session keys that only the genuine chip can have.

The protocol having run proves nothing yet. The first answer under the new keys does, and only for a key whose EF.DG14
passive authentication vouches for.
"""

from __future__ import annotations

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point, random_scalar
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.crypto.public_keys import ECPublicKey
from cccd_nfc.errors import AuthenticationError, UnsupportedError
from cccd_nfc.evidence import ChipAuthenticationRecord
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NC, SHORT_MAX_NE, SW_OK, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import ChipAuthenticationPublicKeyInfo, SecurityInfos
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, CAProtocol
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys

DEFAULT_PROTOCOL = CA_PROTOCOLS["0.4.0.127.0.7.2.2.3.2.1"]
"""ECDH with 3DES: what chips mean that have a key and no ChipAuthenticationInfo (French passports of 2013 to 2017)."""

_CHUNK = 224
_VERSION = 1


def chip_authentication(
    infos: SecurityInfos, channel: Channel, random_bytes: RandomBytes
) -> Flow[tuple[ChipAuthenticationRecord, Channel]]:
    """What was done, and the channel under the new keys; the old channel when the chip refused.

    The record's `proven` is False: whoever reads on sets it after the first verified answer. Raises UnsupportedError
    when no key of EF.DG14 is of a kind that is known.
    """
    protocol, key_info = _choose(infos)
    chip_key = _point(key_info)

    # 1. The terminal makes an ephemeral key over the chip's domain parameters.
    secret = random_scalar(chip_key.curve, random_bytes)
    pk_ifd = chip_key.curve.generator * secret

    # 2. It is sent under the old keys: in one MSE:Set KAT for 3DES, else by MSE:Set AT and GENERAL AUTHENTICATE.
    response = yield from channel.secure(_send_key(protocol, key_info.key_id, pk_ifd))
    proof = ChipAuthenticationRecord(protocol.oid, key_info.key_id, chip_key.encode(), proven=False, sw=response.sw)
    if response.sw != SW_OK:
        return proof, channel

    # 3. Both derive the new keys; the counter starts at zero.
    shared_secret = (chip_key * secret).x_bytes
    ks_enc = derive_key(shared_secret, Counter.ENC, protocol.suite)
    ks_mac = derive_key(shared_secret, Counter.MAC, protocol.suite)
    return proof, Channel(SessionKeys(protocol.suite, ks_enc, ks_mac), extended=channel.extended)


def _choose(infos: SecurityInfos) -> tuple[CAProtocol, ChipAuthenticationPublicKeyInfo]:
    """The strongest protocol of version 1 that is known, with the key that it refers to."""
    keys = [info for info in infos.chip_authentication_public_keys if isinstance(info.public_key, ECPublicKey)]
    offers = [
        (CA_PROTOCOLS[info.protocol], key)
        for info in infos.chip_authentication
        for key in keys
        if info.version == _VERSION and info.protocol in CA_PROTOCOLS and info.key_id == key.key_id
    ]
    usable = [(protocol, key) for protocol, key in offers if protocol.agreement == "ECDH"]
    if usable:
        return max(usable, key=lambda offer: (offer[0].suite.block_size, offer[0].suite.key_length))
    if keys and not infos.chip_authentication:
        return DEFAULT_PROTOCOL, keys[0]
    raise UnsupportedError("Chip Authentication: no protocol and key of a kind that is known")


def _point(info: ChipAuthenticationPublicKeyInfo) -> Point:
    if not isinstance(info.public_key, ECPublicKey):
        raise UnsupportedError("Chip Authentication: a key that is not on a known curve")
    return info.public_key.point


def _send_key(protocol: CAProtocol, key_id: bytes, pk_ifd: Point) -> Flow[ResponseAPDU]:
    if protocol.suite is CipherSuite.DES3:
        data = tlv.encode(0x91, pk_ifd.encode()) + (tlv.encode(0x84, key_id) if key_id else b"")
        return (yield CommandAPDU(0x00, 0x22, 0x41, 0xA6, data, name="MSE:Set KAT"))
    data = tlv.encode(0x80, oid_value(protocol.oid)) + (tlv.encode(0x84, key_id) if key_id else b"")
    response = yield CommandAPDU(0x00, 0x22, 0x41, 0xA4, data, name="MSE:Set AT for Chip Authentication")
    if response.sw != SW_OK:
        return response
    return (yield from _general_authenticate(tlv.encode(0x7C, tlv.encode(0x80, pk_ifd.encode()))))


def _general_authenticate(data: bytes) -> Flow[ResponseAPDU]:
    """GENERAL AUTHENTICATE, chained where one short command cannot carry the key."""
    pieces = (
        [data] if len(data) <= SHORT_MAX_NC - 31 else [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    )
    for index, piece in enumerate(pieces):
        last = index == len(pieces) - 1
        cla, ne = (0x00, SHORT_MAX_NE) if last else (0x10, 0)
        response = yield CommandAPDU(cla, 0x86, 0x00, 0x00, piece, ne=ne, name="GENERAL AUTHENTICATE")
        if response.sw != SW_OK:
            break
    return response


def confirm_chip_authentication(record: ChipAuthenticationRecord, infos: SecurityInfos) -> str:
    """In words what was proven; AuthenticationError when the key is not among those of the EF.DG14 in `infos`."""
    for info in infos.chip_authentication_public_keys:
        if isinstance(info.public_key, ECPublicKey) and info.public_key.point.encode() == record.chip_public_key:
            suite = CA_PROTOCOLS[record.oid].suite.label if record.oid in CA_PROTOCOLS else record.oid
            return f"ECDH on {info.public_key.curve.name}, {suite}"
    raise AuthenticationError("the key that was used is not the one in the signed EF.DG14")
