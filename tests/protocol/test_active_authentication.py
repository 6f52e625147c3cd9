"""Active Authentication: what is sent and recorded, and which answers are signatures over our challenge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point, curve_by_parameter_id
from cccd_nfc.crypto.public_keys import ECPublicKey, RSAPublicKey
from cccd_nfc.errors import SignatureError, UnsupportedError
from cccd_nfc.evidence import ActiveAuthenticationRecord
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import run
from cccd_nfc.lds.security_infos import ActiveAuthenticationInfo
from cccd_nfc.protocol.active_authentication import active_authentication, verify_active_authentication
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from conftest import load_vector
from support import AnsweringCard

AA = load_vector("aa_vectors")
RSA, ECDSA = AA["rsa"], AA["ecdsa"]
F = load_vector("aa_rsa_9303-11_F")
CHALLENGE = bytes.fromhex(F["rnd_ifd"])
HASH_ARCS = {"sha1": 1, "sha224": 2, "sha256": 3, "sha384": 4, "sha512": 5}


# --- the conversation -------------------------------------------------------------------------------------------------


def test_the_command_is_that_of_appendix_f() -> None:
    card = AnsweringCard([F["signature"] + "9000"])
    record = run(active_authentication(CHALLENGE, 128), card)
    assert card.commands == [bytes.fromhex(F["internal_auth_cmd"])]
    assert record == ActiveAuthenticationRecord(CHALLENGE, bytes.fromhex(F["signature"]), 0x9000)


@pytest.mark.parametrize(("size", "ne"), [(64, 256), (256, 256), (384, 384), (512, 512)])
def test_le_is_chosen_for_the_signature_that_the_key_makes(size: int, ne: int) -> None:
    card = AnsweringCard(["9000"])
    run(active_authentication(CHALLENGE, size), card)
    assert CommandAPDU.parse(card.commands[0]).ne == ne


@pytest.mark.parametrize(("size", "extended"), [(64, False), (132, False), (128, False), (256, True), (384, True)])
def test_inside_a_session_length_is_extended_only_where_the_answer_needs_it(size: int, extended: bool) -> None:
    channel = Channel(SessionKeys.derive(b"any", CipherSuite.AES128))
    command = next(active_authentication(CHALLENGE, size))
    assert isinstance(command, CommandAPDU)
    assert channel.protect(command).is_extended is extended


@pytest.mark.parametrize("sw", [0x6300, 0x6982, 0x6985, 0x6A80, 0x6A88, 0x6D00])
def test_a_refusal_is_recorded_and_is_no_signature(sw: int) -> None:
    record = run(active_authentication(CHALLENGE, 256), AnsweringCard([f"{sw:04X}"]))
    assert record == ActiveAuthenticationRecord(CHALLENGE, b"", sw)
    with pytest.raises(SignatureError, match=f"{sw:04X}"):
        verify_active_authentication(record, rsa_key(RSA[1]), None)


# --- RSA --------------------------------------------------------------------------------------------------------------


def rsa_key(row: dict[str, Any]) -> RSAPublicKey:
    return RSAPublicKey(int(row["modulus"], 16), int(row["exponent"], 16))


def record_of(row: dict[str, Any], signature: str) -> ActiveAuthenticationRecord:
    return ActiveAuthenticationRecord(bytes.fromhex(row["rnd_ifd"]), bytes.fromhex(signature))


@pytest.mark.parametrize("row", RSA, ids=lambda row: row["source"][:60])
def test_each_rsa_vector_is_judged_as_it_must_be(row: dict[str, Any]) -> None:
    record = record_of(row, row["signature"])
    if row["valid"]:
        shown = verify_active_authentication(record, rsa_key(row), None).description
        assert shown == f"RSA-1024, ISO 9796-2, {row['hash'].upper().replace('SHA', 'SHA-')}"
    else:
        with pytest.raises(SignatureError):
            verify_active_authentication(record, rsa_key(row), None)


@given(bit=st.integers(0, 1023))
def test_every_flipped_bit_of_an_rsa_signature_is_refused(bit: int) -> None:
    row = RSA[1]
    flipped = f"{int(row['signature'], 16) ^ 1 << bit:0256X}"
    with pytest.raises(SignatureError):
        verify_active_authentication(record_of(row, flipped), rsa_key(row), None)


@given(signature=st.binary(max_size=130))
def test_9000_with_nonsense_is_a_failure(signature: bytes) -> None:
    record = ActiveAuthenticationRecord(CHALLENGE, signature)
    for key in (rsa_key(RSA[1]), ec_key(ECDSA[3])):
        with pytest.raises(SignatureError):
            verify_active_authentication(record, key, None)


# --- ECDSA ------------------------------------------------------------------------------------------------------------


def ec_key(row: dict[str, Any]) -> ECPublicKey:
    return ECPublicKey(Point.decode(curve_by_parameter_id(row["parameter_id"]), bytes.fromhex(row["public_key"])))


def as_der(plain: str) -> str:
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = len(plain) // 2
    return encode_dss_signature(int(plain[:half], 16), int(plain[half:], 16)).hex()


def info(hash_name: str, family: str = "0.4.0.127.0.7.1.1.4.1") -> ActiveAuthenticationInfo:
    return ActiveAuthenticationInfo(1, f"{family}.{HASH_ARCS[hash_name]}")


@pytest.mark.parametrize("row", ECDSA, ids=lambda row: f"{row['parameter_id']} {row['hash']}")
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("form", ["plain", "DER"])
def test_ecdsa_is_taken_in_both_forms_with_its_hash_stated_or_not(row: dict[str, Any], stated: bool, form: str) -> None:
    signature = row["signature_plain"] if form == "plain" else as_der(row["signature_plain"])
    shown = verify_active_authentication(
        record_of(row, signature), ec_key(row), info(row["hash"]) if stated else None
    ).description
    name = curve_by_parameter_id(row["parameter_id"]).name
    assert name in shown
    assert shown.endswith(f"ECDSA, {row['hash'].upper().replace('SHA', 'SHA-')}")


@pytest.mark.parametrize("row", ECDSA, ids=lambda row: f"{row['parameter_id']} {row['hash']}")
def test_another_challenge_is_refused(row: dict[str, Any]) -> None:
    other = {**row, "rnd_ifd": "F173589974BF40C7"}
    with pytest.raises(SignatureError, match="challenge"):
        verify_active_authentication(record_of(other, row["signature_plain"]), ec_key(row), None)


def test_a_hash_that_is_not_the_stated_one_is_refused() -> None:
    row = ECDSA[3]
    with pytest.raises(SignatureError):
        verify_active_authentication(record_of(row, row["signature_plain"]), ec_key(row), info("sha512"))


def test_sha_1_is_not_guessed() -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    key = ECPublicKey(Point(curve_by_parameter_id(12), numbers.x, numbers.y))
    signature = private.sign(CHALLENGE, ec.ECDSA(hashes.SHA1()))
    record = ActiveAuthenticationRecord(CHALLENGE, signature)
    with pytest.raises(SignatureError):
        verify_active_authentication(record, key, None)
    assert verify_active_authentication(record, key, info("sha1")).description.endswith("SHA-1")


def test_an_unknown_algorithm_is_unsupported_not_wrong() -> None:
    row = ECDSA[3]
    with pytest.raises(UnsupportedError, match=r"1\.2\.3"):
        verify_active_authentication(
            record_of(row, row["signature_plain"]), ec_key(row), ActiveAuthenticationInfo(1, "1.2.3")
        )
