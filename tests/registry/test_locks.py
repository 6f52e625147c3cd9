"""Locks: grounds as a set, who sets and clears them, and what they do to device, code and account (§1.3 to §1.5)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from cccd_nfc.errors import (
    ConflictError,
    NotFoundError,
    NotVerifiedError,
    RefusedError,
    RulesUnavailableError,
    UsageError,
)
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import ON_REQUEST, LockGround, Role, profile_on, source_of
from cccd_nfc.registry.lock_requests import Paper, RequestKind
from cccd_nfc.registry.locks import LockView
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from cccd_nfc.registry.texts import LOCKED_WHY, cleared_text, locked_text
from registry_support import Desk, card, evidence_for

LAW = profile_on(date(2026, 6, 1))
OWN = LockGround.OWNER_REQUEST


@pytest.fixture
def phone() -> Phone:
    return Phone.new()


@pytest.fixture
def number(desk: Desk, phone: Phone) -> str:
    """The number of an account with an active device."""
    number = desk.enrol()
    desk.bind(phone)
    return number


def someone(roles: frozenset[Role]) -> Role:
    return min(roles)


def on_request(desk: Desk, number: str, kind: RequestKind, ground: LockGround) -> None:
    """A request that is filed, forwarded where its law wants that, and granted."""
    paper = Paper("Cơ quan giả định", "12/YC", date(2026, 6, 1))
    request = desk.registry.file_request(number, kind, ground, paper, by="officer one")
    head = Role.UNIT_HEAD
    if ground in LAW.grounds and desk.clock.now.year > 2024:
        desk.registry.forward_request(request.id, by="officer two")
        head = Role.AGENCY_HEAD
    desk.registry.approve_request(request.id, by="the head", role=head)


def lock(desk: Desk, number: str, ground: LockGround = OWN, reason: str = LockReason.OTHER) -> None:
    if ground in ON_REQUEST:
        on_request(desk, number, RequestKind.LOCK, ground)
        return
    desk.registry.lock(number, ground, someone(LAW.grounds[ground].set_by), reason)


def clear(desk: Desk, number: str, ground: LockGround) -> None:
    if ground is OWN:
        unlock(desk)
    elif ground in ON_REQUEST:
        on_request(desk, number, RequestKind.UNLOCK, ground)
    else:
        desk.registry.clear_lock(number, ground, someone(LAW.grounds[ground].cleared_by))


def unlock(desk: Desk, *seeds: int) -> dict[str, str]:
    ticket = desk.registry.begin(Purpose.UNLOCK)
    token = desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket, card(*seeds)))
    return verify_receipt(token, desk.registry.receipt_key())


def state(desk: Desk, number: str) -> AccountState:
    return desk.registry.account(number).state


def device(desk: Desk, number: str) -> DeviceState:
    return desk.registry.devices(number)[0].state


def grounds(desk: Desk, number: str) -> list[LockGround]:
    return sorted(each.ground for each in desk.registry.locks(number) if each.cleared_at is None)


def entries(desk: Desk, act: str) -> list[dict[str, str]]:
    found = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    return [entry for entry in found if entry["act"] == act]


# --- one ground -------------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-06", "DS-07", "R-080", "R-081")
@pytest.mark.parametrize("ground", LAW.grounds)
def test_as06_ds07_each_ground_locks_and_suspends(desk: Desk, number: str, ground: LockGround) -> None:
    lock(desk, number, ground)
    assert (state(desk, number), device(desk, number)) == (AccountState.LOCKED, DeviceState.SUSPENDED)
    (entry,) = entries(desk, "account-locked")
    assert (entry["row"], entry["device_row"], entry["ground"]) == ("AS-06", "DS-07", ground)
    (view,) = desk.registry.locks(number)
    assert (view.profile, view.clause) == ("law-26-2023", LAW.grounds[ground].clause), "R-091, L-01"
    assert number not in str(entry)
    desk.registry.check()


@pytest.mark.row("AS-08", "DS-08")
@pytest.mark.parametrize("ground", [each for each in LAW.grounds if LAW.grounds[each].cleared_by])
def test_as08_ds08_when_the_ground_ends_the_device_comes_back_by_its_key(
    desk: Desk, number: str, phone: Phone, ground: LockGround
) -> None:
    lock(desk, number, ground)
    assert desk.call(phone).state is DeviceState.SUSPENDED
    clear(desk, number, ground)
    assert (state(desk, number), device(desk, number)) == (AccountState.ACTIVE, DeviceState.SUSPENDED)
    assert desk.call(phone).state is DeviceState.ACTIVE
    assert device(desk, number) is DeviceState.ACTIVE
    (entry,) = entries(desk, "ground-cleared")
    assert (entry["row"], entry["left"]) == ("AS-08", "0")
    (entry,) = entries(desk, "device-resumed")
    assert (entry["row"], entry["device"]) == ("DS-08", phone.public.thumbprint)
    (view,) = desk.registry.locks(number)
    assert view.cleared_at is not None


@pytest.mark.row("AS-08")
def test_as08_an_account_that_was_never_activated_is_not_active_after_its_lock(desk: Desk) -> None:
    number = desk.enrol()
    lock(desk, number)
    unlock(desk)
    assert state(desk, number) is AccountState.ISSUED


@pytest.mark.row("AS-07")
def test_as07_locking_twice_on_one_ground_is_locking_once(desk: Desk, number: str) -> None:
    lock(desk, number)
    lock(desk, number)
    assert (len(entries(desk, "account-locked")), len(entries(desk, "lock-repeated"))) == (1, 1)
    assert len(desk.registry.locks(number)) == 1


@pytest.mark.row("AS-08")
def test_as08_a_ground_that_is_not_open_cannot_end(desk: Desk, number: str) -> None:
    with pytest.raises(NotFoundError):
        desk.registry.clear_lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    with pytest.raises(RefusedError):
        unlock(desk)


def test_a_ground_can_come_back_after_it_has_ended(desk: Desk, number: str) -> None:
    for _ in range(2):
        lock(desk, number)
        unlock(desk)
    assert len(desk.registry.locks(number)) == 2


# --- grounds in pairs -------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-07")
@pytest.mark.parametrize("pair", list(combinations(LAW.grounds, 2)))
def test_as07_two_grounds_lock_until_both_have_ended(
    desk: Desk, number: str, phone: Phone, pair: tuple[LockGround, LockGround]
) -> None:
    for ground in pair:
        lock(desk, number, ground)
    assert [entry["row"] for entry in entries(desk, "account-locked")] == ["AS-06", "AS-07"]
    by_one_card = set(pair) == {OWN, LockGround.CARD_EXPIRED}
    for ground in pair[:1] if by_one_card else pair:
        assert state(desk, number) is AccountState.LOCKED
        if LAW.grounds[ground].cleared_by:
            clear(desk, number, ground)
    free = LockGround.DECEASED not in pair
    assert (state(desk, number) is AccountState.ACTIVE) is free
    assert desk.call(phone).state is (DeviceState.ACTIVE if free else DeviceState.SUSPENDED)
    desk.registry.check()


def test_the_owners_unlock_leaves_an_authoritys_lock(desk: Desk, number: str) -> None:
    lock(desk, number)
    lock(desk, number, LockGround.AUTHORITY_REQUEST)
    assert unlock(desk)["grounds"] == "AUTHORITY_REQUEST"
    assert (state(desk, number), grounds(desk, number)) == (AccountState.LOCKED, [LockGround.AUTHORITY_REQUEST])
    with pytest.raises(RefusedError):
        unlock(desk)


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", LAW.grounds)
@pytest.mark.parametrize("role", Role)
def test_only_whom_the_law_names_sets_and_clears(desk: Desk, ground: LockGround, role: Role) -> None:
    number, rule = desk.enrol(), LAW.grounds[ground]
    if role not in rule.set_by:
        with pytest.raises(RefusedError):
            desk.registry.lock(number, ground, role, LockReason.OTHER)
    assert state(desk, number) is AccountState.ISSUED
    lock(desk, number, ground)
    if role not in rule.cleared_by:
        with pytest.raises(RefusedError):
            desk.registry.clear_lock(number, ground, role)
        assert state(desk, number) is AccountState.LOCKED


@pytest.mark.row("AS-09", "R-082")
def test_as09_r082_nobody_unlocks_after_a_death_and_nobody_is_told(desk: Desk, number: str) -> None:
    before = len(desk.texts())
    lock(desk, number, LockGround.DECEASED)
    for role in set(Role) - {Role.OWNER}:
        with pytest.raises(RefusedError, match="AS-09"):
            desk.registry.clear_lock(number, LockGround.DECEASED, role)
    with pytest.raises(RefusedError):
        unlock(desk)
    assert len(desk.texts()) == before, "L-16"


def test_a11_the_hotline_locks_and_never_unlocks(desk: Desk, number: str) -> None:
    desk.registry.lock(number, OWN, Role.HOTLINE, LockReason.LOST_CARD)
    for role in (Role.HOTLINE, Role.OFFICER, Role.UNIT_HEAD, Role.OWNER):
        with pytest.raises(RefusedError):
            desk.registry.clear_lock(number, OWN, role)
    assert unlock(desk)["grounds"] == ""


@pytest.mark.row("R-077")
def test_r077_another_persons_card_unlocks_nothing(desk: Desk, number: str) -> None:
    desk.enrol(card(2))
    lock(desk, number)
    with pytest.raises(RefusedError):
        unlock(desk, 2)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    with pytest.raises(NotVerifiedError):
        desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(desk.registry.begin(Purpose.UNLOCK)))
    assert state(desk, number) is AccountState.LOCKED


@pytest.mark.row("S-04")
@pytest.mark.parametrize(("begun", "tried"), [(Purpose.LOCK, "unlock"), (Purpose.UNLOCK, "lock")])
def test_s04_a_card_shown_for_one_purpose_serves_no_other(desk: Desk, number: str, begun: Purpose, tried: str) -> None:
    ticket = desk.registry.begin(begun)
    with pytest.raises(RefusedError):
        if tried == "lock":
            desk.registry.lock_with_card(ticket.transaction_id, evidence_for(ticket), LockReason.OTHER)
        else:
            desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))


@pytest.mark.row("R-079")
def test_r079_the_card_locks_at_once_and_gives_a_receipt(desk: Desk, number: str) -> None:
    ticket = desk.registry.begin(Purpose.LOCK)
    token = desk.registry.lock_with_card(ticket.transaction_id, evidence_for(ticket), LockReason.BROKEN_DEVICE)
    receipt = verify_receipt(token, desk.registry.receipt_key())
    assert (receipt["act"], receipt["grounds"], receipt["grade"]) == ("account-locked", "OWNER_REQUEST", "B")
    assert number not in str(receipt)
    (view,) = desk.registry.locks(number)
    assert (view.reason, view.set_by) == (LockReason.BROKEN_DEVICE, Role.OWNER)


@pytest.mark.row("L-24")
def test_l24_an_owners_reason_is_one_of_the_list(desk: Desk, number: str) -> None:
    with pytest.raises(UsageError, match="lost-device"):
        desk.registry.lock(number, OWN, Role.OFFICER, "because")
    assert state(desk, number) is AccountState.ACTIVE


# --- the device -------------------------------------------------------------------------------------------------------


@pytest.mark.row("DS-06", "DS-09", "S-23")
@pytest.mark.parametrize("reason", LockReason)
def test_ds06_ds09_a_lost_or_leaked_device_does_not_come_back(
    desk: Desk, number: str, phone: Phone, reason: LockReason
) -> None:
    gone = reason in (LockReason.LOST_DEVICE, LockReason.SUSPECTED_LEAK, LockReason.SUSPECTED_MISUSE)
    lock(desk, number, reason=reason)
    assert device(desk, number) is (DeviceState.REVOKED if gone else DeviceState.SUSPENDED)
    unlock(desk)
    assert desk.call(phone).state is (DeviceState.REVOKED if gone else DeviceState.ACTIVE)
    assert state(desk, number) is AccountState.ACTIVE


@pytest.mark.row("DS-06")
def test_ds06_a_device_reported_lost_after_the_lock_is_ended_all_the_same(desk: Desk, number: str) -> None:
    lock(desk, number, LockGround.TERMS_VIOLATION)
    lock(desk, number, reason=LockReason.BROKEN_DEVICE)
    lock(desk, number, reason=LockReason.LOST_DEVICE)
    assert device(desk, number) is DeviceState.REVOKED
    assert [entry["row"] for entry in entries(desk, "device-revoked")] == ["DS-06"]
    assert len(grounds(desk, number)) == 2


def test_only_the_owners_reason_says_that_a_device_is_lost(desk: Desk, number: str) -> None:
    desk.registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM, LockReason.LOST_DEVICE)
    assert device(desk, number) is DeviceState.SUSPENDED


@pytest.mark.row("S-22")
def test_s22_after_a_loss_a_new_device_is_bound_by_the_card(desk: Desk, number: str) -> None:
    lock(desk, number, reason=LockReason.LOST_DEVICE)
    unlock(desk)
    desk.bind(new := Phone.new())
    assert desk.registry.devices(number)[0].thumbprint == new.public.thumbprint


def test_a_key_that_serves_another_account_meanwhile_stays_there(desk: Desk, number: str, phone: Phone) -> None:
    lock(desk, number)
    other = desk.enrol(card(2))
    desk.bind(phone, card(2))
    unlock(desk)
    assert (state(desk, number), device(desk, number)) == (AccountState.ACTIVE, DeviceState.REPLACED)
    assert device(desk, other) is DeviceState.ACTIVE
    desk.registry.lock(other, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    desk.registry.clear_lock(other, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    assert desk.call(phone, other).state is DeviceState.ACTIVE, "nobody has lost it"


# --- while locked -----------------------------------------------------------------------------------------------------


@pytest.mark.row("DS-04")
def test_ds04_a_lock_ends_a_pending_activation(desk: Desk, number: str, phone: Phone) -> None:
    desk.clock.go(hours=1)
    arguments = desk.pending(new := Phone.new())
    lock(desk, number)
    with pytest.raises(RefusedError):
        desk.registry.confirm(*arguments)
    with pytest.raises(RefusedError):
        desk.registry.resend_code(arguments[0])
    unlock(desk)
    with pytest.raises(ConflictError, match="changed at"):
        desk.registry.confirm(*arguments)
    found = {view.thumbprint: view.state for view in desk.registry.devices(number)}
    assert found == {phone.public.thumbprint: DeviceState.SUSPENDED, new.public.thumbprint: DeviceState.EXPIRED}


@pytest.mark.row("R-090")
def test_r090_a_locked_account_gets_no_code_no_binding_and_no_second_account(desk: Desk, number: str) -> None:
    lock(desk, number)
    sent = len([text for text in desk.texts() if text["kind"] == "otp"])
    with pytest.raises(RefusedError, match="locked"):
        desk.pending(Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(RefusedError, match="locked"):
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    assert len([text for text in desk.texts() if text["kind"] == "otp"]) == sent


@pytest.mark.row("S-24", "R-088", "L-16")
def test_s24_r088_owner_and_device_are_told_and_a_lost_device_is_not(desk: Desk, number: str, phone: Phone) -> None:
    told = len(desk.texts())
    lock(desk, number)
    assert [text["to"] for text in desk.texts()[told:]].count(phone.public.thumbprint) == 1
    unlock(desk)
    told = len(desk.texts())
    lock(desk, number, reason=LockReason.LOST_DEVICE)
    assert [text["channel"] for text in desk.texts()[told:]] == ["sim"]


def test_every_notice_fits_160_characters_of_gsm() -> None:
    assert set(LOCKED_WHY) == set(LockGround) - {LockGround.DECEASED}
    for ground in LOCKED_WHY:
        for text in (locked_text(ground), cleared_text(ground, True), cleared_text(ground, False)):
            assert len(text) <= 160, text
            assert text.isascii()


# --- the card's expiry, the day's law ---------------------------------------------------------------------------------


@pytest.mark.row("L-19")
def test_card_expiry_locks_from_the_day_after_and_a_new_card_unlocks(desk: Desk) -> None:
    """CARD_EXPIRED, Decree 69/2024 Art. 15(1): the last day of the card is Vietnam's, to its end."""
    number = desk.enrol(card(3))
    desk.clock.now = datetime.fromisoformat(f"{kept_expiry(desk)}T16:59:59+00:00")
    assert desk.registry.lock_expired_cards() == 0
    desk.clock.go(seconds=1)
    assert desk.registry.lock_expired_cards() == 1
    assert desk.registry.lock_expired_cards() == 0
    assert grounds(desk, number) == [LockGround.CARD_EXPIRED]
    with pytest.raises(RefusedError):
        unlock(desk, 3)
    desk.clock.go(hours=7)
    with pytest.raises(NotVerifiedError):
        unlock(desk, 3)
    # Back in time the same card is valid: to the registry, a new one.
    desk.clock.now -= timedelta(days=30)
    unlock(desk, 3)
    assert state(desk, number) is AccountState.ISSUED_LATE


