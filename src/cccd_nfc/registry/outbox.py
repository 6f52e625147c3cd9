"""The outbox: messages go out after the act that wrote them, again and again until they went or have expired.

A process claims a message before it sends it, so that two that deliver at once send it once. One that dies between
sending and noting it leaves a message that goes again when the claim has run out: at least once, never lost. Gateways
get the message's id, by which the other side can know the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from cccd_nfc.errors import RegistryError, RegistryUnavailableError
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.gateways import DEVICE, Letter, carries
from cccd_nfc.registry.keys import unseal
from cccd_nfc.registry.models import Message
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act

CLAIM = timedelta(seconds=60)
"""Longer than any gateway takes to answer or to give up."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=10)
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not gone. recipient: its last three characters at most.  last_error: a class, or empty."""

    id: str
    kind: str
    channel: str
    recipient: str
    created_at: datetime
    expires_at: datetime
    attempts: int
    next_try_at: datetime | None
    last_error: str


@dataclass(frozen=True, slots=True)
class Outbox:
    office: Office

    def deliver(self) -> int:
        """Sends what is due, and gives how many messages went. One that cannot go is tried again after a pause and
        holds up no other; its RegistryError is raised when all have been tried."""
        now = self.office.clock()
        self._sweep(now)
        sent, failure = 0, None
        for message_id in self._due(now):
            letter = self._claim(message_id, now)
            if letter is None:
                continue
            try:
                self.office.gateway.send(letter)
            except RegistryUnavailableError:
                raise
            except RegistryError as error:
                failure = failure or error
                self._failed(message_id, error, now)
            else:
                self._sent(message_id, now)
                sent += 1
        if failure:
            raise failure
        return sent

    def waiting(self) -> tuple[Waiting, ...]:
        """What has not gone yet, the oldest first; no text, and no whole address."""
        now = stamp(self.office.clock())
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_OUTBOX, self.office.clock())
            mine = (Message.sent_at.is_(None), Message.expires_at > now)
            rows = session.scalars(select(Message).where(*mine).order_by(Message.created_at))
            return tuple(_waiting(row) for row in rows)

    def for_device(self, thumbprint: str) -> tuple[Letter, ...]:
        """What waits for this device, the oldest first; whoever calls has proved to be it. Given out once: from then
        on it is nowhere (S-08), and a code that was lost on the way has to be asked for again."""
        now = self.office.clock()
        with self.office.database.write() as session:
            mine = (Message.channel == DEVICE, Message.recipient_index == thumbprint, Message.sent_at.is_(None))
            rows = session.scalars(select(Message).where(*mine).order_by(Message.created_at)).all()
            fresh = [self._letter(row) for row in rows if row.sealed is not None and stamp(now) < row.expires_at]
            for row in rows:
                row.sent_at, row.sealed = stamp(now), None
            return tuple(fresh)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _sweep(self, now: datetime) -> None:
        """What has expired is given up, text and file: an old code is not sent at all (S-08)."""
        late = (Message.sent_at.is_(None), Message.expires_at <= stamp(now))
        with self.office.database.write() as session:
            session.execute(
                update(Message).where(*late).values(sent_at=stamp(now), sealed=None, last_error=EXPIRED),
                execution_options={"synchronize_session": False},
            )
        sweep = getattr(self.office.gateway, "sweep", None)
        if sweep is not None:
            sweep(now)

    def _due(self, now: datetime) -> list[str]:
        """Ids of what may go now. A device fetches its codes itself: no gateway carries them."""
        channels = carries(self.office.gateway)
        code_for_device = (Message.kind == "otp") & (Message.channel == DEVICE)
        due = (*_free(now), Message.channel.in_(channels), ~code_for_device)
        with self.office.database.write() as session:
            return list(session.scalars(select(Message.id).where(*due).order_by(Message.created_at)))

    def _claim(self, message_id: str, now: datetime) -> Letter | None:
        """The letter, when no other process has it in hand."""
        with self.office.database.write() as session:
            done = session.execute(
                update(Message)
                .where(Message.id == message_id, *_free(now))
                .values(claimed_until=stamp(now + CLAIM), attempts=Message.attempts + 1),
                execution_options={"synchronize_session": False},
            )
            if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
                return None
            return self._letter(session.get_one(Message, message_id))

    def _letter(self, row: Message) -> Letter:
        text = unseal(self.office.keys.outbox, row.sealed or b"", row.id).decode()
        when = moment_of(row.created_at)
        return Letter(row.kind, row.channel, row.recipient, text, when, row.id, row.expires_at)

    def _sent(self, message_id: str, now: datetime) -> None:
        with self.office.database.write() as session:
            row = session.get_one(Message, message_id)
            row.sent_at, row.sealed, row.last_error = stamp(now), None, ""

    def _failed(self, message_id: str, error: RegistryError, now: datetime) -> None:
        with self.office.database.write() as session:
            row = session.get_one(Message, message_id)
            pause = min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
            row.claimed_until, row.next_try_at = 0, stamp(now) + span(pause)
            row.last_error = type(error).__name__[:64]


def _free(now: datetime) -> tuple[Any, ...]:
    at = stamp(now)
    return (
        *(Message.sent_at.is_(None), Message.expires_at > at),
        *(Message.claimed_until <= at, Message.next_try_at <= at),
    )


def _waiting(row: Message) -> Waiting:
    return Waiting(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        recipient=f"…{row.recipient[-3:]}",
        created_at=moment_of(row.created_at),
        expires_at=moment_of(row.expires_at),
        attempts=row.attempts,
        next_try_at=moment_of(row.next_try_at) if row.next_try_at else None,
        last_error=row.last_error,
    )
