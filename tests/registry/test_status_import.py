"""Status data of the agencies: cards, deaths, terms; row by row, once, and never half (R-080 to R-083, L-19)."""

from __future__ import annotations

import json

import pytest

from cccd_nfc.errors import RegistryUnavailableError, UsageError
from cccd_nfc.registry.lock_grounds import LockGround, LockSource
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState
from cccd_nfc.registry.status_import import COLUMNS, Status, StatusRow, read_rows
from registry_law import activated, entries
from registry_processes import race
from registry_support import Desk, card


def row(number: str, status: str, day: str = "2026-05-31", reference: str = "R-1", line: int = 1) -> StatusRow:
    return StatusRow(line, number, status, day, reference)


def open_grounds(desk: Desk, number: str) -> list[LockGround]:
    return [each.ground for each in desk.registry.locks(number) if each.cleared_at is None]


@pytest.mark.row("R-080", "R-081", "R-082", "R-083", "L-19")
@pytest.mark.parametrize(
    ("status", "ground"),
    [
        ("CARD_REVOKED", LockGround.CARD_REVOKED_OR_HELD),
        ("CARD_HELD", LockGround.CARD_REVOKED_OR_HELD),
        ("DECEASED", LockGround.DECEASED),
        ("TERMS_VIOLATED", LockGround.TERMS_VIOLATION),
    ],
)
def test_l19_a_row_locks_at_once_and_the_lock_says_what_brought_it(desk: Desk, status: str, ground: LockGround) -> None:
    number = activated(desk)
    done = desk.registry.import_status([row(number, status, reference="HS-9")])
    assert (done.done, done.known, done.refused) == (1, 0, ())
    (lock,) = desk.registry.locks(number)
    assert (lock.ground, lock.source, lock.reason) == (ground, LockSource.DATA_UPDATE, f"{status} HS-9")
    assert desk.registry.account(number).state is AccountState.LOCKED
    (entry,) = entries(desk, "status-imported")
    assert (entry["status"], entry["reference"], entry["row"]) == (status, "HS-9", "L-19")


@pytest.mark.row("R-082", "L-16")
def test_r082_of_a_death_nobody_is_told_and_of_a_revoked_card_the_owner_is(desk: Desk) -> None:
    dead, other = activated(desk), activated(desk, card(2))
    before = len(desk.texts())
    desk.registry.import_status([row(dead, "DECEASED")])
    assert len(desk.texts()) == before
    desk.registry.import_status([row(other, "CARD_REVOKED")])
    assert "thu hoi" in desk.texts()[-1]["text"]


@pytest.mark.row("R-081", "R-080", "L-19")
@pytest.mark.parametrize(("first", "then"), [("CARD_HELD", "CARD_RETURNED"), ("TERMS_VIOLATED", "TERMS_REMEDIED")])
def test_l19_the_end_of_the_ground_comes_in_likewise(desk: Desk, first: str, then: str) -> None:
    number = activated(desk)
    desk.registry.import_status([row(number, first), row(number, then, reference="R-2")])
    assert (open_grounds(desk, number), desk.registry.account(number).state) == ([], AccountState.ACTIVE)


@pytest.mark.row("L-19")
def test_l19_the_same_row_again_does_nothing_even_after_the_ground_has_ended(desk: Desk) -> None:
    number = activated(desk)
    held, back = row(number, "CARD_HELD"), row(number, "CARD_RETURNED", reference="R-2")
    desk.registry.import_status([held, back])
    again = desk.registry.import_status([held, back])
    assert (again.done, again.known, again.refused) == (0, 2, ())
    assert open_grounds(desk, number) == []
    assert desk.registry.import_status([row(number, "CARD_HELD", reference="R-3")]).done == 1


