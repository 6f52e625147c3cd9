"""The seven days of activation, and the assistance after them (L-09, AS-04, AS-05)."""

from __future__ import annotations

import pytest

from cccd_nfc.errors import NotVerifiedError, RefusedError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState, Purpose
from registry_law import activated, entries, shown, with_officer
from registry_support import Desk, card


@pytest.fixture
def late(desk: Desk) -> str:
    """The number of an account whose days are over, which nobody has written down yet."""
    number = desk.enrol()
    desk.clock.go(days=7, seconds=1)
    return number


@pytest.mark.row("AS-04", "L-09")
def test_as04_the_week_counts_from_the_notice_and_then_the_account_is_late(desk: Desk) -> None:
    number = desk.enrol()
    desk.place.change("UPDATE account SET issued_at = issued_at - 400000000")
    desk.clock.go(days=7)
    assert desk.registry.expire_activations() == 0
    assert desk.registry.account(number).state is AccountState.ISSUED
    desk.clock.go(seconds=1)
    assert desk.registry.account(number).state is AccountState.ISSUED_LATE
    assert desk.registry.expire_activations() == 1
    assert desk.place.ask("SELECT state FROM account") == [("ISSUED_LATE",)]
    assert desk.registry.expire_activations() == 0
    assert [entry["row"] for entry in entries(desk, "activation-late")] == ["AS-04"]


@pytest.mark.row("AS-04")
def test_as04_what_is_active_or_locked_does_not_become_late(desk: Desk) -> None:
    activated(desk)
    number = desk.enrol(card(2))
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    desk.clock.go(days=30)
    assert desk.registry.expire_activations() == 0


@pytest.mark.row("AS-04", "L-09")
@pytest.mark.parametrize("written", [True, False])
def test_l09_a_late_account_takes_no_device(desk: Desk, late: str, written: bool) -> None:
    if written:
        desk.registry.expire_activations()
    with pytest.raises(RefusedError, match="7 days"):
        desk.pending(Phone.new())


@pytest.mark.row("AS-05", "L-09")
@pytest.mark.parametrize("written", [True, False])
def test_as05_card_and_officer_activate_a_late_account(desk: Desk, late: str, written: bool) -> None:
    if written:
        desk.registry.expire_activations()
    token = with_officer(desk).assist(*shown(desk, Purpose.ASSIST))
    assert verify_receipt(token, desk.registry.receipt_key())["act"] == "activation-assisted"
    assert desk.registry.account(late).state is AccountState.ACTIVE
    (entry,) = entries(desk, "activation-assisted")
    assert (entry["row"], entry["assisted_by"], entry["factors"], entry["strength"]) == (
        "AS-05", "officer-1", "card, face", "3"
    )  # fmt: skip
    assert len(entries(desk, "activation-late")) == 1
    assert "ho tro kich hoat" in desk.texts()[-1]["text"]
    assert desk.bind(Phone.new())


@pytest.mark.row("AS-05")
def test_as05_nobody_is_assisted_without_an_officer_before_the_time_twice_or_while_locked(desk: Desk) -> None:
    number = desk.enrol()
    officer = with_officer(desk)
    with pytest.raises(RefusedError, match="assistance"):
        officer.assist(*shown(desk, Purpose.ASSIST))
    desk.clock.go(days=8)
    with pytest.raises(RefusedError, match="officer"):
        desk.registry.assist(*shown(desk, Purpose.ASSIST))
    with pytest.raises(RefusedError):
        officer.assist(*shown(desk, Purpose.ACTIVATE))
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    with pytest.raises(RefusedError, match="assistance"):
        officer.assist(*shown(desk, Purpose.ASSIST))
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK))
    officer.assist(*shown(desk, Purpose.ASSIST))
    with pytest.raises(RefusedError, match="assistance"):
        officer.assist(*shown(desk, Purpose.ASSIST))


@pytest.mark.row("AS-05")
def test_as05_another_persons_or_a_copied_card_assists_nobody(desk: Desk, late: str) -> None:
    from dataclasses import replace

    from cccd_nfc.simulator.card import ChipKeys

    with pytest.raises(NotVerifiedError):
        with_officer(desk).assist(*shown(desk, Purpose.ASSIST, replace(card(), keys=ChipKeys())))
    with pytest.raises(Exception, match="no account"):
        with_officer(desk).assist(*shown(desk, Purpose.ASSIST, card(2)))
    assert desk.registry.account(late).state is AccountState.ISSUED_LATE


@pytest.mark.row("AS-06", "AS-08")
def test_as06_a_late_account_is_locked_and_is_late_again_after_it(desk: Desk, late: str) -> None:
    desk.registry.expire_activations()
    desk.registry.lock(late, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    assert desk.registry.account(late).state is AccountState.LOCKED
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK))
    assert desk.place.ask("SELECT state FROM account") == [("ISSUED_LATE",)]


@pytest.mark.row("R-012", "AS-03")
def test_r012_only_the_activation_makes_an_account_active(desk: Desk) -> None:
    number = desk.enrol()
    assert desk.registry.papers.lookup(number).shows == ()
    desk.bind(Phone.new())
    assert desk.registry.account(number).state is AccountState.ACTIVE
    assert desk.registry.account(number).activate_before is None
    assert desk.registry.papers.lookup(number).shows
