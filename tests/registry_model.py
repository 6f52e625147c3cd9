"""What the registry's rules say, written a second time and plainly: no database, no keys, no cards, lists and loops.

`Book` takes the acts of a walk beside the real registry (registry_walk.py). Each of its acts either changes the book or
raises an error of the class that the registry must raise; a refused act changes nothing but a try that it spent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
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
    key: str
    state: DeviceState = DeviceState.PENDING


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
    purpose: Purpose
    key: str
    opened: datetime
    state: TransactionState = TransactionState.OPEN
    owner: str = ""
    version: int = 0
    device: Gadget | None = None
    codes: list[Code] = field(default_factory=list)
    confirmed_by: tuple[str, str] | None = None


@dataclass
class Person:
    number: str
    expires: str
    issued: datetime
    state: AccountState = AccountState.ISSUED
    before: str = ""
    version: int = 0
    failures: int = 0
    hold: datetime | None = None
    devices: list[Gadget] = field(default_factory=list)
    grounds: set[LockGround] = field(default_factory=set)

    def device(self, *states: DeviceState) -> Gadget | None:
        return next((each for each in self.devices if each.state in states), None)


@dataclass
class Book:
    people: dict[str, Person] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    used: set[bytes] = field(default_factory=set)
    entries: int = 0

    # --- what needs the card ------------------------------------------------------------------------------------------

    def begin(self, name: str, purpose: Purpose, key: str, now: datetime) -> None:
        self.attempts[name] = Attempt(purpose, key, now)

    def _proven(self, name: str, purpose: Purpose, shown: Shown, now: datetime) -> Attempt:
        refuse(not shown.genuine or now.date().isoformat() > shown.expires, NotVerifiedError)
        attempt = self._attempt(name)
        refuse(attempt.purpose is not purpose or attempt.state is not TransactionState.OPEN)
        refuse(now >= attempt.opened + 5 * MINUTE)
        refuse(shown.challenge != name, NotVerifiedError)
        refuse(shown.digest in self.used)
        return attempt

    def _attempt(self, name: str) -> Attempt:
        refuse(name not in self.attempts, NotFoundError)
        return self.attempts[name]

    def person(self, number: str) -> Person:
        refuse(number not in self.people, NotFoundError)
        return self.people[number]

    def create(self, name: str, shown: Shown, phone_is_right: bool, now: datetime) -> None:
        refuse(not phone_is_right, UsageError)
        attempt = self._proven(name, Purpose.ENROL, shown, now)
        refuse(shown.number in self.people, ConflictError)
        self.people[shown.number] = Person(shown.number, shown.expires, now)
        self._finish(attempt, shown)

    def submit(self, name: str, shown: Shown, number: str | None, now: datetime) -> None:
        attempt = self._proven(name, Purpose.ACTIVATE, shown, now)
        person = self.person(shown.number)
        refuse(number not in (None, shown.number))
        refuse_unusable(person, now)
        refuse_held(person, now)
        current = person.device(DeviceState.ACTIVE)
        refuse(current is not None and current.key == attempt.key)
        self._refuse_more_codes(person, None, now)
        person.expires = max(person.expires, shown.expires)
        self._end_attempts(person)
        attempt.device = Gadget(attempt.key)
        person.devices.append(attempt.device)
        attempt.owner, attempt.version = person.number, person.version
        self._finish(attempt, shown)
        attempt.state = TransactionState.PENDING

    def unlink(self, name: str, shown: Shown, now: datetime) -> None:
        attempt = self._proven(name, Purpose.UNLINK, shown, now)
        person = self.person(shown.number)
        device = person.device(DeviceState.ACTIVE)
        if device is None:
            raise NotFoundError("model")
        refuse(attempt.key not in ("", device.key), ConflictError)
        device.state = DeviceState.UNLINKED
        person.version += 1
        self._finish(attempt, shown)

    def lock_with_card(self, name: str, shown: Shown, reason: str, now: datetime) -> None:
        attempt = self._proven(name, Purpose.LOCK, shown, now)
        person = self.person(shown.number)
        self._set(person, LockGround.OWNER_REQUEST, Role.OWNER, reason, now)
        person.expires = max(person.expires, shown.expires)
        self._finish(attempt, shown, entries=0)

    def unlock_with_card(self, name: str, shown: Shown, now: datetime) -> None:
        attempt = self._proven(name, Purpose.UNLOCK, shown, now)
        person = self.person(shown.number)
        expires = max(person.expires, shown.expires)
        ours = {LockGround.OWNER_REQUEST} & person.grounds
        if expires >= today(now):
            ours |= {LockGround.CARD_EXPIRED} & person.grounds
        refuse(not ours)
        person.expires = expires
        for ground in ours:
            self._end(person, ground)
        self._finish(attempt, shown, entries=0)

    def _finish(self, attempt: Attempt, shown: Shown, entries: int = 1) -> None:
        attempt.state = TransactionState.DONE
        self.used.add(shown.digest)
        self.entries += entries

    # --- codes --------------------------------------------------------------------------------------------------------

    def codes_of(self, person: Person) -> list[Code]:
        return [code for each in self.attempts.values() if each.owner == person.number for code in each.codes]

    def resend(self, name: str, now: datetime) -> None:
        attempt, person = self._waiting(name, now)
        refuse_held(person, now)
        self._refuse_more_codes(person, attempt, now)

    def code_came(self, name: str, digits: str, reference: str, now: datetime) -> None:
        attempt = self.attempts[name]
        self._void_codes(self.people[attempt.owner], now)
        attempt.codes.append(Code(digits, reference, now, now + 3 * MINUTE))

    def confirm(self, name: str, code: str, token: str, signed: tuple[str, str, str], now: datetime) -> bool:
        """Whether it is new: the very same words that confirmed before give the same receipt again.

        signed: what the phone's signature says, as (key, transaction, reference of the code).
        """
        try:
            self._confirm(name, code, signed, now)
        except (RefusedError, ConflictError):
            if self._attempt(name).confirmed_by != (code, token):
                raise
            return False
        self.attempts[name].confirmed_by = (code, token)
        return True

    def _confirm(self, name: str, code: str, signed: tuple[str, str, str], now: datetime) -> None:
        attempt, person = self._waiting(name, now)
        refuse_held(person, now)
        found = next((each for each in attempt.codes if not each.used and each.until > now and each.tries), None)
        if found is None or attempt.device is None:
            raise RefusedError("model")
        found.tries -= 1
        person.failures += 1
        if person.failures >= 10:
            person.hold = now + min(timedelta(seconds=30) * 2 ** min(person.failures - 10, 10), timedelta(hours=1))
        refuse(code != found.digits)
        refuse(signed != (attempt.key, name, found.reference))
        refuse(person.version != attempt.version, ConflictError)
        refuse(self._active_elsewhere(person, attempt.key), ConflictError)
        found.used, person.failures, person.hold = now, 0, None
        current = person.device(DeviceState.ACTIVE)
        if current:
            current.state = DeviceState.REPLACED
        attempt.device.state, attempt.state = DeviceState.ACTIVE, TransactionState.DONE
        person.state, person.version = AccountState.ACTIVE, person.version + 1
        self.entries += 1

    def _waiting(self, name: str, now: datetime) -> tuple[Attempt, Person]:
        attempt = self._attempt(name)
        refuse(attempt.state is not TransactionState.PENDING)
        refuse(now >= attempt.opened + 10 * MINUTE)
        person = self.people[attempt.owner]
        refuse_unusable(person, now)
        return attempt, person

    def _refuse_more_codes(self, person: Person, attempt: Attempt | None, now: datetime) -> None:
        refuse(bool(attempt and attempt.codes and now < max(code.sent for code in attempt.codes) + MINUTE))
        for period, most in ((15 * MINUTE, 3), (DAY, 10)):
            refuse(sum(code.sent > now - period for code in self.codes_of(person)) >= most)

    def _void_codes(self, person: Person, now: datetime) -> None:
        for code in self.codes_of(person):
            if code.used is None:
                code.until = now

    def _end_attempts(self, person: Person) -> None:
        for device in person.devices:
            if device.state is DeviceState.PENDING:
                device.state = DeviceState.EXPIRED
        for attempt in self.attempts.values():
            if attempt.owner == person.number and attempt.state is TransactionState.PENDING:
                attempt.state = TransactionState.VOID

    def _active_elsewhere(self, person: Person, key: str) -> bool:
        others = (each for each in self.people.values() if each is not person)
        return any(each.key == key and each.state is DeviceState.ACTIVE for other in others for each in other.devices)

    # --- locks --------------------------------------------------------------------------------------------------------

    def lock(self, number: str, ground: LockGround, actor: Role, reason: str, now: datetime) -> None:
        refuse(ground in ON_REQUEST)
        self._set(self.person(number), ground, actor, reason, now)

    def clear(self, number: str, ground: LockGround, actor: Role) -> None:
        refuse(actor is Role.OWNER or ground in ON_REQUEST)
        self.clear_inside(self.person(number), ground, actor)

    def clear_inside(self, person: Person, ground: LockGround, actor: Role) -> None:
        refuse(ground not in person.grounds, NotFoundError)
        refuse(actor not in MAY_CLEAR[ground])
        self._end(person, ground)

    def lock_expired(self, now: datetime) -> int:
        late = [
            person
            for person in self.people.values()
            if person.expires < today(now) and LockGround.CARD_EXPIRED not in person.grounds
        ]
        for person in late:
            self._set(person, LockGround.CARD_EXPIRED, Role.SYSTEM, "", now)
        return len(late)

    def _set(self, person: Person, ground: LockGround, actor: Role, reason: str, now: datetime) -> None:
        refuse(actor not in MAY_SET.get(ground, ()))
        refuse(ground is LockGround.OWNER_REQUEST and reason not in set(LockReason), UsageError)
        device = person.device(DeviceState.ACTIVE, DeviceState.SUSPENDED)
        lost = device is not None and ground is LockGround.OWNER_REQUEST and reason in LOST
        if device is not None:
            device.state = DeviceState.REVOKED if lost else DeviceState.SUSPENDED
        self.entries += 1
        if ground in person.grounds:
            person.version += lost
            return
        self._end_attempts(person)
        self._void_codes(person, now)
        if person.state is not AccountState.LOCKED:
            person.before, person.state = person.state, AccountState.LOCKED
        person.version += 1
        person.grounds.add(ground)

    set_inside = _set

    def _end(self, person: Person, ground: LockGround) -> None:
        person.grounds.discard(ground)
        person.version += 1
        self.entries += 1
        if person.grounds:
            return
        person.state, person.before = AccountState(person.before), ""
        device = person.device(DeviceState.SUSPENDED)
        if device is not None:
            elsewhere = self._active_elsewhere(person, device.key)
            device.state = DeviceState.REVOKED if elsewhere else DeviceState.ACTIVE


ON_REQUEST = (LockGround.AUTHORITY_REQUEST, LockGround.SERVICE_PARTY_REQUEST)
LOST = ("lost-device", "suspected-leak")
MAY_SET = {
    LockGround.OWNER_REQUEST: (Role.OWNER, Role.OFFICER, Role.UNIT_HEAD, Role.HOTLINE),
    LockGround.TERMS_VIOLATION: (Role.SYSTEM,),
    LockGround.CARD_REVOKED_OR_HELD: (Role.SYSTEM,),
    LockGround.DECEASED: (Role.SYSTEM,),
    LockGround.AUTHORITY_REQUEST: (Role.AGENCY_HEAD,),
    LockGround.CARD_EXPIRED: (Role.SYSTEM,),
}
MAY_CLEAR = {**MAY_SET, LockGround.OWNER_REQUEST: (Role.OWNER,), LockGround.DECEASED: ()}
"""Of Law 26/2023, which is in force on every day of a walk."""


def refuse(when: bool, error: type[Exception] = RefusedError) -> None:
    if when:
        raise error("model")


def refuse_unusable(person: Person, now: datetime) -> None:
    refuse(person.state not in (AccountState.ISSUED, AccountState.ACTIVE))
    refuse(person.state is AccountState.ISSUED and now > person.issued + 7 * DAY)


def refuse_held(person: Person, now: datetime) -> None:
    refuse(person.failures >= 100 or (person.hold is not None and now < person.hold))


def today(now: datetime) -> str:
    """The day in Vietnam."""
    return (now + VIETNAM).date().isoformat()
