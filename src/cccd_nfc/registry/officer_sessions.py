"""Officers' sessions: short, kept here, known by the hash of their token (S-32), and what a session may do now."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.lock_grounds import Role
from cccd_nfc.registry.models import Officer, OfficerSession, Station, Unit
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.permissions import (
    FRESH,
    OFFICERS_ONLY,
    PERMITTED,
    STEP_UP,
    Act,
    OfficerRole,
    UnitKind,
    law_roles,
    roles_of,
)

IDLE = timedelta(minutes=15)
WHOLE = timedelta(hours=8)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class OpenSession:
    """token: 256 bit, shown once.  expires_at: when it ends at the latest; 15 idle minutes end it before."""

    token: str = field(repr=False)
    officer: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Acting:
    """The officer behind an act; all empty where the registry has none, or the act is not a desk's.

    law_roles: what the law on locks calls the officer.  unit_id, unit: the officer's, and where it stands.
    """

    officer: str = ""
    roles: frozenset[OfficerRole] = frozenset()
    unit_id: str = ""
    unit: UnitKind | None = None
    station: str = ""

    @property
    def law_roles(self) -> frozenset[Role]:
        return law_roles(self.roles)


NOBODY = Acting()


def open_session(
    session: Session, officer: Officer, method: str, now: datetime, *, station: str | None, before: str | None = None
) -> OpenSession:
    """A session with a new token. before: the session that this one steps up; it ends, and its eight hours go on."""
    started = stamp(now)
    if before is not None:
        old = session.get_one(OfficerSession, before)
        started, station, old.ended_at = old.started_at, station or old.station_id, stamp(now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    times = {"started_at": started, "strong_at": stamp(now), "seen_at": stamp(now)}
    row = OfficerSession(id=hashed(token), officer_id=officer.id, station_id=station, method=method, **times)
    session.add(row)
    session.flush()
    return OpenSession(token, officer.id, moment_of(started) + WHOLE)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def live(session: Session, session_id: str, now: datetime) -> tuple[OfficerSession, Officer]:
    """The session, and its officer; RefusedError when it has ended in whatever way."""
    found = session.get(OfficerSession, session_id)
    if found is None or found.ended_at is not None or stamp(now) >= _end(found):
        raise RefusedError("the session has ended; log in again")
    officer = session.get_one(Officer, found.officer_id)
    station = session.get(Station, found.station_id) if found.station_id else None
    if not officer.enabled or (station is not None and not station.enabled):
        raise RefusedError("the session has ended; log in again")
    return found, officer


def _end(found: OfficerSession) -> int:
    return min(found.seen_at + span(IDLE), found.started_at + span(WHOLE))


def origin_of(session: Session, session_id: str, channel: Channel, now: datetime) -> Origin:
    """What the acts of this session say of where they come from (R-060, R-064)."""
    found, officer = live(session, session_id, now)
    unit = session.get_one(Unit, officer.unit_id)
    return Origin(channel, officer.id, found.station_id or "", unit=unit.kind, session=found.id)


def end_all(session: Session, officer: Officer, now: datetime) -> None:
    """Every session of the officer ends."""
    mine = (OfficerSession.officer_id == officer.id, OfficerSession.ended_at.is_(None))
    session.execute(update(OfficerSession).where(*mine).values(ended_at=stamp(now)))


def has_officers(session: Session) -> bool:
    return session.scalar(select(Officer.id).limit(1)) is not None


def allowed(session: Session, origin: Origin, act: Act, now: datetime) -> Acting:
    """The officer who may do this act now; the session counts as used. RefusedError for anybody else.

    Where the registry has no officer nobody is asked for; nor for an owner's act that comes by an app, or the system's.
    """
    desk = origin.channel in (Channel.DESK, Channel.HOTLINE) or act in OFFICERS_ONLY
    if not desk and not origin.session:
        return NOBODY
    if not has_officers(session):
        return NOBODY
    if not origin.session:
        raise RefusedError("this registry has officers: log in first")
    found, officer = live(session, origin.session, now)
    roles = roles_of(officer.roles)
    if not roles & PERMITTED[act]:
        raise RefusedError("none of your roles may do this")
    if act in STEP_UP and stamp(now) >= found.strong_at + span(FRESH):
        raise RefusedError("this needs a login of the last five minutes: log in again")
    found.seen_at = stamp(now)
    unit = UnitKind(session.get_one(Unit, officer.unit_id).kind)
    return Acting(officer.id, roles, officer.unit_id, unit, found.station_id or "")
