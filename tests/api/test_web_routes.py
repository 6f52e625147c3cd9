"""Flow F3 over HTTP, by a browser without a key, and "that was not me" by a notice's token."""

from __future__ import annotations

import re
import secrets
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from api_support import bind, browser, losing, phone
from cccd_nfc.api.client import PhoneClient
from cccd_nfc.api.client_web import WebClient
from cccd_nfc.api.problems import NAMES
from cccd_nfc.errors import LimitError, RefusedError, UsageError
from cccd_nfc.registry import limits
from cccd_nfc.registry.limits import Limit, Scope
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import AccountState, DeviceState
from cccd_nfc.sentences import Said
from registry_support import PHONE_NUMBER, Desk
from secret_support import ANSWERS, PASSCODE, PASSWORD, otp_codes, owner, wrong_code

OTHER_PHONE = "0987654321"
WRONG = "mã không đúng, hoặc không còn hiệu lực"


@pytest.fixture
def web(http: TestClient) -> WebClient:
    return browser(http)


def post(http: TestClient, path: str, content: Any, key: str = "", language: str = "vi") -> httpx2.Response:
    headers = {"Idempotency-Key": key or secrets.token_urlsafe(16), "Accept-Language": language}
    return http.post(path, json=content, headers=headers)


@pytest.mark.row("R-042", "R-046", "R-049", "AS-03")
def test_f3_an_account_becomes_active_in_a_browser_and_a_phone_logs_in(
    desk: Desk, web: WebClient, client: PhoneClient
) -> None:
    number = desk.enrol()
    ticket = web.begin(number, PHONE_NUMBER)
    accepted = web.enter_code(ticket.transaction_id, otp_codes(desk)[-1])
    assert not accepted.already_active
    assert accepted.grant not in repr(accepted)
    receipt = web.finish(ticket.transaction_id, accepted.grant, PASSWORD, PASSCODE, ANSWERS)
    assert verify_receipt(receipt, desk.registry.receipt_key())["act"] == "account-activated"
    assert (desk.registry.account(number).state, desk.registry.devices(number)) == (AccountState.ACTIVE, ())
    content = desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%account-activated%%'")[0][0]
    assert '"channel":"web"' in content
    assert client.log_in(number, PASSWORD).state is DeviceState.SEEN


@pytest.mark.row("R-044", "R-045", "S-13")
def test_r044_whoever_asks_is_answered_the_same_and_nothing_is_sent_behind_it(desk: Desk, http: TestClient) -> None:
    number, active = desk.enrol(), "001099000000"
    asked = [(number, PHONE_NUMBER), (number, OTHER_PHONE), (active, PHONE_NUMBER)]
    answers = [post(http, "/v1/web/activations", {"number": each, "phone": to}) for each, to in asked]
    assert {each.status_code for each in answers} == {201}
    assert {tuple(each.json()) for each in answers} == {("transaction_id", "expires_at")}
    assert {each.json()["expires_at"] for each in answers} == {answers[0].json()["expires_at"]}
    assert {len(each.content) for each in answers} == {len(answers[0].content)}
    assert list((desk.folder / "outbox").glob("*otp*")) == [], "a code goes with the next delivery, and not with a call"
    (code,) = otp_codes(desk)
    refused = [
        post(http, f"/v1/web/activations/{each.json()['transaction_id']}/code", {"code": code}) for each in answers[1:]
    ]
    refused.append(post(http, f"/v1/web/activations/{'0' * 32}/code", {"code": code}))
    refused.append(
        post(http, f"/v1/web/activations/{answers[0].json()['transaction_id']}/code", {"code": wrong_code(code)})
    )
    assert {(each.status_code, each.content) for each in refused} == {(403, refused[0].content)}
    assert refused[0].json()["detail"] == WRONG
    english = post(http, f"/v1/web/activations/{'0' * 32}/code", {"code": code}, language="en")
    assert english.json()["detail"] == "the code is not right, or is no longer good"


@pytest.mark.row("R-047")
def test_r047_who_is_active_is_told_so_by_the_right_code_alone(desk: Desk, web: WebClient) -> None:
    number = owner(desk)
    desk.clock.go(seconds=60)
    ticket = web.begin(number, PHONE_NUMBER)
    accepted = web.enter_code(ticket.transaction_id, otp_codes(desk)[-1])
    assert (accepted.already_active, accepted.grant) == (True, "")


