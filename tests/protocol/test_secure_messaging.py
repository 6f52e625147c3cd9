"""Secure messaging against ICAO 9303-11 D.4, published AES commands, and the simulated chip's own half of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.errors import CardLostError, SecureMessagingError, StatusWordError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import ACKNOWLEDGED, Flow, Phase, Reset, run
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.simulator.secure_messaging import ChipSession
from conftest import load_vector
from support import AnsweringCard

D4 = load_vector("bac_9303-11_D")["d4"]
AES = load_vector("sm_aes")["vectors"]
SUITES = {suite.label: suite for suite in CipherSuite}
READ = CommandAPDU(0x00, 0xB0, 0x81, 0x00, ne=4, name="READ BINARY")


def d4_channel() -> Channel:
    keys = SessionKeys(CipherSuite.DES3, bytes.fromhex(D4["ks_enc"]), bytes.fromhex(D4["ks_mac"]))
    return Channel(keys, int(D4["ssc"], 16))


def pair(suite: CipherSuite, ssc: int = 0) -> tuple[Channel, ChipSession]:
    """Both ends of one session."""
    keys = SessionKeys.derive(b"a shared secret", suite)
    return Channel(keys, ssc), ChipSession(suite, keys.ks_enc, keys.ks_mac, ssc)


# --- worked examples --------------------------------------------------------------------------------------------------


def test_secure_messaging_is_that_of_d4() -> None:
    channel = d4_channel()
    for row in D4["exchanges"]:
        plain = CommandAPDU.parse(bytes.fromhex(row["cmd"]))
        assert channel.protect(plain).encode().hex().upper() == row["protected_cmd"], row["name"]
        answer = channel.unprotect(ResponseAPDU.parse(bytes.fromhex(row["protected_rsp"])), plain)
        assert answer.encode().hex().upper() == row["rsp"].upper(), row["name"]
    assert channel.answers_verified == len(D4["exchanges"]) == 3


@pytest.mark.parametrize("case", AES, ids=lambda case: case["name"])
def test_aes_commands_are_protected_as_in_published_sessions(case: dict[str, str]) -> None:
    keys = SessionKeys(SUITES[case["cipher"]], bytes.fromhex(case["ks_enc"]), bytes.fromhex(case["ks_mac"]))
    channel = Channel(keys, int(case["ssc_after_increment"]) - 1)
    command = channel.protect(CommandAPDU.parse(bytes.fromhex(case["command"])))
    expected = CommandAPDU.parse(bytes.fromhex(case["protected"]))
    assert (command.header, command.data) == (expected.header, expected.data)


# --- against the chip's half ------------------------------------------------------------------------------------------

commands = st.builds(
    CommandAPDU,
    cla=st.sampled_from([0x00, 0x10]),
    ins=st.sampled_from([0x22, 0x86, 0x88, 0xA4, 0xB0, 0xB1]),
    p1=st.integers(0, 255),
    p2=st.integers(0, 255),
    data=st.binary(max_size=300),
    ne=st.one_of(st.integers(0, 300), st.sampled_from([2015, 65_535, 65_536])),
)
responses = st.builds(ResponseAPDU, data=st.binary(max_size=2100), sw=st.sampled_from([0x9000, 0x6282, 0x6A82]))
suites = st.sampled_from(list(CipherSuite))


@given(suite=suites, ssc=st.integers(0, 2**64 - 1000), sent=st.lists(st.tuples(commands, responses), max_size=4))
def test_what_one_side_protects_the_other_opens(
    suite: CipherSuite, ssc: int, sent: list[tuple[CommandAPDU, ResponseAPDU]]
) -> None:
    channel, chip = pair(suite, ssc)
    for command, response in sent:
        wire = channel.protect(command).encode()
        assert chip.open(CommandAPDU.parse(wire)) == command
        assert channel.unprotect(chip.seal(response), command) == response
    assert channel.answers_verified == len(sent)


@given(suite=suites, wire=st.integers(40, 3000))
def test_the_largest_plain_answer_fits_and_one_byte_more_does_not(suite: CipherSuite, wire: int) -> None:
    channel, chip = pair(suite)
    most = channel.max_plain(wire)
    assert len(chip.seal(ResponseAPDU(bytes(most), 0x9000)).data) <= wire
    assert len(chip.seal(ResponseAPDU(bytes(most + 1), 0x9000)).data) > wire


@pytest.mark.parametrize(
    ("suite", "wire", "plain"),
    [(CipherSuite.AES128, 256, 223), (CipherSuite.DES3, 256, 231), (CipherSuite.AES256, 2048, 2015)],
)
def test_the_known_limits(suite: CipherSuite, wire: int, plain: int) -> None:
    assert pair(suite)[0].max_plain(wire) == plain


@given(suite=suites, ne=st.integers(1, 65_536))
def test_le_leaves_room_for_the_whole_protected_answer(suite: CipherSuite, ne: int) -> None:
    channel, chip = pair(suite)
    longest = len(chip.seal(ResponseAPDU(bytes(ne), 0x9000)).data)
    assert channel.protect(replace(READ, ne=ne)).ne == min(max(longest, 256), 65_536)


def test_le_stays_short_for_a_chip_without_extended_length() -> None:
    channel, _ = pair(CipherSuite.AES128)
    channel.extended = False
    assert not channel.protect(replace(READ, ne=256)).is_extended


# --- what must not be believed ----------------------------------------------------------------------------------------

ROW = D4["exchanges"][1]
PROTECTED = bytes.fromhex(ROW["protected_rsp"])


def after_first_exchange() -> Channel:
    """D.4 up to its second answer."""
    channel = d4_channel()
    first = D4["exchanges"][0]
    channel.protect(CommandAPDU.parse(bytes.fromhex(first["cmd"])))
    channel.unprotect(ResponseAPDU.parse(bytes.fromhex(first["protected_rsp"])))
    channel.protect(CommandAPDU.parse(bytes.fromhex(ROW["cmd"])))
    return channel


def assert_refused(answer: bytes) -> None:
    """Refused, and nothing is sent or believed afterwards, not even the right answer."""
    channel = after_first_exchange()
    with pytest.raises(SecureMessagingError):
        channel.unprotect(ResponseAPDU.parse(answer))
    assert channel.answers_verified == 1
    with pytest.raises(SecureMessagingError, match="ended"):
        channel.protect(READ)
    with pytest.raises(SecureMessagingError, match="ended"):
        channel.unprotect(ResponseAPDU.parse(PROTECTED))


@pytest.mark.parametrize("at", range(len(PROTECTED)))
def test_every_flipped_bit_is_refused_and_ends_the_session(at: int) -> None:
    for bit in range(8):
        assert_refused(PROTECTED[:at] + bytes((PROTECTED[at] ^ 1 << bit,)) + PROTECTED[at + 1 :])


@pytest.mark.parametrize("length", range(2, len(PROTECTED)))
def test_every_cut_is_refused(length: int) -> None:
    assert_refused(PROTECTED[:length])


@pytest.mark.parametrize("answer", ["9000", "6982", "6A82", "6988", "990290009000", "8E0800000000000000009000"])
def test_an_answer_without_its_protection_is_refused(answer: str) -> None:
    assert_refused(bytes.fromhex(answer))


def sealed(body: bytes, *, sw: int = 0x9000, tail: bytes = b"") -> tuple[Channel, ResponseAPDU]:
    """A channel that awaits an answer, and an answer over `body` whose MAC is right."""
    channel, chip = pair(CipherSuite.AES128)
    chip.open(channel.protect(READ))
    chip.ssc += 1
    content = chip.ssc.to_bytes(16, "big") + body
    mac = chip.suite.mac(chip.ks_mac, content + b"\x80" + bytes(-(len(content) + 1) % 16))
    return channel, ResponseAPDU(body + tlv.encode(0x8E, mac) + tail, sw)


@pytest.mark.parametrize(
    ("body", "sw", "tail", "why"),
    [
        ("99029000", 0x9000, "99029000", "MAC"),
        ("870101", 0x9000, "", "99 is missing"),
        ("99026282", 0x9000, "", "status word"),
        ("990190", 0x9000, "", "status word"),
        ("8711020000000000000000000000000000000099029000", 0x9000, "", "padding indicator"),
        ("87020100" + "99029000", 0x9000, "", "whole blocks"),
        ("870101" + "99029000", 0x9000, "", "padding"),
        ("8500" + "99029000", 0x9000, "", "padding"),
        ("8711010000000000000000000000000000000099029000", 0x9000, "", "padding"),
    ],
)
def test_a_right_mac_does_not_excuse_a_wrong_content(body: str, sw: int, tail: str, why: str) -> None:
    channel, response = sealed(bytes.fromhex(body), sw=sw, tail=bytes.fromhex(tail))
    with pytest.raises(SecureMessagingError, match=why):
        channel.unprotect(response, READ)
    assert channel.ended


def test_a_repeated_answer_is_refused() -> None:
    channel, chip = pair(CipherSuite.AES256)
    chip.open(channel.protect(READ))
    response = chip.seal(ResponseAPDU(b"once", 0x9000))
    channel.unprotect(response, READ)
    channel.protect(READ)
    with pytest.raises(SecureMessagingError, match="MAC"):
        channel.unprotect(response, READ)


# --- the wrapper ------------------------------------------------------------------------------------------------------


class ChipOf:
    """A transport with the chip's half of the session: gives `answers`, protected, in order."""

    def __init__(self, chip: ChipSession, *answers: ResponseAPDU | Exception) -> None:
        self.chip, self.answers, self.resets = chip, list(answers), 0

    def transmit(self, command: bytes) -> bytes:
        self.chip.open(CommandAPDU.parse(command))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return self.chip.seal(answer).encode()

    def reset(self) -> None:
        self.resets += 1

    def close(self) -> None: ...


