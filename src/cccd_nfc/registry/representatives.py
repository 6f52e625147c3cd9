"""Who acts for a child or a ward: named when the account is opened, consenting to its use, and able to take that back
(L-02, L-10). The representative proves it with the own card, or on the own account's device; a paper alone consents to
nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, consents, devices, otp, owner_sessions, strength
from cccd_nfc.registry.account_rules import Rule, age_on, rules_on
from cccd_nfc.registry.card_proof import Proof, transaction_of, with_card
from cccd_nfc.registry.clock import day_in_vietnam, stamp
from cccd_nfc.registry.consents import Consent, ConsentPurpose
from cccd_nfc.registry.models import Account, Device, Representation, Transaction
from cccd_nfc.registry.models import Consent as ConsentRow
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey, check_statement
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState
from cccd_nfc.registry.strength import Factor
from cccd_nfc.sentences import Said

GROWN_UP = 18
"""Age from which somebody can represent another (Civil Code 2015 Art. 20, Art. 49)."""


class Kinship(StrEnum):
    """A parent represents a child until the age of the law; a guardian represents until the end of the guardianship."""

    PARENT = "parent"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Representative:
    """Who asks for a child's or a ward's account. document: number of the birth certificate or of the decision."""

    number: str = field(repr=False)
    kinship: Kinship
    document: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Representatives:
    """The acts of and about representatives."""

    office: Office

    def appoint(self, number: str, representative: Representative) -> None:
        """From now on somebody acts for the owner, a child or a ward; an officer enters it from the paper.

        Raises RefusedError without an officer, or for a person who cannot represent, ConflictError when it is so
        already.
        """
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.APPOINT, self.office.clock())
            account = accounts.find(session, number)
            name_representative(self.office, session, account, representative, now)
            if representative.kinship is Kinship.GUARDIAN:
                _end_use(session, account, now)
            self.office.record(
                session, "representative-named", account, now, row="L-10", kinship=representative.kinship
            )

    def dismiss(self, number: str, representative_number: str) -> None:
        """A representation ends, with the consents that it gave; an officer enters it. NotFoundError for none."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.APPOINT, self.office.clock())
            officer_of(self.office)
            account, other = accounts.find(session, number), accounts.find(session, representative_number)
            found = _open(session, account, other)
            if found is None:
                raise NotFoundError("this person does not represent the owner")
            found.until = stamp(now)
            for each in _consents(session, account):
                if each.given_by == other.id:
                    each.revoked_at = stamp(now)
            if needs_consent(session, account, now) and not _consents(session, account):
                _end_use(session, account, now)
            account.version += 1
            self.office.record(session, "representative-dismissed", account, now, row="L-10")

    def consent(self, number: str, transaction_id: str, evidence: Evidence, consent: Consent) -> None:
        """The representative, by card, consents to the use of the account of `number` (Purpose.REPRESENT)."""
        with with_card(self.office, transaction_id, Purpose.REPRESENT, evidence) as proof:
            account, representative = _represented(proof, number)
            _give(proof.session, account, representative, consent, proof.now, proof.evidence_id)
            _done(self.office, proof, account, "use-consented")

    def withdraw(self, number: str, transaction_id: str, evidence: Evidence) -> None:
        """The representative, by card, takes the consent back: the device is unlinked, and no other can be bound."""
        with with_card(self.office, transaction_id, Purpose.REPRESENT, evidence) as proof:
            account, _ = _represented(proof, number)
            _take_back(proof.session, account, proof.now)
            _done(self.office, proof, account, "use-consent-withdrawn")

    def consent_on_device(self, number: str, transaction_id: str, statement: str, consent: Consent) -> None:
        """The same in the app (L-10): the transaction was begun for the representative's own bound device, which has
        signed "represent-consent" for it, the number and the version of the text. A statement serves once.

        Raises RefusedError for a device that is not active, or not of somebody who represents the owner.
        """
        facts = {"number": number, "text_version": consent.text_version}
        with self._on_device(number, transaction_id, statement, "represent-consent", facts) as acting:
            _give(acting.session, acting.account, acting.representative, consent, acting.now, "")
            acting.record(self.office, "use-consented", statement)

    def withdraw_on_device(self, number: str, transaction_id: str, statement: str) -> None:
        """The same for `withdraw`: the device has signed "represent-withdraw" for the transaction and the number."""
        with self._on_device(number, transaction_id, statement, "represent-withdraw", {"number": number}) as acting:
            _take_back(acting.session, acting.account, acting.now)
            acting.record(self.office, "use-consent-withdrawn", statement)

    @contextmanager
    def _on_device(
        self, number: str, transaction_id: str, statement: str, purpose: str, facts: dict[str, str]
    ) -> Iterator[_OnDevice]:
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.REPRESENT, now)
            transaction = _begun(session, transaction_id, now)
            key = DeviceKey(transaction.thumbprint, transaction.public_key)
            check_statement(statement, key, purpose, transaction=transaction_id, **facts)
            account = accounts.find(session, number)
            session.refresh(account, with_for_update=True)
            representative = _representative_with(session, account, key.thumbprint, now)
            transaction.account_id, transaction.state = account.id, TransactionState.DONE
            yield _OnDevice(session, transaction, account, representative, now)


def name_representative(
    office: Office, session: Session, account: Account, representative: Representative, now: datetime
) -> None:
    """Keeps who acts for the owner of `account`; raises as `Representatives.appoint`."""
    officer = officer_of(office)
    if not representative.document.strip():
        raise UsageError("a representative is entered with the number of the paper that says so")
    other = accounts.find(session, representative.number)
    day = day_in_vietnam(now)
    if other.id == account.id or other.state != AccountState.ACTIVE or _age(other, day) < GROWN_UP:
        raise RefusedError("a representative is another person, grown up, with an active account")
    if _open(session, account, other):
        raise ConflictError("this person represents the owner already")
    session.add(
        Representation(
            id=secrets.token_hex(16),
            account_id=account.id,
            representative_id=other.id,
            kinship=representative.kinship,
            document=representative.document.strip()[:80],
            officer=officer,
            since=stamp(now),
        )
    )
    session.flush()


