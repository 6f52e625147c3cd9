"""The chip's side of BAC and PACE: the worked examples from its end, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cccd_nfc.crypto.curves import curve_by_parameter_id
from cccd_nfc.errors import AccessDeniedError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import run
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.mrz import encode_td3
from cccd_nfc.lds.security_infos import PACEInfo, encode_pace_info, encode_security_infos
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS
from cccd_nfc.protocol.pace import pace
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.simulator.card import CardData, CardSecrets
from cccd_nfc.simulator.chip import Chip
from conftest import load_vector
from simulator_support import SELECT_APPLICATION, Terminal, card_of
from support import given_random

BAC = load_vector("bac_9303-11_D")
D3, D4 = BAC["d3"], BAC["d4"]
G1 = load_vector("pace_ecdh_gm_9303-11_G1")
MATRIX = [row for row in load_vector("pace_gm_matrix")["vectors"] if row["parameter_id"] >= 8]
OIDS = {protocol.name: oid for oid, protocol in PACE_PROTOCOLS.items()}
INFO = PACEInfo(G1["oid"], 2, 13)

GET_CHALLENGE = "0084000008"
READ_COM, READ_CARD_ACCESS = "00B09E0000", "00B09C0000"
MSE = f"0022C1A40F800A{oid_value(G1['oid']).hex()}8301"
MSE_MRZ, MSE_CAN = MSE + "01", MSE + "02"
ASK_NONCE = "10860000027C0000"


def card_with(
    document_number: str = "L898902C",
    birth: str = "690806",
    expiry: str = "940623",
    can: str = "123456",
    **files: bytes,
) -> CardData:
    lines = encode_td3(
        document_code="P",
        issuer="UTO",
        document_number=document_number,
        birth_date=birth,
        sex="F",
        expiry_date=expiry,
        nationality="UTO",
        names="ERIKSSON<<ANNA",
    )
    secrets = CardSecrets("", can, "\n".join(lines), document_number, "", "")
    return CardData({name.replace("_", "."): content for name, content in files.items()}, secrets)


def card_offering(*infos: PACEInfo, can: str = "123456") -> CardData:
    return card_with(
        "T22000129", "640812", "101031", can, EF_CardAccess=encode_security_infos(map(encode_pace_info, infos))
    )


# --- worked examples --------------------------------------------------------------------------------------------------


def test_bac_and_the_session_after_it_are_those_of_d3_and_d4() -> None:
    card = card_with(EF_COM=bytes.fromhex(D4["ef_com"]))
    terminal = Terminal(card, given_random(D3["rnd_ic"], D3["k_ic"]))
    assert terminal.sw(SELECT_APPLICATION) == 0x9000
    lines = [(D3["get_challenge_cmd"], D3["get_challenge_rsp"]), (D3["ext_auth_cmd"], D3["ext_auth_rsp"])]
    lines += [(each["protected_cmd"], each["protected_rsp"]) for each in D4["exchanges"]]
    for command, response in lines:
        assert terminal.ask(command).encode().hex().upper() == response


def test_pace_is_the_conversation_of_g1() -> None:
    terminal = Terminal(card_offering(INFO), given_random(G1["nonce_s"], G1["map_ic_priv"], G1["ka_ic_priv"]))
    assert terminal.sw(G1["mse_cmd"]) == 0x9000
    for step in range(1, 5):
        assert terminal.ask(G1[f"ga{step}_cmd"]).encode().hex().upper() == G1[f"ga{step}_rsp"], f"step {step}"


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row['protocol']}-{row['parameter_id']}")
def test_every_curve_with_every_cipher_gives_the_answers_of_its_row(row: dict[str, Any]) -> None:
    info = PACEInfo(OIDS[row["protocol"]], 2, row["parameter_id"])
    card = card_offering(info, can=row["can"])
    terminal = Terminal(card, given_random(row["nonce_s"], row["map_ic_priv"], row["ka_ic_priv"]))
    mse = tlv.encode(0x80, oid_value(info.protocol)) + b"\x83\x01\x02"
    assert terminal.sw(CommandAPDU(0, 0x22, 0xC1, 0xA4, mse).encode().hex(), ASK_NONCE) == 0x9000
    steps = [(0x81, "map_ifd_pub", "map_ic_pub"), (0x83, "ka_ifd_pub", "ka_ic_pub"), (0x85, "t_ifd", "t_ic")]
    for tag, ifd, ic in steps:
        data = tlv.encode(0x7C, tlv.encode(tag, bytes.fromhex(row[ifd])))
        command = CommandAPDU(0x00 if tag == 0x85 else 0x10, 0x86, 0, 0, data, ne=256)
        answer = terminal.ask(command.encode().hex())
        assert answer.data == tlv.encode(0x7C, tlv.encode(tag + 1, bytes.fromhex(row[ic]))), ic


# --- wrong passwords --------------------------------------------------------------------------------------------------


def test_a_wrong_can_comes_to_light_at_the_last_step_and_costs_nothing_else() -> None:
    terminal = Terminal()
    with pytest.raises(AccessDeniedError) as caught:
        run(pace(INFO, Password.can("000000"), terminal.random), terminal)
    assert caught.value.sw == 0x6300
    assert terminal.open_by_can().ask_protected(READ_COM).is_ok


def test_a_wrong_mrz_is_6300_and_the_challenge_is_used_up() -> None:
    terminal = Terminal()
    assert terminal.sw(SELECT_APPLICATION) == 0x9000
    wrong = Password.mrz("123456789", "900101", "300101")
    with pytest.raises(AccessDeniedError) as caught:
        run(basic_access_control(wrong, terminal.random), terminal)
    assert caught.value.sw == 0x6300
    assert terminal.sw(f"0082000028{'00' * 40}28") == 0x6985
    assert terminal.sw(READ_COM) == 0x6982
    assert terminal.open_by_mrz().ask_protected(READ_COM).is_ok


def test_an_answer_to_another_challenge_opens_nothing() -> None:
    card = card_with(EF_COM=bytes.fromhex(D4["ef_com"]))
    terminal = Terminal(card, given_random("00" * 8))
    assert terminal.sw(SELECT_APPLICATION, GET_CHALLENGE, D3["ext_auth_cmd"]) == 0x6300


@pytest.mark.parametrize("reference", ["00", "03", "04", "0201", ""])
def test_the_card_has_no_pin_and_no_puk(reference: str) -> None:
    data = tlv.encode(0x80, oid_value(G1["oid"])) + tlv.encode(0x83, bytes.fromhex(reference))
    assert Terminal().sw(CommandAPDU(0, 0x22, 0xC1, 0xA4, data).encode().hex()) == 0x6A88


# --- which PACE -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "sw"),
    [
        (tlv.encode(0x80, oid_value("0.4.0.127.0.7.2.2.4.2.4")) + b"\x83\x01\x02", 0x6A80),  # AES-256 is not offered
        (tlv.encode(0x80, oid_value("0.4.0.127.0.7.2.2.4.4.2")) + b"\x83\x01\x02", 0x6A80),  # nor integrated mapping
        (b"\x83\x01\x02", 0x6A80),
        (b"\x80\x0a\x04", 0x6A80),
        (b"", 0x6A80),
        (tlv.encode(0x80, oid_value(G1["oid"])) + b"\x83\x01\x02\x84\x01\x0d", 0x9000),
        (tlv.encode(0x80, oid_value(G1["oid"])) + b"\x83\x01\x02\x84\x01\x0c", 0x6A88),
    ],
)
def test_what_is_not_offered_is_refused(data: bytes, sw: int) -> None:
    assert Terminal().sw(CommandAPDU(0, 0x22, 0xC1, 0xA4, data).encode().hex()) == sw


def test_of_several_curves_for_one_protocol_the_terminal_names_its_own() -> None:
    infos = PACEInfo(G1["oid"], 2, 12), PACEInfo(G1["oid"], 2, 16)
    for info in infos:
        terminal = Terminal(card_offering(*infos))
        channel = run(pace(info, Password.can("123456"), terminal.random, offered=infos), terminal)
        assert channel.keys.ks_enc


@pytest.mark.parametrize(
    "info",
    [
        PACEInfo(G1["oid"], 2, 99),
        PACEInfo(G1["oid"], 2, 0),
        PACEInfo(G1["oid"], 2, None),
        PACEInfo("0.4.0.127.0.7.2.2.4.4.2", 2, 13),
        PACEInfo("0.4.0.127.0.7.2.2.4.1.2", 2, 13),
        PACEInfo("0.4.0.127.0.7.2.2.4.9.9", 2, 13),
    ],
)
def test_an_offer_that_the_chip_cannot_keep_is_refused_by_its_status_word(info: PACEInfo) -> None:
    data = tlv.encode(0x80, oid_value(info.protocol)) + b"\x83\x01\x02"
    terminal = Terminal(card_offering(info))
    assert terminal.sw(CommandAPDU(0, 0x22, 0xC1, 0xA4, data).encode().hex()) in (0x6A80, 0x6A88)
    assert terminal.sw(ASK_NONCE) == 0x6985


def test_a_chip_without_pace_and_one_without_bac_say_so() -> None:
    card = card_of()
    no_pace = Terminal(replace(card, behaviour=replace(card.behaviour, pace=False)))
    assert no_pace.sw(MSE_CAN) == 0x6A88
    assert no_pace.open_by_mrz().ask_protected(READ_COM).is_ok
    no_bac = Terminal(replace(card, behaviour=replace(card.behaviour, bac=False)))
    assert no_bac.sw(SELECT_APPLICATION, GET_CHALLENGE) == 0x6985
    assert no_bac.open_by_can().ask_protected(READ_COM).is_ok


def test_a_card_whose_mrz_cannot_be_read_is_no_card() -> None:
    card = card_of()
    with pytest.raises(EncodingError):
        Chip(replace(card, secrets=replace(card.secrets, mrz="nonsense")))


# --- wrong order ------------------------------------------------------------------------------------------------------

POINT = curve_by_parameter_id(13).generator.encode()


def general_authenticate(tag: int, value: bytes, *, chained: bool = True) -> str:
    data = tlv.encode(0x7C, tlv.encode(tag, value))
    return CommandAPDU(0x10 if chained else 0x00, 0x86, 0, 0, data, ne=256).encode().hex()


MAP, AGREE = general_authenticate(0x81, POINT), general_authenticate(0x83, POINT)
TOKEN = general_authenticate(0x85, bytes(8), chained=False)


@pytest.mark.parametrize(
    "commands",
    [
        [ASK_NONCE],
        [TOKEN],
        [MSE_CAN, MAP],
        [MSE_CAN, TOKEN],
        [MSE_CAN, ASK_NONCE, ASK_NONCE],
        [MSE_CAN, ASK_NONCE, AGREE],
        [MSE_CAN, ASK_NONCE, MAP, MAP],
        [MSE_CAN, ASK_NONCE, MAP, TOKEN],
        [MSE_CAN, ASK_NONCE, MAP, AGREE, AGREE],
        [MSE_CAN, ASK_NONCE, MAP, AGREE, MAP],
    ],
    ids=lambda commands: f"{len(commands)} commands",
)
def test_steps_of_pace_out_of_order_are_refused(commands: list[str]) -> None:
    assert Terminal().sw(*commands) == 0x6985


@pytest.mark.parametrize("begun", [[MSE_CAN], [MSE_CAN, ASK_NONCE], [MSE_CAN, ASK_NONCE, MAP]])
@pytest.mark.parametrize("between", [READ_CARD_ACCESS, SELECT_APPLICATION, GET_CHALLENGE, "00CA000000"])
def test_another_command_in_between_ends_pace(begun: list[str], between: str) -> None:
    following = [MSE_CAN, ASK_NONCE, MAP, AGREE][len(begun)]
    assert Terminal().sw(*begun, following) == 0x9000
    assert Terminal().sw(*begun, between, following) == 0x6985


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_step_that_says_it_is_the_last_ends_pace_without_a_session(steps: int) -> None:
    commands = [ASK_NONCE, MAP, AGREE][:steps]
    commands[-1] = "00" + commands[-1][2:]
    terminal = Terminal()
    assert terminal.sw(MSE_CAN, *commands) != 0x9000
    assert terminal.chip.session is None
    assert terminal.sw(TOKEN) == 0x6985


def test_a_token_that_says_it_is_not_the_last_opens_nothing() -> None:
    terminal = Terminal()
    assert terminal.sw(MSE_CAN, ASK_NONCE, MAP, AGREE, general_authenticate(0x85, bytes(8))) != 0x9000
    assert terminal.chip.session is None


@pytest.mark.parametrize(
    "value", [b"", POINT[:-1], POINT + b"\x00", b"\x03" + POINT[1:33], POINT[:-1] + b"\x00", b"\x04" + bytes(64)]
)
@pytest.mark.parametrize("tag", [0x81, 0x83])
def test_a_key_that_is_no_point_of_the_curve_ends_pace(tag: int, value: bytes) -> None:
    before = [MSE_CAN, ASK_NONCE] if tag == 0x81 else [MSE_CAN, ASK_NONCE, MAP]
    terminal = Terminal()
    assert terminal.sw(*before, general_authenticate(tag, value)) == 0x6A80
    assert terminal.sw(AGREE if tag == 0x83 else MAP) == 0x6985


def test_the_chips_own_keys_sent_back_to_it_are_refused() -> None:
    terminal = Terminal()
    terminal.sw(MSE_CAN, ASK_NONCE)
    own = tlv.parse_one(terminal.ask(MAP).data).children()[0].value
    again = Terminal()
    assert again.sw(MSE_CAN, ASK_NONCE, general_authenticate(0x81, own)) == 0x6A80
    chosen: Callable[[int], bytes] = given_random(G1["nonce_s"], G1["map_ic_priv"], G1["ka_ic_priv"])
    worked = Terminal(card_offering(INFO), chosen)
    own = bytes.fromhex(G1["ka_ic_pub"])
    assert worked.sw(G1["mse_cmd"], G1["ga1_cmd"], G1["ga2_cmd"], general_authenticate(0x83, own)) == 0x6A80


@pytest.mark.parametrize("between", [READ_CARD_ACCESS, SELECT_APPLICATION, MSE_CAN, "00CA000000"])
def test_a_challenge_is_for_the_next_command_alone(between: str) -> None:
    card = card_with(EF_COM=bytes.fromhex(D4["ef_com"]))
    terminal = Terminal(card, given_random(D3["rnd_ic"], D3["k_ic"]))
    assert terminal.sw(SELECT_APPLICATION, GET_CHALLENGE, between, D3["ext_auth_cmd"]) == 0x6985


def test_bac_needs_the_application_and_a_challenge_first() -> None:
    assert Terminal().sw(GET_CHALLENGE) == 0x6985
    assert Terminal().sw(SELECT_APPLICATION, f"0082000028{'00' * 40}28") == 0x6985


@pytest.mark.parametrize("size", [1, 32, 39, 41, 48])
def test_an_external_authenticate_of_another_length_is_a_wrong_length(size: int) -> None:
    command = CommandAPDU(0, 0x82, 0, 0, bytes(size), ne=40).encode().hex()
    assert Terminal().sw(SELECT_APPLICATION, GET_CHALLENGE, command) == 0x6700


@pytest.mark.parametrize(("le", "sw"), [("", 0x6700), ("04", 0x6C08), ("08", 0x9000), ("00", 0x9000)])
def test_a_challenge_has_eight_bytes(le: str, sw: int) -> None:
    assert Terminal().sw(SELECT_APPLICATION, "00840000" + le) == sw


def test_a_session_is_not_opened_inside_another() -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(GET_CHALLENGE).sw == 0x6985
    assert terminal.ask_protected(MSE_CAN).sw == 0x6985
    assert terminal.ask_protected(READ_COM).is_ok
