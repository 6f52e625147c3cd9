"""Whatever is asked of the API, of the right shape or not: every answer was foreseen, and none is a 5xx."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings

from cccd_nfc.api.app import create_app
from cccd_nfc.api.settings import Settings
from cccd_nfc.registry.phone import Phone
from registry_places import SqlitePlace
from registry_support import Desk, HandClock

PHONE = Phone.new()
OPERATIONS = (
    "GET /v1/health",
    "GET /v1/keys",
    "POST /v1/transactions",
    "POST /v1/transactions/{transaction_id}/evidence",
    "POST /v1/transactions/{transaction_id}/code",
    "POST /v1/transactions/{transaction_id}/confirmation",
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(SqlitePlace.new(tmp_path_factory.mktemp("openapi") / "desk"), HandClock(datetime.now(UTC)))


@pytest.fixture(scope="module")
def app(desk: Desk) -> FastAPI:
    return create_app(desk.registry, Settings(base_url="https://registry.example"))


@pytest.fixture(scope="module")
def schema(app: FastAPI) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_asgi("/v1/openapi.json", app)


def test_the_document_names_every_call(schema: schemathesis.BaseSchema) -> None:
    assert [found.ok().label for found in schema.get_all_operations()] == list(OPERATIONS)


@pytest.mark.parametrize("proved", [False, True])
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_meets_an_answer_that_was_not_foreseen(
    desk: Desk, schema: schemathesis.BaseSchema, label: str, proved: bool
) -> None:
    """As anybody sends it, and as a phone whose key has signed it."""
    (operation,) = (found.ok() for found in schema.get_all_operations() if found.ok().label == label)

    @given(case=operation.as_strategy())
    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        if proved:
            proof = desk.proof(PHONE, case.method.upper(), "https://registry.example" + case.formatted_path)
            case.headers.update({"DPoP": proof, "Idempotency-Key": secrets.token_urlsafe(12)})
        answer = case.call()
        assert answer.status_code < 500, answer.text
        assert not (proved and answer.status_code == 401)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    ask()
