"""Races between processes over one registry: exactly one wins, the others get an error that says so (S-31)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cccd_nfc.errors import CccdError, ConflictError, NotFoundError, RefusedError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import AccountView, Pending, Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from registry_places import Place
from registry_processes import Finish, open_registry, race, race_anything
from registry_races import RACES, run
from registry_support import CONSENT, PHONE_NUMBER, Desk, HandClock, card, evidence_for

RACERS = 8
ROUNDS = 5


def winners(finishes: list[Finish]) -> list[Any]:
    return [finish.value for finish in finishes if finish.error is None]


def errors(finishes: list[Finish]) -> set[type[CccdError]]:
    return {type(finish.error) for finish in finishes if finish.error is not None}


def acts_in_audit(desk: Desk, act: str) -> int:
    return sum(f'"act":"{act}"' in content for (content,) in desk.place.ask("SELECT content FROM audit"))


def active(desk: Desk, number: str) -> list[str]:
    return [view.thumbprint for view in desk.registry.devices(number) if view.state is DeviceState.ACTIVE]


def confirming(arguments: tuple[str, str, str]) -> Callable[[Registry], str]:
    return lambda registry: registry.confirm(*arguments)


def wrong_codes(code: str) -> list[str]:
    return [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, RACERS + 1)]


@pytest.mark.row("R-001", "S-31")
def test_r001_eight_desks_that_create_one_account_create_one(desk: Desk) -> None:
    tickets = [desk.registry.begin(Purpose.ENROL) for _ in range(RACERS)]
    proofs = [(ticket.transaction_id, evidence_for(ticket)) for ticket in tickets]

    def create(proof: tuple[str, Any], registry: Registry) -> AccountView:
        return registry.create_account(*proof, PHONE_NUMBER, CONSENT)

    finishes = race(desk.place, desk.clock, [partial(create, proof) for proof in proofs])
    assert len(winners(finishes)) == 1
    assert errors(finishes) == {ConflictError}
    assert acts_in_audit(desk, "account-issued") == 1
    desk.registry.check()


@pytest.mark.row("R-046", "S-03", "S-31")
def test_s03_a_code_that_eight_processes_use_at_once_binds_once(desk: Desk) -> None:
    number = desk.enrol()
    for bound in range(1, ROUNDS + 1):
        arguments = desk.pending(phone := Phone.new())
        finishes = race(desk.place, desk.clock, [confirming(arguments)] * RACERS)
        assert len(set(winners(finishes))) == 1, "those that won hold one and the same receipt"
        assert errors(finishes) <= {RefusedError}
        assert active(desk, number) == [phone.public.thumbprint]
        assert acts_in_audit(desk, "device-bound") == bound
        desk.clock.go(days=1)
    desk.registry.check()


@pytest.mark.row("S-30")
def test_s30_a_confirmation_sent_twice_at_once_gives_both_the_same_receipt(desk: Desk) -> None:
    desk.enrol()
    for _ in range(ROUNDS):
        finishes = race(desk.place, desk.clock, [confirming(desk.pending(Phone.new()))] * 2)
        assert errors(finishes) == set()
        assert len(winners(finishes)) == 2
        assert len(set(winners(finishes))) == 1
        desk.clock.go(days=1)


@pytest.mark.row("R-014", "S-31")
def test_s31_of_eight_phones_that_are_all_pending_one_is_bound(desk: Desk) -> None:
    """A new activation voids the one before, so rows are set back by hand: only the last layer is left to decide."""
    number = desk.enrol()
    phones = [Phone.new() for _ in range(RACERS)]
    pending = []
    for phone in phones:
        pending.append(desk.pending(phone))
        desk.clock.go(hours=3)
    desk.place.change(
        "UPDATE transaction_ SET state = 'PENDING', expires_at = 9e18 WHERE purpose = 'activate'",
        "UPDATE device SET state = 'PENDING'",
        "UPDATE one_time_password SET expires_at = 9e18",
    )
    finishes = race(desk.place, desk.clock, [confirming(each) for each in pending])
    assert len(winners(finishes)) == 1
    assert errors(finishes) == {ConflictError}
    assert len(active(desk, number)) == 1
    assert acts_in_audit(desk, "device-bound") == 1
    desk.registry.check()


def test_one_phone_for_two_accounts_is_bound_to_one_of_them(desk: Desk) -> None:
    numbers = [desk.enrol(card(1)), desk.enrol(card(2))]
    phone = Phone.new()
    pending = [desk.pending(phone, card(1)), desk.pending(phone, card(2))]
    finishes = race(desk.place, desk.clock, [confirming(each) for each in pending])
    assert len(winners(finishes)) == 1
    assert errors(finishes) == {ConflictError}
    assert [active(desk, number) for number in numbers].count([phone.public.thumbprint]) == 1


@pytest.mark.row("R-034", "S-29", "S-31")
def test_s29_evidence_that_eight_processes_hand_in_serves_once(desk: Desk) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    evidence = evidence_for(ticket)

    def submit(registry: Registry) -> Pending:
        return registry.submit_evidence(ticket.transaction_id, evidence)

    finishes = race(desk.place, desk.clock, [submit] * RACERS)
    assert len(winners(finishes)) == 1
    assert errors(finishes) == {RefusedError}
    assert len([text for text in desk.texts() if text["kind"] == "otp"]) == 1


@pytest.mark.row("S-05")
def test_s05_parallel_guesses_have_five_tries_between_them(desk: Desk) -> None:
    number = desk.enrol()
    transaction, code, confirmation = desk.pending(Phone.new())
    guesses = [confirming((transaction, guess, confirmation)) for guess in wrong_codes(code)]
    finishes = race(desk.place, desk.clock, guesses)
    assert winners(finishes) == []
    said = [str(finish.error) for finish in finishes]
    assert sum("the code is wrong" in each for each in said) == 5
    assert sum("no tries left" in each for each in said) == RACERS - 5
    assert active(desk, number) == []


@pytest.mark.row("R-014", "S-31")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_confirmation_against_a_newer_activation_leaves_one_story(desk: Desk, round_: int) -> None:
    number = desk.enrol()
    older = desk.pending(first := Phone.new())
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.ACTIVATE, (second := Phone.new()).public)
    evidence = evidence_for(ticket)

    def submit(registry: Registry) -> Pending:
        return registry.submit_evidence(ticket.transaction_id, evidence)

    confirmed, submitted = race(desk.place, desk.clock, [confirming(older), submit])
    assert submitted.error is None
    assert confirmed.error is None or isinstance(confirmed.error, RefusedError)
    assert active(desk, number) == ([first.public.thumbprint] if confirmed.error is None else [])
    assert submitted.value.replaces == (first.public.thumbprint if confirmed.error is None else "")
    desk.registry.confirm(
        ticket.transaction_id, desk.code(), second.confirm(ticket.transaction_id, submitted.value.reference)
    )
    assert active(desk, number) == [second.public.thumbprint]
    desk.registry.check()


@pytest.mark.row("R-014", "S-31")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_confirmation_against_an_unlinking_leaves_at_most_one_device(desk: Desk, round_: int) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    arguments = desk.pending(phone := Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    evidence = evidence_for(ticket)

    def unlink(registry: Registry) -> str:
        return registry.unlink(ticket.transaction_id, evidence)

    confirmed, unlinked = race(desk.place, desk.clock, [confirming(arguments), unlink])
    assert unlinked.error is None
    assert confirmed.error is None or isinstance(confirmed.error, ConflictError | NotFoundError | RefusedError)
    assert active(desk, number) == []
    assert [view.thumbprint for view in desk.registry.devices(number)].count(phone.public.thumbprint) == 1
    desk.registry.check()


@pytest.mark.row("AS-06", "S-31")
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_as06_eight_desks_that_lock_while_a_phone_is_bound_leave_no_active_device(desk: Desk, round_: int) -> None:
    """Whoever is first: the account is locked on one ground, and a device that was bound before it is suspended."""
    number = desk.enrol()
    arguments = desk.pending(phone := Phone.new())

    def lock(registry: Registry) -> int:
        return len(registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER))

    confirmed, *locked = race(desk.place, desk.clock, [confirming(arguments), *[lock] * (RACERS - 1)])
    assert winners(locked) == [1] * (RACERS - 1)
    assert confirmed.error is None or isinstance(confirmed.error, ConflictError | RefusedError)
    assert desk.registry.account(number).state is AccountState.LOCKED
    ((bound, state),) = [(view.thumbprint, view.state) for view in desk.registry.devices(number)]
    assert bound == phone.public.thumbprint
    assert state is (DeviceState.EXPIRED if confirmed.error else DeviceState.SUSPENDED)
    assert acts_in_audit(desk, "account-locked") == 1
    assert acts_in_audit(desk, "device-bound") == (confirmed.error is None)
    desk.registry.check()


@pytest.mark.row("AS-08")
def test_as08_two_grounds_that_end_at_once_free_the_account_once(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    grounds = (LockGround.TERMS_VIOLATION, LockGround.CARD_REVOKED_OR_HELD)
    for _ in range(ROUNDS):
        for ground in grounds:
            desk.registry.lock(number, ground, Role.SYSTEM)
        ends = [lambda registry, ground=ground: registry.clear_lock(number, ground, Role.SYSTEM) for ground in grounds]
        finishes = race(desk.place, desk.clock, ends * (RACERS // 2))
        assert len(winners(finishes)) == 2
        assert errors(finishes) == {NotFoundError}
        assert desk.registry.account(number).state is AccountState.ACTIVE
        assert desk.call(phone).state is DeviceState.ACTIVE
        assert active(desk, number) == [phone.public.thumbprint]
    desk.registry.check()


def test_a_message_that_eight_processes_send_goes_once(desk: Desk) -> None:
    desk.enrol()
    for _ in range(3):
        desk.clock.go(seconds=60)
        ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    finishes = race(desk.place, desk.clock, [lambda registry: registry.deliver()] * RACERS)
    assert errors(finishes) == set()
    assert sum(winners(finishes)) == len(list((desk.folder / "outbox").glob("*.json")))


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_eight_processes_that_open_a_new_registry_at_once_open_the_same(place: Place, round_: int) -> None:
    def key(start: Callable[[], object]) -> str:
        start()
        registry = open_registry(place, HandClock())
        try:
            return registry.receipt_key()
        finally:
            registry.close()

    finishes = race_anything([key] * RACERS)
    assert errors(finishes) == set(), [str(finish.error) for finish in finishes if finish.error]
    assert len(set(winners(finishes))) == 1


@pytest.mark.row("R-014", "S-03", "S-31", "AS-06")
@pytest.mark.parametrize("name", RACES)
def test_s31_every_race_has_one_winner_round_after_round(place: Place, name: str) -> None:
    """Some rounds of what tools/races.py runs many of."""
    result = run(place, name, rounds=2, processes=RACERS)
    assert result["faults"] == []
    assert result["winners"] == 2
