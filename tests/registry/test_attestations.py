"""The attestation of a device's key: kept sealed and never verified, named in the audit, wanted where rules say so."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import NotFoundError, RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.registry import attestations
from cccd_nfc.registry.attestations import MOST, Attestation, AttestationFormat
from cccd_nfc.registry.device_policy import DevicePolicy
from cccd_nfc.registry.models import Device
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from registry_support import Desk, evidence_for

CONTENT = b"a chain that names phone 35-209900-176148-1"
GIVEN = Attestation(AttestationFormat.ANDROID_KEY, CONTENT)


def bind(desk: Desk, given: Attestation | None, phone: Phone | None = None) -> str:
    desk.clock.go(seconds=60)
    phone = phone or Phone.new()
    ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public, attestation=given)
    waits = desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    confirmation = phone.confirm(waits.transaction_id, waits.reference)
    return desk.registry.confirm(waits.transaction_id, desk.code(), confirmation)


def bound(desk: Desk) -> dict[str, Any]:
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    found: dict[str, Any] = [entry for entry in entries if entry["act"] == "device-bound"][-1]
    return found


def level_2(desk: Desk, number: str) -> None:
    with desk.changing(number) as account:
        account.level = 2
    office = desk.registry._office
    rules = replace(office.devices, attestation_required_at_level=2)
    desk.registry = Registry(replace(office, devices=rules))


@pytest.mark.row("S-26")
def test_s26_an_attestation_is_kept_with_its_device_and_its_digest_in_the_audit(desk: Desk) -> None:
    desk.enrol()
    bind(desk, GIVEN)
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert (bound(desk)["attestation_format"], bound(desk)["attestation"]) == ("android-key", digest)
    ((device_id, sealed, kept),) = desk.place.ask("SELECT id, attestation, attestation_digest FROM device")
    assert (kept, CONTENT in bytes(sealed)) == (digest, False)
    assert desk.place.ask("SELECT count(*) FROM transaction_ WHERE attestation IS NOT NULL") == [(0,)]
    with desk.registry._office.database.write() as session:
        assert attestations.opened(session, session.get_one(Device, device_id)) == CONTENT
    desk.registry.check()


@pytest.mark.row("S-26")
def test_s26_while_the_card_is_not_shown_it_is_sealed_too_and_goes_with_the_transaction(desk: Desk) -> None:
    desk.registry.begin(Purpose.ACTIVATE, Phone.new().public, attestation=GIVEN)
    ((sealed,),) = desk.place.ask("SELECT attestation FROM transaction_")
    assert CONTENT not in bytes(sealed)
    desk.clock.go(minutes=11)
    desk.registry.expire()
    assert desk.place.ask("SELECT attestation FROM transaction_") == [(None,)]


@pytest.mark.row("S-26")
def test_s26_without_one_nothing_is_said_of_it_and_none_is_said_as_none(desk: Desk) -> None:
    desk.enrol()
    bind(desk, None)
    assert not {"attestation", "attestation_format"} & set(bound(desk))
    bind(desk, Attestation(AttestationFormat.NONE))
    assert bound(desk)["attestation_format"] == "none"
    assert "attestation" not in bound(desk)


@pytest.mark.row("S-26")
@pytest.mark.parametrize("given", [None, Attestation(AttestationFormat.NONE)])
def test_s26_where_the_rules_want_one_level_2_is_not_bound_without(desk: Desk, given: Attestation | None) -> None:
    number = desk.enrol()
    bind(desk, given)
    level_2(desk, number)
    before = desk.place.rows()["device"]
    with pytest.raises(RefusedError, match="attestation"):
        bind(desk, given)
    assert desk.place.rows()["device"] == before
    desk.clock.go(minutes=20)
    assert bind(desk, GIVEN)


@pytest.mark.row("S-26")
def test_s26_who_is_raised_while_the_code_is_on_its_way_is_not_bound_without(desk: Desk) -> None:
    number = desk.enrol()
    arguments = desk.pending(Phone.new())
    level_2(desk, number)
    with pytest.raises(RefusedError, match="attestation"):
        desk.registry.confirm(*arguments)


@pytest.mark.row("S-26")
def test_s26_level_1_is_bound_without_where_level_2_needs_one(desk: Desk) -> None:
    number = desk.enrol()
    level_2(desk, number)
    with desk.changing(number) as account:
        account.level = 1
    assert bind(desk, None)


@pytest.mark.row("S-26")
def test_s26_its_size_its_device_and_the_rule_are_checked(desk: Desk, tmp_path: Path) -> None:
    for content in (b"", b"x" * (MOST + 1)):
        with pytest.raises(UsageError):
            Attestation(AttestationFormat.WEBAUTHN, content)
    with pytest.raises(UsageError):
        Attestation(AttestationFormat.NONE, b"x")
    assert Attestation(AttestationFormat.APPLE_APPATTEST, b"x" * MOST).digest
    with pytest.raises(UsageError, match="device's key"):
        desk.registry.begin(Purpose.UNLINK, attestation=GIVEN)
    file = tmp_path / "devices.json"
    file.write_text('{"attestation_required_at_level": 2}')
    assert DevicePolicy.load(file) == DevicePolicy(attestation_required_at_level=2)
    file.write_text('{"attestation_required_at_level": 3}')
    with pytest.raises(RulesUnavailableError):
        DevicePolicy.load(file)


@pytest.mark.row("S-26", "L-21")
def test_s26_it_is_checked_with_all_that_is_sealed_and_goes_when_its_owners_data_are_erased(desk: Desk) -> None:
    number = desk.enrol()
    bind(desk, None)
    before = desk.registry.privacy.check_sealed()
    bind(desk, GIVEN)
    assert desk.registry.privacy.check_sealed() > before + 1
    desk.registry.privacy.erase(number, approved_by=("Lan", "Quang"))
    ((device_id,),) = desk.place.ask("SELECT id FROM device WHERE attestation_format = 'android-key'")
    with desk.registry._office.database.write() as session, pytest.raises(NotFoundError):
        attestations.opened(session, session.get_one(Device, device_id))
