"""Officers come and go: password and code, the fresh login that some acts want, the idle lock, the language."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from cccd_nfc.desk.pages import go, render, with_language
from cccd_nfc.desk.seats import AnySeat, Fields, OfficersSeat, Seat
from cccd_nfc.errors import CccdError

routes = APIRouter()


@routes.get("/login")
def login_page(seat: AnySeat) -> Response:
    if not seat.has_officers or seat.me:
        return go(seat, "/")
    return render(seat, "login.html", error=None)


@routes.post("/login")
def login(seat: AnySeat, fields: Fields) -> Response:
    name = fields.get("login", "").strip()
    try:
        opened = seat.desk.registry.officer_logins.login(
            name, fields.get("password", ""), fields.get("totp", ""), stationed(seat, name)
        )
    except CccdError as error:
        return render(seat, "login.html", 403, error=error)
    return entered(seat, opened.token)


@routes.get("/step-up")
def step_up_page(seat: OfficersSeat) -> Response:
    return render(seat, "step_up.html", error=None) if seat.me else go(seat, "/")


@routes.post("/step-up")
def step_up(seat: OfficersSeat, fields: Fields) -> Response:
    try:
        refresh(seat, fields.get("password", ""), fields.get("totp", ""))
    except CccdError as error:
        return render(seat, "step_up.html", 403, error=error)
    return go(seat, "/")


@routes.post("/logout")
def logout(seat: AnySeat) -> Response:
    leave(seat)
    return go(seat, "/login")


@routes.post("/lock")
def lock(seat: AnySeat) -> Response:
    """What the page asks for when nobody did anything for long; the page that says so needs no visit."""
    leave(seat)
    return go(seat, "/idle")


@routes.get("/idle")
def idle_page(seat: AnySeat) -> Response:
    return render(seat, "idle.html")


@routes.post("/here")
def here(seat: OfficersSeat) -> Response:
    """A person is typing: the visit, and the officer's session, go on."""
    return Response(status_code=204)


@routes.post("/language")
def language(seat: AnySeat, fields: Fields) -> Response:
    chosen = "en" if fields.get("lang") == "en" else "vi"
    return with_language(seat, go(seat, "/"), chosen)  # type: ignore[arg-type]  # it is one of the two


def stationed(seat: Seat, login: str) -> str:
    """What this desk's station signs for the login; empty where the desk is no registered station."""
    settings = seat.desk.settings
    return settings.station.statement(login, settings.now()) if settings.station else ""


def entered(seat: Seat, token: str) -> Response:
    """The first page, under a new cookie."""
    seat.visit.put_card_away()
    seat.desk.visits.renew(seat.visit, token)
    return go(seat, "/")


def refresh(seat: Seat, password: str, code: str) -> None:
    """A fresh login for the same officer; RefusedError when it is not one."""
    renewed(seat, seat.desk.registry.officer_logins.step_up(seat.visit.token, password, code).token)


def renewed(seat: Seat, token: str) -> None:
    """The same visit, with what it is about, goes on under the new token."""
    seat.desk.visits.renew(seat.visit, token)
    seat.__dict__.pop("registry", None)
    seat.me = seat.registry.officers.me(used=True)


def leave(seat: Seat) -> None:
    if seat.visit.token:
        seat.desk.registry.officer_logins.logout(seat.visit.token)
    seat.desk.visits.end(seat.visit)
    seat.visit, seat.me = seat.desk.visits.begin(), None
