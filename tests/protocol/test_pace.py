"""PACE against ICAO 9303-11 G.1 and every curve with every cipher, and against chips that misbehave at each step."""

from __future__ import annotations

from typing import Any

import pytest

from cccd_nfc.crypto.curves import CURVES, Point, curve_by_parameter_id
from cccd_nfc.errors import AccessDeniedError, AuthenticationError, CccdError, StatusWordError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import run
from cccd_nfc.lds.security_infos import PACEInfo
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS
from cccd_nfc.protocol.pace import is_supported, pace, preferred
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel
from conftest import load_vector
from support import AnsweringCard, ScriptedCard, given_random

G1 = load_vector("pace_ecdh_gm_9303-11_G1")
MATRIX = [row for row in load_vector("pace_gm_matrix")["vectors"] if row["parameter_id"] >= 8]
OIDS = {protocol.name: oid for oid, protocol in PACE_PROTOCOLS.items()}
INFO = PACEInfo(G1["oid"], 2, 13)
PASSWORD = Password.mrz("T22000129", "640812", "101031")
CURVE = curve_by_parameter_id(13)

ANSWERS = [G1["mse_rsp"], *(G1[f"ga{step}_rsp"] for step in range(1, 5))]
MSE, NONCE, MAP, AGREE, TOKEN = range(5)


def run_with(answers: list[str], *, offered: tuple[PACEInfo, ...] = (INFO,)) -> tuple[Channel, list[bytes]]:
    """The channel and the commands it took, with a chip that gives these answers to whatever it is asked."""
    card = AnsweringCard(answers)
    random_bytes = given_random(G1["map_ifd_priv"], G1["ka_ifd_priv"])
    return run(pace(INFO, PASSWORD, random_bytes, offered=offered), card), card.commands


def with_answer(step: int, answer: str) -> list[str]:
    return [*ANSWERS[:step], answer, *ANSWERS[step + 1 :]]


# --- worked examples --------------------------------------------------------------------------------------------------


