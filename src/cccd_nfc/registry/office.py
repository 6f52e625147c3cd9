"""What every act of the registry needs at hand, and the traces that every act leaves: audit entry, notice, receipt."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.inspection.policy import FIELD, Policy
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import account_changes, audit, messages, officer_sessions, published_heads, receipts
from cccd_nfc.registry.clock import Clock, day_in_vietnam, utc_now
from cccd_nfc.registry.database import Database, keep_though_refused
from cccd_nfc.registry.device_policy import DevicePolicy
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.legal_basis import basis_of
from cccd_nfc.registry.lock_grounds import Role, profile_on
from cccd_nfc.registry.models import Account, Device, Transaction
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.origin import SYSTEM, Origin
from cccd_nfc.registry.otp import CodePolicy
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.secret_policy import SecretPolicy

if TYPE_CHECKING:
    from cccd_nfc.registry.subscriber_check import SubscriberCheck


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
    devices: DevicePolicy = field(default_factory=DevicePolicy)
    keeper: published_heads.HeadKeeper | None = None
    schedule: published_heads.HeadSchedule = field(default_factory=published_heads.HeadSchedule)
    secrets: SecretPolicy = field(default_factory=SecretPolicy)
    subscribers: SubscriberCheck | None = None

    def may(self, session: Session, act: Act, now: datetime, role: Role | None = None) -> Acting:
        """The officer who does `act`, asked for in the act's own transaction. role: as the law is to call the officer.

        RefusedError, with a trace in the audit, when it may not be done (S-33).
        """
        try:
            acting = officer_sessions.allowed(session, self.origin, act, now)
            if acting.officer and role is not None and role not in acting.law_roles:
                raise RefusedError("none of your roles may do this")
            return acting
        except RefusedError:
            self.note_refusal(session, act, now)
            raise

    def note_refusal(self, session: Session, act: Act, now: datetime) -> None:
        """Has the audit say that the act was refused, whatever becomes of the transaction."""
        keep_though_refused(session, lambda later: self.record_alone(later, "act-refused", now, row="S-33", wanted=act))

    def record(self, session: Session, act: str, account: Account, now: datetime, **details: str) -> int:
        """Appends the act to the audit log, in the transaction of the act; gives the entry's number."""
        reference = self.keys.account_reference(account.id)
        entry = self.record_alone(session, act, now, account=reference, **details)
        account_changes.note(session, account, now, entry, self.origin)
        return entry

    def record_alone(self, session: Session, act: str, now: datetime, **details: str) -> int:
        """The same for an act that is not upon an account. Every entry names the law of its day (L-01); with it the
        log's head is signed when one is due (S-34)."""
        law = profile_on(day_in_vietnam(now)).id
        number = audit.append(session, act, now, {"law": law, **self.origin.facts, **details})
        published_heads.publish_if_due(session, self.keys.head, self.schedule, number, now)
        return number

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
        """The signed receipt of any act, with `more` that it says, and the law that it stands on (R-071)."""
        facts = {"act": act, "account": masked(account.number), "transaction": transaction.id, **more}
        facts["law"] = basis_of(act, day_in_vietnam(now))
        return receipts.sign_receipt(self.keys.receipt, facts, audit.prove_inclusion(session, entry), now)


def masked(number: str) -> str:
    """079*****1234: enough for its owner to know it by (S-36)."""
    return f"{number[:3]}*****{number[-4:]}"


def short(thumbprint: str) -> str:
    """The last four characters, by which messages name a device."""
    return thumbprint[-4:]
