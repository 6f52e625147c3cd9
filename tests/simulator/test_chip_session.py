"""Secure messaging on the chip's side: published sessions opened by it, and everything that ends a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.ciphers import CipherSuite, pad
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.simulator.secure_messaging import ChipSession
from conftest import load_vector
from simulator_support import SELECT_APPLICATION, Terminal, card_of

D4 = load_vector("bac_9303-11_D")["d4"]
AES = load_vector("sm_aes")["vectors"]
SUITES = {suite.label: suite for suite in CipherSuite}
READ_COM = "00B09E0000"


def session_of(row: dict[str, str], ssc: int) -> ChipSession:
    return ChipSession(SUITES[row["cipher"]], bytes.fromhex(row["ks_enc"]), bytes.fromhex(row["ks_mac"]), ssc)


@pytest.mark.parametrize("row", AES, ids=lambda row: f"{row['cipher']}-{row['command'][:8]}-{len(row['protected'])}")
def test_commands_of_published_aes_sessions_are_opened(row: dict[str, str]) -> None:
    session = session_of(row, int(row["ssc_after_increment"]) - 1)
    opened = session.open(CommandAPDU.parse(bytes.fromhex(row["protected"])))
    assert opened.encode().hex().upper() == row["command"]


def test_the_session_of_d4_is_opened_and_answered_byte_by_byte() -> None:
    session = session_of(D4, int(D4["ssc"], 16))
    content = bytes.fromhex(D4["ef_com"])
    for exchange, data in zip(D4["exchanges"], [b"", content[:4], content[4:]], strict=True):
        opened = session.open(CommandAPDU.parse(bytes.fromhex(exchange["protected_cmd"])))
        assert opened.encode().hex().upper() == exchange["cmd"]
        assert session.seal(ResponseAPDU(data, 0x9000)).encode().hex().upper() == exchange["protected_rsp"]


@given(
    suite=st.sampled_from(CipherSuite),
    ssc=st.sampled_from([0, 7, 2**64 - 3, 2**64 - 1]),
    ins=st.sampled_from([0xA4, 0xB0, 0xB1]),
    data=st.binary(max_size=300),
    ne=st.sampled_from([0, 1, 255, 256, 257, 65_536]),
    answer=st.binary(max_size=300),
)
def test_what_the_terminal_protects_the_chip_opens_and_the_other_way_round(
    suite: CipherSuite, ssc: int, ins: int, data: bytes, ne: int, answer: bytes
) -> None:
    keys = SessionKeys.derive(b"secret", suite)
    channel, session = Channel(keys, ssc), ChipSession(suite, keys.ks_enc, keys.ks_mac, ssc)
    command = CommandAPDU(0, ins, 2, 12, data, ne)
    assert session.open(CommandAPDU.parse(channel.protect(command).encode())) == command
    assert channel.unprotect(session.seal(ResponseAPDU(answer, 0x6282))) == ResponseAPDU(answer, 0x6282)


@given(suite=st.sampled_from(CipherSuite), wire=st.integers(0, 5_000))
def test_the_room_in_an_answer_is_used_to_the_last_block(suite: CipherSuite, wire: int) -> None:
    session = ChipSession(suite, bytes(suite.key_length), bytes(suite.key_length))
    room = session.room(wire)
    if room:
        assert len(session.seal(ResponseAPDU(bytes(room), 0x9000)).data) <= wire
    assert len(session.seal(ResponseAPDU(bytes(room + 1), 0x9000)).data) > wire


# --- what ends a session ----------------------------------------------------------------------------------------------


def protected(terminal: Terminal, command: str = READ_COM) -> bytes:
    assert terminal.channel is not None
    return terminal.channel.protect(CommandAPDU.parse(bytes.fromhex(command))).encode()


def assert_ended(terminal: Terminal) -> None:
    """Nothing can be read any more, neither in the clear nor under the keys of the session."""
    assert terminal.chip.session is None
    assert ResponseAPDU.parse(terminal.transmit(protected(terminal))).sw == 0x6988
    assert terminal.sw(READ_COM) in (0x6982, 0x6A82)


def opened(by: str) -> Terminal:
    return Terminal().open_by_can() if by == "can" else Terminal().open_by_mrz()


@pytest.mark.parametrize("by", ["can", "mrz"])
@pytest.mark.parametrize(
    "plain", [READ_COM, SELECT_APPLICATION, "0084000008", "00A4020C02011E", "00CA000000", "00", "", "00B09E000005"]
)
def test_a_command_in_the_clear_ends_the_session(by: str, plain: str) -> None:
    terminal = opened(by)
    answer = terminal.ask(plain)
    assert not answer.data or plain == "0084000008"
    assert_ended(terminal)


@pytest.mark.parametrize("by", ["can", "mrz"])
def test_every_flipped_bit_of_a_protected_command_ends_the_session(by: str) -> None:
    size = len(protected(opened(by)))
    for at in range(1, size - 2):  # the class byte says how it is to be taken; Le is not protected outside DO'97'
        terminal = opened(by)
        command = bytearray(protected(terminal))
        command[at] ^= 1 << at % 8
        answer = ResponseAPDU.parse(terminal.transmit(bytes(command)))
        assert (answer.data, answer.sw) in ((b"", 0x6988), (b"", 0x6987), (b"", 0x6700)), f"byte {at}"
        assert_ended(terminal)


@pytest.mark.parametrize("by", ["can", "mrz"])
def test_a_repeated_command_ends_the_session(by: str) -> None:
    terminal = opened(by)
    command = protected(terminal)
    assert ResponseAPDU.parse(terminal.transmit(command)).is_ok
    assert terminal.transmit(command) == b"\x69\x88"
    assert_ended(terminal)


def made(terminal: Terminal, change: Callable[[list[bytes]], list[bytes]], *, mac: bool = True) -> bytes:
    """A SELECT with Ne whose data objects are changed before the MAC, which is then right."""
    assert terminal.channel is not None
    channel = terminal.channel
    channel.ssc += 1
    suite, header = channel.keys.suite, bytes.fromhex("0CA4020C")
    ssc = channel.ssc.to_bytes(suite.block_size, "big")
    iv = suite.encrypt_block(channel.keys.ks_enc, ssc)
    cryptogram = suite.encrypt(channel.keys.ks_enc, pad(bytes.fromhex("0101"), suite.block_size), iv)
    objects = change([tlv.encode(0x87, b"\x01" + cryptogram), tlv.encode(0x97, b"\x00")])
    body = b"".join(objects)
    content = ssc + pad(header, suite.block_size) + (pad(body, suite.block_size) if body else b"")
    if mac:
        body += tlv.encode(0x8E, suite.mac(channel.keys.ks_mac, content))
    return CommandAPDU.parse(header + bytes((len(body),)) + body + b"\x00").encode() if body else header


def test_a_command_made_by_hand_is_taken() -> None:
    terminal = Terminal().open_by_can()
    assert ResponseAPDU.parse(terminal.transmit(made(terminal, lambda objects: objects))).is_ok


@pytest.mark.parametrize(
    ("what", "change", "sw"),
    [
        ("unknown padding indicator", lambda o: [o[0].replace(b"\x87\x11\x01", b"\x87\x11\x02"), o[1]], 0x6988),
        ("no whole block", lambda o: [tlv.encode(0x87, b"\x01" + bytes(15)), o[1]], 0x6988),
        ("nothing encrypted", lambda o: [tlv.encode(0x87, b"\x01"), o[1]], 0x6988),
        ("empty cryptogram", lambda o: [tlv.encode(0x87, b""), o[1]], 0x6988),
        ("no padding inside", lambda o: [tlv.encode(0x87, b"\x01" + bytes(16)), o[1]], 0x6988),
        ("cryptogram of an odd instruction", lambda o: [b"\x85\x10" + o[0][3:], o[1]], 0x6988),
        ("wrong order", lambda o: [o[1], o[0]], 0x6988),
        ("cryptogram twice", lambda o: [o[0], o[0], o[1]], 0x6988),
        ("Le twice", lambda o: [o[0], o[1], o[1]], 0x6988),
        ("Le of three bytes", lambda o: [o[0], b"\x97\x03\x00\x00\x00"], 0x6988),
        ("Le of no bytes", lambda o: [o[0], b"\x97\x00"], 0x6988),
        ("plain value", lambda o: [b"\x81\x02\x01\x01", o[1]], 0x6988),
        ("a status word", lambda o: [*o, b"\x99\x02\x90\x00"], 0x6988),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_right_mac_does_not_excuse_a_wrong_content(
    what: str, change: Callable[[list[bytes]], list[bytes]], sw: int
) -> None:
    terminal = Terminal().open_by_can()
    assert ResponseAPDU.parse(terminal.transmit(made(terminal, change))) == ResponseAPDU(b"", sw), what
    assert_ended(terminal)


@pytest.mark.parametrize("change", [lambda o: o, lambda o: o[1:], lambda o: []])
def test_a_command_without_its_mac_has_data_objects_missing(change: Callable[[list[bytes]], list[bytes]]) -> None:
    terminal = Terminal().open_by_can()
    assert terminal.transmit(made(terminal, change, mac=False)) == b"\x69\x87"
    assert_ended(terminal)


def test_a_protected_command_without_a_session_is_refused() -> None:
    terminal = Terminal().open_by_can()
    terminal.reset()
    assert terminal.transmit(protected(terminal)) == b"\x69\x88"


def test_the_counter_of_bac_runs_over_its_end() -> None:
    tail = "FFFFFFFF"
    terminal = Terminal(random_bytes=lambda size: bytes.fromhex("00000000" + tail) if size == 8 else bytes(size))
    terminal.random = lambda size: bytes.fromhex("00000000FFFFFFFE") if size == 8 else bytes(size)  # type: ignore[assignment]
    terminal.open_by_mrz()
    for _ in range(3):
        assert terminal.ask_protected(READ_COM).data == card_of().files["EF.COM"]
