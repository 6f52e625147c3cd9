"""The seven forms of a command, as a T=0 card gets them."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import UnsupportedError
from cccd_nfc.transport.t0 import exchange_t0


@pytest.mark.parametrize(
    ("command", "on_the_wire"),
    [
        ("00A40000", "00A4000000"),
        ("00B0000010", "00B0000010"),
        ("00B0000000", "00B0000000"),
        ("00B00000000800", "00B0000000"),
        ("00A4000C023F00", "00A4000C023F00"),
        ("00A4000002 3F00 00", "00A40000023F00"),
        ("0CB00000000004 97020800 0800", "0CB000000497020800"),
        ("00880000000002 0102 0000", "00880000020102"),
    ],
)
def test_every_case_becomes_a_header_of_five_bytes_and_its_data(command: str, on_the_wire: str) -> None:
    sent: list[bytes] = []
    exchange_t0(bytes.fromhex(command), lambda tpdu: sent.append(tpdu) or b"\x90\x00")
    assert sent == [bytes.fromhex(on_the_wire)]


def test_6cxx_is_obeyed_once() -> None:
    sent: list[bytes] = []
    answer = exchange_t0(bytes.fromhex("00B0000000"), lambda tpdu: sent.append(tpdu) or b"\x6c\x20")
    assert (sent, answer) == ([bytes.fromhex("00B0000000"), bytes.fromhex("00B0000020")], b"\x6c\x20")


def test_what_waits_on_the_card_is_left_to_get_response() -> None:
    assert exchange_t0(bytes.fromhex("00880000020102 00"), lambda tpdu: b"\x61\x80") == b"\x61\x80"


def test_more_data_than_one_command_carries_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="300"):
        exchange_t0(bytes.fromhex("0086000000012C") + bytes(300), lambda tpdu: b"\x90\x00")
