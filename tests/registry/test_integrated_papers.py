"""Papers of level 2, and what an account shows and stands in for (R-009 to R-011, L-03)."""

from __future__ import annotations

import json
from datetime import date

import pytest

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.integrated_papers import NewPaper, PaperKind
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.states import AccountState, Purpose
from registry_law import activated, entries, raised, shown, with_officer
from registry_support import Desk

LICENCE = NewPaper(PaperKind.DRIVING_LICENCE, "Sở giả định", date(2026, 5, 1), {"number": "GPLX-1", "class": "A1"})


@pytest.fixture
def number(desk: Desk) -> str:
    """The number of an active account of level 2."""
    return raised(desk)


@pytest.mark.row("R-009", "R-011")
def test_r009_a_paper_has_its_source_and_date_and_its_data_are_served(desk: Desk, number: str) -> None:
    papers = with_officer(desk).papers
    papers.add(number, LICENCE)
    (listed,) = papers.listed(number)
    assert (listed.kind, listed.source, listed.day) == (PaperKind.DRIVING_LICENCE, "Sở giả định", date(2026, 5, 1))
    assert papers.query(number, PaperKind.DRIVING_LICENCE, purpose="traffic check") == LICENCE.data
    assert [entry["purpose"] for entry in entries(desk, "paper-read")] == ["traffic check"]


@pytest.mark.row("R-009", "S-36")
def test_r009_what_a_paper_says_is_sealed_and_in_no_log(desk: Desk, number: str) -> None:
    with_officer(desk).papers.add(number, LICENCE)
    with_officer(desk).papers.query(number, PaperKind.DRIVING_LICENCE, purpose="check")
    ((sealed,),) = desk.place.ask("SELECT sealed FROM integrated_paper")
    assert b"GPLX-1" not in bytes(sealed)
    assert "GPLX-1" not in json.dumps(entries(desk)) + repr(LICENCE)


@pytest.mark.row("R-009")
def test_r009_a_newer_paper_of_a_kind_replaces_the_older_which_is_kept(desk: Desk, number: str) -> None:
    papers = with_officer(desk).papers
    papers.add(number, LICENCE)
    papers.add(number, NewPaper(PaperKind.DRIVING_LICENCE, "Sở giả định", date(2026, 6, 1), {"number": "GPLX-2"}))
    assert len(papers.listed(number)) == 1
    assert papers.query(number, PaperKind.DRIVING_LICENCE, purpose="check") == {"number": "GPLX-2"}
    assert desk.place.ask("SELECT count(*) FROM integrated_paper") == [(2,)]


@pytest.mark.row("R-011", "R-005", "L-03")
def test_r011_at_level_1_there_are_no_papers(desk: Desk) -> None:
    number = activated(desk)
    papers = with_officer(desk).papers
    for act in (
        lambda: papers.add(number, LICENCE),
        lambda: papers.listed(number),
        lambda: papers.query(number, LICENCE.kind, purpose="check"),
    ):
        with pytest.raises(RefusedError, match="level 2"):
            act()


@pytest.mark.row("R-011", "R-010")
@pytest.mark.parametrize("state", [state for state in AccountState if state is not AccountState.ACTIVE])
def test_r011_r010_an_account_that_is_not_active_serves_nothing(desk: Desk, number: str, state: AccountState) -> None:
    papers = with_officer(desk).papers
    papers.add(number, LICENCE)
    assert papers.lookup(number).equivalent_to == "card"
    desk.place.change(f"UPDATE account SET state = '{state}'")
    with pytest.raises(RefusedError, match="not active"):
        papers.query(number, LICENCE.kind, purpose="check")
    assert (papers.lookup(number).equivalent_to, papers.lookup(number).shows) == ("", ())


@pytest.mark.row("R-010", "L-03")
def test_r010_l03_only_an_active_unlocked_account_of_level_2_stands_in_for_the_card(desk: Desk) -> None:
    number = activated(desk)
    papers = desk.registry.papers
    assert (papers.lookup(number).level, papers.lookup(number).equivalent_to) == (1, "")
    assert "papers" not in papers.lookup(number).shows
    desk.place.change("UPDATE account SET level = 2")
    found = papers.lookup(number)
    assert (found.equivalent_to, "papers" in found.shows, found.clause) == ("card", True, "Decree 69/2024 Arts 8, 9")
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    assert papers.lookup(number).equivalent_to == ""
    desk.registry.unlock_with_card(*shown(desk, Purpose.UNLOCK))
    assert papers.lookup(number).equivalent_to == "card"


@pytest.mark.row("R-011")
def test_r011_a_reading_says_for_what_and_there_must_be_such_a_paper(desk: Desk, number: str) -> None:
    papers = with_officer(desk).papers
    with pytest.raises(UsageError):
        papers.query(number, LICENCE.kind, purpose=" ")
    with pytest.raises(NotFoundError):
        papers.query(number, LICENCE.kind, purpose="check")


@pytest.mark.row("R-009")
@pytest.mark.parametrize(
    ("source", "data"),
    [
        (" ", {"number": "1"}),
        ("Sở", {}),
        ("Sở", {"": "1"}),
        ("Sở", {"number": "1" * 401}),
        ("Sở", {str(n): "1" for n in range(41)}),
    ],
)
def test_r009_a_paper_without_source_or_with_endless_data_is_none(
    desk: Desk, source: str, data: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        desk.registry.papers.add("001099000001", NewPaper(PaperKind.OTHER, source, date(2026, 5, 1), data))
