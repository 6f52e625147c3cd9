"""Flow F3: the doors, and the activation without a smartphone (R-042 to R-052, R-056, R-057). The registry decides.

No message is sent behind these answers: the desk's housekeeper sends what waits, at its own time (S-13).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from cccd_nfc.desk import citizen_rules
from cccd_nfc.desk.cards import number_in
from cccd_nfc.desk.citizens import HOME, Citizen, CitizenSeat, Stage
from cccd_nfc.desk.pages import go, render, with_language
from cccd_nfc.desk.seats import Fields
from cccd_nfc.errors import CccdError, UsageError
from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.papers.qr import qr_texts
from cccd_nfc.registry.papers.receipt_paper import receipt_pdf, receipt_rows
from cccd_nfc.registry.question_list import WANTED
from cccd_nfc.registry.secret_checks import Broken

ACTIVATION = f"{HOME}/activate"
routes = APIRouter()


@routes.get("/")
def doors(seat: Citizen) -> Response:
    return render(seat, "me/doors.html")


@routes.get("/activate")
def activation(seat: Citizen) -> Response:
    """The page of the stage that this visit is at."""
    return stage_page(seat)


@routes.get("/activate/{rest}")
def back_to_activation(seat: Citizen, rest: str) -> Response:
    return go(seat, ACTIVATION)


@routes.post("/activate")
def ask(seat: Citizen, fields: Fields) -> Response:
    """The same answer for everybody; a code goes to the stored number alone (R-044, R-045, S-13)."""
    number, phone = number_in(fields.get("number", "")), fields.get("phone", "")
    try:
        ticket = seat.web.web.begin(number, phone)
    except CccdError as error:
        return stage_page(seat, error, number=number, phone=phone)
    seat.own.put_card_away()
    seat.own.ticket, seat.own.stage = ticket, Stage.CODE
    return go(seat, ACTIVATION)


@routes.post("/activate/code")
def enter_code(seat: Citizen, fields: Fields) -> Response:
    """The right code opens the secrets, or says that the account is active already (R-046, R-047)."""
    visit = seat.own
    if visit.ticket is None or visit.stage is not Stage.CODE:
        return go(seat, ACTIVATION)
    try:
        accepted = seat.web.web.enter_code(visit.ticket.transaction_id, fields.get("code", "").replace(" ", ""))
    except CccdError as error:
        return stage_page(seat, error)
    visit.grant, visit.stage = accepted.grant, Stage.ACTIVE if accepted.already_active else Stage.SECRETS
    return go(seat, ACTIVATION)


@routes.post("/activate/again")
def again(seat: Citizen) -> Response:
    seat.own.put_card_away()
    return go(seat, ACTIVATION)


@routes.post("/activate/rules")
def rules(seat: Citizen, fields: Fields) -> Response:
    """Which rules are kept by what is being typed; it is neither kept nor given back (R-050 to R-052).

    Where nothing can be said the list stays as it is: the form, when it is sent, says why.
    """
    typed = "passcode" if "passcode" in fields else "password"
    try:
        broken = _broken(seat, fields)
    except CccdError:
        return Response(status_code=204)
    return render(seat, f"me/{typed}_rules.html", **_ruled(seat, fields, broken))


@routes.post("/activate/secrets")
def choose(seat: Citizen, fields: Fields) -> Response:
    """Password, passcode and answers, all three: the account is active then (R-049)."""
    visit = seat.own
    if visit.ticket is None or not visit.grant:
        return go(seat, ACTIVATION)
    try:
        broken = _broken(seat, fields)
        visit.receipt = seat.web.web.finish(visit.ticket.transaction_id, visit.grant, _chosen(fields))
    except UsageError as error:
        return _refused(seat, fields, broken, error)
    except CccdError as error:
        return _refused(seat, fields, Broken(), error)
    visit.grant, visit.stage = "", Stage.DONE
    return go(seat, ACTIVATION)


@routes.get("/receipt.pdf")
def receipt(seat: Citizen) -> Response:
    if not seat.own.receipt:
        raise HTTPException(404)
    content = receipt_pdf(seat.own.receipt, seat.web.receipt_key())
    headers = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@routes.post("/language")
def language(request: Request, seat: Citizen, fields: Fields) -> Response:
    """The other language, on the same page."""
    came_from = request.headers.get("referer", "").removeprefix(seat.desk.settings.base_url).partition("?")[0]
    page = came_from if came_from.startswith(f"{HOME}/") else seat.desk.home
    chosen = "en" if fields.get("lang") == "en" else "vi"
    return with_language(seat, go(seat, page), chosen)  # type: ignore[arg-type]  # it is one of the two


@routes.post("/here")
def here(seat: Citizen) -> Response:
    """A person is typing: the visit goes on."""
    return Response(status_code=204)


@routes.post("/away")
def away(seat: Citizen) -> Response:
    """Nothing stays: the login ends, and with it what is on the screen."""
    seat.leave()
    return go(seat, seat.desk.home)


@routes.get("/idle")
def idle(seat: Citizen) -> Response:
    return render(seat, "me/idle.html")


def stage_page(seat: CitizenSeat, error: CccdError | None = None, **typed: str) -> Response:
    """error: said beside the one field of the page that can be wrong."""
    stage = seat.own.stage
    values: dict[str, Any] = {"typed": {"number": "", "phone": "", **typed}, "misplaced": isinstance(error, UsageError)}
    if stage is Stage.SECRETS:
        values |= {"place": "", "fields": {}, **_ruled(seat, {}, Broken())}
    if stage is Stage.DONE:
        values |= receipt_values(seat)
    return render(seat, f"me/{stage}.html", error=error, **values)


def receipt_values(seat: CitizenSeat) -> dict[str, Any]:
    """What a page shows of the visit's receipt."""
    column = 0 if seat.lang == "vi" else 1
    facts = seat.web.known_receipt(seat.own.receipt)
    rows = [(label[column], value[column]) for label, value in receipt_rows(facts)]
    return {"rows": rows, "codes": qr_texts(seat.own.receipt)}


