"""The shapes of what a browser asks, and of what it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, SecretStr

from cccd_nfc.api.answers import Answered, Asked, Number, Secrets, Typed


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


class WebSecrets(Secrets):
    grant: Typed


class NotMe(Asked):
    """token: as the notice has it; letter case and blanks do not matter."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=64)]
