"""The rules of codes and of the phones that they bind: what is sent, what is confirmed, what ends by itself, who calls.

The limits of a desk and of all desks together are not here: no walk is long enough to meet them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cccd_nfc.errors import ClockError, ConflictError, LimitError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState
from registry_model_people import (
    DAY,
    MINUTE,
    Attempt,
    Code,
    Gadget,
    Person,
    Shelf,
    refuse,
    refuse_held,
    refuse_unusable,
)

OF_ACCOUNT = ((15 * MINUTE, 3), (DAY, 10))
OF_PHONE = (DAY, 10)
"""Codes within a time, at most (S-07)."""

HELD = (DeviceState.ACTIVE, DeviceState.SUSPENDED)
ALIVE = (*HELD, DeviceState.PENDING)


class Codes(Shelf):
    # --- sending ------------------------------------------------------------------------------------------------------

    def resend(self, name: str, now: datetime) -> None:
        self.lapse(name, now)
        _, person = self._waiting(name, now)
        self.refuse_more_codes(person, now)
        self.write("code-resent", now)

    def refuse_more_codes(self, person: Person, now: datetime) -> None:
        refuse(self.last is not None and now + timedelta(seconds=5) < self.last, ClockError)
        refuse_held(person, now)
        refuse(any(sent > now - MINUTE for sent in person.unanswered), LimitError)
        for period, most in OF_ACCOUNT:
            refuse(sum(code.sent > now - period for code in self.codes_of(person)) >= most, LimitError)
        sharing = [each for each in self.people.values() if each.phone == person.phone]
        period, most = OF_PHONE
        sent = (code.sent for each in sharing for code in self.codes_of(each))
        refuse(sum(moment > now - period for moment in sent) >= most, LimitError)

    def code_came(self, name: str, digits: str, reference: str, now: datetime) -> None:
        attempt = self.attempts[name]
        self.void_codes(self.people[attempt.owner], now)
        self.people[attempt.owner].unanswered.append(now)
        attempt.codes.append(Code(digits, reference, now, now + 3 * MINUTE))

    # --- confirming ---------------------------------------------------------------------------------------------------

    def confirm(self, name: str, code: str, token: str, signed: tuple[str, str, str], now: datetime) -> bool:
        """Whether it is new: the very same words that confirmed before give the same receipt again.

        signed: what the phone's signature says, as (key, transaction, reference of the code).
        """
        try:
            self._confirm(name, code, signed, now)
        except (RefusedError, ConflictError):
            if self.attempt(name).confirmed_by == (code, token):
                return False
            self.lapse(name, now)
            raise
        self.attempts[name].confirmed_by = (code, token)
        return True

    def _confirm(self, name: str, code: str, signed: tuple[str, str, str], now: datetime) -> None:
        attempt, person = self._waiting(name, now)
        found = self._take_a_try(attempt, person, now)
        if code != found.digits and not found.tries:
            self._expire(attempt, now)
        refuse(code != found.digits)
        refuse(signed != (attempt.key, name, found.reference))
        self._bind(attempt, person, found, now)

    def _waiting(self, name: str, now: datetime) -> tuple[Attempt, Person]:
        attempt = self.attempt(name)
        if attempt.state is not TransactionState.PENDING:
            refuse(self._is_beaten(attempt), ConflictError)
            refuse(True)
        refuse(now >= attempt.opened + 10 * MINUTE)
        person = self.people[attempt.owner]
        refuse_unusable(person, now)
        return attempt, person

    def _is_beaten(self, attempt: Attempt) -> bool:
        """It has ended, and its account has changed since its card was accepted (S-31)."""
        if attempt.state is not TransactionState.VOID or not attempt.owner:
            return False
        person = self.people[attempt.owner]
        return person.version != attempt.version and person.state in (AccountState.ISSUED, AccountState.ACTIVE)

    def _take_a_try(self, attempt: Attempt, person: Person, now: datetime) -> Code:
        """Of the newest code: the older ones are dead (S-07)."""
        refuse_held(person, now)
        found = attempt.codes[-1]
        refuse(found.used is not None or found.until <= now or not found.tries)
        found.tries -= 1
        person.failures += 1
        if person.failures >= 10:
            person.hold = now + min(timedelta(seconds=30) * 2 ** min(person.failures - 10, 10), timedelta(hours=1))
        return found

    def _bind(self, attempt: Attempt, person: Person, found: Code, now: datetime) -> None:
        refuse(person.version != attempt.version, ConflictError)
        refuse(self.is_revoked(attempt.key))
        refuse(self.is_active_elsewhere(person, attempt.key), ConflictError)
        found.used, person.failures, person.hold = now, 0, None
        person.unanswered.clear()
        if person.held:
            person.held.end(DeviceState.REPLACED, now)
        assert attempt.device is not None
        attempt.device.state, attempt.state = DeviceState.ACTIVE, TransactionState.DONE
        person.state, person.version = AccountState.ACTIVE, person.version + 1
        self.write("device-bound", now)

    # --- what ends by itself (DS-04) ----------------------------------------------------------------------------------

    def lapse(self, name: str, now: datetime) -> None:
        attempt = self.attempts.get(name)
        if attempt is not None and attempt.state is TransactionState.PENDING and attempt.is_over(now):
            self._expire(attempt, now)

    def sweep(self, person: Person, now: datetime) -> int:
        over = [each for each in self.pending_of(person) if each.is_over(now)]
        for attempt in over:
            self._expire(attempt, now)
        return len(over)

    def expire(self, now: datetime) -> int:
        """The timer: how many activations it has ended. What was begun and never had a card goes without a word."""
        ended = sum(self.sweep(person, now) for person in self.people.values())
        for attempt in self.attempts.values():
            if attempt.state is TransactionState.OPEN and now >= attempt.opened + 10 * MINUTE:
                attempt.state = TransactionState.VOID
        return ended

    def _expire(self, attempt: Attempt, now: datetime) -> None:
        self.end_attempt(attempt, now)
        self.write("device-expired", now)

    def expire_activations(self, now: datetime) -> int:
        """The accounts that missed their seven days (AS-04)."""
        late = [person for person in self.people.values() if person.is_late(now)]
        for person in late:
            person.state, person.version = AccountState.ISSUED_LATE, person.version + 1
            self.write("activation-late", now)
        return len(late)

    # --- phones -------------------------------------------------------------------------------------------------------

    def call(self, key: str, number: str | None, now: datetime) -> DeviceState:
        """How the phone stands. A stopped one comes back when its account is free (DS-08); an ended one is wiped."""
        person, device = self._spoken_for(key, number)
        resumes = device.state is DeviceState.SUSPENDED and person.state is AccountState.ACTIVE
        refuse(resumes and self.is_revoked(key))
        refuse(resumes and self.is_active_elsewhere(person, key), ConflictError)
        self.sweep(person, now)
        if resumes:
            device.state, person.version = DeviceState.ACTIVE, person.version + 1
            self.write("device-resumed", now)
        if device.state not in ALIVE and not device.wiped:
            device.wiped = True
            self.write("wipe-ordered", now)
        return device.state

    def unlink_itself(self, key: str, number: str | None, now: datetime) -> Gadget:
        """The device that has ended by its own call, now or before (DS-05, R-020)."""
        person, device = self._spoken_for(key, number, RefusedError)
        if device.state is not DeviceState.UNLINKED:
            refuse(device.state not in HELD)
            self.unlink_device(person, device, now)
        return device

    def unlink_device(self, person: Person, device: Gadget, now: datetime) -> None:
        refuse(person.state is AccountState.LOCKED)
        self.sweep(person, now)
        device.end(DeviceState.UNLINKED, now)
        person.version += 1
        self.write("device-unlinked", now)

    def unlinked(self, name: str, key: str, device: Gadget, now: datetime) -> None:
        """A phone that unlinks itself does it in a transaction of its own, which needs no card."""
        self.attempts[name] = Attempt(Purpose.UNLINK, key, now, TransactionState.DONE, device=device)

    def is_told_apart(self, key: str, number: str | None) -> bool:
        """Whether the rules say which of the key's devices a call is about: none where two ended at once."""
        ranks = sorted(_rank(device) for _, device in self._devices(key, number))
        return len(ranks) < 2 or ranks[0] != ranks[1]

    def _devices(self, key: str, number: str | None) -> list[tuple[Person, Gadget]]:
        people = [each for each in self.people.values() if number in (None, each.number)]
        return [(person, device) for person in people for device in person.devices if device.key == key]

    def _spoken_for(
        self, key: str, number: str | None, nobodys: type[Exception] = NotFoundError
    ) -> tuple[Person, Gadget]:
        """Whose device a call of this key is about: one that is alive, else the one that ended last."""
        if number is not None:
            self.person(number)
        found = self._devices(key, number)
        refuse(not found, nobodys)
        refuse(len({person.number for person, device in found if device.state in HELD}) > 1, UsageError)
        return min(found, key=lambda each: _rank(each[1]))


def _rank(device: Gadget) -> tuple[int, float]:
    if device.state in ALIVE:
        return ALIVE.index(device.state), 0.0
    assert device.ended is not None
    return len(ALIVE), -device.ended.timestamp()
