"""Unlink, lock, unlock by the card; the account and its devices; what waits at the unit."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from cccd_nfc.desk import card_acts
from cccd_nfc.desk.card_acts import CardAct, Kind
from cccd_nfc.desk.pages import go, render
from cccd_nfc.desk.panels import panel
from cccd_nfc.desk.seats import Fields, OfficersSeat
from cccd_nfc.errors import CccdError
from cccd_nfc.registry.lock_effects import LockReason

routes = APIRouter()


@routes.post("/act")
def choose(seat: OfficersSeat, fields: Fields) -> Response:
    """The page that asks once more before an act."""
    if seat.visit.card and fields.get("kind") in set(Kind):
        seat.visit.binding = CardAct(Kind(fields["kind"]))
    return panel(seat)


@routes.post("/act/do")
def do(seat: OfficersSeat, fields: Fields) -> Response:
    visit = seat.visit
    if visit.card is None or not isinstance(visit.binding, CardAct) or visit.binding.receipt:
        return panel(seat)
    reason = fields.get("reason", "")
    visit.binding.reason = LockReason(reason) if reason in set(LockReason) else LockReason.OTHER
    visit.binding.same_person = fields.get("same_person") == "yes"
    try:
        visit.reading = card_acts.begin(seat.registry, visit.binding, visit.card, seat.desk.settings)
    except CccdError as error:
        return panel(seat, error=error)
    seat.watch.carry_out(visit.reading)
    return panel(seat)


@routes.get("/account")
def account(seat: OfficersSeat) -> Response:
    """The account of the card's owner: its state, its locks, and every device that it ever had (R-016)."""
    card = seat.visit.card
    if card is None or not card.number:
        return go(seat, "/")
    found = seat.registry.account(card.number)
    locks, devices = seat.registry.locks(card.number), seat.registry.devices(card.number)
    return render(seat, "account.html", account=found, locks=locks, devices=devices)


@routes.get("/overview")
def overview(seat: OfficersSeat) -> Response:
    """What waits at the unit, what is overdue, and the audit log's head (S-34)."""
    registry = seat.registry
    waiting, overdue = registry.waiting_requests(), registry.overdue_requests()
    head = registry.known_head(registry.log_head())
    return render(seat, "overview.html", waiting=waiting, overdue={each.id for each in overdue}, head=head)
