"""Errors as a person reads them: what happened, and what to do next. Never what was typed."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cccd_nfc.api.problems import STATUS
from cccd_nfc.desk.pages import go, render
from cccd_nfc.desk.seats import LoginNeeded, OldPage, bare_seat
from cccd_nfc.errors import CccdError

_LOG = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    app.exception_handler(CccdError)(_ours)
    app.exception_handler(LoginNeeded)(_login)
    app.exception_handler(OldPage)(_old)
    app.exception_handler(HTTPException)(_of_http)
    app.exception_handler(RequestValidationError)(_of_http)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, CccdError)
    status = next(status for kind, status, _ in STATUS if isinstance(error, kind))
    return render(bare_seat(request), "trouble.html", status, error=error, sentence="")


async def _login(request: Request, _: Exception) -> Response:
    return go(bare_seat(request), "/login")


async def _old(request: Request, _: Exception) -> Response:
    return render(bare_seat(request), "trouble.html", 403, error=None, sentence="old_page")


async def _of_http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 422
    return render(bare_seat(request), "trouble.html", status, error=None, sentence="not_found")


class Net:
    """ASGI middleware beneath all others: what nobody foresaw ends in a page, and says nothing of itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            _LOG.error("%s at %s", type(error).__name__, scope["path"])
            await _unforeseen(Request(scope))(scope, receive, send)


def _unforeseen(request: Request) -> Response:
    return render(bare_seat(request), "trouble.html", 500, error=None, sentence="unforeseen")
