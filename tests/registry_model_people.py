"""Whom and what the registry's rules are about, as the model of a walk keeps it: people, their phones, attempts, codes.

`Shelf` holds them, with what every rule asks of them. The rules are in the files beside it: of codes and devices
(registry_model_codes.py), of locks (registry_model_locks.py), of the card (registry_model.py).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cccd_nfc.errors import NotFoundError, RefusedError
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
VIETNAM = timedelta(hours=7)


@dataclass(frozen=True)
class Shown:
    """Evidence as it was shown.  genuine: by a chip that its issuer vouches for.  challenge: for which transaction."""

    number: str
    expires: str
    genuine: bool
    challenge: str
    digest: bytes


@dataclass
class Gadget:
    """A phone as the device of one account.  wiped: it was told to wipe.  receipt: of its unlinking."""

    key: str
    state: DeviceState = DeviceState.PENDING
    ended: datetime | None = None
    wiped: bool = False
    receipt: str = ""

    def end(self, state: DeviceState, now: datetime) -> None:
        self.state, self.ended = state, now


@dataclass
class Code:
    digits: str
    reference: str
    sent: datetime
    until: datetime
    tries: int = 5
    used: datetime | None = None


@dataclass
class Attempt:
    """A transaction.  confirmed_by, unlinked_by: what has finished it, and gives the same receipt if it comes again."""

    purpose: Purpose
    key: str
    opened: datetime
    state: TransactionState = TransactionState.OPEN
    owner: str = ""
    version: int = 0
    device: Gadget | None = None
    codes: list[Code] = field(default_factory=list)
    confirmed_by: tuple[str, str] | None = None
    unlinked_by: bytes = b""

    def is_over(self, now: datetime) -> bool:
        """Too late, or out of tries: who tries for the last time has until the code's end (DS-04)."""
        late = now >= self.opened + 10 * MINUTE
        return late or bool(self.codes and not self.codes[-1].tries and now >= self.codes[-1].until)


@dataclass
class Person:
    """unanswered: when codes were sent that nobody has typed in since."""

    number: str
    expires: str
    issued: datetime
    phone: str
    state: AccountState = AccountState.ISSUED
    before: str = ""
    version: int = 0
    failures: int = 0
    hold: datetime | None = None
    unanswered: list[datetime] = field(default_factory=list)
    devices: list[Gadget] = field(default_factory=list)
    grounds: set[LockGround] = field(default_factory=set)

    def device(self, *states: DeviceState) -> Gadget | None:
        return next((each for each in self.devices if each.state in states), None)

    @property
    def held(self) -> Gadget | None:
        """The one device: in use, or stopped until it proves its key."""
        return self.device(DeviceState.ACTIVE, DeviceState.SUSPENDED)

    def is_late(self, now: datetime) -> bool:
        return self.state is AccountState.ISSUED and now > self.issued + 7 * DAY


@dataclass
class Shelf:
    """acts: entries of the audit log, each kind counted.  last: when the newest of them was written."""

    people: dict[str, Person] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    used: set[bytes] = field(default_factory=set)
    acts: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None

    def write(self, act: str, now: datetime) -> None:
        self.acts[act] += 1
        self.last = now

    def person(self, number: str) -> Person:
        refuse(number not in self.people, NotFoundError)
        return self.people[number]

    def attempt(self, name: str) -> Attempt:
        refuse(name not in self.attempts, NotFoundError)
        return self.attempts[name]

    def codes_of(self, person: Person) -> list[Code]:
        return [code for each in self.attempts.values() if each.owner == person.number for code in each.codes]

    def void_codes(self, person: Person, now: datetime) -> None:
        for code in self.codes_of(person):
            if code.used is None:
                code.until = min(code.until, now)

    def pending_of(self, person: Person) -> list[Attempt]:
        mine = (each for each in self.attempts.values() if each.owner == person.number)
        return [each for each in mine if each.state is TransactionState.PENDING]

    def end_attempts(self, person: Person, now: datetime) -> None:
        for attempt in self.pending_of(person):
            self.end_attempt(attempt, now)

    def end_attempt(self, attempt: Attempt, now: datetime) -> None:
        attempt.state = TransactionState.VOID
        if attempt.device is not None and attempt.device.state is DeviceState.PENDING:
            attempt.device.end(DeviceState.EXPIRED, now)

    def is_active_elsewhere(self, person: Person, key: str) -> bool:
        others = (each for each in self.people.values() if each is not person)
        return any(each.key == key and each.state is DeviceState.ACTIVE for other in others for each in other.devices)

    def is_revoked(self, key: str) -> bool:
        """Whether it was ever revoked, for anybody (DS-06)."""
        every = (each for person in self.people.values() for each in person.devices)
        return any(each.key == key and each.state is DeviceState.REVOKED for each in every)


def refuse(when: bool, error: type[Exception] = RefusedError) -> None:
    if when:
        raise error("model")


def refuse_unusable(person: Person, now: datetime) -> None:
    refuse(person.state not in (AccountState.ISSUED, AccountState.ACTIVE) or person.is_late(now))


def refuse_held(person: Person, now: datetime) -> None:
    refuse(person.failures >= 100 or (person.hold is not None and now < person.hold))


def today(now: datetime) -> str:
    """The day in Vietnam."""
    return (now + VIETNAM).date().isoformat()
