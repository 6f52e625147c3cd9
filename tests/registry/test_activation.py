"""Flow F1 from the card to the receipt, and every way in which it must be refused; a test bears the rule it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from cccd_nfc.errors import (
    ConflictError,
    NotFoundError,
    NotVerifiedError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    SignatureError,
    UsageError,
)
from cccd_nfc.registry.accounts import mobile_number
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.phone import DeviceKey, Phone
from cccd_nfc.registry.receipts import head_of, verify_receipt
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from cccd_nfc.registry.texts import code_text
from cccd_nfc.simulator.card import ChipKeys
from cccd_nfc.simulator.personalisation import Choices
from registry_places import Place, SqlitePlace, only_sqlite
from registry_support import CONSENT, PHONE_NUMBER, Desk, HandClock, card, evidence_for, trust


@pytest.fixture
def phone() -> Phone:
    return Phone.new()


def states(desk: Desk, number: str) -> list[DeviceState]:
    return [device.state for device in desk.registry.devices(number)]


# --- the whole flow ---------------------------------------------------------------------------------------------------


@pytest.mark.row("R-012", "R-026", "AS-01", "AS-03", "DS-02", "DS-03")
def test_a_card_a_phone_and_a_code_make_a_bound_device(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    assert desk.registry.account(number).state is AccountState.ISSUED
    receipt = verify_receipt(desk.bind(phone), desk.registry.receipt_key())
    (device,) = desk.registry.devices(number)
    assert (device.state, device.thumbprint, device.grade) == (DeviceState.ACTIVE, phone.public.thumbprint, "B")
    assert desk.registry.account(number).state is AccountState.ACTIVE
    assert (receipt["act"], receipt["device"]) == ("device-bound", phone.public.thumbprint)
    assert number not in str(receipt)
    assert desk.registry.check(head_of(receipt)).size >= head_of(receipt).size


@pytest.mark.row("R-015", "R-016", "R-026", "R-035", "L-25", "AS-11", "DS-03")
def test_r035_a_second_phone_replaces_the_first_in_one_act(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    desk.bind(phone)
    second = Phone.new()
    receipt = verify_receipt(desk.bind(second), desk.registry.receipt_key())
    assert receipt["replaced"] == phone.public.thumbprint
    assert states(desk, number) == [DeviceState.ACTIVE, DeviceState.REPLACED]
    assert phone.public.thumbprint in [text["to"] for text in desk.texts() if text["kind"] == "notice"]


@pytest.mark.row("R-014", "S-31")
def test_r014_two_active_devices_are_impossible_even_by_hand(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    desk.bind(phone)
    desk.bind(Phone.new())
    with pytest.raises(IntegrityError):
        desk.place.change("UPDATE device SET state = 'ACTIVE'")


@pytest.mark.row("R-001", "AS-01")
def test_r001_one_citizen_has_one_account(desk: Desk) -> None:
    desk.enrol()
    with pytest.raises(ConflictError):
        desk.enrol()


@pytest.mark.row("R-020", "R-021", "AS-11", "DS-05")
def test_r020_r021_unlinking_ends_the_active_device_by_the_card(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    desk.bind(phone)
    ticket = desk.registry.begin(Purpose.UNLINK)
    receipt = verify_receipt(
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket)), desk.registry.receipt_key()
    )
    assert receipt["act"] == "device-unlinked"
    assert states(desk, number) == [DeviceState.UNLINKED]
    again = desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(NotFoundError):
        desk.registry.unlink(again.transaction_id, evidence_for(again))


@pytest.mark.row("R-026")
def test_an_unlinked_device_can_be_bound_again_with_the_card(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    desk.bind(phone)
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    desk.bind(phone)
    assert states(desk, number).count(DeviceState.ACTIVE) == 1


# --- whose card, which challenge --------------------------------------------------------------------------------------


@pytest.mark.row("R-033", "DS-02")
def test_r033_another_persons_card_is_refused_and_no_code_goes(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    desk.enrol(card(2))
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    with pytest.raises(RefusedError):
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, card(2)), number=number)
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []


@pytest.mark.row("R-033", "S-34")
def test_r033_a_refused_card_is_in_the_log_and_nothing_of_what_it_says(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    stranger = card(9).secrets.number
    for chosen, meant, error in ((card(2), number, NotFoundError), (card(9), None, NotVerifiedError)):
        ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
        with pytest.raises(error):
            desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, chosen), number=meant)
        ((content,),) = desk.place.ask("SELECT content FROM audit ORDER BY seq DESC LIMIT 1")
        entry = json.loads(content)
        assert (entry["act"], entry["row"], entry["purpose"]) == ("card-refused", "R-033", "activate")
        assert entry["transaction"] == ticket.transaction_id
        assert not any(each in content for each in (number, stranger, card(2).secrets.number))
    desk.registry.check()


@pytest.mark.row("R-033")
def test_r033_a_card_for_no_transaction_leaves_nothing(desk: Desk) -> None:
    desk.enrol()
    before = desk.place.rows()
    ticket = Ticket("f" * 32, bytes(8), desk.clock.now)
    for chosen in (card(), card(9)):
        with pytest.raises((NotFoundError, NotVerifiedError)):
            desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, chosen))
    assert desk.place.rows() == before


@pytest.mark.row("R-040", "S-27")
def test_s27_evidence_for_another_device_or_transaction_is_refused(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    ours = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    thief = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(NotVerifiedError, match="did not sign for this"):
        desk.registry.submit_evidence(thief.transaction_id, evidence_for(ours))


@pytest.mark.row("S-29")
def test_s29_evidence_serves_once(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    evidence = evidence_for(ticket)
    desk.registry.submit_evidence(ticket.transaction_id, evidence)
    with pytest.raises(RefusedError):
        desk.registry.submit_evidence(ticket.transaction_id, evidence)


@pytest.mark.row("S-29", "DS-02")
def test_s29_a_challenge_lives_five_minutes(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
    evidence = evidence_for(ticket)
    desk.clock.go(minutes=5)
    with pytest.raises(RefusedError, match="expired"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence)


@pytest.mark.row("S-28", "S-38")
def test_s28_no_report_is_believed_only_evidence_that_verifies_here(place: Place) -> None:
    stranger = Registry.open(place.url, place.folder, trust(2), clock=HandClock())
    ticket = stranger.begin(Purpose.ENROL)
    with pytest.raises(NotVerifiedError, match="document-signer-chain"):
        stranger.create_account(ticket.transaction_id, evidence_for(ticket), "0912345678", CONSENT)
    stranger.close()


@pytest.mark.row("S-28", "AS-01")
@pytest.mark.parametrize("keys", [ChipKeys(), "no AA", "tampered", "expired"])
def test_clones_tampered_and_expired_cards_never_open_an_account(desk: Desk, keys: object) -> None:
    chosen = card()
    if isinstance(keys, ChipKeys):
        chosen = replace(chosen, keys=keys)
    elif keys == "no AA":
        chosen = card(1, Choices(aa=None))
    elif keys == "expired":
        chosen = card(1, Choices(expired=True))
    ticket = desk.registry.begin(Purpose.ENROL)
    evidence = evidence_for(ticket, chosen)
    if keys == "tampered":
        dg1 = evidence.files["EF.DG1"]
        evidence = replace(evidence, files={**evidence.files, "EF.DG1": dg1[:-1] + bytes((dg1[-1] ^ 1,))})
    with pytest.raises(NotVerifiedError):
        desk.registry.create_account(ticket.transaction_id, evidence, "0912345678", CONSENT)


@pytest.mark.row("S-27")
def test_a_transaction_for_one_purpose_serves_no_other(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(RefusedError):
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))


# --- the code ---------------------------------------------------------------------------------------------------------


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.row("R-046", "S-05", "AS-03")
def test_s05_five_tries_then_the_code_dies(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    transaction, code, confirmation = desk.pending(phone)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(RefusedError, match=f"{left} tries left"):
            desk.registry.confirm(transaction, wrong(code), confirmation)
    with pytest.raises(RefusedError, match="no tries left"):
        desk.registry.confirm(transaction, code, confirmation)
    assert DeviceState.ACTIVE not in states(desk, number)


@pytest.mark.row("R-046", "S-02")
@pytest.mark.parametrize(("seconds", "accepted"), [(179, True), (180, False), (181, False)])
def test_s02_a_code_lives_180_seconds(desk: Desk, phone: Phone, seconds: int, accepted: bool) -> None:
    desk.enrol()
    arguments = desk.pending(phone)
    desk.clock.go(seconds=seconds)
    if accepted:
        assert desk.registry.confirm(*arguments)
    else:
        with pytest.raises(RefusedError):
            desk.registry.confirm(*arguments)


@pytest.mark.row("S-02")
@pytest.mark.parametrize("seconds", [0, 59, 601])
def test_s02_other_lifetimes_are_refused_at_the_start(seconds: int) -> None:
    from datetime import timedelta

    with pytest.raises(UsageError):
        CodePolicy(timedelta(seconds=seconds))


@pytest.mark.row("R-046", "S-03", "S-30")
def test_s03_s30_the_same_confirmation_again_gives_the_same_receipt_and_another_is_refused(
    desk: Desk, phone: Phone
) -> None:
    number = desk.enrol()
    arguments = desk.pending(phone)
    assert desk.registry.confirm(*arguments) == desk.registry.confirm(*arguments)
    with pytest.raises(RefusedError):
        desk.registry.confirm(arguments[0], wrong(arguments[1]), arguments[2])
    assert states(desk, number) == [DeviceState.ACTIVE]


@pytest.mark.row("R-046", "S-04")
def test_s04_a_code_for_one_transaction_does_not_serve_another(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    _, first_code, _ = desk.pending(phone)
    other = Phone.new()
    transaction, second_code, confirmation = desk.pending(other)
    if first_code != second_code:
        with pytest.raises(RefusedError):
            desk.registry.confirm(transaction, first_code, confirmation)


@pytest.mark.row("S-06", "AS-13", "AS-14")
def test_s06_a_new_code_does_not_reset_the_count_of_failures(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    for _ in range(2):
        transaction, code, confirmation = desk.pending(Phone.new())
        for _ in range(5):
            with pytest.raises(RefusedError):
                desk.registry.confirm(transaction, wrong(code), confirmation)
    with pytest.raises(RefusedError, match="no tries left"):
        desk.registry.confirm(transaction, code, confirmation)
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(RefusedError, match="wait until"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    assert desk.pending(Phone.new()), "the hold of 30 seconds is over when the next code may be sent"


@pytest.mark.row("S-07", "S-14")
def test_s07_codes_are_limited_by_gap_quarter_hour_and_day(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    transaction, _, _ = desk.pending(phone)
    with pytest.raises(RefusedError, match="less than a minute"):
        desk.registry.resend_code(transaction)
    desk.clock.go(seconds=60)
    desk.registry.resend_code(transaction)
    desk.clock.go(seconds=60)
    desk.registry.resend_code(transaction)
    desk.clock.go(seconds=60)
    with pytest.raises(RefusedError, match="too many codes"):
        desk.registry.resend_code(transaction)


@pytest.mark.row("S-07")
def test_s07_a_new_code_kills_the_older_one(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    transaction, old, _ = desk.pending(phone)
    desk.clock.go(seconds=60)
    pending = desk.registry.resend_code(transaction)
    if desk.code() != old:
        with pytest.raises(RefusedError):
            desk.registry.confirm(transaction, old, phone.confirm(transaction, pending.reference))
    assert desk.registry.confirm(transaction, desk.code(), phone.confirm(transaction, pending.reference))


@pytest.mark.row("S-08")
def test_s08_no_code_lies_in_the_database_and_no_text_after_sending(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    _, code, _ = desk.pending(phone)
    assert desk.place.ask("SELECT count(*) FROM message WHERE sealed IS NOT NULL") == [(0,)]
    rows = str(desk.place.rows())
    assert "argon2id" in rows
    assert f"'{code}'" not in rows
    assert f" {code} " not in rows


@pytest.mark.row("R-040", "S-26", "DS-03")
def test_s26_only_the_new_devices_signature_confirms(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    transaction, code, _ = desk.pending(phone)
    for forged in (Phone.new().confirm(transaction, "AB"), phone.confirm("f" * 32, "AB"), "", "a.b.c"):
        with pytest.raises(RefusedError):
            desk.registry.confirm(transaction, code, forged)


def test_the_message_fits_160_characters_of_gsm() -> None:
    text = code_text("123456", "AB", "wxyz", 10)
    assert len(text) <= 160
    assert text.isascii()


# --- devices' keys, phone numbers, time -------------------------------------------------------------------------------


@pytest.mark.row("S-26")
@pytest.mark.parametrize(
    "text",
    ["", "{", "{}", "[]", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", '{"kty":"oct","k":"AA"}'],
)
def test_what_is_no_key_on_p256_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        DeviceKey.parse(text)


@pytest.mark.row("L-07")
@pytest.mark.parametrize("text", ["0912345678", "+84 91 234 56 78", "84912345678"])
def test_phone_numbers_are_kept_in_one_form(text: str) -> None:
    assert mobile_number(text) == "+84912345678"


@pytest.mark.row("L-07")
@pytest.mark.parametrize("text", ["19000368", "02438252525", "0162123456", "123", "x", "+1 202 555 0100"])
def test_other_numbers_are_refused_without_repeating_them(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        mobile_number(text)
    assert text not in str(caught.value)


@pytest.mark.row("L-09", "AS-04")
def test_l09_after_a_week_an_account_needs_assistance(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    desk.clock.go(days=7, seconds=-60)  # the next minute is the week's last
    assert desk.pending(phone)
    with pytest.raises(RefusedError, match="7 days"):
        desk.pending(phone)


# --- nothing is lost, nothing is hidden -------------------------------------------------------------------------------


@pytest.mark.row("S-34")
def test_s34_a_changed_deleted_or_cut_audit_entry_is_found(desk: Desk, phone: Phone, tmp_path: Path) -> None:
    desk.enrol()
    receipt = verify_receipt(desk.bind(phone), desk.registry.receipt_key())
    head = head_of(receipt)
    assert desk.registry.check(head) == head
    desk.registry.close()
    changes = (
        ("UPDATE audit SET content = replace(content, 'account-issued', 'account-closed') WHERE seq = 1", None),
        ("DELETE FROM audit WHERE seq = 2", None),
        ("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", head),
    )
    for number, (change, with_head) in enumerate(changes):
        changed = Desk(desk.place.copy(tmp_path / str(number)))
        changed.place.change(change)
        with pytest.raises(RegistryError, match="audit log"):
            changed.registry.check(with_head)
        changed.registry.close()


@pytest.mark.row("S-36")
def test_s36_the_audit_names_nobody(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    transaction, code, confirmation = desk.pending(phone)
    desk.registry.confirm(transaction, code, confirmation)
    name = desk.registry.account(number).full_name
    log = str(desk.place.ask("SELECT content FROM audit"))
    for secret in (number, name, PHONE_NUMBER[1:], code):
        assert secret not in log


def test_receipts_of_another_registry_are_refused(
    desk: Desk, phone: Phone, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    desk.enrol()
    receipt = desk.bind(phone)
    other = Desk(new_place(tmp_path / "other"))
    with pytest.raises(SignatureError):
        verify_receipt(receipt, other.registry.receipt_key())
    with pytest.raises(SignatureError):
        verify_receipt(receipt[:-6] + "AAAAAA", desk.registry.receipt_key())
    other.registry.close()


@pytest.mark.row("S-38")
@only_sqlite
def test_a_readonly_database_gives_our_error_and_keeps_its_state(desk: Desk, phone: Phone) -> None:
    number = desk.enrol()
    arguments = desk.pending(phone)
    # The trigger is in SQLite's words; how a server fails is tried in test_postgres.py.
    desk.place.change(
        "CREATE TRIGGER full BEFORE UPDATE ON one_time_password BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    )
    with pytest.raises(RegistryError):
        desk.registry.confirm(*arguments)
    desk.place.change("DROP TRIGGER full")
    assert states(desk, number) == [DeviceState.PENDING]
    assert desk.registry.confirm(*arguments)


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + bytes(4000)])
def test_what_is_no_registry_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "registry.db").write_bytes(content)
    with pytest.raises(RegistryUnavailableError):
        Desk(SqlitePlace.new(tmp_path))


def test_a_newer_registry_is_refused(desk: Desk) -> None:
    desk.place.change("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RegistryUnavailableError, match="newer version"):
        Desk(desk.place)


@pytest.mark.row("S-37")
def test_lost_keys_are_not_made_anew(desk: Desk) -> None:
    (desk.folder / "keys" / "evidence.key").unlink()
    with pytest.raises(RegistryUnavailableError, match=r"evidence\.key"):
        Desk(desk.place)


def test_the_model_and_the_migrations_agree(desk: Desk) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from cccd_nfc.registry.database import Database
    from cccd_nfc.registry.models import Base

    database = Database(desk.place.url)
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


@pytest.mark.row("S-37")
@only_sqlite
def test_files_of_the_registry_are_for_its_owner_only(desk: Desk, phone: Phone) -> None:
    desk.enrol()
    desk.pending(phone)
    for path in [desk.folder / "registry.db", *(desk.folder / "keys").iterdir(), *(desk.folder / "outbox").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_the_clock_is_the_registrys_own(place: Place) -> None:
    clock = HandClock()
    desk = Desk(place, clock)
    assert desk.registry.begin(Purpose.ENROL).expires_at > clock.now
    desk.registry.close()
