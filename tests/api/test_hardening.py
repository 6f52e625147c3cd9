"""What every answer of the API carries, what is refused before a route sees it, and how errors look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from cccd_nfc import errors
from cccd_nfc.api import problems
from cccd_nfc.api.answers import Asked
from cccd_nfc.api.hardening import HEADERS, Hardening
from cccd_nfc.api.settings import refuse_open_door
from cccd_nfc.errors import CccdError, RefusedError, UsageError
from cccd_nfc.sentences import Said

LARGEST = 1000


class Number(Asked):
    number: SecretStr


def app() -> FastAPI:
    made = FastAPI()
    problems.install(made)
    made.add_middleware(Hardening, largest_body=LARGEST)

    @made.post("/number")
    def number(asked: Number) -> dict[str, int]:
        return {"length": len(asked.number.get_secret_value())}

    @made.get("/raise/{name}")
    def fail(name: str) -> None:
        if name == "StatusWordError":
            raise errors.StatusWordError("READ BINARY", 0x6982)
        raise getattr(errors, name, ZeroDivisionError)("the code was used already")

    @made.get("/limit/{seconds}")
    def limit(seconds: int) -> None:
        raise errors.LimitError("the code was used already", retry_after=seconds)

    @made.get("/said")
    def said() -> None:
        raise RefusedError(Said("the code is wrong; {left} tries left", left=3))

    return made


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app(), raise_server_exceptions=False) as made:
        yield made


def is_problem(answer: Response, status: int, name: str) -> bool:
    content = answer.json()
    typed = answer.headers["content-type"] == problems.PROBLEM
    return typed and (answer.status_code, content["status"], content["type"]) == (status, status, problems.NAMES + name)


@pytest.mark.parametrize("path", ["/said", "/nowhere", "/raise/nothing"])
def test_every_answer_stays_out_of_caches_and_frames(client: TestClient, path: str) -> None:
    assert {name: client.get(path).headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("body", [b"{" * (LARGEST + 1), iter([b"x" * 600, b"x" * 600])])
def test_a_body_that_is_too_large_is_refused_as_it_comes(client: TestClient, body: object) -> None:
    """Announced or not: the second comes in chunks, without a length."""
    answer = client.post("/number", content=body)  # type: ignore[arg-type]
    assert is_problem(answer, 413, "too-large")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_length_that_is_none_is_refused(client: TestClient, length: str) -> None:
    assert client.post("/number", content=b"{}", headers={"Content-Length": length}).status_code == 413


@pytest.mark.parametrize(
    "body", ['{"number": 79}', '{"number": "1", "more": "079200001234"}', "[]", "079200001234", ""]
)
def test_what_was_handed_in_is_not_repeated(client: TestClient, body: str) -> None:
    answer = client.post("/number", content=body, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 422, "invalid")
    assert "079" not in answer.text


@pytest.mark.parametrize("name", sorted(name for name, kind in vars(errors).items() if isinstance(kind, type) and
                                        issubclass(kind, CccdError)))  # fmt: skip
def test_every_error_of_ours_is_a_problem_with_a_status_of_its_own_kind(client: TestClient, name: str) -> None:
    answer = client.get(f"/raise/{name}")
    assert answer.headers["content-type"] == problems.PROBLEM
    assert answer.status_code in (400, 401, 403, 404, 409, 422, 429, 503)


def test_of_the_kinds_that_an_error_is_the_most_special_wins() -> None:
    kinds = [kind for kind, _, _ in problems.STATUS]
    assert [(first, later) for first, later in combinations(kinds, 2) if issubclass(later, first)] == []
    assert kinds[-1] is CccdError


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("LimitError", 429, "limit"),
        ("ClockError", 503, "clock"),
        ("NonceNeededError", 401, "nonce-needed"),
        ("LoginNeededError", 401, "login-needed"),
        ("RefusedError", 403, "refused"),
        ("IdempotencyKeyReusedError", 422, "idempotency-key-reused"),
        ("RulesUnavailableError", 503, "rules-unavailable"),
    ],
)
def test_each_kind_has_its_status(client: TestClient, name: str, status: int, kind: str) -> None:
    assert is_problem(client.get(f"/raise/{name}"), status, kind)


def test_what_was_not_foreseen_says_nothing_of_itself(client: TestClient) -> None:
    answer = client.get("/raise/nothing")
    assert is_problem(answer, 500, "unforeseen")
    assert "used already" not in answer.text


@pytest.mark.parametrize(
    ("language", "detail"),
    [
        ("vi", "mã không đúng; còn 3 lần thử"),
        ("vi-VN,en;q=0.5", "mã không đúng; còn 3 lần thử"),
        ("", "mã không đúng; còn 3 lần thử"),
        ("en-GB", "the code is wrong; 3 tries left"),
    ],
)
def test_a_problem_speaks_the_callers_language(client: TestClient, language: str, detail: str) -> None:
    assert json.loads(client.get("/said", headers={"Accept-Language": language}).content)["detail"] == detail


def test_what_is_limited_says_when_to_come_again_where_that_is_known(client: TestClient) -> None:
    assert client.get("/limit/61").headers["Retry-After"] == "61"
    assert "Retry-After" not in client.get("/limit/0").headers


@pytest.mark.row("S-39")
def test_s39_beyond_this_machine_there_is_no_service_without_tls() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        refuse_open_door(host, None, None)
    refuse_open_door("0.0.0.0", "certificate.pem", "key.pem")
    for certificate, key in (("certificate.pem", None), (None, "key.pem")):
        with pytest.raises(UsageError, match="together"):
            refuse_open_door("127.0.0.1", certificate, key)
    for host in ("0.0.0.0", "10.0.0.1", "::", "desk.example"):
        with pytest.raises(UsageError, match="TLS"):
            refuse_open_door(host, None, None)
