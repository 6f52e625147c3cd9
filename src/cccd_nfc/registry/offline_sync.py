"""The registry's side of offline desks: it takes their journals, and decides by its own order (S-40, DS-11, DS-12).

Locks are set first, whatever the journal's order: a later lock wins over an earlier binding. A binding is PROVISIONAL
when it was received, and is decided in the order of receipt: it wins when nothing has changed the account since the
desk's last contact, which its pass names as an entry of the audit log. No clock of a desk takes part.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import (
    AuthenticationError,
    CardError,
    CccdError,
    ConflictError,
    NotFoundError,
    NotVerifiedError,
    RefusedError,
    UsageError,
)
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import (
    account_secrets,
    accounts,
    activation,
    attestations,
    audit,
    card_proof,
    devices,
    locks,
    notices,
    officer_sessions,
    otp,
    representatives,
    signed,
    stations,
    strength,
)
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, AccountChange, Device, Officer, OfflineRecord
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.offline import offline_challenge
from cccd_nfc.registry.offline_journal import Record, parse, station_of
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.permissions import PERMITTED, Act, roles_of
from cccd_nfc.registry.phone import DeviceKey, check_statement
from cccd_nfc.registry.states import AccountState, DeviceState, account_step, device_step
from cccd_nfc.registry.strength import Factor

PASS_TYPE = "cccd-offline-pass+jwt"
PROVISIONAL, BOUND, LOST, LOCKED, REFUSED, NOTED = "provisional", "bound", "lost", "locked", "refused", "noted"
_REFUSALS = (RefusedError, NotFoundError, AuthenticationError, CardError, UsageError)
_CONFLICT = "the account was changed since the desk's last contact"


class StationKeys(Protocol):
    """Who the stations are: the key of one that is known and enabled, None for any other. A registry with officers has
    stations of its own, and believes in no others."""

    def __call__(self, station: str, /) -> DeviceKey | None: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one record. outcome: "bound", "lost", "locked", "refused", "noted" or "provisional"."""

    number: int
    kind: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfflineSync:
    office: Office
    station_key: StationKeys = field(repr=False)

    def issue_pass(self, station: str) -> str:
        """What a desk takes along when it goes offline, signed: how long the audit log was."""
        self._key(station)
        with self.office.database.write() as session:
            self.office.may(session, Act.TAKE_JOURNAL, self.office.clock())
            facts = {"station": station, "entry": audit.size(session), "time": self.office.clock().isoformat()}
        return signed.sign(self.office.keys.head, PASS_TYPE, facts)

    def sync(self, journal: bytes) -> tuple[Settled, ...]:
        """Takes the journal and decides; what became of each record of it. Again, it changes nothing.

        Raises RefusedError for a station that is not enabled, and for a journal that is not wholly its own: nothing
        of it is taken then.
        """
        records = self.receive(journal)
        self.settle()
        with self.office.database.write() as session:
            rows = session.scalars(select(OfflineRecord).where(OfflineRecord.journal == records[0].journal))
            in_order = sorted(rows, key=lambda row: row.number)
            return tuple(Settled(row.number, row.kind, row.outcome, row.reason) for row in in_order)

    def receive(self, journal: bytes) -> tuple[Record, ...]:
        """Takes what is new: locks are set, bindings become PROVISIONAL (DS-11)."""
        station = station_of(journal)
        key = self._key(station)
        records = parse(journal, key)
        if not records or records[0].station != station:
            raise RefusedError("the journal is not of this station")
        new = self._new(records)
        passes = {record.number: self._entry(records, record) for record in records}
        for record in sorted(new, key=lambda record: record.kind != "lock"):
            self._take(record, key, passes[record.number])
        return records

    def settle(self) -> int:
        """Decides every provisional binding, in the order of receipt (DS-12); gives how many."""
        with self.office.database.write() as session:
            open_ones = select(OfflineRecord.received).where(OfflineRecord.outcome == PROVISIONAL)
            waiting = session.scalars(open_ones.order_by(OfflineRecord.received)).all()
        for received in waiting:
            with self.office.database.write() as session:
                _decide(self.office, session, session.get_one(OfflineRecord, received))
        return len(waiting)

    def _key(self, station: str) -> DeviceKey:
        with self.office.database.write() as session:
            registered = officer_sessions.has_officers(session)
            key = stations.key_of(session, station) if registered else self.station_key(station)
        if key is None:
            raise RefusedError("this station is not known, or not enabled")
        return key

    def _new(self, records: Sequence[Record]) -> list[Record]:
        """Those that were not taken yet; RefusedError when the journal is another than the one that was."""
        with self.office.database.write() as session:
            self.office.may(session, Act.TAKE_JOURNAL, self.office.clock())
            rows = session.scalars(select(OfflineRecord).where(OfflineRecord.journal == records[0].journal))
            known = {row.number: row.digest for row in rows}
        if any(known.get(record.number, record.digest) != record.digest for record in records):
            raise RefusedError("the journal is not the one that this station handed in before")
        return [record for record in records if record.number not in known]

    def _entry(self, records: Sequence[Record], record: Record) -> int:
        """How long the log was at the desk's last contact before this record; 0 when it had none."""
        before = [each for each in records[: record.number + 1] if each.kind == "pass"]
        if not before:
            return 0
        head_key = signed.public_key_text(self.office.keys.head)
        content = signed.verified(before[-1].text("pass"), head_key, PASS_TYPE)
        if content.get("station") != record.station or not isinstance(content.get("entry"), int):
            raise RefusedError("the desk's pass is that of another station")
        return int(content["entry"])

    def _take(self, record: Record, key: DeviceKey, entry: int) -> None:
        officer = record.facts.get("officer", "")
        origin = Origin(Channel.DESK, str(officer)[:32], record.station)
        office = replace(self.office, origin=origin)
        try:
            if record.kind == "lock":
                _lock(office, record)
            elif record.kind == "bind":
                _bind(office, record, key, entry)
            else:
                _note(office, record, NOTED)
        except _REFUSALS as error:
            _note(office, record, REFUSED, error)


