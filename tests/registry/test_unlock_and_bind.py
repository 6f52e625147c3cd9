"""Flow F5: at a desk the owner's lock ends and the new phone is bound, both or neither; and what ends without card."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.origin import DESK, Channel, Origin
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from officer_support import Staff
from registry_places import Place
from registry_processes import dies_at_statement, open_registry, race
from registry_support import Desk, card, evidence_for

MOST_STATEMENTS = 120


@pytest.fixture
def number(desk: Desk) -> str:
    return desk.enrol()


def lost(desk: Desk, number: str, reason: LockReason = LockReason.LOST_DEVICE) -> Phone:
    """The phone of an account whose owner has locked it for that reason."""
    desk.bind(phone := Phone.new())
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, reason)
    return phone


def pending(desk: Desk, phone: Phone) -> tuple[str, str, str]:
    """(transaction, code, confirmation), the card being accepted and the account locked still."""
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.UNLOCK_AND_BIND, phone.public, label="new phone")
    waits = desk.registry.unlock_and_bind(ticket.transaction_id, evidence_for(ticket))
    return waits.transaction_id, desk.code(), phone.confirm(waits.transaction_id, waits.reference)


def audit(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]


def states(registry: Registry, number: str) -> dict[str, DeviceState]:
    return {each.thumbprint: each.state for each in registry.devices(number)}


def is_locked_still(registry: Registry, number: str, new: Phone) -> None:
    assert registry.account(number).state is AccountState.LOCKED
    assert DeviceState.ACTIVE not in states(registry, number).values()


@pytest.mark.row("AS-08", "DS-03", "R-077")
@pytest.mark.parametrize("reason", [LockReason.LOST_DEVICE, LockReason.BROKEN_DEVICE])
def test_f5_one_proof_unlocks_and_binds_with_two_entries_and_one_receipt(
    desk: Desk, number: str, reason: LockReason
) -> None:
    old = lost(desk, number, reason)
    arguments = pending(desk, new := Phone.new())
    is_locked_still(desk.registry, number, new)
    before = len(audit(desk))
    receipt = verify_receipt(desk.registry.confirm(*arguments), desk.registry.receipt_key())
    assert desk.registry.account(number).state is AccountState.ACTIVE
    ended = DeviceState.REVOKED if reason is LockReason.LOST_DEVICE else DeviceState.REPLACED
    assert states(desk.registry, number) == {old.public.thumbprint: ended, new.public.thumbprint: DeviceState.ACTIVE}
    entries = [(entry["act"], entry["row"]) for entry in audit(desk)[before:]]
    assert entries == [("ground-cleared", "AS-08"), ("device-bound", "DS-03")]
    assert (receipt["act"], receipt["device"]) == ("unlocked-and-bound", new.public.thumbprint)
    assert receipt["law"] == "Law 26/2023 Art. 34"
    assert desk.registry.confirm(*arguments), "sent twice, the same receipt"
    assert desk.call(new).state is DeviceState.ACTIVE
    desk.registry.check()


@pytest.mark.row("AS-08")
def test_f5_an_account_that_is_not_locked_is_told_so(desk: Desk, number: str) -> None:
    with pytest.raises(RefusedError, match="not locked"):
        pending(desk, Phone.new())
    assert desk.registry.account(number).state is AccountState.ISSUED


@pytest.mark.row("AS-07", "AS-08")
def test_f5_a_further_ground_refuses_and_is_named(desk: Desk, number: str) -> None:
    lost(desk, number)
    desk.registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    with pytest.raises(RefusedError, match="TERMS_VIOLATION"):
        pending(desk, new := Phone.new())
    is_locked_still(desk.registry, number, new)


@pytest.mark.row("AS-07", "AS-08")
@pytest.mark.parametrize("ground", [LockGround.TERMS_VIOLATION, LockGround.OWNER_REQUEST])
def test_f5_a_lock_while_the_code_is_on_its_way_wins(desk: Desk, number: str, ground: LockGround) -> None:
    """And so does the owner's own, said once more: somebody else may stand at the desk with the card."""
    lost(desk, number, LockReason.OTHER)
    arguments = pending(desk, new := Phone.new())
    owners = ground is LockGround.OWNER_REQUEST
    desk.registry.lock(number, ground, Role.OWNER if owners else Role.SYSTEM, LockReason.LOST_DEVICE if owners else "")
    with pytest.raises((RefusedError, ConflictError)):
        desk.registry.confirm(*arguments)
    is_locked_still(desk.registry, number, new)
    assert states(desk.registry, number)[new.public.thumbprint] is DeviceState.EXPIRED


@pytest.mark.row("AS-08")
def test_f5_another_purposes_evidence_or_code_does_not_do(desk: Desk, number: str) -> None:
    lost(desk, number)
    ticket = desk.registry.begin(Purpose.UNLOCK_AND_BIND, Phone.new().public)
    evidence = evidence_for(ticket)
    with pytest.raises(RefusedError, match="not open for this"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence)
    with pytest.raises(RefusedError, match="not that of the account's owner"):
        other = desk.registry.begin(Purpose.UNLOCK_AND_BIND, Phone.new().public)
        desk.enrol(card(2))
        desk.registry.unlock_and_bind(other.transaction_id, evidence_for(other, card(2)), number=number)


