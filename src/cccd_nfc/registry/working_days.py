"""Deadlines in working days, by the public holidays of Vietnam.

Monday to Friday, without the holidays of the Labour Code 2019 Art. 112, the days in lieu of Art. 111(3), and the days
that the government swaps each year. The days of Tết and of the National Day, and the swaps, are decided year by year:
`law/holidays.csv` has them as they were announced, and a year that it does not have is an error, never a guess (S-38).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.registry.clock import VIETNAM, day_in_vietnam
from cccd_nfc.sentences import Said

HOLIDAYS_A_YEAR = 11
"""Art. 112(1): New Year 1, Tết 5, Hùng Kings 1, 30 April, 1 May, National Day 2. A year with fewer is incomplete."""

_DAY = timedelta(days=1)
_KINDS = {"holiday", "off", "work"}


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """off: weekdays on which nobody works.  work: Saturdays and Sundays worked in exchange."""

    years: frozenset[int]
    off: frozenset[date]
    work: frozenset[date]

    def is_working(self, day: date) -> bool:
        """RulesUnavailableError for a year whose holidays are not known."""
        if day.year not in self.years:
            raise RulesUnavailableError(
                Said("the public holidays of {year} are not known: law/holidays.csv needs them", year=day.year)
            )
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def deadline(self, received: datetime, days: int) -> datetime:
        """The end, in Vietnam's time, of the `days`-th working day after the day of receipt; 0 is at once.

        A term ends at 24:00 of its last day (Civil Code 2015 Art. 148(6)). Raises RulesUnavailableError.
        """
        if days <= 0:
            return received.astimezone(VIETNAM)
        day = day_in_vietnam(received)
        while days:
            day += _DAY
            days -= self.is_working(day)
        return datetime.combine(day + _DAY, time(), VIETNAM)


@cache
def working_days() -> WorkingDays:
    """The calendar that comes with the program; RulesUnavailableError when it is broken or missing."""
    try:
        file = resources.files("cccd_nfc.registry").joinpath("law", "holidays.csv")
        return parse_holidays(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulesUnavailableError("the file of public holidays cannot be read") from error


def parse_holidays(text: str) -> WorkingDays:
    """The calendar of lines "day,kind,name"; kind: holiday, off (swapped), work (swapped). RulesUnavailableError."""
    days: dict[str, list[date]] = {kind: [] for kind in _KINDS}
    try:
        for row in csv.DictReader(text.splitlines(), strict=True):
            days[row["kind"]].append(date.fromisoformat(row["day"]))
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise RulesUnavailableError("the file of public holidays is broken") from error
    holidays, off = set(days["holiday"]), set(days["off"])
    years = frozenset(day.year for day in holidays)
    every = [day for kind in _KINDS for day in days[kind]]
    short = [year for year in years if sum(day.year == year for day in holidays) < HOLIDAYS_A_YEAR]
    if not years or short or len(set(every)) != len(every) or {day.year for day in every} != years:
        raise RulesUnavailableError("the file of public holidays is incomplete, or names a day twice")
    return WorkingDays(years, frozenset(_with_days_in_lieu(holidays, off)), frozenset(days["work"]))


def _with_days_in_lieu(holidays: set[date], off: set[date]) -> set[date]:
    """A holiday on a Saturday or Sunday is made up for on the next working day (Art. 111(3))."""
    free = holidays | off
    for holiday in sorted(each for each in holidays if each.weekday() >= 5):
        day = holiday
        while day in free or day.weekday() >= 5:
            day += _DAY
        free.add(day)
    return free
