"""Personal data at rest: sealed under keys of their persons, found by keyed hash, plain to the program only."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from cccd_nfc.errors import NotFoundError, RegistryError, RegistryUnavailableError
from cccd_nfc.registry import accounts, person_keys
from cccd_nfc.registry.keys import seal
from cccd_nfc.registry.models import StoredEvidence
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState, Purpose
from cccd_nfc.registry.vault import Vault
from registry_places import BACK_TO_0002, Place, only_sqlite
from registry_processes import dies_while_opening, open_registry
from registry_support import PHONE_NUMBER, Desk, card, evidence_for

PHONE = "+84912345678"


def busy(desk: Desk) -> str:
    """The number of a person with a bound device, a letter on its way, and an activation that waits."""
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.clock.go(minutes=1)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    return number


def secrets_of(desk: Desk, number: str) -> list[bytes]:
    """What must not be found, in every form in which a dump could show it."""
    with desk.registry._office.database.write() as session:
        account = accounts.find(session, number)
        plain = [account.number, account.full_name, account.birth_date, account.phone, PHONE_NUMBER]
    raw = [text.encode() for text in plain]
    assert all(raw)
    return [form for text in raw for form in (text, text.hex().encode(), *in_base64(text))]


def in_base64(text: bytes) -> list[bytes]:
    """The middles of its base64, at each of the three places at which it can begin."""
    return [base64.b64encode(bytes(shift) + text)[(4 * shift + 2) // 3 + 1 : -4] for shift in range(3)]


def flat(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def assert_not_shown(place: Place, hidden: list[bytes]) -> None:
    for table, rows in place.rows().items():
        dumped = b"\n".join(flat(value) for row in rows for value in row)
        assert [form for form in hidden if form in dumped or form in dumped.hex().encode()] == [], table


# --- at rest ----------------------------------------------------------------------------------------------------------


def test_personal_data_are_in_no_table_as_text_hex_or_base64(desk: Desk) -> None:
    assert_not_shown(desk.place, secrets_of(desk, busy(desk)))


@only_sqlite
def test_personal_data_are_in_no_file_of_the_database(desk: Desk) -> None:
    """SQLite's file, and its write ahead log while the registry is open."""
    hidden = secrets_of(desk, busy(desk))
    files = list(desk.folder.glob("registry.db*"))
    assert len(files) > 1
    for path in files:
        content = path.read_bytes()
        assert [form for form in hidden if form in content] == [], path.name


def test_the_database_without_the_keys_does_not_tell_whether_a_number_is_in_it(desk: Desk) -> None:
    number = desk.enrol()
    vault = Vault(desk.registry._office.keys)
    other = Vault(desk.registry._office.keys.__class__.open(desk.folder / "other", create=True))
    assert desk.place.ask("SELECT number_index, phone_index FROM account") == [
        (vault.number_index(number), vault.phone_index(PHONE))
    ]
    assert vault.number_index(number) != other.number_index(number)
    assert vault.number_index(number) != vault.phone_index(number)


@pytest.mark.row("R-001")
def test_r001_a_number_has_one_account_though_only_its_keyed_hash_is_kept(desk: Desk) -> None:
    desk.enrol()
    desk.enrol(card(2))
    with pytest.raises(IntegrityError):
        desk.place.change("UPDATE account SET number_index = (SELECT max(number_index) FROM account)")


# --- plain to the program ---------------------------------------------------------------------------------------------


def test_fields_are_read_and_assigned_as_if_they_were_plain(desk: Desk) -> None:
    number = desk.enrol()
    database = desk.registry._office.database
    with database.write() as session:
        account = accounts.find(session, number)
        account.phone = "+84987654321"
        assert account.phone == "+84987654321"
    with database.write() as session:
        again = accounts.find(session, number)
    assert (again.phone, again.number) == ("+84987654321", number), "read after the session has ended"
    assert desk.place.ask("SELECT phone_index FROM account") == [
        (Vault(desk.registry._office.keys).phone_index("+84987654321"),)
    ]


def test_what_was_assigned_and_not_kept_is_not_read(desk: Desk) -> None:
    number = desk.enrol()
    with desk.registry._office.database.write() as session:
        account = accounts.find(session, number)
        with session.begin_nested() as savepoint:
            account.phone = "+84987654321"
            session.flush()
            savepoint.rollback()
        assert account.phone == PHONE


def test_the_number_of_an_account_does_not_change(desk: Desk) -> None:
    number = desk.enrol()
    with pytest.raises(RegistryError, match="does not change"), desk.registry._office.database.write() as session:
        accounts.find(session, number).number = "079123451234"
    assert desk.registry.account(number).number == number


