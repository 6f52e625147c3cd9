"""Errors as problem documents (RFC 9457): what happened, in the caller's language, and never what was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cccd_nfc.api import answers
from cccd_nfc.errors import (
    AuthenticationError,
    CardError,
    CccdError,
    ClockError,
    ConflictError,
    IdempotencyKeyReusedError,
    LimitError,
    LoginNeededError,
    NonceNeededError,
    NotFoundError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    RulesUnavailableError,
    TransportError,
    UsageError,
)
from cccd_nfc.sentences import sentence_of
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import Language, language

PROBLEM = "application/problem+json"
NAMES = "urn:cccd-nfc:problem:"

STATUS: tuple[tuple[type[CccdError], int, str], ...] = (
    (UsageError, 400, "unusable"),
    (CardError, 422, "malformed-evidence"),
    (AuthenticationError, 403, "not-verified"),
    (NotFoundError, 404, "not-found"),
    (IdempotencyKeyReusedError, 422, "idempotency-key-reused"),
    (ConflictError, 409, "conflict"),
    (NonceNeededError, 401, "nonce-needed"),
    (LoginNeededError, 401, "login-needed"),
    (LimitError, 429, "limit"),
    (ClockError, 503, "clock"),
    (RefusedError, 403, "refused"),
    (RulesUnavailableError, 503, "rules-unavailable"),
    (RegistryUnavailableError, 503, "registry-unavailable"),
    (RegistryError, 503, "registry"),
    (TransportError, 503, "transport"),
    (CccdError, 400, "refused"),
)
"""The first that an error is one of: its status, and the end of its type. So the more special stand first."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    group: {"description": described, "content": {PROBLEM: {"schema": answers.Problem.model_json_schema()}}}
    for group, described in (("4XX", "refused, and why"), ("5XX", "not possible now"))
}
"""For the OpenAPI document: what every call may be answered besides."""


def install(app: FastAPI) -> None:
    """Every error that a route raises, or that FastAPI does, becomes a problem document."""
    app.exception_handler(CccdError)(_ours)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_of_http)


def language_of(request: Request) -> Language:
    """Vietnamese unless English is asked for first."""
    return language(request.headers.get("accept-language", "vi").strip()[:2] or "vi")


def problem(status: int, name: str, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    content = answers.Problem(type=NAMES + name, title=name, status=status, detail=detail)
    return JSONResponse(content.model_dump(), status, dict(headers or {}), PROBLEM)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    status, name = next((status, name) for kind, status, name in STATUS if isinstance(error, kind))
    return problem(status, name, in_language(sentence_of(error), language_of(request)), _headers(error))


def _headers(error: Exception) -> dict[str, str]:
    """What the caller has to do about it (RFC 9449 §7.1 and §8, RFC 9110 §10.2.3)."""
    if isinstance(error, NonceNeededError):
        return {"DPoP-Nonce": error.nonce, "WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}
    if isinstance(error, LoginNeededError):
        return {"WWW-Authenticate": 'DPoP error="invalid_token", algs="ES256"'}
    if isinstance(error, LimitError) and error.retry_after:
        return {"Retry-After": str(error.retry_after)}
    return {}


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Which fields, and what is wrong with them; FastAPI's own answer would repeat what was in them."""
    assert isinstance(error, RequestValidationError)
    fields = (".".join(str(part) for part in each["loc"]) + ": " + each["type"] for each in error.errors())
    return problem(422, "invalid", "; ".join(fields))


async def _of_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, "http", error.detail, error.headers)
