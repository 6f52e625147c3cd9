"""A process that is killed, a disk that is full, a database that cannot be written: the old state or the new, whole."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from cccd_nfc.errors import RegistryError, RegistryUnavailableError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind
from cccd_nfc.registry.messages import Letter
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from registry_places import BACK_TO_0001, Place, SqlitePlace, only_sqlite
from registry_processes import dies_at_statement, open_registry, starved
from registry_support import CONSENT, PHONE_NUMBER, TODAY, Desk, HandClock, everything, evidence_for

MOST_STATEMENTS = 80
"""More than any act needs; an act that is not through by then is a fault of the test."""


def killed_everywhere(desk: Desk, folder: Path, act: Callable[[Registry], Any], look: Callable[[Place], None]) -> int:
    """Kills `act` at its first statement, its second, and so on, each time from the same state; looks at what is left.

    Gives how many times it was killed.
    """
    desk.registry.close()
    for number in range(1, MOST_STATEMENTS):
        left = desk.place.copy(folder / str(number))
        if not dies_at_statement(left, desk.clock, number, act):
            return number - 1
        look(left)
    raise AssertionError("the act has more statements than it should")


def opened(place: Place, clock: HandClock) -> Registry:
    registry = open_registry(place, clock)
    registry.check()
    return registry


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-035", "S-34", "DS-03")
def test_a_confirmation_killed_at_any_statement_binds_wholly_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    number = desk.enrol()
    desk.bind(old := Phone.new())
    desk.clock.go(hours=1)
    arguments = desk.pending(new := Phone.new())
    before = desk.place.rows()

    def look(place: Place) -> None:
        after = place.rows()
        changed = {table for table in before if after[table] != before[table]}
        # The try that was spent before the code was looked at stays spent; nothing else may have moved.
        assert changed <= {"account", "one_time_password"}, changed
        registry = opened(place, desk.clock)
        states = {view.thumbprint: view.state for view in registry.devices(number)}
        assert states[old.public.thumbprint] is DeviceState.ACTIVE
        receipt = verify_receipt(registry.confirm(*arguments), registry.receipt_key())
        assert receipt["replaced"] == old.public.thumbprint
        states = {view.thumbprint: view.state for view in registry.devices(number)}
        assert states == {old.public.thumbprint: DeviceState.REPLACED, new.public.thumbprint: DeviceState.ACTIVE}
        registry.check()
        registry.close()

    assert killed_everywhere(desk, tmp_path, lambda registry: registry.confirm(*arguments), look) > 10


@pytest.mark.row("AS-06")
def test_as06_a_lock_killed_at_any_statement_locks_wholly_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    before = desk.place.rows()

    def lock(registry: Registry) -> Any:
        return registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.LOST_DEVICE)

    def look(place: Place) -> None:
        assert place.rows() == before
        registry = opened(place, desk.clock)
        lock(registry)
        assert registry.account(number).state is AccountState.LOCKED
        assert [view.state for view in registry.devices(number)] == [DeviceState.REVOKED]
        registry.check()
        registry.close()

    assert killed_everywhere(desk, tmp_path, lock, look) > 10


def unlocking(desk: Desk, number: str) -> Callable[[Registry], Any]:
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    evidence = evidence_for(ticket)
    return lambda registry: registry.unlock_with_card(ticket.transaction_id, evidence)


def approving(desk: Desk, number: str) -> Callable[[Registry], Any]:
    paper = Paper("Court of Hue", "12/CV", TODAY)
    request = desk.registry.file_request(number, RequestKind.LOCK, LockGround.AUTHORITY_REQUEST, paper, by="Lan")
    desk.registry.forward_request(request.id, by="Lan")
    return lambda registry: registry.approve_request(request.id, by="Quang", role=Role.AGENCY_HEAD)


@pytest.mark.row("AS-06", "AS-08", "S-34")
@pytest.mark.parametrize(
    ("prepare", "after", "device"),
    [
        (unlocking, AccountState.ACTIVE, DeviceState.SUSPENDED),
        (approving, AccountState.LOCKED, DeviceState.SUSPENDED),
    ],
    ids=["unlock by card", "approved lock"],
)
def test_an_approval_or_an_unlock_killed_at_any_statement_is_done_wholly_or_not_at_all(
    desk: Desk,
    tmp_path: Path,
    prepare: Callable[[Desk, str], Callable[[Registry], Any]],
    after: AccountState,
    device: DeviceState,
) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    act = prepare(desk, number)
    before = desk.place.rows()

    def look(place: Place) -> None:
        assert place.rows() == before
        registry = opened(place, desk.clock)
        act(registry)
        assert registry.account(number).state is after
        assert [view.state for view in registry.devices(number)] == [device]
        registry.check()
        registry.close()

    assert killed_everywhere(desk, tmp_path, act, look) > 10


def test_an_account_that_is_killed_in_the_making_can_be_made_again(desk: Desk, tmp_path: Path) -> None:
    ticket = desk.registry.begin(Purpose.ENROL)
    evidence = evidence_for(ticket)
    before = desk.place.rows()

    def create(registry: Registry) -> str:
        return registry.create_account(ticket.transaction_id, evidence, PHONE_NUMBER, CONSENT).number

    def look(place: Place) -> None:
        assert place.rows() == before
        registry = opened(place, desk.clock)
        assert registry.account(create(registry)).state is AccountState.ISSUED
        registry.close()

    assert killed_everywhere(desk, tmp_path, create, look) > 3


def test_evidence_whose_process_is_killed_can_be_handed_in_again(desk: Desk, tmp_path: Path) -> None:
    desk.enrol()
    phone = Phone.new()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    evidence = evidence_for(ticket)
    before = desk.place.rows()

    def look(place: Place) -> None:
        assert place.rows() == before
        registry = opened(place, desk.clock)
        assert registry.submit_evidence(ticket.transaction_id, evidence).transaction_id == ticket.transaction_id
        registry.close()

    act = lambda registry: registry.submit_evidence(ticket.transaction_id, evidence)  # noqa: E731
    assert killed_everywhere(desk, tmp_path, act, look) > 5


def test_an_unlinking_that_is_killed_leaves_the_device_bound(desk: Desk, tmp_path: Path) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    evidence = evidence_for(ticket)
    before = desk.place.rows()

    def look(place: Place) -> None:
        assert place.rows() == before
        registry = opened(place, desk.clock)
        assert [view.state for view in registry.devices(number)] == [DeviceState.ACTIVE]
        registry.unlink(ticket.transaction_id, evidence)
        assert [view.state for view in registry.devices(number)] == [DeviceState.UNLINKED]
        registry.close()

    act = lambda registry: registry.unlink(ticket.transaction_id, evidence)  # noqa: E731
    assert killed_everywhere(desk, tmp_path, act, look) > 5


def test_a_message_whose_sender_is_killed_is_sent_by_the_next(desk: Desk, tmp_path: Path) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))

    def look(place: Place) -> None:
        later = HandClock(desk.clock.now + timedelta(minutes=1))  # the claim of who was killed has run out
        registry = opened(place, later)
        registry.deliver()
        assert registry.deliver() == 0
        assert len(list((place.folder / "outbox").glob("*-otp-*.json"))) in (1, 2), "at most twice, and never lost"
        registry.close()

    assert killed_everywhere(desk, tmp_path, lambda registry: registry.deliver(), look) > 2


# --- the disk ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-38")
@only_sqlite
@pytest.mark.parametrize("name", ["begin", "submit", "confirm", "unlink"])
def test_a_database_that_turns_readonly_refuses_and_keeps_all(desk: Desk, name: str) -> None:
    act = everything(desk)[name]
    before = desk.place.rows()
    engine = desk.registry._office.database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    with pytest.raises(RegistryUnavailableError, match="readonly"):
        act(desk.registry)
    assert desk.place.rows() == before
    registry = open_registry(desk.place, desk.clock)
    assert act(registry)
    registry.close()


@only_sqlite
@pytest.mark.parametrize("name", ["submit", "unlink"])
def test_a_database_that_may_not_grow_refuses_and_keeps_all(desk: Desk, name: str) -> None:
    """SQLite's own limit of pages stands for the full disk: both are SQLITE_FULL."""
    act = everything(desk)[name]
    before = desk.place.rows()
    engine = desk.registry._office.database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1"))
    with pytest.raises(RegistryUnavailableError, match="disk is full"):
        act(desk.registry)
    assert desk.place.rows() == before
    registry = open_registry(desk.place, desk.clock)
    assert act(registry)
    registry.close()


