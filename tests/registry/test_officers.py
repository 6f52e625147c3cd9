"""Officers: who adds them, what each role may do, how long a login lasts, and what the audit says (S-32, S-33)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.breach import Exposed, Exposure
from cccd_nfc.registry.integrated_papers import NewPaper, PaperKind
from cccd_nfc.registry.level_forms import NoCard
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind
from cccd_nfc.registry.officer_sessions import hashed
from cccd_nfc.registry.origin import DESK, HOTLINE, Channel, Origin
from cccd_nfc.registry.permissions import PERMITTED, STEP_UP, Act, OfficerRole, UnitKind
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.representatives import Kinship, Representative
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from officer_support import COMMUNE, MINISTRY, PASSWORD, Staff
from registry_law import FORM
from registry_processes import race
from registry_support import CONSENT, PHONE_NUMBER, Desk, evidence_for

PAPER = Paper("Cơ quan giả định", "12/YC", date(2026, 6, 1))
OWN, AUTHORITY = LockGround.OWNER_REQUEST, LockGround.AUTHORITY_REQUEST


def entries(desk: Desk) -> list[dict[str, str]]:
    return [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]


# --- adding and disabling ---------------------------------------------------------------------------------------------


@pytest.mark.row("S-33")
def test_s33_the_first_officer_is_an_administrator_and_the_only_one_whom_nobody_adds(desk: Desk) -> None:
    desk.registry.stations.add_unit(COMMUNE, "Phường", UnitKind.COMMUNE)
    at_desk = desk.registry.acting(DESK)
    with pytest.raises(RefusedError, match="first officer"):
        at_desk.officers.add("an", "An", COMMUNE, [OfficerRole.RECEIVING], PASSWORD)
    at_desk.officers.add("admin", "Ad", COMMUNE, [OfficerRole.ADMINISTRATOR], PASSWORD)
    for roles in ([OfficerRole.ADMINISTRATOR], [OfficerRole.RECEIVING]):
        with pytest.raises(RefusedError, match="log in first"):
            at_desk.officers.add("an", "An", COMMUNE, roles, PASSWORD)


@pytest.mark.row("S-33")
@pytest.mark.parametrize("role", [each for each in OfficerRole if each is not OfficerRole.ADMINISTRATOR])
def test_s33_only_an_administrator_adds_officers_and_stations(staff: Staff, role: OfficerRole) -> None:
    staff.hire("binh", role, unit=MINISTRY)
    mine = staff.logged_in("binh")
    tries: list[Callable[[], object]] = [
        lambda: mine.officers.add("chi", "Chi", COMMUNE, [OfficerRole.AUDITOR], PASSWORD),
        lambda: mine.officers.disable("admin"),
        lambda: mine.officers.enable("admin"),
        lambda: mine.officers.renew("admin", PASSWORD),
        lambda: mine.officers.register_phone("admin", Phone.new().public),
        lambda: mine.stations.add_unit("X", "X", UnitKind.COMMUNE),
        lambda: mine.stations.add("X", COMMUNE, Phone.new().public),
        lambda: mine.stations.disable(staff.station_id),
    ]
    for attempt in tries:
        with pytest.raises(RefusedError, match="none of your roles"):
            attempt()


@pytest.mark.row("S-33")
def test_s33_roles_that_must_stand_alone_or_at_the_ministry(staff: Staff) -> None:
    admin = staff.logged_in("admin").officers
    for other in (OfficerRole.ADMINISTRATOR, OfficerRole.AUDITOR):
        with pytest.raises(UsageError, match="no other role"):
            admin.add("chi", "Chi", COMMUNE, [other, OfficerRole.RECEIVING], PASSWORD)
    with pytest.raises(UsageError, match="a role at least"):
        admin.add("chi", "Chi", COMMUNE, [], PASSWORD)
    with pytest.raises(RefusedError, match="ministry"):
        admin.add("chi", "Chi", COMMUNE, [OfficerRole.AGENCY_HEAD], PASSWORD)
    with pytest.raises(NotFoundError):
        admin.add("chi", "Chi", "nowhere", [OfficerRole.RECEIVING], PASSWORD)
    with pytest.raises(UsageError, match="login name"):
        admin.add("Chị", "Chi", COMMUNE, [OfficerRole.RECEIVING], PASSWORD)
    with pytest.raises(ConflictError):
        admin.add("admin", "Chi", COMMUNE, [OfficerRole.RECEIVING], PASSWORD)


@pytest.mark.row("S-32")
def test_s32_an_officer_who_is_disabled_can_do_nothing_from_that_moment(desk: Desk, staff: Staff) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    token = staff.token("binh")
    mine = desk.registry.acting_as(token)
    staff.logged_in("admin").officers.disable("binh")
    with pytest.raises(RefusedError, match="session has ended"):
        mine.begin(Purpose.ENROL)
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(token)
    with pytest.raises(RefusedError):
        staff.token("binh")
    staff.logged_in("admin").officers.enable("binh")
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(token)
    assert staff.logged_in("binh").begin(Purpose.ENROL)


def test_the_last_administrator_is_not_disabled_and_nobody_renews_their_own_login(desk: Desk, staff: Staff) -> None:
    admin = staff.logged_in("admin").officers
    with pytest.raises(RefusedError, match="last administrator"):
        admin.disable("admin")
    with pytest.raises(RefusedError, match="another administrator"):
        admin.renew("admin", PASSWORD)
    staff.hire("second", OfficerRole.ADMINISTRATOR)
    token = staff.token("admin")
    made = staff.logged_in("second").officers.renew("admin", "another password 2")
    staff.seeds["admin"] = staff.seed(made.uri)
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(token)
    with pytest.raises(RefusedError):
        staff.token("admin")
    assert desk.registry.officer_logins.login("admin", "another password 2", staff.code("admin")).token
    staff.logged_in("second").officers.disable("admin")


@pytest.mark.row("S-33")
@pytest.mark.parametrize("channel", Channel)
def test_s33_by_no_channel_are_officers_managed_without_one(desk: Desk, staff: Staff, channel: Channel) -> None:
    """Not by an app, and not in the name of the system either."""
    nobody = desk.registry.acting(Origin(channel))
    tries: list[Callable[[], object]] = [
        lambda: nobody.officers.add("chi", "Chi", COMMUNE, [OfficerRole.ADMINISTRATOR], PASSWORD),
        lambda: nobody.officers.listed(),
        lambda: nobody.stations.add("X", COMMUNE, Phone.new().public),
        lambda: nobody.four_eyes.waiting(),
        lambda: nobody.approve_request("f" * 32, by="x", role=Role.AGENCY_HEAD),
    ]
    for attempt in tries:
        with pytest.raises(RefusedError, match="log in first"):
            attempt()


# --- sessions ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-32")
def test_s32_a_session_ends_after_fifteen_idle_minutes(desk: Desk, staff: Staff) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    mine = staff.logged_in("binh")
    for _ in range(3):
        desk.clock.go(minutes=14, seconds=59)
        assert mine.begin(Purpose.ENROL), "what is used goes on"
    desk.clock.go(minutes=15)
    with pytest.raises(RefusedError, match="session has ended"):
        mine.begin(Purpose.ENROL)


@pytest.mark.row("S-32")
def test_s32_a_session_ends_after_eight_hours_and_a_step_up_does_not_lengthen_it(desk: Desk, staff: Staff) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    token = staff.token("binh")
    began = desk.clock.now
    while desk.clock.now < began + timedelta(hours=7, minutes=50):
        desk.clock.go(minutes=10)
        desk.registry.acting_as(token).begin(Purpose.ENROL)
        if desk.clock.now == began + timedelta(hours=5):
            fresh = desk.registry.officer_logins.step_up(token, PASSWORD, staff.code("binh"))
            assert fresh.expires_at == began + timedelta(hours=8)
            token = fresh.token
    desk.clock.now = began + timedelta(hours=8)
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(token)


@pytest.mark.row("S-32")
def test_s32_tokens_are_new_at_each_login_and_step_up_and_only_their_hash_is_kept(desk: Desk, staff: Staff) -> None:
    first, second = staff.token("admin"), staff.token("admin")
    third = desk.registry.officer_logins.step_up(second, PASSWORD, staff.code("admin")).token
    assert len({first, second, third}) == 3
    assert len(third) == 43, "256 bit"
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(second)
    assert desk.registry.acting_as(first)
    kept = str(desk.place.rows())
    assert third not in kept
    assert hashed(third) in kept


@pytest.mark.row("S-32")
def test_s32_a_step_up_needs_the_whole_login_and_a_living_session(desk: Desk, staff: Staff) -> None:
    token = staff.token("admin")
    with pytest.raises(RefusedError):
        desk.registry.officer_logins.step_up(token, "wrong", staff.code("admin"))
    with pytest.raises(RefusedError):
        desk.registry.officer_logins.step_up(token, PASSWORD, "000000")
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.officer_logins.step_up("no token", PASSWORD, staff.code("admin"))
    desk.registry.officer_logins.logout(token)
    desk.registry.officer_logins.logout(token)
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.officer_logins.step_up(token, PASSWORD, staff.code("admin"))


@pytest.mark.row("S-32")
def test_s32_binding_wants_a_login_of_the_last_five_minutes(desk: Desk, staff: Staff) -> None:
    desk.enrol()
    staff.hire("binh", OfficerRole.RECEIVING)
    token = staff.token("binh")
    desk.clock.go(minutes=4, seconds=50)
    desk.registry = desk.registry.acting_as(token)
    pending = desk.pending(Phone.new())
    desk.clock.go(seconds=9)
    with pytest.raises(RefusedError, match="last five minutes"):
        desk.registry.confirm(*pending)
    assert desk.place.ask("SELECT tries_left FROM one_time_password") == [(5,)], "no try was spent"
    fresh = desk.registry.officer_logins.step_up(token, PASSWORD, staff.code("binh"))
    assert desk.registry.acting_as(fresh.token).confirm(*pending)


# --- what a role may do -----------------------------------------------------------------------------------------------


@pytest.mark.row("S-33")
def test_s33_every_act_has_its_roles_and_purposes_are_acts() -> None:
    assert set(PERMITTED) == set(Act)
    assert {purpose.value for purpose in Purpose} <= {act.value for act in Act}
    assert {Act.CONFIRM, Act.UNLOCK_WITH_CARD, Act.UNLOCK_AND_BIND} <= STEP_UP
    assert [act for act in Act if OfficerRole.HOTLINE in PERMITTED[act]] == [
        Act.LOCK, Act.OWN_KEYS, Act.PROPOSE, Act.APPROVE
    ]  # fmt: skip
    seeing = {
        *(Act.SEE_ACCOUNT, Act.SEE_REQUESTS, Act.SEE_APPLICATIONS, Act.SEE_OFFICERS, Act.SEE_OUTBOX),
        Act.OWN_KEYS,
    }
    assert {act for act in Act if OfficerRole.AUDITOR in PERMITTED[act]} == seeing
    for seen in (Act.SEE_ACCOUNT, Act.SEE_PERSONAL):
        assert not PERMITTED[seen] & {OfficerRole.ADMINISTRATOR, OfficerRole.HOTLINE, OfficerRole.IMPORTER}


def each_act(desk: Desk, number: str) -> dict[Act, Callable[[Registry], object]]:
    """One try of every act that officers may be refused, upon an account with a device and a request."""
    request = desk.registry.file_request(number, RequestKind.LOCK, AUTHORITY, PAPER, by="before").id
    forwarded = desk.registry.file_request(number, RequestKind.LOCK, AUTHORITY, PAPER, by="before").id
    desk.registry.forward_request(forwarded, by="before")
    pending = desk.pending(Phone.new())
    tickets = {purpose: desk.registry.begin(purpose) for purpose in Purpose}
    proofs = {purpose: evidence_for(ticket) for purpose, ticket in tickets.items()}
    ids = {purpose: ticket.transaction_id for purpose, ticket in tickets.items()}
    return {
        Act.ENROL: lambda r: r.create_account(ids[Purpose.ENROL], proofs[Purpose.ENROL], PHONE_NUMBER, CONSENT),
        Act.ACTIVATE: lambda r: r.submit_evidence(ids[Purpose.ACTIVATE], proofs[Purpose.ACTIVATE]),
        Act.UNLINK: lambda r: r.unlink(ids[Purpose.UNLINK], proofs[Purpose.UNLINK]),
        Act.LOCK_WITH_CARD: lambda r: r.lock_with_card(ids[Purpose.LOCK], proofs[Purpose.LOCK], LockReason.OTHER),
        Act.UNLOCK_WITH_CARD: lambda r: r.unlock_with_card(ids[Purpose.UNLOCK], proofs[Purpose.UNLOCK]),
        Act.UNLOCK_AND_BIND: lambda r: r.unlock_and_bind(ids[Purpose.UNLOCK_AND_BIND], proofs[Purpose.UNLOCK_AND_BIND]),
        Act.NOTE_LOST_CARD: lambda r: r.note_lost_card(number),
        Act.CONFIRM: lambda r: r.confirm(*pending),
        Act.SAME_PERSON: lambda r: r.same_person(pending[0]),
        Act.SEE_ACCOUNT: lambda r: (r.account(number), r.devices(number), r.locks(number)),
        Act.LOCK: lambda r: r.lock(number, OWN, Role.OFFICER, LockReason.OTHER),
        Act.CLEAR_LOCK: lambda r: r.clear_lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM),
        Act.FILE_REQUEST: lambda r: r.file_request(number, RequestKind.LOCK, AUTHORITY, PAPER),
        Act.FORWARD_REQUEST: lambda r: r.forward_request(request),
        Act.DECIDE_REQUEST: lambda r: r.approve_request(forwarded),
        Act.SEE_REQUESTS: lambda r: (r.waiting_requests(), r.overdue_requests()),
        Act.SEE_OFFICERS: lambda r: (r.officers.listed(), r.stations.listed(), r.stations.units()),
        **{act: partial(_begin, Purpose(act.value)) for act in _BY_CARD},
        **_acts_that_came_later(number),
    }


_BY_CARD = (
    *(Act.ASSIST, Act.LEVEL_2, Act.REPRESENT, Act.ENROL_FOREIGNER, Act.RENEW_PASSPORT, Act.ACTIVATE_WEB),
    *(Act.RESET, Act.CLEAR_HOLD, Act.CHANGE_PHONE, Act.SET_EMAIL),
)


def _begin(purpose: Purpose, registry: Registry) -> object:
    return registry.begin(purpose)


def _acts_that_came_later(number: str) -> dict[Act, Callable[[Registry], object]]:
    entries = {"full_name": "Nguyễn Thị Mẫu", "birth_date": "1990-01-01", "sex": "F"}
    by_hand = replace(FORM, entries=entries)
    someone = Representative(number, Kinship.PARENT, "12/2020")
    exposure = Exposure(
        frozenset({Exposed.ACCOUNTS}), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    )
    return {
        Act.SEE_PERSONAL: lambda r: r.privacy.reveal(number, "why"),
        Act.ANSWER_OWNER: lambda r: r.subject_requests.receive(number, "view"),
        Act.LIST_BREACH: lambda r: r.privacy.breach(exposure, datetime(2026, 3, 1, tzinfo=UTC)),
        Act.APPLY_BY_HAND: lambda r: r.levels.apply_without_card(number, by_hand, NoCard.NONE_YET),
        Act.DECIDE_LEVEL: lambda r: r.levels.issue("f" * 32),
        Act.SEE_APPLICATIONS: lambda r: r.levels.waiting(),
        Act.ADD_PAPER: lambda r: r.papers.add(
            number, NewPaper(PaperKind.HEALTH_INSURANCE, "x", date(2026, 1, 1), {"number": "1"})
        ),
        Act.APPOINT: lambda r: r.representatives.appoint(number, someone),
        Act.IMPORT_STATUS: lambda r: r.contacts.heed_sim_change(number, datetime(2026, 1, 1, tzinfo=UTC)),
        Act.TAKE_JOURNAL: lambda r: r.offline(lambda _: Phone.new().public).issue_pass("desk"),
        Act.SEE_OUTBOX: lambda r: r.messages.waiting(),
        Act.KEEP_REGISTRY: lambda r: r.privacy.check_sealed(),
    }


def test_s33_every_act_is_tried(desk: Desk) -> None:
    """Those that are left have tests of their own."""
    number = desk.enrol()
    left = {Act.MANAGE_OFFICERS, Act.OWN_KEYS, Act.PROPOSE, Act.APPROVE}
    assert set(each_act(desk, number)) == set(Act) - left


@pytest.mark.row("S-33")
@pytest.mark.parametrize("role", OfficerRole)
def test_s33_what_is_not_a_roles_is_refused_and_leaves_a_trace(desk: Desk, role: OfficerRole) -> None:
    """And what is the role's is not refused for that: it may still fail for what the account is like."""
    number = desk.enrol()
    desk.bind(Phone.new())
    acts = each_act(desk, number)
    staff = Staff(desk)
    officer = staff.hire("binh", role, unit=MINISTRY)
    mine = staff.logged_in("binh", at_station=True)
    for act, attempt in acts.items():
        refusal = ""
        before = len(entries(desk))
        try:
            attempt(mine)
        except (RefusedError, NotFoundError, ConflictError) as error:
            refusal = str(error)
        if role in PERMITTED[act] and not (act is Act.LOCK and role in (OfficerRole.HOTLINE, OfficerRole.IMPORTER)):
            assert "none of your roles" not in refusal, act
            continue
        if act is Act.LOCK or role not in PERMITTED[act]:
            assert "none of your roles" in refusal, act
            (entry,) = entries(desk)[before:]
            assert (entry["act"], entry["officer"], entry["wanted"]) == ("act-refused", officer, act)
    desk.registry.check()


