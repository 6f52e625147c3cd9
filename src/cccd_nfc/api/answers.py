"""The shapes of what is asked and answered. A field that is not named here is refused; secrets do not print."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.states import DeviceState

Number = Annotated[SecretStr, Field(min_length=12, max_length=12)]
Label = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(max_length=32, pattern=r"^[A-Za-z0-9 ._+-]*$")]
Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
Typed = Annotated[SecretStr, Field(min_length=1, max_length=256)]
"""A password, a passcode, a code, a token: whatever somebody hands in that is nobody else's."""
By = Literal["sim", "device"]
"""Where a code goes: to the registered number, or to the device, where the registry's policy has that."""
Compact = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[\w-]+\.[\w-]+\.[\w-]+$")]
"""A compact JWS."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answered(BaseModel):
    model_config = ConfigDict(frozen=True)


class Problem(Answered):
    """RFC 9457. type: which kind it is, for programs.  detail: what happened, in the caller's language."""

    type: str
    title: str
    status: int
    detail: str


# --- a phone's activation ---------------------------------------------------------------------------------------------


class Begin(Asked):
    label: Label = ""


class Begun(Answered):
    """challenge: 8 bytes, hex, for the card's Active Authentication; it names transaction and device."""

    transaction_id: str
    challenge: str
    expires_at: datetime


class Submit(Asked):
    """evidence: the whole evidence file, as `cccd read` writes it.  number: the account meant, where one was said."""

    evidence: dict[str, Any]
    number: Number | None = None
    by: By | None = None


class Resend(Asked):
    by: By | None = None


class CodeSent(Answered):
    """reference: two letters that the message names.  replaces: the end of the active device's thumbprint, or empty."""

    transaction_id: str
    reference: str
    expires_at: datetime
    replaces: str


class Confirm(Asked):
    """confirmation: a compact JWS by the new device over purpose, transaction and reference."""

    code: Annotated[SecretStr, Field(max_length=16)]
    confirmation: Compact


class Receipt(Answered):
    """receipt: a compact JWS, checked by the key at /v1/keys."""

    receipt: str


# --- a borrowed phone -------------------------------------------------------------------------------------------------


class HandOver(Asked):
    """statement: the owner's phone has signed "hand-over" for this transaction."""

    statement: Compact


class HandedOver(Answered):
    """text: to be shown as a QR code, to one phone."""

    text: str = Field(repr=False)
    expires_at: datetime


class Redeem(Asked):
    """text: as it was scanned.  statement: this phone has signed "redeem" for the transaction that `text` names."""

    text: Annotated[SecretStr, Field(max_length=256)]
    statement: Compact
    label: Label = ""
    platform: Word = ""


class SubmitBorrowed(Asked):
    """statement: this phone has signed "evidence" for the transaction and the digest of the evidence."""

    evidence: dict[str, Any]
    statement: Compact
    number: Number | None = None


class CodeShown(CodeSent):
    """code: to be shown with its reference; the owner's phone alone can use it."""

    code: str = Field(repr=False)


# --- logins, and what an owner does by one ----------------------------------------------------------------------------


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


class Done(Answered):
    status: Literal["done"] = "done"


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


# --- a browser --------------------------------------------------------------------------------------------------------


class WebBegin(Asked):
    number: Number
    phone: Annotated[SecretStr, Field(max_length=32)]


class WebBegun(Answered):
    """The same for everybody; a code comes by message to those whom it concerns."""

    transaction_id: str
    expires_at: datetime


class WebCode(Asked):
    code: Annotated[SecretStr, Field(max_length=16)]


class WebCodeAccepted(Answered):
    """grant: with it the secrets are set, once; empty for an account that is active and whose owner logs in (R-047)."""

    already_active: bool
    grant: str = Field(repr=False)


class SecretAnswer(Asked):
    question: Annotated[str, StringConstraints(max_length=40)]
    answer: Typed


class WebSecrets(Asked):
    grant: Typed
    password: Typed
    passcode: Typed
    answers: Annotated[tuple[SecretAnswer, ...], Field(max_length=3)] = ()


class NotMe(Asked):
    """token: as the notice has it; letter case and blanks do not matter."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=64)]


# --- what anybody may ask --------------------------------------------------------------------------------------------


class Keys(Answered):
    """Ed25519 public keys, base64url: of receipts, and of heads of the audit log."""

    receipt: str
    head: str


class Health(Answered):
    status: Literal["ok"]
