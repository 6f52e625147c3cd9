"""Officers' FIDO2 keys (WebAuthn): registered by whoever is logged in, and the login by one (S-32).

A key asks for its PIN or a finger, so that it is two factors by itself. Needs the package `webauthn`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError
from cccd_nfc.registry import officer_sessions
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Officer, OfficerChallenge, OfficerKey
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_login import enter, note_refused_login
from cccd_nfc.registry.officer_sessions import OpenSession
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.reserved_keys import KeyHolder, reserve
from cccd_nfc.registry.webauthn_keys import (
    NOT_ACCEPTED,
    RelyingParty,
    check_login,
    check_registration,
    credential_name,
    login_options,
    parsed,
    registration_options,
)

CHALLENGE_LIFE = timedelta(minutes=5)
_CHALLENGE_BYTES = 32
_REGISTER, _LOGIN = "register", "login"


@dataclass(frozen=True, slots=True)
class Ceremony:
    """options: JSON for the browser's `navigator.credentials`; good once, for five minutes."""

    id: str
    options: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fido:
    """Registering a key, and logging in by one."""

    office: Office
    party: RelyingParty

    def registration(self) -> Ceremony:
        """The beginning of a registration, for the officer who is logged in, freshly."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            officer = self._me(session, now)
            row = _challenge(session, officer.id, _REGISTER, now)
            user, known = bytes.fromhex(officer.id), _ids_of(session, officer)
            options = registration_options(self.party, user, officer.login, row.challenge, known, CHALLENGE_LIFE)
            return Ceremony(row.id, options)

    def register(self, ceremony_id: str, answer: str, label: str = "") -> str:
        """The credential's id, when the key's answer is right; RefusedError for any other answer.

        ConflictError for a key that is registered already.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            officer = self._me(session, now)
        challenge = self._spend(ceremony_id, _REGISTER, officer.id, now)
        made = check_registration(self.party, parsed(answer), challenge)
        with office.database.write() as session:
            self._me(session, now)
            key = OfficerKey(id=made.id, officer_id=officer.id, public_key=made.public_key, label=label[:80])
            key.sign_count, key.added_at = made.sign_count, stamp(now)
            session.add(key)
            session.flush()
            if made.thumbprint:
                reserve(session, made.thumbprint, KeyHolder.OFFICER_KEY, officer.id, now)
            office.record_alone(session, "officer-key-registered", now, row="S-32", subject=officer.id)
            return made.id

    def challenge(self, login: str) -> Ceremony:
        """The beginning of a login; for a name that nobody has it looks the same (S-13)."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            officer = session.scalar(select(Officer).where(Officer.login == login))
            row = _challenge(session, officer.id if officer else None, _LOGIN, now)
            ids = _ids_of(session, officer) if officer else []
            known = ids or [self._nobodys(login)]
            return Ceremony(row.id, login_options(self.party, row.challenge, known, CHALLENGE_LIFE))

    def login(self, ceremony_id: str, answer: str, station: str = "") -> OpenSession:
        """A session of the officer whose key answers; RefusedError for any other answer, or a key that was copied: its
        counter has not grown."""
        return self._login(ceremony_id, answer, station, None)

    def step_up(self, token: str, ceremony_id: str, answer: str) -> OpenSession:
        """The session goes on under a new token, and counts as fresh for five minutes."""
        return self._login(ceremony_id, answer, "", officer_sessions.hashed(token))

    def end_key(self, credential_id: str) -> None:
        """One of the officer's own keys counts no more; NotFoundError when there is no such key."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            officer = self._me(session, now)
            key = session.get(OfficerKey, credential_id)
            if key is None or key.officer_id != officer.id or key.ended_at is not None:
                raise NotFoundError("there is no such key")
            key.ended_at = stamp(now)
            office.record_alone(session, "officer-key-ended", now, row="S-32", subject=officer.id)

    def _login(self, ceremony_id: str, answer: str, station: str, before: str | None) -> OpenSession:
        office, now = self.office, self.office.clock()
        challenge = self._spend(ceremony_id, _LOGIN, None, now)
        said = parsed(answer)
        with office.database.write() as session:
            key, officer = _key_of(office, session, ceremony_id, said, before, now)
            note_refused_login(office, session, officer.id, "fido2", now)
            count = check_login(self.party, said, challenge, key.public_key, key.sign_count)
            _count_on(session, key, count)
            return enter(office, session, session.get_one(Officer, officer.id), "fido2", station, before, now)

    def _me(self, session: Session, now: datetime) -> Officer:
        acting = self.office.may(session, Act.OWN_KEYS, now)
        if not acting.officer:
            raise RefusedError("this registry has officers: log in first")
        return session.get_one(Officer, acting.officer)

    def _spend(self, ceremony_id: str, purpose: str, officer_id: str | None, now: datetime) -> bytes:
        """The challenge, which from now on is worth nothing, whatever the answer is."""
        with self.office.database.write() as session:
            mine = [OfficerChallenge.officer_id == officer_id] if officer_id else []
            done = session.execute(
                update(OfficerChallenge)
                .where(
                    OfficerChallenge.id == ceremony_id,
                    OfficerChallenge.purpose == purpose,
                    OfficerChallenge.used_at.is_(None),
                    OfficerChallenge.expires_at > stamp(now),
                    *mine,
                )
                .values(used_at=stamp(now))
                .execution_options(synchronize_session=False)
            )
            if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
                raise RefusedError("the challenge was used, or has expired; begin again")
            return session.get_one(OfficerChallenge, ceremony_id).challenge

    def _nobodys(self, login: str) -> str:
        """A credential's id that nobody has, the same each time for the same name."""
        name = b"no such key\x00" + login.encode()
        return credential_name(hmac.new(self.office.keys.officer, name, hashlib.sha256).digest())


