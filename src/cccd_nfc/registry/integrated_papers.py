"""Papers that an account of level 2 carries, and what an account shows to those who ask (R-009 to R-011, L-03)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import accounts, representatives
from cccd_nfc.registry.account_rules import AccountKind, Rule, rules_on
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.models import Account, IntegratedPaper
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.sealed_records import open_record, seal_record
from cccd_nfc.registry.states import AccountState
from cccd_nfc.sentences import Said

MOST_FIELDS, LONGEST = 40, 400


class PaperKind(StrEnum):
    DRIVING_LICENCE = "driving-licence"
    VEHICLE_REGISTRATION = "vehicle-registration"
    HEALTH_INSURANCE = "health-insurance"
    SOCIAL_INSURANCE = "social-insurance"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NewPaper:
    """source: the agency whose data these are.  day: on which they were so.  data: field -> what the paper says."""

    kind: PaperKind
    source: str
    day: date
    data: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class PaperView:
    kind: PaperKind
    source: str
    day: date
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Lookup:
    """What an account is worth as a proof. shows: names of the data that its level may show, empty while it shows none.

    equivalent_to: "card" or "passport" for an account that stands in for it, else empty (R-010).
    """

    level: int
    state: AccountState
    equivalent_to: str
    shows: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Papers:
    office: Office

    def add(self, number: str, paper: NewPaper) -> PaperView:
        """The account carries the paper from now on; one of the same kind is replaced.

        Raises RefusedError at level 1 or for an account that is not in use, UsageError for a paper without source or
        data.
        """
        _check(paper)
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.ADD_PAPER, self.office.clock())
            account = _in_use(session, number, now)
            old = _of_kind(session, account, paper.kind)
            if old is not None:
                old.replaced_at = stamp(now)
                session.flush()
            row = _row(self.office, account, paper, now)
            session.add(row)
            session.flush()
            self.office.record(session, "paper-integrated", account, now, row="R-009", paper=paper.kind)
            return _view(row)

    def listed(self, number: str) -> tuple[PaperView, ...]:
        """The papers that the account carries, by kind; RefusedError as `add`."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_ACCOUNT, self.office.clock())
            account = _in_use(session, number, self.office.clock())
            mine = (IntegratedPaper.account_id == account.id, IntegratedPaper.replaced_at.is_(None))
            return tuple(_view(row) for row in session.scalars(select(IntegratedPaper).where(*mine).order_by("kind")))

    def query(self, number: str, kind: PaperKind, *, purpose: str) -> Mapping[str, str]:
        """The paper's data, for comparison in a dealing; each reading is recorded with its purpose (R-011).

        Raises RefusedError as `add`, NotFoundError when there is no such paper, UsageError without a purpose.
        """
        if not purpose.strip():
            raise UsageError("say for what dealing the paper is asked for")
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_PERSONAL, self.office.clock())
            account = _in_use(session, number, now)
            row = _of_kind(session, account, kind)
            if row is None:
                raise NotFoundError("the account carries no such paper")
            self.office.record(
                session, "paper-read", account, now, row="R-011", paper=kind, purpose=purpose.strip()[:80]
            )
            return open_record(self.office, row.id, row.sealed)

    def lookup(self, number: str) -> Lookup:
        """Level and state of the account, and whether it stands in for card or passport."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_ACCOUNT, self.office.clock())
            account = accounts.find(session, number)
            rules, state = rules_on(day_in_vietnam(now)), accounts.view(account, now).state
            usable = state is AccountState.ACTIVE
            document = "passport" if account.kind == AccountKind.FOREIGNER else "card"
            return Lookup(
                level=account.level,
                state=state,
                equivalent_to=document if usable and account.level == 2 else "",
                shows=rules.shows[account.level] if usable else (),
                clause=rules.clauses[Rule.CONTENTS],
            )


# --- parts ------------------------------------------------------------------------------------------------------------


def _in_use(session: Session, number: str, now: datetime) -> Account:
    """The account, when it is of level 2 and active; RefusedError for any other."""
    account = accounts.find(session, number)
    clause = rules_on(day_in_vietnam(now)).clauses[Rule.CONTENTS]
    if account.level != 2:
        raise RefusedError(Said("papers go with level 2 only ({clause})", clause=clause))
    if account.state != AccountState.ACTIVE:
        raise RefusedError("the account is not active, or is locked")
    representatives.refuse_without_consent(session, account, now)
    return account


def _check(paper: NewPaper) -> None:
    if not paper.source.strip() or not paper.data:
        raise UsageError("a paper has a source, a date and data")
    fits = all(name and len(name) <= LONGEST and len(value) <= LONGEST for name, value in paper.data.items())
    if not fits or len(paper.data) > MOST_FIELDS:
        raise UsageError("the paper's data are too many or too long")


def _row(office: Office, account: Account, paper: NewPaper, now: datetime) -> IntegratedPaper:
    row_id = secrets.token_hex(16)
    return IntegratedPaper(
        id=row_id,
        account_id=account.id,
        kind=paper.kind,
        source=paper.source.strip()[:200],
        day=paper.day.isoformat(),
        sealed=seal_record(office, row_id, paper.data),
        added_at=stamp(now),
        officer=office.origin.officer,
    )


def _of_kind(session: Session, account: Account, kind: PaperKind) -> IntegratedPaper | None:
    mine = (IntegratedPaper.account_id == account.id, IntegratedPaper.kind == kind)
    return session.scalar(select(IntegratedPaper).where(*mine, IntegratedPaper.replaced_at.is_(None)))


def _view(row: IntegratedPaper) -> PaperView:
    return PaperView(PaperKind(row.kind), row.source, date.fromisoformat(row.day), moment_of(row.added_at))
