"""Officers' FIDO2 keys: registered, and used to log in (S-32). The browser talks to the key, the registry decides."""

from __future__ import annotations

import json

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from cccd_nfc.desk.login_routes import entered, renewed, stationed
from cccd_nfc.desk.pages import render, said_error, with_cookie
from cccd_nfc.desk.seats import AnySeat, Fields, OfficersSeat, Seat
from cccd_nfc.errors import CccdError
from cccd_nfc.registry.officer_fido import Ceremony, Fido

routes = APIRouter()


@routes.get("/keys")
def keys_page(seat: OfficersSeat) -> Response:
    return render(seat, "keys.html", added=False)


@routes.post("/keys/begin")
def begin_registration(seat: OfficersSeat) -> Response:
    try:
        return _asked(_fido(seat).registration())
    except CccdError as error:
        return _refused(seat, error)


@routes.post("/keys")
def register(seat: OfficersSeat, fields: Fields) -> Response:
    try:
        fido = seat.registry.fido(seat.desk.settings.party)
        fido.register(fields.get("ceremony", ""), fields.get("answer", ""), fields.get("label", ""))
    except CccdError as error:
        return _refused(seat, error)
    return JSONResponse({"go": "", "said": "key_added"})


@routes.post("/login/key/begin")
def begin_login(seat: AnySeat, fields: Fields) -> Response:
    login = seat.me.officer.login if seat.me else fields.get("login", "").strip()
    try:
        return _asked(seat.desk.registry.fido(seat.desk.settings.party).challenge(login))
    except CccdError as error:
        return _refused(seat, error)


@routes.post("/login/key")
def login_by_key(seat: AnySeat, fields: Fields) -> Response:
    """A login, or a fresh one where somebody is logged in."""
    fido = seat.desk.registry.fido(seat.desk.settings.party)
    ceremony, answer = fields.get("ceremony", ""), fields.get("answer", "")
    try:
        if seat.me:
            renewed(seat, fido.step_up(seat.visit.token, ceremony, answer).token)
        else:
            login = fields.get("login", "").strip()
            entered(seat, fido.login(ceremony, answer, stationed(seat, login)).token)
    except CccdError as error:
        return _refused(seat, error)
    return with_cookie(seat, JSONResponse({"go": "/", "said": ""}))


def _fido(seat: Seat) -> Fido:
    return seat.registry.fido(seat.desk.settings.party)


def _asked(ceremony: Ceremony) -> Response:
    return JSONResponse({"ceremony": ceremony.id, "options": json.loads(ceremony.options)})


def _refused(seat: Seat, error: CccdError) -> Response:
    return JSONResponse({"error": said_error(error, seat.lang)}, 403)
