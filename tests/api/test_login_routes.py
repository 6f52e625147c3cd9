"""Logins over HTTP: one answer to strangers, a token that one device's key can use, and the lock from any phone."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api_support import BASE, bind, call, losing, phone
from cccd_nfc.api.app import create_app
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.problems import NAMES
from cccd_nfc.api.settings import Settings
from cccd_nfc.errors import LimitError, LoginNeededError, RefusedError
from cccd_nfc.registry import limits, logins
from cccd_nfc.registry.limits import Limit, Scope
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.owner_sessions import Login
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState
from cccd_nfc.sentences import Said
from registry_support import QUICK, Desk, card, trust
from secret_support import PASSCODE, PASSWORD, owner

WRONG = "số hoặc mật khẩu không đúng, hoặc tài khoản hiện không dùng được"
ENDED = "phiên đăng nhập đã hết; hãy đăng nhập lại"


@pytest.fixture
def number(desk: Desk) -> str:
    return owner(desk)


def wanted(number: str, password: str = PASSWORD) -> dict[str, str]:
    return {"number": number, "password": password, "label": "", "platform": "", "client_version": ""}


@pytest.mark.row("R-028", "R-029", "DS-01")
def test_a_login_says_how_its_device_stands(desk: Desk, http: TestClient, client: PhoneClient, number: str) -> None:
    first = client.log_in(number, PASSWORD, label="my phone", platform="android", client_version="2.1")
    assert (first.new, first.state, first.replaces) == (True, DeviceState.SEEN, False)
    assert (client.whose().account, client.whose().level) == (f"{number[:3]}*****{number[-4:]}", 1)
    bind(desk, client)
    own, another = client.log_in(number, PASSWORD), phone(desk, http).log_in(number, PASSWORD)
    assert (own.new, own.state, own.replaces) == (False, DeviceState.ACTIVE, False)
    assert (another.new, another.state, another.replaces) == (True, DeviceState.SEEN, True)
    assert '"channel":"app"' in desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%logged-in%%'")[0][0]


@pytest.mark.row("R-028", "S-13")
def test_s13_a_login_is_refused_in_the_same_words_for_every_reason(desk: Desk, client: PhoneClient) -> None:
    issued, active, locked = desk.enrol(card(2)), owner(desk), owner(desk, card(3))
    desk.registry.lock(locked, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    held = [call(client, "POST", "/v1/logins", wanted(active, "Sai-mật-khẩu 1")) for _ in range(6)][-1]
    answers = [held] + [call(client, "POST", "/v1/logins", wanted(each)) for each in (issued, locked, "001099000000")]
    assert {(each.status_code, each.content) for each in answers} == {(403, held.content)}
    assert {tuple(sorted(set(each.headers) - {"content-length"})) for each in answers} == {
        tuple(sorted(set(held.headers) - {"content-length"}))
    }
    assert held.json()["detail"] == WRONG
    english = call(client, "POST", "/v1/logins", wanted("001099000000"), language="en")
    assert english.json()["detail"] == logins.NEUTRAL


@pytest.mark.row("S-26")
def test_s26_a_token_serves_the_key_that_opened_it_and_no_other(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    token = client.log_in(number, PASSWORD).token
    thief = phone(desk, http)
    stolen = call(thief, "GET", "/v1/owner", token=token)
    assert (stolen.status_code, stolen.json()["type"]) == (401, NAMES + "login-needed")
    assert stolen.json()["detail"] == ENDED
    assert stolen.headers["WWW-Authenticate"] == 'DPoP error="invalid_token", algs="ES256"'
    thief.log_in(number, PASSWORD)
    assert call(thief, "GET", "/v1/owner", token=token).status_code == 401, "nor one who may log in"
    assert call(client, "GET", "/v1/owner", token=token).status_code == 200
    for other in (token.partition(".")[0], token[:-2], f"{token}A", f"x{token}", "."):
        assert call(client, "GET", "/v1/owner", token=other).status_code == 401


@pytest.mark.row("S-26", "S-29")
def test_s29_the_proof_names_the_token_and_serves_once(client: PhoneClient, number: str) -> None:
    """RFC 9449 §7: the token alone is worth nothing, and neither is a proof for another token."""
    token = client.log_in(number, PASSWORD).token
    for named in ("", "another"):
        answer = call(client, "GET", "/v1/owner", token=named, shown=f"DPoP {token}")
        assert (answer.status_code, answer.json()["type"]) == (403, NAMES + "refused")
    proof = client.phone.prove("GET", BASE + "/v1/owner", client.clock(), nonce=client._nonce, access_token=token)
    given = [call(client, "GET", "/v1/owner", token=token, proof=proof).status_code for _ in range(2)]
    assert given == [200, 403]
    assert call(client, "GET", "/v1/owner/devices", token=token, proof=proof).status_code == 403
    for shown in (f"Bearer {token}", token, "DPoP", ""):
        assert call(client, "GET", "/v1/owner", token=token, shown=shown).status_code == 401
    english = call(client, "GET", "/v1/owner", language="en")
    assert english.json()["detail"] == "this needs a login: log in, and send its token"
    assert call(client, "POST", "/v1/device/standing", {}, token=token).status_code == 403, "where none is wanted"


OWNERS: dict[str, Callable[[PhoneClient], object]] = {
    "whose": lambda client: client.whose(),
    "devices": lambda client: client.devices(),
    "unlink": lambda client: client.unlink("x" * 43),
    "password": lambda client: client.change_password(PASSWORD, "Gió+mùa/82x"),
    "confirm": lambda client: client.confirm_use(PASSCODE, "tax"),
    "log out": lambda client: client.log_out(),
}


@pytest.mark.row("R-019")
@pytest.mark.parametrize("act", OWNERS)
def test_r019_nothing_of_an_owner_is_done_without_a_login_that_holds(
    desk: Desk, http: TestClient, client: PhoneClient, number: str, act: str
) -> None:
    with pytest.raises(LoginNeededError, match="việc này cần đăng nhập"):
        OWNERS[act](phone(desk, http))
    client.log_in(number, PASSWORD)
    desk.clock.go(minutes=31)
    with pytest.raises(LoginNeededError, match=ENDED):
        OWNERS[act](client)
    client.log_in(number, PASSWORD)
    token = client.token
    client.log_out()
    assert client.token == ""
    client.token = token
    with pytest.raises(LoginNeededError, match=ENDED):
        OWNERS[act](client)


@pytest.mark.row("S-30")
def test_s30_a_login_whose_answer_was_lost_is_opened_once(desk: Desk, http: TestClient, number: str) -> None:
    client = phone(desk, losing(http))
    client.log_in(number, PASSWORD)
    assert desk.place.ask("SELECT count(*) FROM owner_session") == [(1,)]
    assert client.whose().level == 1
    client.log_out()
    assert desk.place.ask("SELECT end_reason FROM owner_session") == [("logged out",)]


@pytest.mark.row("S-30")
def test_s30_the_same_request_while_the_first_is_running_is_a_conflict(
    desk: Desk, client: PhoneClient, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in, meanwhile = logins.Logins.log_in, []

    def slow(*arguments: Any) -> Login:
        meanwhile.append(call(client, "POST", "/v1/logins", wanted(number), key="the-same-key"))
        return log_in(*arguments)

    monkeypatch.setattr(logins.Logins, "log_in", slow)
    assert call(client, "POST", "/v1/logins", wanted(number), key="the-same-key").status_code == 201
    assert [(each.status_code, each.json()["type"]) for each in meanwhile] == [(409, NAMES + "conflict")]


@pytest.mark.row("S-16", "S-30")
def test_s30_what_is_remembered_of_a_request_gives_no_password_away(
    desk: Desk, client: PhoneClient, number: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A plain hash of the body would let anybody guess who has the database; nor is there a word of it in the logs."""
    caplog.set_level(logging.DEBUG)
    token = client.log_in(number, PASSWORD).token
    written = str(desk.place.ask("SELECT body, answer FROM idempotency_key"))
    opened = repr(sorted(wanted(number).items())).encode()
    assert hashlib.sha256(opened).hexdigest() not in written
    for secret in (PASSWORD, token, token.partition(".")[0]):
        assert secret not in written
        assert secret not in caplog.text
        assert secret not in repr(client)


