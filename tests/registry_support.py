"""A registry of its own for a test, a clock that is set by hand, and cards that sign for it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.registry import accounts
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.consents import CURRENT, Consent, ConsentMethod
from cccd_nfc.registry.device_calls import Standing
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.secret_policy import HashParameters, SecretPolicy
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import Choices, personalise
from cccd_nfc.simulator.transport import SimulatedTransport
from registry_places import Place

QUICK = SecretPolicy(HashParameters(memory=64, passes=1, lanes=1))
"""Hashes that cost next to nothing; what they cost in earnest is a matter of `secret_hashes` alone."""
TODAY = date(2026, 6, 1)
PHONE_NUMBER = "0912345678"
URL = "https://registry.example/device"
CONSENT = Consent(CURRENT, ConsentMethod.SIGNED_FORM)


@dataclass
class HandClock:
    """Time as a test sets it."""

    now: datetime = field(default_factory=lambda: datetime(2026, 6, 1, 9, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)


@cache
def card(seed: int = 1, choices: Choices | None = None) -> CardData:
    """A synthetic card; cards of all seeds are trusted by `trust`."""
    return personalise("cccd-2021", seed=seed, today=TODAY, choices=choices or Choices())


def trust(*seeds: int) -> TrustStore:
    return TrustStore(tuple(Certificate.parse(card(seed).trust["csca.cer"]) for seed in seeds or (1, 2, 3)))


def evidence_for(ticket: Ticket, chosen: CardData | None = None, *, photo: bool = False) -> Evidence:
    """The card read with the ticket's challenge."""
    chosen = chosen or card()
    request = Request(Password.can(chosen.secrets.can), ticket.challenge, photo=photo)
    return read(request, SimulatedTransport(Chip(chosen)), random_bytes=os.urandom, now=datetime.now(UTC))


@dataclass
class Desk:
    """A registry with its outbox, and the steps of its flows in one call each."""

    place: Place
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.registry = Registry.open(self.place.url, self.folder, trust(), clock=self.clock, secrets=QUICK)

    @property
    def folder(self) -> Path:
        return self.place.folder

    def enrol(self, chosen: CardData | None = None, *, read: bool = True) -> str:
        """The number of a new account. read: its owner has read the notice of the result and put it away."""
        ticket = self.registry.begin(Purpose.ENROL)
        evidence = evidence_for(ticket, chosen)
        number = self.registry.create_account(ticket.transaction_id, evidence, PHONE_NUMBER, CONSENT).number
        if read:
            self._put_away()
        return number

    def _put_away(self) -> None:
        self.registry.deliver()
        for path in (self.folder / "outbox").glob("*.json"):
            if "da duoc cap" in path.read_text():
                path.unlink()

    @contextmanager
    def changing(self, number: str) -> Iterator[Account]:
        """The account's row, to be looked into and changed by hand; what is personal in it is sealed by itself."""
        with self.registry._office.database.write() as session:
            yield accounts.find(session, number)

    def texts(self) -> list[dict[str, str]]:
        """The messages that were sent, the oldest first."""
        self.registry.deliver()
        return self.texts_there()

    def texts_there(self) -> list[dict[str, str]]:
        """The same, without sending what waits."""
        paths = (self.folder / "outbox").glob("*.json")
        return [json.loads(path.read_text()) for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)]

    def code(self) -> str:
        """The code in the newest OTP message."""
        found = re.search(
            r": (\d{6}) de kich hoat", [text for text in self.texts() if text["kind"] == "otp"][-1]["text"]
        )
        assert found
        return found[1]

    def pending(self, phone: Phone, chosen: CardData | None = None) -> tuple[str, str, str]:
        """(transaction, code, confirmation) of an activation whose card was accepted."""
        self.clock.go(seconds=60)  # so long a code waits for the one before it
        ticket = self.registry.begin(Purpose.ACTIVATE, phone.public, label="test phone")
        pending = self.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, chosen))
        return pending.transaction_id, self.code(), phone.confirm(pending.transaction_id, pending.reference)

    def proof(self, phone: Phone, method: str = "POST", url: str = URL) -> str:
        """A phone's proof for one call, with a fresh nonce."""
        return phone.prove(method, url, self.clock.now, nonce=self.registry.proof_nonce())

    def call(self, phone: Phone, number: str | None = None) -> Standing:
        """How the phone stands, as one signed call of it is told."""
        return self.registry.device_call(self.proof(phone), "POST", URL, number=number)

    def bind(self, phone: Phone, chosen: CardData | None = None) -> str:
        """The receipt of a whole activation."""
        return self.registry.confirm(*self.pending(phone, chosen))


def everything(desk: Desk) -> dict[str, Callable[[Registry], Any]]:
    """One act of each kind, ready to be done: the name tells which."""
    desk.enrol()
    desk.bind(Phone.new())
    desk.clock.go(hours=1)
    arguments = desk.pending(Phone.new())
    activation = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    unlinking = desk.registry.begin(Purpose.UNLINK)
    read = {ticket: evidence_for(ticket) for ticket in (activation, unlinking)}
    number = card().secrets.number
    desk.clock.go(seconds=60)  # so long a code waits for the one before it
    return {
        "begin": lambda registry: registry.begin(Purpose.ENROL),
        "submit": lambda registry: registry.submit_evidence(activation.transaction_id, read[activation]),
        "confirm": lambda registry: registry.confirm(*arguments),
        "lock": lambda registry: registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER),
        "unlink": lambda registry: registry.unlink(unlinking.transaction_id, read[unlinking]),
    }
