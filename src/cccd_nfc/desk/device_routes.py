"""Flow F4: a new device for the person whose card lies on the reader. The registry decides every step of it."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from cccd_nfc.desk import binding as flow
from cccd_nfc.desk import offers
from cccd_nfc.desk.binding import Binding, Wishes
from cccd_nfc.desk.login_routes import refresh
from cccd_nfc.desk.pages import render
from cccd_nfc.desk.panels import panel
from cccd_nfc.desk.seats import Fields, OfficersSeat, Seat
from cccd_nfc.errors import CccdError
from cccd_nfc.registry.messages import CodeChannel
from cccd_nfc.registry.papers.receipt_paper import receipt_pdf

routes = APIRouter()


@routes.post("/device")
def new_device(seat: OfficersSeat) -> Response:
    if seat.visit.card:
        seat.visit.binding = Binding()
    return panel(seat)


@routes.post("/device/key")
def take_key(seat: OfficersSeat, fields: Fields) -> Response:
    """The phone's key, and the officer's look; then the card signs for this phone."""
    visit = seat.visit
    if visit.card is None or not isinstance(visit.binding, Binding):
        return panel(seat)
    visit.binding.wishes = _wishes(fields)
    try:
        visit.binding.wishes = _with_key(seat, visit.binding.wishes)
        visit.reading = flow.begin(seat.registry, visit.binding, visit.card, seat.desk.settings)
    except CccdError as error:
        return panel(seat, error=error)
    seat.watch.carry_out(visit.reading)
    return panel(seat)


def _wishes(fields: Fields) -> Wishes:
    return Wishes(
        key_text=fields.get("key", ""),
        label=fields.get("label", "").strip(),
        channel=CodeChannel.SCREEN if fields.get("channel") == "screen" else CodeChannel.SIM,
        same_person=fields.get("same_person") == "yes",
    )


def _with_key(seat: Seat, wishes: Wishes) -> Wishes:
    """The key itself in place of six letters, and the phone's own name where the officer gave none."""
    if not offers.is_code(wishes.key_text):
        return wishes
    found = offers.fetch(wishes.key_text, seat.desk.visits.offers(), seat.desk.settings.now())
    return replace(wishes, key_text=found.key.pem, label=wishes.label or found.label)


@routes.get("/device/word")
def word(seat: OfficersSeat) -> Response:
    """What the page asks for while it waits: the phone's word, as soon as it has come by the line."""
    binding = seat.visit.binding
    if not isinstance(binding, Binding) or not binding.came:
        return Response(status_code=204)
    return render(seat, "word.html")


@routes.post("/device/back")
def back(seat: OfficersSeat) -> Response:
    """From a reading that failed to the phone's key: what was entered is still there."""
    if seat.visit.reading:
        seat.visit.reading.cancel()
        seat.visit.reading = None
    return panel(seat)


@routes.post("/device/code")
def new_code(seat: OfficersSeat) -> Response:
    return _in_place(seat, lambda binding: flow.resend(seat.registry, binding))


@routes.post("/device/confirm")
def confirm(seat: OfficersSeat, fields: Fields) -> Response:
    def act(binding: Binding) -> None:
        if fields.get("totp"):
            refresh(seat, fields.get("password", ""), fields["totp"])
        flow.confirm(seat.registry, binding, fields.get("code", ""), fields.get("confirmation", ""))

    return _in_place(seat, act)


@routes.post("/device/stop")
def stop(seat: OfficersSeat) -> Response:
    """Back to the card; a code that is on its way dies by itself."""
    if seat.visit.reading:
        seat.visit.reading.cancel()
    seat.visit.reading = seat.visit.binding = None
    return panel(seat)


@routes.get("/receipt.pdf")
def receipt(seat: OfficersSeat) -> Response:
    binding = seat.visit.binding
    if binding is None or not binding.receipt:
        raise HTTPException(404)
    content = receipt_pdf(binding.receipt, seat.desk.registry.receipt_key())
    headers = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _in_place(seat: Seat, act: flow.Step) -> Response:
    """The act upon a binding that waits for its code; what the registry says against it stands above the form."""
    binding = seat.visit.binding
    if not isinstance(binding, Binding) or binding.pending is None or binding.receipt:
        return panel(seat)
    try:
        act(binding)
    except CccdError as error:
        binding.trouble = None
        return panel(seat, error=error)
    return panel(seat)
