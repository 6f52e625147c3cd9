"""The phone's own page: it makes a key, shows it, and signs the confirmation (F4). The key itself never comes here.

Anybody may open it, as it knows nobody: what it does, it does in the phone's browser. Acts bear the page's token as
all others (S-39).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from cccd_nfc.desk import offers
from cccd_nfc.desk.guard import HEADERS
from cccd_nfc.desk.pages import go, qr_drawing, render, said_error, with_language
from cccd_nfc.desk.seats import Fields, Seat, bare_seat
from cccd_nfc.errors import CccdError, UsageError

LONGEST_QR = 1024
"""Letters; a key has 130, a signed confirmation 330."""

PAGE_HEADERS = {
    "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; manifest-src 'self'",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
"""Beyond the desk's own: the page can be installed, and may scan the desk's code."""

routes = APIRouter()


def phones_seat(request: Request) -> Seat:
    """Any browser's, without asking the registry who it is."""
    seat = bare_seat(request)
    seat.desk.visits.touch(seat.visit)
    return seat


PhonesSeat = Annotated[Seat, Depends(phones_seat)]


@routes.get("/phone")
def phone_page(seat: PhonesSeat) -> Response:
    answer = render(seat, "phone_side.html")
    answer.headers.update(PAGE_HEADERS)
    return answer


@routes.post("/phone/language")
def language(seat: PhonesSeat, fields: Fields) -> Response:
    return with_language(seat, go(seat, "/phone"), "en" if fields.get("lang") == "en" else "vi")


@routes.post("/phone/qr")
def draw(seat: PhonesSeat, fields: Fields) -> Response:
    """The drawing of a QR code for the phone's screen; the text is kept nowhere."""
    text = fields.get("text", "")
    if not 0 < len(text) <= LONGEST_QR or not (text.isascii() and text.isprintable()):
        return _refused(seat, UsageError("a QR code of the phone's page holds 1 to 1024 letters"))
    return JSONResponse(qr_drawing(text))


@routes.post("/phone/keys")
def offer_key(seat: PhonesSeat, fields: Fields) -> Response:
    """Six letters, by which an officer here fetches this public key; the phone's earlier ones are void."""
    now, others = seat.desk.settings.now(), seat.desk.visits.offers()
    try:
        made = offers.offer(fields.get("key", ""), fields.get("label", ""), others, now)
    except CccdError as error:
        return _refused(seat, error)
    seat.visit.offer = made
    return JSONResponse({"code": made.code, "minutes": int(offers.OFFER_LIFE.total_seconds()) // 60})


@routes.post("/phone/confirmations")
def take_confirmation(seat: PhonesSeat, fields: Fields) -> Response:
    """taken: whether a desk here waited for it. Why not is not said."""
    now, bindings = seat.desk.settings.now(), seat.desk.visits.bindings()
    taken = offers.take_word(bindings, fields.get("transaction", ""), fields.get("confirmation", ""), now)
    return JSONResponse({"taken": taken})


def _refused(seat: Seat, error: CccdError) -> Response:
    return JSONResponse({"error": said_error(error, seat.lang)}, 422)
