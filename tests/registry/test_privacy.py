"""Reads that are logged, export and erasure by person, and terms after which data go."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import event

from cccd_nfc.errors import NotFoundError, RefusedError, RegistryUnavailableError, RulesUnavailableError, SignatureError
from cccd_nfc.registry import retention
from cccd_nfc.registry.breach import Exposed, Exposure
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.person_export import verified_export
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.retention import Kind
from cccd_nfc.registry.sealed_file import Recipient, new_recipient
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import DeviceState, Purpose
from registry_places import only_sqlite
from registry_processes import dies_at_statement, open_registry, starved
from registry_support import CONSENT, Desk, card, evidence_for

TWO = ("officer-1", "officer-2")


def used(desk: Desk) -> str:
    """The number of a person with a replaced device, an active one, and letters sent."""
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.clock.go(hours=1)
    desk.bind(Phone.new())
    desk.registry.deliver()
    return number


def acts_in_log(desk: Desk) -> list[dict[str, Any]]:
    return [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]


# --- reading ----------------------------------------------------------------------------------------------------------


def test_who_reads_sensitive_data_is_logged_with_the_class_and_the_reason(desk: Desk) -> None:
    number = used(desk)
    registry = desk.registry.acting(Origin(Channel.DESK, officer="officer-7", station="station-3"))
    person = registry.privacy.reveal(number, "a letter came back")
    assert (person.number, person.phone) == (number, "+84912345678")
    assert number not in repr(person)
    assert len(registry.privacy.evidence(number, "complaint 12")) == 3
    registry.privacy.export(number, "asked for it")
    rows = desk.place.ask("SELECT what, officer, station, channel FROM sensitive_read ORDER BY what")
    assert rows == [(what, "officer-7", "station-3", "desk") for what in ("evidence", "export", "identity")]
    logged = [entry for entry in acts_in_log(desk) if entry["act"] == "sensitive-data-read"]
    assert [entry["what"] for entry in logged] == ["identity", "evidence", "export"]
    assert {entry["officer"] for entry in logged} == {"officer-7"}


def test_a_portrait_is_shown_to_those_only_whose_reading_is_logged(desk: Desk) -> None:
    number = desk.enrol()
    with pytest.raises(NotFoundError, match="no portrait"):
        desk.registry.privacy.portrait(number, "to compare")
    phone = Phone.new()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, photo=True))
    assert len(desk.registry.privacy.portrait(number, "to compare")) > 500
    assert desk.place.ask("SELECT what FROM sensitive_read") == [("portrait",)] * 2, "that it was asked for, too"


@pytest.mark.parametrize("why", ["", "  "])
def test_without_a_reason_nothing_is_read(desk: Desk, why: str) -> None:
    number = desk.enrol()
    for read in (desk.registry.privacy.reveal, desk.registry.privacy.evidence, desk.registry.privacy.export):
        with pytest.raises(RefusedError, match="says why"):
            read(number, why)
    assert desk.place.ask("SELECT count(*) FROM sensitive_read") == [(0,)]


def test_what_cannot_be_logged_is_not_read(desk: Desk) -> None:
    number = desk.enrol()
    desk.place.change("ALTER TABLE audit RENAME TO torn")
    with pytest.raises(RegistryUnavailableError):
        desk.registry.privacy.reveal(number, "because")
    desk.place.change("ALTER TABLE torn RENAME TO audit")


# --- export -----------------------------------------------------------------------------------------------------------


def schema() -> Any:
    file = resources.files("cccd_nfc.registry").joinpath("law", "personal", "person-export-1.schema.json")
    return json.loads(file.read_text(encoding="utf-8"))


def test_an_export_holds_everything_about_one_person_and_nothing_about_others(desk: Desk) -> None:
    number, other = used(desk), desk.enrol(card(2))
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, "lost-device")
    desk.registry.deliver()
    desk.registry.subject_requests.receive(number, "copy")
    token = desk.registry.privacy.export(number, "the person asked")
    content = verified_export(token, desk.registry.receipt_key())
    jsonschema_rs.validate(schema(), content)
    assert content["account"]["number"] == number
    assert content["account"]["full_name"] == desk.registry.account(number).full_name
    tables = content["tables"]
    assert sorted(each["state"] for each in tables["device"]) == ["REPLACED", "REVOKED"]
    assert [each["ground"] for each in tables["account_lock"]] == ["OWNER_REQUEST"]
    assert any(each["receipt"] for each in tables["transaction_"])
    assert [each["kind"] for each in tables["subject_request"]] == ["copy"]
    assert [each["what"] for each in tables["sensitive_read"]] == ["export"]
    assert {each["to"] for each in content["messages"]} == {"+84912345678"}
    assert len(content["evidence"]) == 3
    assert {entry["act"] for entry in content["audit"]} >= {"account-issued", "device-bound", "account-locked"}
    said = json.dumps(content, ensure_ascii=False)
    assert other not in said
    assert desk.registry.account(other).full_name not in said


def test_an_export_holds_no_secret_of_the_registry(desk: Desk) -> None:
    number = used(desk)
    content = verified_export(desk.registry.privacy.export(number, "asked"), desk.registry.receipt_key())
    names = {name for rows in content["tables"].values() for row in rows for name in row}
    assert not names & {"hashed", "nonce", "request_digest", "sealed", "wrapped", "number_index"}
    hashes = [hashed for (hashed,) in desk.place.ask("SELECT hashed FROM one_time_password")]
    assert hashes
    assert not [each for each in hashes if each in json.dumps(content)]


def test_an_export_that_was_changed_or_signed_by_another_is_refused(desk: Desk) -> None:
    token = desk.registry.privacy.export(desk.enrol(), "asked")
    head, payload, signature = token.split(".")
    with pytest.raises(SignatureError):
        verified_export(f"{head}.{payload[:-2]}AA.{signature}", desk.registry.receipt_key())
    with pytest.raises(SignatureError):
        verified_export(token, desk.registry.head_key())


# --- erasure ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-21")
def test_l21_erasure_destroys_the_key_of_all_evidence_and_keeps_account_history_and_log(desk: Desk) -> None:
    number, other = used(desk), desk.enrol(card(2))
    receipts = desk.place.ask("SELECT receipt FROM transaction_ WHERE receipt != ''")
    done = desk.registry.privacy.erase(number, approved_by=TWO)
    assert (done.keys, done.evidence, done.history, done.phone) == (1, 3, 0, False)
    assert desk.registry.privacy.evidence(number, "look") == ()
    assert len(desk.registry.privacy.evidence(other, "look")) == 1
    assert desk.place.ask("SELECT count(*) FROM person_key WHERE kind = 'use' AND wrapped IS NULL") == [(1,)]
    assert desk.registry.account(number).number == number
    assert sorted(view.state for view in desk.registry.devices(number)) == [DeviceState.ACTIVE, DeviceState.REPLACED]
    assert desk.place.ask("SELECT receipt FROM transaction_ WHERE receipt != ''") == receipts
    desk.registry.check()
    (entry,) = [entry for entry in acts_in_log(desk) if entry["act"] == "personal-data-erased"]
    assert entry["approved_by"] == "officer-1, officer-2"


@pytest.mark.row("L-21")
def test_l21_the_number_of_an_erased_person_stays_reserved_and_the_account_can_be_used(desk: Desk) -> None:
    number = used(desk)
    desk.registry.privacy.erase(number, approved_by=TWO)
    ticket = desk.registry.begin(Purpose.ENROL)
    with pytest.raises(Exception, match="has an account already"):
        desk.registry.create_account(ticket.transaction_id, evidence_for(ticket), "0912345678", CONSENT)
    desk.clock.go(hours=1)
    desk.bind(Phone.new())
    assert len(desk.registry.privacy.evidence(number, "look")) == 1, "under a key of its own"


def test_a_recording_of_erased_evidence_is_still_refused(desk: Desk) -> None:
    number = desk.enrol()
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.bind(Phone.new())
    evidence = evidence_for(ticket)
    desk.registry.unlink(ticket.transaction_id, evidence)
    desk.registry.privacy.erase(number, approved_by=TWO)
    assert desk.place.ask("SELECT count(*) FROM evidence WHERE digest = ''") == [(0,)]
    desk.place.change(
        f"UPDATE transaction_ SET state = 'OPEN', request_digest = '' WHERE id = '{ticket.transaction_id}'"
    )
    with pytest.raises(RefusedError, match="used before"):
        desk.registry.unlink(ticket.transaction_id, evidence)


def test_a_closed_account_loses_its_phone_number_too(desk: Desk) -> None:
    number = used(desk)
    desk.place.change("UPDATE account SET state = 'CLOSED'")
    done = desk.registry.privacy.erase(number, approved_by=TWO)
    assert done.phone
    assert done.messages > 0
    assert (desk.registry.account(number).phone, desk.registry.account(number).number) == ("", number)
    assert desk.place.ask("SELECT phone_index FROM account") == [("",)]


@pytest.mark.row("L-21")
def test_l21_erasure_takes_of_the_history_what_is_older_than_five_years(desk: Desk) -> None:
    number = used(desk)
    desk.clock.go(days=5 * 366)
    assert desk.registry.privacy.erase(number, approved_by=TWO).history > 0
    labels = {view.state: view.label for view in desk.registry.devices(number)}
    assert labels == {DeviceState.ACTIVE: "test phone", DeviceState.REPLACED: ""}


@pytest.mark.row("S-33")
@pytest.mark.parametrize("names", [("one", "ONE"), ("one", ""), ("Lê", "Le\u0302")])
def test_one_person_alone_erases_nothing(desk: Desk, names: tuple[str, str]) -> None:
    number = used(desk)
    before = desk.place.rows()
    with pytest.raises(RefusedError, match="two persons"):
        desk.registry.privacy.erase(number, approved_by=names)
    assert desk.place.rows() == before


def test_nothing_is_erased_while_an_authority_holds_the_account(desk: Desk) -> None:
    number = used(desk)
    desk.place.change(
        "INSERT INTO account_lock (id, account_id, ground, reason, profile, clause, set_by, set_at, cleared_by)"
        " SELECT 'x', id, 'AUTHORITY_REQUEST', '', 'p', 'c', 'OFFICER', 1, '' FROM account"
    )
    with pytest.raises(RefusedError, match="authority's lock"):
        desk.registry.privacy.erase(number, approved_by=TWO)
    assert len(desk.registry.privacy.evidence(number, "look")) == 3


@only_sqlite
def test_an_erased_key_is_in_no_file_of_the_database(desk: Desk) -> None:
    """The wrapped key of the person, in SQLite's file and in its log."""
    number = used(desk)
    ((wrapped,),) = desk.place.ask("SELECT wrapped FROM person_key WHERE kind = 'use'")
    assert any(wrapped in path.read_bytes() for path in desk.folder.glob("registry.db*"))
    desk.registry.privacy.erase(number, approved_by=TWO)
    assert not [path.name for path in desk.folder.glob("registry.db*") if wrapped in path.read_bytes()]


