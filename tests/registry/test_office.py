"""The traces that an act leaves: no trace, no act; and what a trace may say of a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.office import masked
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.states import Purpose
from registry_places import Rows
from registry_support import CONSENT, PHONE_NUMBER, Desk, card, evidence_for


def acts(desk: Desk) -> dict[str, Callable[[], object]]:
    """An act of each kind that is recorded, ready to be done."""
    desk.enrol()
    desk.bind(Phone.new())
    arguments = desk.pending(Phone.new())
    enrolling, unlinking = desk.registry.begin(Purpose.ENROL), desk.registry.begin(Purpose.UNLINK)
    new, mine = evidence_for(enrolling, card(2)), evidence_for(unlinking)
    return {
        "account": lambda: desk.registry.create_account(enrolling.transaction_id, new, PHONE_NUMBER, CONSENT),
        "confirm": lambda: desk.registry.confirm(*arguments),
        "unlink": lambda: desk.registry.unlink(unlinking.transaction_id, mine),
    }


@pytest.mark.row("S-34", "S-38")
@pytest.mark.parametrize("name", ["account", "confirm", "unlink"])
def test_s38_what_cannot_be_recorded_is_not_done(desk: Desk, name: str) -> None:
    act = acts(desk)[name]

    def kept() -> list[Rows]:
        tables = ("SELECT number, state FROM account", "SELECT id, state FROM device", "SELECT id FROM message")
        return [desk.place.ask(f"{table} ORDER BY 1") for table in tables]

    before = kept()
    desk.place.change("ALTER TABLE audit RENAME TO torn")
    with pytest.raises(RegistryError):
        act()
    assert kept() == before
    desk.place.change("ALTER TABLE torn RENAME TO audit")
    assert act()


@pytest.mark.row("S-36")
def test_s36_a_number_is_masked_in_the_middle(desk: Desk) -> None:
    assert masked("079123451234") == "079*****1234"
    number = desk.enrol()
    receipt = verify_receipt(desk.bind(Phone.new()), desk.registry.receipt_key())
    assert receipt["account"] == f"{number[:3]}*****{number[-4:]}"


@pytest.mark.row("S-36")
def test_s36_the_audit_calls_an_account_by_a_keyed_hash(desk: Desk) -> None:
    desk.enrol()
    ((account_id,),) = desk.place.ask("SELECT id FROM account")
    ((content,),) = desk.place.ask("SELECT content FROM audit")
    keys = desk.registry._office.keys
    assert account_id not in content
    assert json.loads(content)["account"] == keys.account_reference(account_id)
    assert replace(keys, reference=bytes(32)).account_reference(account_id) != keys.account_reference(account_id)


@pytest.mark.row("L-01")
def test_l01_every_entry_names_the_law_of_its_day(desk: Desk) -> None:
    for act in acts(desk).values():
        act()
    laws = [json.loads(content)["law"] for (content,) in desk.place.ask("SELECT content FROM audit")]
    assert len(laws) >= 6
    assert set(laws) == {"law-26-2023"}
