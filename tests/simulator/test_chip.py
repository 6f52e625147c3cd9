"""The chip as a whole: whatever comes in, an answer goes out, and nothing that is protected goes out unprotected."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.simulator.card import CardData, CardSecrets
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.transport import SimulatedTransport
from simulator_support import SELECT_APPLICATION, Terminal, card_of

READ_COM, READ_CARD_ACCESS = "00B09E0000", "00B09C0000"
MSE_CAN = "0022C1A40F800A04007F000702020402028301" + "02"
ASK_NONCE = "10860000027C0000"

SECRET = [content[:24] for name, content in card_of().files.items() if name not in ("EF.CardAccess", "EF.DG14")]

instructions = st.sampled_from([0xA4, 0xB0, 0xB1, 0x84, 0x82, 0x22, 0x86, 0x88, 0xC0, 0xCA])
bodies = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            bytes.fromhex("07A0000002471001"),
            bytes.fromhex("02011E"),
            bytes.fromhex("027C0000"),
            bytes.fromhex(MSE_CAN[8:]),
            b"\x00",
            b"\x00\x01\x00",
            b"\x00\x00\x00",
        ]
    ),
)


@st.composite
def command_like(draw: st.DrawFn) -> bytes:
    """Bytes that look enough like a command to come far."""
    header = bytes(
        (
            draw(st.sampled_from([0x00, 0x0C, 0x10, 0x1C, 0x04, 0x80])),
            draw(instructions),
            draw(st.sampled_from([0x00, 0x02, 0x04, 0x41, 0x9C, 0x9E, 0x81, 0xC1])),
            draw(st.sampled_from([0x00, 0x0C, 0xA4, 0xA6])),
        )
    )
    return header + draw(bodies)


def prepared(state: str) -> Terminal:
    terminal = Terminal()
    if state == "application":
        terminal.ask(SELECT_APPLICATION)
    elif state == "PACE":
        assert terminal.sw(MSE_CAN, ASK_NONCE) == 0x9000
    elif state == "session":
        terminal.open_by_can()
    return terminal


@given(
    state=st.sampled_from(["fresh", "application", "PACE", "session"]),
    commands=st.lists(st.one_of(st.binary(max_size=60), command_like()), min_size=1, max_size=8),
)
def test_any_bytes_get_a_status_word_and_no_protected_content(state: str, commands: list[bytes]) -> None:
    terminal = prepared(state)
    for command in commands:
        answer = terminal.transmit(command)
        assert len(answer) >= 2
        assert answer[-2] >> 4 in (0x6, 0x9)
        assert not any(beginning in answer for beginning in SECRET)


@settings(max_examples=30)
@given(st.lists(st.tuples(instructions, st.binary(max_size=60), st.integers(0, 256)), min_size=1, max_size=6))
def test_anything_inside_a_session_is_answered_inside_it(commands: list[tuple[int, bytes, int]]) -> None:
    terminal = Terminal().open_by_can()
    for ins, data, ne in commands:
        assert terminal.ask_protected(CommandAPDU(0, ins, 0, 0, data, ne)).sw >> 12 in (0x6, 0x9)


@settings(max_examples=60)
@given(
    name=st.sampled_from(["EF.CardAccess", "EF.COM", "EF.DG14", "EF.DG15"]),
    at=st.integers(0, 400),
    value=st.integers(0, 255),
    by_mrz=st.booleans(),
)
def test_a_card_with_damaged_files_is_still_a_card_that_answers(name: str, at: int, value: int, by_mrz: bool) -> None:
    card = card_of()
    content = bytearray(card.files[name])
    content[at % len(content)] = value
    terminal = Terminal(replace(card, files={**card.files, name: bytes(content)}))
    for command in (MSE_CAN, ASK_NONCE, READ_CARD_ACCESS, SELECT_APPLICATION):
        assert terminal.sw(command) >> 12 in (0x6, 0x9)
    terminal.open_by_mrz()
    for command in ("004841A40C800A04007F00070202030202", "0088000008010203040506070800", READ_COM):
        assert terminal.ask_protected(command).sw >> 12 in (0x6, 0x9)


def test_a_card_without_any_file_answers_too() -> None:
    chip = Chip(CardData({}, replace(card_of().secrets)))
    commands = (READ_CARD_ACCESS, MSE_CAN, SELECT_APPLICATION, READ_COM, "0022 41A4 00".replace(" ", ""))
    assert all(chip.transmit(bytes.fromhex(command))[-2] >> 4 in (0x6, 0x9) for command in commands)


# --- form of commands -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", "00", "00A404", "00A4040C08A0000002471001", "00B09C000001", "00A4040C00"])
def test_a_command_whose_lengths_do_not_fit_is_a_wrong_length(command: str) -> None:
    assert Terminal().sw(command) in (0x6700, 0x6A82)


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        ("00CA000000", 0x6D00),
        ("00D60000010A", 0x6D00),
        ("002000810431323334", 0x6D00),
        ("80B09C0000", 0x6E00),
        ("A0A40000023F00", 0x6E00),
        ("FFB09C0000", 0x6E00),
        ("01B09C0000", 0x6881),
        ("04B09C0000", 0x6882),
        ("08B09C0000", 0x6882),
        ("10B09C0000", 0x6884),
        ("10A4040C07A0000002471001", 0x6884),
    ],
)
def test_what_the_chip_does_not_know_has_its_own_status_word(command: str, sw: int) -> None:
    assert Terminal().sw(command) == sw


@pytest.mark.parametrize(
    "command", ["00B09C00000800", "00B09C00000001", "00B09C00000000", "00A4040C000007A0000002471001"]
)
def test_the_short_chip_refuses_extended_length_however_little_it_asks_for(command: str) -> None:
    assert Terminal(card_of("cccd-2021-short")).sw(command) == 0x6700
    assert Terminal().sw(command) == 0x9000


def test_the_short_chip_ends_the_session_over_an_extended_command() -> None:
    terminal = Terminal(card_of("cccd-2021-short")).open_by_can()
    assert terminal.channel is not None
    command = terminal.channel.protect(CommandAPDU(0, 0xB0, 0x9E, 0, ne=2_015))
    assert terminal.transmit(command.encode()) == b"\x67\x00"
    assert terminal.chip.session is None


# --- answers in pieces ------------------------------------------------------------------------------------------------


def long_answer(terminal: Terminal) -> tuple[bytes, bytes]:
    """(the first piece of a protected answer of more than 256 bytes, what was sent for it)."""
    assert terminal.channel is not None
    terminal.channel.extended = False
    command = terminal.channel.protect(CommandAPDU(0, 0x88, 0, 0, bytes(8), ne=256)).encode()
    return terminal.transmit(command), command


@pytest.mark.parametrize("profile", ["cccd-2021", "cccd-2021-short"])
@pytest.mark.parametrize("step", [1, 7, 16, 255])
def test_the_rest_of_a_long_answer_waits_for_get_response(profile: str, step: int) -> None:
    terminal = Terminal(card_of(profile)).open_by_can()
    answer, _ = long_answer(terminal)
    assert len(answer) == 258
    data, left = answer[:-2], answer[-1]
    assert answer[-2] == 0x61
    while answer[-2] == 0x61:
        assert answer[-1] == left
        answer = terminal.transmit(bytes((0, 0xC0, 0, 0, min(step, left))))
        data, left = data + answer[:-2], left - len(answer) + 2
    assert left == 0
    assert answer[-2:] == b"\x90\x00"
    assert terminal.channel is not None
    plain = terminal.channel.unprotect(terminal_answer(data))
    assert len(plain.data) == 256
    assert terminal.ask_protected(READ_COM).is_ok


def terminal_answer(data: bytes) -> object:
    from cccd_nfc.iso7816.apdu import ResponseAPDU

    return ResponseAPDU(data, 0x9000)


def test_a_long_answer_fits_an_extended_command() -> None:
    terminal = Terminal().open_by_can()
    assert terminal.channel is not None
    command = terminal.channel.protect(CommandAPDU(0, 0x88, 0, 0, bytes(8), ne=256))
    assert len(terminal.transmit(command.encode())) > 258


def test_another_command_drops_what_waits() -> None:
    terminal = Terminal().open_by_can()
    long_answer(terminal)
    terminal.ask(READ_CARD_ACCESS)
    assert terminal.sw("00C0000000") == 0x6985


def test_without_a_waiting_answer_there_is_nothing_to_get() -> None:
    assert Terminal().sw("00C0000000") == 0x6985


def test_an_answer_is_never_longer_than_le() -> None:
    terminal = Terminal()
    answer = terminal.ask("00B09C0008")
    assert (len(answer.data), answer.sw) == (8, 0x9000)
    assert terminal.sw(MSE_CAN) == 0x9000
    answer = terminal.ask("10860000027C0004")
    assert (len(answer.data), answer.sw) == (4, 0x6110)
    rest = terminal.ask("00C0000010")
    assert len(tlv.parse_one(answer.data + rest.data, tag=0x7C).children()[0].value) == 16


# --- the whole --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("longest", [0, 1, 10, 20, 31, 32, 65_536, 10**9])
def test_a_card_file_may_say_what_it_likes_about_the_longest_response(longest: int) -> None:
    card = card_of()
    terminal = Terminal(replace(card, behaviour=replace(card.behaviour, max_response=longest))).open_by_can()
    answer = terminal.ask_protected(CommandAPDU(0, 0xB0, 0x82, 0, ne=65_536))
    assert answer.sw in (0x9000, 0x6700)
    assert len(answer.data) <= max(0, longest)


def test_a_reset_forgets_everything() -> None:
    terminal = Terminal().open_by_can()
    transport = SimulatedTransport(terminal.chip)
    transport.reset()
    assert terminal.sw(READ_COM) == 0x6A82
    assert terminal.sw(READ_CARD_ACCESS) == 0x9000
    assert terminal.sw(MSE_CAN, ASK_NONCE) == 0x9000
    transport.close()
    assert terminal.sw(ASK_NONCE) == 0x6985


def test_the_atr_is_that_of_a_cccd_in_a_contactless_reader() -> None:
    assert Terminal().chip.atr.hex().upper() == "3B8980014D4B6A434F532D333712"
    assert b"MKjCOS-37" in Terminal().chip.atr


def test_a_chip_tells_its_secrets_to_nobody() -> None:
    terminal = Terminal().open_by_can()
    secrets: CardSecrets = terminal.card.secrets
    shown = repr(vars(terminal.chip))
    assert secrets.can not in shown
    assert secrets.document_number not in shown
    assert terminal.channel is not None
    assert repr(terminal.channel.keys.ks_enc) not in shown


def test_a_protected_command_without_a_session_ends_pace_too() -> None:
    assert Terminal().sw(MSE_CAN, "0CB09C000D9701008E08000000000000000000") == 0x6988
    assert Terminal().sw(MSE_CAN, "0CB09C000D9701008E08000000000000000000", ASK_NONCE) == 0x6985
