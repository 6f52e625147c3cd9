"""Deadlines over weekends, Tết, days in lieu and swapped days; no guess beyond the file (R-085, L-13, S-35, S-38)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.registry.working_days import parse_holidays, working_days

TEXT = resources.files("cccd_nfc.registry").joinpath("law", "holidays.csv").read_text(encoding="utf-8")


def last_day(received: str, days: int) -> str:
    """The last day of the term of a request received at a time of Vietnam."""
    ends = working_days().deadline(datetime.fromisoformat(received).replace(tzinfo=VIETNAM), days)
    assert (ends.hour, ends.minute, ends.utcoffset()) == (0, 0, VIETNAM.utcoffset(None)), "24:00 of the day before"
    return datetime.fromtimestamp(ends.timestamp() - 1, VIETNAM).date().isoformat()


@pytest.mark.row("R-085", "L-13")
@pytest.mark.parametrize(
    ("received", "days", "ends"),
    [
        ("2026-06-01T09:00", 1, "2026-06-02"),
        ("2026-06-04T09:00", 2, "2026-06-08"),  # over a weekend
        ("2026-06-06T09:00", 1, "2026-06-08"),  # received on a Saturday
        ("2026-06-05T23:59", 1, "2026-06-08"),
        ("2024-02-07T16:00", 1, "2024-02-15"),  # Tết: 10 and 11 February fell on a weekend, 13 and 14 in lieu
        ("2024-02-07T16:00", 3, "2024-02-19"),
        ("2023-01-19T09:00", 2, "2023-01-30"),  # Tết 20 to 24 January, 25 and 26 in lieu
        ("2025-01-24T09:00", 1, "2025-02-03"),
        ("2026-02-13T09:00", 2, "2026-02-24"),
        ("2023-04-28T09:00", 1, "2023-05-04"),  # three holidays in a row from a Saturday on
        ("2026-04-24T09:00", 1, "2026-04-28"),  # the Hùng Kings' day on a Sunday
        ("2026-08-28T09:00", 1, "2026-09-03"),  # National Day with a swapped Monday
        ("2026-08-21T09:00", 1, "2026-08-22"),  # the Saturday worked for it
        ("2024-04-26T09:00", 2, "2024-05-03"),
        ("2024-05-03T09:00", 1, "2024-05-04"),
        ("2022-12-30T09:00", 1, "2023-01-03"),  # New Year on a Sunday, over the end of the year
    ],
)
def test_r085_l13_the_term_ends_on_this_day(received: str, days: int, ends: str) -> None:
    assert last_day(received, days) == ends


@pytest.mark.row("S-35")
def test_s35_the_day_of_receipt_is_vietnams() -> None:
    late = datetime(2026, 6, 1, 17, 30, tzinfo=UTC)  # 00:30 of 2 June in Hà Nội
    assert working_days().deadline(late, 1) == datetime(2026, 6, 4, tzinfo=VIETNAM)
    assert working_days().deadline(late, 0) == late


@pytest.mark.row("S-38")
@pytest.mark.parametrize("received", ["2021-06-01T09:00", "2026-12-31T09:00", "2030-01-01T00:00"])
def test_s38_a_year_that_is_not_in_the_file_is_an_error(received: str) -> None:
    with pytest.raises(RulesUnavailableError, match="public holidays of"):
        last_day(received, 1)


@given(st.dates(date(2022, 1, 1), date(2026, 12, 1)), st.integers(1, 5))
def test_a_longer_term_never_ends_earlier_and_ends_on_a_working_day(day: date, days: int) -> None:
    text = f"{day}T12:00"
    ends = last_day(text, days)
    assert working_days().is_working(date.fromisoformat(ends))
    assert day.isoformat() < ends < last_day(text, days + 1)


@pytest.mark.row("S-38")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "day,kind,name\n",
        TEXT.replace("2024-04-18,holiday,Giỗ Tổ Hùng Vương\n", ""),
        TEXT + "2024-04-18,holiday,twice\n",
        TEXT + "2027-02-06,off,a year with one day\n",
        TEXT + "2026-13-01,holiday,no day\n",
        TEXT + "2026-11-02,maybe,no kind\n",
        TEXT + "2026-11-02\n",
        TEXT.replace("day,kind,name", "date,kind,name"),
    ],
)
def test_s38_a_broken_or_incomplete_file_is_an_error(text: str) -> None:
    with pytest.raises(RulesUnavailableError):
        parse_holidays(text)
