"""What a device is told by its calls: how it stands, whether to wipe, and that it came back (R-015, R-022, DS-08)."""

from __future__ import annotations

import json

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import DeviceState, Purpose
from registry_processes import race
from registry_support import URL, Desk, card, evidence_for, trust


def lock(desk: Desk, number: str, reason: LockReason = LockReason.OTHER) -> None:
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, reason)


def unlock(desk: Desk) -> None:
    ticket = desk.registry.begin(Purpose.UNLOCK)
    desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))


def family(desk: Desk, accounts: int) -> None:
    """Opens the desk's registry again, under a policy that lets so many accounts share a key."""
    desk.registry.close()
    (desk.folder / "devices.json").write_text(json.dumps({"accounts_per_key": accounts}))
    desk.registry = Registry.open(desk.place.url, desk.folder, trust(), clock=desk.clock)


@pytest.mark.row("R-015", "R-014", "S-26")
def test_r015_from_the_commit_of_a_newer_binding_on_the_old_phone_is_refused(desk: Desk) -> None:
    desk.enrol()
    desk.bind(old := Phone.new())
    desk.call(old).require_active()
    desk.clock.go(hours=1)
    arguments = desk.pending(new := Phone.new())
    desk.call(old).require_active()
    with pytest.raises(RefusedError, match="not active"):
        desk.call(new).require_active()
    desk.registry.confirm(*arguments)
    desk.call(new).require_active()
    with pytest.raises(RefusedError, match="not active"):
        desk.call(old).require_active()


@pytest.mark.row("R-022")
def test_r022_an_unlinked_phone_is_told_to_wipe_at_every_contact(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    assert not desk.call(phone).wipe
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    for _ in range(2):
        standing = desk.call(phone)
        assert (standing.state, standing.wipe, standing.waiting) == (DeviceState.UNLINKED, True, 0)
    ordered = [content for (content,) in desk.place.ask("SELECT content FROM audit") if "wipe-ordered" in content]
    assert len(ordered) == 1
    assert number not in str(ordered)


@pytest.mark.row("R-022", "DS-06")
def test_r022_a_lost_phone_is_told_to_wipe_and_learns_of_no_message(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    lock(desk, number, LockReason.LOST_DEVICE)
    standing = desk.call(phone)
    assert (standing.state, standing.wipe, standing.waiting) == (DeviceState.REVOKED, True, 0)


@pytest.mark.row("R-017", "S-21")
def test_r017_the_list_says_when_a_device_was_used_last(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    bound = desk.clock.now
    (view,) = desk.registry.devices(number)
    assert (view.first_used_at, view.last_used_at) == (bound, bound)
    desk.clock.go(days=2)
    desk.call(phone)
    (view,) = desk.registry.devices(number)
    assert (view.first_used_at, view.last_used_at) == (bound, desk.clock.now)


@pytest.mark.row("DS-08")
def test_ds08_a_suspended_phone_comes_back_by_its_key_and_not_before_the_lock_ends(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    lock(desk, number)
    with pytest.raises(RefusedError):
        desk.call(phone).require_active()
    unlock(desk)
    assert desk.registry.devices(number)[0].state is DeviceState.SUSPENDED
    with pytest.raises(NotFoundError):
        desk.call(Phone.new())
    assert desk.registry.devices(number)[0].state is DeviceState.SUSPENDED
    desk.call(phone).require_active()


@pytest.mark.row("DS-08", "R-014")
def test_ds08_a_suspended_phone_that_was_replaced_does_not_come_back(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(old := Phone.new())
    lock(desk, number)
    unlock(desk)
    desk.clock.go(hours=1)
    receipt = verify_receipt(desk.bind(new := Phone.new()), desk.registry.receipt_key())
    assert receipt["replaced"] == old.public.thumbprint
    assert (desk.call(old).state, desk.call(new).state) == (DeviceState.REPLACED, DeviceState.ACTIVE)
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.ACTIVE, DeviceState.REPLACED]


@pytest.mark.row("DS-08", "S-31")
def test_ds08_a_comeback_against_a_binding_leaves_one_active_device(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(old := Phone.new())
    lock(desk, number)
    unlock(desk)
    desk.clock.go(hours=1)
    arguments = desk.pending(Phone.new())
    token = desk.proof(old)
    acts = [lambda registry: registry.confirm(*arguments), lambda registry: registry.device_call(token, "POST", URL)]
    finishes = race(desk.place, desk.clock, acts)
    assert [type(finish.error) for finish in finishes if finish.error] in ([], [ConflictError])
    states = [view.state for view in desk.registry.devices(number)]
    assert states.count(DeviceState.ACTIVE) == 1
    desk.registry.check()


@pytest.mark.row("DS-05", "R-020", "R-019")
def test_r020_the_phone_itself_unlinks_once_and_twice_gives_one_receipt(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    with pytest.raises(RefusedError):
        desk.registry.device_calls.unlink(desk.proof(Phone.new()), "POST", URL)
    first, second = (desk.registry.device_calls.unlink(desk.proof(phone), "POST", URL) for _ in range(2))
    assert first == second
    assert verify_receipt(first, desk.registry.receipt_key())["act"] == "device-unlinked"
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.UNLINKED]


@pytest.mark.row("AS-11")
def test_as11_a_locked_accounts_phone_cannot_unlink_itself(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(phone := Phone.new())
    lock(desk, number)
    with pytest.raises(RefusedError, match="locked"):
        desk.registry.device_calls.unlink(desk.proof(phone), "POST", URL)
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.SUSPENDED]


def test_a_family_may_share_a_phone_only_where_the_policy_says_so(desk: Desk) -> None:
    numbers = [desk.enrol(card(1)), desk.enrol(card(2)), desk.enrol(card(3))]
    phone = Phone.new()
    desk.bind(phone, card(1))
    with pytest.raises(ConflictError, match="another account"):
        desk.bind(phone, card(2))
    family(desk, 2)
    desk.clock.go(hours=1)
    desk.bind(phone, card(2))
    with pytest.raises(ConflictError, match="another account"):
        desk.bind(phone, card(3))
    with pytest.raises(UsageError, match="say which"):
        desk.call(phone)
    for number in numbers[:2]:
        desk.call(phone, number).require_active()
    with pytest.raises(RefusedError):
        desk.call(phone, numbers[2]).require_active()
    desk.registry.device_calls.unlink(desk.proof(phone), "POST", URL, number=numbers[0])
    desk.call(phone).require_active()
