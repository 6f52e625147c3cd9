"""What a device asks by its key alone: how it stands, its messages, its own end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends
from pydantic import SecretStr

from cccd_nfc.api.answers import Asked, Receipt
from cccd_nfc.api.answers_owner import DeviceStanding, Messages, Waiting, Which
from cccd_nfc.api.callers import PhoneCall, phone_call
from cccd_nfc.api.housekeeping import deliver

routes = APIRouter(prefix="/v1/device", tags=["device"])

Caller = Annotated[PhoneCall, Depends(phone_call)]


@routes.post("/standing")
def standing(asked: Which, call: Caller) -> DeviceStanding:
    """How the device stands; a suspended one whose account is free again is active from now on (DS-08).

    The answer is not kept: a device that asks again is told how it stands then, and an order to wipe is not missed.
    """
    found = call.registry.device_calls.standing(call.key, number=_number(asked.number))
    return DeviceStanding(state=found.state, wipe=found.wipe, waiting=found.waiting)


@routes.post("/messages")
def messages(_: Asked, call: Caller) -> Messages:
    """What waits for the device, given out once: nothing is kept of it, not even to be answered again (S-08)."""
    letters = call.registry.messages.for_device(call.key.thumbprint)
    found = (Waiting(kind=each.kind, text=each.text, created_at=each.created_at) for each in letters)
    return Messages(messages=tuple(found))


@routes.post("/unlinking")
def unlink(asked: Which, call: Caller, after: BackgroundTasks) -> Receipt:
    """The active device ends itself, after its owner's yes (DS-05)."""
    after.add_task(deliver, call.registry)
    number = _number(asked.number)
    return call.once(
        asked, lambda: Receipt(receipt=call.registry.device_calls.unlink_itself(call.key, number=number)), Receipt
    )


def _number(asked: SecretStr | None) -> str | None:
    return asked.get_secret_value() if asked else None