@pytest.mark.row("AS-06")
def test_a_new_card_that_locks_is_remembered_as_the_one_that_counts(desk: Desk) -> None:
    """Found by a random sequence: the end of the new card was forgotten when the account was read for its lock."""
    number = desk.enrol(card(3))
    expires = kept_expiry(desk)
    desk.place.change("UPDATE account SET card_expires = '2026-06-05'")
    ticket = desk.registry.begin(Purpose.LOCK)
    desk.registry.lock_with_card(ticket.transaction_id, evidence_for(ticket, card(3)), LockReason.OTHER)
    assert kept_expiry(desk) == expires
    desk.clock.go(days=10)
    assert desk.registry.lock_expired_cards() == 0
    assert grounds(desk, number) == [LockGround.OWNER_REQUEST]


def kept_expiry(desk: Desk) -> str:
    ((expires,),) = desk.place.ask("SELECT card_expires FROM account")
    assert date.fromisoformat(expires) > date(2026, 6, 1)
    return str(expires)


@pytest.mark.parametrize("known", ["", "9999-12-31"])
def test_an_unknown_or_no_expiry_never_locks(desk: Desk, number: str, known: str) -> None:
    desk.place.change(f"UPDATE account SET card_expires = '{known}'")
    desk.clock.go(days=365 * 40)
    assert desk.registry.lock_expired_cards() == 0
    assert state(desk, number) is AccountState.ACTIVE


