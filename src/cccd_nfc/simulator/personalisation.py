"""Makes a synthetic card: person, keys, data groups, and the signature of a synthetic issuer over them.

Profiles: "cccd-2021" as cards of that series are, byte for byte where the bytes are known; "cccd-2021-short", the same
with short APDUs only; "passport-td3", a passport of the country UTO.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from cccd_nfc.crypto.curves import Curve, curve_by_name, curve_by_parameter_id, random_scalar
from cccd_nfc.crypto.public_keys import ECPublicKey, PublicKey, RSAPublicKey
from cccd_nfc.errors import UsageError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.com import encode_com
from cccd_nfc.lds.dg1 import encode_dg1
from cccd_nfc.lds.dg2 import encode_dg2
from cccd_nfc.lds.dg15 import encode_dg15
from cccd_nfc.lds.files import EF_CARD_ACCESS, EF_COM, EF_SOD, data_group
from cccd_nfc.lds.mrz import encode_td3
from cccd_nfc.lds.security_infos import (
    ChipAuthenticationInfo,
    PACEInfo,
    encode_active_authentication_info,
    encode_chip_authentication_info,
    encode_chip_authentication_public_key_info,
    encode_dg14,
    encode_pace_info,
    encode_security_infos,
    encode_terminal_authentication_info,
)
from cccd_nfc.protocol.object_identifiers import CA_ECDH_KEY
from cccd_nfc.sentences import Said
from cccd_nfc.simulator.card import CardData, CardSecrets, ChipBehaviour, ChipKeys
from cccd_nfc.simulator.issuance import Issuer, make_issuer
from cccd_nfc.simulator.person import Person, invent
from cccd_nfc.simulator.portrait import HEIGHT, draw_portrait
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.vietnam.card_mrz import make_mrz
from cccd_nfc.vietnam.dg13 import encode_dg13
from cccd_nfc.vietnam.names import mrz_names

PROFILES = ("cccd-2021", "cccd-2021-short", "passport-td3")

NO_EXPIRY = date(9999, 12, 31)
"""How secrets.json says that a card has no end: as YYMMDD it is the 991231 of the MRZ."""

_DG2_BYTES = 14_931  # of a CCCD that was seen
_DG2_AROUND_IMAGE = 84
_FINGERPRINTS = 2_000
_CCCD_ORDER = (1, 2, 3, 13, 15, 14)
_PASSPORT_ORDER = (1, 2, 14, 15)


CCCD_PACE = PACEInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a test may choose instead of the CCCD's own.

    pace: the PACEInfo offered, or None for a chip with BAC only.  ca_protocol, ca_curve: of Chip Authentication, or
    None for none.  aa: "rsa", the name of a curve for ECDSA, or None.  expired: whether the card ran out last year.
    born: the holder's birth date, for a child or an old person.
    """

    pace: PACEInfo | None = CCCD_PACE
    ca_protocol: str | None = "0.4.0.127.0.7.2.2.3.2.2"
    ca_curve: str = "brainpoolP256r1"
    aa: str | None = "rsa"
    expired: bool = False
    born: date | None = None


CCCD = Choices()


def personalise(profile: str, *, seed: int | None, today: date, choices: Choices = CCCD) -> CardData:
    """A card of `profile`; the same seed, day and choices give the same bytes. UsageError for an unknown profile."""
    if profile not in PROFILES:
        raise UsageError(
            Said("no profile {profile}; there are {profiles}", profile=repr(profile), profiles=", ".join(PROFILES))
        )
    person = invent(SeededBytes(seed, "person"), today, choices.born)
    if choices.expired:
        person = _run_out(person, today)
    passport = profile == "passport-td3"
    lines = _passport_mrz(person, seed) if passport else _card_mrz(person)
    keys, files = _keys_and_infos(seed, choices)
    files[data_group(1).name] = encode_dg1(lines)
    files[data_group(2).name] = _portrait(person, seed)
    if not passport:
        files[data_group(3).name] = tlv.encode(data_group(3).tag, SeededBytes(seed, "fingers")(_FINGERPRINTS))
        files[data_group(13).name] = encode_dg13(person.citizen)
    order = tuple(n for n in (_PASSPORT_ORDER if passport else _CCCD_ORDER) if data_group(n).name in files)
    files[EF_COM.name] = encode_com(order)
    issuer = make_issuer(SeededBytes(seed, "issuer"), person.issued, country="UT" if passport else "VN")
    files[EF_SOD.name] = issuer.sign(files, tuple(sorted(order)))
    return CardData(
        files=files,
        secrets=_secrets(person, lines, passport),
        keys=keys,
        behaviour=_behaviour(profile, choices),
        trust=_trust(issuer, today),
    )


def _behaviour(profile: str, choices: Choices) -> ChipBehaviour:
    behaviour = ChipBehaviour(pace=choices.pace is not None)
    if profile == "cccd-2021-short":
        return replace(behaviour, max_response=256, extended_length=False)
    return replace(behaviour, select_mf_sw=0x9000) if profile == "passport-td3" else behaviour


