"""What every answer carries, and how large a request may be."""

from __future__ import annotations

import logging
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cccd_nfc.api.problems import problem

HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

_LOG = logging.getLogger(__name__)


class TooLarge(Exception):
    """The body is more than is taken."""


class Hardening:
    """ASGI middleware: a limit on bodies, headers that keep answers out of caches, and an answer to every fault.

    A body is taken in whole before a route sees it, since a route would answer a broken one by itself.
    """

    def __init__(self, app: ASGIApp, largest_body: int) -> None:
        self._app, self._largest = app, largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send)
        try:
            body = await self._body(scope, receive)
            await self._app(scope, _replayed(body, receive), sending)
        except TooLarge:
            await problem(413, "too-large", "the body is too large")(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - whatever was not foreseen ends here, and says nothing of itself
            _LOG.error("%s at %s", type(error).__name__, scope.get("route"))
            if not sending.begun:
                await problem(500, "unforeseen", "something that was not foreseen went wrong")(scope, receive, sending)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or int(announced) > self._largest:
            raise TooLarge
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._largest:
                raise TooLarge
        return body


class _Sending:
    """Sends on, with our headers, and knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send, self.begun = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body as one message, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
