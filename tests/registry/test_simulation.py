"""Which deadlines would fall when: the clocks of requests and of issuing, by the law and the calendar (L-08, L-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import RulesUnavailableError, UsageError
from cccd_nfc.registry.clock import day_in_vietnam
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.lock_requests import Paper, RequestKind
from cccd_nfc.registry.simulation import MOST_SIMULATED_DAYS, Simulation, parse_clocks, simulate
from cccd_nfc.registry.working_days import WorkingDays, parse_holidays, working_days
from registry_support import Desk

GROUND = LockGround.AUTHORITY_REQUEST
WEEKS = WorkingDays(frozenset(range(2022, 2100)), frozenset(), frozenset())
DAYS = st.dates(date(2022, 10, 20), date(2090, 1, 1))


def last_days(found: Simulation) -> dict[str, date]:
    return {step.clock: step.last_day for step in found.steps}


@pytest.mark.row("L-13")
def test_l13_over_tet_2026_a_request_of_friday_is_decided_after_the_holidays() -> None:
    day = date(2026, 2, 13)  # the Friday before Tết, which is the whole of the next week
    found = last_days(simulate(day, day, working_days()))
    assert found["forward AUTHORITY_REQUEST"] == date(2026, 2, 23)
    assert found["decide AUTHORITY_REQUEST"] == date(2026, 2, 25)


@pytest.mark.row("L-13")
def test_l13_under_the_old_decree_there_is_one_clock_of_two_days_for_both_parties() -> None:
    day = date(2024, 2, 7)
    found = {step.clock: step for step in simulate(day, day, working_days()).steps if step.clock.startswith("decide")}
    assert set(found) == {"decide AUTHORITY_REQUEST", "decide SERVICE_PARTY_REQUEST"}
    for step in found.values():
        assert (step.last_day, step.working_days, step.waits) == (date(2024, 2, 16), 2, 9)
        assert step.clause == "Decree 59/2022 Art. 19(1)(b)"


@pytest.mark.row("L-13")
def test_l13_what_is_simulated_is_what_the_desk_gives(desk: Desk) -> None:
    number = desk.enrol()
    desk.clock.now = datetime(2026, 6, 5, 3, tzinfo=UTC)
    request = desk.registry.file_request(
        number, RequestKind.LOCK, GROUND, Paper("Cơ quan", "1/YC", date(2026, 6, 5)), by="One"
    )
    day = date(2026, 6, 5)
    found = simulate(day, day, working_days(), desk.registry.waiting_requests())
    (waiting,) = found.waiting
    assert (waiting.request, waiting.overdue) == (request.id, False)
    assert day_in_vietnam(request.due_at) == last_days(found)["forward AUTHORITY_REQUEST"] + timedelta(1)
    (late,) = simulate(day, date(2026, 6, 8), working_days(), desk.registry.waiting_requests()).waiting
    assert late.overdue, "nobody has done anything by the end of Monday"


@pytest.mark.row("L-08")
@pytest.mark.parametrize(
    ("day", "article"), [(date(2024, 6, 28), "Decree 59/2022 Art. 17"), (date(2024, 7, 1), "Decree 69/2024 Art. 13")]
)
def test_l08_the_clocks_of_issuing_by_the_law_of_the_day(day: date, article: str) -> None:
    found = {step.clock: step for step in simulate(day, day, WEEKS).steps if step.clock.startswith("issue")}
    assert {name: step.working_days for name, step in found.items()} == {
        "issue-level-1": 1,
        "issue-level-2": 3,
        "issue-level-2-without-valid-card": 7,
    }
    assert {step.clause for step in found.values()} == {article}


@pytest.mark.row("L-13", "S-38")
def test_s38_the_next_tet_is_refused_until_its_days_are_known_and_tried_by_another_calendar() -> None:
    day = date(2026, 12, 31)
    with pytest.raises(RulesUnavailableError, match="2027"):
        simulate(day, day, working_days())
    tet = [date(2027, 2, 5) + timedelta(number) for number in range(5)]
    fixed = [date(2027, *each) for each in ((1, 1), (4, 16), (4, 30), (5, 1), (9, 1), (9, 2))]
    lines = "\n".join(f"{each},holiday,giả định" for each in (*fixed, *tet))
    calendar = parse_holidays(f"day,kind,name\n{lines}\n")
    before = date(2027, 2, 4)
    assert last_days(simulate(before, before, calendar))["forward AUTHORITY_REQUEST"] == date(2027, 2, 12)


@pytest.mark.row("S-38")
def test_s38_before_the_first_law_nothing_is_simulated() -> None:
    with pytest.raises(RulesUnavailableError):
        simulate(date(2022, 10, 19), date(2022, 10, 19), WEEKS)


def test_a_period_has_an_end_after_its_beginning_and_is_not_endless() -> None:
    day = date(2026, 1, 1)
    for last in (day - timedelta(1), day + timedelta(MOST_SIMULATED_DAYS)):
        with pytest.raises(UsageError):
            simulate(day, last, WEEKS)


@given(DAYS, st.integers(0, 20))
def test_later_receipt_never_has_an_earlier_deadline(first: date, more: int) -> None:
    found = simulate(first, first + timedelta(more), WEEKS)
    for step in found.steps:
        assert step.last_day > step.received
        assert WEEKS.is_working(step.last_day)
        assert step.waits == (step.last_day - step.received).days >= step.working_days
    for clock in {step.clock for step in found.steps}:
        ends = [step.last_day for step in found.steps if step.clock == clock and step.received >= date(2024, 7, 1)]
        assert ends == sorted(ends)


@pytest.mark.row("S-38")
@pytest.mark.parametrize(
    "line",
    ["", "x,2022-10-20,,0,y", "x,2022-10-20,,31,y", "x,2022-10-20,,1,", "x,soon,,1,y", "x,2022-10-20,,one,y", "x"],
)
def test_s38_a_broken_table_of_clocks_is_an_error(line: str) -> None:
    with pytest.raises(RulesUnavailableError):
        parse_clocks(f"clock,from,until,days,clause\n{line}\n")
