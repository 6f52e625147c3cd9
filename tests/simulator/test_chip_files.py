"""What the chip shows of its files, to whom, and how much at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.lds.files import DATA_GROUPS, EF_CARD_ACCESS, EF_COM, EF_SOD, ElementaryFile, data_group
from simulator_support import SELECT_APPLICATION, Terminal, card_of

OPENINGS: list[Callable[[Terminal], Terminal]] = [Terminal.open_by_can, Terminal.open_by_mrz]
ABSENT = [file for file in DATA_GROUPS if file.name not in card_of().files]
READABLE = [EF_COM, EF_SOD, *(data_group(number) for number in (1, 2, 13, 14, 15))]


def select(fid: int) -> str:
    return f"00A4020C02{fid:04X}"


def read_short(sfi: int, ne: int = 0) -> str:
    return f"00B0{0x80 | sfi:02X}00{ne:02X}"


# --- outside the application ------------------------------------------------------------------------------------------


def test_card_access_can_be_read_in_the_clear_by_its_short_identifier_with_nothing_selected() -> None:
    assert Terminal().ask("00B09C0000").data == card_of().files["EF.CardAccess"]


def test_card_access_can_be_selected_directly_and_read_in_pieces() -> None:
    terminal = Terminal()
    assert terminal.sw(select(EF_CARD_ACCESS.fid)) == 0x9000
    pieces = [terminal.ask(f"00B000{offset:02X}14").data for offset in (0, 20, 40)]
    assert b"".join(pieces) == card_of().files["EF.CardAccess"]
    assert len(card_of().files["EF.CardAccess"]) == 54


@pytest.mark.parametrize("command", ["00A4000C023F00", "00A4000C"])
def test_the_cccd_refuses_its_master_file_and_stays_where_it_is(command: str) -> None:
    terminal = Terminal()
    assert terminal.sw(command) == 0x6D00
    assert terminal.sw("00B09C0000") == 0x9000
    assert terminal.sw(SELECT_APPLICATION, command, read_short(EF_COM.sfi)) == 0x6982


def test_a_passport_selects_its_master_file_and_leaves_the_application_by_it() -> None:
    terminal = Terminal(card_of("passport-td3"))
    assert terminal.sw(SELECT_APPLICATION, "00A4000C023F00", "00B09C0000") == 0x9000


def test_without_the_application_its_files_are_not_there() -> None:
    assert {Terminal().sw(select(file.fid)) for file in READABLE} == {0x6A82}


@pytest.mark.parametrize("aid", ["A0000002471002", "A00000024710", "A000000247100100", "A0000002472001"])
def test_no_other_application_is_there(aid: str) -> None:
    assert Terminal().sw(f"00A4040C{len(aid) // 2:02X}{aid}") == 0x6A82


# --- the application without access -----------------------------------------------------------------------------------


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.name)
def test_without_access_control_a_file_of_the_application_is_refused(file: ElementaryFile) -> None:
    assert Terminal().sw(SELECT_APPLICATION, select(file.fid)) == 0x6982
    assert Terminal().sw(SELECT_APPLICATION, read_short(file.sfi)) == 0x6982


def test_inside_the_application_card_access_is_refused_as_cccds_were_seen_to_do() -> None:
    assert Terminal().sw(SELECT_APPLICATION, "00B09C0000") == 0x6982
    assert Terminal().sw(SELECT_APPLICATION, select(EF_CARD_ACCESS.fid)) == 0x6982


def test_an_absent_file_is_absent_before_it_is_forbidden() -> None:
    assert {Terminal().sw(SELECT_APPLICATION, select(file.fid)) for file in ABSENT} == {0x6A82}


# --- in a session -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", OPENINGS)
def test_every_file_but_the_fingerprints_can_be_read_in_a_session(opening: Callable[[Terminal], Terminal]) -> None:
    terminal = opening(Terminal())
    for file in READABLE:
        answer = terminal.ask_protected(CommandAPDU(0, 0xB0, 0x80 | file.sfi, 0, ne=2_015))
        assert answer.data == card_of().files[file.name][:2_015], file.name
    assert terminal.ask_protected(select(data_group(3).fid)).sw == 0x6982
    assert terminal.ask_protected(read_short(3)).sw == 0x6982
    assert {terminal.ask_protected(select(file.fid)).sw for file in ABSENT} == {0x6A82}


def test_a_refusal_in_a_session_is_protected_and_leaves_the_current_file() -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(read_short(1, 4)).is_ok
    assert terminal.ask_protected(select(0x010B)).sw == 0x6A82
    assert terminal.ask_protected("00B0000404").data == card_of().files["EF.DG1"][4:8]


def test_reading_ends_with_the_file() -> None:
    terminal = Terminal().open_by_can()
    size = len(card_of().files["EF.DG1"])
    assert terminal.ask_protected(select(0x0101)).is_ok
    assert terminal.ask_protected(f"00B000{size - 3:02X}10").data == card_of().files["EF.DG1"][-3:]
    assert terminal.ask_protected(f"00B000{size:02X}01").sw == 0x6B00
    assert terminal.ask_protected("00B07FFF01").sw == 0x6B00


def test_without_a_current_file_there_is_nothing_to_read() -> None:
    assert Terminal().sw("00B0000010") == 0x6986
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected("00B0000010").sw == 0x6986


def test_a_read_without_le_is_a_wrong_length() -> None:
    assert Terminal().sw("00B09C00") == 0x6700


@pytest.mark.parametrize(
    ("profile", "opening", "most"),
    [
        ("cccd-2021", Terminal.open_by_can, 2_015),
        ("cccd-2021", Terminal.open_by_mrz, 2_023),
        ("cccd-2021-short", Terminal.open_by_can, 223),
        ("cccd-2021-short", Terminal.open_by_mrz, 231),
    ],
)
def test_an_answer_carries_what_fits_into_the_longest_response(
    profile: str, opening: Callable[[Terminal], Terminal], most: int
) -> None:
    terminal = opening(Terminal(card_of(profile)))
    assert terminal.channel is not None
    terminal.channel.extended = profile == "cccd-2021"
    ne = 65_536 if terminal.channel.extended else 256
    answer = terminal.ask_protected(CommandAPDU(0, 0xB0, 0x82, 0, ne=ne))
    assert answer.data == card_of(profile).files["EF.DG2"][:most]


# --- READ BINARY with the odd instruction -----------------------------------------------------------------------------


def read_odd(terminal: Terminal, offset: str, ne: int = 0, p1p2: str = "0000") -> tuple[int, bytes]:
    data = tlv.encode(0x54, bytes.fromhex(offset))
    answer = terminal.ask_protected(f"00B1{p1p2}{len(data):02X}{data.hex()}{ne:02X}")
    return answer.sw, tlv.parse_one(answer.data, tag=0x53).value if answer.data else b""


def test_beyond_32_kilobytes_the_offset_is_a_data_object() -> None:
    content = tlv.encode(0x75, bytes(range(256)) * 200)
    card = card_of()
    terminal = Terminal(replace(card, files={**card.files, "EF.DG2": content})).open_by_can()
    assert terminal.ask_protected(select(0x0102)).is_ok
    assert read_odd(terminal, "8000", 0x20) == (0x9000, content[0x8000 : 0x8000 + 0x1E])
    assert read_odd(terminal, "00008000", 0x20)[1] == content[0x8000 : 0x8000 + 0x1E]
    sw, longest = read_odd(terminal, "8000")
    assert (sw, longest) == (0x9000, content[0x8000 : 0x8000 + len(longest)])
    assert len(longest) == 256 - 3


@pytest.mark.parametrize("ne", [3, 4, 129, 130, 131, 132, 133, 255])
def test_the_data_object_around_the_answer_never_exceeds_le(ne: int) -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(select(0x0102)).is_ok
    answer = terminal.ask_protected(f"00B1000003540110{ne:02X}")
    assert answer.is_ok
    assert ne - 1 <= len(answer.data) <= ne
    content = tlv.parse_one(answer.data, tag=0x53).value
    assert content == card_of().files["EF.DG2"][0x10 : 0x10 + len(content)]


def test_the_odd_instruction_takes_a_short_identifier_too() -> None:
    terminal = Terminal().open_by_can()
    assert read_odd(terminal, "00", 8, p1p2="0001") == (0x9000, card_of().files["EF.DG1"][:6])
    assert read_odd(terminal, "02", 8)[1] == card_of().files["EF.DG1"][2:8]
    assert read_odd(terminal, "00", 8, p1p2="0003")[0] == 0x6982


@pytest.mark.parametrize("data", ["", "5400", "5405", "53010054", "540000", "54020000540100"])
def test_an_offset_that_is_none_is_refused(data: str) -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(select(0x0101)).is_ok
    assert terminal.ask_protected(CommandAPDU(0, 0xB1, 0, 0, bytes.fromhex(data), ne=256)).sw == 0x6A80


# --- SELECT -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["00A4090C023F00", "00A4030C", "00A4FF0C02011C"])
def test_other_ways_to_select_are_wrong_parameters(command: str) -> None:
    assert Terminal().sw(command) == 0x6A86


@pytest.mark.parametrize("command", ["00A4020C", "00A4020C0101", "00A4020C03011C00"])
def test_an_identifier_has_two_bytes(command: str) -> None:
    assert Terminal().sw(command) in (0x6700, 0x6A82)


@pytest.mark.parametrize("p2", ["00", "04", "08", "0C"])
def test_a_select_never_gives_the_contents_of_a_file(p2: str) -> None:
    terminal = Terminal().open_by_can()
    answer = terminal.ask_protected(f"00A402{p2}02010100")
    assert answer.is_ok
    assert len(answer.data) < 32
