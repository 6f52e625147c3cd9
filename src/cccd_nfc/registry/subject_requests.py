"""What persons ask of their data, with the clocks of Law 91/2025 and Decree 356/2025: answer, then finish (§2.3).

The terms are data (`law/personal/requests.json`). Days to finish are calendar days, and both clocks end with a day of
Vietnam; to answer there are working days, and the extension may be had once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry import accounts
from cccd_nfc.registry.clock import VIETNAM, day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.models import Account, SubjectRequest
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.working_days import working_days

OUTCOMES = ("done", "refused", "withdrawn")


@dataclass(frozen=True, slots=True)
class RequestTerms:
    """answer: working days.  extension: days, once.  kinds: kind -> (days to finish, clause)."""

    answer: int
    extension: int
    kinds: Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class SubjectRequestView:
    """account: keyed hash, as in the audit log.  overdue: "" or which clock has run out, "answer" or "finish"."""

    id: str
    account: str
    kind: str
    clause: str
    received_at: datetime
    answer_due: datetime
    answered_at: datetime | None
    finish_due: datetime
    extended: bool
    finished_at: datetime | None
    outcome: str
    overdue: str


def load_terms(file: Traversable) -> RequestTerms:
    """RulesUnavailableError when the table is missing or broken."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kinds = {str(name): (_days(rule["days"]), str(rule["clause"])) for name, rule in content["kinds"].items()}
        if not kinds or not all(clause for _, clause in kinds.values()):
            raise ValueError("no kinds, or one without its clause")
        return RequestTerms(_days(content["answer_working_days"]), _days(content["extension_days"]), kinds)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RulesUnavailableError("the table of terms of persons' requests is missing or broken") from error


def _days(value: Any) -> int:
    if type(value) is not int or not 0 < value <= 366:
        raise ValueError("a number of days is wanted")
    return value


@cache
def terms() -> RequestTerms:
    return load_terms(resources.files("cccd_nfc.registry").joinpath("law", "personal", "requests.json"))


@dataclass(frozen=True, slots=True)
class SubjectRequests:
    """The acts. Each raises NotFoundError for a request that is none, RefusedError for a step that is not open."""

    office: Office

    def receive(self, number: str, kind: str) -> SubjectRequestView:
        """A new request, whose clocks start now; UsageError for a kind that the table does not have."""
        rules, now = terms(), self.office.clock()
        if kind not in rules.kinds:
            raise UsageError("no such kind of request")
        days, clause = rules.kinds[kind]
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, self.office.clock())
            account = accounts.find(session, number)
            request = SubjectRequest(
                id=secrets.token_hex(16),
                account_id=account.id,
                kind=kind,
                clause=clause,
                received_at=stamp(now),
                answer_due=stamp(working_days().deadline(now, rules.answer)),
                finish_due=stamp(_after(now, days)),
                extended=False,
                outcome="",
            )
            session.add(request)
            self._record(session, "received", request, now)
            return self._view(request, now)

    def answer(self, request_id: str) -> SubjectRequestView:
        """The person was told that it came in, and what follows."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, self.office.clock())
            request = _open(session, request_id)
            if request.answered_at is not None:
                raise RefusedError("the request was answered already")
            request.answered_at = stamp(now)
            self._record(session, "answered", request, now)
            return self._view(request, now)

    def extend(self, request_id: str) -> SubjectRequestView:
        """The one extension; refused once the term is over."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, self.office.clock())
            request = _open(session, request_id)
            if request.extended or stamp(now) >= request.finish_due:
                raise RefusedError("a request is extended once, and before its term is over")
            request.extended = True
            request.finish_due = stamp(moment_of(request.finish_due) + timedelta(days=terms().extension))
            self._record(session, "extended", request, now)
            return self._view(request, now)

    def finish(self, request_id: str, outcome: str) -> SubjectRequestView:
        """It is done, refused by law, or withdrawn; that counts as the answer too, where there was none."""
        if outcome not in OUTCOMES:
            raise UsageError("no such outcome of a request")
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, self.office.clock())
            request = _open(session, request_id)
            request.finished_at, request.outcome = stamp(now), outcome
            request.answered_at = request.answered_at or stamp(now)
            self._record(session, "finished", request, now)
            return self._view(request, now)

    def open_ones(self) -> tuple[SubjectRequestView, ...]:
        """Those not finished, the one whose clock ends first before the others."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, self.office.clock())
            waiting = session.scalars(select(SubjectRequest).where(SubjectRequest.finished_at.is_(None)))
            return tuple(sorted((self._view(each, now) for each in waiting), key=_next_due))

    def _record(self, session: Session, step: str, request: SubjectRequest, now: datetime) -> None:
        account = session.get_one(Account, request.account_id)
        facts = {"request": request.id, "kind": request.kind, "outcome": request.outcome}
        self.office.record(session, f"subject-request-{step}", account, now, **facts)

    def _view(self, request: SubjectRequest, now: datetime) -> SubjectRequestView:
        return SubjectRequestView(
            id=request.id,
            account=self.office.keys.account_reference(request.account_id),
            kind=request.kind,
            clause=request.clause,
            received_at=moment_of(request.received_at),
            answer_due=moment_of(request.answer_due),
            answered_at=moment_of(request.answered_at) if request.answered_at is not None else None,
            finish_due=moment_of(request.finish_due),
            extended=request.extended,
            finished_at=moment_of(request.finished_at) if request.finished_at is not None else None,
            outcome=request.outcome,
            overdue=_overdue(request, stamp(now)),
        )


def _after(received: datetime, days: int) -> datetime:
    """The end in Vietnam of the last of so many days; day 1 is the one after receipt (Civil Code 2015 Art. 147)."""
    return datetime.combine(day_in_vietnam(received) + timedelta(days=days + 1), time(), VIETNAM)


def _overdue(request: SubjectRequest, now: int) -> str:
    if request.finished_at is not None:
        return ""
    if now >= request.finish_due:
        return "finish"
    return "answer" if request.answered_at is None and now >= request.answer_due else ""


def _next_due(view: SubjectRequestView) -> datetime:
    return view.finish_due if view.answered_at else min(view.answer_due, view.finish_due)


def _open(session: Session, request_id: str) -> SubjectRequest:
    found = session.get(SubjectRequest, request_id)
    if found is None:
        raise NotFoundError("there is no such request")
    if found.finished_at is not None:
        raise RefusedError("the request is finished")
    return found