@pytest.mark.row("S-14")
def test_s14_too_many_numbers_are_answered_with_the_time_to_wait(
    client: PhoneClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Said("too many personal numbers were typed; try again later")
    grain = limits.span(limits.MINUTE)
    limit = (grain, (Limit(limits.HOUR, 2, refusal),))
    monkeypatch.setattr(limits, "LIMITS", {**limits.LIMITS, Scope.TYPED_SOURCE: limit})
    for last in range(2):
        with pytest.raises(RefusedError, match=WRONG):
            client.log_in(f"00109900000{last}", PASSWORD)
    answer = call(client, "POST", "/v1/logins", wanted("001099000003"))
    assert (answer.status_code, answer.json()["type"]) == (429, NAMES + "limit")
    with pytest.raises(LimitError, match="quá nhiều số định danh") as error:
        client.log_in("001099000004", PASSWORD)
    assert 0 < error.value.retry_after <= 3660
    assert answer.headers["Retry-After"] == str(error.value.retry_after)
    client.clock.go(seconds=error.value.retry_after)  # type: ignore[attr-defined]
    with pytest.raises(RefusedError, match=WRONG):
        client.log_in("001099000005", PASSWORD)


@pytest.mark.row("R-027")
def test_r027_an_app_that_is_too_old_is_told_before_its_password_is_looked_at(desk: Desk) -> None:
    """What is said of the app says nothing of the account."""
    (desk.folder / "devices.json").write_text('{"minimum_versions": {"android": "2.0"}}')
    registry = Registry.open(desk.place.url, desk.folder, trust(), clock=desk.clock, secrets=QUICK)
    with TestClient(create_app(registry, Settings(base_url=BASE)), base_url=BASE) as http:
        for tried in ("001099000000", "001099000001"):
            with pytest.raises(RefusedError, match=r"2\.0"):
                phone(desk, http).log_in(tried, PASSWORD, platform="android", client_version="1.9")
    registry.close()


# --- the lock from any phone ------------------------------------------------------------------------------------------


@pytest.mark.row("R-073", "R-028")
def test_r073_any_phone_locks_the_account_and_opens_nothing(
    desk: Desk, http: TestClient, client: PhoneClient, number: str
) -> None:
    bind(desk, client)
    client.log_in(number, PASSWORD)
    phone(desk, losing(http)).lock(number, PASSWORD, LockReason.LOST_DEVICE, PASSCODE)
    assert desk.registry.account(number).state is AccountState.LOCKED
    assert client.standing().wipe
    with pytest.raises(LoginNeededError):
        client.whose()
    assert len(desk.registry.locks(number)) == 1
    assert "khoa" in desk.texts()[-1]["text"]


@pytest.mark.row("R-073", "S-13")
def test_r073_a_lock_is_refused_in_the_same_words_for_every_reason(desk: Desk, client: PhoneClient) -> None:
    active, issued = owner(desk), desk.enrol(card(2))
    tried = (
        {"number": active, "password": "Sai-mật-khẩu 1", "reason": "other"},
        {"number": active, "password": PASSWORD, "reason": "other", "passcode": "000000"},
        {"number": issued, "password": PASSWORD, "reason": "other"},
        {"number": "001099000000", "password": PASSWORD, "reason": "other"},
    )
    answers = [call(client, "POST", "/v1/locks", each) for each in tried]
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {(403, WRONG)}
    assert call(client, "POST", "/v1/locks", tried[0] | {"reason": "tired of it"}).status_code == 422
    assert desk.registry.account(active).state is AccountState.ACTIVE
