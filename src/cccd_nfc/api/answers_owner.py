"""The shapes of what an owner's app asks by a login, and a device by its key; and of what it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from cccd_nfc.api.answers import Answered, Asked, Label, Number, Typed, Word
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.states import DeviceState

Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class LogIn(Asked):
    """label, platform, client_version: what the app says of its device."""

    number: Number
    password: Typed
    label: Label = ""
    platform: Word = ""
    client_version: Word = ""


class LoggedIn(Answered):
    """token: for `Authorization: DPoP`, of use to this device's key alone.  new: to be said, and confirmed (R-029).

    replaces: whether another device will end when this one is bound.
    """

    token: str = Field(repr=False)
    expires_at: datetime
    new: bool
    state: DeviceState
    replaces: bool


class Lock(Asked):
    """passcode: where its owner knows it, it has to be right too."""

    number: Number
    password: Typed
    reason: LockReason
    passcode: Typed | None = None


class Owner(Answered):
    """account: the personal number, but for its middle."""

    account: str
    level: int


class OwnDevice(Answered):
    """One line of the list. this: whether it is the device that asks.  station: where it was bound at a desk."""

    thumbprint: str
    label: str
    state: DeviceState
    this: bool
    bound_at: datetime | None
    ended_at: datetime | None
    first_used_at: datetime | None
    last_used_at: datetime | None
    platform: str
    client_version: str
    channel: str
    station: str


class OwnDevices(Answered):
    devices: tuple[OwnDevice, ...]


class Unlink(Asked):
    """thumbprint: of the active device, which its owner was shown and has said yes to."""

    thumbprint: Thumbprint


class ChangePassword(Asked):
    old: Typed
    new: Typed


class ConfirmUse(Asked):
    passcode: Typed
    service: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


# --- a device, by its key ---------------------------------------------------------------------------------------------


class Which(Asked):
    """number: the account meant, where a family shares the phone."""

    number: Number | None = None


class DeviceStanding(Answered):
    """wipe: the app deletes what it holds of the account.  waiting: messages to fetch."""

    state: DeviceState
    wipe: bool
    waiting: int


class Waiting(Answered):
    """kind: "otp" or "notice"."""

    kind: str
    text: str = Field(repr=False)
    created_at: datetime


class Messages(Answered):
    messages: tuple[Waiting, ...]
