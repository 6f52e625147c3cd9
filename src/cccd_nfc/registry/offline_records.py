"""One record of an offline desk as it is taken: a lock is set, a binding is provisional, the rest is noted (S-40)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cccd_nfc.errors import CccdError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import (
    accounts,
    card_proof,
    devices,
    locks,
    officer_sessions,
)
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, Device, Officer, OfflineRecord
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.offline import offline_challenge
from cccd_nfc.registry.offline_journal import Record
from cccd_nfc.registry.permissions import PERMITTED, Act, roles_of
from cccd_nfc.registry.phone import DeviceKey, check_statement
from cccd_nfc.registry.states import DeviceState

PROVISIONAL, BOUND, LOST, LOCKED, REFUSED, NOTED = "provisional", "bound", "lost", "locked", "refused", "noted"
"""What becomes of a record."""


def take_lock(office: Office, record: Record) -> None:
    number, reason, ground = record.text("number"), record.text("reason"), record.text("ground")
    try:
        wanted = LockGround(ground)
    except ValueError as error:
        raise UsageError("no such ground") from error
    now = office.clock()
    with office.database.write() as session:
        if _taken(session, record):
            return
        account = accounts.find(session, number)
        locks.set_ground(office, session, account, wanted, Role.OFFICER, reason, now)
        session.add(_row(session, record, LOCKED, now))


def take_binding(office: Office, record: Record, station: DeviceKey, entry: int) -> None:
    """Everything that the desk has checked is checked again, by the registry's own trust store (S-28)."""
    now = office.clock()
    device = DeviceKey.parse(record.text("device"))
    facts = {name: record.text(name) for name in ("nonce", "code")}
    check_statement(record.text("statement"), device, "offline-bind", station=record.station, **facts)
    evidence = Evidence.from_bytes(record.text("evidence").encode())
    verified = card_proof.verified_here(office, evidence, now)
    if not card_proof.is_citizen(verified.identity):
        raise NotVerifiedError("the card carries no personal number")
    proof = evidence.active_authentication
    challenge = offline_challenge(station, device, _nonce(facts["nonce"]))
    if proof is None or not secrets.compare_digest(proof.challenge, challenge):
        raise NotVerifiedError("the card did not sign for this station and this device")
    with office.database.write() as session:
        if _taken(session, record):
            return
        _refuse_without_officer(session, record.text("officer"))
        account = accounts.find(session, verified.identity.personal_number)
        devices.refuse_revoked(session, device.thumbprint)
        kept = card_proof.keep(office, session, evidence, verified, now)
        made = _provisional(office, account, device, record.text("label"), verified.grade, kept)
        session.add(made)
        session.flush()
        office.record(session, "device-provisional", account, now, row="DS-11", device=device.thumbprint)
        row = _row(session, record, PROVISIONAL, now)
        row.device_id, row.seen_entry = made.id, entry
        session.add(row)


def _provisional(office: Office, account: Account, key: DeviceKey, label: str, grade: str, evidence: str) -> Device:
    return Device(
        id=secrets.token_hex(16),
        account_id=account.id,
        thumbprint=key.thumbprint,
        public_key=key.pem,
        label=label[:80],
        state=DeviceState.PROVISIONAL,
        grade=grade,
        evidence_id=evidence,
        channel=office.origin.channel,
        station=office.origin.station,
        officer=office.origin.officer,
    )


def _refuse_without_officer(session: Session, named: str) -> None:
    """Somebody has compared face and card, by name; where there are officers, one who may bind (R-058)."""
    if not officer_sessions.has_officers(session):
        known = bool(named)
    else:
        mine = (Officer.login == named) | (Officer.id == named)
        officer = session.scalar(select(Officer).where(mine, Officer.enabled.is_(True)))
        known = officer is not None and bool(roles_of(officer.roles) & PERMITTED[Act.CONFIRM])
    if not known:
        raise RefusedError("no officer has checked the face")


def _nonce(text: str) -> bytes:
    try:
        nonce = bytes.fromhex(text)
    except ValueError as error:
        raise RefusedError("a record of the offline desk is not complete") from error
    if len(nonce) != 16:
        raise RefusedError("a record of the offline desk is not complete")
    return nonce


def note(office: Office, record: Record, outcome: str, why: CccdError | None = None) -> None:
    now = office.clock()
    with office.database.write() as session:
        if _taken(session, record):
            return
        session.add(_row(session, record, outcome, now, str(why) if why else ""))
        if why is not None:
            facts = {"journal": record.journal, "number": str(record.number)}
            office.record_alone(session, "offline-record-refused", now, row="S-40", **facts)


def _taken(session: Session, record: Record) -> bool:
    """Whether another process has taken the record meanwhile."""
    return session.scalar(select(OfflineRecord.received).where(OfflineRecord.digest == record.digest)) is not None


def _row(session: Session, record: Record, outcome: str, now: datetime, reason: str = "") -> OfflineRecord:
    """The record with the next number of receipt, which orders; the desk's time is not kept at all."""
    received = (session.scalar(select(func.max(OfflineRecord.received))) or 0) + 1
    return OfflineRecord(
        received=received,
        journal=record.journal,
        number=record.number,
        station=record.station,
        digest=record.digest,
        kind=record.kind[:16],
        outcome=outcome,
        reason=reason,
        received_at=stamp(now),
        seen_entry=0,
    )
