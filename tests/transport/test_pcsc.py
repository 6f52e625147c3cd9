"""PC/SC against the real service: a tiny card program lies on the virtual reader."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from cccd_nfc.errors import CardAbsentError, CardLostError, ReaderUnavailableError
from cccd_nfc.transport import pcsc
from cccd_nfc.transport.pcsc import PcscTransport, list_readers
from conftest import missing
from pcsc_service import PcscService, card_on_reader, has_card, wait_until

T1_ATR = bytes.fromhex("3B8980014D4B6A434F532D333712")
T0_ATR = bytes.fromhex("3B026162")


class TinyCard:
    """Answers by `handler`, and remembers what came."""

    def __init__(self, handler: Callable[[bytes], bytes], atr: bytes = T1_ATR) -> None:
        self.atr, self.handler = atr, handler
        self.commands: list[bytes] = []
        self.resets = 0

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self.handler(command)

    def reset(self) -> None:
        self.resets += 1


def echo(command: bytes) -> bytes:
    return command + b"\x90\x00"


@pytest.mark.pcsc
def test_the_card_and_its_atr_are_listed(pcsc_service: PcscService) -> None:
    with card_on_reader(pcsc_service, TinyCard(echo)):
        wait_until(lambda: has_card(pcsc_service))
        (found,) = (reader for reader in list_readers() if reader.name == pcsc_service.reader)
    assert found.atr == T1_ATR


@pytest.mark.pcsc
def test_answers_of_any_length_arrive_whole(pcsc_service: PcscService) -> None:
    content = os.urandom(65_000)

    def first_bytes(command: bytes) -> bytes:
        return content[: int.from_bytes(command[5:7], "big")] + b"\x90\x00"

    with card_on_reader(pcsc_service, TinyCard(first_bytes)):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            for size in (1, 255, 256, 2_048, 8_000, 65_000):
                command = bytes.fromhex("00B09C0000") + size.to_bytes(2, "big")
                assert card.transmit(command) == content[:size] + b"\x90\x00"
        finally:
            card.close()


@pytest.mark.pcsc
def test_the_reader_is_found_by_a_part_of_its_name_in_any_case(pcsc_service: PcscService) -> None:
    with card_on_reader(pcsc_service, TinyCard(echo)):
        card = PcscTransport.open("virtual pcd", wait_seconds=10)
        try:
            assert card.reader == pcsc_service.reader
        finally:
            card.close()


@pytest.mark.pcsc
def test_a_reset_is_a_cold_start(pcsc_service: PcscService) -> None:
    tiny = TinyCard(echo)
    with card_on_reader(pcsc_service, tiny):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            before = tiny.resets
            card.reset()
            assert card.transmit(b"\x00\x84\x00\x00\x08").endswith(b"\x90\x00")
        finally:
            card.close()
        assert tiny.resets > before


@pytest.mark.pcsc
def test_over_t0_the_le_stays_behind_and_6cxx_is_obeyed(pcsc_service: PcscService) -> None:
    tiny = TinyCard(lambda command: b"\x6c\x08" if command[4:] == b"\x00" else echo(command), T0_ATR)
    with card_on_reader(pcsc_service, tiny):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            card.transmit(bytes.fromhex("0C A4 04 0C 02 AABB 00"))
            card.transmit(bytes.fromhex("00 84 00 00 00"))
        finally:
            card.close()
    assert [each.hex() for each in tiny.commands] == ["0ca4040c02aabb", "0084000000", "0084000008"]


@pytest.mark.pcsc
def test_a_card_pulled_in_the_middle_of_a_command_is_lost_and_then_absent(pcsc_service: PcscService) -> None:
    def pull(command: bytes) -> bytes:
        raise CardLostError("pulled by the test")

    with card_on_reader(pcsc_service, TinyCard(pull)):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            with pytest.raises(CardLostError, match="put it back"):
                card.transmit(b"\x00\x84\x00\x00\x08")
            with pytest.raises(CardLostError):
                card.transmit(b"\x00\x84\x00\x00\x08")
        finally:
            card.close()
        wait_until(lambda: not has_card(pcsc_service))
        with pytest.raises(CardAbsentError):
            PcscTransport.open(pcsc_service.reader, wait_seconds=0)


@pytest.mark.pcsc
def test_a_card_that_was_pulled_does_not_come_back_by_a_reset(pcsc_service: PcscService) -> None:
    with card_on_reader(pcsc_service, TinyCard(echo)):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
    try:
        with pytest.raises(CardLostError):
            card.reset()
    finally:
        card.close()


@pytest.mark.pcsc
def test_a_card_that_comes_later_is_waited_for(pcsc_service: PcscService) -> None:
    opened: list[PcscTransport] = []
    opener = threading.Thread(target=lambda: opened.append(PcscTransport.open(pcsc_service.reader, wait_seconds=10)))
    opener.start()
    with card_on_reader(pcsc_service, TinyCard(echo)):
        opener.join()
        assert opened[0].transmit(b"\x00\x84\x00\x00\x08").endswith(b"\x90\x00")
        opened[0].close()


@pytest.mark.pcsc
def test_nobody_else_gets_the_card_meanwhile(pcsc_service: PcscService) -> None:
    with card_on_reader(pcsc_service, TinyCard(echo)):
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            with pytest.raises(CardAbsentError, match="another program"):
                PcscTransport.open(pcsc_service.reader, wait_seconds=0)
        finally:
            card.close()


@pytest.mark.pcsc
def test_a_connection_that_another_program_does_not_use_is_no_hindrance(pcsc_service: PcscService) -> None:
    from smartcard import scard

    with card_on_reader(pcsc_service, TinyCard(echo)):
        wait_until(lambda: has_card(pcsc_service))
        _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        _, idle, _ = scard.SCardConnect(context, pcsc_service.reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)
        card = PcscTransport.open(pcsc_service.reader, wait_seconds=10)
        try:
            assert card.transmit(b"\x00\x84\x00\x00\x08").endswith(b"\x90\x00")
        finally:
            card.close()
            scard.SCardDisconnect(idle, scard.SCARD_LEAVE_CARD)
            scard.SCardReleaseContext(context)


@pytest.mark.pcsc
def test_an_unknown_name_is_answered_with_the_names_there_are(pcsc_service: PcscService) -> None:
    with pytest.raises(ReaderUnavailableError, match=pcsc_service.reader):
        PcscTransport.open("no such reader", wait_seconds=0)


def test_without_the_service_the_error_says_what_to_start() -> None:
    if importlib.util.find_spec("smartcard") is None:
        missing("pyscard")
    program = (
        "from cccd_nfc.errors import ReaderUnavailableError\n"
        "from cccd_nfc.transport.pcsc import list_readers\n"
        "try: list_readers()\n"
        "except ReaderUnavailableError as error: print(error)\n"
    )
    nowhere = {**os.environ, "PCSCLITE_CSOCK_NAME": os.devnull + "/no-such-socket"}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=nowhere)
    assert "start pcscd" in ran.stdout


def test_without_pyscard_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(ReaderUnavailableError, match=r"cccd-nfc\[pcsc\]"):
        list_readers()


class FakeService:
    """The part of pyscard's naked interface that a connected card needs; `transmit` gives (return value, answer)."""

    SCARD_PROTOCOL_T0, SCARD_PCI_T0, SCARD_PCI_T1 = 1, 1, 2

    def __init__(self, transmit: tuple[int, list[int]], status: int = 0) -> None:
        self._transmit, self._status = transmit, status

    def SCardTransmit(self, handle: object, pci: int, command: list[int]) -> tuple[int, list[int]]:
        return self._transmit

    def SCardStatus(self, handle: object) -> tuple[int, ...]:
        return (self._status,)


