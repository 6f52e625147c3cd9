"""Which deadlines would fall when: the clocks of requests (L-13) and of issuing accounts (L-08) over a period.

Pure functions over the laws and the calendar; nothing is filed. A day whose deadline falls into a year without known
holidays is RulesUnavailableError, as it would be at the desk (S-38).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources

from cccd_nfc.errors import RulesUnavailableError, UsageError
from cccd_nfc.registry.clock import VIETNAM, day_in_vietnam
from cccd_nfc.registry.lock_grounds import MOST_DAYS, ON_REQUEST, GroundRule, profile_on
from cccd_nfc.registry.lock_requests import RequestView
from cccd_nfc.registry.working_days import WorkingDays
from cccd_nfc.sentences import Said

MOST_SIMULATED_DAYS = 732
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Step:
    """One deadline. clock: "decide AUTHORITY_REQUEST", "issue-level-2".  waits: calendar days from receipt to the end.

    received: the day in Vietnam.  last_day: the day at whose end the term is over.  working_days: of the law.
    """

    received: date
    clock: str
    last_day: date
    working_days: int
    waits: int
    clause: str


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A request that waits. overdue: whether it is by the end of the period, when nobody does anything."""

    request: str
    kind: str
    state: str
    due_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class Simulation:
    steps: tuple[Step, ...]
    waiting: tuple[OpenStep, ...]


def simulate(first: date, last: date, calendar: WorkingDays, waiting: Iterable[RequestView] = ()) -> Simulation:
    """Every deadline of what would be received on each day of the period, both ends included.

    A forwarding is taken to happen on its last day, so that what is decided after it has its latest deadline. Raises
    UsageError for a period that is none or too long, RulesUnavailableError for a day without law or holidays.
    """
    if not 0 <= (last - first).days < MOST_SIMULATED_DAYS:
        raise UsageError(
            Said("the period ends before it begins, or is longer than {days} days", days=MOST_SIMULATED_DAYS)
        )
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    steps = [step for day in days for step in (*_of_requests(day, calendar), *_of_accounts(day, calendar))]
    end = datetime.combine(last + timedelta(1), time(), VIETNAM)
    return Simulation(tuple(steps), tuple(_open(each, end) for each in waiting))


def _of_requests(day: date, calendar: WorkingDays) -> list[Step]:
    grounds = profile_on(day).grounds
    return [step for name in ON_REQUEST if name in grounds for step in _steps(day, name, grounds[name], calendar)]


def _steps(day: date, name: str, rule: GroundRule, calendar: WorkingDays) -> list[Step]:
    begins, steps = day, []
    for what, working in (("forward", rule.forward_days), ("decide", rule.decide_days)):
        if working:
            until = _last_day(begins, working, calendar)
            steps.append(Step(day, f"{what} {name}", until, working, (until - day).days, rule.clause))
            begins = until
    return steps


def _of_accounts(day: date, calendar: WorkingDays) -> list[Step]:
    found = [clock for clock in issue_clocks() if clock.holds_on(day)]
    if not found:
        raise RulesUnavailableError(Said("no clock for issuing accounts is known for {day}", day=day))
    steps = []
    for clock in found:
        until = _last_day(day, clock.days, calendar)
        steps.append(Step(day, clock.name, until, clock.days, (until - day).days, clock.clause))
    return steps


def _last_day(received: date, days: int, calendar: WorkingDays) -> date:
    deadline = calendar.deadline(datetime.combine(received, _NOON, VIETNAM), days)
    return day_in_vietnam(deadline) - timedelta(1)


def _open(request: RequestView, end: datetime) -> OpenStep:
    due = request.due_at.astimezone(VIETNAM)
    return OpenStep(request.id, request.kind, request.state, due, request.due_at <= end)


# --- the clocks of issuing accounts -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IssueClock:
    """name: "issue-level-1" and so on.  last: None while it is in force.  days: working days."""

    name: str
    first: date
    last: date | None
    days: int
    clause: str

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@cache
def issue_clocks() -> tuple[IssueClock, ...]:
    """The clocks that come with the program (L-08); RulesUnavailableError when they are broken or missing."""
    try:
        file = resources.files("cccd_nfc.registry").joinpath("law", "clocks.csv")
        return parse_clocks(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulesUnavailableError("the clocks for issuing accounts cannot be read") from error


def parse_clocks(text: str) -> tuple[IssueClock, ...]:
    """The clocks of lines "clock,from,until,days,clause"; RulesUnavailableError for what is none."""
    try:
        found = tuple(_clock(row) for row in csv.DictReader(text.splitlines(), strict=True))
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise RulesUnavailableError("the clocks for issuing accounts are broken") from error
    if not found or any(not 0 < clock.days <= MOST_DAYS or not clock.clause for clock in found):
        raise RulesUnavailableError("the clocks for issuing accounts are broken")
    return found


def _clock(row: dict[str, str]) -> IssueClock:
    last = date.fromisoformat(row["until"]) if row["until"] else None
    return IssueClock(row["clock"], date.fromisoformat(row["from"]), last, int(row["days"]), row["clause"])