def test_a_sealed_row_put_in_another_persons_place_is_refused(desk: Desk) -> None:
    numbers = [desk.enrol(), desk.enrol(card(2))]
    desk.place.change("UPDATE account SET sealed = (SELECT sealed FROM account ORDER BY id LIMIT 1)")
    outcomes = []
    for number in numbers:
        try:
            outcomes.append(desk.registry.account(number).number == number)
        except RegistryError as error:
            outcomes.append("changed, or its key is another" in str(error))
    assert outcomes == [True, True]
    with pytest.raises(RegistryError):
        [desk.registry.account(number) for number in numbers]


def test_a_person_whose_key_is_missing_is_said_and_not_shown_empty(desk: Desk) -> None:
    number = desk.enrol()
    desk.place.change("DELETE FROM person_key WHERE kind = 'core'")
    with pytest.raises(RegistryError, match="key of this person is missing"):
        desk.registry.account(number)


def test_evidence_opens_with_its_persons_key_alone(desk: Desk) -> None:
    number = busy(desk)
    with desk.registry._office.database.write() as session:
        owner = person_keys.owner_of(session, number)
        found = session.query(StoredEvidence).all()
        assert {each.owner for each in found} == {owner}
        assert all(b"cccd" in person_keys.open_evidence(session, each) for each in found)
        assert person_keys.destroy(session, owner) == 1
        with pytest.raises(NotFoundError, match="no longer kept"):
            person_keys.open_evidence(session, found[0])


def test_evidence_under_the_registrys_key_does_not_pass_for_a_persons(desk: Desk) -> None:
    busy(desk)
    with desk.registry._office.database.write() as session:
        found = session.query(StoredEvidence).first()
        assert found
        found.sealed = seal(desk.registry._office.keys.evidence, b"x", found.digest)
        with pytest.raises(RegistryError, match="changed, or its key is another"):
            person_keys.open_evidence(session, found)


# --- a registry of an earlier version ---------------------------------------------------------------------------------


def older(desk: Desk) -> str:
    """The number of a person in what is now a registry of an earlier version."""
    number = busy(desk)
    desk.registry.close()
    desk.place.change(*BACK_TO_0002)
    assert desk.place.ask("SELECT number FROM account") == [(number,)]
    return number


def test_a_registry_from_before_is_sealed_when_it_is_opened(desk: Desk) -> None:
    number = older(desk)
    registry = open_registry(desk.place, desk.clock)
    found = registry.account(number)
    assert (found.number, found.phone, found.state) == (number, PHONE, AccountState.ACTIVE)
    assert found.full_name
    desk.registry = registry
    assert_not_shown(desk.place, secrets_of(desk, number))
    assert desk.place.ask("SELECT count(*) FROM evidence WHERE owner = ''") == [(0,)]
    assert [text["to"] for text in desk.texts()][-1:] == [PHONE]
    desk.bind(Phone.new())
    registry.check()


@only_sqlite
def test_what_a_registry_from_before_said_openly_is_wiped_from_its_files(desk: Desk) -> None:
    hidden = secrets_of(desk, busy(desk))
    desk.registry.close()
    desk.place.change(*BACK_TO_0002)
    content = b"".join(path.read_bytes() for path in desk.folder.glob("registry.db*"))
    assert any(form in content for form in hidden)
    desk.registry = open_registry(desk.place, desk.clock)
    for path in desk.folder.glob("registry.db*"):
        assert [form for form in hidden if form in path.read_bytes()] == [], path.name


def test_a_registry_from_before_without_its_keys_stays_as_it_was(desk: Desk) -> None:
    older(desk)
    before = desk.place.rows()
    (desk.folder / "keys").rename(desk.folder / "aside")
    with pytest.raises(RegistryUnavailableError, match="keys"):
        open_registry(desk.place, desk.clock)
    assert desk.place.rows() == before


def test_a_sealing_killed_at_any_statement_leaves_the_old_registry_or_the_new(desk: Desk, tmp_path: Path) -> None:
    number = older(desk)
    before, killed = desk.place.rows(), 0
    for step in range(1, 1500, 8):
        place = desk.place.copy(tmp_path / str(step))
        if not dies_while_opening(place, desk.clock, step):
            break
        killed += 1
        left = place.rows()
        assert left == before or left["alembic_version"] != before["alembic_version"]
        registry = open_registry(place, desk.clock)
        assert registry.account(number).phone == PHONE
        registry.check()
        registry.close()
    assert killed > 3
    assert step < 1400
