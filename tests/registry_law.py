"""For tests of opening and levels: a desk with an officer, cards of children and foreigners, forms filled in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from cccd_nfc.evidence import Evidence
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.consents import CURRENT, Consent, ConsentMethod
from cccd_nfc.registry.level_forms import Biometrics, LevelForm, Unit
from cccd_nfc.registry.national_database import Answer, Match, Subject
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.personalisation import Choices, personalise
from registry_support import TODAY, Desk, card, evidence_for

CONSENT = Consent(CURRENT, ConsentMethod.SIGNED_FORM)
AT_DESK = Origin(Channel.DESK, officer="officer-1", station="desk-1")
FORM = LevelForm("0912345678", Biometrics("store:face-1", "store:prints-1"), CONSENT, Unit.COMMUNE_POLICE)


def with_officer(desk: Desk, **changes: str) -> Registry:
    """The registry as an officer at a desk uses it."""
    return desk.registry.acting(replace(AT_DESK, **changes))  # type: ignore[arg-type]


def trusting(desk: Desk, *cards: CardData) -> None:
    """The registry believes the issuers of these cards too."""
    found = tuple(Certificate.parse(each.trust["csca.cer"]) for each in cards)
    office = desk.registry._office
    desk.registry = Registry(replace(office, trust=TrustStore((*office.trust.anchors, *found))))


@cache
def child(born: date) -> CardData:
    return card(1, Choices(born=born))


@cache
def card_of(day: date, seed: int) -> CardData:
    """A card that was issued before `day`, by an issuer of those days."""
    return personalise("cccd-2021", seed=seed, today=day)


@cache
def passport(seed: int = 5, choices: Choices | None = None) -> CardData:
    return personalise("passport-td3", seed=seed, today=TODAY, choices=choices or Choices())


def shown(desk: Desk, purpose: Purpose, chosen: CardData | None = None) -> tuple[str, Evidence]:
    """(transaction, evidence) of a card for a purpose."""
    ticket: Ticket = desk.registry.begin(purpose)
    desk.clock.go(seconds=1)
    return ticket.transaction_id, evidence_for(ticket, chosen)


def activated(desk: Desk, chosen: CardData | None = None) -> str:
    """The number of an account that is active, with a device."""
    number = desk.enrol(chosen)
    desk.bind(Phone.new(), chosen)
    return number


class Database:
    """A national database that gives the answers it was told to, one after another, and remembers who was asked for."""

    def __init__(self, *matches: Match) -> None:
        self.answers = list(matches)
        self.asked: list[Subject] = []

    def compare(self, subject: Subject) -> Answer:
        self.asked.append(subject)
        return Answer(self.answers.pop(0), "answer-7")


def raised(desk: Desk, chosen: CardData | None = None) -> str:
    """The number of an active account of level 2."""
    number = activated(desk, chosen)
    levels = with_officer(desk).levels
    application = levels.apply(*shown(desk, Purpose.LEVEL_2, chosen), FORM).application
    levels.compare(application.id, Database(Match.MATCHED))
    levels.issue(application.id)
    return number


def entries(desk: Desk, act: str = "") -> list[dict[str, Any]]:
    """The audit entries, of one act or of all."""
    found = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    return [entry for entry in found if act in ("", entry["act"])]