def _challenge(session: Session, officer_id: str | None, purpose: str, now: datetime) -> OfficerChallenge:
    row = OfficerChallenge(
        id=secrets.token_hex(16),
        officer_id=officer_id,
        purpose=purpose,
        challenge=secrets.token_bytes(_CHALLENGE_BYTES),
        expires_at=stamp(now + CHALLENGE_LIFE),
    )
    session.add(row)
    session.flush()
    return row


def _ids_of(session: Session, officer: Officer) -> list[str]:
    mine = (OfficerKey.officer_id == officer.id, OfficerKey.ended_at.is_(None))
    return list(session.scalars(select(OfficerKey.id).where(*mine).order_by(OfficerKey.added_at)))


def _key_of(
    office: Office, session: Session, ceremony_id: str, said: dict[str, Any], before: str | None, now: datetime
) -> tuple[OfficerKey, Officer]:
    """The key that answers, which is one of those that were asked; to step up, the same officer's as the session's."""
    asked = session.get_one(OfficerChallenge, ceremony_id).officer_id
    key = session.get(OfficerKey, str(said.get("id", "")))
    if key is None or key.ended_at is not None or key.officer_id != asked:
        if asked is not None:
            note_refused_login(office, session, asked, "fido2", now)
        raise RefusedError(NOT_ACCEPTED)
    officer = session.get_one(Officer, key.officer_id)
    if before is not None and officer_sessions.live(session, before, now)[1].id != officer.id:
        raise RefusedError(NOT_ACCEPTED)
    return key, officer


def _count_on(session: Session, key: OfficerKey, count: int) -> None:
    """Keeps the key's counter, unless it, or another's answer, has been there meanwhile."""
    done = session.execute(
        update(OfficerKey)
        .where(OfficerKey.id == key.id, OfficerKey.sign_count == key.sign_count, OfficerKey.ended_at.is_(None))
        .values(sign_count=count)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise RefusedError(NOT_ACCEPTED)
