"""Stations: known by a key of their own, which signs logins and never becomes anybody's device (A12, DS-10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.stations import statement
from officer_support import COMMUNE, PASSWORD, Staff
from registry_support import Desk


@pytest.mark.row("DS-10")
@pytest.mark.parametrize("holder", ["station", "disabled station", "officer's phone"])
def test_a12_ds10_a_desks_key_never_becomes_the_accounts_device(desk: Desk, staff: Staff, holder: str) -> None:
    desk.enrol()
    phone = Phone.new()
    if holder == "officer's phone":
        staff.logged_in("admin").officers.register_phone("admin", phone.public)
    else:
        made = staff.logged_in("admin").stations.add("Bàn 2", COMMUNE, phone.public)
        if holder == "disabled station":
            staff.logged_in("admin").stations.disable(made.id)
    with pytest.raises(RefusedError, match="A12"):
        desk.registry.begin(Purpose.ACTIVATE, phone.public)
    assert desk.bind(Phone.new())


@pytest.mark.row("DS-10")
def test_a12_ds10_nor_when_the_binding_began_before_the_key_was_a_desks(desk: Desk, staff: Staff) -> None:
    number = desk.enrol()
    phone = Phone.new()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    staff.logged_in("admin").stations.add("Bàn 2", COMMUNE, phone.public)
    from registry_support import evidence_for

    pending = desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    with pytest.raises(RefusedError, match="A12"):
        desk.registry.confirm(
            pending.transaction_id, desk.code(), phone.confirm(pending.transaction_id, pending.reference)
        )
    assert [device.state for device in desk.registry.devices(number)] == ["PENDING"]


@pytest.mark.row("DS-10")
def test_a12_an_accounts_device_never_becomes_a_desks_key(desk: Desk, staff: Staff) -> None:
    desk.enrol()
    desk.bind(phone := Phone.new())
    admin = staff.logged_in("admin")
    with pytest.raises(ConflictError, match="the device of an account"):
        admin.stations.add("Bàn 2", COMMUNE, phone.public)
    with pytest.raises(ConflictError, match="the device of an account"):
        admin.officers.register_phone("admin", phone.public)
    with pytest.raises(ConflictError, match="registered already"):
        admin.stations.add("Bàn 2", COMMUNE, staff.station_key.public)
    with pytest.raises(UsageError):
        admin.stations.add(" ", COMMUNE, Phone.new().public)
    with pytest.raises(NotFoundError):
        admin.stations.disable("f" * 32)


@pytest.mark.parametrize("wrong", ["key", "login", "old", "early", "station", "torn", "purpose"])
@pytest.mark.row("R-060")
def test_r060_a_station_is_believed_only_what_its_key_has_signed_now(desk: Desk, staff: Staff, wrong: str) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    key = Phone.new().private_pem if wrong == "key" else staff.station_key.private_pem
    code, moment = staff.code("binh"), desk.clock()
    shift = {"old": -timedelta(minutes=2, seconds=1), "early": timedelta(minutes=2, seconds=1)}
    station = "f" * 32 if wrong == "station" else staff.station_id
    who = "chi" if wrong == "login" else "binh"
    signed = statement(key, station, who, moment + shift.get(wrong, timedelta()))
    if wrong == "torn":
        signed = signed[:-20]
    if wrong == "purpose":
        signed = staff.station_key.confirm("f" * 32, "AB")
    with pytest.raises(RefusedError, match="station"):
        desk.registry.officer_logins.login("binh", PASSWORD, code, signed)


@pytest.mark.row("R-060", "S-32")
def test_r060_a_station_that_is_disabled_ends_its_sessions(desk: Desk, staff: Staff) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    mine = staff.logged_in("binh", at_station=True)
    staff.logged_in("admin").stations.disable(staff.station_id)
    with pytest.raises(RefusedError, match="session has ended"):
        mine.begin(Purpose.ENROL)
    with pytest.raises(RefusedError, match="not enabled"):
        staff.logged_in("binh", at_station=True)
    staff.logged_in("admin").stations.enable(staff.station_id)
    assert staff.logged_in("binh", at_station=True)
