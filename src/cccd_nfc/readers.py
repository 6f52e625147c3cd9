"""The address of a reader, and what is behind it: hardware, a recording, or the simulated card.

pcsc | pcsc:PART-OF-NAME | nfc | nfc:PATH | replay:FILE | sim:PROFILE-or-FOLDER
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from cccd_nfc.errors import UsageError
from cccd_nfc.inspection.request import DEFAULT_MAX_RESPONSE
from cccd_nfc.iso7816.flow import Observer, RandomBytes, Transport
from cccd_nfc.sentences import Said

WAIT_SECONDS = 30.0


@dataclass(slots=True)
class OpenReader:
    """A card that can be talked to, and the randomness to do it with (a replay brings its own)."""

    transport: Transport
    random_bytes: RandomBytes = os.urandom
    max_response: int = DEFAULT_MAX_RESPONSE
    observers: tuple[Observer, ...] = ()
    hint: tuple[str, str] | None = None
    """(number, CAN) of a simulated card made on the spot, which nobody else could know."""

    def __enter__(self) -> OpenReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()


def open_reader(address: str, *, waiting: Callable[[], None] = lambda: None) -> OpenReader:
    """The reader at `address`, with a card on it; calls `waiting` before it waits for one.

    Raises UsageError for an address of no known kind, TransportError when there is no reader or no card comes.
    """
    kind, _, rest = address.partition(":")
    openers = {"pcsc": _open_pcsc, "nfc": _open_nfc, "replay": _open_replay, "sim": _open_simulated}
    if kind not in openers:
        raise UsageError(Said("no reader of the kind {kind}; use pcsc, nfc, replay or sim", kind=repr(kind)))
    if kind in ("pcsc", "nfc"):
        waiting()
    return openers[kind](rest)


def record(reader: OpenReader, path: Path, *, address: str) -> OpenReader:
    """The same reader, with all that passes written to a tape at `path`."""
    from cccd_nfc.transport.tape import RecordingTransport

    synthetic = address.partition(":")[0] == "sim"
    tape = RecordingTransport(reader.transport, path, reader=address, synthetic=synthetic)
    return OpenReader(tape, tape.recording(reader.random_bytes), reader.max_response, (*reader.observers, tape))


def _open_pcsc(name_part: str) -> OpenReader:
    from cccd_nfc.transport.pcsc import PcscTransport

    return OpenReader(PcscTransport.open(name_part, wait_seconds=WAIT_SECONDS))


def _open_nfc(path: str) -> OpenReader:
    from cccd_nfc.transport.nfc import NfcTransport

    return OpenReader(NfcTransport.open(path or "usb", wait_seconds=WAIT_SECONDS))


def _open_replay(path: str) -> OpenReader:
    from cccd_nfc.transport.tape import ReplayTransport

    tape = ReplayTransport.open(Path(path))
    return OpenReader(tape, tape.random_bytes)


def _open_simulated(what: str) -> OpenReader:
    from cccd_nfc.simulator.card import CardData
    from cccd_nfc.simulator.chip import Chip
    from cccd_nfc.simulator.personalisation import PROFILES, personalise
    from cccd_nfc.simulator.transport import SimulatedTransport

    if what in PROFILES:
        card = personalise(what, seed=1, today=datetime.now(UTC).date())
        return OpenReader(SimulatedTransport(Chip(card)), hint=(card.secrets.number, card.secrets.can))
    if not Path(what).is_dir():
        template = "sim:{what}: neither a profile ({profiles}) nor the folder of a card"
        raise UsageError(Said(template, what=what, profiles=", ".join(PROFILES)))
    return OpenReader(SimulatedTransport(Chip(CardData.load(Path(what)))))
