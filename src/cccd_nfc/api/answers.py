"""The shapes of what is asked and answered. A field that is not named here is refused; secrets do not print."""

from __future__ import annotations

import re
from datetime import datetime
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.attestations import MOST, AttestationFormat

Number = Annotated[SecretStr, Field(min_length=12, max_length=12)]
Label = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[str, StringConstraints(max_length=32, pattern=r"^[A-Za-z0-9 ._+-]*$")]
Typed = Annotated[SecretStr, Field(min_length=1, max_length=256)]
"""A password, a passcode, a code, a token: whatever somebody hands in that is nobody else's."""
By = Literal["sim", "device"]
"""Where a code goes: to the registered number, or to the device, where the registry's policy has that."""
Compact = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[\w-]+\.[\w-]+\.[\w-]+$")]
"""A compact JWS."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Asked(BaseModel):
    """A text with a NUL or half a character, and a number without an end, are refused wherever they stand: no database
    keeps them, and nothing that is read off a card or typed has them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _keepable(cls, given: Any) -> Any:
        if not _is_keepable(given):
            raise PydanticCustomError("not_keepable", "not a text or a number that can be kept")
        return given


def _is_keepable(given: object) -> bool:
    waiting = [given]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each
        elif _is_broken(each):
            return False
    return True


def _is_broken(value: object) -> bool:
    if isinstance(value, float):
        return not isfinite(value)
    return isinstance(value, str) and _NO_TEXT.search(value) is not None


class Answered(BaseModel):
    model_config = ConfigDict(frozen=True)


class Done(Answered):
    status: Literal["done"] = "done"


class Problem(Answered):
    """RFC 9457. type: which kind it is, for programs.  detail: what happened, in the caller's language."""

    type: str
    title: str
    status: int
    detail: str


# --- a phone's activation ---------------------------------------------------------------------------------------------


class Attested(Asked):
    """What the phone's platform says of the key: recorded with the device (S-26). content: base64, at most 16 KiB."""

    format: AttestationFormat
    content: Annotated[Base64Bytes, Field(max_length=MOST)] = b""


class Begin(Asked):
    label: Label = ""
    attestation: Attested | None = None


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


class SecretAnswer(Asked):
    question: Annotated[str, StringConstraints(max_length=40)]
    answer: Typed


class Secrets(Asked):
    """What an owner sets before the account is active (R-049)."""

    password: Typed
    passcode: Typed
    answers: Annotated[tuple[SecretAnswer, ...], Field(max_length=3)] = ()

    def chosen(self) -> NewSecrets:
        answers = tuple((each.question, each.answer.get_secret_value()) for each in self.answers)
        return NewSecrets(self.password.get_secret_value(), self.passcode.get_secret_value(), answers)


class Confirm(Asked):
    """confirmation: a compact JWS by the new device over purpose, transaction and reference.  secrets: for a first
    activation, where the registry asks for them."""

    code: Annotated[SecretStr, Field(max_length=16)]
    confirmation: Compact
    secrets: Secrets | None = None


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


# --- what anybody may ask --------------------------------------------------------------------------------------------


class Keys(Answered):
    """Ed25519 public keys, base64url: of receipts, and of heads of the audit log."""

    receipt: str
    head: str


class Health(Answered):
    status: Literal["ok"]