@pytest.mark.row("R-046", "S-30")
def test_s30_every_call_of_f3_may_lose_its_answer_and_a_code_serves_once(desk: Desk, http: TestClient) -> None:
    number, web = desk.enrol(), browser(losing(http))
    ticket = web.begin(number, PHONE_NUMBER)
    (code,) = otp_codes(desk)
    accepted = web.enter_code(ticket.transaction_id, code)
    with pytest.raises(RefusedError, match=WRONG):
        web.enter_code(ticket.transaction_id, code)
    with pytest.raises(RefusedError):
        web.finish(ticket.transaction_id, "another-grant", PASSWORD, PASSCODE, ANSWERS)
    with pytest.raises(UsageError, match="mật khẩu"):
        web.finish(ticket.transaction_id, accepted.grant, "short", PASSCODE, ANSWERS)
    web.finish(ticket.transaction_id, accepted.grant, PASSWORD, PASSCODE, ANSWERS)
    assert desk.place.ask("SELECT count(*) FROM audit WHERE content LIKE '%%account-activated%%'") == [(1,)]


@pytest.mark.row("S-30")
def test_s30_a_browsers_key_is_of_chance_and_goes_with_one_request(desk: Desk, http: TestClient) -> None:
    """Nested secrets count too: the same key with another answer to a question is another request."""
    asked: dict[str, Any] = {"number": desk.enrol(), "phone": PHONE_NUMBER}
    assert post(http, "/v1/web/activations", asked, "short-key").status_code == 422
    first = post(http, "/v1/web/activations", asked, "0123456789abcdef")
    assert post(http, "/v1/web/activations", asked, "0123456789abcdef").json() == first.json()
    other = post(http, "/v1/web/activations", asked | {"phone": OTHER_PHONE}, "0123456789abcdef")
    assert (other.status_code, other.json()["type"]) == (422, NAMES + "idempotency-key-reused")
    ticket = first.json()["transaction_id"]
    path = f"/v1/web/activations/{ticket}"
    grant = post(http, f"{path}/code", {"code": otp_codes(desk)[-1]}).json()["grant"]

    def chosen(*answers: tuple[str, str]) -> dict[str, Any]:
        told = [{"question": question, "answer": answer} for question, answer in answers]
        return {"grant": grant, "password": PASSWORD, "passcode": PASSCODE, "answers": told}

    key = secrets.token_urlsafe(16)
    assert post(http, f"{path}/secrets", chosen(*ANSWERS), key).status_code == 200
    assert post(http, f"{path}/secrets", chosen(*ANSWERS), key).status_code == 200
    another = chosen(*ANSWERS[:2], ("first-job", "thợ nề"))
    assert post(http, f"{path}/secrets", another, key).json()["type"] == NAMES + "idempotency-key-reused"
    assert post(http, f"{path}/secrets", {**chosen(*ANSWERS), "answers": [{"question": "q"}] * 4}).status_code == 422


@pytest.mark.row("S-14")
def test_s14_a_browser_too_is_limited_in_the_numbers_that_it_types(
    web: WebClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = (limits.EXACT, (Limit(limits.HOUR, 1, Said("too many personal numbers were typed; try again later")),))
    monkeypatch.setattr(limits, "LIMITS", {**limits.LIMITS, Scope.TYPED_SOURCE: limit})
    web.begin("001099000000", PHONE_NUMBER)
    with pytest.raises(LimitError) as error:
        web.begin("001099000001", PHONE_NUMBER)
    assert error.value.retry_after == 3600


def test_no_page_of_another_origin_may_call(http: TestClient) -> None:
    """The key is a header that a page sets for its own origin only, unless a preflight says otherwise."""
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "idempotency-key",
    }
    for path in ("/v1/not-me", "/v1/web/activations"):
        asked = http.options(path, headers=headers)
        assert asked.status_code == 405
        assert not [name for name in asked.headers if name.startswith("access-control")]
        assert http.post(path, json={}, headers={"Origin": "https://elsewhere.example"}).status_code == 422


def test_a_phone_number_that_is_none_says_nothing_of_any_account(desk: Desk, http: TestClient) -> None:
    asked = [{"number": each, "phone": "12345"} for each in (desk.enrol(), "001099000000")]
    answers = [post(http, "/v1/web/activations", each) for each in asked]
    assert {(each.status_code, each.content) for each in answers} == {(400, answers[0].content)}


@pytest.mark.row("S-24")
def test_s24_the_token_of_a_notice_locks_the_account_at_once(
    desk: Desk, http: TestClient, web: WebClient, client: PhoneClient
) -> None:
    number = owner(desk)
    bind(desk, client)
    found = [re.search(r"\b([A-Z2-9]{16})\b", text["text"]) for text in desk.texts() if text["kind"] == "notice"]
    token = [each[1] for each in found if each][-1]
    with pytest.raises(RefusedError, match="mã này"):
        web.not_me("A" * 16)
    lossy = browser(losing(http))
    lossy.not_me(f" {token[:8].lower()} {token[8:]}")
    assert desk.registry.account(number).state is AccountState.LOCKED
    assert client.standing().wipe, "whoever has bound it"
    answers = [post(http, "/v1/not-me", {"token": each}) for each in (token, "A" * 16)]
    assert {(each.status_code, each.content) for each in answers} == {(403, answers[0].content)}
    with pytest.raises(RefusedError):
        phone(desk, http).log_in(number, PASSWORD)
