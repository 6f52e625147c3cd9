"""Logins: one answer to strangers, holds, sessions and what ends them, and what an owner does by login."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial

import pytest
from sqlalchemy import event

from cccd_nfc.errors import CccdError, ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import otp, owner_sessions, secret_hashes
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role, profile_on
from cccd_nfc.registry.logins import NEUTRAL
from cccd_nfc.registry.models import Account, Device
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.secret_policy import HashParameters, SecretPolicy
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState
from registry_processes import race
from registry_support import PHONE_NUMBER, Desk, card, trust
from secret_support import NEXT_PASSWORD, PASSCODE, PASSWORD, activate_on_web, owner

OWN = LockGround.OWNER_REQUEST


@pytest.fixture
def number(desk: Desk) -> str:
    return owner(desk)


def refused(desk: Desk, number: str, password: str = PASSWORD) -> str:
    with pytest.raises(RefusedError) as error:
        desk.registry.logins.log_in(number, password)
    return str(error.value)


def holds(desk: Desk, token: str) -> bool:
    try:
        desk.registry.logins.whose(token)
    except RefusedError:
        return False
    return True


def lock(desk: Desk, number: str) -> None:
    desk.registry.lock(number, OWN, Role.OFFICER, LockReason.OTHER)


# --- who may log in ---------------------------------------------------------------------------------------------------


@pytest.mark.row("R-003", "R-028")
def test_r003_the_personal_number_and_the_password_log_in_and_nothing_else(desk: Desk, number: str) -> None:
    assert holds(desk, desk.registry.logins.log_in(number, PASSWORD).token)
    account = desk.registry.account(number)
    for name in (account.full_name, account.phone, PHONE_NUMBER, "", number[:-1]):
        assert refused(desk, name) == NEUTRAL
    for password in (PASSWORD + "x", PASSWORD[:-1], PASSWORD.upper(), "", PASSCODE):
        assert refused(desk, number, password) == NEUTRAL


@pytest.mark.row("R-012")
def test_r012_an_account_that_is_not_activated_can_neither_log_in_nor_be_used(desk: Desk) -> None:
    number = desk.enrol()
    assert refused(desk, number) == NEUTRAL
    with pytest.raises(RefusedError, match=NEUTRAL):
        desk.registry.logins.lock(number, PASSWORD, LockReason.OTHER)
    activate_on_web(desk, number)
    assert desk.registry.logins.log_in(number, PASSWORD)


WRONG = "Sai/mat-khau 9"
UNKNOWN = "001099000000"


def locked(desk: Desk, number: str) -> str:
    lock(desk, number)
    return number


def held(desk: Desk, number: str) -> str:
    for _ in range(10):
        refused(desk, number, WRONG)
    return number


def closed(desk: Desk, number: str) -> str:
    with desk.registry._office.database.write() as session:
        found = next(each for each in session.query(Account) if each.number == number)
        found.state = AccountState.CLOSED
    return number


def activated(desk: Desk, number: str) -> str:
    activate_on_web(desk, number)
    return number


def what_strangers_try(desk: Desk) -> Iterator[tuple[str, str, str]]:
    """(what is wrong, number, password), each made when its turn comes."""
    yield "unknown", UNKNOWN, PASSWORD
    yield "no number", "Nguyễn Văn Mẫu", PASSWORD
    number = desk.enrol(card(1))
    yield "not activated", number, PASSWORD
    yield "wrong password", activated(desk, number), WRONG
    yield "locked", locked(desk, number), PASSWORD
    yield "closed", closed(desk, owner(desk, card(2))), PASSWORD
    yield "on hold", held(desk, owner(desk, card(3))), PASSWORD


@contextmanager
def counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Statements, hashes and commits while it is open."""
    work: Counter[str] = Counter()
    engine = desk.registry._office.database.engine

    def ran(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        work[statement.split()[0]] += 1

    def counting(function: Callable[..., bool], *arguments: object) -> bool:
        work["hash"] += 1
        return function(*arguments)

    event.listen(engine, "before_cursor_execute", ran)
    event.listen(engine, "commit", lambda _conn: work.update(commit=1))
    monkeypatch.setattr(secret_hashes, "_verified", partial(counting, secret_hashes._verified))
    monkeypatch.setattr(otp, "is_right", partial(counting, otp.is_right))
    yield work
    monkeypatch.undo()
    event.remove(engine, "before_cursor_execute", ran)


@pytest.mark.row("S-13", "R-028")
@pytest.mark.parametrize("with_passcode", [False, True])
def test_s13_every_state_costs_the_same_work_and_gets_the_same_words(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, with_passcode: bool
) -> None:
    works, words = {}, set()
    for name, number, password in what_strangers_try(desk):
        with counted(desk, monkeypatch) as work, pytest.raises(RefusedError) as error:
            if with_passcode:
                # With the right password a locked account takes its owner's ground: that is no answer to a stranger.
                wrong = WRONG if name == "locked" else password
                desk.registry.logins.lock(number, wrong, LockReason.OTHER, passcode=PASSCODE)
            else:
                desk.registry.logins.log_in(number, password)
        works[name] = dict(work)
        words.add((type(error.value), str(error.value)))
    assert (len(works), words) == (7, {(RefusedError, NEUTRAL)})
    assert all(work == works["unknown"] for work in works.values()), works
    assert works["unknown"]["hash"] == (2 if with_passcode else 1)


@pytest.mark.row("S-13")
def test_s13_a_code_for_nobody_costs_what_a_wrong_code_costs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number, works = desk.enrol(), []
    tickets = [desk.registry.web.begin(*asked) for asked in ((number, PHONE_NUMBER), (UNKNOWN, PHONE_NUMBER))]
    tickets.append(desk.registry.web.begin(number, "0987654321"))
    desk.registry.deliver()
    for ticket in tickets:
        with counted(desk, monkeypatch) as work, pytest.raises(RefusedError):
            desk.registry.web.enter_code(ticket.transaction_id, "000000")
        works.append(dict(work))
    assert works[0]["hash"] == 1
    assert works[0] == works[1] == works[2]


# --- holds ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-06", "AS-13", "AS-14")
def test_s06_ten_wrong_passwords_hold_the_login_and_time_ends_the_hold(desk: Desk, number: str) -> None:
    for _ in range(10):
        refused(desk, number, WRONG)
    assert refused(desk, number) == NEUTRAL
    desk.clock.go(seconds=30)
    assert desk.registry.logins.log_in(number, PASSWORD)


@pytest.mark.row("S-06")
def test_s06_a_right_login_sets_its_own_count_back_and_not_that_of_codes(desk: Desk, number: str) -> None:
    desk.place.change("UPDATE account SET failed_codes = 7")
    for _ in range(9):
        refused(desk, number, WRONG)
    desk.registry.logins.log_in(number, PASSWORD)
    assert desk.place.ask("SELECT failed_logins FROM account_secrets") == [(0,)]
    assert desk.place.ask("SELECT failed_codes FROM account") == [(7,)]


@pytest.mark.row("S-06")
def test_s06_a_hundred_wrong_passwords_leave_only_the_reset(desk: Desk, number: str) -> None:
    desk.place.change("UPDATE account_secrets SET failed_logins = 99")
    refused(desk, number, WRONG)
    desk.clock.go(days=30)
    assert refused(desk, number) == NEUTRAL


@pytest.mark.row("S-06", "S-31")
def test_s06_parallel_guesses_are_all_counted(desk: Desk, number: str) -> None:
    acts = [lambda registry: registry.logins.log_in(number, WRONG)] * 8
    finishes = race(desk.place, desk.clock, acts)
    assert all(isinstance(finish.error, CccdError) for finish in finishes)
    assert desk.place.ask("SELECT failed_logins FROM account_secrets") == [(8,)]


@pytest.mark.row("S-16")
def test_s16_who_logs_in_is_hashed_anew_when_the_parameters_have_changed(desk: Desk, number: str) -> None:
    before = desk.place.ask("SELECT password FROM account_secrets")
    desk.registry.logins.log_in(number, PASSWORD)
    assert desk.place.ask("SELECT password FROM account_secrets") == before
    stronger = SecretPolicy(HashParameters(memory=128, passes=2, lanes=1))
    registry = Registry.open(desk.place.url, desk.folder, trust(), clock=desk.clock, secrets=stronger)
    registry.logins.log_in(number, PASSWORD)
    assert registry.logins.log_in(number, PASSWORD)
    registry.close()
    assert desk.place.ask("SELECT password FROM account_secrets")[0][0].startswith("$argon2id$v=19$m=128,t=2,p=1$")


# --- sessions ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-024")
def test_r024_logging_out_ends_the_login(desk: Desk, number: str) -> None:
    first, second = (desk.registry.logins.log_in(number, PASSWORD).token for _ in range(2))
    desk.registry.logins.log_out(first)
    assert (holds(desk, first), holds(desk, second)) == (False, True)
    with pytest.raises(RefusedError, match="has ended"):
        desk.registry.logins.log_out(first)


@pytest.mark.row("R-028")
def test_r028_a_login_ends_without_use_and_in_any_case_after_twelve_hours(desk: Desk, number: str) -> None:
    idle, used = (desk.registry.logins.log_in(number, PASSWORD).token for _ in range(2))
    for _ in range(35):
        desk.clock.go(minutes=20)
        assert holds(desk, used)
    assert not holds(desk, idle)
    desk.clock.go(minutes=20)
    assert not holds(desk, used)


@pytest.mark.row("R-028")
def test_r028_the_token_is_kept_as_a_hash_and_not_shown(desk: Desk, number: str) -> None:
    login = desk.registry.logins.log_in(number, PASSWORD)
    (kept,) = desk.place.ask("SELECT token FROM owner_session")[0]
    assert (len(login.token), kept, login.token in repr(login)) == (43, owner_sessions.token_hash(login.token), False)
    assert not holds(desk, kept)


@pytest.mark.row("AS-06")
def test_as06_a_lock_ends_every_login(desk: Desk, number: str) -> None:
    token = desk.registry.logins.log_in(number, PASSWORD).token
    lock(desk, number)
    assert not holds(desk, token)
    assert desk.place.ask("SELECT end_reason FROM owner_session") == [("the account was locked",)]


@pytest.mark.row("R-015")
def test_r015_a_new_device_ends_every_login_that_of_the_old_device_too(desk: Desk, number: str) -> None:
    desk.bind(Phone.new())
    browser, office = desk.registry.logins.log_in(number, PASSWORD).token, desk.registry._office
    with office.database.write() as session:
        account, device = session.query(Account).one(), session.query(Device).one()
        of_device = owner_sessions.open_session(office, session, account, desk.clock.now, device).token
    assert holds(desk, of_device)
    desk.bind(Phone.new())
    assert (holds(desk, browser), holds(desk, of_device)) == (False, False)


@pytest.mark.row("R-015")
def test_r015_a_login_of_a_device_that_is_no_longer_active_is_refused(desk: Desk, number: str) -> None:
    desk.bind(Phone.new())
    office = desk.registry._office
    with office.database.write() as session:
        account, device = session.query(Account).one(), session.query(Device).one()
        token = owner_sessions.open_session(office, session, account, desk.clock.now, device).token
        device.state = DeviceState.SUSPENDED
    assert not holds(desk, token)


# --- what an owner does -----------------------------------------------------------------------------------------------


@pytest.mark.row("R-019", "DS-05")
def test_r019_the_owner_unlinks_by_login_and_confirms_which_device(desk: Desk, number: str) -> None:
    phone = Phone.new()
    desk.bind(phone)
    thumbprint = phone.public.thumbprint
    with pytest.raises(RefusedError):
        desk.registry.logins.unlink_device("no login", thumbprint)
    token = desk.registry.logins.log_in(number, PASSWORD).token
    with pytest.raises(ConflictError):
        desk.registry.logins.unlink_device(token, "another")
    receipt = verify_receipt(desk.registry.logins.unlink_device(token, thumbprint), desk.registry.receipt_key())
    assert (receipt["act"], receipt["device"]) == ("device-unlinked", thumbprint)
    assert [each.state for each in desk.registry.devices(number)] == [DeviceState.UNLINKED]
    assert not holds(desk, token)
    token = desk.registry.logins.log_in(number, PASSWORD).token
    with pytest.raises(NotFoundError):
        desk.registry.logins.unlink_device(token, thumbprint)


@pytest.mark.row("AS-12")
def test_as12_the_password_is_changed_by_who_knows_it_and_other_logins_end(desk: Desk, number: str) -> None:
    logins = desk.registry.logins
    here, elsewhere = (logins.log_in(number, PASSWORD).token for _ in range(2))
    with pytest.raises(RefusedError, match="old password"):
        logins.change_password(here, WRONG, NEXT_PASSWORD)
    with pytest.raises(UsageError):
        logins.change_password(here, PASSWORD, "short")
    with pytest.raises(UsageError, match="old one"):
        logins.change_password(here, PASSWORD, PASSWORD)
    logins.change_password(here, PASSWORD, NEXT_PASSWORD)
    assert (holds(desk, here), holds(desk, elsewhere)) == (True, False)
    assert refused(desk, number) == NEUTRAL
    assert logins.log_in(number, NEXT_PASSWORD)
    assert any("vua duoc thay doi" in text["text"] for text in desk.texts())


@pytest.mark.row("R-053", "S-18")
def test_r053_a_service_is_used_with_the_passcode_and_five_wrong_ones_block_it(desk: Desk, number: str) -> None:
    logins, token = desk.registry.logins, desk.registry.logins.log_in(number, PASSWORD).token
    with pytest.raises(UsageError):
        logins.confirm_use(token, PASSCODE, "Thẻ BHYT")
    with pytest.raises(RefusedError, match="has ended"):
        logins.confirm_use("no login", PASSCODE, "health-card")
    for _ in range(4):
        with pytest.raises(RefusedError, match="is wrong"):
            logins.confirm_use(token, "000111", "health-card")
    logins.confirm_use(token, PASSCODE, "health-card")
    for _ in range(5):
        with pytest.raises(RefusedError, match="is wrong"):
            logins.confirm_use(token, "000111", "health-card")
    desk.clock.go(minutes=29)
    with pytest.raises(RefusedError, match="five times"):
        logins.confirm_use(token, PASSCODE, "health-card")


@pytest.mark.row("R-073", "AS-06")
def test_r073_number_and_password_lock_from_anywhere_and_open_and_bind_nothing(desk: Desk, number: str) -> None:
    phone = Phone.new()
    desk.bind(phone)
    token = desk.registry.logins.log_in(number, PASSWORD).token
    logins = desk.registry.logins
    with pytest.raises(RefusedError, match=NEUTRAL):
        logins.lock(number, WRONG, LockReason.LOST_DEVICE)
    with pytest.raises(RefusedError, match=NEUTRAL):
        logins.lock(number, PASSWORD, LockReason.LOST_DEVICE, passcode="000111")
    assert desk.registry.account(number).state is AccountState.ACTIVE
    logins.lock(number, PASSWORD, LockReason.LOST_DEVICE, passcode=PASSCODE)
    assert desk.registry.account(number).state is AccountState.LOCKED
    assert [each.state for each in desk.registry.devices(number)] == [DeviceState.REVOKED]
    (found,) = desk.registry.locks(number)
    assert (found.ground, found.reason, found.set_by) == (OWN, "lost-device", Role.OWNER)
    assert len(desk.place.ask("SELECT id FROM owner_session")) == 1
    assert not holds(desk, token)


@pytest.mark.row("R-073", "AS-07")
def test_as07_the_owner_adds_the_own_ground_to_another(desk: Desk, number: str) -> None:
    terms = LockGround.TERMS_VIOLATION
    desk.registry.lock(number, terms, min(profile_on(date(2026, 6, 1)).grounds[terms].set_by), "")
    desk.registry.logins.lock(number, PASSWORD, LockReason.LOST_CARD)
    assert {each.ground for each in desk.registry.locks(number)} == {terms, OWN}
    assert refused(desk, number) == NEUTRAL