def _trust(issuer: Issuer, today: date) -> dict[str, bytes]:
    return {"csca.cer": issuer.csca_der, "csca.crl": issuer.crl(today)}


# --- the person -----------------------------------------------------------------------------------------------------


def _run_out(person: Person, today: date) -> Person:
    expires = today - timedelta(days=200)
    texts = {**person.citizen.texts, "expiry_date": f"{expires:%d/%m/%Y}"}
    return replace(person, expires=expires, citizen=replace(person.citizen, texts=texts))


def _card_mrz(person: Person) -> tuple[str, ...]:
    return make_mrz(person.number, person.birth, person.sex, person.expires, mrz_names(person.full_name))


def _passport_mrz(person: Person, seed: int | None) -> tuple[str, ...]:
    return encode_td3(
        document_code="P",
        issuer="UTO",
        document_number="C" + SeededBytes(seed, "passport").digits(8),
        birth_date=f"{person.birth:%y%m%d}",
        sex=person.sex,
        expiry_date=f"{_expires(person):%y%m%d}",
        nationality="UTO",
        names=mrz_names(person.full_name),
    )


def _expires(person: Person) -> date:
    """A passport always ends: after ten years where the card of the same person does not."""
    return person.expires or person.issued + timedelta(days=3650)


def _secrets(person: Person, lines: tuple[str, ...], passport: bool) -> CardSecrets:
    document_number = lines[1][:9].rstrip("<") if passport else person.number[-9:]
    return CardSecrets(
        number=person.number,
        can=person.number[-6:],
        mrz="\n".join(lines),
        document_number=document_number,
        birth_date=person.birth.isoformat(),
        expiry_date=(_expires(person) if passport else person.expires or NO_EXPIRY).isoformat(),
    )


def _portrait(person: Person, seed: int | None) -> bytes:
    image = draw_portrait(SeededBytes(seed, "portrait"), person.sex, size=_DG2_BYTES - _DG2_AROUND_IMAGE)
    return encode_dg2(image, width=480, height=HEIGHT)  # the CCCD's record states 480 x 400, wrongly


# --- the chip's keys ------------------------------------------------------------------------------------------------


def _keys_and_infos(seed: int | None, choices: Choices) -> tuple[ChipKeys, dict[str, bytes]]:
    """The private keys, and EF.CardAccess, EF.DG14, EF.DG15 that publish what belongs to them."""
    files: dict[str, bytes] = {}
    shared = [encode_terminal_authentication_info()]
    if choices.ca_protocol:
        shared.append(encode_chip_authentication_info(ChipAuthenticationInfo(choices.ca_protocol, 1)))
    if choices.pace:
        shared.append(encode_pace_info(choices.pace))
        files[EF_CARD_ACCESS.name] = encode_security_infos(shared)
    infos, ca_key = list(shared), None
    if choices.ca_protocol:
        public, ca_key = _ec_pair(curve_by_name(choices.ca_curve), SeededBytes(seed, "chip authentication"))
        infos.append(encode_chip_authentication_public_key_info(CA_ECDH_KEY, public))
    aa_key = None
    if choices.aa:
        aa_public, aa_key = _aa_pair(choices.aa, seed)
        files[data_group(15).name] = encode_dg15(aa_public)
        if choices.aa != "rsa":
            infos.append(encode_active_authentication_info("0.4.0.127.0.7.1.1.4.1.3"))
    files[data_group(14).name] = encode_dg14(infos)
    return ChipKeys(aa_key, ca_key), files


def _aa_pair(kind: str, seed: int | None) -> tuple[PublicKey, bytes]:
    random = SeededBytes(seed, "active authentication")
    return _rsa_pair(random) if kind == "rsa" else _ec_pair(curve_by_name(kind), random)


def _rsa_pair(random: Callable[[int], bytes]) -> tuple[RSAPublicKey, bytes]:
    from Crypto.PublicKey import RSA

    pair = RSA.generate(2048, randfunc=random)
    return RSAPublicKey(int(pair.n), int(pair.e)), bytes(pair.export_key("DER", pkcs=8))


def _ec_pair(curve: Curve, random: Callable[[int], bytes]) -> tuple[ECPublicKey, bytes]:
    """PKCS #8 with the curve by name: its OID, the scalar, and nothing more (RFC 5915)."""
    from asn1crypto import core

    scalar = random_scalar(curve, random)
    private = tlv.encode(0x30, b"\x02\x01\x01", tlv.encode(0x04, scalar.to_bytes(curve.order_size, "big")))
    oids: list[Any] = [core.ObjectIdentifier("1.2.840.10045.2.1"), core.ObjectIdentifier(curve.oid)]
    algorithm = tlv.encode(0x30, *(bytes(oid.dump()) for oid in oids))
    pkcs8 = tlv.encode(0x30, b"\x02\x01\x00", algorithm, tlv.encode(0x04, private))
    return ECPublicKey(curve.generator * scalar), pkcs8


def pace_info(oid: str, parameter_id: int) -> PACEInfo:
    """A PACEInfo of version 2 over a standardised curve, for `Choices`."""
    return PACEInfo(oid, 2, curve_by_parameter_id(parameter_id).parameter_id)
