"""Whom a breach of personal data affects, and until when it is to be reported: 72 hours from detection (§2.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import (
    Account,
    Device,
    Message,
    SensitiveRead,
    StoredEvidence,
    Transaction,
    TravelDocument,
)
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act

REPORT_WITHIN = timedelta(hours=72)


class Exposed(StrEnum):
    """What somebody may have seen.

    accounts: number, name, birth date, phone of all accounts.  evidence: what cards said, portraits among it.
    messages: the outbox.  history: devices and acts.  reads: what certain officers or stations looked at.
    """

    ACCOUNTS = "accounts"
    EVIDENCE = "evidence"
    MESSAGES = "messages"
    HISTORY = "history"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class Exposure:
    """What was exposed, from when to when. officer, station: by whom, for `reads`; empty for anybody.

    What lies in the registry all the time (accounts, evidence, history) is affected by what had come in by `until`;
    messages and reads are those of the time between.
    """

    what: frozenset[Exposed]
    since: datetime
    until: datetime
    officer: str = ""
    station: str = ""


@dataclass(frozen=True, slots=True)
class BreachList:
    """persons: keyed hash of the account, as in the audit log -> what of theirs was exposed.  report_by: the end of the
    72 hours."""

    detected_at: datetime
    report_by: datetime
    overdue: bool
    exposure: Exposure
    persons: Mapping[str, tuple[Exposed, ...]]

    def to_json(self) -> dict[str, Any]:
        return {
            "detected_at": self.detected_at.isoformat(),
            "report_by": self.report_by.isoformat(),
            "overdue": self.overdue,
            "since": self.exposure.since.isoformat(),
            "until": self.exposure.until.isoformat(),
            "exposed": sorted(each.value for each in self.exposure.what),
            "officer": self.exposure.officer,
            "station": self.exposure.station,
            "count": len(self.persons),
            "persons": [
                {"account": name, "exposed": [each.value for each in what]}
                for name, what in sorted(self.persons.items())
            ],
        }


def listed(office: Office, exposure: Exposure, detected_at: datetime) -> BreachList:
    """Everybody whom the exposure affects; that it was asked for is in the audit log.

    Raises UsageError for a window that ends before it begins, a detection in the future, or nothing exposed.
    """
    now = office.clock()
    if not exposure.what or exposure.since > exposure.until or detected_at > now:
        raise UsageError("a breach needs what was exposed, a time from and until, and a detection that has been")
    found: dict[str, list[Exposed]] = {}
    with office.database.write() as session:
        office.may(session, Act.LIST_BREACH, office.clock())
        for what in sorted(exposure.what):
            for account_id in session.scalars(_QUERIES[what](exposure).distinct()):
                found.setdefault(office.keys.account_reference(account_id), []).append(what)
        facts = {"persons": str(len(found)), "exposed": ", ".join(sorted(exposure.what))}
        office.record_alone(session, "breach-listed", now, **facts)
    due = detected_at + REPORT_WITHIN
    return BreachList(detected_at, due, now > due, exposure, {name: tuple(what) for name, what in found.items()})


_Query = Select[str]


def _accounts(exposure: Exposure) -> _Query:
    return select(Account.id).where(Account.issued_at <= stamp(exposure.until))


def _evidence(exposure: Exposure) -> _Query:
    """Evidence that had come in and is still kept; what was erased or is over can no longer be opened."""
    kept = (StoredEvidence.stored_at <= stamp(exposure.until)) & (StoredEvidence.sealed != b"")
    owners = select(StoredEvidence.owner).where(kept)
    passports = select(TravelDocument.account_id).where(TravelDocument.reference.in_(owners))
    return select(Account.id).where(Account.number_index.in_(owners) | Account.id.in_(passports))


def _messages(exposure: Exposure) -> _Query:
    """Messages that lay in the outbox, or went, in the time between."""
    then = (Message.created_at <= stamp(exposure.until)) & (
        Message.sent_at.is_(None) | (Message.sent_at >= stamp(exposure.since))
    )
    mine = (Message.recipient_index == Account.phone_index) & (Account.phone_index != "")
    return select(Account.id).join(Message, mine).where(then)


def _history(exposure: Exposure) -> _Query:
    opened = Transaction.opened_at <= stamp(exposure.until)
    devices = select(Device.account_id).where(Device.bound_at <= stamp(exposure.until))
    acts = select(Transaction.account_id).where(opened, Transaction.account_id.is_not(None))
    return select(Account.id).where(Account.id.in_(devices) | Account.id.in_(acts))


def _reads(exposure: Exposure) -> _Query:
    then = SensitiveRead.read_at.between(stamp(exposure.since), stamp(exposure.until))
    query = select(SensitiveRead.account_id).where(then)
    if exposure.officer:
        query = query.where(SensitiveRead.officer == exposure.officer)
    if exposure.station:
        query = query.where(SensitiveRead.station == exposure.station)
    return query


_QUERIES: Mapping[Exposed, Callable[[Exposure], _Query]] = {
    Exposed.ACCOUNTS: _accounts,
    Exposed.EVIDENCE: _evidence,
    Exposed.MESSAGES: _messages,
    Exposed.HISTORY: _history,
    Exposed.READS: _reads,
}