def test_an_erasure_killed_at_any_statement_is_whole_or_none(desk: Desk, tmp_path: Path) -> None:
    number = used(desk)
    before = desk.place.rows()
    desk.registry.close()

    def erase(registry: Registry) -> Any:
        return registry.privacy.erase(number, approved_by=TWO)

    for step in range(1, 40):
        place = desk.place.copy(tmp_path / str(step))
        if not dies_at_statement(place, desk.clock, step, erase):
            break
        after = place.rows()
        assert after == before or not [row for row in after["person_key"] if row[1] == "use" and row[3]]
        registry = open_registry(place, desk.clock)
        erase(registry)
        assert registry.privacy.evidence(number, "look") == ()
        registry.check()
        registry.close()
    assert 5 < step < 39


@only_sqlite
@pytest.mark.parametrize("name", ["erase", "retire", "export", "reveal"])
def test_on_a_full_disk_an_act_on_personal_data_is_refused_whole(desk: Desk, name: str) -> None:
    number = used(desk)
    desk.registry.close()
    before = desk.place.rows()
    acts: dict[str, Any] = {
        "erase": lambda registry: registry.privacy.erase(number, approved_by=TWO),
        "retire": lambda registry: registry.privacy.retire(),
        "export": lambda registry: registry.privacy.export(number, "asked"),
        "reveal": lambda registry: registry.privacy.reveal(number, "asked"),
    }
    desk.clock.go(days=5 * 366)
    assert starved(desk.place, desk.clock, 0, acts[name]) == "RegistryUnavailableError"
    assert desk.place.rows() == before
    desk.registry = open_registry(desk.place, desk.clock)
    acts[name](desk.registry)


