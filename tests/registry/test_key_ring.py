"""Rotation of keys: the new one writes, the old ones read and verify, and a rotation is whole or did not happen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import CccdError, RefusedError, RegistryUnavailableError, SignatureError
from cccd_nfc.registry import key_ring
from cccd_nfc.registry.key_ring import KeyKind, check_statement
from cccd_nfc.registry.models import StoredEvidence
from cccd_nfc.registry.person_keys import open_evidence
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.service import Registry
from registry_places import only_sqlite
from registry_processes import dies_at_statement, open_registry, race, starved
from registry_support import Desk, card

TWO = ("officer-1", "officer-2")


def seen(registry: Registry, number: str) -> tuple[object, ...]:
    """All that hangs on a key: the person, the evidence, the log."""
    with registry._office.database.write() as session:
        evidence = [open_evidence(session, each) for each in session.query(StoredEvidence).order_by("id")]
    return registry.account(number), evidence, registry.check().size > 0


@pytest.mark.row("S-37")
@pytest.mark.parametrize("kind", list(KeyKind))
def test_s37_after_a_rotation_all_is_there_and_the_work_goes_on(desk: Desk, kind: KeyKind) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    before = seen(desk.registry, number)
    for _ in range(2):
        desk.registry.rotate_key(kind, approved_by=TWO)
        assert seen(desk.registry, number) == before
    desk.registry.close()
    desk.registry = open_registry(desk.place, desk.clock)
    assert seen(desk.registry, number) == before
    receipt = desk.bind(Phone.new())
    assert verify_receipt(receipt, desk.registry.receipt_key())["act"] == "device-bound"
    assert desk.registry.known_head(desk.registry.log_head())


@pytest.mark.row("S-37")
def test_s37_persons_keys_are_wrapped_by_the_new_key_alone(desk: Desk) -> None:
    desk.enrol()
    first = desk.registry._office.keys.personal
    desk.registry.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    newest = desk.registry._office.keys.personal
    assert newest.older == (bytes(first),)
    assert newest != first
    wrapped = [bytes(row[0]) for row in desk.place.ask("SELECT wrapped FROM person_key")]
    assert {each[:8].hex() for each in wrapped} == {key_ring.key_id(newest)}


@pytest.mark.row("S-37")
def test_s37_a_letter_that_waited_through_a_rotation_is_sent(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    desk.registry.rotate_key(KeyKind.OUTBOX, approved_by=TWO)
    assert desk.texts()[-1]["to"] == "+84912345678"


@pytest.mark.row("S-37")
def test_s37_old_receipts_and_heads_are_verified_by_the_old_key_which_stays_listed(desk: Desk) -> None:
    desk.enrol()
    receipt, head = desk.bind(Phone.new()), desk.registry.log_head()
    old = desk.registry.receipt_key()
    for kind in key_ring.SIGNING:
        desk.registry.rotate_key(kind, approved_by=TWO)
    assert verify_receipt(receipt, old) == desk.registry.known_receipt(receipt)
    assert desk.registry.known_head(head).size < desk.registry.check().size
    with pytest.raises(SignatureError):
        verify_receipt(receipt, desk.registry.receipt_key())
    listed = desk.registry.public_keys(KeyKind.RECEIPT)
    assert [each.public_key for each in listed] == [desk.registry.receipt_key(), old]
    assert check_statement(listed[0].statement, old) == (KeyKind.RECEIPT, desk.registry.receipt_key())


@pytest.mark.row("S-37")
def test_s37_a_key_that_the_old_one_did_not_announce_is_refused(desk: Desk) -> None:
    desk.enrol()
    desk.registry.rotate_key(KeyKind.RECEIPT, approved_by=TWO)
    desk.registry.rotate_key(KeyKind.HEAD, approved_by=TWO)
    desk.place.change(
        "UPDATE key_generation SET statement = (SELECT statement FROM key_generation WHERE kind = 'head')"
    )
    with pytest.raises(SignatureError):
        desk.registry.public_keys(KeyKind.RECEIPT)


@pytest.mark.row("S-33", "S-37")
@pytest.mark.parametrize("names", [("one", "one"), ("One ", "one"), ("", "two"), ("one", " ")])
def test_a_rotation_needs_two_persons(desk: Desk, names: tuple[str, str]) -> None:
    before = desk.place.rows()
    with pytest.raises(RefusedError, match="two persons"):
        desk.registry.rotate_key(KeyKind.PERSONAL, approved_by=names)
    assert desk.place.rows() == before


@pytest.mark.row("S-37")
@pytest.mark.parametrize("content", [None, b"short", bytes(32)])
def test_a_rotated_key_that_is_missing_or_another_is_said(desk: Desk, content: bytes | None) -> None:
    desk.registry.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    desk.registry.close()
    path = desk.folder / "keys" / "personal.2.key"
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RegistryUnavailableError, match="rotated"):
        open_registry(desk.place, desk.clock)


def test_a_desk_that_was_open_during_a_rotation_says_that_it_must_be_opened_again(desk: Desk) -> None:
    number = desk.enrol()
    other = open_registry(desk.place, desk.clock)
    other.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    with pytest.raises(RegistryUnavailableError, match="start again"):
        desk.registry.account(number)
    other.close()


def test_what_a_desk_with_the_old_keys_still_writes_is_read_by_the_others(desk: Desk) -> None:
    other = open_registry(desk.place, desk.clock)
    other.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    other.rotate_key(KeyKind.OUTBOX, approved_by=TWO)
    number = desk.enrol(card(2))
    desk.registry.close()
    desk.registry = other
    assert other.account(number).number == number
    desk.bind(Phone.new(), card(2))


@pytest.mark.row("S-37")
@pytest.mark.parametrize("kind", [KeyKind.PERSONAL, KeyKind.OUTBOX, KeyKind.RECEIPT])
def test_s37_a_rotation_killed_at_any_statement_is_whole_or_none(desk: Desk, tmp_path: Path, kind: KeyKind) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.enrol(card(2))
    wanted, before = seen(desk.registry, number), desk.place.rows()
    desk.registry.close()

    def rotate(registry: Registry) -> Any:
        registry.rotate_key(kind, approved_by=TWO)

    for step in range(1, 60):
        place = desk.place.copy(tmp_path / str(step))
        if not dies_at_statement(place, desk.clock, step, rotate):
            break
        after = place.rows()
        assert after == before or len(after["key_generation"]) == 1
        registry = open_registry(place, desk.clock)
        assert seen(registry, number) == wanted
        rotate(registry)
        assert seen(registry, number) == wanted
        registry.close()
    assert 5 < step < 59


def test_two_rotations_at_once_are_two_generations(desk: Desk) -> None:
    number = desk.enrol()
    wanted = seen(desk.registry, number)
    desk.registry.close()
    finishes = race(desk.place, desk.clock, [lambda each: each.rotate_key(KeyKind.PERSONAL, approved_by=TWO)] * 3)
    assert [finish.error for finish in finishes] == [None] * 3
    registry = open_registry(desk.place, desk.clock)
    assert seen(registry, number) == wanted
    assert len(registry._office.keys.personal.older) == 3
    registry.close()


@only_sqlite
@pytest.mark.parametrize("spare", [0, 5000])
def test_a_rotation_on_a_full_disk_changes_nothing(desk: Desk, spare: int) -> None:
    number = desk.enrol()
    wanted = seen(desk.registry, number)
    desk.registry.close()
    assert starved(desk.place, desk.clock, spare, lambda each: each.rotate_key(KeyKind.PERSONAL, approved_by=TWO)) in (
        "RegistryUnavailableError",
        "done",
    )
    registry = open_registry(desk.place, desk.clock)
    assert seen(registry, number) == wanted
    registry.close()


@pytest.mark.row("S-37", "S-38")
def test_a_key_that_cannot_be_written_is_said_and_nothing_is_rotated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.enrol()
    before = desk.place.rows()
    keys = replace(desk.registry._office.keys, folder=desk.folder / "nowhere")
    with pytest.raises(CccdError):
        key_ring.rotate(replace(desk.registry._office, keys=keys), KeyKind.PERSONAL, TWO)
    assert desk.place.rows() == before
    assert desk.registry.account(number)