def test_pace_is_the_conversation_of_g1() -> None:
    lines = [(G1["mse_cmd"], G1["mse_rsp"])]
    for step in range(1, 5):
        command = G1[f"ga{step}_cmd"]
        has_le = CommandAPDU.parse(bytes.fromhex(command)).ne > 0
        lines.append((command if has_le else command + "00", G1[f"ga{step}_rsp"]))
    card = ScriptedCard(lines)
    channel = run(pace(INFO, PASSWORD, given_random(G1["map_ifd_priv"], G1["ka_ifd_priv"])), card)
    assert card.at == 5
    assert channel.keys.ks_enc.hex().upper() == G1["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == G1["ks_mac"]
    assert channel.ssc == 0


def answer_of(tag: int, value: str) -> str:
    return tlv.encode(0x7C, tlv.encode(tag, bytes.fromhex(value))).hex() + "9000"


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row['protocol']}-{row['parameter_id']}")
def test_every_curve_with_every_cipher_gives_the_keys_of_its_row(row: dict[str, Any]) -> None:
    answers = [(0x80, "nonce_z"), (0x82, "map_ic_pub"), (0x84, "ka_ic_pub"), (0x86, "t_ic")]
    card = AnsweringCard(["9000", *(answer_of(tag, row[name]) for tag, name in answers)])
    info = PACEInfo(OIDS[row["protocol"]], 2, row["parameter_id"])
    random_bytes = given_random(row["map_ifd_priv"], row["ka_ifd_priv"])
    channel = run(pace(info, Password.can(row["can"]), random_bytes), card)
    assert channel.keys.ks_enc.hex().upper() == row["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == row["ks_mac"]
    sent = [CommandAPDU.parse(command) for command in card.commands]
    for command, name in zip(sent[2:], ("map_ifd_pub", "ka_ifd_pub", "t_ifd"), strict=True):
        assert command.data.hex().upper().endswith(row[name]), name
    assert [command.cla for command in sent] == [0x00, 0x10, 0x10, 0x10, 0x00]


def test_the_matrix_has_all_eleven_curves_and_all_four_ciphers() -> None:
    assert {row["parameter_id"] for row in MATRIX} == {curve.parameter_id for curve in CURVES} == set(range(8, 19))
    assert len({row["protocol"] for row in MATRIX}) == 4


# --- which PACE -------------------------------------------------------------------------------------------------------


def test_the_strongest_supported_pace_is_preferred() -> None:
    weak, strong = PACEInfo("0.4.0.127.0.7.2.2.4.2.1", 2, 12), PACEInfo("0.4.0.127.0.7.2.2.4.2.4", 2, 16)
    integrated = PACEInfo("0.4.0.127.0.7.2.2.4.4.4", 2, 18)
    assert preferred([weak, integrated, strong]) == strong
    assert preferred([integrated]) is None


@pytest.mark.parametrize(
    ("oid", "parameter_id"),
    [(G1["oid"], None), (G1["oid"], 2), (G1["oid"], 7), (G1["oid"], 19), ("0.4.0.127.0.7.2.2.4.1.2", 2), ("1.2", 13)],
)
def test_what_is_not_supported_is_refused_before_anything_is_sent(oid: str, parameter_id: int | None) -> None:
    info, card = PACEInfo(oid, 2, parameter_id), AnsweringCard(["9000"])
    assert not is_supported(info)
    with pytest.raises(UnsupportedError, match="not supported"):
        run(pace(info, PASSWORD, given_random()), card)
    assert card.commands == []


# --- domain parameters in MSE:Set AT ----------------------------------------------------------------------------------


def names_parameters(command: bytes) -> bool:
    return tlv.find(tlv.parse_all(CommandAPDU.parse(command).data), 0x84) is not None


@pytest.mark.parametrize("sw", ["6A80", "6A87", "6A88"])
@pytest.mark.parametrize("ambiguous", [False, True])
def test_domain_parameters_are_named_by_the_rule_and_then_once_the_other_way(ambiguous: bool, sw: str) -> None:
    offered = (INFO, PACEInfo(G1["oid"], 2, 12)) if ambiguous else (INFO,)
    channel, commands = run_with([sw, *ANSWERS], offered=offered)
    assert channel.keys.ks_enc.hex().upper() == G1["ks_enc"]
    assert [names_parameters(command) for command in commands[:2]] == [ambiguous, not ambiguous]
    assert names_parameters(run_with(ANSWERS, offered=offered)[1][0]) is ambiguous


# --- chips that misbehave ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "at"), [(step, at) for step in range(NONCE, TOKEN + 1) for at in range(len(ANSWERS[step]) // 2 - 2)]
)
def test_every_flipped_bit_of_the_chips_answers_is_refused(step: int, at: int) -> None:
    raw = bytes.fromhex(ANSWERS[step])
    for bit in range(8):
        flipped = raw[:at] + bytes((raw[at] ^ 1 << bit,)) + raw[at + 1 :]
        with pytest.raises(CccdError):
            run_with(with_answer(step, flipped.hex()))


@pytest.mark.parametrize("step", range(NONCE, TOKEN + 1))
def test_every_cut_of_the_chips_answers_is_refused(step: int) -> None:
    raw = bytes.fromhex(ANSWERS[step])
    for length in range(len(raw) - 2):
        for answer in (raw[:length], raw[:length] + b"\x90\x00"):
            with pytest.raises(CccdError):
                run_with(with_answer(step, answer.hex()))


@pytest.mark.parametrize("step", range(MSE, TOKEN + 1))
@pytest.mark.parametrize("sw", ["6300", "63C1", "6982", "6A80", "6A88", "6983", "6FFF", ""])
def test_a_refusal_at_any_step_ends_pace_without_another_try(step: int, sw: str) -> None:
    card = AnsweringCard([*ANSWERS[:step], sw])
    with pytest.raises(CccdError):
        run(pace(INFO, PASSWORD, given_random(G1["map_ifd_priv"], G1["ka_ifd_priv"])), card)
    retried_or_warned = step == MSE and sw in ("6A80", "6A88", "63C1")
    assert len(card.commands) == step + (2 if retried_or_warned else 1)


