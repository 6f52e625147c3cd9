"""Who may call the desk at all: its own pages, under its own name (S-39), and what every answer carries.

A page of another origin can make a browser send requests here, and a name that is pointed at this machine can make it
read the answers (DNS rebinding). The Host header ends the second, Origin and Sec-Fetch-Site the first.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cccd_nfc.desk.settings import DeskSettings

SAFE = ("GET", "HEAD")
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Referrer-Policy: with no-referrer a browser would send `Origin: null` with our own forms."""

LASTING = "max-age=31536000"
"""Of Strict-Transport-Security, where the desk has TLS."""


class Guard:
    """ASGI middleware: refuses what does not come from the desk's own pages."""

    def __init__(self, app: ASGIApp, settings: DeskSettings) -> None:
        self._app, self._hosts = app, settings.hosts
        self._scheme = "https" if settings.secure else "http"
        lasting = {"Strict-Transport-Security": LASTING} if settings.secure else {}
        self._headers = {**HEADERS, **lasting}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._refused(scope["method"], Headers(scope=scope))
        await (refused or self._app)(scope, receive, sending)

    def _refused(self, method: str, headers: Headers) -> ASGIApp | None:
        host = headers.get("host", "")
        if host not in self._hosts:
            return PlainTextResponse("not this host\n", 421)
        if not self._is_ours(method, headers, f"{self._scheme}://{host}"):
            return PlainTextResponse("not from this page\n", 403)
        return None

    def _is_ours(self, method: str, headers: Headers, own: str) -> bool:
        """Whether one of our pages, or a person by the address bar, sends this; an act needs to say its origin."""
        site = headers.get("sec-fetch-site", "same-origin")
        if method in SAFE:
            walked_here = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
            return site in ("same-origin", "none") or walked_here
        return site == "same-origin" and headers.get("origin") == own