@pytest.mark.row("L-19")
@pytest.mark.parametrize(
    "bad",
    [
        row("001099000001", "CARD_HELD"),
        row("12", "CARD_HELD"),
        row("", "CARD_HELD"),
        row("{number}", "LOST"),
        row("{number}", ""),
        row("{number}", "CARD_HELD", day="31/05/2026"),
        row("{number}", "CARD_HELD", day="2026-06-03"),
        row("{number}", "CARD_HELD", reference=""),
        row("{number}", "CARD_HELD", reference="{number}"),
        row("{number}", "CARD_HELD", reference="x" * 41),
        row("{number}", "CARD_RETURNED"),
    ],
)
def test_l19_a_row_that_cannot_be_taken_in_is_listed_and_the_others_go_on(desk: Desk, bad: StatusRow) -> None:
    number, other = activated(desk), activated(desk, card(2))
    named = {name: str(getattr(bad, name)).replace("{number}", number) for name in COLUMNS}
    rows = [StatusRow(7, **named), row(other, "CARD_HELD", line=8)]
    done = desk.registry.import_status(rows)
    assert (done.done, [each.line for each in done.refused]) == (1, [7])
    assert number not in str(done.refused)
    assert open_grounds(desk, number) == []
    assert [(entry["line"], number in str(entry)) for entry in entries(desk, "status-refused")] == [("7", False)]


@pytest.mark.row("L-19", "S-36")
def test_s36_no_number_of_a_row_is_in_the_log_or_in_a_print(desk: Desk) -> None:
    number = activated(desk)
    desk.registry.import_status([row(number, "CARD_HELD")])
    assert number not in json.dumps(entries(desk)) + repr(row(number, "CARD_HELD"))
    assert number not in str(desk.place.ask("SELECT * FROM imported_status"))


@pytest.mark.row("L-19", "S-31")
def test_l19_the_same_file_at_two_desks_locks_once(desk: Desk) -> None:
    number = activated(desk)

    def take(registry: Registry) -> int:
        return registry.import_status([row(number, "CARD_HELD")]).done

    finishes = race(desk.place, desk.clock, [take] * 4)
    assert sum(each.value or 0 for each in finishes) == 1
    assert len(desk.registry.locks(number)) == 1


@pytest.mark.row("S-38", "L-19")
def test_s38_a_row_that_cannot_be_recorded_is_not_taken_in(desk: Desk) -> None:
    number = activated(desk)
    desk.place.change("ALTER TABLE audit RENAME TO torn")
    with pytest.raises(RegistryUnavailableError):
        desk.registry.import_status([row(number, "CARD_HELD")])
    desk.place.change("ALTER TABLE torn RENAME TO audit")
    assert open_grounds(desk, number) == []
    assert desk.registry.import_status([row(number, "CARD_HELD")]).done == 1


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-19")
def test_l19_a_list_comes_as_csv_or_as_json() -> None:
    table = "number,status,day,reference\n001099000001,CARD_HELD,2026-05-31,R-1\n"
    listed = json.dumps(
        [{"number": "001099000001", "status": "CARD_HELD", "day": "2026-05-31", "reference": "R-1", "more": 1}]
    )
    (by_csv,), (by_json,) = read_rows(table), read_rows(listed)
    assert (by_csv.line, by_json.line) == (2, 1)
    assert [getattr(by_csv, name) for name in COLUMNS] == [getattr(by_json, name) for name in COLUMNS]


@pytest.mark.parametrize(
    "text", ["", "number;status\n", "number,status,day\n1,2,3\n", "{}", "[1]", "[", '{"rows": []}']
)
def test_what_is_no_list_is_said(text: str) -> None:
    with pytest.raises(UsageError):
        read_rows(text)


def test_a_row_with_holes_is_a_row_that_is_refused(desk: Desk) -> None:
    rows = read_rows("number,status,day,reference\n001099000001\n\n") + read_rows("[{}]")
    assert len(desk.registry.import_status(rows).refused) == len(rows) == 2
    assert set(Status) >= {"CARD_REVOKED"}