@pytest.mark.row("S-38")
@only_sqlite
@pytest.mark.parametrize("name", ["erase", "retire", "export", "reveal", "rotate", "portrait", "breach", "back up"])
def test_on_a_readonly_database_nothing_personal_is_read_or_changed(desk: Desk, tmp_path: Path, name: str) -> None:
    """What cannot be logged is not shown. SQLite's own switch stands for a disk that was mounted anew."""
    number = used(desk)
    desk.clock.go(days=6 * 366)
    before = desk.place.rows()
    exposure = window(desk, Exposed.ACCOUNTS)
    secret = Recipient.parse(new_recipient()[1])
    acts: dict[str, Any] = {
        "erase": lambda registry: registry.privacy.erase(number, approved_by=TWO),
        "retire": lambda registry: registry.privacy.retire(),
        "export": lambda registry: registry.privacy.export(number, "asked"),
        "reveal": lambda registry: registry.privacy.reveal(number, "asked"),
        "rotate": lambda registry: registry.rotate_key(KeyKind.PERSONAL, approved_by=TWO),
        "portrait": lambda registry: registry.privacy.portrait(number, "asked"),
        "breach": lambda registry: registry.privacy.breach(exposure, desk.clock.now),
        "back up": lambda registry: registry.back_up(tmp_path / "backup", secret, with_keys=True),
    }
    engine = desk.registry._office.database.engine
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    with pytest.raises(RegistryUnavailableError, match="readonly"):
        acts[name](desk.registry)
    assert desk.place.rows() == before
    assert not (tmp_path / "backup").exists()


