"""What an owner does by a login: looks, unlinks, changes the password, confirms the use of a service."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends

from cccd_nfc.api.answers import Done, Receipt
from cccd_nfc.api.answers_owner import ChangePassword, ConfirmUse, OwnDevice, OwnDevices, Unlink
from cccd_nfc.api.answers_owner import Owner as Whose
from cccd_nfc.api.callers import OwnerCall, OwnerLook, owner_call, owner_look
from cccd_nfc.api.housekeeping import deliver
from cccd_nfc.registry.device_list import DeviceView
from cccd_nfc.registry.office import masked

routes = APIRouter(prefix="/v1/owner", tags=["owner"])

Owner = Annotated[OwnerCall, Depends(owner_call)]
Look = Annotated[OwnerLook, Depends(owner_look)]


@routes.get("")
def whose(look: Look) -> Whose:
    """Whose login it is."""
    account = look.registry.logins.whose(look.login)
    return Whose(account=masked(account.number), level=account.level)


@routes.get("/devices")
def devices(look: Look) -> OwnDevices:
    """Every device that the account ever had or saw, the active one first (R-016)."""
    number = look.registry.logins.whose(look.login).number
    listed = look.registry.devices(number)
    return OwnDevices(devices=tuple(_own(each, look.key.thumbprint) for each in listed))


@routes.post("/unlinking")
def unlink(asked: Unlink, call: Owner, after: BackgroundTasks) -> Receipt:
    """Ends the active device, which its owner has confirmed by its thumbprint; every login ends, this one too."""
    after.add_task(deliver, call.registry)
    return call.once(
        asked, lambda: Receipt(receipt=call.registry.logins.unlink_device(call.login, asked.thumbprint)), Receipt
    )


@routes.post("/password")
def change_password(asked: ChangePassword, call: Owner, after: BackgroundTasks) -> Done:
    """Sets another password, by the one that it replaces; every other login ends (AS-12)."""

    def act() -> Done:
        old, new = asked.old.get_secret_value(), asked.new.get_secret_value()
        call.registry.logins.change_password(call.login, old, new)
        return Done()

    after.add_task(deliver, call.registry)
    return call.once(asked, act, Done)


@routes.post("/confirmations")
def confirm_use(asked: ConfirmUse, call: Owner) -> Done:
    """Answers when the passcode allows the use of a service (R-053), on the account's active device alone (R-015)."""

    def act() -> Done:
        number = call.registry.logins.whose(call.login).number
        call.registry.device_calls.standing(call.key, number=number).require_active()
        call.registry.logins.confirm_use(call.login, asked.passcode.get_secret_value(), asked.service)
        return Done()

    return call.once(asked, act, Done)


def _own(device: DeviceView, asking: str) -> OwnDevice:
    return OwnDevice(
        thumbprint=device.thumbprint,
        label=device.label,
        state=device.state,
        this=device.thumbprint == asking,
        bound_at=device.bound_at,
        ended_at=device.ended_at,
        first_used_at=device.first_used_at,
        last_used_at=device.last_used_at,
        platform=device.platform,
        client_version=device.client_version,
        channel=device.channel,
        station=device.station,
    )
