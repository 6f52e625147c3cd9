"""The first activation sets password, passcode and questions, where the policy wants it: by device, by officer, offline
(AS-03, R-049); no account is then active without an authenticator, and there are two ways to log in (R-002)."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cccd_nfc.registry
from cccd_nfc.errors import RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.secret_policy import SecretPolicy
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import ACCOUNT_TRANSITIONS, AccountState, Purpose
from registry_law import shown, with_officer
from registry_places import Place
from registry_support import QUICK, Desk, evidence_for
from secret_support import ANSWERS, CHOSEN, PASSCODE, PASSWORD, activate_on_web

STRICT = replace(QUICK, at_first_activation=True)
MISSING = [
    None,
    NewSecrets(),
    NewSecrets(PASSWORD, PASSCODE),
    NewSecrets(PASSWORD, answers=ANSWERS),
    NewSecrets("", PASSCODE, ANSWERS),
    NewSecrets("short", PASSCODE, ANSWERS),
]


@pytest.fixture
def strict(desk: Desk) -> Desk:
    desk.registry = Registry(replace(desk.registry._office, secrets=STRICT))
    return desk


def authenticators(place: Place) -> list[tuple[Any, ...]]:
    """(state, has password, has passcode, answers, active devices) of each account."""
    return place.ask(
        "SELECT a.state, (SELECT count(*) FROM account_secrets s WHERE s.account_id = a.id AND s.password <> ''),"
        " (SELECT count(*) FROM account_secrets s WHERE s.account_id = a.id AND s.passcode <> ''),"
        " (SELECT count(*) FROM security_answer q WHERE q.account_id = a.id),"
        " (SELECT count(*) FROM device d WHERE d.account_id = a.id AND d.state = 'ACTIVE') FROM account a"
    )


def bound_acts(desk: Desk, act: str = "device-bound") -> list[dict[str, Any]]:
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    return [entry for entry in entries if entry["act"] == act]


@pytest.mark.row("AS-03", "R-049")
def test_as03_a_device_activates_with_all_three_in_one_confirmation(strict: Desk) -> None:
    number = strict.enrol()
    arguments = strict.pending(Phone.new())
    assert strict.registry.confirm(*arguments, secrets=CHOSEN) == strict.registry.confirm(*arguments, secrets=CHOSEN)
    assert authenticators(strict.place) == [("ACTIVE", 1, 1, 3, 1)]
    assert bound_acts(strict)[-1]["what"] == "password, passcode, questions"
    login = strict.registry.logins.log_in(number, PASSWORD)
    strict.registry.logins.confirm_use(login.token, PASSCODE, "tax")
    with pytest.raises(RefusedError):
        strict.registry.confirm(*arguments, secrets=replace(CHOSEN, passcode="260471"))
    assert strict.bind(Phone.new()), "of an account that was active before nothing is asked"


@pytest.mark.row("AS-03", "R-049")
@pytest.mark.parametrize("chosen", MISSING)
def test_as03_without_all_three_nothing_is_activated_and_no_try_is_spent(
    strict: Desk, chosen: NewSecrets | None
) -> None:
    number = strict.enrol()
    arguments = strict.pending(Phone.new())
    before = strict.place.rows()
    with pytest.raises(UsageError):
        strict.registry.confirm(*arguments, secrets=chosen)
    assert strict.place.rows() == before
    assert strict.place.ask("SELECT tries_left FROM one_time_password") == [(5,)]
    assert strict.registry.account(number).state is AccountState.ISSUED
    assert strict.registry.confirm(*arguments, secrets=CHOSEN)


@pytest.mark.row("R-049")
def test_r049_a_desk_may_bind_first_where_the_policy_lets_it(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    assert authenticators(desk.place) == [("ACTIVE", 0, 0, 0, 1)]
    with pytest.raises(UsageError, match="activated before"):
        desk.registry.confirm(*desk.pending(Phone.new()), secrets=CHOSEN)


@pytest.mark.row("AS-03", "R-049")
def test_as03_secrets_are_taken_without_the_policy_too_and_never_by_halves(desk: Desk) -> None:
    desk.enrol()
    arguments = desk.pending(Phone.new())
    with pytest.raises(UsageError, match="password, passcode and the answers"):
        desk.registry.confirm(*arguments, secrets=NewSecrets(PASSWORD, PASSCODE))
    desk.registry.confirm(*arguments, secrets=CHOSEN)
    assert authenticators(desk.place) == [("ACTIVE", 1, 1, 3, 1)]


@pytest.mark.row("AS-03")
def test_as03_a_wrong_code_sets_nothing(strict: Desk) -> None:
    strict.enrol()
    transaction, code, confirmation = strict.pending(Phone.new())
    with pytest.raises(RefusedError, match="4 tries left"):
        strict.registry.confirm(transaction, f"{(int(code) + 1) % 10**6:06d}", confirmation, secrets=CHOSEN)
    assert authenticators(strict.place) == [("ISSUED", 0, 0, 0, 0)]


# --- R-002 ------------------------------------------------------------------------------------------------------------


def by_device(desk: Desk, number: str, chosen: NewSecrets | None) -> None:
    desk.registry.confirm(*desk.pending(Phone.new()), secrets=chosen)


def by_web(desk: Desk, number: str, chosen: NewSecrets | None) -> None:
    activate_on_web(desk, number, chosen or NewSecrets())


def by_officer(desk: Desk, number: str, chosen: NewSecrets | None) -> None:
    desk.clock.go(days=8)
    with_officer(desk).assist(*shown(desk, Purpose.ASSIST), secrets=chosen)


def after_a_lock(desk: Desk, number: str, chosen: NewSecrets | None) -> None:
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.LOST_DEVICE)
    desk.clock.go(seconds=60)
    phone = Phone.new()
    ticket = desk.registry.begin(Purpose.UNLOCK_AND_BIND, phone.public)
    waits = desk.registry.unlock_and_bind(ticket.transaction_id, evidence_for(ticket))
    confirmation = phone.confirm(waits.transaction_id, waits.reference)
    desk.registry.confirm(waits.transaction_id, desk.code(), confirmation, secrets=chosen)


WAYS: tuple[Callable[[Desk, str, NewSecrets | None], None], ...] = (by_device, by_web, by_officer, after_a_lock)


@pytest.mark.row("R-002", "AS-03", "R-049")
@pytest.mark.parametrize("way", WAYS)
def test_r002_by_no_way_is_an_account_active_without_an_authenticator(
    strict: Desk, way: Callable[[Desk, str, NewSecrets | None], None]
) -> None:
    number = strict.enrol()
    with pytest.raises(UsageError):
        way(strict, number, None)
    ((state, password, _, _, devices),) = authenticators(strict.place)
    assert state != "ACTIVE"
    assert (password, devices) == (0, 0)


@pytest.mark.row("R-002", "AS-03", "AS-05", "R-049")
@pytest.mark.parametrize("way", WAYS)
def test_r002_every_way_that_sets_them_ends_with_all_three(
    strict: Desk, way: Callable[[Desk, str, NewSecrets | None], None]
) -> None:
    number = strict.enrol()
    way(strict, number, CHOSEN)
    ((state, password, passcode, answers, devices),) = authenticators(strict.place)
    assert (state, password, passcode, answers) == ("ACTIVE", 1, 1, 3)
    assert devices == int(way in (by_device, after_a_lock))
    strict.registry.check()


@pytest.mark.row("R-002")
def test_r002_the_table_has_no_other_way_to_an_active_account_than_those_tried() -> None:
    """From ISSUED and ISSUED_LATE by an activation; from a lock to what the account was before it."""
    before = {first for first, after in ACCOUNT_TRANSITIONS if after is AccountState.ACTIVE}
    assert before == {AccountState.ISSUED, AccountState.ISSUED_LATE, AccountState.ACTIVE, AccountState.LOCKED}


@pytest.mark.row("R-002", "R-003")
def test_r002_a_login_is_opened_by_the_password_alone_and_a_call_by_the_devices_key_alone() -> None:
    """No third way: what makes a login is called in one place, and so is what takes a device's proof."""
    folder = Path(cccd_nfc.registry.__file__).parent
    made, proved = set(), set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                made |= {path.name} if (owner, node.func.attr) == ("owner_sessions", "open_session") else set()
                proved |= {path.name} if (owner, node.func.attr) == ("dpop", "verify") else set()
    assert (made, proved) == ({"logins.py"}, {"device_calls.py"})


@pytest.mark.row("R-002")
def test_r002_an_account_that_is_not_active_lets_nobody_in(strict: Desk) -> None:
    number = strict.enrol()
    arguments = strict.pending(phone := Phone.new())
    for password in ("", PASSWORD, number, PASSCODE):
        with pytest.raises(RefusedError):
            strict.registry.logins.log_in(number, password)
    with pytest.raises(RefusedError, match="not active"):
        strict.call(phone).require_active()
    strict.registry.confirm(*arguments, secrets=CHOSEN)
    strict.call(phone).require_active()
    for password in ("", number, PASSCODE, ANSWERS[0][1]):
        with pytest.raises(RefusedError):
            strict.registry.logins.log_in(number, password)


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-049")
def test_r049_the_registrys_file_says_so_and_a_broken_one_stops_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    assert SecretPolicy.load(file) == SecretPolicy()
    file.write_text('{"at_first_activation": true}')
    assert SecretPolicy.load(file) == SecretPolicy(at_first_activation=True)
    for broken in ('{"at_first_activation": 1}', "[]", "{", '{"questions": "no"}'):
        file.write_text(broken)
        with pytest.raises(RulesUnavailableError):
            SecretPolicy.load(file)
