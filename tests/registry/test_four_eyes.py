"""Acts of two people: a wrong death is corrected (AS-09), an account is closed (AS-15), permits are given (S-33)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.four_eyes import KINDS, Kind, ProposalState
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.portable import EXPORT
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from officer_support import MINISTRY, Staff
from registry_processes import dies_at_statement, race
from registry_support import CONSENT, PHONE_NUMBER, Desk, card, evidence_for

HEAD, AGENCY, RECEIVING = OfficerRole.UNIT_HEAD, OfficerRole.AGENCY_HEAD, OfficerRole.RECEIVING


@pytest.fixture
def number(desk: Desk) -> str:
    number = desk.enrol()
    desk.bind(Phone.new())
    return number


@pytest.fixture
def people(staff: Staff) -> Staff:
    """binh receives, two are heads of a unit, two of the agency."""
    staff.hire("binh", RECEIVING)
    for login, role in (("head1", HEAD), ("head2", HEAD), ("agency1", AGENCY), ("agency2", AGENCY)):
        staff.hire(login, role, unit=MINISTRY)
    return staff


def state(desk: Desk, number: str) -> AccountState:
    return desk.registry.account(number).state


def die(desk: Desk, number: str) -> None:
    desk.registry.lock(number, LockGround.DECEASED, Role.SYSTEM)


def proposed(people: Staff, kind: Kind, number: str, by: str = "head1") -> str:
    return people.logged_in(by).four_eyes.propose(kind, "nhầm hồ sơ", number=number).id


def last(desk: Desk) -> dict[str, str]:
    ((content,),) = desk.place.ask("SELECT content FROM audit ORDER BY seq DESC LIMIT 1")
    found: dict[str, str] = json.loads(content)
    return found


# --- two people -------------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-09", "S-33")
def test_as09_two_people_correct_a_death_and_the_account_is_as_before(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    told = len(desk.texts())
    proposal = proposed(people, Kind.CORRECT_DEATH, number, by="binh")
    assert state(desk, number) is AccountState.LOCKED, "a proposal changes nothing"
    done = people.logged_in("head1").four_eyes.approve(proposal)
    assert done.state is ProposalState.APPROVED
    assert state(desk, number) is AccountState.ACTIVE
    assert desk.registry.devices(number)[0].state is DeviceState.SUSPENDED, "until its next call (DS-08)"
    assert (last(desk)["act"], last(desk)["officer"]) == ("proposal-approved", done.decided_by)
    assert last(desk)["proposed_by"] == done.proposed_by != done.decided_by
    assert sorted(text["channel"] for text in desk.texts()[told:]) == ["device", "sim"]
    assert number not in str(desk.place.ask("SELECT content FROM audit"))
    desk.registry.check()


@pytest.mark.row("AS-09")
def test_as09_nobody_alone_ends_a_ground_of_death(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    people.hire("import", OfficerRole.IMPORTER)
    for role in Role:
        with pytest.raises(RefusedError):
            desk.registry.clear_lock(number, LockGround.DECEASED, role)
    with pytest.raises(RefusedError, match="AS-09"):
        people.logged_in("import").clear_lock(number, LockGround.DECEASED, Role.SYSTEM)
    assert state(desk, number) is AccountState.LOCKED


@pytest.mark.row("AS-09")
def test_as09_other_grounds_stay(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    desk.registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    people.logged_in("head2").four_eyes.approve(proposed(people, Kind.CORRECT_DEATH, number))
    assert state(desk, number) is AccountState.LOCKED
    with pytest.raises(NotFoundError):
        people.logged_in("head2").four_eyes.approve(proposed(people, Kind.CORRECT_DEATH, number))


@pytest.mark.row("S-33")
@pytest.mark.parametrize("kind", [Kind.CORRECT_DEATH, Kind.CLOSE_ACCOUNT])
def test_s33_the_proposer_never_decides(desk: Desk, people: Staff, number: str, kind: Kind) -> None:
    die(desk, number)
    proposal = proposed(people, kind, number, by="agency1")
    with pytest.raises(RefusedError, match="another person"):
        people.logged_in("agency1").four_eyes.approve(proposal)
    assert (last(desk)["act"], last(desk)["wanted"]) == ("act-refused", "approve")
    with pytest.raises(RefusedError, match="another person"):
        people.logged_in("agency1").four_eyes.reject(proposal)
    assert state(desk, number) is AccountState.LOCKED
    people.logged_in("agency2").four_eyes.approve(proposal)
    assert state(desk, number) is not AccountState.LOCKED


@pytest.mark.row("S-33")
@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("role", OfficerRole)
def test_s33_each_kind_has_its_roles(desk: Desk, staff: Staff, number: str, kind: Kind, role: OfficerRole) -> None:
    rule = KINDS[kind]
    staff.hire("xuan", role, unit=MINISTRY)
    for login in ("one", "two"):
        staff.hire(login, min(rule.propose & rule.approve), unit=MINISTRY)
    die(desk, number)
    upon = {"number": number} if rule.upon_account else {"subject": "this"}
    mine = staff.logged_in("xuan").four_eyes
    if role in rule.propose:
        assert mine.propose(kind, "why", **upon)
    else:
        with pytest.raises(RefusedError, match="none of your roles"):
            mine.propose(kind, "why", **upon)
    proposal = staff.logged_in("one").four_eyes.propose(kind, "why", **upon)
    if role in rule.approve:
        assert staff.logged_in("xuan").four_eyes.approve(proposal.id).state is ProposalState.APPROVED
    else:
        with pytest.raises(RefusedError, match="none of your roles"):
            staff.logged_in("xuan").four_eyes.approve(proposal.id)


@pytest.mark.row("S-33")
def test_s33_a_proposal_is_decided_once_within_two_days_by_a_fresh_login(
    desk: Desk, people: Staff, number: str
) -> None:
    die(desk, number)
    proposal = proposed(people, Kind.CORRECT_DEATH, number)
    tired = people.logged_in("head2")
    desk.clock.go(minutes=5)
    with pytest.raises(RefusedError, match="last five minutes"):
        tired.four_eyes.approve(proposal)
    people.logged_in("head2").four_eyes.reject(proposal)
    with pytest.raises(ConflictError):
        people.logged_in("head2").four_eyes.approve(proposal)
    late = people.logged_in("head1").four_eyes.propose(Kind.CORRECT_DEATH, "why", number=number)
    assert [each.id for each in people.logged_in("head2").four_eyes.waiting()] == [late.id]
    desk.clock.now = late.expires_at
    assert people.logged_in("head2").four_eyes.waiting() == ()
    with pytest.raises(ConflictError):
        people.logged_in("head2").four_eyes.approve(late.id)
    with pytest.raises(NotFoundError):
        people.logged_in("head2").four_eyes.approve("f" * 32)
    assert state(desk, number) is AccountState.LOCKED


@pytest.mark.row("S-33")
def test_s33_a_registry_without_officers_has_no_two_people(desk: Desk, number: str) -> None:
    with pytest.raises(RefusedError, match="two officers"):
        desk.registry.four_eyes.propose(Kind.CLOSE_ACCOUNT, "why", number=number)


def test_a_proposal_says_why_and_upon_what(people: Staff, number: str) -> None:
    mine = people.logged_in("agency1").four_eyes
    with pytest.raises(UsageError, match="reason"):
        mine.propose(Kind.CLOSE_ACCOUNT, " ", number=number)
    with pytest.raises(UsageError, match="name the account"):
        mine.propose(Kind.CLOSE_ACCOUNT, "why")
    with pytest.raises(UsageError, match="name the account"):
        mine.propose(Kind.MASS_EXPORT, "why", number=number)
    with pytest.raises(NotFoundError):
        mine.propose(Kind.CLOSE_ACCOUNT, "why", number="0" * 12)


@pytest.mark.row("S-31")
def test_s31_eight_who_approve_at_once_approve_once(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    proposal = proposed(people, Kind.CORRECT_DEATH, number)
    token = people.token("head2")
    finishes = race(
        desk.place, desk.clock, [lambda registry: registry.acting_as(token).four_eyes.approve(proposal).state] * 8
    )
    assert [finish.value for finish in finishes if finish.error is None] == [ProposalState.APPROVED]
    assert {type(finish.error) for finish in finishes if finish.error} == {ConflictError}


@pytest.mark.row("S-33", "AS-09")
def test_s33_an_approval_that_dies_has_changed_all_or_nothing(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    proposal, token = proposed(people, Kind.CORRECT_DEATH, number), people.token("head2")
    statement = 0
    while dies_at_statement(
        desk.place, desk.clock, statement := statement + 1, lambda it: it.acting_as(token).four_eyes.approve(proposal)
    ):
        ((found,),) = desk.place.ask("SELECT state FROM proposal")
        done = (found, state(desk, number))
        assert done in (("OPEN", AccountState.LOCKED), ("APPROVED", AccountState.ACTIVE)), statement
        if found == "APPROVED":
            break
    assert statement > 5
    desk.registry.check()


# --- closing ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-15")
@pytest.mark.parametrize("before", ["ISSUED", "ACTIVE", "LOCKED"])
def test_as15_two_of_the_agency_close_an_account_from_any_state(desk: Desk, people: Staff, before: str) -> None:
    number = desk.enrol()
    if before != "ISSUED":
        desk.bind(Phone.new())
    arguments = desk.pending(waiting := Phone.new())
    if before == "LOCKED":
        desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.OTHER)
    told = len(desk.texts())
    people.logged_in("agency2").four_eyes.approve(proposed(people, Kind.CLOSE_ACCOUNT, number, by="agency1"))
    assert state(desk, number) is AccountState.CLOSED
    devices = {each.thumbprint: each.state for each in desk.registry.devices(number)}
    assert devices.pop(waiting.public.thumbprint) is DeviceState.EXPIRED
    assert set(devices.values()) <= {DeviceState.REVOKED}
    assert len(devices) == (before != "ISSUED")
    with pytest.raises(RefusedError):
        desk.registry.confirm(*arguments)
    now = stamp(desk.clock())
    assert desk.place.ask(f"SELECT id FROM one_time_password WHERE consumed_at IS NULL AND expires_at > {now}") == [], (
        "no code lives on"
    )
    channels = ["sim"] if before == "ISSUED" else ["sim", "device"]
    assert [text["channel"] for text in desk.texts()[told:]] == channels
    desk.registry.check()


@pytest.mark.row("AS-15")
def test_as15_what_is_closed_stays_closed_and_its_number_reserved(desk: Desk, people: Staff, number: str) -> None:
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.OTHER)
    proposal, again = (proposed(people, Kind.CLOSE_ACCOUNT, number, by="agency1") for _ in range(2))
    people.logged_in("agency2").four_eyes.approve(proposal)
    with pytest.raises(RefusedError):
        people.logged_in("agency2").four_eyes.approve(again)
    ticket = desk.registry.begin(Purpose.ENROL)
    with pytest.raises(ConflictError, match="has an account already"):
        desk.registry.create_account(ticket.transaction_id, evidence_for(ticket), PHONE_NUMBER, CONSENT)
    with pytest.raises(RefusedError, match="locked or closed"):
        desk.pending(Phone.new())
    with pytest.raises(RefusedError):
        desk.registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    with pytest.raises(RefusedError):
        desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))
    assert state(desk, number) is AccountState.CLOSED


@pytest.mark.row("AS-15")
def test_as15_it_is_the_central_agency_that_closes(desk: Desk, people: Staff, number: str) -> None:
    with pytest.raises(RefusedError, match="none of your roles"):
        people.logged_in("binh").four_eyes.propose(Kind.CLOSE_ACCOUNT, "why", number=number)
    proposal = proposed(people, Kind.CLOSE_ACCOUNT, number)
    with pytest.raises(RefusedError, match="none of your roles"):
        people.logged_in("head2").four_eyes.approve(proposal)
    assert state(desk, number) is AccountState.ACTIVE


@pytest.mark.row("AS-15", "L-16")
def test_as15_of_a_death_nobody_is_told(desk: Desk, people: Staff, number: str) -> None:
    die(desk, number)
    told = len(desk.texts())
    people.logged_in("agency2").four_eyes.approve(proposed(people, Kind.CLOSE_ACCOUNT, number))
    assert desk.texts()[told:] == []


# --- permits ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-33")
def test_s33_a_permit_serves_once_within_a_day_and_for_what_it_was_given(desk: Desk, staff: Staff) -> None:
    staff.hire("second", OfficerRole.ADMINISTRATOR)

    def rotate(kind: KeyKind) -> None:
        staff.logged_in("admin").rotate_key(kind, approved_by=("one", "two"))

    def permit() -> None:
        proposal = staff.logged_in("admin").four_eyes.propose(Kind.ROTATE_KEYS, "why", subject=KeyKind.OUTBOX)
        with pytest.raises(RefusedError, match="two people"):
            rotate(KeyKind.OUTBOX)
        staff.logged_in("second").four_eyes.approve(proposal.id)

    permit()
    with pytest.raises(RefusedError, match="two people"):
        rotate(KeyKind.PERSONAL)
    rotate(KeyKind.OUTBOX)
    with pytest.raises(RefusedError, match="two people"):
        rotate(KeyKind.OUTBOX)
    permit()
    desk.clock.now += timedelta(days=1)
    with pytest.raises(RefusedError, match="two people"):
        rotate(KeyKind.OUTBOX)


@pytest.mark.row("S-33", "L-21")
def test_s33_data_of_one_person_are_erased_on_the_word_of_two(desk: Desk, people: Staff, number: str) -> None:
    other = desk.enrol(card(2))
    proposal = proposed(people, Kind.ERASE_DATA, number)
    people.logged_in("head2").four_eyes.approve(proposal)
    mine = people.logged_in("binh").privacy
    with pytest.raises(RefusedError, match="two people"):
        mine.erase(other, approved_by=("one", "two"))
    assert mine.erase(number).evidence > 0
    ((content,),) = desk.place.ask("SELECT content FROM audit WHERE content LIKE '%%personal-data-erased%%'")
    assert json.loads(content)["approved_by"].count(",") == 1
    with pytest.raises(RefusedError, match="two people"):
        mine.erase(number)


@pytest.mark.row("S-33")
def test_s33_the_whole_registry_is_exported_on_the_word_of_two(desk: Desk, people: Staff, tmp_path: Path) -> None:
    proposal = people.logged_in("head1").four_eyes.propose(Kind.MASS_EXPORT, "move", subject=EXPORT)
    people.logged_in("agency1").four_eyes.approve(proposal.id)
    with pytest.raises(RefusedError, match="none of your roles"):
        people.logged_in("head1").export(tmp_path / "export")
    assert people.logged_in("admin").export(tmp_path / "export").rows
    with pytest.raises(RefusedError, match="two people"):
        people.logged_in("admin").export(tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_where_there_are_no_officers_two_names_are_typed(desk: Desk) -> None:
    with pytest.raises(RefusedError, match="two persons"):
        desk.registry.rotate_key(KeyKind.OUTBOX)
    desk.registry.rotate_key(KeyKind.OUTBOX, approved_by=("one", "two"))
