"""The rules of authorities' requests, beside `registry_model.Book`, whose people they lock and free."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cccd_nfc.errors import ConflictError, NotFoundError, RulesUnavailableError, UsageError
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import RequestKind, RequestState
from registry_model import Book
from registry_model_people import VIETNAM, refuse

KNOWN_YEARS = (2022, 2026)
"""Of the public holidays: the first and the last."""


@dataclass
class Request:
    number: str
    kind: RequestKind
    ground: LockGround
    filed_by: str
    forwarded_by: str = ""
    state: RequestState = RequestState.FILED


@dataclass
class RequestBook:
    """Of Law 26/2023 alone: requests on one ground, forwarded within a day and decided by the agency's head."""

    book: Book
    requests: dict[str, Request] = field(default_factory=dict)

    def file(self, number: str, kind: RequestKind, ground: LockGround, by: str, now: datetime) -> Request:
        refuse(not by, UsageError)
        self.book.person(number)
        refuse(ground is not LockGround.AUTHORITY_REQUEST)
        refuse_unknown_year(now)
        self.book.write("lock-request-filed", now)
        return Request(number, kind, ground, by)

    def forward(self, name: str, by: str, now: datetime) -> None:
        refuse(not by, UsageError)
        request = self._request(name)
        refuse(request.state is not RequestState.FILED, ConflictError)
        refuse_unknown_year(now)
        request.state, request.forwarded_by = RequestState.FORWARDED, by
        self.book.write("lock-request-forwarded", now)

    def approve(self, name: str, by: str, role: Role, now: datetime) -> None:
        request = self._to_decide(name, by, role, now)
        person = self.book.person(request.number)
        if request.kind is RequestKind.LOCK:
            self.book.set_ground(person, request.ground, role, "", now)
        else:
            self.book.clear_ground(person, request.ground, role, now)
        request.state = RequestState.APPROVED
        self.book.write("lock-request-approved", now)

    def refuse(self, name: str, by: str, role: Role, reason: str, now: datetime) -> None:
        refuse(not reason, UsageError)
        self._to_decide(name, by, role, now).state = RequestState.REFUSED
        self.book.write("lock-request-refused", now)

    def _request(self, name: str) -> Request:
        refuse(name not in self.requests, NotFoundError)
        return self.requests[name]

    def _to_decide(self, name: str, by: str, role: Role, now: datetime) -> Request:
        request = self._request(name)
        refuse(request.state in (RequestState.APPROVED, RequestState.REFUSED), ConflictError)
        refuse(request.state is not RequestState.FORWARDED)
        refuse(not by, UsageError)
        if role is not Role.AGENCY_HEAD or by in (request.filed_by, request.forwarded_by):
            self.book.write("act-refused", now)
            refuse(True)
        return request


def refuse_unknown_year(now: datetime) -> None:
    """Clocks of some days are counted from the day after; near a year's end they need the next year's holidays."""
    day = now + VIETNAM
    refuse(not KNOWN_YEARS[0] <= day.year <= KNOWN_YEARS[1] or (day.month, day.day) > (12, 28), RulesUnavailableError)
