"""Requests of authorities: nothing before the decision, two people, two clocks, an answer in writing (L-13 to L-17)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestState, RequestView
from cccd_nfc.registry.states import AccountState
from registry_processes import race
from registry_support import Desk

PAPER = Paper("Cơ quan giả định", "12/YC", date(2026, 6, 1))
GROUND = LockGround.AUTHORITY_REQUEST
BEFORE_TET = datetime(2024, 2, 7, 9, tzinfo=UTC)


@pytest.fixture
def number(desk: Desk) -> str:
    return desk.enrol()


def filed(desk: Desk, number: str, kind: RequestKind = RequestKind.LOCK) -> RequestView:
    return desk.registry.file_request(number, kind, GROUND, PAPER, by="Officer One")


def forwarded(desk: Desk, number: str, kind: RequestKind = RequestKind.LOCK) -> str:
    return desk.registry.forward_request(filed(desk, number, kind).id, by="Officer Two").id


def approve(desk: Desk, request: str, by: str = "Head") -> RequestView:
    return desk.registry.approve_request(request, by=by, role=Role.AGENCY_HEAD)


def state(desk: Desk, number: str) -> AccountState:
    return desk.registry.account(number).state


@pytest.mark.row("R-084")
def test_r084_a_request_locks_nothing_until_it_is_decided(desk: Desk, number: str) -> None:
    request = forwarded(desk, number)
    assert state(desk, number) is AccountState.ISSUED
    assert approve(desk, request).state is RequestState.APPROVED
    assert state(desk, number) is AccountState.LOCKED
    (lock,) = desk.registry.locks(number)
    assert (lock.ground, lock.reason) == (GROUND, "12/YC")
    desk.registry.check()


@pytest.mark.row("L-18")
def test_l18_an_unlock_is_a_request_of_the_same_kind(desk: Desk, number: str) -> None:
    with pytest.raises(NotFoundError):
        approve(desk, forwarded(desk, number, RequestKind.UNLOCK))
    approve(desk, forwarded(desk, number))
    approve(desk, forwarded(desk, number, RequestKind.UNLOCK))
    assert state(desk, number) is AccountState.ISSUED


@pytest.mark.row("S-33")
@pytest.mark.parametrize("by", ["Officer One", "officer two", " OFFICER ONE "])
def test_s33_who_filed_or_forwarded_does_not_decide(desk: Desk, number: str, by: str) -> None:
    request = forwarded(desk, number)
    with pytest.raises(RefusedError, match="does not decide it"):
        approve(desk, request, by)
    with pytest.raises(RefusedError, match="does not decide it"):
        desk.registry.refuse_request(request, by=by, role=Role.AGENCY_HEAD, reason="no")
    assert state(desk, number) is AccountState.ISSUED


@pytest.mark.row("L-14")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENCY_HEAD])
def test_l14_the_agencys_head_decides_and_nobody_else(desk: Desk, number: str, role: Role) -> None:
    with pytest.raises(RefusedError):
        desk.registry.approve_request(forwarded(desk, number), by="Head", role=role)
    assert state(desk, number) is AccountState.ISSUED


@pytest.mark.row("S-33")
def test_s33_no_one_person_locks_or_unlocks_on_an_authoritys_ground(desk: Desk, number: str) -> None:
    with pytest.raises(RefusedError, match="filed and decided"):
        desk.registry.lock(number, GROUND, Role.AGENCY_HEAD)
    approve(desk, forwarded(desk, number))
    with pytest.raises(RefusedError, match="filed and decided"):
        desk.registry.clear_lock(number, GROUND, Role.AGENCY_HEAD)


@pytest.mark.row("L-13")
def test_l13_each_step_once_and_in_order(desk: Desk, number: str) -> None:
    request = filed(desk, number).id
    with pytest.raises(RefusedError, match="not been forwarded"):
        approve(desk, request)
    desk.registry.forward_request(request, by="Officer Two")
    with pytest.raises(ConflictError):
        desk.registry.forward_request(request, by="Officer Two")
    approve(desk, request)
    with pytest.raises(ConflictError):
        approve(desk, request)
    with pytest.raises(NotFoundError):
        approve(desk, "f" * 32)


@pytest.mark.row("R-085", "L-13")
def test_r085_l13_the_clocks_run_over_the_weekend_and_the_overdue_are_listed(desk: Desk, number: str) -> None:
    desk.clock.now = datetime(2026, 6, 5, 3, tzinfo=UTC)  # a Friday, 10:00 in Hà Nội
    request = filed(desk, number)
    assert request.due_at == datetime(2026, 6, 9, tzinfo=VIETNAM), "the end of Monday"
    desk.clock.now = datetime(2026, 6, 8, 16, 59, 59, tzinfo=UTC)
    assert desk.registry.overdue_requests() == ()
    desk.clock.go(seconds=1)
    assert [each.id for each in desk.registry.overdue_requests()] == [request.id]
    late = desk.registry.forward_request(request.id, by="Officer Two")
    assert late.due_at == datetime(2026, 6, 12, tzinfo=VIETNAM), "two working days after Tuesday"
    assert desk.registry.overdue_requests() == ()
    approve(desk, request.id)
    assert desk.registry.waiting_requests() == ()


@pytest.mark.row("L-13", "L-14")
def test_a5_l13_l14_under_the_old_decree_the_units_head_decides_within_two_days(desk: Desk, number: str) -> None:
    desk.clock.now = BEFORE_TET
    request = filed(desk, number)
    assert request.due_at == datetime(2024, 2, 17, tzinfo=VIETNAM), "over Tết: the 15th and the 16th"
    with pytest.raises(RefusedError, match="where it was received"):
        desk.registry.forward_request(request.id, by="Officer Two")
    with pytest.raises(RefusedError):
        approve(desk, request.id)
    desk.registry.approve_request(request.id, by="Head", role=Role.UNIT_HEAD)
    assert state(desk, number) is AccountState.LOCKED


@pytest.mark.row("R-088")
def test_r088_agency_and_owner_are_told_of_the_lock(desk: Desk, number: str) -> None:
    told = len(desk.texts())
    approve(desk, forwarded(desk, number))
    assert sorted(text["channel"] for text in desk.texts()[told:]) == ["post", "sim"]


@pytest.mark.row("R-089", "L-17")
def test_r089_l17_a_refusal_has_a_reason_and_a_letter(desk: Desk, number: str) -> None:
    request = forwarded(desk, number)
    with pytest.raises(UsageError, match="reason"):
        desk.registry.refuse_request(request, by="Head", role=Role.AGENCY_HEAD, reason=" ")
    done = desk.registry.refuse_request(request, by="Head", role=Role.AGENCY_HEAD, reason="thiếu con dấu")
    assert (done.state, state(desk, number)) == (RequestState.REFUSED, AccountState.ISSUED)
    letter = desk.texts()[-1]
    assert (letter["channel"], letter["to"]) == ("post", PAPER.agency)
    assert "thiếu con dấu" in letter["text"]
    assert number not in letter["text"]


@pytest.mark.row("R-084")
@pytest.mark.parametrize("paper", [Paper(" ", "12/YC", PAPER.day), Paper("Cơ quan", "", PAPER.day)])
def test_r084_a_request_names_agency_document_and_officer(desk: Desk, number: str, paper: Paper) -> None:
    with pytest.raises(UsageError):
        desk.registry.file_request(number, RequestKind.LOCK, GROUND, paper, by="Officer One")
    with pytest.raises(UsageError):
        desk.registry.file_request(number, RequestKind.LOCK, GROUND, PAPER, by=" ")


@pytest.mark.row("L-12")
@pytest.mark.parametrize("ground", [LockGround.OWNER_REQUEST, LockGround.DECEASED, LockGround.SERVICE_PARTY_REQUEST])
def test_l12_only_an_authority_requests_today(desk: Desk, number: str, ground: LockGround) -> None:
    for kind in RequestKind:
        with pytest.raises(RefusedError, match="knows no request"):
            desk.registry.file_request(number, kind, ground, PAPER, by="Officer One")


@pytest.mark.row("S-38")
def test_s38_without_the_years_holidays_no_clock_begins(desk: Desk, number: str) -> None:
    desk.clock.now = datetime(2026, 12, 31, 3, tzinfo=UTC)
    with pytest.raises(RulesUnavailableError):
        filed(desk, number)
    assert desk.registry.waiting_requests() == ()


@pytest.mark.row("S-31")
def test_s31_eight_heads_that_decide_at_once_decide_once(desk: Desk, number: str) -> None:
    request = forwarded(desk, number)
    finishes = race(
        desk.place,
        desk.clock,
        [lambda registry: registry.approve_request(request, by="Head", role=Role.AGENCY_HEAD).state] * 8,
    )
    assert [finish.value for finish in finishes if finish.error is None] == [RequestState.APPROVED]
    assert {type(finish.error) for finish in finishes if finish.error} == {ConflictError}
    assert len(desk.registry.locks(number)) == 1
