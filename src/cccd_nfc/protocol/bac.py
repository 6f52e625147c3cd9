"""Basic Access Control (ICAO 9303-11 §4.3, 8th ed.; worked example in Appendix D.3)."""

from __future__ import annotations

import hmac

from cccd_nfc.crypto.ciphers import MAC_SIZE, CipherSuite
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import AccessDeniedError, AuthenticationError, EncodingError
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, CommandAPDU
from cccd_nfc.iso7816.flow import Flow, RandomBytes
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.sentences import Said

_SUITE = CipherSuite.DES3
_NONCE, _KEY = 8, 16
_ANSWER = 2 * _NONCE + _KEY + MAC_SIZE
_REFUSED = (0x6300, 0x6982, 0x6985, 0x6988, 0x6A80, 0x6A88)
"""What chips say to the wrong keys. 6A88 also comes from chips that know no BAC, or that a failed PACE left sulking."""
_WRONG_LENGTH = 0x6700


def basic_access_control(password: Password, random_bytes: RandomBytes) -> Flow[Channel]:
    """The channel that both sides derived, 3DES; the application must have been selected.

    Raises AccessDeniedError when the chip does not accept the MRZ data, AuthenticationError when its own answer is not
    right, CardError for malformed answers.
    """
    seed = password.bac_key_seed()
    k_enc, k_mac = derive_key(seed, Counter.ENC, _SUITE), derive_key(seed, Counter.MAC, _SUITE)

    # 1. The terminal asks for a challenge; the chip sends RND.IC.
    get_challenge = CommandAPDU(0x00, 0x84, 0x00, 0x00, ne=_NONCE, name="GET CHALLENGE")
    rnd_ic = (yield get_challenge).expect_ok(get_challenge)
    if len(rnd_ic) != _NONCE:
        raise EncodingError(
            Said("GET CHALLENGE: {size} bytes where {wanted} are expected", size=len(rnd_ic), wanted=_NONCE)
        )

    # 2, 3. It sends E.IFD || M.IFD over RND.IFD || RND.IC || K.IFD, which the chip checks and answers in kind.
    rnd_ifd, k_ifd = random_bytes(_NONCE), random_bytes(_KEY)
    e_ifd = _SUITE.encrypt(k_enc, rnd_ifd + rnd_ic + k_ifd)
    m_ifd = _SUITE.mac(k_mac, e_ifd)
    answer = yield from _external_authenticate(e_ifd + m_ifd)

    # 4. It checks M.IC, then both nonces, then takes K.IC.
    e_ic, m_ic = answer[:-MAC_SIZE], answer[-MAC_SIZE:]
    if not hmac.compare_digest(_SUITE.mac(k_mac, e_ic), m_ic):
        raise AuthenticationError("BAC: the MAC of the chip's answer is wrong")
    r = _SUITE.decrypt(k_enc, e_ic)
    if r[: 2 * _NONCE] != rnd_ic + rnd_ifd:
        raise AuthenticationError("BAC: the chip's answer is not to our challenge")
    k_ic = r[2 * _NONCE :]

    # 5. Session keys from K.IC xor K.IFD; the counter from the tails of both nonces (§9.8.6.3).
    shared_secret = bytes(a ^ b for a, b in zip(k_ic, k_ifd, strict=True))
    ssc = int.from_bytes(rnd_ic[4:] + rnd_ifd[4:], "big")
    return Channel(SessionKeys.derive(shared_secret, _SUITE), ssc)


def _external_authenticate(data: bytes) -> Flow[bytes]:
    """E.IC || M.IC, 40 bytes. Where Le 28 is refused as a wrong length, Le 00 is tried: some chips take no other."""
    for ne in (_ANSWER, SHORT_MAX_NE):
        command = CommandAPDU(0x00, 0x82, 0x00, 0x00, data, ne=ne, name="EXTERNAL AUTHENTICATE")
        response = yield command
        if response.sw != _WRONG_LENGTH:
            break
    if response.sw in _REFUSED or response.sw >> 4 == 0x63C:
        said = Said("BAC: the chip did not accept the MRZ data ({sw})", sw=f"{response.sw:04X}")
        raise AccessDeniedError(said, sw=response.sw)
    if len(response.expect_ok(command)) != _ANSWER:
        template = "BAC: an answer of {size} bytes where {wanted} are expected"
        raise EncodingError(Said(template, size=len(response.data), wanted=_ANSWER))
    return response.data
