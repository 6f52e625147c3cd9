"""Every act of an owner says in the audit log by which factors the owner was authenticated, and the step (L-04)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cccd_nfc.registry.device_contacts import AppDevice
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.origin import DESK
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.strength import Factor, facts
from officer_support import Staff
from registry_law import shown
from registry_support import URL, Desk, evidence_for
from secret_support import CHOSEN, NEXT_PASSWORD, PASSCODE, PASSWORD, activate_on_web, otp_codes, owner


def said(desk: Desk, act: str) -> tuple[str | None, str | None]:
    """(factors, strength) of the newest entry of this act."""
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    entry: dict[str, Any] = [each for each in entries if each["act"] == act][-1]
    return entry.get("factors"), entry.get("strength")


@pytest.mark.row("L-04")
def test_l04_the_facts_are_the_factors_in_order_once_each_and_the_step() -> None:
    assert facts(Factor.CARD, None, Factor.PASSWORD, Factor.CARD) == {"factors": "card, password", "strength": "2"}


@pytest.mark.row("L-04")
def test_l04_a_binding_by_card_key_and_sim_is_one_factor_of_three_things_owned(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    assert said(desk, "device-bound") == ("card, device-key, sim-code", "1")


@pytest.mark.row("L-04", "R-028")
def test_l04_a_login_behind_the_binding_counts_as_the_password_and_a_screens_code_does_not(desk: Desk) -> None:
    number, phone = owner(desk), Phone.new()
    desk.registry.logins.log_in(number, PASSWORD, AppDevice(phone.public))
    assert said(desk, "logged-in") == ("password", "1")
    desk.registry = desk.registry.acting(DESK)
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    waits = desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket), channel=CodeChannel.SCREEN)
    signed = phone.confirm(waits.transaction_id, waits.reference)
    desk.registry.confirm(waits.transaction_id, waits.shown, signed)
    assert said(desk, "device-bound") == ("card, device-key, password", "2")
    login = desk.registry.logins.log_in(number, PASSWORD, AppDevice(phone.public))
    assert said(desk, "logged-in") == ("password, device-key", "2")
    desk.registry.logins.confirm_use(login.token, PASSCODE, "tax")
    assert said(desk, "service-confirmed") == ("password, device-key, passcode", "2")


@pytest.mark.row("L-04")
def test_l04_a_login_of_long_ago_or_on_another_phone_is_not_behind_a_binding(desk: Desk) -> None:
    number, phone = owner(desk), Phone.new()
    desk.registry.logins.log_in(number, PASSWORD, AppDevice(Phone.new().public))
    desk.bind(phone)
    assert said(desk, "device-bound") == ("card, device-key, sim-code", "1")
    desk.registry.logins.log_in(number, PASSWORD, AppDevice(other := Phone.new().public))
    desk.clock.go(minutes=31)
    assert other
    desk.bind(Phone.new())
    assert said(desk, "device-bound") == ("card, device-key, sim-code", "1")


@pytest.mark.row("L-04")
def test_l04_the_face_that_an_officer_has_compared_counts(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.LOST_DEVICE)
    staff = Staff(desk)
    staff.hire("binh", OfficerRole.RECEIVING)
    desk.registry = staff.logged_in("binh", at_station=True)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    desk.registry.same_person(ticket.transaction_id)
    desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))
    assert said(desk, "ground-cleared") == ("card, face", "3")
    arguments = desk.pending(Phone.new())
    desk.registry.same_person(arguments[0])
    desk.registry.confirm(*arguments)
    assert said(desk, "device-bound") == ("card, device-key, sim-code, face", "3")


@pytest.mark.row("L-04")
def test_l04_a_lock_says_how_its_owner_was_known_and_one_on_a_word_says_nothing(desk: Desk) -> None:
    number = owner(desk)
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)
    assert said(desk, "account-locked") == (None, None)
    ticket, evidence = shown(desk, Purpose.LOCK)
    desk.registry.lock_with_card(ticket, evidence, LockReason.OTHER)
    assert said(desk, "lock-repeated") == ("card", "1")
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK))
    assert said(desk, "ground-cleared") == ("card", "1")
    desk.registry.lock_with_card(*shown(desk, Purpose.LOCK), LockReason.OTHER)
    assert said(desk, "account-locked") == ("card", "1")
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK))
    desk.registry.logins.lock(number, PASSWORD, LockReason.OTHER, passcode=PASSCODE)
    assert said(desk, "account-locked") == ("password, passcode", "1")


@pytest.mark.row("L-04")
def test_l04_the_web_a_reset_and_a_changed_password(desk: Desk) -> None:
    number = desk.enrol()
    activate_on_web(desk, number)
    assert said(desk, "account-activated") == ("sim-code", "1")
    token = desk.registry.logins.log_in(number, PASSWORD).token
    desk.registry.logins.change_password(token, PASSWORD, NEXT_PASSWORD)
    assert said(desk, "secrets-changed") == ("password", "1")
    desk.clock.go(minutes=2)
    ticket, evidence = shown(desk, Purpose.RESET)
    desk.registry.resets.submit_evidence(ticket, evidence)
    desk.registry.resets.finish(ticket, otp_codes(desk)[-1], CHOSEN)
    assert said(desk, "secrets-reset") == ("card, sim-code", "1")


@pytest.mark.row("L-04")
def test_l04_an_unlinking_by_card_by_login_and_by_the_device(desk: Desk) -> None:
    number = owner(desk)
    desk.bind(Phone.new())
    desk.registry.unlink(*shown(desk, Purpose.UNLINK))
    assert said(desk, "device-unlinked") == ("card", "1")
    desk.clock.go(minutes=20)
    desk.bind(phone := Phone.new())
    token = desk.registry.logins.log_in(number, PASSWORD).token
    desk.registry.logins.unlink_device(token, phone.public.thumbprint)
    assert said(desk, "device-unlinked") == ("password", "1")
    desk.clock.go(minutes=20)
    desk.bind(phone := Phone.new())
    desk.registry.device_calls.unlink(desk.proof(phone), "POST", URL)
    assert said(desk, "device-unlinked") == ("device-key", "1")
