"""Owners' logins as the server keeps them: a token that only its holder has, an end, and what ends it earlier."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import LoginNeededError
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.models import Account, Device, OwnerSession
from cccd_nfc.registry.states import AccountState, DeviceState

if TYPE_CHECKING:
    from cccd_nfc.registry.device_contacts import Seen
    from cccd_nfc.registry.office import Office

_TOKEN = 32
"""Bytes: 256 bit of randomness, so that a plain SHA-256 of it may be kept."""


@dataclass(frozen=True, slots=True)
class Login:
    """token: 43 characters, for the caller to keep as a secret.  expires_at: the end, however much it is used.

    seen: of an app: whether its device is a new one (R-029).
    """

    token: str = field(repr=False)
    expires_at: datetime
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that holds, and whose it is, within one database transaction."""

    login: OwnerSession
    account: Account


def open_session(office: Office, session: Session, account: Account, now: datetime, device: Device | None) -> Login:
    """A new login, of a bound device or, without one, of a browser (R-057)."""
    token, expires_at = secrets.token_urlsafe(_TOKEN), now + office.secrets.session
    session.add(
        OwnerSession(
            id=secrets.token_hex(16),
            account_id=account.id,
            device_id=device.id if device else None,
            token=token_hash(token),
            channel=office.origin.channel,
            opened_at=stamp(now),
            used_at=stamp(now),
            expires_at=stamp(expires_at),
        )
    )
    session.flush()
    return Login(token, moment_of(stamp(expires_at)))


def current(office: Office, session: Session, token: str, now: datetime) -> LoggedIn:
    """The login of `token`, used once more; LoginNeededError when it has ended, or its account or device has."""
    found = session.scalar(select(OwnerSession).where(OwnerSession.token == token_hash(token)))
    account = session.get_one(Account, found.account_id) if found else None
    if found is None or account is None or not _holds(office, session, found, account, now):
        raise LoginNeededError("the login has ended; log in again")
    found.used_at = stamp(now)
    return LoggedIn(found, account)


def _holds(office: Office, session: Session, found: OwnerSession, account: Account, now: datetime) -> bool:
    """Every act upon an account ends its logins itself; that state and device are looked at again costs little."""
    idle_until = found.used_at + span(office.secrets.idle)
    in_time = stamp(now) < min(found.expires_at, idle_until)
    device = session.get_one(Device, found.device_id) if found.device_id else None
    bound = device is None or device.state == DeviceState.ACTIVE
    return found.ended_at is None and in_time and bound and account.state == AccountState.ACTIVE


def end(found: OwnerSession, now: datetime, reason: str) -> None:
    found.ended_at, found.end_reason = stamp(now), reason


def end_all(session: Session, account: Account, now: datetime, reason: str, *, but: str = "") -> None:
    """Ends every login of the account, except the one whose id is `but`."""
    session.execute(
        update(OwnerSession)
        .where(OwnerSession.account_id == account.id, OwnerSession.ended_at.is_(None), OwnerSession.id != but)
        .values(ended_at=stamp(now), end_reason=reason)
    )


def token_hash(token: str) -> str:
    """What is kept of a token: SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
