"""How long personal data are kept, by law or by our own choice, and the act that drops what is over (L-21, §2.3).

Rows stay where the history needs them; what is personal in them goes. The account itself is kept for ever by law.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Device, Message, OneTimePassword, SensitiveRead, StoredEvidence, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import DeviceState, TransactionState


class Kind(StrEnum):
    ACCOUNT_CORE = "account_core"
    USE_HISTORY = "use_history"
    EVIDENCE = "evidence"
    READS = "reads"
    OUTBOX = "outbox"
    CODES = "codes"
    IDEMPOTENCY = "idempotency"


@dataclass(frozen=True, slots=True)
class Term:
    """How long one kind of data is kept. years, days: both 0 for ever.  clause: the law, or that it is ours."""

    years: int
    days: int
    clause: str

    @property
    def for_ever(self) -> bool:
        return not (self.years or self.days)

    def began_after(self, now: datetime) -> datetime:
        """What is from before this moment is over; from 29 February it is the 1 March of a year without one."""
        before = now - timedelta(days=self.days)
        try:
            return before.replace(year=before.year - self.years)
        except ValueError:
            return before.replace(year=before.year - self.years, month=3, day=1)


def load_terms(file: Traversable) -> Mapping[Kind, Term]:
    """The terms of every kind; RulesUnavailableError when one is missing, or the table is broken."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        found = {Kind(name): _term(rule) for name, rule in content.items()}
        if set(found) != set(Kind) or not found[Kind.ACCOUNT_CORE].for_ever:
            raise ValueError("a kind of data has no term, or the account has one")
        return found
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RulesUnavailableError("the table of terms of personal data is missing or broken") from error


def _term(rule: Any) -> Term:
    keep, clause = rule["keep"], rule["clause"]
    if not isinstance(clause, str) or not clause or set(rule) != {"keep", "clause"}:
        raise ValueError("a term without its reason")
    if keep is None:
        return Term(0, 0, clause)
    if len(keep) != 1 or not set(keep) <= {"years", "days"}:
        raise ValueError("a term in years or in days")
    (length,) = keep.values()
    if type(length) is not int or not 0 < length <= 36500:
        raise ValueError("a term of at least one day, or for ever")
    return Term(keep.get("years", 0), keep.get("days", 0), clause)


@cache
def terms() -> Mapping[Kind, Term]:
    """The terms that come with the program."""
    return load_terms(resources.files("cccd_nfc.registry").joinpath("law", "personal", "retention.json"))


def retire(office: Office) -> Mapping[Kind, int]:
    """Drops whatever is over; gives how many records of each kind. Each kind is one transaction with its audit entry.

    Raises RulesUnavailableError without the table of terms: then nothing is dropped.
    """
    known, now, done = terms(), office.clock(), dict[Kind, int]()
    for kind, drop in _DROPPING.items():
        if known[kind].for_ever:
            continue
        with office.database.write() as session:
            office.may(session, Act.KEEP_REGISTRY, office.clock())
            done[kind] = drop(session, stamp(known[kind].began_after(now)))
            if done[kind]:
                facts = {"kind": kind.value, "count": str(done[kind]), "clause": known[kind].clause}
                office.record_alone(session, "personal-data-retired", now, row="L-21", **facts)
    office.database.wipe()
    return done


def drop_history(session: Session, before: int, account_id: str | None = None) -> int:
    """Blanks what names devices and receipts in the history from before; of one account, or of all."""
    ended = (DeviceState.ACTIVE, DeviceState.SUSPENDED, DeviceState.PENDING)
    devices = (
        Device.state.not_in(ended) & (Device.ended_at < before) & ((Device.label != "") | (Device.public_key != ""))
    )
    over = (Transaction.expires_at < before) & ((Transaction.label != "") | (Transaction.receipt != ""))
    over &= Transaction.state != TransactionState.PENDING
    if account_id is not None:
        devices, over = devices & (Device.account_id == account_id), over & (Transaction.account_id == account_id)
    count = _change(session, Device, devices, label="", public_key="")
    return count + _change(session, Transaction, over, label="", public_key="", receipt="")


def _drop_evidence(session: Session, before: int) -> int:
    over = (StoredEvidence.stored_at < before) & (StoredEvidence.sealed != b"")
    return _change(session, StoredEvidence, over, sealed=b"")


def _drop_reads(session: Session, before: int) -> int:
    done = session.execute(delete(SensitiveRead).where(SensitiveRead.read_at < before))
    return int(done.rowcount)  # type: ignore[attr-defined]  # the result of a DELETE has it


def _drop_outbox(session: Session, before: int) -> int:
    over = Message.sent_at.is_not(None) & (Message.sent_at < before)
    return blank_messages(session, over)


def blank_messages(session: Session, which: ColumnElement[bool]) -> int:
    """Takes away to whom messages went; that they went stays."""
    return _change(
        session, Message, which & (Message.sealed_recipient != b""), sealed_recipient=b"", recipient_index=""
    )


def _drop_codes(session: Session, before: int) -> int:
    return _change(
        session, OneTimePassword, (OneTimePassword.expires_at < before) & (OneTimePassword.hashed != ""), hashed=""
    )


def _drop_answers(session: Session, before: int) -> int:
    over = (Transaction.expires_at < before) & (Transaction.request_digest != "")
    return _change(session, Transaction, over, request_digest="")


def _change(session: Session, table: Any, which: ColumnElement[bool], **values: object) -> int:
    done = session.execute(update(table).where(which).values(**values).execution_options(synchronize_session=False))
    return int(done.rowcount)  # type: ignore[attr-defined]  # the result of an UPDATE has it


_DROPPING: Mapping[Kind, Callable[[Session, int], int]] = {
    Kind.USE_HISTORY: drop_history,
    Kind.EVIDENCE: _drop_evidence,
    Kind.READS: _drop_reads,
    Kind.OUTBOX: _drop_outbox,
    Kind.CODES: _drop_codes,
    Kind.IDEMPOTENCY: _drop_answers,
}