def connected(service: FakeService) -> PcscTransport:
    card = pcsc._Card(service, None, protocol=2, share=2)
    return PcscTransport(SimpleNamespace(), card, "a reader")


EXTENDED, SHORT = bytes.fromhex("00B09C00000800"), bytes.fromhex("00B09C0000")
NOT_TRANSACTED = 0x80100016


def test_a_reader_that_lets_no_extended_command_through_looks_like_a_card_with_short_ones() -> None:
    assert connected(FakeService((NOT_TRANSACTED, []))).transmit(EXTENDED) == b"\x67\x00"


def test_a_reader_that_let_one_through_before_has_lost_the_card() -> None:
    card = connected(FakeService((0, [0x90, 0x00])))
    card.transmit(EXTENDED)
    card._card.scard = FakeService((NOT_TRANSACTED, []))
    with pytest.raises(CardLostError):
        card.transmit(EXTENDED)


@pytest.mark.parametrize(
    ("service", "command"),
    [
        (FakeService((NOT_TRANSACTED, [])), SHORT),
        (FakeService((NOT_TRANSACTED, []), status=0x80100069), EXTENDED),
        (FakeService((NOT_TRANSACTED - (1 << 32), [])), SHORT),
        (FakeService((0x80100068, [])), SHORT),
        (FakeService((0, [])), SHORT),
        (FakeService((0, [0x90])), SHORT),
    ],
    ids=["not transacted", "card gone", "negative return value", "reset by another", "nothing", "half a status word"],
)
def test_no_answer_is_a_lost_card(service: FakeService, command: bytes) -> None:
    with pytest.raises(CardLostError):
        connected(service).transmit(command)
