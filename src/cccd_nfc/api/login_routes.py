"""Logins of apps, and the lock that any phone can ask for. To strangers there is one answer (S-13)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends

from cccd_nfc.api.answers import Asked, Done
from cccd_nfc.api.answers_owner import Lock, LoggedIn, LogIn
from cccd_nfc.api.callers import OwnerCall, PhoneCall, owner_call, phone_call
from cccd_nfc.api.housekeeping import deliver
from cccd_nfc.registry.device_contacts import AppDevice
from cccd_nfc.registry.states import DeviceState

routes = APIRouter(prefix="/v1", tags=["logins"])

Caller = Annotated[PhoneCall, Depends(phone_call)]
Owner = Annotated[OwnerCall, Depends(owner_call)]


@routes.post("/logins", status_code=201)
def log_in(asked: LogIn, call: Caller) -> LoggedIn:
    """By personal number and password, on the device that signed this call."""
    device = AppDevice(call.key, asked.label, asked.platform, asked.client_version)

    def act() -> LoggedIn:
        number, password = asked.number.get_secret_value(), asked.password.get_secret_value()
        login = call.registry.logins.log_in(number, password, device)
        seen = login.seen
        return LoggedIn(
            token=call.registry.device_calls.bind(login.token, call.key),
            expires_at=login.expires_at,
            new=seen is not None and seen.new,
            state=seen.state if seen else DeviceState.SEEN,
            replaces=seen is not None and seen.replaces,
        )

    return call.once(asked, act, LoggedIn)


@routes.post("/logout")
def log_out(asked: Asked, call: Owner) -> Done:
    """Ends the login: before the phone is lent, say (R-024)."""

    def act() -> Done:
        call.registry.logins.log_out(call.login)
        return Done()

    return call.once(asked, act, Done)


@routes.post("/locks")
def lock(asked: Lock, call: Caller, after: BackgroundTasks) -> Done:
    """Locks the account at once, from any phone; no login is opened and no device bound (R-073)."""

    def act() -> Done:
        passcode = asked.passcode.get_secret_value() if asked.passcode else ""
        number, password = asked.number.get_secret_value(), asked.password.get_secret_value()
        call.registry.logins.lock(number, password, asked.reason, passcode=passcode)
        return Done()

    after.add_task(deliver, call.registry)
    return call.once(asked, act, Done)
