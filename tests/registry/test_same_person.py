"""The officer's look at the person: who, when, at which desk; grade A; and no recovery without it (F4, F5, S-22)."""

from __future__ import annotations

import json

import pytest

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from officer_support import Staff
from registry_support import Desk, evidence_for


@pytest.fixture
def number(desk: Desk) -> str:
    return desk.enrol()


def at_desk(desk: Desk, staff: Staff, *, at_station: bool = True) -> None:
    """From now on the desk is that of the officer binh."""
    if "binh" not in staff.seeds:
        staff.hire("binh", OfficerRole.RECEIVING)
    desk.registry = staff.logged_in("binh", at_station=at_station)


def receipt(desk: Desk, token: str) -> dict[str, str]:
    return verify_receipt(token, desk.registry.receipt_key())


@pytest.mark.row("R-058")
def test_r058_the_officers_look_makes_grade_a(desk: Desk, staff: Staff, number: str) -> None:
    at_desk(desk, staff)
    arguments = desk.pending(Phone.new())
    desk.registry.same_person(arguments[0])
    looked = stamp(desk.clock())
    token = desk.registry.confirm(*arguments)
    assert receipt(desk, token)["grade"] == "A"
    (device,) = [each for each in desk.registry.devices(number) if each.state is DeviceState.ACTIVE]
    assert device.grade == "A"
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    assert (entries[-1]["act"], entries[-1]["grade"], entries[-1]["face"]) == ("device-bound", "A", device.officer)
    ((officer, at),) = desk.place.ask("SELECT face_officer, face_at FROM transaction_ WHERE purpose = 'activate'")
    assert (officer, at) == (device.officer, looked)
    desk.registry.check()


@pytest.mark.row("R-058")
def test_r058_without_the_look_it_is_grade_b(desk: Desk, staff: Staff, number: str) -> None:
    at_desk(desk, staff)
    assert receipt(desk, desk.bind(Phone.new()))["grade"] == "B"
    assert desk.registry.devices(number)[0].grade == "B"


@pytest.mark.row("R-058", "S-33")
def test_r058_only_an_officer_at_a_registered_station_says_so_and_in_its_time(
    desk: Desk, staff: Staff, number: str
) -> None:
    arguments = desk.pending(Phone.new())
    with pytest.raises(RefusedError, match="log in first"):
        desk.registry.same_person(arguments[0])
    at_desk(desk, staff, at_station=False)
    with pytest.raises(RefusedError, match="registered station"):
        desk.registry.same_person(arguments[0])
    at_desk(desk, staff)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(RefusedError, match="does not wait"):
        desk.registry.same_person(ticket.transaction_id)
    desk.registry.confirm(*arguments)
    with pytest.raises(RefusedError, match="does not wait"):
        desk.registry.same_person(arguments[0])
    late = desk.pending(Phone.new())
    desk.clock.go(minutes=10)
    with pytest.raises(RefusedError, match="does not wait"):
        desk.registry.same_person(late[0])


@pytest.mark.row("S-22")
def test_s22_after_a_loss_no_desk_binds_without_the_look_and_a_notice_goes(
    desk: Desk, staff: Staff, number: str
) -> None:
    desk.bind(Phone.new())
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.LOST_DEVICE)
    at_desk(desk, staff)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    evidence = evidence_for(ticket)
    with pytest.raises(RefusedError, match="compare the person"):
        desk.registry.unlock_with_card(ticket.transaction_id, evidence)
    assert desk.registry.account(number).state is AccountState.LOCKED
    desk.registry.same_person(ticket.transaction_id)
    assert receipt(desk, desk.registry.unlock_with_card(ticket.transaction_id, evidence))["grade"] == "A"
    arguments = desk.pending(Phone.new())
    told = len(desk.texts())
    with pytest.raises(RefusedError, match="compare the person"):
        desk.registry.confirm(*arguments)
    desk.registry.same_person(arguments[0])
    assert receipt(desk, desk.registry.confirm(*arguments))["grade"] == "A"
    assert len(desk.texts()) == told + 1