# --- terms ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-21")
def test_l21_history_and_evidence_go_after_five_years_and_the_account_stays(desk: Desk) -> None:
    number = used(desk)
    desk.clock.now = datetime.fromisoformat("2031-05-31T00:00:00+00:00")
    done = desk.registry.privacy.retire()
    assert (done[Kind.USE_HISTORY], done[Kind.EVIDENCE]) == (0, 0)
    assert len(desk.registry.privacy.evidence(number, "look")) == 3
    desk.clock.now = datetime.fromisoformat("2031-06-02T12:00:00+00:00")
    done = desk.registry.privacy.retire()
    assert done[Kind.EVIDENCE] == 3
    assert done[Kind.USE_HISTORY] >= 3
    assert desk.registry.privacy.evidence(number, "look") == ()
    assert desk.registry.account(number).number == number
    assert {view.state: view.label for view in desk.registry.devices(number)}[DeviceState.ACTIVE] == "test phone"
    assert desk.place.ask("SELECT count(*) FROM transaction_ WHERE receipt != ''") == [(0,)]
    desk.registry.check()
    retired = {entry["kind"] for entry in acts_in_log(desk) if entry["act"] == "personal-data-retired"}
    assert {"use_history", "evidence", "outbox", "codes", "idempotency"} <= retired


def test_terms_are_dropped_once(desk: Desk) -> None:
    used(desk)
    desk.clock.go(days=6 * 366)
    assert sum(desk.registry.privacy.retire().values()) > 0
    size = desk.registry.check().size
    assert sum(desk.registry.privacy.retire().values()) == 0
    assert desk.registry.check().size == size


def test_to_whom_messages_went_is_dropped_after_ninety_days_and_what_waits_is_not(desk: Desk) -> None:
    used(desk)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.clock.go(days=91)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    assert desk.registry.privacy.retire()[Kind.OUTBOX] > 0
    assert desk.place.ask("SELECT count(*) FROM message WHERE sent_at IS NOT NULL AND recipient_index != ''") == [(0,)]
    assert "+84912345678" in [each["to"] for each in desk.texts()[-2:]]


def test_a_leap_day_ends_with_the_february_of_a_year_without_one() -> None:
    term = retention.Term(5, 0, "x")
    assert term.began_after(datetime.fromisoformat("2028-02-29T08:00:00+00:00")).isoformat()[:10] == "2023-03-01"


