"""What every act of the registry needs at hand, and the traces that every act leaves: audit entry, notice, receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.inspection.policy import FIELD, Policy
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import audit, messages, receipts
from cccd_nfc.registry.clock import Clock, utc_now
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.models import Account, Device, Transaction
from cccd_nfc.registry.origin import SYSTEM, Origin
from cccd_nfc.registry.otp import CodePolicy


@dataclass(frozen=True, slots=True)
class Office:
    """The registry's own trust store decides about cards; clock and gateway come from outside, for tests to set."""

    database: Database
    keys: Keys
    trust: TrustStore
    gateway: messages.Gateway
    clock: Clock = utc_now
    origin: Origin = SYSTEM
    policy: Policy = FIELD
    codes: CodePolicy = field(default_factory=CodePolicy)

    def record(self, session: Session, act: str, account: Account, now: datetime, **details: str) -> int:
        """Appends the act to the audit log, in the transaction of the act; gives the entry's number."""
        reference = self.keys.account_reference(account.id)
        return audit.append(session, act, now, {"account": reference, **self.origin.facts, **details})

    def record_alone(self, session: Session, act: str, now: datetime, **details: str) -> int:
        """The same for an act that is not upon an account."""
        return audit.append(session, act, now, {**self.origin.facts, **details})

    def notify(self, session: Session, channel: str, recipient: str, text: str, now: datetime) -> None:
        """Puts a notice into the outbox (S-24)."""
        messages.post(session, self.keys.outbox, "notice", channel, recipient, text, now)

    def receipt(
        self, session: Session, act: str, account: Account, device: Device, transaction: Transaction, entry: int,
        now: datetime, *, replaced: str = "", code_channel: str = "",
    ) -> str:  # fmt: skip
        """The signed receipt of an act upon a device; it names the owner by a masked number only."""
        of_device = {"device": device.thumbprint, "device_label": device.label, "replaced": replaced}
        of_device |= {"code_channel": code_channel} if code_channel else {}
        return self.signed(session, act, account, transaction, entry, now, **of_device, grade=device.grade)

    def signed(
        self, session: Session, act: str, account: Account, transaction: Transaction, entry: int, now: datetime,
        **more: str,
    ) -> str:  # fmt: skip
        """The signed receipt of any act, with `more` that it says."""
        facts = {"act": act, "account": masked(account.number), "transaction": transaction.id, **more}
        return receipts.sign_receipt(self.keys.receipt, facts, audit.prove_inclusion(session, entry), now)


def masked(number: str) -> str:
    """079*****1234: enough for its owner to know it by (S-36)."""
    return f"{number[:3]}*****{number[-4:]}"


def short(thumbprint: str) -> str:
    """The last four characters, by which messages name a device."""
    return thumbprint[-4:]
