"""What an owner does by a login in a browser: looks, unlinks, changes the password; and the lock, which needs none.

R-003, R-016, R-019, R-057, R-073. Messages go by the desk's housekeeper, at its own time (S-13).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from cccd_nfc.desk import citizen_rules
from cccd_nfc.desk.cards import number_in
from cccd_nfc.desk.citizen_routes import receipt_values
from cccd_nfc.desk.citizens import HOME, Citizen, CitizenSeat
from cccd_nfc.desk.pages import go, render
from cccd_nfc.desk.seats import Fields
from cccd_nfc.errors import CccdError, LoginNeededError, UsageError
from cccd_nfc.registry.device_list import DeviceView
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.secret_rules import Reason
from cccd_nfc.registry.states import DeviceState

ACCOUNT = f"{HOME}/account"
routes = APIRouter()


@routes.get("/login")
def login_page(seat: Citizen) -> Response:
    return go(seat, ACCOUNT) if seat.visit.token else render(seat, "me/login.html", error=None)


@routes.post("/login")
def login(seat: Citizen, fields: Fields) -> Response:
    """One answer for whatever is wrong (S-13); a new cookie for whoever is let in."""
    try:
        opened = seat.web.logins.log_in(number_in(fields.get("number", "")), fields.get("password", ""))
    except CccdError as error:
        return render(seat, "me/login.html", 403, error=error)
    seat.leave()
    seat.desk.visits.renew(seat.visit, opened.token)
    return go(seat, ACCOUNT)


@routes.get("/account")
def account(seat: Citizen) -> Response:
    """Whose account it is, and its devices (R-016)."""
    found = seat.account()
    listed = seat.web.devices(found.number)
    return render(seat, "me/account.html", account=found, number=seat.masked(found), devices=listed, changed=False)


@routes.post("/logout")
def logout(seat: Citizen) -> Response:
    seat.leave()
    return go(seat, f"{HOME}/")


@routes.get("/unlink")
def unlink_page(seat: Citizen) -> Response:
    device = _active(seat)
    return render(seat, "me/unlink.html", device=device, error=None) if device else go(seat, ACCOUNT)


@routes.post("/unlink")
def unlink(seat: Citizen, fields: Fields) -> Response:
    """Ends the device that its owner has confirmed (R-019, DS-05), and every login with it."""
    device = _active(seat)
    try:
        signed = seat.web.logins.unlink_device(seat.visit.token, fields.get("device", ""))
    except LoginNeededError:
        raise
    except CccdError as error:
        return render(seat, "me/unlink.html", device=device, error=error) if device else go(seat, ACCOUNT)
    seat.leave()
    seat.own.receipt = signed
    return go(seat, f"{HOME}/unlinked")


@routes.get("/unlinked")
def unlinked(seat: Citizen) -> Response:
    if not seat.own.receipt:
        return go(seat, f"{HOME}/login")
    return render(seat, "me/unlinked.html", **receipt_values(seat))


@routes.get("/password")
def password_page(seat: Citizen) -> Response:
    seat.account()
    return _password(seat, "", (), None)


@routes.post("/password/rules")
def password_rules(seat: Citizen, fields: Fields) -> Response:
    """Which rules are kept by what is being typed; it is neither kept nor given back."""
    seat.account()
    typed = fields.get("password", "")
    broken = seat.web.secret_checks.of_login(seat.visit.token, typed).password
    rules = citizen_rules.rows(citizen_rules.PASSWORD_RULES, typed, broken, seat.lang)
    return render(seat, "me/password_rules.html", password_rules=rules)


@routes.post("/password")
def change_password(seat: Citizen, fields: Fields) -> Response:
    """Another password, by the one that it replaces; every other login ends (AS-12)."""
    found, new = seat.account(), fields.get("password", "")
    broken = seat.web.secret_checks.of_login(seat.visit.token, new).password
    try:
        seat.web.logins.change_password(seat.visit.token, fields.get("old", ""), new)
    except LoginNeededError:
        raise
    except CccdError as error:
        return _password(seat, new, broken, error)
    listed = seat.web.devices(found.number)
    return render(seat, "me/account.html", account=found, number=seat.masked(found), devices=listed, changed=True)


@routes.get("/lock")
def lock_page(seat: Citizen) -> Response:
    return render(seat, "me/lock.html", error=None, reasons=tuple(LockReason), chosen="")


@routes.post("/lock")
def lock(seat: Citizen, fields: Fields) -> Response:
    """Locks from any browser, opening no login (R-073); one answer for whatever is wrong (S-13).

    A reason that is not said is "other": it stops the device, and does not revoke it.
    """
    chosen = fields.get("reason", "")
    try:
        reason = LockReason(chosen) if chosen in tuple(LockReason) else LockReason.OTHER
        seat.web.logins.lock(number_in(fields.get("number", "")), fields.get("password", ""), reason)
    except CccdError as error:
        return render(seat, "me/lock.html", 403, error=error, reasons=tuple(LockReason), chosen=chosen)
    seat.leave()
    return go(seat, f"{HOME}/locked")


@routes.get("/locked")
def locked(seat: Citizen) -> Response:
    return render(seat, "me/locked.html")


def _active(seat: CitizenSeat) -> DeviceView | None:
    listed = seat.web.devices(seat.account().number)
    return next((each for each in listed if each.state is DeviceState.ACTIVE), None)


def _password(seat: CitizenSeat, typed: str, broken: tuple[Reason, ...], error: CccdError | None) -> Response:
    rules = citizen_rules.rows(citizen_rules.PASSWORD_RULES, typed, broken, seat.lang)
    place = "password" if isinstance(error, UsageError) else "old"
    return render(seat, "me/password.html", password_rules=rules, error=error, place=place)
