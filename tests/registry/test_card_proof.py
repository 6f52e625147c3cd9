"""Which cards and which evidence lead to nothing, and what the chip's challenge is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from cccd_nfc.errors import NotVerifiedError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.card_proof import Ticket, chip_challenge
from cccd_nfc.registry.models import Transaction
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from cccd_nfc.simulator.card import ChipKeys
from cccd_nfc.simulator.personalisation import Choices
from registry_support import CONSENT, Desk, card, evidence_for


def bad_evidence(kind: str, ticket: Ticket) -> Evidence:
    """Evidence of the account's card that must not do; a file's name: a reading that broke off before it."""
    if kind == "clone":
        return evidence_for(ticket, replace(card(), keys=ChipKeys()))
    if kind == "expired":
        return evidence_for(ticket, card(1, Choices(expired=True)))
    evidence = evidence_for(ticket)
    if kind == "no proof of the chip":
        return replace(evidence, active_authentication=None)
    if kind == "tampered":
        dg1 = evidence.files["EF.DG1"]
        return replace(evidence, files={**evidence.files, "EF.DG1": dg1[:-1] + bytes((dg1[-1] ^ 1,))})
    return replace(evidence, files={name: content for name, content in evidence.files.items() if name != kind})


BAD = ["clone", "expired", "no proof of the chip", "tampered", "EF.SOD", "EF.DG1", "EF.DG15"]


@pytest.mark.row("R-032", "S-22", "S-28", "DS-02")
@pytest.mark.parametrize("kind", BAD)
def test_r032_a_card_that_does_not_verify_leads_to_no_code(desk: Desk, kind: str) -> None:
    number = desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    with pytest.raises(NotVerifiedError):
        desk.registry.submit_evidence(ticket.transaction_id, bad_evidence(kind, ticket))
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []
    assert desk.registry.devices(number) == ()


@pytest.mark.row("S-29")
def test_s29_evidence_that_was_kept_is_refused_even_for_a_transaction_opened_again_by_hand(desk: Desk) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    evidence = evidence_for(ticket)
    desk.registry.submit_evidence(ticket.transaction_id, evidence)
    desk.place.change("UPDATE transaction_ SET state = 'OPEN'")
    with pytest.raises(RefusedError, match="used before"):
        desk.registry.submit_evidence(ticket.transaction_id, evidence)


@pytest.mark.row("S-27")
@pytest.mark.parametrize("part", ["id", "purpose", "thumbprint", "nonce"])
def test_s27_the_challenge_is_another_for_another_transaction_purpose_device_or_nonce(part: str) -> None:
    named = {"id": "t", "purpose": "activate", "thumbprint": "d", "nonce": b"n"}
    other = {**named, part: b"x" if part == "nonce" else "x"}
    assert len(chip_challenge(Transaction(**named))) == 8
    assert chip_challenge(Transaction(**named)) != chip_challenge(Transaction(**other))


@pytest.mark.row("S-28")
def test_s28_the_registrys_own_clock_decides_whether_the_card_is_still_valid(desk: Desk) -> None:
    chosen = card(3)
    desk.clock.now = datetime.fromisoformat(f"{chosen.secrets.expiry_date}T12:00:00+00:00")
    today, tomorrow = desk.registry.begin(Purpose.ENROL), desk.registry.begin(Purpose.ENROL)
    desk.clock.go(days=1)
    with pytest.raises(NotVerifiedError, match="document-validity"):
        desk.registry.create_account(tomorrow.transaction_id, evidence_for(tomorrow, chosen), "0912345678", CONSENT)
    desk.clock.go(days=-1)
    assert desk.registry.create_account(today.transaction_id, evidence_for(today, chosen), "0912345678", CONSENT)


@pytest.mark.row("S-38")
def test_s38_without_a_trust_store_no_card_is_believed(desk: Desk) -> None:
    registry = Registry(replace(desk.registry._office, trust=TrustStore.empty()))
    ticket = registry.begin(Purpose.ENROL)
    with pytest.raises(NotVerifiedError):
        registry.create_account(ticket.transaction_id, evidence_for(ticket), "0912345678", CONSENT)
