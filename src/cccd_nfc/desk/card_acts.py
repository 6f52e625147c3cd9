"""What a card on the reader does for its owner in one step: unlink the phone, lock the account, unlock it (F5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cccd_nfc.desk.cards import CardView
from cccd_nfc.desk.reading import Reading
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.errors import CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose


class Kind(StrEnum):
    UNLINK = "unlink"
    LOCK = "lock"
    UNLOCK = "unlock"

    @property
    def purpose(self) -> Purpose:
        return Purpose(self.value)


@dataclass(slots=True, eq=False)
class CardAct:
    """One act on its way. reason: of a lock.  same_person: to record that the person was compared (an unlock)."""

    kind: Kind
    reason: LockReason = LockReason.LOST_DEVICE
    same_person: bool = False
    receipt: str = field(default="", repr=False)
    trouble: CccdError | None = None

    @property
    def step(self) -> str:
        return "receipt" if self.receipt else "act"

    @property
    def done(self) -> str:
        """The word that says that it is done."""
        return f"done_{self.kind.value}"


def begin(registry: Registry, act: CardAct, card: CardView, settings: DeskSettings) -> Reading:
    """The reading in which the card signs for the act; at its end the registry has done it, or refused."""
    ticket = registry.begin(act.kind.purpose)

    def then(evidence: Evidence) -> None:
        if act.same_person:
            registry.same_person(ticket.transaction_id)
        act.receipt = _done(registry, act, ticket.transaction_id, evidence)

    return Reading(card.password, then, settings.now, challenge=ticket.challenge, photo=False)


def _done(registry: Registry, act: CardAct, transaction: str, evidence: Evidence) -> str:
    if act.kind is Kind.UNLINK:
        return registry.unlink(transaction, evidence)
    if act.kind is Kind.LOCK:
        return registry.lock_with_card(transaction, evidence, act.reason)
    return registry.unlock_with_card(transaction, evidence)