def refuse_without_consent(session: Session, account: Account, now: datetime) -> None:
    """RefusedError where the account may be used with a representative's consent only, and there is none (L-10)."""
    if needs_consent(session, account, now) and not _consents(session, account):
        clause = rules_on(day_in_vietnam(now)).clauses[Rule.CONSENT]
        raise RefusedError(
            Said("this account is used with the consent of parent or guardian ({clause})", clause=clause)
        )


def needs_consent(session: Session, account: Account, now: datetime) -> bool:
    """For a child below the age of the law, and for whoever has a guardian."""
    day = day_in_vietnam(now)
    if account.birth_date and _age(account, day) < rules_on(day).consent_until_age:
        return True
    mine = (Representation.account_id == account.id, Representation.until.is_(None))
    return session.scalar(select(Representation).where(*mine, Representation.kinship == Kinship.GUARDIAN)) is not None


def officer_of(office: Office) -> str:
    """The officer who acts; RefusedError where the act's origin names none."""
    if not office.origin.officer:
        raise RefusedError("an officer has to do this, by name")
    return office.origin.officer


# --- parts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _OnDevice:
    """What a representative does on the own device, within one write transaction."""

    session: Session
    transaction: Transaction
    account: Account
    representative: Account
    now: datetime

    def record(self, office: Office, act: str, statement: str) -> None:
        digest = hashlib.sha256(statement.encode()).hexdigest()
        facts = {"device": self.transaction.thumbprint, "statement": digest, **strength.facts(Factor.DEVICE_KEY)}
        office.record(self.session, act, self.account, self.now, row="L-10", **facts)


def _begun(session: Session, transaction_id: str, now: datetime) -> Transaction:
    """A transaction that a device has begun for this, and that nothing has used yet."""
    transaction = transaction_of(session, transaction_id)
    waits = transaction.purpose == Purpose.REPRESENT and transaction.state == TransactionState.OPEN
    if not waits or not transaction.thumbprint:
        raise RefusedError("the transaction is not open for this")
    if stamp(now) >= transaction.expires_at:
        raise RefusedError("the transaction has expired; begin again")
    return transaction


def _representative_with(session: Session, account: Account, thumbprint: str, now: datetime) -> Account:
    """Who represents the owner and has this device active; RefusedError for nobody. A family may share the phone."""
    bound = select(Device.account_id).where(Device.thumbprint == thumbprint, Device.state == DeviceState.ACTIVE)
    for other in session.scalars(select(Account).where(Account.id.in_(bound))).all():
        if _open(session, account, other) is not None:
            accounts.refuse_unusable(other, now)
            return other
    raise RefusedError("this is not the active device of the owner's representative")


def _give(
    session: Session, account: Account, representative: Account, consent: Consent, now: datetime, evidence_id: str
) -> None:
    if _consents(session, account):
        raise ConflictError("the use of this account is consented to already")
    consents.keep(session, consent, ConsentPurpose.USE, now, account_id=account.id,
                  given_by=representative.id, evidence_id=evidence_id)  # fmt: skip


def _take_back(session: Session, account: Account, now: datetime) -> None:
    given = _consents(session, account)
    if not given:
        raise NotFoundError("the use of this account is not consented to")
    for each in given:
        each.revoked_at = stamp(now)
    _end_use(session, account, now)
    account.version += 1


def _represented(proof: Proof, number: str) -> tuple[Account, Account]:
    """The account of `number` and that of the card's owner, who represents it; RefusedError for anybody else."""
    account = accounts.find(proof.session, number)
    proof.session.refresh(account, with_for_update=True)
    representative = accounts.find(proof.session, proof.verified.identity.personal_number)
    accounts.refuse_unusable(representative, proof.now)
    if _open(proof.session, account, representative) is None:
        raise RefusedError("the card is not that of the owner's representative")
    return account, representative


def _done(office: Office, proof: Proof, account: Account, act: str) -> None:
    proof.transaction.account_id, proof.transaction.state = account.id, TransactionState.DONE
    office.record(proof.session, act, account, proof.now, row="L-10", grade=proof.verified.grade,
                  **strength.facts(Factor.CARD))  # fmt: skip


def _open(session: Session, account: Account, other: Account) -> Representation | None:
    mine = (Representation.account_id == account.id, Representation.representative_id == other.id)
    return session.scalar(select(Representation).where(*mine, Representation.until.is_(None)))


def _consents(session: Session, account: Account) -> list[ConsentRow]:
    mine = (ConsentRow.account_id == account.id, ConsentRow.purpose == ConsentPurpose.USE)
    return list(session.scalars(select(ConsentRow).where(*mine, ConsentRow.revoked_at.is_(None))))


def _end_use(session: Session, account: Account, now: datetime) -> None:
    """No device of the account stays in use, bound or waiting for its code, and no login."""
    devices.end_attempts(session, account, now, "the representative's consent is missing")
    owner_sessions.end_all(session, account, now, "the representative's consent is missing")
    otp.void(session, account, now)
    device = devices.active(session, account)
    if device is not None:
        devices.end(device, DeviceState.UNLINKED, now, "the representative's consent is missing")
    session.flush()


def _age(account: Account, day: date) -> int:
    return age_on(date.fromisoformat(account.birth_date), day) if account.birth_date else 0
