"""How an officer logs in: by a FIDO2 key (`officer_fido`), or by password and an authenticator's code (S-19, S-32).

What was wrong is not said: a stranger learns neither who is an officer nor which of the two was right.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import holds, officer_secrets, officer_sessions, stations
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.database import keep_though_refused
from cccd_nfc.registry.models import Officer
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_secrets import NEUTRAL
from cccd_nfc.registry.officer_sessions import OpenSession


@dataclass(frozen=True, slots=True)
class OfficerLogins:
    """Logging in and out. station: what the station has signed (`stations.statement`), empty where there is none."""

    office: Office

    def login(self, login: str, password: str, code: str, station: str = "") -> OpenSession:
        """A session of the officer, by password and code; RefusedError, always the same, for whatever is wrong."""
        return self._enter(login, password, code, station, None)

    def step_up(self, token: str, password: str, code: str) -> OpenSession:
        """The session goes on under a new token, and counts as fresh for five minutes; its eight hours do not grow."""
        with self.office.database.write() as session:
            found, officer = officer_sessions.live(session, officer_sessions.hashed(token), self.office.clock())
        return self._enter(officer.login, password, code, "", found.id)

    def logout(self, token: str) -> None:
        """The session ends; one that has ended already stays so."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            try:
                found, officer = officer_sessions.live(session, officer_sessions.hashed(token), now)
            except RefusedError:
                return
            found.ended_at = stamp(now)
            office.record_alone(session, "officer-logged-out", now, row="S-32", subject=officer.id)

    def _enter(self, login: str, password: str, code: str, station: str, before: str | None) -> OpenSession:
        # 1. A try is spent, and kept spent, before anything is looked at: parallel guesses gain nothing.
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            officer = _spend_a_try(session, login, now)
        # 2. The slow hash is checked outside of any transaction, and for nobody's login too.
        kept, owner = (officer.password, officer.id) if officer else ("", "")
        right = officer_secrets.is_password(office, owner, kept, password)
        step = officer_secrets.step_of(office.keys, officer, code, now) if officer else None
        # 3. The code is used up and the session opened together; what the officer has may have been renewed meanwhile.
        with office.database.write() as session:
            if officer is None:
                raise RefusedError(NEUTRAL)
            note_refused_login(office, session, officer.id, "totp", now)
            fresh = session.get_one(Officer, officer.id)
            renewed = (fresh.password, fresh.totp_seed) != (officer.password, officer.totp_seed)
            if not right or step is None or renewed:
                raise RefusedError(NEUTRAL)
            officer_secrets.take_step(session, fresh, step)
            return enter(office, session, fresh, "totp", station, before, now)


def note_refused_login(office: Office, session: Session, officer_id: str, method: str, now: datetime) -> None:
    """Should the login of this session be refused, the audit says so."""
    facts = {"subject": officer_id, "method": method}
    keep_though_refused(
        session, lambda later: office.record_alone(later, "officer-login-refused", now, row="S-32", **facts)
    )


def enter(
    office: Office, session: Session, officer: Officer, method: str, station: str, before: str | None, now: datetime
) -> OpenSession:
    """The last step of every login: the officer is enabled, the station is real, the session begins."""
    if not officer.enabled:
        raise RefusedError(NEUTRAL)
    if before is not None:
        officer_sessions.live(session, before, now)
    desk = stations.station_of(session, station, officer.login, now)
    officer.failed_logins, officer.hold_until = 0, 0
    opened = officer_sessions.open_session(session, officer, method, now, station=desk, before=before)
    act = "officer-stepped-up" if before else "officer-logged-in"
    facts = {"subject": officer.id, "method": method, **({"station": desk} if desk else {})}
    office.record_alone(session, act, now, row="S-32", **facts)
    return opened


def _spend_a_try(session: Session, login: str, now: datetime) -> Officer | None:
    """The officer, with a failure counted that only a success takes back; None where there is no such officer, the
    officer is disabled, or has to wait."""
    officer = session.scalar(select(Officer).where(Officer.login == login))
    if officer is None or not officer.enabled or stamp(now) < officer.hold_until:
        return None
    officer.failed_logins, officer.hold_until = holds.after_failure(officer.failed_logins, officer.hold_until, now)
    return officer
