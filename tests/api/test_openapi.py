"""Whatever is asked of the API, of the right shape or not: every answer was foreseen, and none is a 5xx."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from joserfc import jws
from joserfc.jwk import ECKey
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import object_session

from cccd_nfc.api.app import create_app
from cccd_nfc.api.settings import Settings
from cccd_nfc.registry import owner_sessions
from cccd_nfc.registry.phone import Phone
from registry_places import SqlitePlace
from registry_support import Desk, HandClock
from secret_support import owner

PHONE = Phone.new()
BASE = "https://registry.example"
OPERATIONS = (
    "GET /v1/health",
    "GET /v1/keys",
    "POST /v1/transactions",
    "POST /v1/transactions/{transaction_id}/evidence",
    "POST /v1/transactions/{transaction_id}/code",
    "POST /v1/transactions/{transaction_id}/hand-over",
    "POST /v1/transactions/{transaction_id}/confirmation",
    "POST /v1/borrowed",
    "POST /v1/borrowed/{transaction_id}/evidence",
    "POST /v1/logins",
    "POST /v1/logout",
    "POST /v1/locks",
    "GET /v1/owner",
    "GET /v1/owner/devices",
    "POST /v1/owner/unlinking",
    "POST /v1/owner/password",
    "POST /v1/owner/confirmations",
    "POST /v1/device/standing",
    "POST /v1/device/messages",
    "POST /v1/device/unlinking",
    "POST /v1/web/activations",
    "POST /v1/web/activations/{transaction_id}/code",
    "POST /v1/web/activations/{transaction_id}/secrets",
    "POST /v1/not-me",
)
DECLARED = (status_code_conformance, content_type_conformance, response_schema_conformance)
BY_LOGIN = ("/v1/owner", "/v1/logout")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(SqlitePlace.new(tmp_path_factory.mktemp("openapi") / "desk"), HandClock(datetime.now(UTC)))


@pytest.fixture(scope="module")
def number(desk: Desk) -> str:
    return owner(desk)


def login(desk: Desk, number: str) -> str:
    """The token of a login that is open now, whatever the calls before have ended."""
    with desk.changing(number) as account:
        office, session = desk.registry._office, object_session(account)
        assert session is not None
        opened = owner_sessions.open_session(office, session, account, desk.clock(), None)
    return desk.registry.device_calls.bind(opened.token, PHONE.public)


@pytest.fixture(scope="module")
def app(desk: Desk) -> FastAPI:
    return create_app(desk.registry, Settings(base_url=BASE))


@pytest.fixture(scope="module")
def schema(app: FastAPI) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/v1/openapi.json", app)


def test_the_document_names_every_call(schema: schemathesis.BaseSchema) -> None:
    assert [found.ok().label for found in schema.get_all_operations()] == list(OPERATIONS)


@pytest.mark.row("S-26", "S-30")
def test_s30_whatever_changes_something_bears_a_key_and_whatever_a_phone_asks_a_proof(app: FastAPI) -> None:
    for path, item in app.openapi()["paths"].items():
        for method, operation in item.items():
            borne = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}
            public = path in ("/v1/health", "/v1/keys")
            browsers = path.startswith("/v1/web/") or path == "/v1/not-me"
            assert ("Idempotency-Key" in borne) == (method == "post"), path
            assert ("DPoP" in borne) == (not public and not browsers), path
            assert ("security" in operation) == path.startswith(BY_LOGIN), path


@pytest.mark.parametrize("broken", ['"\\ud800"', '"a\\u0000b"', "1e999", "-Infinity", "NaN"])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/transactions", '{"label": BROKEN}'),
        (f"/v1/transactions/{'0' * 32}/evidence", '{"evidence": {"source": BROKEN}}'),
        (f"/v1/transactions/{'0' * 32}/evidence", '{"evidence": {"a": [{"b": BROKEN}]}}'),
        ("/v1/logins", '{"number": "001099000000", "password": BROKEN}'),
        ("/v1/borrowed", '{"text": BROKEN, "statement": "a.b.c"}'),
        ("/v1/not-me", '{"token": BROKEN}'),
    ],
)
def test_what_no_database_keeps_is_refused_wherever_it_stands(
    desk: Desk, app: FastAPI, path: str, body: str, broken: str
) -> None:
    """Half a character, a NUL, a number without an end: JSON has them, and schemas do not say so."""
    proof = PHONE.prove("POST", BASE + path, desk.clock(), nonce=desk.registry.proof_nonce())
    headers = {"DPoP": proof, "Idempotency-Key": secrets.token_urlsafe(16), "Content-Type": "application/json"}
    answer = TestClient(app).post(path, content=body.replace("BROKEN", broken), headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (422, "body: not_keepable")


@pytest.mark.row("S-26")
@pytest.mark.parametrize("ath", ["\ud800", "\0", "é", "", 1, None, ["x"], {"a": 1}])
def test_a_proof_that_names_its_token_in_no_way_is_refused(desk: Desk, number: str, app: FastAPI, ath: object) -> None:
    token, key = login(desk, number), ECKey.import_key(PHONE.private_pem)
    claims = {"jti": secrets.token_urlsafe(16), "htm": "GET", "htu": f"{BASE}/v1/owner", "ath": ath}
    claims |= {"iat": int(desk.clock().timestamp()), "nonce": desk.registry.proof_nonce()}
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    proof = jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])
    answer = TestClient(app).get("/v1/owner", headers={"DPoP": proof, "Authorization": f"DPoP {token}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("proved", [False, True])
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_meets_an_answer_that_was_not_foreseen(
    desk: Desk, number: str, schema: schemathesis.BaseSchema, label: str, proved: bool
) -> None:
    """As anybody sends it, and as a phone whose key has signed it."""
    (operation,) = (found.ok() for found in schema.get_all_operations() if found.ok().label == label)

    @given(case=operation.as_strategy())
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        if proved:
            token = login(desk, number) if case.path.startswith(BY_LOGIN) else ""
            url, nonce = BASE + case.formatted_path, desk.registry.proof_nonce()
            proof = PHONE.prove(case.method.upper(), url, desk.clock(), nonce=nonce, access_token=token)
            case.headers.update({"DPoP": proof, "Idempotency-Key": secrets.token_urlsafe(12)})
            case.headers.update({"Authorization": f"DPoP {token}"} if token else {})
        answer = case.call()
        assert answer.status_code < 500, answer.text
        assert not (proved and answer.status_code == 401)
        case.validate_response(answer, checks=DECLARED)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    ask()
