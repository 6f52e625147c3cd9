"""Numbers and e-mail addresses: what changes them, who hears of it, and how an owner says that it was not them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cccd_nfc.errors import ConflictError, RefusedError, UsageError
from cccd_nfc.registry import addresses
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.origin import DESK, HOTLINE
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState, Purpose
from registry_processes import race
from registry_support import Desk, card, evidence_for

OLD, NEW = "+84912345678", "+84987654321"
MAIL = "owner@example.org"


def change(desk: Desk, number: str = NEW, seed: int = 1) -> Pending:
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.CHANGE_PHONE)
    return desk.registry.contacts.change_phone(ticket.transaction_id, evidence_for(ticket, card(seed)), number)


def code_to_new(desk: Desk) -> str:
    text = [each for each in desk.texts() if each["to"] == NEW and each["kind"] == "otp"][-1]
    found = re.search(r": (\d{6}) de dang ky so", text["text"])
    assert found
    return found[1]


def set_email(desk: Desk, address: str = MAIL, *, results: bool = False) -> str:
    ticket = desk.registry.begin(Purpose.SET_EMAIL)
    return desk.registry.contacts.set_email(ticket.transaction_id, evidence_for(ticket), address, results=results)


def token(desk: Desk, part: str = "kich hoat tren") -> str:
    text = [each["text"] for each in desk.texts() if part in each["text"]][-1]
    return text.rpartition("ma khoa ")[2].rstrip(".")


@pytest.mark.row("S-11", "R-045")
def test_s11_a_number_changes_by_card_and_code_to_the_new_one_and_the_old_one_is_told(desk: Desk) -> None:
    number = desk.enrol()
    pending = change(desk)
    assert desk.registry.account(number).phone == OLD, "not before the code came back"
    assert [text["to"] for text in desk.texts() if text["kind"] == "otp"] == [NEW]
    receipt = verify_receipt(
        desk.registry.contacts.confirm_phone(pending.transaction_id, code_to_new(desk)), desk.registry.receipt_key()
    )
    assert receipt["act"] == "phone-changed"
    assert NEW not in str(receipt)
    assert desk.registry.account(number).phone == NEW
    told = [text["to"] for text in desk.texts() if "So dien thoai" in text["text"]]
    assert sorted(told) == [OLD, NEW]
    assert NEW not in str(desk.place.ask("SELECT content FROM audit"))


@pytest.mark.row("S-10", "S-11")
def test_s10_a_new_number_gets_no_codes_for_a_week(desk: Desk) -> None:
    desk.enrol()
    pending = change(desk)
    desk.registry.contacts.confirm_phone(pending.transaction_id, code_to_new(desk))
    with pytest.raises(RefusedError, match="within 7 days"):
        desk.pending(Phone.new())
    ticket = desk.registry.acting(DESK).begin(Purpose.ACTIVATE, Phone.new().public)
    evidence = evidence_for(ticket)
    assert desk.registry.acting(DESK).submit_evidence(ticket.transaction_id, evidence, channel=CodeChannel.SCREEN).shown


@pytest.mark.row("S-11")
def test_s11_a_wrong_late_or_second_code_changes_nothing(desk: Desk) -> None:
    number = desk.enrol()
    pending = change(desk)
    right = code_to_new(desk)
    confirm = desk.registry.contacts.confirm_phone
    with pytest.raises(RefusedError, match="wrong"):
        confirm(pending.transaction_id, f"{(int(right) + 1) % 1_000_000:06d}")
    desk.clock.go(seconds=180)
    with pytest.raises(RefusedError):
        confirm(pending.transaction_id, right)
    assert desk.registry.account(number).phone == OLD
    pending = change(desk)
    right = code_to_new(desk)
    confirm(pending.transaction_id, right)
    with pytest.raises(RefusedError):
        confirm(pending.transaction_id, right)


@pytest.mark.row("S-11", "R-090")
def test_s11_no_number_changes_on_a_locked_account_or_between_a_lock_and_the_code(desk: Desk) -> None:
    number = desk.enrol()
    pending = change(desk)
    right = code_to_new(desk)
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)
    with pytest.raises((RefusedError, ConflictError)):
        desk.registry.contacts.confirm_phone(pending.transaction_id, right)
    with pytest.raises(RefusedError, match="locked"):
        change(desk)
    assert desk.registry.account(number).phone == OLD


@pytest.mark.row("S-11", "L-07")
def test_s11_the_number_must_be_a_mobile_and_another_one(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(UsageError):
        change(desk, "02438252525")
    with pytest.raises(RefusedError, match="already"):
        change(desk, "0912345678")


@pytest.mark.row("S-24", "L-07", "S-09")
def test_s24_notices_go_to_the_email_address_too_and_codes_never(desk: Desk) -> None:
    desk.enrol()
    set_email(desk, "Owner@Example.ORG")
    desk.bind(Phone.new())
    texts = desk.texts()
    mailed = [text for text in texts if text["channel"] == "email"]
    assert {text["to"] for text in mailed} == {"Owner@example.org"}
    assert {text["kind"] for text in mailed} == {"notice"}
    assert any("kich hoat tren" in text["text"] for text in mailed)
    assert "example.org" not in str(desk.place.ask("SELECT * FROM contact")).lower(), "sealed"
    set_email(desk, "")
    assert any("e-mail" in text["text"] and text["channel"] == "email" for text in desk.texts()[len(texts) :])


@pytest.mark.row("L-22", "R-069", "R-025")
@pytest.mark.parametrize(("results", "channel"), [(True, "email"), (False, "sim")])
def test_l22_a_result_goes_once_by_the_channel_that_the_owner_chose(desk: Desk, results: bool, channel: str) -> None:
    from cccd_nfc.registry import accounts, notices

    number = desk.enrol(read=False)
    assert [text["channel"] for text in desk.texts()] == ["sim"], "that the account was issued"
    assert '"notice":"sim"' in str(desk.place.ask("SELECT content FROM audit"))
    set_email(desk, results=results)
    office = desk.registry._office
    with office.database.write() as session:
        account = accounts.find(session, number)
        assert notices.result(office, session, account, "Ket qua", desk.clock.now) == channel
    assert [text["channel"] for text in desk.texts() if text["text"] == "Ket qua"] == [channel]


@pytest.mark.parametrize(
    "text",
    ["", "x", "@example.org", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.zz", "a..b@example.org", '"a"@x.org',
     "a@[127.0.0.1]", "a@-x.org", "a@x.org, b@x.org", "A <a@x.org>", "ă@example.org", "a" * 65 + "@example.org"],
)  # fmt: skip
def test_what_is_no_email_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        addresses.email_address(text)
    assert str(caught.value) == "not an e-mail address"


def test_the_number_of_a_sim_change_to_come_is_refused(desk: Desk) -> None:
    number = desk.enrol()
    with pytest.raises(UsageError):
        desk.registry.contacts.heed_sim_change(number, desk.clock.now + timedelta(seconds=1))


# --- "that was not me" ------------------------------------------------------------------------------------------------


@pytest.mark.row("S-24", "R-078")
def test_s24_a_notices_code_locks_in_one_step_and_ends_the_device(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.registry.acting(HOTLINE).not_me(f" {token(desk).lower()} ")
    assert desk.registry.account(number).state is AccountState.LOCKED
    (lock,) = desk.registry.locks(number)
    assert (lock.ground, lock.reason) == (LockGround.OWNER_REQUEST, LockReason.SUSPECTED_LEAK)
    assert '"event":"device-bound"' in str(desk.place.ask("SELECT content FROM audit")), "what was not theirs"


@pytest.mark.row("S-24")
def test_s24_the_code_works_once_for_a_week_and_is_kept_hashed(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    known = token(desk)
    assert known not in str(desk.place.rows())
    for wrong in ("", "A" * 16, known[:-1]):
        with pytest.raises(RefusedError, match="locks nothing"):
            desk.registry.not_me(wrong)
    desk.registry.not_me(known)
    with pytest.raises(RefusedError, match="locks nothing"):
        desk.registry.not_me(known)
    desk.enrol(card(2))
    desk.bind(Phone.new(), card(2))
    late = token(desk)
    desk.clock.go(days=7)
    with pytest.raises(RefusedError, match="locks nothing"):
        desk.registry.not_me(late)


@pytest.mark.row("S-24")
def test_s24_of_several_that_use_a_code_at_once_one_locks(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    known = token(desk)
    finishes = race(desk.place, desk.clock, [lambda registry: registry.not_me(known)] * 4)
    assert len([finish for finish in finishes if finish.error is None]) == 1
    assert {type(finish.error) for finish in finishes if finish.error} == {RefusedError}


@pytest.mark.row("R-078")
def test_r078_the_hotline_locks_on_suspected_misuse_and_the_device_is_gone(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.registry.acting(HOTLINE).lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.SUSPECTED_MISUSE)
    (lock,) = desk.registry.locks(number)
    assert lock.reason == "suspected-misuse"
    assert desk.registry.devices(number)[0].state == "REVOKED"
