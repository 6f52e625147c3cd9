"""Cards for walks, and evidence at the price of one signature: a card is read once, and then only signs challenges."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache

from cccd_nfc.evidence import Evidence
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.personalisation import Choices, personalise
from cccd_nfc.simulator.proofs import sign_challenge
from registry_model_people import Shown
from registry_support import TODAY, evidence_for

_SEED_OF_A_STRANGER = 19
_FAST = Choices(aa="secp256r1")
"""An ECDSA signature costs a tenth of the RSA signature of a real card; to the registry both prove the chip."""


@dataclass(frozen=True)
class WalkCard:
    """name: in reports.  genuine: whether the registry believes it."""

    name: str
    data: CardData = field(repr=False)
    genuine: bool = True

    def read(self, challenge: bytes) -> Evidence:
        """As if the whole chip had been read: all but the signature is from the first reading."""
        once = _read_once(self.name, self.data.secrets.number, self.data.secrets.expiry_date)
        record = once.active_authentication
        assert record is not None
        size = parse_dg15(self.data.files["EF.DG15"]).size
        signature = sign_challenge(self.data.keys.active_authentication, challenge, size, os.urandom)
        return replace(once, active_authentication=replace(record, challenge=challenge, signature=signature))

    def shown(self, transaction_id: str, evidence: Evidence) -> Shown:
        secrets = self.data.secrets
        return Shown(secrets.number, secrets.expiry_date, self.genuine, transaction_id, evidence.digest())


@dataclass
class Cards:
    """The cards of a walk, and the evidence that was handed in."""

    cards: tuple[WalkCard, ...]
    recordings: list[tuple[WalkCard, str, Evidence]] = field(default_factory=list)

    @staticmethod
    def all() -> tuple[WalkCard, ...]:
        return tuple(_cards().values())


@cache
def _cards() -> dict[str, WalkCard]:
    """An's card, Binh's that runs out after some days and Binh's new one, a copy of An's chip, a stranger's."""
    an = personalise("cccd-2021", seed=11, today=TODAY, choices=_FAST)
    ending = personalise("cccd-2021", seed=17, today=date(2026, 12, 22), choices=replace(_FAST, expired=True))
    new = personalise("cccd-2021", seed=17, today=TODAY, choices=_FAST)
    stranger = personalise("cccd-2021", seed=_SEED_OF_A_STRANGER, today=TODAY, choices=_FAST)
    copy = replace(an, keys=replace(an.keys, active_authentication=None, chip_authentication=None))
    assert ending.secrets.number == new.secrets.number
    every = (
        *(WalkCard("An's card", an), WalkCard("Binh's old card", ending), WalkCard("Binh's new card", new)),
        *(WalkCard("a copy of An's card", copy, genuine=False), WalkCard("a forged card", stranger, genuine=False)),
    )
    return {each.name: each for each in every}


@cache
def _read_once(name: str, number: str, expires: str) -> Evidence:
    return evidence_for(Ticket("", bytes(8), datetime(2026, 6, 1, tzinfo=UTC)), _cards()[name].data)


def trusted() -> TrustStore:
    """The issuers of all cards but the stranger's."""
    issuers = {each.data.trust["csca.cer"] for each in _cards().values() if each.name != "a forged card"}
    return TrustStore(tuple(Certificate.parse(issuer) for issuer in sorted(issuers)))
