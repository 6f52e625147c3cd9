"""The one tree of exceptions, split by who is at fault.

- `TransportError`: the reader, the service behind it, or the radio field. Trying again may help.
- `CardError`: an answer or a file that is not acceptable: malformed, unexpected, or beyond what is supported.
- `AuthenticationError`: a check said no: a wrong password, a bad MAC, a signature that does not verify.
- `RegistryError`: the registry refused, or could not keep, an act.
- `UsageError`: what a person or a caller handed in cannot be used.

Any bytes from a card end in a value or in one of these. Messages carry names, lengths and status words, never contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cccd_nfc.sentences import Said

if TYPE_CHECKING:
    from datetime import datetime


class CccdError(Exception):
    """Root of everything this package raises on purpose."""


class UsageError(CccdError):
    """An argument, a path or a typed value that cannot be used."""


# --- reader and field -----------------------------------------------------------------------------------------------


class TransportError(CccdError):
    """The reader or the radio field failed; the card itself has said nothing wrong."""


class ReaderUnavailableError(TransportError):
    """No such reader, or the service or library behind it is missing."""


class CardAbsentError(TransportError):
    """No card came to the reader in the time allowed."""


class CardLostError(TransportError):
    """The card left the field, or was reset by another program, in the middle of a session."""


class TapeError(TransportError):
    """A recording was asked something that it did not record, or has come to its end."""


# --- what the card, or a file that stands for it, has said ----------------------------------------------------------


class CardError(CccdError):
    """The answer is not acceptable."""


class StatusWordError(CardError):
    """The card answered a command with a status word that ends the procedure."""

    def __init__(self, operation: str, sw: int) -> None:
        super().__init__(Said("{operation}: the card answered {sw}", operation=operation, sw=f"{sw:04X}"))
        self.operation = operation
        self.sw = sw


class EncodingError(CardError):
    """Bytes that do not have the structure they must have."""


class UnsupportedError(CardError):
    """Well-formed, but of a kind that is not known or that is refused on purpose (an unknown curve, say)."""


class SecureMessagingError(CardError):
    """An answer inside a session that is not properly protected: no or wrong MAC, missing data objects."""


# --- checks ---------------------------------------------------------------------------------------------------------


class AuthenticationError(CccdError):
    """A check said no."""


class AccessDeniedError(AuthenticationError):
    """The chip did not accept the password.

    tries_left: as the chip told it by 63Cx, else None.
    """

    def __init__(self, message: str, *, sw: int | None = None, tries_left: int | None = None) -> None:
        super().__init__(message)
        self.sw = sw
        self.tries_left = tries_left


class SignatureError(AuthenticationError):
    """A signature, or the padding inside it, does not verify."""


class NotVerifiedError(AuthenticationError):
    """Something asked for a verified identity, and the report does not give one."""


# --- registry -------------------------------------------------------------------------------------------------------


class RegistryError(CccdError):
    """The registry refused an act; nothing was changed."""


class RegistryUnavailableError(RegistryError):
    """The database cannot be opened, read or written."""


class RulesUnavailableError(RegistryError):
    """A table of law or of holidays is missing or broken, or has nothing for that day: what it decides is not done."""


class RefusedError(RegistryError):
    """A rule of the registry forbids the act."""


class NonceNeededError(RefusedError):
    """A device's proof bears no nonce of the registry that is still good; `nonce` is one (RFC 9449 §8)."""

    def __init__(self, message: str, *, nonce: str = "") -> None:
        super().__init__(message)
        self.nonce = nonce


class LoginNeededError(RefusedError):
    """The act needs a login that holds: there is none, it has ended, or another device's key has opened it."""


class LimitError(RefusedError):
    """Something was done as often as is allowed for now (S-07, S-14). retry_after: seconds; 0 where it is not known."""

    def __init__(self, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ClockError(RefusedError):
    """The clock stands before what was done already: nothing that depends on the time is given out (S-35)."""


class ConflictError(RegistryError):
    """Somebody else was faster, or the same thing exists already.

    at, station: when and at which desk the faster one was, where that is known (S-31).
    """

    def __init__(self, message: str, *, at: datetime | None = None, station: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.station = station


class IdempotencyKeyReusedError(ConflictError):
    """The key of a request came again with another request."""


class NotFoundError(RegistryError):
    """No such account, device or transaction."""
