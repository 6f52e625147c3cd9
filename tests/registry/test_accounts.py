"""What an account holds, and when no device may be bound to it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.accounts import find
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from registry_support import CONSENT, Desk, card, evidence_for


@pytest.mark.row("R-001", "S-31")
def test_r001_two_accounts_of_one_number_are_impossible_even_by_hand(desk: Desk) -> None:
    desk.enrol()
    desk.enrol(card(2))
    with pytest.raises(IntegrityError):
        desk.place.change("UPDATE account SET number_index = (SELECT min(number_index) FROM account)")


@pytest.mark.row("R-005")
@pytest.mark.parametrize("level", [0, 3])
def test_r005_there_is_no_level_but_1_and_2(desk: Desk, level: int) -> None:
    assert desk.registry.account(desk.enrol()).level == 1
    with pytest.raises(IntegrityError):
        desk.place.change(f"UPDATE account SET level = {level}")


@pytest.mark.row("R-006")
def test_r006_the_account_holds_what_the_card_says(desk: Desk) -> None:
    number = desk.enrol()
    secrets = card().secrets
    account = desk.registry.account(number)
    with desk.registry._office.database.write() as session:
        birth_date = find(session, number).birth_date
    assert (account.number, birth_date) == (secrets.number, secrets.birth_date)
    assert account.full_name


@pytest.mark.row("AS-01", "L-07")
def test_as01_no_account_without_a_mobile_number(desk: Desk) -> None:
    ticket = desk.registry.begin(Purpose.ENROL)
    with pytest.raises(UsageError, match="mobile"):
        desk.registry.create_account(ticket.transaction_id, evidence_for(ticket), "19000368", CONSENT)
    with pytest.raises(NotFoundError):
        desk.registry.account(card().secrets.number)


@pytest.mark.row("AS-11", "DS-02")
@pytest.mark.parametrize("state", [AccountState.LOCKED, AccountState.CLOSED])
def test_an_account_out_of_use_takes_no_evidence_and_sends_no_code(desk: Desk, state: AccountState) -> None:
    desk.enrol()
    desk.place.change(f"UPDATE account SET state = '{state}'")
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(RefusedError, match="locked or closed"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []


@pytest.mark.row("AS-11", "DS-03")
@pytest.mark.parametrize("state", [AccountState.LOCKED, AccountState.CLOSED])
def test_an_account_out_of_use_takes_no_code_that_is_on_its_way(desk: Desk, state: AccountState) -> None:
    number = desk.enrol()
    arguments = desk.pending(Phone.new())
    desk.place.change(f"UPDATE account SET state = '{state}'")
    for act in (lambda: desk.registry.confirm(*arguments), lambda: desk.registry.resend_code(arguments[0])):
        with pytest.raises(RefusedError, match="locked or closed"):
            act()
    assert [device.state for device in desk.registry.devices(number)] == [DeviceState.PENDING]
