"""Officers: who they are, which unit and roles they have, and that they may act at all (S-33).

The first is an administrator, and is added while there is none; after that only administrators add officers.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import officer_secrets, officer_sessions
from cccd_nfc.registry.clock import moment_of, stamp
from cccd_nfc.registry.models import Officer, Unit
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import FRESH, Act, OfficerRole, UnitKind, roles_of
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.reserved_keys import KeyHolder, reserve

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_ALONE = (OfficerRole.ADMINISTRATOR, OfficerRole.AUDITOR)
"""Roles that nobody has beside another: an administrator sees no personal data, an auditor changes nothing."""


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """uri: otpauth, with the seed that the authenticator takes in; shown this once."""

    id: str
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfficerView:
    id: str
    login: str
    name: str
    unit: str
    unit_kind: UnitKind
    roles: frozenset[OfficerRole]
    enabled: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Me:
    """The officer whose session this is. station: where it was opened, or empty.  fresh_until: acts that want a fresh
    login may be done until then."""

    officer: OfficerView
    station: str
    fresh_until: datetime


@dataclass(frozen=True, slots=True)
class Officers:
    """The acts upon officers. Each wants the fresh login of an administrator, once there is one."""

    office: Office

    def add(self, login: str, name: str, unit: str, roles: Iterable[OfficerRole], password: str) -> NewOfficer:
        """A new officer of the unit with the code `unit`.

        Raises UsageError for a login name, roles or a password that cannot be, NotFoundError for a unit that is not
        there, RefusedError for a first officer who is no administrator, ConflictError for a login name that is taken.
        """
        office, now = self.office, self.office.clock()
        wanted = _checked_roles(roles)
        if not _LOGIN.fullmatch(login):
            raise UsageError("a login name has 2 to 32 small letters, digits, dots and dashes")
        if not name.strip():
            raise UsageError("an officer has a name")
        officer_id = secrets.token_hex(16)
        hashed = officer_secrets.hash_password(office, officer_id, f"{name} {login}", password)
        seed, uri = officer_secrets.new_seed(office.keys, officer_id, login)
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            place = unit_of(session, unit)
            if not officer_sessions.has_officers(session) and OfficerRole.ADMINISTRATOR not in wanted:
                raise RefusedError("the first officer is an administrator")
            if OfficerRole.AGENCY_HEAD in wanted and place.kind != UnitKind.MINISTRY:
                raise RefusedError("the head of the agency is at the ministry")
            texts = {"login": login, "name": name.strip(), "roles": " ".join(sorted(wanted)), "password": hashed}
            session.add(
                Officer(
                    id=officer_id, unit_id=place.id, enabled=True, totp_seed=seed, totp_last_step=0, failed_logins=0,
                    hold_until=0, added_at=stamp(now), **texts,
                )
            )  # fmt: skip
            session.flush()
            facts = {"subject": officer_id, "roles": texts["roles"], "of_unit": place.kind}
            office.record_alone(session, "officer-added", now, row="S-33", **facts)
        return NewOfficer(officer_id, uri)

    def exist(self) -> bool:
        """Whether the registry has officers, so that acts at a desk want a login."""
        with self.office.database.write() as session:
            return officer_sessions.has_officers(session)

    def me(self, *, used: bool = False) -> Me:
        """Who acts by this session. used: it counts as use of it. RefusedError when nobody has logged in, or the
        session has ended."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            found, officer = officer_sessions.live(session, office.origin.session, now)
            found.seen_at = stamp(now) if used else found.seen_at
            unit = session.get_one(Unit, officer.unit_id)
            return Me(_view(officer, unit), found.station_id or "", moment_of(found.strong_at) + FRESH)

    def disable(self, login: str) -> None:
        """The officer can do nothing any more, from this moment on (S-32).

        RefusedError for the last administrator: nobody could ever add another.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            officer = officer_of(session, login)
            if not [each for each in _administrators(session) if each.id != officer.id]:
                raise RefusedError("this is the last administrator; add another one first")
            officer.enabled = False
            officer_sessions.end_all(session, officer, now)
            office.record_alone(session, "officer-disabled", now, row="S-32", subject=officer.id)

    def enable(self, login: str) -> None:
        """The officer may log in again; earlier sessions stay ended."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            officer = officer_of(session, login)
            officer.enabled, officer.failed_logins, officer.hold_until = True, 0, 0
            office.record_alone(session, "officer-enabled", now, row="S-33", subject=officer.id)

    def renew(self, login: str, password: str) -> NewOfficer:
        """New password and new seed for an officer who has lost one of them; sessions end. Nobody renews their own."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            acting = office.may(session, Act.MANAGE_OFFICERS, now)
            officer = officer_of(session, login)
            if acting.officer in ("", officer.id):
                raise RefusedError("another administrator renews the login")
            officer.password = officer_secrets.hash_password(
                office, officer.id, f"{officer.name} {officer.login}", password
            )
            officer.totp_seed, uri = officer_secrets.new_seed(office.keys, officer.id, officer.login)
            officer.totp_last_step = officer.failed_logins = officer.hold_until = 0
            officer_sessions.end_all(session, officer, now)
            office.record_alone(session, "officer-renewed", now, row="S-33", subject=officer.id)
            return NewOfficer(officer.id, uri)

    def register_phone(self, login: str, phone: DeviceKey) -> None:
        """The officer's duty phone: it never becomes the device of an account (A12). ConflictError when it is one."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            officer = officer_of(session, login)
            reserve(session, phone.thumbprint, KeyHolder.OFFICER_PHONE, officer.id, now)
            facts = {"subject": officer.id, "key": phone.thumbprint}
            office.record_alone(session, "officer-phone-registered", now, row="A12", **facts)

    def listed(self) -> tuple[OfficerView, ...]:
        """Every officer that there ever was, by login name."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_OFFICERS, self.office.clock())
            rows = session.execute(select(Officer, Unit).join(Unit, Unit.id == Officer.unit_id).order_by(Officer.login))
            return tuple(_view(officer, unit) for officer, unit in rows)


def officer_of(session: Session, login: str) -> Officer:
    found = session.scalar(select(Officer).where(Officer.login == login))
    if found is None:
        raise NotFoundError("there is no such officer")
    return found


def unit_of(session: Session, code: str) -> Unit:
    found = session.scalar(select(Unit).where(Unit.code == code))
    if found is None:
        raise NotFoundError("there is no such unit")
    return found


def _checked_roles(roles: Iterable[OfficerRole]) -> frozenset[OfficerRole]:
    wanted = frozenset(roles)
    if not wanted:
        raise UsageError("an officer has a role at least")
    if len(wanted) > 1 and any(role in wanted for role in _ALONE):
        raise UsageError("an administrator or an auditor has no other role")
    return wanted


def _administrators(session: Session) -> list[Officer]:
    enabled = session.scalars(select(Officer).where(Officer.enabled.is_(True)))
    return [each for each in enabled if OfficerRole.ADMINISTRATOR in roles_of(each.roles)]


def _view(officer: Officer, unit: Unit) -> OfficerView:
    return OfficerView(
        id=officer.id,
        login=officer.login,
        name=officer.name,
        unit=unit.code,
        unit_kind=UnitKind(unit.kind),
        roles=roles_of(officer.roles),
        enabled=officer.enabled,
        added_at=moment_of(officer.added_at),
    )