@pytest.mark.row("S-38")
@pytest.mark.parametrize("broken", ["", "[]", "{}", "no evidence", "a term for the account", "nought"])
def test_s38_without_the_table_of_terms_nothing_is_dropped(tmp_path: Path, broken: str) -> None:
    file = resources.files("cccd_nfc.registry").joinpath("law", "personal", "retention.json")
    content = json.loads(file.read_text(encoding="utf-8"))
    if broken == "no evidence":
        del content["evidence"]
    elif broken == "a term for the account":
        content["account_core"]["keep"] = {"years": 5}
    elif broken == "nought":
        content["evidence"]["keep"] = {"years": 0}
    (tmp_path / "retention.json").write_text(broken if broken in ("", "[]", "{}") else json.dumps(content))
    with pytest.raises(RulesUnavailableError):
        retention.load_terms(tmp_path / "retention.json")
    with pytest.raises(RulesUnavailableError):
        retention.load_terms(tmp_path / "nothing.json")


# --- breach -----------------------------------------------------------------------------------------------------------


def window(desk: Desk, *what: Exposed, hours: float = 1, **more: str) -> Exposure:
    return Exposure(frozenset(what), desk.clock.now - timedelta(hours=hours), desk.clock.now, **more)


def test_a_breach_names_exactly_those_whom_it_affects_by_keyed_hash(desk: Desk) -> None:
    first = used(desk)
    desk.clock.go(days=1)
    seen_from = desk.clock.now
    second = desk.enrol(card(2))
    desk.registry.acting(Origin(Channel.DESK, officer="mallory")).privacy.reveal(second, "curious")
    names = {number: reference(desk, number) for number in (first, second)}
    desk.registry.privacy.erase(first, approved_by=TWO)

    def affected(*what: Exposed, **more: str) -> set[str]:
        exposure = Exposure(frozenset(what), seen_from, desk.clock.now, **more)
        return set(desk.registry.privacy.breach(exposure, desk.clock.now).persons)

    assert affected(Exposed.ACCOUNTS) == set(names.values())
    assert affected(Exposed.EVIDENCE) == {names[second]}
    assert affected(Exposed.HISTORY) >= {names[first]}
    assert affected(Exposed.READS) == affected(Exposed.READS, officer="mallory") == {names[second]}
    assert affected(Exposed.READS, officer="another") == set()
    assert affected(Exposed.MESSAGES) == set()
    early = Exposure(frozenset({Exposed.ACCOUNTS}), seen_from - timedelta(days=2), seen_from - timedelta(hours=1))
    assert set(desk.registry.privacy.breach(early, desk.clock.now).persons) == {names[first]}


def reference(desk: Desk, number: str) -> str:
    with desk.registry._office.database.write() as session:
        from cccd_nfc.registry.accounts import find

        return desk.registry._office.keys.account_reference(find(session, number).id)


def test_the_clock_of_a_breach_is_seventy_two_hours_from_its_detection(desk: Desk) -> None:
    desk.enrol()
    detected = desk.clock.now
    found = desk.registry.privacy.breach(window(desk, Exposed.ACCOUNTS), detected)
    assert (found.report_by - detected, found.overdue) == (timedelta(hours=72), False)
    desk.clock.go(hours=72, seconds=1)
    late = desk.registry.privacy.breach(window(desk, Exposed.ACCOUNTS), detected)
    assert late.overdue
    assert late.to_json()["count"] == 1
    assert [entry["act"] for entry in acts_in_log(desk)][-1] == "breach-listed"


@pytest.mark.parametrize("wrong", ["nothing", "backwards", "tomorrow"])
def test_a_breach_that_cannot_be_is_refused(desk: Desk, wrong: str) -> None:
    what = frozenset() if wrong == "nothing" else frozenset({Exposed.ACCOUNTS})
    since, until = desk.clock.now, desk.clock.now - timedelta(hours=1 if wrong == "backwards" else 0)
    detected = desk.clock.now + timedelta(days=wrong == "tomorrow")
    with pytest.raises(Exception, match="a breach needs"):
        desk.registry.privacy.breach(Exposure(what, since, until), detected)


@pytest.mark.row("S-36")
def test_s36_a_number_typed_as_a_reason_or_a_name_is_masked(desk: Desk) -> None:
    number = desk.enrol()
    desk.registry.privacy.reveal(number, f"about {number}")
    desk.registry.privacy.erase(number, approved_by=(number, "two"))
    shown = f"{number[:3]}*****{number[-4:]}"
    assert desk.place.ask("SELECT why FROM sensitive_read") == [(f"about {shown}",)]
    assert acts_in_log(desk)[-1]["approved_by"] == f"{shown}, two"
