"""Level 2 at the desk: the application, the national database's answer, the issue, the refusal, and their time (F6)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.registry.integrated_papers import PaperKind
from cccd_nfc.registry.level_forms import ApplicationView, Biometrics, LevelForm, NoCard, Unit
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.national_database import EnteredByHand, Match, NotConnected
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.representatives import Kinship, Representative
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import APPLICATION_TRANSITIONS, AccountState, ApplicationState, Purpose
from cccd_nfc.registry.texts import raised_text, refused_text
from cccd_nfc.simulator.personalisation import Choices
from registry_law import AT_DESK, FORM, Database, activated, card_of, child, entries, shown, trusting, with_officer
from registry_processes import race
from registry_support import Desk, card


def applied(desk: Desk, form: LevelForm = FORM, seed: int = 1) -> ApplicationView:
    return with_officer(desk).levels.apply(*shown(desk, Purpose.LEVEL_2, card(seed)), form).application


def matched(desk: Desk) -> str:
    """The id of an application whose applicant is who it says."""
    found = applied(desk)
    with_officer(desk).levels.compare(found.id, Database(Match.MATCHED))
    return found.id


def without_card(desk: Desk, **changes: str) -> LevelForm:
    secrets = card().secrets
    entries = {"full_name": "Nguyễn Thị Mẫu", "birth_date": secrets.birth_date, "sex": "F", **changes}
    return replace(FORM, entries={name: value for name, value in entries.items() if value})


# --- the application --------------------------------------------------------------------------------------------------


@pytest.mark.row("R-060", "R-061", "R-064", "R-065", "R-066", "R-068", "R-008")
def test_r060_the_application_names_desk_unit_officer_card_and_references(desk: Desk) -> None:
    found = applied(desk)
    assert found.state is ApplicationState.RECEIVED
    columns = "officer, station, unit, portrait, fingerprints, evidence_id"
    ((*named, evidence_id),) = desk.place.ask(f"SELECT {columns} FROM level_application")
    assert named == ["officer-1", "desk-1", "commune-police", "store:face-1", "store:prints-1"]
    assert desk.place.ask(f"SELECT count(*) FROM evidence WHERE id = '{evidence_id}'") == [(1,)]
    ((purpose, application),) = desk.place.ask("SELECT purpose, application_id FROM consent")
    assert (purpose, application) == ("level-2", found.id)
    (entry,) = entries(desk, "level-applied")
    assert (entry["officer"], entry["unit"], entry["station"]) == ("officer-1", "commune-police", "desk-1")


@pytest.mark.row("R-066", "S-36")
def test_r066_no_reference_and_nothing_of_the_person_reaches_the_log(desk: Desk) -> None:
    with_officer(desk).levels.issue(matched(desk))
    said = json.dumps(entries(desk), ensure_ascii=False)
    secrets = card().secrets
    for private in ("face-1", "prints-1", secrets.number, secrets.birth_date, "0912345678", "+84912345678"):
        assert private not in said
    assert "store:face-1" not in repr(FORM)


@pytest.mark.row("R-065", "R-066", "R-008")
@pytest.mark.parametrize(
    "biometrics",
    [
        Biometrics("", "store:prints-1"),
        Biometrics("store:face-1", ""),
        Biometrics("store:face-1", "store:prints-1", "an injury"),
        Biometrics("store:face-1", "\x00\x01raw print"),
        Biometrics("data:image/jpeg;base64," + "A" * 200, "store:prints-1"),
    ],
)
def test_r008_level_2_wants_references_to_both_and_takes_no_picture(desk: Desk, biometrics: Biometrics) -> None:
    with pytest.raises(UsageError):
        applied(desk, replace(FORM, biometrics=biometrics))
    assert desk.place.ask("SELECT count(*) FROM level_application") == [(0,)]


@pytest.mark.row("R-008")
def test_r008_without_fingerprints_a_reason_is_recorded(desk: Desk) -> None:
    assert applied(desk, replace(FORM, biometrics=Biometrics("store:face-1", "", "both hands are injured")))


@pytest.mark.row("R-064")
def test_r064_what_is_entered_otherwise_than_on_the_chip_is_flagged_and_changes_no_account(desk: Desk) -> None:
    birth = card().secrets.birth_date
    found = applied(desk, replace(FORM, entries={"full_name": "Ai Khác", "birth_date": birth}))
    assert found.edited == ("full_name",)
    assert entries(desk, "level-applied")[0]["edited"] == "full_name"
    levels = with_officer(desk).levels
    levels.compare(found.id, Database(Match.MATCHED))
    levels.issue(found.id)
    assert desk.registry.account(card().secrets.number).full_name != "Ai Khác"


@pytest.mark.row("R-064")
def test_r064_the_chips_data_are_taken_where_nothing_is_entered(desk: Desk) -> None:
    assert applied(desk).edited == ()
    with pytest.raises(UsageError, match="full_name"):
        applied(desk, replace(FORM, entries={"number": "1"}), 2)


@pytest.mark.row("R-063")
@pytest.mark.parametrize("papers", [(), (PaperKind.DRIVING_LICENCE, PaperKind.HEALTH_INSURANCE)])
def test_r063_the_papers_asked_for_are_kept_and_may_be_none(desk: Desk, papers: tuple[PaperKind, ...]) -> None:
    assert applied(desk, replace(FORM, papers=papers)).papers == papers


@pytest.mark.row("R-060", "R-064")
@pytest.mark.parametrize("missing", ["officer", "station"])
def test_r060_nobody_applies_without_an_officer_at_a_desk(desk: Desk, missing: str) -> None:
    with pytest.raises(RefusedError):
        with_officer(desk, **{missing: ""}).levels.apply(*shown(desk, Purpose.LEVEL_2), FORM)


@pytest.mark.row("L-06")
@pytest.mark.parametrize("station", ["desk-1", "far-away-9"])
def test_l06_any_desk_takes_an_application(desk: Desk, station: str) -> None:
    activated(desk)
    assert with_officer(desk, station=station).levels.apply(*shown(desk, Purpose.LEVEL_2), FORM)


@pytest.mark.row("L-06", "R-061")
def test_l06_only_a_valid_card_that_signed_for_this_applies(desk: Desk) -> None:
    levels = with_officer(desk).levels
    with pytest.raises(RefusedError):
        levels.apply(*shown(desk, Purpose.ENROL), FORM)
    with pytest.raises(NotVerifiedError, match="document-validity"):
        levels.apply(*shown(desk, Purpose.LEVEL_2, card(1, Choices(expired=True))), FORM)


@pytest.mark.row("R-071")
def test_r071_the_receipt_names_the_article(desk: Desk) -> None:
    old = card_of(date(2024, 6, 20), 8)
    trusting(desk, old)
    for moment, chosen, article in (
        (datetime(2024, 6, 30, 9, tzinfo=UTC), old, "Decree 59/2022 Art. 14(2)"),
        (desk.clock.now, card(), "Decree 69/2024 Art. 10"),
    ):
        desk.clock.now = moment
        done = with_officer(desk).levels.apply(*shown(desk, Purpose.LEVEL_2, chosen), FORM)
        facts = verify_receipt(done.receipt, desk.registry.receipt_key())
        assert (facts["law"], facts["act"]) == (article, "level-2-applied")
        assert done.application.clause == article


@pytest.mark.row("L-02")
def test_l02_level_2_below_14_needs_a_representative_and_below_6_is_not_given(desk: Desk) -> None:
    activated(desk, card(2))
    parent = Representative(card(2).secrets.number, Kinship.PARENT, "khai-sinh-1")
    six, five = child(date(2020, 6, 1)), child(date(2020, 6, 2))
    trusting(desk, six, five)
    levels = with_officer(desk).levels
    with pytest.raises(RefusedError, match="parent or guardian"):
        levels.apply(*shown(desk, Purpose.LEVEL_2, six), FORM)
    with pytest.raises(RefusedError, match="level 2"):
        levels.apply(*shown(desk, Purpose.LEVEL_2, five), replace(FORM, representative=parent))
    found = levels.apply(*shown(desk, Purpose.LEVEL_2, six), replace(FORM, representative=parent)).application
    levels.compare(found.id, Database(Match.MATCHED))
    levels.issue(found.id)
    assert desk.place.ask("SELECT kinship FROM representation") == [("parent",)]


# --- without a card ---------------------------------------------------------------------------------------------------


@pytest.mark.row("R-070", "L-08")
@pytest.mark.parametrize("why", list(NoCard))
def test_r070_without_a_valid_card_the_application_waits_for_its_issue(desk: Desk, why: NoCard) -> None:
    levels = with_officer(desk).levels
    found = levels.apply_without_card(card().secrets.number, without_card(desk), why).application
    assert (found.state, found.due_at.date()) == (ApplicationState.WITH_CARD_ISSUE, date(2026, 6, 10))
    with pytest.raises(RefusedError, match="waits for the card"):
        levels.compare(found.id, Database(Match.MATCHED))
    with pytest.raises(RefusedError):
        levels.issue(found.id)
    with pytest.raises(RefusedError, match="not that of the applicant"):
        levels.card_issued(found.id, *shown(desk, Purpose.LEVEL_2, card(2)))
    there = levels.card_issued(found.id, *shown(desk, Purpose.LEVEL_2))
    assert (there.state, "full_name" in there.edited, "birth_date" in there.edited) == ("RECEIVED", True, False)
    levels.compare(found.id, Database(Match.MATCHED))
    levels.issue(found.id)
    assert desk.registry.account(card().secrets.number).level == 2


@pytest.mark.row("R-070")
@pytest.mark.parametrize("missing", ["full_name", "birth_date", "sex"])
def test_r070_without_a_card_everything_is_entered(desk: Desk, missing: str) -> None:
    with pytest.raises(UsageError):
        with_officer(desk).levels.apply_without_card(
            "001099000001", without_card(desk, **{missing: ""}), NoCard.EXPIRED
        )


# --- the national database --------------------------------------------------------------------------------------------


@pytest.mark.row("R-067", "AS-02")
def test_r067_no_match_blocks_for_good(desk: Desk) -> None:
    found, levels = applied(desk), with_officer(desk).levels
    assert levels.compare(found.id, Database(Match.NO_MATCH)).state is ApplicationState.NO_MATCH
    with pytest.raises(RefusedError):
        levels.issue(found.id)
    with pytest.raises(RefusedError):
        levels.compare(found.id, Database(Match.MATCHED))
    with pytest.raises(NotFoundError):
        desk.registry.account(card().secrets.number)


@pytest.mark.row("R-067")
def test_r067_a_database_that_cannot_be_reached_gives_nothing_and_is_asked_again(desk: Desk) -> None:
    found, levels = applied(desk), with_officer(desk).levels
    assert levels.compare(found.id, NotConnected()).state is ApplicationState.UNAVAILABLE
    with pytest.raises(RefusedError):
        levels.issue(found.id)
    database = Database(Match.UNAVAILABLE, Match.MATCHED)
    levels.compare(found.id, database)
    assert levels.compare(found.id, database).state is ApplicationState.MATCHED
    (first, second) = database.asked
    assert (first, first.portrait, len(first.chip_portrait)) == (second, "store:face-1", 64)


@pytest.mark.row("R-067")
def test_r067_an_answer_entered_by_hand_has_its_number(desk: Desk) -> None:
    found, levels = applied(desk), with_officer(desk).levels
    with pytest.raises(UsageError):
        levels.compare(found.id, EnteredByHand(Match.MATCHED, " "))
    levels.compare(found.id, EnteredByHand(Match.MATCHED, "tra-loi-12"))
    assert desk.place.ask("SELECT match_reference FROM level_application") == [("tra-loi-12",)]


def test_every_step_of_an_application_is_one_of_the_table(desk: Desk) -> None:
    """From each state every act that its table does not have is refused."""
    found, levels = applied(desk), with_officer(desk).levels
    for state in ApplicationState:
        desk.place.change(f"UPDATE level_application SET state = '{state}'")
        for after, act in (
            (ApplicationState.ISSUED, lambda: levels.issue(found.id)),
            (ApplicationState.NO_MATCH, lambda: levels.compare(found.id, Database(Match.NO_MATCH))),
        ):
            if (state, after) not in APPLICATION_TRANSITIONS:
                with pytest.raises(RefusedError):
                    act()


# --- the issue --------------------------------------------------------------------------------------------------------


@pytest.mark.row("AS-02", "R-069", "L-09", "R-071")
def test_as02_level_2_is_issued_told_once_and_waits_for_its_activation(desk: Desk) -> None:
    done = with_officer(desk).levels.issue(matched(desk))
    number = card().secrets.number
    view = desk.registry.account(number)
    assert (view.level, view.state) == (2, AccountState.ISSUED)
    assert view.activate_before == desk.clock.now + timedelta(days=7)
    (text,) = desk.texts()
    assert "muc 2" in text["text"]
    (entry,) = entries(desk, "account-issued")
    assert (entry["row"], entry["notice"], entry["level"]) == ("AS-02", "sim", "2")
    assert desk.place.ask("SELECT notice_channel FROM level_application") == [("sim",)]
    assert verify_receipt(done.receipt, desk.registry.receipt_key())["act"] == "level-2-issued"
    desk.bind(Phone.new())
    assert desk.registry.account(number).state is AccountState.ACTIVE


@pytest.mark.row("AS-10", "R-005")
def test_as10_an_active_account_is_raised_and_stays_active(desk: Desk) -> None:
    number = activated(desk)
    with_officer(desk).levels.issue(matched(desk))
    view = desk.registry.account(number)
    assert (view.level, view.state) == (2, AccountState.ACTIVE)
    assert desk.place.ask("SELECT count(*) FROM account") == [(1,)]
    assert [entry["row"] for entry in entries(desk, "level-raised")] == ["AS-10"]
    assert [text["text"] for text in desk.texts()][-1].startswith(raised_text())
    with pytest.raises(ConflictError, match="level 2 already"):
        applied(desk)


@pytest.mark.row("AS-10")
@pytest.mark.parametrize("when", ["before", "after"])
def test_as10_what_is_not_active_is_not_raised(desk: Desk, when: str) -> None:
    """Not issued, not late, not locked: neither when it is applied for nor when it is to be issued."""
    number = activated(desk)
    application = matched(desk) if when == "after" else ""
    for state in (AccountState.ISSUED, AccountState.ISSUED_LATE, AccountState.LOCKED, AccountState.CLOSED):
        desk.place.change(f"UPDATE account SET state = '{state}'")
        with pytest.raises(RefusedError, match="active"):
            if when == "after":
                with_officer(desk).levels.issue(application)
            else:
                applied(desk)
    assert desk.registry.account(number).level == 1


@pytest.mark.row("AS-10")
def test_as10_a_lock_stays_a_lock_at_the_raise(desk: Desk) -> None:
    number = activated(desk)
    application = matched(desk)
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)
    with pytest.raises(RefusedError):
        with_officer(desk).levels.issue(application)
    assert desk.registry.account(number).state is AccountState.LOCKED


@pytest.mark.row("AS-02", "S-31")
def test_as02_two_desks_that_issue_at_once_issue_once(desk: Desk) -> None:
    application = matched(desk)

    def issue(registry: Registry) -> str:
        return registry.acting(AT_DESK).levels.issue(application).receipt

    finishes = race(desk.place, desk.clock, [issue] * 4)
    assert len([each for each in finishes if each.error is None]) == 1
    assert desk.place.ask("SELECT count(*) FROM account") == [(1,)]


@pytest.mark.row("R-069")
def test_r069_a_refusal_has_a_reason_and_is_told_once(desk: Desk) -> None:
    found, levels = applied(desk), with_officer(desk).levels
    with pytest.raises(UsageError):
        levels.refuse(found.id, " ")
    refused = levels.refuse(found.id, "ảnh không rõ")
    assert (refused.state, refused.refusal) == (ApplicationState.REFUSED, "ảnh không rõ")
    assert [text["text"] for text in desk.texts()] == [refused_text()]
    with pytest.raises(RefusedError):
        levels.refuse(found.id, "again")
    assert applied(desk).state is ApplicationState.RECEIVED


@pytest.mark.row("R-069")
def test_r069_each_notice_fits_one_message() -> None:
    for text in (raised_text(), refused_text()):
        assert len(text) <= 160
        assert text.isascii()


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-08")
def test_l08_three_working_days_and_then_it_is_overdue(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 6, 4, 9, tzinfo=UTC)  # a Thursday
    found = applied(desk)
    assert found.due_at == datetime(2026, 6, 9, 17, tzinfo=UTC)  # Tuesday's end in Vietnam
    levels = with_officer(desk).levels
    assert [each.id for each in levels.waiting()] == [found.id]
    desk.clock.now = found.due_at - timedelta(seconds=1)
    assert levels.overdue() == ()
    desk.clock.go(seconds=1)
    assert [each.id for each in levels.overdue()] == [found.id]
    levels.refuse(found.id, "ảnh không rõ")
    assert levels.overdue() == levels.waiting() == ()


@pytest.mark.row("R-060", "S-31")
def test_one_person_has_one_open_application(desk: Desk) -> None:
    applied(desk)
    with pytest.raises(ConflictError, match="waits already"):
        applied(desk)
    assert applied(desk, replace(FORM, unit=Unit.CARD_OFFICE), 2)


def test_an_application_that_is_none_is_said(desk: Desk) -> None:
    assert desk.registry.levels.waiting() == ()
    with pytest.raises(NotFoundError):
        with_officer(desk).levels.issue("none")