def _lock(office: Office, record: Record) -> None:
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


def _bind(office: Office, record: Record, station: DeviceKey, entry: int) -> None:
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


def _decide(office: Office, session: Session, row: OfflineRecord) -> None:
    """The same compare-and-swap as at a desk with a line (DS-12)."""
    now = office.clock()
    if row.outcome != PROVISIONAL:
        return  # another process was faster
    device = session.get_one(Device, row.device_id)
    account = session.get_one(Account, device.account_id)
    office = replace(office, origin=Origin(Channel.DESK, device.officer, device.station))
    try:
        accounts.refuse_unusable(account, now)
        _refuse_without_secrets(office, account)
        attestations.refuse_missing(office, account, device.attestation_format)
        representatives.refuse_without_consent(session, account, now)
        devices.refuse_revoked(session, device.thumbprint)
        devices.refuse_taken(session, account, device.thumbprint, office.devices.accounts_per_key)
        _swap(session, account, row.seen_entry)
    except (RefusedError, ConflictError) as error:
        row.outcome, row.reason = LOST, f"conflict: {error}"
        _lose(office, session, account, device, row.reason, now)
    else:
        _win(office, session, account, device, now)
        row.outcome = BOUND
    row.settled_at = stamp(now)


def _refuse_without_secrets(office: Office, account: Account) -> None:
    """A journal carries no secrets: where a first activation sets them, it takes a desk with a line (AS-03)."""
    if office.secrets.at_first_activation and account_secrets.is_first_activation(account):
        raise RefusedError("the first activation sets the owner's secrets, and takes a desk with a line")


def _swap(session: Session, account: Account, seen: int) -> None:
    """Takes the account's next version, if nothing has changed it after the entry that the desk has seen."""
    last = session.get(AccountChange, account.id)
    if last is not None and (last.version != account.version or last.entry > seen):
        raise ConflictError(_CONFLICT)
    done = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.version == account.version)
        .values(version=Account.version + 1)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise ConflictError(_CONFLICT)
    session.refresh(account)


def _win(office: Office, session: Session, account: Account, device: Device, now: datetime) -> None:
    devices.end_attempts(session, account, now, "an offline desk's binding came first")
    otp.void(session, account, now)
    replaced = activation.replace_current(session, account, now)
    row = device_step(DeviceState(device.state), DeviceState.ACTIVE)
    device.state, device.bound_at = DeviceState.ACTIVE, stamp(now)
    device.shared = int(office.devices.accounts_per_key > 1)
    account_step(AccountState(account.state), AccountState.ACTIVE)
    account.state = AccountState.ACTIVE
    session.flush()
    proved_by = strength.facts(Factor.CARD, Factor.DEVICE_KEY, Factor.FACE)  # no record is taken without the look
    facts = {"device": device.thumbprint, "replaced": replaced, **proved_by}
    office.record(session, "device-bound", account, now, row=row, **facts)
    activation.announce(office, session, account, device.thumbprint, replaced, now)


def _lose(office: Office, session: Session, account: Account, device: Device, reason: str, now: datetime) -> None:
    row = device_step(DeviceState(device.state), DeviceState.EXPIRED)
    devices.end(device, DeviceState.EXPIRED, now, reason)
    office.record(session, "offline-binding-lost", account, now, row=row, device=device.thumbprint)
    text = lost_text(short(device.thumbprint))
    notices.tell(office, session, account, text, now, devices=(device.thumbprint,))


def lost_text(device: str) -> str:
    """The notice to the owner whose offline binding did not win, at most 160 characters of GSM."""
    return f"Thiet bi {device} lien ket ngoai tuyen KHONG duoc kich hoat: tai khoan da thay doi. Hoi dap: {HOTLINE}."


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


def _note(office: Office, record: Record, outcome: str, why: CccdError | None = None) -> None:
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
