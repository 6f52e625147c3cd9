"""What the law on personal data asks of the registry: reads that are logged, export and erasure by person (§2.3).

Of the two laws that pull apart, the one on identification wins for the account itself, which is kept for ever, and for
the history of use, which is kept five years (L-21); what it does not ask for goes when its person asks.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.log_masking import masked_text
from cccd_nfc.registry import (
    accounts,
    addresses,
    breach,
    four_eyes,
    person_export,
    person_keys,
    retention,
    sealed_check,
)
from cccd_nfc.registry.breach import BreachList, Exposure
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.four_eyes import Kind as TwoPersonKind
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.models import Account, AccountLock, Device, Message, SensitiveRead, StoredEvidence
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.retention import Kind
from cccd_nfc.registry.states import AccountState

_REASON = 200


class Sensitive(StrEnum):
    """Classes of data whose reading is logged."""

    IDENTITY = "identity"
    EVIDENCE = "evidence"
    PORTRAIT = "portrait"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Person:
    """What the account says of its owner, whole and unmasked."""

    number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    phone: str = field(repr=False)
    state: AccountState


@dataclass(frozen=True, slots=True)
class Erasure:
    """How much was erased. history: records of use older than the law asks for."""

    keys: int
    evidence: int
    messages: int
    history: int
    phone: bool


@dataclass(frozen=True, slots=True)
class Privacy:
    """The acts; each raises NotFoundError where there is no such account."""

    office: Office

    # --- reading --------------------------------------------------------------------------------------------------

    def reveal(self, number: str, why: str) -> Person:
        """The person unmasked; who asked, and why, is logged."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_PERSONAL, self.office.clock())
            account = accounts.find(session, number)
            self.note_read(session, account, Sensitive.IDENTITY, why)
            fields = (account.number, account.full_name, account.birth_date, account.phone)
            return Person(*fields, AccountState(account.state))

    def evidence(self, number: str, why: str) -> tuple[Evidence, ...]:
        """Every evidence about the person that is still kept, the newest first; logged."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_PERSONAL, self.office.clock())
            account = accounts.find(session, number)
            self.note_read(session, account, Sensitive.EVIDENCE, why)
            return tuple(_evidence_of(session, account))

    def portrait(self, number: str, why: str) -> bytes:
        """The newest portrait, JPEG or JPEG 2000 as the chip has it; logged. NotFoundError where none is kept."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_PERSONAL, self.office.clock())
            account = accounts.find(session, number)
            self.note_read(session, account, Sensitive.PORTRAIT, why)
            for each in _evidence_of(session, account):
                identity = verify(each, self.office.trust, self.office.policy, now=now).identity
                if identity and identity.portrait:
                    return identity.portrait
        raise NotFoundError("no portrait of this person is kept")

    def export(self, number: str, why: str) -> str:
        """Everything that the registry has about the person: a compact JWS over JSON (`person_export`); logged."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_PERSONAL, self.office.clock())
            account = accounts.find(session, number)
            self.note_read(session, account, Sensitive.EXPORT, why)
            return person_export.signed_export(self.office, session, account, self.office.clock())

    def note_read(self, session: Session, account: Account, what: Sensitive, why: str) -> None:
        """Logs that this class of the person's data is read now; for every act that reads it."""
        reason = masked_text(why.strip())
        if not reason:
            raise RefusedError("who reads sensitive data says why")
        office, now = self.office, self.office.clock()
        session.add(
            SensitiveRead(
                id=secrets.token_hex(16),
                account_id=account.id,
                what=what.value,
                why=reason[:_REASON],
                channel=office.origin.channel.value,
                officer=office.origin.officer,
                station=office.origin.station,
                read_at=stamp(now),
            )
        )
        office.record(session, "sensitive-data-read", account, now, what=what.value)

    # --- dropping -------------------------------------------------------------------------------------------------

    def erase(self, number: str, *, approved_by: Sequence[str] = ()) -> Erasure:
        """Destroys the person's key of use, and with it all evidence; takes away to whom messages went, and what of the
        history is older than the law asks for; of a closed account the phone number too.

        The account stays, and so does its entry in the audit log, which names it by a keyed hash. Raises RefusedError
        without two persons, and while an authority's lock is open, since it may rest on what would be erased.
        """
        now = self.office.clock()
        term = retention.terms()[Kind.USE_HISTORY]
        with self.office.database.write() as session:
            self.office.may(session, Act.ANSWER_OWNER, now)
            account = accounts.find(session, number)
            names = four_eyes.of_two(self.office, session, TwoPersonKind.ERASE_DATA, approved_by, now, account=account)
            _refuse_while_asked_for(session, account)
            done = _erased(session, account, stamp(term.began_after(now)))
            facts = {"evidence": str(done.evidence), "history": str(done.history), "approved_by": names}
            self.office.record(session, "personal-data-erased", account, now, row="L-21", **facts)
        self.office.database.wipe()
        return done

    def check_sealed(self) -> int:
        """Opens everything that is sealed, and finds every account again by its hash; how many records there were.

        RegistryError at the first that does not open, or is not where it should be.
        """
        with self.office.database.write() as session:
            self.office.may(session, Act.KEEP_REGISTRY, self.office.clock())
            return sealed_check.opened(session)

    def retire(self) -> Mapping[Kind, int]:
        """Drops what is over by its term; for a daily timer. How many records of each kind."""
        return retention.retire(self.office)

    def breach(self, exposure: Exposure, detected_at: datetime) -> BreachList:
        """Whom a breach affects, and until when it is to be reported."""
        return breach.listed(self.office, exposure, detected_at)


def _evidence_of(session: Session, account: Account) -> list[Evidence]:
    owners = person_keys.owners_of(session, account)
    kept = select(StoredEvidence).where(StoredEvidence.owner.in_(owners), StoredEvidence.sealed != b"")
    newest = session.scalars(kept.order_by(StoredEvidence.stored_at.desc(), StoredEvidence.id))
    return [Evidence.from_bytes(person_keys.open_evidence(session, each)) for each in newest]


def _refuse_while_asked_for(session: Session, account: Account) -> None:
    open_ones = select(AccountLock.id).where(
        AccountLock.account_id == account.id,
        AccountLock.ground == LockGround.AUTHORITY_REQUEST,
        AccountLock.cleared_at.is_(None),
    )
    if session.scalar(open_ones.limit(1)):
        raise RefusedError("an authority's lock is open; what it may rest on is kept until it ends")


def _erased(session: Session, account: Account, history_before: int) -> Erasure:
    owners = person_keys.owners_of(session, account)
    keys = person_keys.destroy(session, *owners)
    kept = StoredEvidence.owner.in_(owners) & (StoredEvidence.sealed != b"")
    evidence = session.execute(update(StoredEvidence).where(kept).values(sealed=b""))
    session.execute(update(Device).where(Device.account_id == account.id).values(attestation=None))
    mine = Message.recipient_index.in_(addresses.indexes_of(session, account)) & Message.sent_at.is_not(None)
    messages = retention.blank_messages(session, mine)
    history = retention.drop_history(session, history_before, account.id)
    forgotten = account.state == AccountState.CLOSED and account.phone != ""
    account.email = ""
    if forgotten:
        account.phone = ""
    session.flush()
    return Erasure(keys, int(evidence.rowcount), messages, history, forgotten)  # type: ignore[attr-defined]
