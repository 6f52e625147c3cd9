"""The card: the page before it lies there, the reading as it goes, and what the chip says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response, StreamingResponse

from cccd_nfc.desk.cards import card_of, number_in
from cccd_nfc.desk.pages import render
from cccd_nfc.desk.panels import panel
from cccd_nfc.desk.reading import Reading
from cccd_nfc.desk.seats import Fields, OfficersSeat, Seat
from cccd_nfc.errors import UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.protocol.passwords import Password

LOOK_SECONDS = 0.1
"""Between two looks of an event stream: ten a second cost less than a bridge from the readers' threads."""

routes = APIRouter()


@routes.get("/")
def first_page(seat: OfficersSeat) -> Response:
    return panel(seat)


@routes.get("/panel")
def panel_alone(seat: OfficersSeat) -> Response:
    seat.wants_part = True
    return panel(seat)


@routes.get("/reader")
def reader_alone(seat: OfficersSeat) -> Response:
    return render(seat, "reader.html")


@routes.post("/reader")
def choose_reader(seat: OfficersSeat, fields: Fields) -> Response:
    chosen = fields.get("reader", "0")
    seat.visit.reader = int(chosen) if chosen.isdecimal() else 0
    return panel(seat)


@routes.post("/card/read")
def read_card(seat: OfficersSeat, fields: Fields) -> Response:
    """The reading of the card that lies there, or that will be put there."""
    visit, settings = seat.visit, seat.desk.settings
    visit.put_card_away()
    try:
        password = Password.from_number(number_in(fields.get("number", "")))
    except UsageError as error:
        return panel(seat, error=error)

    def then(evidence: Evidence) -> None:
        visit.card = card_of(evidence, password, settings)

    visit.reading = Reading(password, then, settings.now)
    seat.watch.carry_out(visit.reading)
    return panel(seat)


@routes.post("/card/again")
def read_again(seat: OfficersSeat) -> Response:
    if seat.visit.reading:
        seat.visit.reading.again()
        seat.watch.carry_out(seat.visit.reading)
    return panel(seat)


@routes.post("/card/away")
def put_away(seat: OfficersSeat) -> Response:
    seat.visit.put_card_away()
    return panel(seat)


@routes.post("/card/number")
def show_number(seat: OfficersSeat, fields: Fields) -> Response:
    """The number, or its mask again."""
    seat.wants_part = True
    return render(seat, "number.html", shown=fields.get("shown") == "yes")


@routes.get("/card/portrait")
def portrait(seat: OfficersSeat) -> Response:
    if seat.visit.card is None or not seat.visit.card.portrait:
        raise HTTPException(404)
    return Response(seat.visit.card.portrait, media_type="image/png")


@routes.get("/events")
async def events(request: Request, seat: OfficersSeat) -> Response:
    """What the page must know at once: the panel's state, the reader's, and how far a reading is."""
    return StreamingResponse(_told(request, seat), media_type="text/event-stream")


async def _told(request: Request, seat: Seat) -> AsyncIterator[str]:
    before = ""
    while not (seat.desk.closing or await request.is_disconnected()):
        if seat.desk.visits.find(seat.visit.id) is not seat.visit:
            yield "event: away\ndata: {}\n\n"
            return
        state = json.dumps(_state(seat))
        if state != before:
            yield f"data: {state}\n\n"
        before = state
        await asyncio.sleep(LOOK_SECONDS)


def _state(seat: Seat) -> dict[str, object]:
    reading = seat.visit.reading
    return {
        "panel": seat.visit.signature,
        "reader": seat.watch.stage.value,
        "done": reading.done if reading else 0,
        "total": reading.total if reading else 0,
        "phase": reading.phase if reading else "",
    }
