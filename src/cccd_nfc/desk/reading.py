"""One reading of a card: what is wanted, how far it is, and how it ended. The watch of a reader carries it out."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cccd_nfc.errors import CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import Notice, Phase, Progress
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.readers import OpenReader

CHALLENGE_BYTES = 8
PHOTO = "EF.DG2"
TYPICAL_PHOTO, TYPICAL_REST = 16_000, 6_000
"""Bytes that a citizen card is expected to have, until each file tells its length."""


class ReadingState(StrEnum):
    """WAITING: for a card.  RUNNING.  LIFTED: the card went, and the reading begins again when it is back.  DONE.
    FAILED.  CANCELLED: nobody waits for it any more."""

    WAITING = "waiting"
    RUNNING = "running"
    LIFTED = "lifted"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True, eq=False)
class Reading:
    """then: called with what was read, in the watch's thread; a CccdError of it ends the reading as failed.

    challenge: 8 bytes for Active Authentication, empty for random ones.  error: why it failed; None for what nobody
    foresaw.
    """

    password: Password
    then: Callable[[Evidence], None] = field(repr=False)
    now: Callable[[], datetime] = field(repr=False)
    challenge: bytes = field(default=b"", repr=False)
    photo: bool = True
    state: ReadingState = ReadingState.WAITING
    error: CccdError | None = None
    phase: str = ""
    attempts: int = 0
    serial: int = field(default_factory=itertools.count(1).__next__)
    _files: dict[str, Progress] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether it has still to be carried out, or has failed and waits for a person."""
        return self.state not in (ReadingState.DONE, ReadingState.CANCELLED)

    @property
    def is_wanted(self) -> bool:
        return self.state in (ReadingState.WAITING, ReadingState.LIFTED)

    @property
    def done(self) -> int:
        """Bytes of files that have been read."""
        return sum(file.done for file in self._files.values())

    @property
    def total(self) -> int:
        """Bytes of files that there are; a guess until the last file has told its length."""
        known = sum(file.total for file in self._files.values())
        if not self.photo:
            return max(known, TYPICAL_REST)
        return known if PHOTO in self._files else max(known, TYPICAL_REST) + TYPICAL_PHOTO

    def cancel(self) -> None:
        self.state = ReadingState.CANCELLED

    def again(self) -> None:
        """Once more, after it failed."""
        self.state, self.error, self.attempts = ReadingState.WAITING, None, 0

    def carry_out(self, reader: OpenReader) -> None:
        """Reads the card and hands on what was read, unless it was cancelled meanwhile."""
        self._files, self.phase, self.state = {}, "", ReadingState.RUNNING
        self.attempts += 1
        challenge = self.challenge or reader.random_bytes(CHALLENGE_BYTES)
        request = Request(self.password, challenge, photo=self.photo, max_response=reader.max_response)
        observers = (*reader.observers, self)
        evidence = read(
            request, reader.transport, random_bytes=reader.random_bytes, now=self.now(), observers=observers
        )
        if self.state is ReadingState.RUNNING:
            self.then(evidence)
            self.state = ReadingState.DONE

    def noticed(self, notice: Notice) -> None:
        if isinstance(notice, Phase):
            self.phase = notice.name
        else:
            self._files[notice.item] = notice

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
        pass
