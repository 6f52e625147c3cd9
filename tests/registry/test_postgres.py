"""What only a server can do to a registry: be down, refuse, hang, break off; and many desks that share it."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url, text

from cccd_nfc.errors import CccdError, ConflictError, RegistryUnavailableError, UsageError
from cccd_nfc.registry import postgres
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import DeviceState, Purpose
from postgres_server import Server
from registry_places import BACK_TO_0001, Place, PostgresPlace
from registry_processes import open_registry, race_anything
from registry_support import Desk, HandClock

MOST_STATEMENTS = 80
SECRET = "mat-khau"


@pytest.fixture(params=["postgres"])
def backend() -> str:
    return "postgres"


def limited(monkeypatch: pytest.MonkeyPatch, **limits: str) -> None:
    monkeypatch.setattr(postgres, "_LIMITS", {**postgres._LIMITS, **limits})


def at_statement(registry: Registry, number: int, strike: Callable[[int], object]) -> list[int]:
    """Calls `strike` with the server process's number just before the `number`-th statement; a commit counts as one.

    What it gives is empty until then.
    """
    left, struck = number, []

    def step(connection: Any, *_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            struck.append(connection.connection.dbapi_connection.info.backend_pid)
            strike(struck[0])

    engine = registry._office.database.engine
    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "commit", step)
    return struck


# --- not to be opened -------------------------------------------------------------------------------------------------


def test_without_psycopg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"cccd-nfc\[postgres\]"):
        Database("postgresql://desk@localhost/cccd")


@pytest.mark.parametrize(
    "address",
    ["mysql://u:{}@h/d", "postgresql+psycopg2://u:{}@h/d", "postgresql://u:{}@h:port/d", "registry.db", "", "x:{}"],
)
def test_an_address_of_no_known_database_is_a_mistake_of_usage(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        Database(address.format(SECRET))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"password": SECRET}, "password authentication failed"),
        ({"port": 1}, "connection refused"),
        ({"database": "no_such_database"}, "does not exist"),
        ({"host": "nowhere.invalid"}, "resolve"),
        ({"query": {"no_such_option": "1"}}, "ProgrammingError"),
    ],
)
def test_a_server_that_cannot_be_used_is_said_without_the_password(
    postgres_server: Server, tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    url = make_url(postgres_server.url).set(**changed)
    with pytest.raises(RegistryUnavailableError, match=reason) as caught:
        Desk(PostgresPlace(tmp_path, url.render_as_string(hide_password=False)))
    assert str(url.password) not in str(caught.value)


def test_postgresql_without_a_driver_means_psycopg(place: Place, tmp_path: Path) -> None:
    Desk(PostgresPlace(tmp_path, place.url.replace("postgresql+psycopg", "postgresql"))).registry.close()


# --- many desks -------------------------------------------------------------------------------------------------------


def test_a_second_desk_needs_the_keys_of_the_first(desk: Desk, tmp_path: Path) -> None:
    number = desk.enrol()
    second = PostgresPlace(tmp_path / "second", desk.place.url)
    with pytest.raises(RegistryUnavailableError, match="keys"):
        Desk(second)
    shutil.copytree(desk.folder / "keys", second.folder / "keys")
    other = Desk(second, desk.clock)
    verify_receipt(other.bind(Phone.new()), desk.registry.receipt_key())
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.ACTIVE]
    other.registry.close()


@pytest.mark.parametrize("round_", range(5))
def test_eight_desks_that_bring_an_older_database_to_today_at_once_all_open_it(desk: Desk, round_: int) -> None:
    desk.enrol()
    desk.place.change(*BACK_TO_0001)

    def head(start: Callable[[], object]) -> int:
        start()
        registry = open_registry(desk.place, desk.clock)
        try:
            return registry.check().size
        finally:
            registry.close()

    finishes = race_anything([head] * 8)
    assert [finish.error for finish in finishes] == [None] * 8
    assert len({finish.value for finish in finishes}) == 1


def test_a_server_that_is_set_to_serializable_does_not_make_acts_see_what_was_before_their_turn(desk: Desk) -> None:
    desk.place.change(
        f"ALTER DATABASE {make_url(desk.place.url).database} SET default_transaction_isolation = serializable"
    )
    desk.registry.close()
    with desk.registry._office.database.write() as session:
        assert session.scalar(text("SHOW transaction_isolation")) == "read committed"


# --- waiting has an end -----------------------------------------------------------------------------------------------


def test_a_turn_that_does_not_come_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, lock_timeout="50ms")
    with desk.place.by_hand() as holder:
        holder.exec_driver_sql(f"SELECT pg_advisory_xact_lock({postgres._WRITERS})")
        with pytest.raises(RegistryUnavailableError, match="lock timeout"):
            desk.registry.begin(Purpose.ENROL)
    assert desk.registry.begin(Purpose.ENROL)


def test_a_statement_that_does_not_end_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, statement_timeout="50ms")
    database = desk.registry._office.database
    with pytest.raises(RegistryUnavailableError, match="statement timeout"), database.write() as session:
        session.execute(text("SELECT pg_sleep(5)"))


def test_a_desk_that_falls_silent_in_its_turn_loses_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        limited(patch, idle_in_transaction_session_timeout="100ms")
        silent = Database(desk.place.url).engine.connect()
        silent.exec_driver_sql("SELECT 1")
    assert desk.registry.begin(Purpose.ENROL)
    silent.invalidate()
    silent.close()


@pytest.mark.parametrize("state", sorted(postgres.RETRIABLE))
def test_what_another_program_made_fail_is_a_conflict(desk: Desk, state: str) -> None:
    raising = text(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(ConflictError, match="try again"), desk.registry._office.database.write() as session:
        session.execute(raising)


# --- broken off in the middle -----------------------------------------------------------------------------------------


def ready(desk: Desk) -> tuple[Phone, tuple[str, str, str]]:
    """A bound phone, and what confirms the one that is to replace it."""
    desk.enrol()
    desk.bind(old := Phone.new())
    desk.clock.go(hours=1)
    return old, desk.pending(Phone.new())


def looked_at(
    place: Place, clock: HandClock, before: dict[str, Any], old: Phone, arguments: tuple[str, str, str]
) -> None:
    """Nothing but the spent try has moved, and the same confirmation does its work now."""
    after = place.rows()
    assert {table for table in before if after[table] != before[table]} <= {"account", "one_time_password"}
    registry = open_registry(place, clock)
    receipt = verify_receipt(registry.confirm(*arguments), registry.receipt_key())
    assert receipt["replaced"] == old.public.thumbprint
    registry.check()
    registry.close()


def test_a_connection_that_breaks_at_any_statement_leaves_the_old_state_whole(desk: Desk, tmp_path: Path) -> None:
    old, arguments = ready(desk)
    before = desk.place.rows()
    desk.registry.close()
    for number in range(1, MOST_STATEMENTS):
        place = desk.place.copy(tmp_path / str(number))
        registry = open_registry(place, desk.clock)
        cut = at_statement(registry, number, lambda pid: desk.place.ask(f"SELECT pg_terminate_backend({pid}, 5000)"))
        try:
            registry.confirm(*arguments)
        except RegistryUnavailableError as error:
            assert "terminating connection" in str(error) or "server closed" in str(error)
        registry.close()
        if not cut:
            break
        looked_at(place, desk.clock, before, old, arguments)
    assert 10 < number < MOST_STATEMENTS - 1


def test_a_registry_that_stays_open_goes_on_when_its_connection_was_cut(desk: Desk) -> None:
    assert desk.registry.begin(Purpose.ENROL)
    desk.place.ask(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )
    assert desk.registry.begin(Purpose.ENROL)


def test_a_connection_that_breaks_after_the_commit_loses_the_answer_and_not_the_act(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, arguments = ready(desk)
    dialect = desk.registry._office.database.engine.dialect
    commit, done = dialect.do_commit, []

    def commit_and_break(connection: Any) -> None:
        commit(connection)
        done.append(connection)
        if len(done) == 2:
            connection.dbapi_connection.close()
            connection.dbapi_connection.execute("SELECT 1")

    with monkeypatch.context() as patch, pytest.raises(RegistryUnavailableError):
        patch.setattr(dialect, "do_commit", commit_and_break)
        desk.registry.confirm(*arguments)
    assert verify_receipt(desk.registry.confirm(*arguments), desk.registry.receipt_key())["act"] == "device-bound"
    desk.registry.check()


@pytest.mark.parametrize("number", [2, 5, 9, 14])
def test_a_server_that_crashes_in_the_middle_of_an_activation_comes_back_with_the_old_state(
    postgres_server: Server, tmp_path: Path, number: int
) -> None:
    desk = Desk(PostgresPlace.new(postgres_server.url, tmp_path))
    old, arguments = ready(desk)
    before = desk.place.rows()
    crashed = at_statement(desk.registry, number, lambda _: postgres_server.end(signal.SIGQUIT))
    with pytest.raises(RegistryUnavailableError):
        desk.registry.confirm(*arguments)
    assert crashed
    with pytest.raises(RegistryUnavailableError, match="connection refused"):
        desk.registry.confirm(*arguments)
    desk.registry.close()
    postgres_server.start()
    looked_at(desk.place, desk.clock, before, old, arguments)


@pytest.mark.parametrize("name", ["begin", "confirm"])
def test_a_server_that_turns_readonly_refuses_and_keeps_all(desk: Desk, name: str) -> None:
    _, arguments = ready(desk)
    before = desk.place.rows()
    database = make_url(desk.place.url).database
    desk.registry.close()
    desk.place.change(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    acts: dict[str, Callable[[], object]] = {
        "begin": lambda: desk.registry.begin(Purpose.ENROL),
        "confirm": lambda: desk.registry.confirm(*arguments),
    }
    with pytest.raises(CccdError, match="read-only"):
        acts[name]()
    assert desk.place.rows() == before
    desk.registry.close()
    with desk.place.by_hand() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ WRITE")
        connection.exec_driver_sql(f"ALTER DATABASE {database} RESET default_transaction_read_only")
    assert acts[name]()
