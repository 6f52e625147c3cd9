"""What a code is made of, what it is bound to, and how failures and codes are counted over a day."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import otp
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.models import Account, OneTimePassword, Transaction
from cccd_nfc.registry.phone import Phone
from registry_support import Desk


def counted(desk: Desk) -> tuple[int, int]:
    """(failed codes, seconds of hold from now) of the one account."""
    ((failed, until),) = desk.place.ask("SELECT failed_codes, hold_until FROM account")
    return failed, (until - stamp(desk.clock.now)) // span(timedelta(seconds=1)) if until else 0


def set_failures(desk: Desk, count: int) -> None:
    desk.place.change(f"UPDATE account SET failed_codes = {count}")


def fail_once(desk: Desk, arguments: tuple[str, str, str]) -> None:
    transaction, code, confirmation = arguments
    with pytest.raises(RefusedError, match="the code is wrong"):
        desk.registry.confirm(transaction, f"{(int(code) + 1) % 1_000_000:06d}", confirmation)


@pytest.mark.row("S-01")
def test_s01_a_code_is_six_random_digits_with_its_zeros(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def draw(below: int) -> int:
        drawn.append(below)
        return 42

    monkeypatch.setattr(secrets, "randbelow", draw)
    desk.enrol()
    arguments = desk.pending(Phone.new())
    assert (arguments[1], drawn) == ("000042", [1_000_000])
    assert desk.registry.confirm(*arguments)


@pytest.mark.row("R-046", "S-04")
@pytest.mark.parametrize("part", ["id", "purpose", "account_id", "thumbprint"])
def test_s04_a_code_is_nothing_for_another_transaction_purpose_account_or_device(desk: Desk, part: str) -> None:
    desk.enrol()
    transaction_id, code, _ = desk.pending(Phone.new())
    office = desk.registry._office
    with office.database.write() as session:
        found = session.scalars(select(OneTimePassword)).one()
        transaction = session.get_one(Transaction, transaction_id)
        session.expunge_all()
    assert otp.is_right(office.keys.code, transaction, found, code)
    setattr(transaction, part, "another")
    assert not otp.is_right(office.keys.code, transaction, found, code)


@pytest.mark.row("S-03")
def test_s03_the_row_of_a_code_is_consumed_once_whoever_comes_second(desk: Desk) -> None:
    desk.enrol()
    desk.pending(Phone.new())
    with desk.registry._office.database.write() as session:
        found, account = session.scalars(select(OneTimePassword)).one(), session.scalars(select(Account)).one()
        otp.consume(session, found, account, desk.clock.now)
        with pytest.raises(RefusedError, match="used already"):
            otp.consume(session, found, account, desk.clock.now)


@pytest.mark.row("S-08")
def test_s08_a_code_cannot_be_tried_without_the_key_outside_the_database(desk: Desk) -> None:
    desk.enrol()
    transaction_id, code, _ = desk.pending(Phone.new())
    with desk.registry._office.database.write() as session:
        found = session.scalars(select(OneTimePassword)).one()
        transaction = session.get_one(Transaction, transaction_id)
        assert not otp.is_right(bytes(32), transaction, found, code)


@pytest.mark.row("S-06", "AS-13")
@pytest.mark.parametrize(("failure", "hold"), [(9, 0), (10, 30), (11, 60), (16, 1920), (17, 3600), (99, 3600)])
def test_s06_the_hold_grows_with_each_failure_up_to_an_hour(desk: Desk, failure: int, hold: int) -> None:
    desk.enrol()
    arguments = desk.pending(Phone.new())
    set_failures(desk, failure - 1)
    fail_once(desk, arguments)
    assert counted(desk) == (failure, hold)


@pytest.mark.row("AS-13", "AS-14")
@pytest.mark.parametrize(("seconds", "accepted"), [(29, False), (30, True)])
def test_as14_a_hold_ends_by_time(desk: Desk, seconds: int, accepted: bool) -> None:
    desk.enrol()
    arguments = desk.pending(Phone.new())
    set_failures(desk, 9)
    fail_once(desk, arguments)
    desk.clock.go(seconds=seconds)
    if accepted:
        assert desk.registry.confirm(*arguments)
    else:
        with pytest.raises(RefusedError, match=r"wait until 1[67]:\d\d:\d\d \(Vietnam time\)$"):
            desk.registry.confirm(*arguments)


@pytest.mark.row("S-06")
def test_s06_a_hundred_failures_end_codes_for_good(desk: Desk) -> None:
    desk.enrol()
    arguments = desk.pending(Phone.new())
    set_failures(desk, 99)
    fail_once(desk, arguments)
    desk.clock.go(days=30)
    set_back_issue(desk)
    with pytest.raises(RefusedError, match="disabled"):
        desk.pending(Phone.new())


def set_back_issue(desk: Desk) -> None:
    """The account as if its issue had been told today, so that nothing but the failures can stop it."""
    desk.place.change(f"UPDATE account SET noticed_at = {stamp(desk.clock.now)}")


@pytest.mark.row("S-06")
def test_s06_only_a_success_sets_the_count_back(desk: Desk) -> None:
    desk.enrol()
    arguments = desk.pending(Phone.new())
    fail_once(desk, arguments)
    assert counted(desk) == (1, 0)
    desk.registry.confirm(*arguments)
    assert counted(desk) == (0, 0)


@pytest.mark.row("S-07", "S-35")
def test_s07_an_older_code_stays_dead_for_a_clock_that_stands_a_little_behind(desk: Desk) -> None:
    desk.enrol()
    phone = Phone.new()
    transaction, older, _ = desk.pending(phone)
    desk.clock.go(seconds=60)
    confirmation = phone.confirm(transaction, desk.registry.resend_code(transaction).reference)
    newer = desk.code()
    desk.clock.go(seconds=-5)
    with pytest.raises(RefusedError, match="wrong"):
        desk.registry.confirm(transaction, older, confirmation)
    assert desk.registry.confirm(transaction, newer, confirmation)


@pytest.mark.row("S-07")
def test_s07_ten_codes_a_day(desk: Desk) -> None:
    desk.enrol()
    for _ in range(10):
        desk.pending(Phone.new())
        desk.clock.go(minutes=8)
    with pytest.raises(RefusedError, match="too many codes"):
        desk.pending(Phone.new())
    desk.clock.go(days=1)
    assert desk.pending(Phone.new())