def _broken(seat: CitizenSeat, fields: Mapping[str, str]) -> Broken:
    ticket = seat.own.ticket
    password, passcode = fields.get("password", ""), fields.get("passcode", "")
    transaction_id = ticket.transaction_id if ticket else ""
    return seat.web.secret_checks.of_activation(transaction_id, seat.own.grant, password, passcode)


def _ruled(seat: CitizenSeat, fields: Mapping[str, str], broken: Broken) -> dict[str, Any]:
    """The rules of both secrets, with their states; nothing that was typed."""
    password, passcode = fields.get("password", ""), fields.get("passcode", "")
    of_password, of_passcode = citizen_rules.PASSWORD_RULES, citizen_rules.PASSCODE_RULES
    return {
        "password_rules": citizen_rules.rows(of_password, password, broken.password, seat.lang),
        "passcode_rules": citizen_rules.rows(of_passcode, passcode, broken.passcode, seat.lang),
        "questions": seat.web.secret_policy.questions,
        "wanted": WANTED,
    }


def _chosen(fields: Mapping[str, str]) -> NewSecrets:
    numbers = range(1, WANTED + 1)
    answers = tuple((fields[f"question{n}"], fields.get(f"answer{n}", "")) for n in numbers if f"question{n}" in fields)
    return NewSecrets(fields.get("password", ""), fields.get("passcode", ""), answers)


def _refused(seat: CitizenSeat, fields: Mapping[str, str], broken: Broken, error: CccdError) -> Response:
    """The error beside the field that it is about; with HTMX what was typed stays in the browser, and nowhere else."""
    place = "password" if broken.password else "passcode" if broken.passcode else "answers"
    place = place if isinstance(error, UsageError) else "form"
    page = "me/refused.html" if seat.wants_part else "me/secrets.html"
    values = {"place": place, "fields": fields, **_ruled(seat, fields, broken)}
    return render(seat, page, error=error, **values)
