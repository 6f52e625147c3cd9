"""Basic Access Control (ICAO 9303-11 §4.3, 8th ed.; worked example in Appendix D.3)."""

from __future__ import annotations

import hmac

from cccd_nfc.crypto.ciphers import MAC_SIZE, CipherSuite
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import AccessDeniedError, AuthenticationError, EncodingError, StatusWordError
from cccd_nfc.iso7816.apdu import SW_OK, CommandAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys

_SUITE = CipherSuite.DES3
_NONCE, _KEY = 8, 16
_ANSWER = 2 * _NONCE + _KEY + MAC_SIZE
_REFUSED = (0x6300, 0x6982, 0x6985, 0x6988, 0x6A80, 0x6A88)


def basic_access_control(password: Password, random_bytes: RandomBytes) -> Flow[Channel]:
    """The channel that both sides derived, 3DES; the application must have been selected.

    Raises AccessDeniedError when the chip does not accept the MRZ data, AuthenticationError when its own answer is not
    right, CardError for malformed answers.
    """
    seed = password.bac_key_seed()
    k_enc, k_mac = derive_key(seed, Counter.ENC, _SUITE), derive_key(seed, Counter.MAC, _SUITE)

    # 1. The chip sends RND.IC.
    get_challenge = CommandAPDU(0x00, 0x84, 0x00, 0x00, ne=_NONCE, name="GET CHALLENGE")
    rnd_ic = (yield get_challenge).expect_ok(get_challenge)
    if len(rnd_ic) != _NONCE:
        raise EncodingError(f"GET CHALLENGE: {len(rnd_ic)} bytes where {_NONCE} are expected")

    # 2. The terminal answers with E.IFD || M.IFD over RND.IFD || RND.IC || K.IFD.
    rnd_ifd, k_ifd = random_bytes(_NONCE), random_bytes(_KEY)
    e_ifd = _SUITE.encrypt(k_enc, rnd_ifd + rnd_ic + k_ifd)
    m_ifd = _SUITE.mac(k_mac, e_ifd)
    answer = yield from _external_authenticate(e_ifd + m_ifd)

    # 3. The terminal checks M.IC, then both nonces, then takes K.IC.
    e_ic, m_ic = answer[:-MAC_SIZE], answer[-MAC_SIZE:]
    if not hmac.compare_digest(_SUITE.mac(k_mac, e_ic), m_ic):
        raise AuthenticationError("BAC: the MAC of the chip's answer is wrong")
    plain = _SUITE.decrypt(k_enc, e_ic)
    if plain[:_NONCE] != rnd_ic or plain[_NONCE : 2 * _NONCE] != rnd_ifd:
        raise AuthenticationError("BAC: the chip's answer is not to our challenge")
    k_ic = plain[2 * _NONCE :]

    # 4. Session keys from K.IFD xor K.IC; the counter from the tails of both nonces.
    session_seed = bytes(a ^ b for a, b in zip(k_ifd, k_ic, strict=True))
    ks_enc, ks_mac = derive_key(session_seed, Counter.ENC, _SUITE), derive_key(session_seed, Counter.MAC, _SUITE)
    return Channel(SessionKeys(_SUITE, ks_enc, ks_mac), int.from_bytes(rnd_ic[4:] + rnd_ifd[4:], "big"))


def _external_authenticate(data: bytes) -> Flow[bytes]:
    command = CommandAPDU(0x00, 0x82, 0x00, 0x00, data, ne=_ANSWER, name="EXTERNAL AUTHENTICATE")
    response = yield command
    if response.sw in _REFUSED or response.sw >> 4 == 0x63C:
        raise AccessDeniedError(f"BAC: the chip did not accept the MRZ data ({response.sw:04X})", sw=response.sw)
    if response.sw != SW_OK:
        raise StatusWordError(command.name, response.sw)
    if len(response.data) != _ANSWER:
        raise EncodingError(f"BAC: an answer of {len(response.data)} bytes where {_ANSWER} are expected")
    return response.data
