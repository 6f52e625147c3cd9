"""The shapes of what is asked and answered. A field that is not named here is refused; secrets do not print."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

Number = Annotated[SecretStr, Field(min_length=12, max_length=12)]
Label = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]
Compact = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[\w-]+\.[\w-]+\.[\w-]+$")]
"""A compact JWS."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answered(BaseModel):
    model_config = ConfigDict(frozen=True)


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


# --- what anybody may ask --------------------------------------------------------------------------------------------


class Keys(Answered):
    """Ed25519 public keys, base64url: of receipts, and of heads of the audit log."""

    receipt: str
    head: str


class Health(Answered):
    status: Literal["ok"]
