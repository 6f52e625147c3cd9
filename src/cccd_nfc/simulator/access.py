"""The chip's side of BAC and PACE (ICAO 9303-11 §4.3, §4.4)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import CURVES, Curve, Point, random_scalar
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.iso7816.oid import encode_oid, oid_value
from cccd_nfc.lds.mrz import mrz_information, parse_mrz
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS
from cccd_nfc.simulator.card import CardSecrets
from cccd_nfc.simulator.secure_messaging import ChipSession
from cccd_nfc.simulator.status import Refusal

_GENERIC = {oid for oid, protocol in PACE_PROTOCOLS.items() if (protocol.agreement, protocol.mapping) == ("ECDH", "GM")}


@dataclass(frozen=True, slots=True)
class Passwords:
    """What the chip keeps of its passwords. mrz: SHA-1 over the MRZ information, 20 bytes.  can: its digits."""

    mrz: bytes = field(repr=False)
    can: bytes = field(repr=False)

    @classmethod
    def of(cls, secrets: CardSecrets) -> Passwords:
        """EncodingError when the card's secrets are no MRZ and no CAN."""
        mrz = parse_mrz(secrets.mrz)
        information = mrz_information(mrz.document_number, mrz.birth_date, mrz.expiry_date)
        if not (information.isascii() and secrets.can.isascii()):
            raise EncodingError("the secrets of the card hold letters that no MRZ and no CAN has")
        return cls(hashlib.sha1(information.encode("ascii")).digest(), secrets.can.encode("ascii"))

    def pace_seed(self, reference: bytes) -> bytes:
        """K for the password that DO'83' refers to; Refusal 6A88 for one that the card does not have."""
        seeds = {b"\x01": self.mrz, b"\x02": self.can}
        if reference not in seeds:
            raise Refusal(0x6A88)
        return seeds[reference]


def bac_session(
    passwords: Passwords, rnd_ic: bytes, data: bytes, random_bytes: RandomBytes
) -> tuple[bytes, ChipSession]:
    """(E.IC || M.IC, the session) for the terminal's E.IFD || M.IFD; Refusal 6300 when its keys are not ours."""
    suite = CipherSuite.DES3
    seed = passwords.mrz[:16]
    k_enc, k_mac = derive_key(seed, Counter.ENC, suite), derive_key(seed, Counter.MAC, suite)
    if len(data) != 40:
        raise Refusal(0x6700)
    e_ifd, m_ifd = data[:32], data[32:]
    if not hmac.compare_digest(suite.mac(k_mac, e_ifd), m_ifd):
        raise Refusal(0x6300)
    plain = suite.decrypt(k_enc, e_ifd)
    rnd_ifd, k_ifd = plain[:8], plain[16:]
    if plain[8:16] != rnd_ic:
        raise Refusal(0x6300)
    k_ic = random_bytes(16)
    e_ic = suite.encrypt(k_enc, rnd_ic + rnd_ifd + k_ic)
    session_seed = bytes(a ^ b for a, b in zip(k_ifd, k_ic, strict=True))
    session = ChipSession(
        suite,
        derive_key(session_seed, Counter.ENC, suite),
        derive_key(session_seed, Counter.MAC, suite),
        int.from_bytes(rnd_ic[4:] + rnd_ifd[4:], "big"),
    )
    return e_ic + suite.mac(k_mac, e_ic), session