@only_sqlite
@pytest.mark.parametrize("name", ["begin", "submit", "confirm", "unlink"])
@pytest.mark.parametrize("spare", [0, 3000, 9000])
def test_files_that_may_not_grow_give_our_error_and_lose_nothing(desk: Desk, name: str, spare: int) -> None:
    """The system's limit of a file's size, for a process of its own: the write ahead log breaks off in the middle."""
    act = everything(desk)[name]
    before = desk.place.rows()
    desk.registry.close()
    ended = starved(desk.place, desk.clock, spare, act)
    after = desk.place.rows()
    registry = opened(desk.place, desk.clock)
    if ended != "done":
        assert ended == "RegistryUnavailableError"
        assert {table for table in before if after[table] != before[table]} <= {"account", "one_time_password"}
        assert act(registry)
    registry.close()


def test_a_registry_in_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryUnavailableError):
        Desk(SqlitePlace.new(tmp_path / "file" / "registry"))


@only_sqlite
def test_a_database_that_another_holds_is_waited_for(desk: Desk) -> None:
    """The wait is cut to one millisecond here; what counts is that its end is an error of ours."""
    desk.enrol()
    engine = desk.registry._office.database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=1"))
    holder = sqlite3.connect(desk.folder / "registry.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(RegistryUnavailableError, match="locked"):
        desk.registry.begin(Purpose.ENROL)
    holder.execute("ROLLBACK")
    holder.close()
    assert desk.registry.begin(Purpose.ENROL)


# --- keys and outbox --------------------------------------------------------------------------------------------------


@pytest.mark.row("S-37")
def test_s37_a_folder_of_keys_that_vanished_is_not_made_anew(desk: Desk) -> None:
    desk.enrol()
    desk.registry.close()
    shutil.rmtree(desk.folder / "keys")
    with pytest.raises(RegistryUnavailableError, match="keys"):
        Desk(desk.place)
    assert not (desk.folder / "keys").exists()


@pytest.mark.row("S-37")
def test_s37_the_keys_of_another_registry_are_refused(
    desk: Desk, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    desk.enrol()
    other = Desk(new_place(tmp_path / "other"))
    other.registry.close()
    shutil.rmtree(desk.folder / "keys")
    shutil.copytree(other.folder / "keys", desk.folder / "keys")
    with pytest.raises(RegistryUnavailableError, match="keys"):
        Desk(desk.place)


@pytest.mark.row("S-37")
def test_s37_a_registry_from_before_takes_the_keys_that_it_is_opened_with_and_no_new_ones(desk: Desk) -> None:
    number = desk.enrol()
    desk.registry.close()
    desk.place.change(*BACK_TO_0001)
    keys = shutil.move(desk.folder / "keys", desk.folder / "aside")
    with pytest.raises(RegistryUnavailableError, match="keys"):
        Desk(desk.place)
    shutil.move(keys, desk.folder / "keys")
    for _ in range(2):
        registry = opened(desk.place, desk.clock)
        assert registry.account(number).state is AccountState.ISSUED
        registry.close()


@pytest.mark.row("S-37")
@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_key_is_said(desk: Desk, content: bytes) -> None:
    desk.registry.close()
    (desk.folder / "keys" / "code.key").write_bytes(content)
    with pytest.raises(RegistryUnavailableError, match="damaged"):
        Desk(desk.place)


class Gateway:
    """Sends all but the letters whose kind is in `broken`."""

    def __init__(self, *broken: str) -> None:
        self.broken = set(broken)
        self.sent: list[tuple[str, str]] = []

    def send(self, letter: Letter) -> None:
        if letter.kind in self.broken:
            raise RegistryError("the gateway is down")
        self.sent.append((letter.channel, letter.text))


def with_gateway(desk: Desk, gateway: Gateway) -> Registry:
    from dataclasses import replace

    return Registry(replace(desk.registry._office, gateway=gateway))


def test_a_message_that_cannot_go_now_goes_later_and_no_other_goes_twice(desk: Desk) -> None:
    desk.enrol()
    gateway = Gateway("otp")
    desk.bind(Phone.new())
    desk.clock.go(seconds=1)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    registry = with_gateway(desk, gateway)
    for _ in range(3):
        with pytest.raises(RegistryError, match="gateway is down"):
            registry.deliver()
        desk.clock.go(seconds=20)
    gateway.broken.clear()
    registry.deliver()
    assert registry.deliver() == 0
    assert len(gateway.sent) == len(set(gateway.sent)) == 4


def test_one_message_that_cannot_go_does_not_hold_up_the_others(desk: Desk) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    desk.clock.go(seconds=1)
    desk.bind(Phone.new())
    # The first letter of the outbox is the dead code of the first activation; make it one that never goes.
    gateway = Gateway("otp")
    desk.clock.go(seconds=60)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    desk.clock.go(seconds=1)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    with pytest.raises(RegistryError):
        with_gateway(desk, gateway).deliver()
    assert any("Da huy lien ket" in text for _, text in gateway.sent)


@pytest.mark.row("S-08")
def test_s08_a_code_that_expired_on_its_way_is_not_sent(desk: Desk) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    desk.clock.go(seconds=180)
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []
    assert desk.place.ask("SELECT sealed FROM message WHERE kind = 'otp'") == [(None,)], "its text is gone all the same"


def test_an_outbox_that_cannot_be_written_is_said_and_leaves_no_half_message(desk: Desk) -> None:
    desk.enrol(read=False)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    (desk.folder / "outbox").write_text("a file is where the folder should be")
    with pytest.raises(RegistryError, match="outbox"):
        desk.registry.deliver()
    (desk.folder / "outbox").unlink()
    desk.clock.go(seconds=5)
    assert sorted(text["kind"] for text in desk.texts()) == ["notice", "otp"]
