"""A thread for each reader: it sees cards come and go, and carries readings out as soon as there is a card."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cccd_nfc.desk.reading import Reading, ReadingState
from cccd_nfc.errors import (
    CardAbsentError,
    CardLostError,
    CccdError,
    ReaderUnavailableError,
    TransportError,
)
from cccd_nfc.readers import OpenReader, open_reader
from cccd_nfc.simulator.personalisation import PROFILES

LOOK_SECONDS = 0.3
MOST_ATTEMPTS = 6
"""A card that is lost so often in one reading does not lie well, or is broken: a person has to say how to go on."""

_LOG = logging.getLogger(__name__)


class Reader(Protocol):
    """A reader as the watch sees it."""

    @property
    def name(self) -> str: ...

    def look(self) -> bool:
        """Whether a card is there; TransportError when the reader itself is not."""

    def open(self) -> OpenReader:
        """The card that is there, without waiting for one."""


@dataclass(frozen=True, slots=True)
class PcscReader:
    """The first PC/SC reader whose name contains `part`."""

    part: str = ""

    @property
    def name(self) -> str:
        return self.part or "PC/SC"

    def look(self) -> bool:
        from cccd_nfc.transport.pcsc import list_readers

        mine = [each for each in list_readers() if self.part.lower() in each.name.lower()]
        if not mine:
            raise ReaderUnavailableError("no PC/SC reader; plug one in")
        return any(each.card_present for each in mine)

    def open(self) -> OpenReader:
        from cccd_nfc.transport.pcsc import PcscTransport

        return OpenReader(PcscTransport.open(self.part, wait_seconds=0))


@dataclass(frozen=True, slots=True)
class AddressedReader:
    """Any other address that `readers.open_reader` knows. A simulated card lies there as long as its folder does."""

    address: str

    @property
    def name(self) -> str:
        return self.address

    def look(self) -> bool:
        kind, _, rest = self.address.partition(":")
        return kind != "sim" or rest in PROFILES or Path(rest).is_dir()

    def open(self) -> OpenReader:
        return open_reader(self.address)


def reader_at(address: str) -> Reader:
    """The reader of an address as the command line takes it."""
    kind, _, rest = address.partition(":")
    return PcscReader(rest) if kind == "pcsc" else AddressedReader(address)


class Stage(StrEnum):
    """GONE: the reader, or the service behind it, is not there.  EMPTY: no card.  CARD: a card lies on it."""

    GONE = "gone"
    EMPTY = "empty"
    CARD = "card"


class Watch:
    """The reader, what is on it, and the one reading that it has to carry out."""

    def __init__(self, reader: Reader, seconds: float = LOOK_SECONDS) -> None:
        self.reader, self._seconds = reader, seconds
        self.stage = Stage.EMPTY
        self.trouble: CccdError | None = None
        self._reading: Reading | None = None
        self._woken, self._stopped = threading.Event(), False
        self._thread = threading.Thread(target=self._work, name="reader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        self._woken.set()
        self._thread.join(timeout=5)

    def carry_out(self, reading: Reading) -> None:
        """From now on this is the reading that is wanted; one that was wanted before is cancelled."""
        before, self._reading = self._reading, reading
        if before and before is not reading and before.is_open:
            before.cancel()
        self._woken.set()

    def _work(self) -> None:
        while not self._stopped:
            self._woken.wait(self._seconds)
            self._woken.clear()
            self._look()
            reading = self._reading
            if reading and reading.is_wanted and self.stage is Stage.CARD:
                self._read(reading)

    def _look(self) -> None:
        try:
            self.stage, self.trouble = (Stage.CARD if self.reader.look() else Stage.EMPTY), None
        except CccdError as error:
            self.stage, self.trouble = Stage.GONE, error

    def _read(self, reading: Reading) -> None:
        try:
            with self.reader.open() as card:
                reading.carry_out(card)
        except (CardLostError, CardAbsentError, ReaderUnavailableError) as error:
            self._lost(reading, error)
        except CccdError as error:
            self._failed(reading, error)
        except Exception as error:  # noqa: BLE001 - the thread lives on, whatever a card or a library comes up with
            _LOG.error("%s while reading", type(error).__name__)
            self._failed(reading, None)

    def _lost(self, reading: Reading, error: TransportError) -> None:
        if reading.attempts >= MOST_ATTEMPTS:
            self._failed(reading, error)
        elif reading.state is not ReadingState.CANCELLED:
            reading.state = ReadingState.LIFTED

    def _failed(self, reading: Reading, error: CccdError | None) -> None:
        if reading.state is not ReadingState.CANCELLED:
            reading.state, reading.error = ReadingState.FAILED, error