@pytest.mark.parametrize(
    ("sw", "tries"), [("6300", None), ("63C1", 1), ("63C0", 0), ("6982", None), ("6988", None), ("6A80", None)]
)
def test_a_wrong_password_comes_to_light_at_the_token(sw: str, tries: int | None) -> None:
    with pytest.raises(AccessDeniedError, match=r"did not accept the password .*AES-128 on brainpoolP256r1") as caught:
        run_with(with_answer(TOKEN, sw))
    assert caught.value.tries_left == tries
    assert caught.value.sw == int(sw, 16)


@pytest.mark.parametrize("step", [MSE, NONCE, TOKEN])
def test_a_blocked_password_is_said_to_be_blocked(step: int) -> None:
    with pytest.raises(AccessDeniedError, match="blocked") as caught:
        run_with(with_answer(step, "6983"))
    assert caught.value.tries_left == 0


def test_a_password_that_the_chip_does_not_have_is_named() -> None:
    with pytest.raises(StatusWordError, match="with the MRZ"):
        run_with(["6A88", "6A88"])


def test_a_warning_of_few_tries_left_does_not_stop_pace() -> None:
    assert run_with(with_answer(MSE, "63C2"))[0].keys.ks_enc.hex().upper() == G1["ks_enc"]


@pytest.mark.parametrize(("step", "tag", "own"), [(MAP, 0x82, "map_ifd_pub"), (AGREE, 0x84, "ka_ifd_pub")])
def test_an_echoed_key_is_refused(step: int, tag: int, own: str) -> None:
    with pytest.raises(AuthenticationError, match="echoes"):
        run_with(with_answer(step, answer_of(tag, G1[own])))


def test_a_mapping_key_used_again_is_refused() -> None:
    with pytest.raises(AuthenticationError, match="mapping key once more"):
        run_with(with_answer(AGREE, answer_of(0x84, G1["map_ic_pub"])))


def off_curve() -> str:
    return (b"\x04" + CURVE.generator.x_bytes + CURVE.generator.x_bytes).hex()


@pytest.mark.parametrize("step", [MAP, AGREE])
@pytest.mark.parametrize(
    "key",
    [
        "00",
        "",
        off_curve(),
        "02" + CURVE.generator.x_bytes.hex(),
        curve_by_parameter_id(12).generator.encode().hex(),
        "04" + "00" * 64,
    ],
    ids=["infinity", "nothing", "off the curve", "compressed", "another curve", "zeros"],
)
def test_a_key_that_is_no_point_of_the_curve_is_refused(step: int, key: str) -> None:
    with pytest.raises(CccdError):
        run_with(with_answer(step, answer_of(0x80 + 2 * (step - 1), key)))


def test_a_mapping_that_ends_at_infinity_is_refused() -> None:
    """A chip that knows s and our mapping secret, as no chip does, could make s * G + H vanish."""
    s = int(G1["nonce_s"], 16)
    secret = int(G1["map_ifd_priv"], 16)
    key = CURVE.generator * (-s * pow(secret, -1, CURVE.n) % CURVE.n)
    assert isinstance(key, Point)
    with pytest.raises(CccdError, match="infinity"):
        run_with(with_answer(MAP, answer_of(0x82, key.encode().hex())))


@pytest.mark.parametrize("size", [0, 8, 15, 17, 80])
def test_a_nonce_that_is_not_whole_blocks_is_refused(size: int) -> None:
    with pytest.raises(CccdError, match="nonce"):
        run_with(with_answer(NONCE, answer_of(0x80, "00" * size)))


def test_a_nonce_of_two_blocks_is_taken() -> None:
    with pytest.raises(AuthenticationError, match="token"):
        run_with(with_answer(NONCE, answer_of(0x80, "00" * 32)))


def test_data_objects_beside_the_token_are_left_alone() -> None:
    token = tlv.encode(0x86, bytes.fromhex(G1["t_ic"]))
    answer = tlv.encode(0x7C, token, tlv.encode(0x87, b"a reference"), tlv.encode(0x88, b"another")).hex() + "9000"
    assert run_with(with_answer(TOKEN, answer))[0].ssc == 0
