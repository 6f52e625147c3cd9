"""Command and response APDUs: the seven forms of ISO/IEC 7816-4 §5.1, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, EncodingError, StatusWordError
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU

bytes_0_to_255 = st.integers(0, 255)
commands = st.builds(
    CommandAPDU,
    cla=bytes_0_to_255,
    ins=bytes_0_to_255,
    p1=bytes_0_to_255,
    p2=bytes_0_to_255,
    data=st.binary(max_size=600),
    ne=st.integers(0, 65_536),
)


@pytest.mark.parametrize(
    ("command", "wire"),
    [
        (CommandAPDU(0, 0xA4, 4, 12), "00A4040C"),
        (CommandAPDU(0, 0x84, 0, 0, ne=8), "0084000008"),
        (CommandAPDU(0, 0xB0, 0x9C, 0, ne=256), "00B09C0000"),
        (CommandAPDU(0, 0xA4, 2, 12, b"\x01\x1e"), "00A4020C02011E"),
        (CommandAPDU(0, 0x88, 0, 0, bytes(2), 256), "0088000002000000"),
        (CommandAPDU(0, 0xB0, 0x9C, 0, ne=2048), "00B09C00000800"),
        (CommandAPDU(0, 0xB0, 0x9C, 0, ne=65_536), "00B09C00000000"),
        (CommandAPDU(0, 0x88, 0, 0, bytes(2), 257), "00880000000002" + "0000" + "0101"),
    ],
)
def test_each_form_has_its_bytes(command: CommandAPDU, wire: str) -> None:
    assert command.encode().hex().upper() == wire
    assert CommandAPDU.parse(bytes.fromhex(wire)) == command


@given(commands)
def test_a_command_survives_the_wire(command: CommandAPDU) -> None:
    assert CommandAPDU.parse(command.encode()) == command


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_an_error_of_ours(raw: bytes) -> None:
    try:
        command = CommandAPDU.parse(raw)
    except CccdError:
        return
    assert CommandAPDU.parse(command.encode()) == command


def test_too_much_data_is_refused_before_it_is_sent() -> None:
    with pytest.raises(EncodingError):
        CommandAPDU(0, 0xD6, 0, 0, bytes(65_536))


def test_a_refusal_names_the_command_and_the_status_word() -> None:
    command = CommandAPDU(0, 0xA4, 2, 12, b"\x01\x1e", name="SELECT EF.COM")
    with pytest.raises(StatusWordError, match=r"SELECT EF\.COM: the card answered 6A82"):
        ResponseAPDU.parse(bytes.fromhex("6A82")).expect_ok(command)


def test_a_response_without_a_status_word_is_an_error() -> None:
    with pytest.raises(EncodingError):
        ResponseAPDU.parse(b"\x90")


def test_what_a_command_carries_does_not_print() -> None:
    assert "736563726574" not in repr(CommandAPDU(0, 0, 0, 0, b"secret")) and "secret" not in repr(
        CommandAPDU(0, 0, 0, 0, b"secret")
    )
