"""BAC against ICAO 9303-11 D.3, and every way in which a chip can get it wrong."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import (
    AccessDeniedError,
    AuthenticationError,
    CccdError,
    EncodingError,
    StatusWordError,
    UsageError,
)
from cccd_nfc.iso7816.flow import run
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel
from conftest import load_vector
from support import AnsweringCard, ScriptedCard, given_random

D3 = load_vector("bac_9303-11_D")["d3"]
PASSWORD = Password.mrz("L898902C", "690806", "940623")
CHALLENGE = D3["get_challenge_rsp"]
ANSWER = bytes.fromhex(D3["ext_auth_rsp"])[:40]


def run_with(*answers: str) -> tuple[Channel, AnsweringCard]:
    card = AnsweringCard(answers)
    return run(basic_access_control(PASSWORD, given_random(D3["rnd_ifd"], D3["k_ifd"])), card), card


def test_bac_is_the_conversation_of_d3() -> None:
    card = ScriptedCard(
        [(D3["get_challenge_cmd"], CHALLENGE), (D3["ext_auth_cmd"], ANSWER.hex() + "9000")],
    )
    channel = run(basic_access_control(PASSWORD, given_random(D3["rnd_ifd"], D3["k_ifd"])), card)
    assert card.at == 2
    assert channel.keys.ks_enc.hex().upper() == D3["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == D3["ks_mac"]
    assert channel.ssc == int(D3["ssc"], 16)


@pytest.mark.parametrize("at", range(len(ANSWER)))
def test_every_flipped_bit_of_the_answer_is_refused(at: int) -> None:
    for bit in range(8):
        flipped = ANSWER[:at] + bytes((ANSWER[at] ^ 1 << bit,)) + ANSWER[at + 1 :]
        with pytest.raises(AuthenticationError):
            run_with(CHALLENGE, flipped.hex() + "9000")


@pytest.mark.parametrize("length", range(len(ANSWER)))
def test_every_cut_of_the_answer_is_refused(length: int) -> None:
    with pytest.raises(EncodingError):
        run_with(CHALLENGE, ANSWER[:length].hex() + "9000")


def test_an_answer_to_another_challenge_is_refused() -> None:
    with pytest.raises(AuthenticationError, match="challenge"):
        run_with("00" * 8 + "9000", ANSWER.hex() + "9000")


def test_our_own_message_sent_back_is_refused() -> None:
    with pytest.raises(AuthenticationError, match="challenge"):
        run_with(CHALLENGE, D3["ext_auth_cmd"][10:90] + "9000")


@pytest.mark.parametrize("sw", ["6300", "63C2", "6982", "6985", "6988", "6A80", "6A88"])
def test_a_wrong_mrz_is_access_denied_after_one_try(sw: str) -> None:
    card = AnsweringCard([CHALLENGE, sw])
    with pytest.raises(AccessDeniedError, match="MRZ") as caught:
        run(basic_access_control(PASSWORD, given_random(D3["rnd_ifd"], D3["k_ifd"])), card)
    assert caught.value.sw == int(sw, 16)
    assert len(card.commands) == 2


@pytest.mark.parametrize("answers", [["6D00"], ["6985"], [CHALLENGE, "6F00"], [CHALLENGE, "6983"], [CHALLENGE, "6700"]])
def test_other_status_words_are_named(answers: list[str]) -> None:
    with pytest.raises(StatusWordError, match=answers[-1]):
        run_with(*answers)


@pytest.mark.parametrize("challenge", ["9000", "00" * 7 + "9000", "00" * 9 + "9000", "", "90"])
def test_a_challenge_of_another_length_is_refused(challenge: str) -> None:
    with pytest.raises(CccdError):
        run_with(challenge)


def test_le_00_is_tried_where_le_28_is_a_wrong_length() -> None:
    channel, card = run_with(CHALLENGE, "6700", ANSWER.hex() + "9000")
    assert channel.ssc == int(D3["ssc"], 16)
    assert [command[-1] for command in card.commands[1:]] == [0x28, 0x00]


def test_only_the_mrz_opens_bac() -> None:
    with pytest.raises(UsageError, match="MRZ"):
        run(basic_access_control(Password.can("123456"), given_random()), AnsweringCard([CHALLENGE]))
