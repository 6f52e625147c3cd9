"""The rules of locks: who sets and who ends a ground, and what becomes of the account's device."""

from __future__ import annotations

from datetime import datetime

from cccd_nfc.errors import NotFoundError, UsageError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.states import AccountState, DeviceState
from registry_model_people import Person, Shelf, refuse, today

ON_REQUEST = (LockGround.AUTHORITY_REQUEST, LockGround.SERVICE_PARTY_REQUEST)
LOST = ("lost-device", "suspected-leak", "suspected-misuse")
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


class Locks(Shelf):
    def lock(self, number: str, ground: LockGround, actor: Role, reason: str, now: datetime) -> None:
        refuse(ground in ON_REQUEST)
        self.set_ground(self.person(number), ground, actor, reason, now)

    def clear(self, number: str, ground: LockGround, actor: Role, now: datetime) -> None:
        refuse(actor is Role.OWNER or ground in ON_REQUEST)
        self.clear_ground(self.person(number), ground, actor, now)

    def clear_ground(self, person: Person, ground: LockGround, actor: Role, now: datetime) -> None:
        refuse(ground not in person.grounds, NotFoundError)
        refuse(actor not in MAY_CLEAR[ground])
        self.end_ground(person, ground, now)

    def lock_expired(self, now: datetime) -> int:
        late = [
            person
            for person in self.people.values()
            if person.expires < today(now) and LockGround.CARD_EXPIRED not in person.grounds
        ]
        for person in late:
            self.set_ground(person, LockGround.CARD_EXPIRED, Role.SYSTEM, "", now)
        return len(late)

    def set_ground(self, person: Person, ground: LockGround, actor: Role, reason: str, now: datetime) -> None:
        refuse(actor not in MAY_SET.get(ground, ()))
        refuse(ground is LockGround.OWNER_REQUEST and reason not in set(LockReason), UsageError)
        lost = self._stop_device(person, ground is LockGround.OWNER_REQUEST and reason in LOST, now)
        if ground in person.grounds:
            person.version += lost
            self.write("device-revoked" if lost else "lock-repeated", now)
            return
        self.end_attempts(person, now)
        self.void_codes(person, now)
        if person.state is not AccountState.LOCKED:
            person.before, person.state = person.state, AccountState.LOCKED
        person.version += 1
        person.grounds.add(ground)
        self.write("account-locked", now)

    def _stop_device(self, person: Person, compromised: bool, now: datetime) -> bool:
        """Whether the device has ended for good; else it waits, if there is one."""
        device = person.held
        if device is None:
            return False
        if compromised:
            device.end(DeviceState.REVOKED, now)
        else:
            device.state = DeviceState.SUSPENDED
        return compromised

    def end_ground(self, person: Person, ground: LockGround, now: datetime) -> None:
        """With the last one the account is free; its device waits until it proves its key (DS-08)."""
        person.grounds.discard(ground)
        person.version += 1
        self.write("ground-cleared", now)
        if person.grounds:
            return
        person.state, person.before = AccountState(person.before), ""
        device = person.device(DeviceState.SUSPENDED)
        if device is not None and self.is_active_elsewhere(person, device.key):
            device.end(DeviceState.REVOKED, now)
