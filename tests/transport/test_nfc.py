"""nfcpy without hardware: its own UDP driver on one side, a small ISO-DEP card on the other."""

from __future__ import annotations

import importlib.util
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest

from cccd_nfc.errors import CardAbsentError, CardLostError, ReaderUnavailableError
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from cccd_nfc.transport import nfc
from cccd_nfc.transport.nfc import NfcDevice, NfcTransport, list_devices
from conftest import missing
from iso_dep_card import IsoDepCard


@pytest.fixture(autouse=True)
def _with_nfcpy() -> None:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")


IMPATIENT = bytes.fromhex("0578804002")  # 4.8 ms to answer, then five repetitions


@contextmanager
def opened(card: IsoDepCard) -> Iterator[NfcTransport]:
    with card:
        transport = NfcTransport.open(card.path, wait_seconds=5)
        try:
            yield transport
        finally:
            transport.close()


def echo(command: bytes) -> bytes:
    return command + b"\x90\x00"


@pytest.mark.parametrize("size", [4, 252, 253, 254, 506, 2_048, 60_000])
def test_commands_and_answers_of_any_length_go_through_whole(size: int) -> None:
    command = os.urandom(size)
    with opened(IsoDepCard(echo)) as transport:
        assert transport.transmit(command) == command + b"\x90\x00"
        assert transport.transmit(b"\x00\x84\x00\x00\x08") == b"\x00\x84\x00\x00\x08\x90\x00"


@pytest.mark.parametrize("more_time_at", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_card_that_asks_for_more_time_anywhere_in_its_answer_gets_it(more_time_at: tuple[int, ...]) -> None:
    answer = os.urandom(600) + b"\x90\x00"
    with opened(IsoDepCard(lambda command: answer, more_time_at=more_time_at)) as transport:
        assert transport.transmit(b"\x00\xb0\x9c\x00\x00") == answer


def test_a_card_that_asks_for_more_and_more_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nfc, "_COMPUTING_SECONDS", -1.0)
    with opened(IsoDepCard(echo, more_time_at=(0,))) as transport, pytest.raises(CardLostError, match="more time"):
        transport.transmit(b"\x00\x84\x00\x00\x08")


def test_a_reset_switches_the_field_off_and_activates_the_card_again() -> None:
    card = IsoDepCard(echo)
    with opened(card) as transport:
        transport.reset()
        assert transport.transmit(b"\x00\x84\x00\x00\x08").endswith(b"\x90\x00")
    assert card.activations == 2


def test_a_card_that_falls_silent_is_lost() -> None:
    with opened(IsoDepCard(echo, ats=IMPATIENT, mute_after=1)) as transport:
        transport.transmit(b"\x00\x84\x00\x00\x08")
        with pytest.raises(CardLostError, match="put it back"):
            transport.transmit(b"\x00\x84\x00\x00\x08")


def test_a_card_that_does_not_come_back_after_a_reset_is_lost() -> None:
    card = IsoDepCard(echo)
    with opened(card) as transport:
        card._ats = b"\x01"
        with pytest.raises(CardLostError, match="did not come back"):
            transport.reset()


@pytest.mark.parametrize("answer", [b"\x90", b""], ids=["half a status word", "nothing"])
def test_a_torn_answer_is_a_lost_card(answer: bytes) -> None:
    with opened(IsoDepCard(lambda command: answer, ats=IMPATIENT)) as transport, pytest.raises(CardLostError):
        transport.transmit(b"\x00\x84\x00\x00\x08")


@pytest.mark.parametrize("ats", [b"\x01", b"\x02\x05"])
def test_an_answer_to_select_that_nfcpy_cannot_take_is_no_card(ats: bytes) -> None:
    with IsoDepCard(echo, ats=ats) as card, pytest.raises(CardAbsentError):
        NfcTransport.open(card.path, wait_seconds=0)


def test_without_a_card_the_wait_ends() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(CardAbsentError, match="put it on"):
            NfcTransport.open(f"udp:127.0.0.1:{silent.getsockname()[1]}", wait_seconds=0)


@pytest.mark.parametrize(
    "path", ["usb:ffff:ffff", "no such thing", "udp:127.0.0.1:port", "tty:none:no_such_driver", ""]
)
def test_a_path_without_a_reader_is_said_so(path: str) -> None:
    with pytest.raises(ReaderUnavailableError):
        NfcTransport.open(path, wait_seconds=0)


def test_without_nfcpy_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nfc", None)
    for ask in (list_devices, lambda: NfcTransport.open("usb")):
        with pytest.raises(ReaderUnavailableError, match=r"cccd-nfc\[nfc\]"):
            ask()


def test_the_devices_that_nfcpy_knows_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    from nfc.clf.transport import USB

    found = [(0x072F, 0x2200, 1, 5), (0x1D6B, 0x0002, 1, 1), (0x054C, 0x06C3, 2, 17)]
    monkeypatch.setattr(USB, "find", staticmethod(lambda path: found))
    assert list_devices() == (NfcDevice("usb:001:005", "acr122"), NfcDevice("usb:002:017", "rcs380"))


def test_the_simulated_card_is_read_over_the_air_as_it_is_in_process() -> None:
    card = personalise("cccd-2021", seed=1, today=date(2026, 6, 1))
    request = Request(Password.can(card.secrets.can), bytes(8))
    now = datetime(2026, 6, 1, 9, tzinfo=UTC)
    in_process = read(
        request,
        SimulatedTransport(Chip(card, SeededBytes(1, "chip"))),
        random_bytes=SeededBytes(2, "terminal"),
        now=now,
    )
    chip = Chip(card, SeededBytes(1, "chip"))
    with opened(IsoDepCard(chip.transmit, more_time_at=(1, 3))) as transport:
        over_the_air = read(request, transport, random_bytes=SeededBytes(2, "terminal"), now=now)
    assert over_the_air.digest() == in_process.digest()