@pytest.mark.row("S-33")
def test_s33_where_there_are_officers_nothing_is_done_at_a_desk_without_one(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    acts = each_act(desk, number)
    Staff(desk)
    before = desk.place.ask("SELECT state FROM account"), desk.place.ask("SELECT state FROM device")
    for origin in (DESK, HOTLINE):
        for act, attempt in acts.items():
            with pytest.raises(RefusedError, match="log in first"):
                attempt(desk.registry.acting(origin))
            assert entries(desk)[-1]["wanted"] == act
        with pytest.raises(RefusedError, match="log in first"):
            desk.registry.acting(origin).begin(Purpose.ENROL)
    assert (desk.place.ask("SELECT state FROM account"), desk.place.ask("SELECT state FROM device")) == before


@pytest.mark.row("S-33")
def test_s33_the_hotline_locks_on_the_owners_word_and_does_nothing_else(desk: Desk, staff: Staff) -> None:
    number = desk.enrol()
    staff.hire("hoa", OfficerRole.HOTLINE)
    calling = staff.logged_in("hoa").on(Channel.HOTLINE)
    for role in (Role.OFFICER, Role.SYSTEM, Role.OWNER, Role.UNIT_HEAD):
        with pytest.raises(RefusedError, match="none of your roles"):
            calling.lock(number, OWN, role, LockReason.OTHER)
    calling.lock(number, OWN, Role.HOTLINE, LockReason.LOST_DEVICE)
    assert (entries(desk)[-1]["channel"], entries(desk)[-1]["act"]) == ("hotline", "account-locked")
    with pytest.raises(RefusedError, match="none of your roles"):
        calling.account(number)


@pytest.mark.row("R-004", "R-060", "R-064")
def test_r004_r060_r064_the_audit_and_the_device_name_officer_station_and_unit(desk: Desk, staff: Staff) -> None:
    number = desk.enrol()
    officer = staff.hire("binh", OfficerRole.RECEIVING)
    desk.registry = staff.logged_in("binh", at_station=True)
    desk.bind(Phone.new())
    entry = entries(desk)[-1]
    assert (entry["channel"], entry["officer"], entry["station"], entry["unit"]) == (
        "desk", officer, staff.station_id, "commune"
    )  # fmt: skip
    (bound,) = [each for each in desk.registry.devices(number) if each.state is DeviceState.ACTIVE]
    assert (bound.officer, bound.station) == (officer, staff.station_id)
    assert "Binh" not in json.dumps(entries(desk))


# --- requests ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-33", "R-086")
def test_s33_r086_who_files_and_decides_is_who_has_logged_in_and_not_what_is_typed(desk: Desk, staff: Staff) -> None:
    number = desk.enrol()
    both = (OfficerRole.RECEIVING, OfficerRole.AGENCY_HEAD)
    staff.hire("binh", *both, unit=MINISTRY)
    head = staff.hire("head", OfficerRole.AGENCY_HEAD, unit=MINISTRY)
    mine = staff.logged_in("binh")
    request = mine.file_request(number, RequestKind.LOCK, AUTHORITY, PAPER, by="somebody else").id
    mine.forward_request(request, by="a third")
    with pytest.raises(RefusedError, match="does not decide it"):
        mine.approve_request(request, by="a fourth", role=Role.AGENCY_HEAD)
    assert entries(desk)[-1]["wanted"] == Act.DECIDE_REQUEST
    with pytest.raises(RefusedError, match="does not decide it"):
        mine.refuse_request(request, by="a fourth", role=Role.AGENCY_HEAD, reason="no")
    staff.logged_in("head").approve_request(request)
    entry = entries(desk)[-1]
    assert (entry["act"], entry["officer"]) == ("lock-request-approved", head)
    assert desk.registry.account(number).state is AccountState.LOCKED


@pytest.mark.row("S-33")
@pytest.mark.parametrize("decider", ["binh", "chi"])
def test_s33_neither_the_one_who_filed_nor_the_one_who_forwarded_decides(
    desk: Desk, staff: Staff, decider: str
) -> None:
    number = desk.enrol()
    for login in ("binh", "chi"):
        staff.hire(login, OfficerRole.RECEIVING, OfficerRole.AGENCY_HEAD, unit=MINISTRY)
    request = staff.logged_in("binh").file_request(number, RequestKind.LOCK, AUTHORITY, PAPER).id
    staff.logged_in("chi").forward_request(request)
    with pytest.raises(RefusedError, match="does not decide it"):
        staff.logged_in(decider).approve_request(request, by="somebody else", role=Role.AGENCY_HEAD)
    assert desk.registry.account(number).state is AccountState.ISSUED


@pytest.mark.row("R-086")
def test_r086_the_receiving_officer_does_not_decide_and_the_head_of_another_unit_neither(desk: Desk) -> None:
    """Under the decree in force until July 2024, which lets the receiving unit decide."""
    number = desk.enrol()
    desk.clock.now = datetime(2024, 2, 7, 9, tzinfo=UTC)
    staff = Staff(desk)
    staff.hire("binh", OfficerRole.RECEIVING)
    staff.hire("other", OfficerRole.UNIT_HEAD, unit=MINISTRY)
    head = staff.hire("head", OfficerRole.UNIT_HEAD)
    request = staff.logged_in("binh").file_request(number, RequestKind.LOCK, AUTHORITY, PAPER).id
    with pytest.raises(RefusedError, match="none of your roles"):
        staff.logged_in("binh").approve_request(request, by="Head", role=Role.UNIT_HEAD)
    with pytest.raises(RefusedError, match="that received the request"):
        staff.logged_in("other").approve_request(request)
    staff.logged_in("head").approve_request(request)
    assert entries(desk)[-1]["officer"] == head


@pytest.mark.row("L-23")
def test_l23_there_is_no_district_any_more() -> None:
    assert [kind.value for kind in UnitKind] == ["commune", "province", "ministry"]
    with pytest.raises(ValueError, match="district"):
        UnitKind("district")


def test_eight_first_administrators_at_once_are_one(desk: Desk) -> None:
    desk.registry.stations.add_unit(COMMUNE, "Phường", UnitKind.COMMUNE)

    def first(name: str) -> Callable[[Registry], object]:
        roles = [OfficerRole.ADMINISTRATOR]
        return lambda registry: registry.acting(DESK).officers.add(name, "A", COMMUNE, roles, PASSWORD).id

    finishes = race(desk.place, desk.clock, [first(f"admin{number}") for number in range(8)])
    assert len([finish for finish in finishes if finish.error is None]) == 1
    assert len(desk.place.ask("SELECT id FROM officer")) == 1


def test_officers_and_units_are_listed(staff: Staff) -> None:
    admin = staff.logged_in("admin")
    with pytest.raises(UsageError):
        admin.stations.add_unit("a b", "X", UnitKind.COMMUNE)
    with pytest.raises(ConflictError):
        admin.stations.add_unit(COMMUNE, "X", UnitKind.COMMUNE)
    (view,) = admin.officers.listed()
    assert (view.login, view.unit, view.unit_kind, view.enabled) == ("admin", COMMUNE, UnitKind.COMMUNE, True)
    assert [unit.code for unit in admin.stations.units()] == [MINISTRY, COMMUNE]
    (station,) = admin.stations.listed()
    assert (station.id, station.unit_kind) == (staff.station_id, UnitKind.COMMUNE)
