"""One-time passwords: six digits for one transaction, hashed, counted, consumed once (S-01 to S-08)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry import holds, limits
from cccd_nfc.registry.clock import VIETNAM, moment_of, stamp
from cccd_nfc.registry.models import Account, OneTimePassword, Transaction
from cccd_nfc.registry.states import Purpose
from cccd_nfc.sentences import Said

DIGITS = 6
TRIES = 5

_REFERENCE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_HASHER = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
"""Small on purpose: the HMAC under it needs a key that is not in the database, and a code dies in minutes."""
_OF_NOBODY = _HASHER.hash(secrets.token_bytes(32))


_CHANNELS: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.ACTIVATE: ("sim", "screen"),
    Purpose.UNLOCK_AND_BIND: ("sim", "screen"),
    Purpose.ACTIVATE_WEB: ("sim",),
    Purpose.RESET: ("sim",),
}


@dataclass(frozen=True, slots=True)
class CodePolicy:
    """lifetime: 60 to 600 seconds; more is refused (S-02).  channels: for each purpose those that may be used, the
    usual one first; the code of an activation shows who has the registered number, and DEVICE shows no more than the
    device's signature does (A9), so that it must be allowed on purpose.
    """

    lifetime: timedelta = timedelta(seconds=180)
    channels: Mapping[Purpose, tuple[str, ...]] = field(default_factory=lambda: dict(_CHANNELS))

    def __post_init__(self) -> None:
        if not timedelta(seconds=60) <= self.lifetime <= timedelta(seconds=600):
            raise UsageError("a one-time password lives 60 to 600 seconds")


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """The code on its way to its message, and the two letters by which a person knows which code is meant."""

    code: str
    reference: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"IssuedCode(reference={self.reference!r})"


def issue(
    session: Session, key: bytes, transaction: Transaction, account: Account, now: datetime, policy: CodePolicy, *,
    channel: str = "sim",
) -> IssuedCode:  # fmt: skip
    """A new code for the transaction, which kills older ones; RefusedError beyond the limits of S-06 and S-07.

    The count of failures is left as it is: a new code must not give new tries.
    """
    refuse_if_held(account, now)
    for scope in (limits.Scope.CODES_RESENT, limits.Scope.CODES_ACCOUNT):
        limits.take(session, scope, account.id, now)
    void(session, account, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    reference = "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(2))
    expires_at = now + policy.lifetime
    session.add(
        OneTimePassword(
            id=secrets.token_hex(16),
            transaction_id=transaction.id,
            account_id=account.id,
            reference=reference,
            hashed=_HASHER.hash(_bound(key, transaction, code)),
            tries_left=TRIES,
            created_at=stamp(now),
            expires_at=stamp(expires_at),
            channel=channel,
        )
    )
    session.flush()
    return IssuedCode(code, reference, expires_at)


def _in_vietnam(moment: int) -> str:
    return f"{moment_of(moment).astimezone(VIETNAM):%H:%M:%S}"


def void(session: Session, account: Account, now: datetime) -> None:
    """Every open code of the account dies; one that is dead already keeps the moment at which it died."""
    mine = (OneTimePassword.account_id == account.id, OneTimePassword.consumed_at.is_(None))
    alive = OneTimePassword.expires_at > stamp(now)
    session.execute(update(OneTimePassword).where(*mine, alive).values(expires_at=stamp(now)))


def refuse_if_held(account: Account, now: datetime) -> None:
    """RefusedError while the account is on hold after wrong codes, or disabled by too many (S-06)."""
    if holds.is_disabled(account.failed_codes):
        raise RefusedError("too many wrong codes: codes are disabled for this account; go to the desk of the police")
    if stamp(now) < account.hold_until:
        sentence = "too many wrong codes: wait until {time} (Vietnam time)"
        raise RefusedError(Said(sentence, time=_in_vietnam(account.hold_until)))


def newest(session: Session, transaction: Transaction) -> OneTimePassword | None:
    """The one code of the transaction that may be open: the older ones are dead (S-07), also for a clock that stands
    before their end, be it that of another machine."""
    mine = select(OneTimePassword).where(OneTimePassword.transaction_id == transaction.id)
    return session.scalar(mine.order_by(OneTimePassword.created_at.desc()).limit(1))


def take_a_try(session: Session, transaction: Transaction, account: Account, now: datetime) -> OneTimePassword:
    """The open code of the transaction, with one try spent before it is looked at: parallel guesses gain nothing.

    RefusedError when there is no open code, or no try left.
    """
    refuse_if_held(account, now)
    found = newest(session, transaction)
    open_code = found is not None and found.consumed_at is None and found.expires_at > stamp(now) and found.tries_left
    if found is None or not open_code:
        raise RefusedError("the code has expired, was used, or has no tries left; ask for a new one")
    session.execute(
        update(OneTimePassword)
        .where(OneTimePassword.id == found.id)
        .values(tries_left=OneTimePassword.tries_left - 1)
        .execution_options(synchronize_session=False)
    )
    _count_failure(account, now)
    return found


def _count_failure(account: Account, now: datetime) -> None:
    """Every try counts as failed until it succeeds; only a success sets the count back."""
    account.failed_codes, account.hold_until = holds.after_failure(account.failed_codes, account.hold_until, now)


def is_right(key: bytes, transaction: Transaction, found: OneTimePassword | None, code: str) -> bool:
    """Whether it is the code of `found`; never where there is none, at the cost of the same work (S-13)."""
    hashed = found.hashed if found else _OF_NOBODY
    try:
        return _HASHER.verify(hashed, _bound(key, transaction, code.strip())) and found is not None
    except (VerificationError, InvalidHashError):
        return False


def consume(session: Session, found: OneTimePassword, account: Account, now: datetime) -> None:
    """Marks the code as used; RefusedError when another process was faster (S-03)."""
    done = session.execute(
        update(OneTimePassword)
        .where(OneTimePassword.id == found.id, OneTimePassword.consumed_at.is_(None))
        .values(consumed_at=stamp(now))
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # Result of an UPDATE has it
        raise RefusedError("the code was used already")
    account.failed_codes, account.hold_until = 0, 0
    limits.forget(session, limits.Scope.CODES_RESENT, account.id)


def _bound(key: bytes, transaction: Transaction, code: str) -> bytes:
    """HMAC-SHA-256 over (transaction, purpose, account, device, code): a code works for what it was made for (S-04)."""
    parts = (transaction.id, transaction.purpose, transaction.account_id or "", transaction.thumbprint, code)
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).digest()