class Watching:
    def __init__(self) -> None:
        self.phases: list[object] = []

    def noticed(self, notice: object) -> None:
        self.phases.append(notice)

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None: ...


def reading() -> Flow[bytes]:
    yield Phase("a phase")
    return (yield READ).expect_ok(READ)


def test_a_flow_runs_inside_a_session_as_it_does_outside() -> None:
    channel, chip = pair(CipherSuite.DES3)
    watching = Watching()
    assert run(channel.secure(reading()), ChipOf(chip, ResponseAPDU(b"data", 0x9000)), [watching]) == b"data"
    assert watching.phases == [Phase("a phase")]


def test_a_protected_refusal_leaves_the_session_alive() -> None:
    channel, chip = pair(CipherSuite.AES128)
    card = ChipOf(chip, ResponseAPDU(b"", 0x6A82), ResponseAPDU(b"data", 0x9000))
    with pytest.raises(StatusWordError):
        run(channel.secure(reading()), card)
    assert run(channel.secure(reading()), card) == b"data"


def test_a_flow_may_handle_what_goes_wrong_inside_it() -> None:
    def careful() -> Flow[bytes]:
        try:
            return (yield from reading())
        except SecureMessagingError:
            return b"handled"

    channel, _ = pair(CipherSuite.AES128)
    assert run(channel.secure(careful()), AnsweringCard(["6988"])) == b"handled"


def test_a_lost_card_ends_the_session() -> None:
    channel, chip = pair(CipherSuite.AES128)
    with pytest.raises(CardLostError):
        run(channel.secure(reading()), ChipOf(chip, CardLostError("gone")))
    with pytest.raises(SecureMessagingError, match="ended"):
        channel.protect(READ)


def test_a_reset_goes_through_and_ends_the_session() -> None:
    def resetting() -> Flow[ResponseAPDU]:
        return (yield Reset())

    channel, chip = pair(CipherSuite.AES128)
    card = ChipOf(chip)
    assert run(channel.secure(resetting()), card) == ACKNOWLEDGED
    assert card.resets == 1
    with pytest.raises(SecureMessagingError, match="ended"):
        channel.protect(READ)


def test_keys_do_not_print() -> None:
    channel, _ = pair(CipherSuite.AES128)
    assert channel.keys.ks_enc.hex() not in repr(channel)
    assert repr(channel.keys.ks_enc) not in repr(channel)