@dataclass(slots=True)
class PACERun:
    """One PACE under way: the password's key, then what each GENERAL AUTHENTICATE has settled.

    session: set by the last step alone, when the terminal has shown that it knows the password.
    """

    oid: str
    suite: CipherSuite
    curve: Curve
    k_pi: bytes = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)
    nonce: bytes = field(default=b"", repr=False)
    generator: Point | None = None
    pk_ifd: Point | None = None
    pk_ic: Point | None = None
    session: ChipSession | None = None
    _pk_map_ic: Point | None = None
    _agreed: ChipSession | None = None

    def step(self, data: bytes, *, last: bool) -> bytes:
        """The answer to the next GENERAL AUTHENTICATE; Refusal for one out of order or out of shape.

        last: that its class byte says so, which must be true of the token and of nothing before it.
        """
        try:
            content = tlv.parse_one(data, tag=0x7C).children()
            found = content[0] if content else None
            if last is not bool(found and found.tag == 0x85):
                raise Refusal(0x6985)
            if found is None and not self.nonce:
                return tlv.encode(0x7C, tlv.encode(0x80, self._encrypted_nonce()))
            if found and found.tag == 0x81 and self.nonce and self.generator is None:
                return tlv.encode(0x7C, tlv.encode(0x82, self._map(found.value)))
            if found and found.tag == 0x83 and self.generator and self.pk_ifd is None:
                return tlv.encode(0x7C, tlv.encode(0x84, self._agree(found.value)))
            if found and found.tag == 0x85 and self._agreed:
                return tlv.encode(0x7C, tlv.encode(0x86, self._confirm(found.value)))
        except CardError as error:
            raise Refusal(0x6A80) from error
        raise Refusal(0x6985)

    def _encrypted_nonce(self) -> bytes:
        self.nonce = self.random_bytes(16)
        return self.suite.encrypt(self.k_pi, self.nonce)

    def _map(self, mapping_key: bytes) -> bytes:
        secret = random_scalar(self.curve, self.random_bytes)
        self._pk_map_ic = self.curve.generator * secret
        shared = self._others(mapping_key, self._pk_map_ic) * secret
        self.generator = self.curve.generator * (int.from_bytes(self.nonce, "big") % self.curve.n) + shared
        return self._pk_map_ic.encode()

    def _agree(self, terminal_key: bytes) -> bytes:
        assert self.generator is not None
        secret = random_scalar(self.curve, self.random_bytes)
        self.pk_ic = self.generator * secret
        self.pk_ifd = self._others(terminal_key, self.pk_ic)
        shared = (self.pk_ifd * secret).x_bytes
        ks_enc, ks_mac = (derive_key(shared, counter, self.suite) for counter in (Counter.ENC, Counter.MAC))
        self._agreed = ChipSession(self.suite, ks_enc, ks_mac)
        return self.pk_ic.encode()

    def _others(self, raw: bytes, own: Point) -> Point:
        """The terminal's key, which must not be the chip's own, sent back to it (9303-11 §4.4.1)."""
        key = Point.decode(self.curve, raw)
        if key == own:
            raise Refusal(0x6A80)
        return key

    def _confirm(self, token: bytes) -> bytes:
        assert self.pk_ic is not None and self.pk_ifd is not None
        if not hmac.compare_digest(self._token(self.pk_ic), token):
            raise Refusal(0x6300)
        self.session = self._agreed
        return self._token(self.pk_ifd)

    def _token(self, key: Point) -> bytes:
        assert self._agreed is not None
        content = tlv.encode(0x7F49, encode_oid(self.oid), tlv.encode(0x86, key.encode()))
        return self.suite.mac(self._agreed.ks_mac, content)


def start_pace(offered: tuple[PACEInfo, ...], passwords: Passwords, data: bytes, random_bytes: RandomBytes) -> PACERun:
    """The run that MSE:Set AT asks for; Refusal 6A80 for a protocol not offered, 6A88 for a password or domain
    parameters that the chip does not have."""
    try:
        objects = tlv.parse_all(data)
    except CardError as error:
        raise Refusal(0x6A80) from error
    values = {each.tag: each.value for each in objects}
    oid, curve = _parameters(offered, values.get(0x80, b""), values.get(0x84))
    suite = PACE_PROTOCOLS[oid].suite
    k_pi = derive_key(passwords.pace_seed(values.get(0x83, b"")), Counter.PACE, suite)
    return PACERun(oid, suite, curve, k_pi, random_bytes)


def _parameters(offered: tuple[PACEInfo, ...], oid: bytes, parameter_id: bytes | None) -> tuple[str, Curve]:
    """The protocol of that OID which the chip both offers and can do, and its curve: the first, unless one is named."""
    curves = {curve.parameter_id: curve for curve in CURVES}
    fitting = [
        (info.protocol, curves[info.parameter_id])
        for info in offered
        if oid_value(info.protocol) == oid and info.protocol in _GENERIC and info.parameter_id in curves
    ]
    if not fitting:
        raise Refusal(0x6A80)
    named = [each for each in fitting if parameter_id in (None, bytes((each[1].parameter_id,)))]
    if not named:
        raise Refusal(0x6A88)
    return named[0]