@pytest.mark.row("AS-04", "AS-08")
def test_f5_an_account_that_was_not_activated_in_time_stays_locked(desk: Desk, number: str) -> None:
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.LOST_CARD)
    desk.clock.go(days=8)
    with pytest.raises(RefusedError, match="within 7 days"):
        pending(desk, Phone.new())


@pytest.mark.row("R-014", "AS-08")
def test_f5_killed_at_any_statement_it_has_unlocked_and_bound_or_neither(
    desk: Desk, tmp_path: Path, number: str
) -> None:
    lost(desk, number, LockReason.OTHER)
    arguments = pending(desk, new := Phone.new())
    before = desk.place.rows()
    desk.registry.close()

    def look(place: Place) -> None:
        changed = {table for table, rows in place.rows().items() if rows != before[table]}
        assert changed <= {"account", "one_time_password"}, changed
        registry = open_registry(place, desk.clock)
        is_locked_still(registry, number, new)
        registry.confirm(*arguments)
        assert registry.account(number).state is AccountState.ACTIVE
        assert states(registry, number)[new.public.thumbprint] is DeviceState.ACTIVE
        registry.check()
        registry.close()

    for statement in range(1, MOST_STATEMENTS):
        left = desk.place.copy(tmp_path / str(statement))
        if not dies_at_statement(left, desk.clock, statement, lambda registry: registry.confirm(*arguments)):
            assert statement > 20
            return
        look(left)
    raise AssertionError("the act has more statements than it should")


@pytest.mark.row("AS-07", "S-31")
def test_f5_a_race_against_another_lock_never_leaves_a_device_in_use(desk: Desk, number: str) -> None:
    desk.bind(Phone.new())
    lock = partial(_lock_for_terms, number)
    for _ in range(4):
        desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.OTHER)
        arguments = pending(desk, new := Phone.new())
        finishes = race(desk.place, desk.clock, [partial(_confirm, arguments), lock, lock])
        assert all(finish.error is None for finish in finishes[1:]), "a lock failed"
        assert finishes[0].error is None or isinstance(finishes[0].error, (RefusedError, ConflictError))
        is_locked_still(desk.registry, number, new)
        grounds = {each.ground for each in desk.registry.locks(number) if each.cleared_at is None}
        assert (LockGround.OWNER_REQUEST in grounds) is (finishes[0].error is not None)
        desk.registry.clear_lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
        desk.clock.go(days=1)
        desk.registry.check()


def _confirm(arguments: tuple[str, str, str], registry: Registry) -> str:
    return registry.confirm(*arguments)


def _lock_for_terms(number: str, registry: Registry) -> object:
    return registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM, "")


# --- at a desk with officers ------------------------------------------------------------------------------------------


@pytest.mark.row("S-22", "S-32", "S-33")
def test_f5_with_officers_it_needs_the_look_a_fresh_login_and_no_app_does_it(
    desk: Desk, staff: Staff, number: str
) -> None:
    lost(desk, number)
    staff.hire("binh", OfficerRole.RECEIVING)
    outside = desk.registry.acting(Origin(Channel.APP))
    with pytest.raises(RefusedError, match="log in first"):
        outside.begin(Purpose.UNLOCK_AND_BIND, Phone.new().public)
    desk.registry = staff.logged_in("binh", at_station=True)
    arguments = pending(desk, new := Phone.new())
    with pytest.raises(RefusedError, match="compare the person"):
        desk.registry.confirm(*arguments)
    desk.registry.same_person(arguments[0])
    with pytest.raises(RefusedError, match="log in first"):
        outside.confirm(*arguments)
    is_locked_still(desk.registry, number, new)
    receipt = verify_receipt(desk.registry.confirm(*arguments), desk.registry.receipt_key())
    assert (receipt["grade"], receipt["act"]) == ("A", "unlocked-and-bound")
    assert audit(desk)[-1]["face"]


@pytest.mark.row("S-09")
def test_f5_the_code_may_be_shown_at_the_desk_when_the_sim_is_lost_too(desk: Desk, number: str) -> None:
    lost(desk, number)
    desk.registry = desk.registry.acting(DESK)
    desk.clock.go(seconds=60)
    new = Phone.new()
    ticket = desk.registry.begin(Purpose.UNLOCK_AND_BIND, new.public)
    waits = desk.registry.unlock_and_bind(ticket.transaction_id, evidence_for(ticket), channel=CodeChannel.SCREEN)
    desk.registry.confirm(waits.transaction_id, waits.shown, new.confirm(waits.transaction_id, waits.reference))
    assert desk.registry.account(number).state is AccountState.ACTIVE


# --- without the card -------------------------------------------------------------------------------------------------


@pytest.mark.row("R-077")
def test_f5_who_has_lost_the_card_too_is_noted_and_nothing_else_changes(desk: Desk, number: str) -> None:
    lost(desk, number)
    with pytest.raises(RefusedError, match="by name"):
        desk.registry.acting(DESK).note_lost_card(number)
    before = desk.place.rows()
    named = desk.registry.by_name("o-1", "desk-7")
    with pytest.raises(NotFoundError):
        named.note_lost_card("001199000999")
    named.note_lost_card(number)
    after = desk.place.rows()
    changed = {table for table in before if after[table] != before[table]}
    assert changed <= {"audit", "audit_node", "account_change", "published_head"}, changed
    entry = audit(desk)[-1]
    assert (entry["act"], entry["row"], entry["noted_by"]) == ("lost-card-noted", "R-077", "o-1")
    is_locked_still(desk.registry, number, Phone.new())
