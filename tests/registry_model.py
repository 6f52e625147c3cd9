"""What the registry's rules say, written a second time and plainly: no database, no keys, no cards, lists and loops.

`Book` takes the acts of a walk beside the real registry (registry_walk.py). Each of its acts either changes the book or
raises an error of the class that the registry must raise; a refused act changes nothing but a try that it spent, and an
activation whose end it came upon.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RegistryError, UsageError
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.states import DeviceState, Purpose, TransactionState
from registry_model_codes import Codes
from registry_model_locks import Locks
from registry_model_people import (
    MINUTE,
    Attempt,
    Gadget,
    Person,
    Shown,
    refuse,
    refuse_held,
    refuse_unusable,
    today,
)


@contextmanager
def refusing(book: Book, name: str, now: datetime) -> Iterator[None]:
    """A card that is refused is written down, for a transaction that there is (R-033)."""
    try:
        yield
    except (RegistryError, NotVerifiedError):
        if name in book.attempts:
            book.write("card-refused", now)
        raise


class Book(Codes, Locks):
    """The acts that need the card."""

    def may_begin(self, key: str) -> None:
        refuse(self.is_revoked(key))

    def begin(self, name: str, purpose: Purpose, key: str, now: datetime) -> None:
        self.attempts[name] = Attempt(purpose, key, now)

    def _proven(self, name: str, purpose: Purpose, shown: Shown, now: datetime) -> Attempt:
        refuse(not shown.genuine or now.date().isoformat() > shown.expires, NotVerifiedError)
        attempt = self.attempt(name)
        refuse(attempt.purpose is not purpose or attempt.state is not TransactionState.OPEN)
        refuse(now >= attempt.opened + 5 * MINUTE)
        refuse(shown.challenge != name, NotVerifiedError)
        refuse(shown.digest in self.used)
        return attempt

    def _finish(self, attempt: Attempt, shown: Shown) -> None:
        attempt.state = TransactionState.DONE
        self.used.add(shown.digest)

    def create(self, name: str, shown: Shown, phone: str, now: datetime) -> None:
        """phone: empty for one that is no mobile number."""
        refuse(not phone, UsageError)
        with refusing(self, name, now):
            attempt = self._proven(name, Purpose.ENROL, shown, now)
            refuse(shown.number in self.people, ConflictError)
            self.people[shown.number] = Person(shown.number, shown.expires, now, phone)
            self.write("account-issued", now)
            self._finish(attempt, shown)

    def submit(self, name: str, shown: Shown, number: str | None, now: datetime) -> None:
        with refusing(self, name, now):
            attempt = self._proven(name, Purpose.ACTIVATE, shown, now)
            person = self.person(shown.number)
            refuse(number not in (None, shown.number))
            refuse_unusable(person, now)
            refuse_held(person, now)
            refuse(self.is_revoked(attempt.key))
            current = person.device(DeviceState.ACTIVE)
            refuse(current is not None and current.key == attempt.key)
            self.refuse_more_codes(person, now)
            person.expires = max(person.expires, shown.expires)
            self.end_attempts(person, now)
            self._wait(attempt, person)
            self.used.add(shown.digest)
            self.write("card-accepted", now)

    def _wait(self, attempt: Attempt, person: Person) -> None:
        attempt.device = Gadget(attempt.key)
        person.devices.append(attempt.device)
        attempt.owner, attempt.version, attempt.state = person.number, person.version, TransactionState.PENDING

    def unlink(self, name: str, shown: Shown, now: datetime) -> Gadget:
        """The device that has ended, now or by the very same evidence before (R-020)."""
        try:
            return self._unlink(name, shown, now)
        except (RegistryError, NotVerifiedError):
            done = self.attempts.get(name)
            if done is None or done.device is None or done.unlinked_by != shown.digest:
                raise
            return done.device

    def _unlink(self, name: str, shown: Shown, now: datetime) -> Gadget:
        with refusing(self, name, now):
            attempt = self._proven(name, Purpose.UNLINK, shown, now)
            person = self.person(shown.number)
            refuse(bool(person.grounds))
            device = person.held
            if device is None:
                raise NotFoundError("model")
            refuse(attempt.key not in ("", device.key), ConflictError)
            self.unlink_device(person, device, now)
            attempt.device, attempt.unlinked_by = device, shown.digest
            self._finish(attempt, shown)
            return device

    def lock_with_card(self, name: str, shown: Shown, reason: str, now: datetime) -> None:
        with refusing(self, name, now):
            attempt = self._proven(name, Purpose.LOCK, shown, now)
            person = self.person(shown.number)
            self.set_ground(person, LockGround.OWNER_REQUEST, Role.OWNER, reason, now)
            person.expires = max(person.expires, shown.expires)
            self._finish(attempt, shown)

    def unlock_with_card(self, name: str, shown: Shown, now: datetime) -> None:
        with refusing(self, name, now):
            attempt = self._proven(name, Purpose.UNLOCK, shown, now)
            person = self.person(shown.number)
            expires = max(person.expires, shown.expires)
            ours = {LockGround.OWNER_REQUEST} & person.grounds
            if expires >= today(now):
                ours |= {LockGround.CARD_EXPIRED} & person.grounds
            refuse(not ours)
            person.expires = expires
            for ground in ours:
                self.end_ground(person, ground, now)
            self._finish(attempt, shown)