@pytest.mark.row("L-01", "L-12")
def test_l01_l12_a_lock_of_the_old_law_keeps_it_and_ends_under_the_new(desk: Desk, number: str) -> None:
    desk.clock.now = datetime.fromisoformat("2024-06-30T16:59:59+00:00")
    lock(desk, number, LockGround.SERVICE_PARTY_REQUEST)
    with pytest.raises(RefusedError, match="knows no lock"):
        desk.registry.lock(number, LockGround.CARD_EXPIRED, Role.SYSTEM, "")
    desk.clock.go(seconds=1)
    with pytest.raises(RefusedError, match="knows no request"):
        lock(desk, number, LockGround.SERVICE_PARTY_REQUEST)
    (view,) = desk.registry.locks(number)
    assert (view.profile, view.clause) == ("decree-59-2022", "Decree 59/2022 Art. 19(1)(b)")
    clear(desk, number, LockGround.SERVICE_PARTY_REQUEST)
    assert state(desk, number) is AccountState.ACTIVE


@pytest.mark.row("S-38")
def test_s38_without_a_law_nothing_is_locked(desk: Desk, number: str) -> None:
    desk.clock.now = datetime.fromisoformat("2022-10-19T16:59:59+00:00")
    with pytest.raises(RulesUnavailableError):
        lock(desk, number)
    assert state(desk, number) is AccountState.ACTIVE


