"""A lock is seen by every other process at its next statement: nothing is cached that would outlive it (R-093)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cccd_nfc.errors import ConflictError, RefusedError
from cccd_nfc.registry.device_contacts import AppDevice
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState
from registry_processes import open_registry, race
from registry_support import URL, Desk
from secret_support import PASSCODE, PASSWORD, owner


@pytest.fixture
def elsewhere(desk: Desk) -> Iterator[Registry]:
    """Another desk's registry over the same database, open since before the lock."""
    registry = open_registry(desk.place, desk.clock)
    yield registry
    registry.close()


def lock(registry: Registry, number: str) -> object:
    return registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)


@pytest.mark.row("R-093", "R-090", "DS-07")
def test_r093_the_next_statement_of_every_other_desk_is_refused(desk: Desk, elsewhere: Registry) -> None:
    number = owner(desk)
    desk.bind(phone := Phone.new())
    login = elsewhere.logins.log_in(number, PASSWORD, AppDevice(phone.public))
    elsewhere.logins.confirm_use(login.token, PASSCODE, "tax")
    elsewhere.device_call(desk.proof(phone), "POST", URL).require_active()
    arguments = desk.pending(Phone.new())
    lock(desk.registry, number)
    # All of these were open, or would have gone through, in the other process a moment before.
    refused: tuple[Callable[[], object], ...] = (
        lambda: elsewhere.device_call(desk.proof(phone), "POST", URL).require_active(),
        lambda: elsewhere.confirm(*arguments),
        lambda: elsewhere.logins.log_in(number, PASSWORD),
        lambda: elsewhere.logins.whose(login.token),
        lambda: elsewhere.logins.confirm_use(login.token, PASSCODE, "tax"),
    )
    for act in refused:
        with pytest.raises((RefusedError, ConflictError)):
            act()
    assert elsewhere.account(number).state is AccountState.LOCKED
    assert DeviceState.ACTIVE not in {each.state for each in elsewhere.devices(number)}
    elsewhere.check()


@pytest.mark.row("R-093")
def test_r093_and_so_are_those_of_processes_of_their_own(desk: Desk) -> None:
    number = owner(desk)
    desk.bind(phone := Phone.new())
    arguments, proof = desk.pending(Phone.new()), desk.proof(phone)
    lock(desk.registry, number)
    finishes = race(
        desk.place,
        desk.clock,
        [
            lambda registry: registry.device_call(proof, "POST", URL).require_active(),
            lambda registry: registry.confirm(*arguments),
            lambda registry: registry.logins.log_in(number, PASSWORD),
        ],
    )
    assert [type(finish.error) for finish in finishes] == [RefusedError] * 3


@pytest.mark.row("R-093", "AS-08")
def test_r093_the_end_of_a_lock_is_seen_as_soon(desk: Desk, elsewhere: Registry) -> None:
    number = owner(desk)
    desk.registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    with pytest.raises(RefusedError):
        elsewhere.logins.log_in(number, PASSWORD)
    desk.registry.clear_lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    assert elsewhere.logins.log_in(number, PASSWORD).token
