"""How a card takes part in an act: it signs a challenge that names the act, and the registry verifies it itself.

Nobody tells the registry that a card is genuine (S-28). Evidence for another device, transaction or purpose, or
evidence that was used before, is refused (S-27, S-29).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, NotVerifiedError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.registry import reserved_keys
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.keys import seal
from cccd_nfc.registry.models import StoredEvidence, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import Purpose, TransactionState
from cccd_nfc.report import VerifiedIdentity

TRANSACTION_LIFE = timedelta(minutes=10)
CHALLENGE_LIFE = timedelta(minutes=5)

_DOMAIN = b"cccd_nfc chip challenge 1"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A transaction that has begun. challenge: 8 bytes for Active Authentication."""

    transaction_id: str
    challenge: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A card that was verified here, for this transaction, within the database transaction of `session`."""

    session: Session
    transaction: Transaction
    verified: VerifiedIdentity
    evidence_id: str
    now: datetime


def begin(office: Office, purpose: Purpose, device: DeviceKey | None, label: str) -> Ticket:
    """Opens a transaction for `purpose` and, where one is meant, for this device."""
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act(purpose.value), now)
        if device is not None:
            reserved_keys.refuse_reserved(session, device.thumbprint)
        transaction = Transaction(
            id=secrets.token_hex(16),
            purpose=purpose,
            state=TransactionState.OPEN,
            thumbprint=device.thumbprint if device else "",
            public_key=device.pem if device else "",
            label=label[:80],
            nonce=secrets.token_bytes(16),
            opened_at=stamp(now),
            expires_at=stamp(now + TRANSACTION_LIFE),
        )
        session.add(transaction)
        return Ticket(transaction.id, chip_challenge(transaction), now + TRANSACTION_LIFE)


def chip_challenge(transaction: Transaction) -> bytes:
    """What the chip signs, 8 bytes: of SHA-256 over purpose, transaction, device and a nonce of ours (S-27)."""
    names = (transaction.purpose, transaction.id, transaction.thumbprint)
    parts = (_DOMAIN, *(name.encode() for name in names), bytes(transaction.nonce))
    return hashlib.sha256(b"".join(len(part).to_bytes(2, "big") + part for part in parts)).digest()[:8]


def transaction_of(session: Session, transaction_id: str) -> Transaction:
    found = session.get(Transaction, transaction_id)
    if found is None:
        raise NotFoundError("there is no such transaction")
    return found


@contextmanager
def with_card(office: Office, transaction_id: str, purpose: Purpose, evidence: Evidence) -> Iterator[Proof]:
    """The proof, for the length of one write transaction; what the body does is kept with the evidence, or not at all.

    Raises NotVerifiedError for a card that does not prove itself, RefusedError for evidence that is not for this.
    """
    now = office.clock()
    verified = _verified(office, evidence, now)
    with office.database.write() as session:
        office.may(session, Act(purpose.value), now)
        transaction = transaction_of(session, transaction_id)
        if transaction.purpose != purpose or transaction.state != TransactionState.OPEN:
            raise RefusedError("the transaction is not open for this")
        if stamp(now) >= min(transaction.expires_at, transaction.opened_at + span(CHALLENGE_LIFE)):
            raise RefusedError("the transaction has expired; begin again")
        record = evidence.active_authentication
        if record is None or not secrets.compare_digest(record.challenge, chip_challenge(transaction)):
            raise NotVerifiedError("the card did not sign for this transaction and this device")
        yield Proof(session, transaction, verified, _keep(office, session, evidence, verified, now), now)


def _verified(office: Office, evidence: Evidence, now: datetime) -> VerifiedIdentity:
    verified = verify(evidence, office.trust, office.policy, now=now).verified_identity()
    if verified.grade not in ("A", "B"):
        raise NotVerifiedError("only Active Authentication proves to others that this chip signed; it is missing")
    if not re.fullmatch(r"[0-9]{12}", verified.identity.personal_number):
        raise NotVerifiedError("the card carries no personal number")
    return verified


def _keep(office: Office, session: Session, evidence: Evidence, verified: VerifiedIdentity, now: datetime) -> str:
    """Stores the evidence encrypted, once, with the digest of the trust store that decided; gives its id."""
    digest = evidence.digest().hex()
    if session.scalar(select(StoredEvidence).where(StoredEvidence.digest == digest)):
        raise RefusedError("this evidence was used before")
    stored = StoredEvidence(
        id=secrets.token_hex(16),
        digest=digest,
        grade=verified.grade,
        trust_digest=office.trust.digest().hex(),
        sealed=seal(office.keys.evidence, evidence.to_bytes(), digest),
        stored_at=stamp(now),
    )
    session.add(stored)
    session.flush()
    return stored.id