@pytest.mark.row("R-083", "L-11")
def test_r083_the_list_says_what_brought_each_ground(desk: Desk, number: str) -> None:
    for ground in LAW.grounds:
        lock(desk, number, ground)
    said = {each.ground: each.source for each in desk.registry.locks(number)}
    assert said == {ground: source_of(ground) for ground in LAW.grounds}
    assert {entry["ground"]: entry["source"] for entry in entries(desk, "account-locked")} == said


@pytest.mark.row("R-076", "L-06")
def test_r076_under_the_old_law_an_owner_locks_in_person_where_the_account_was_opened(desk: Desk) -> None:
    """Under the law of today at any desk; by telephone or in the app from anywhere under both."""
    number = desk.enrol()
    desk.place.change("UPDATE account SET station = 'desk-1'")

    def at(station: str, day: datetime, channel: Channel = Channel.DESK) -> tuple[LockView, ...]:
        desk.clock.now = day
        registry = desk.registry.acting(Origin(channel, officer="o", station=station))
        return registry.lock(number, OWN, Role.OFFICER if channel is Channel.DESK else Role.HOTLINE, LockReason.OTHER)

    old, new = datetime(2024, 6, 30, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)
    with pytest.raises(RefusedError, match=r"opened it \(Decree 59/2022 Art\. 19\)"):
        at("desk-2", old)
    assert at("desk-1", old)
    assert at("", old, Channel.HOTLINE)
    assert at("desk-2", new)
