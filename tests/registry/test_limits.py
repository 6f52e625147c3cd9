"""Limits: per account, number, desk, prefix and in all; shared by all processes; one that cannot count refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cccd_nfc.errors import ClockError, LimitError, RegistryUnavailableError
from cccd_nfc.registry import limits
from cccd_nfc.registry.limits import LIMITS, Limit, Scope
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from registry_processes import race
from registry_support import PHONE_NUMBER, Desk, card, evidence_for


def take(desk: Desk, scope: Scope, key: str = "someone") -> None:
    with desk.registry._office.database.write() as session:
        limits.take(session, scope, key, desk.clock.now)


def make(monkeypatch: pytest.MonkeyPatch, scope: Scope, most: int) -> None:
    monkeypatch.setitem(LIMITS, scope, (1, (Limit(timedelta(hours=1), most, f"{scope} is over"),)))  # type: ignore[misc]


@pytest.mark.row("S-07", "S-14")
@pytest.mark.parametrize("scope", Scope)
def test_s14_each_limit_holds_to_the_last_and_is_free_again_after_its_time(desk: Desk, scope: Scope) -> None:
    grain, found = LIMITS[scope]
    limit = found[-1]
    for _ in range(min(limit.most, 100)):
        if len(found) > 1:
            desk.clock.go(minutes=6)
        take(desk, scope)
    if limit.most > 100:
        desk.place.change(f"UPDATE limit_count SET count = {limit.most} WHERE scope = '{scope}'")
    desk.clock.go(minutes=15 if len(found) > 1 else 0)
    with pytest.raises(LimitError):
        take(desk, scope)
    take(desk, scope, "another")
    desk.clock.now += limit.period + timedelta(microseconds=grain)
    take(desk, scope)


@pytest.mark.row("S-07")
def test_s07_the_figures_are_those_of_the_rule() -> None:
    def figures(scope: Scope) -> list[tuple[float, int]]:
        return [(limit.period.total_seconds(), limit.most) for limit in LIMITS[scope][1]]

    assert figures(Scope.CODES_RESENT) == [(60, 1)]
    assert figures(Scope.CODES_ACCOUNT) == [(900, 3), (86400, 10)]
    assert figures(Scope.CODES_PHONE) == [(86400, 10)]


@pytest.mark.row("S-07")
def test_s07_the_minute_is_the_accounts_and_not_the_transactions(desk: Desk) -> None:
    desk.enrol()
    desk.pending(Phone.new())
    desk.clock.go(seconds=59)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(LimitError, match="less than a minute"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))


@pytest.mark.row("S-07")
def test_s07_who_has_typed_the_code_waits_for_no_minute_and_still_has_three_in_a_quarter_of_an_hour(desk: Desk) -> None:
    desk.enrol()
    for _ in range(3):
        desk.bind(Phone.new())
        desk.clock.go(seconds=-59)
    with pytest.raises(LimitError, match="too many codes"):
        desk.bind(Phone.new())


@pytest.mark.row("S-07", "S-14")
def test_s07_two_accounts_with_one_number_share_its_limit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, Scope.CODES_PHONE, 1)
    desk.enrol()
    desk.enrol(card(2))
    desk.pending(Phone.new())
    with pytest.raises(LimitError, match="codes-phone"):
        desk.pending(Phone.new(), card(2))
    keys = str(desk.place.ask("SELECT key FROM limit_count"))
    assert PHONE_NUMBER[1:] not in keys, "a keyed hash stands for the number"


@pytest.mark.row("S-07", "S-14")
@pytest.mark.parametrize("scope", [Scope.CODES_STATION, Scope.CODES_SYSTEM])
def test_s07_a_desk_and_the_whole_have_their_limits(desk: Desk, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, scope, 1)
    desk.enrol()
    desk.enrol(card(2))
    desk.pending(Phone.new())
    with pytest.raises(LimitError, match=scope):
        desk.pending(Phone.new(), card(2))


@pytest.mark.row("S-14")
def test_s14_typed_numbers_are_limited_by_prefix_and_by_source(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    make(monkeypatch, Scope.TYPED_PREFIX, 2)
    with desk.registry._office.database.write() as session:
        for last in range(2):
            limits.take_typed(session, b"k" * 32, f"07909900000{last}", f"desk {last}", desk.clock.now)
        with pytest.raises(LimitError):
            limits.take_typed(session, b"k" * 32, "079099999999", "desk 3", desk.clock.now)
        limits.take_typed(session, b"k" * 32, "001099000000", "desk 3", desk.clock.now)
    assert "079099" not in str(desk.place.ask("SELECT key FROM limit_count"))


@pytest.mark.row("S-14", "S-07")
def test_s14_processes_share_their_limits(desk: Desk) -> None:
    def act(registry: Registry) -> str:
        with registry._office.database.write() as session:
            limits.take(session, Scope.CODES_RESENT, "one", registry._office.clock())
        return "taken"

    finishes = race(desk.place, desk.clock, [act] * 6)
    assert [finish.value for finish in finishes if not finish.error] == ["taken"]
    assert {type(finish.error) for finish in finishes if finish.error} == {LimitError}


def test_counts_that_no_limit_looks_at_go_with_the_timer(desk: Desk) -> None:
    desk.enrol()
    desk.pending(Phone.new())
    counts = "SELECT count(*) FROM limit_count"
    desk.registry.expire()
    assert desk.place.ask(counts) == [(5,)]
    desk.clock.go(days=2)
    desk.registry.expire()
    assert desk.place.ask(counts) == [(0,)]


@pytest.mark.row("S-38")
def test_s38_a_limiter_that_cannot_count_lets_no_code_out(desk: Desk) -> None:
    desk.enrol()
    desk.place.change("DROP TABLE limit_count")
    with pytest.raises(RegistryUnavailableError):
        desk.pending(Phone.new())
    assert desk.place.ask("SELECT count(*) FROM one_time_password") == [(0,)]


@pytest.mark.row("S-35", "S-38")
@pytest.mark.parametrize(("seconds", "issued"), [(55, True), (54, False)])
def test_s35_a_clock_that_jumped_back_stops_the_codes(desk: Desk, seconds: int, issued: bool) -> None:
    desk.enrol()
    desk.clock.go(seconds=-60 - 60 + seconds)  # `pending` goes on by a minute
    if issued:
        assert desk.pending(Phone.new())
    else:
        with pytest.raises(ClockError, match="set back"):
            desk.pending(Phone.new())
        assert desk.place.ask("SELECT count(*) FROM one_time_password") == [(0,)]
