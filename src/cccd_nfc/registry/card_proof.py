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
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import AuthenticationError, CardError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.registry import attestations, devices, evidence_files, person_keys, reserved_keys
from cccd_nfc.registry.attestations import Attestation
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.database import keep_though_refused
from cccd_nfc.registry.keys import seal
from cccd_nfc.registry.models import StoredEvidence, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import Purpose, TransactionState
from cccd_nfc.report import Identity, VerifiedIdentity

TRANSACTION_LIFE = timedelta(minutes=10)
CHALLENGE_LIFE = timedelta(minutes=5)

VIETNAM_IN_MRZ = "VNM"
_CITIZENS_ONLY = (Purpose.ENROL, Purpose.REPRESENT)
"""What a passport of another state is not enough for."""

_DOMAIN = b"cccd_nfc chip challenge 1"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A transaction that has begun. challenge: 8 bytes for Active Authentication."""

    transaction_id: str
    challenge: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """A card that was verified here, for this transaction, within the database transaction of `session`.

    portrait: the hash of EF.DG2 that EF.SOD signs, hex: names the picture whether it was read or not.
    """

    session: Session
    transaction: Transaction
    verified: VerifiedIdentity
    evidence_id: str
    now: datetime
    portrait: str


def begin(
    office: Office, purpose: Purpose, device: DeviceKey | None, label: str, attestation: Attestation | None = None
) -> Ticket:
    """Opens a transaction for `purpose` and, where one is meant, for this device.

    attestation: of the key of `device`; it is kept, and not verified (S-26).  RefusedError for a key that was revoked
    (DS-06), UsageError for an attestation of no device.
    """
    if attestation is not None and device is None:
        raise UsageError("an attestation is of a device's key")
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act(purpose.value), now)
        if device is not None:
            devices.refuse_revoked(session, device.thumbprint)
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
        attestations.keep_begun(office, transaction, attestation)
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


def refuse_another_devices(session: Session, transaction_id: str, device: DeviceKey) -> None:
    """NotFoundError for a transaction that was not begun for this device: it learns nothing of others'."""
    if transaction_of(session, transaction_id).thumbprint != device.thumbprint:
        raise NotFoundError("there is no such transaction")


@contextmanager
def with_card(office: Office, transaction_id: str, purpose: Purpose, evidence: Evidence) -> Iterator[Proof]:
    """The proof, for the length of one write transaction; what the body does is kept with the evidence, or not at all.

    Raises NotVerifiedError for a card that does not prove itself, RefusedError for evidence that is not for this.
    """
    now = office.clock()
    verified = _verified_for(office, transaction_id, purpose, evidence, now)
    with office.database.write() as session:
        office.may(session, Act(purpose.value), now)
        keep_though_refused(session, partial(_note_refused, office, transaction_id, purpose, now))
        transaction = _open_for(session, transaction_id, purpose, evidence, now)
        kept = keep(office, session, evidence, verified, now)
        yield Proof(session, transaction, verified, kept, now, evidence_files.portrait_reference(evidence))


def shown_now(office: Office, transaction_id: str, purpose: Purpose, evidence: Evidence) -> Identity:
    """Who has shown the card for this transaction, which stays open: for a question before the act. Raises as
    `with_card`, which has to follow."""
    now = office.clock()
    verified = _verified_for(office, transaction_id, purpose, evidence, now)
    with office.database.write() as session:
        office.may(session, Act(purpose.value), now)
        _open_for(session, transaction_id, purpose, evidence, now)
    return verified.identity


def _open_for(
    session: Session, transaction_id: str, purpose: Purpose, evidence: Evidence, now: datetime
) -> Transaction:
    """The transaction, when it waits for a card and the evidence is of a card that has signed for it."""
    transaction = transaction_of(session, transaction_id)
    if transaction.purpose != purpose or transaction.state != TransactionState.OPEN:
        raise RefusedError("the transaction is not open for this")
    if stamp(now) >= min(transaction.expires_at, transaction.opened_at + span(CHALLENGE_LIFE)):
        raise RefusedError("the transaction has expired; begin again")
    record = evidence.active_authentication
    if record is None or not secrets.compare_digest(record.challenge, chip_challenge(transaction)):
        raise NotVerifiedError("the card did not sign for this transaction and this device")
    return transaction


def _verified_for(
    office: Office, transaction_id: str, purpose: Purpose, evidence: Evidence, now: datetime
) -> VerifiedIdentity:
    try:
        verified = verified_here(office, evidence, now)
        if purpose in _CITIZENS_ONLY and not is_citizen(verified.identity):
            raise NotVerifiedError("the card carries no personal number")
        return verified
    except (AuthenticationError, CardError):
        with office.database.write() as session:
            _note_refused(office, transaction_id, purpose, now, session)
        raise


def _note_refused(office: Office, transaction_id: str, purpose: Purpose, now: datetime, session: Session) -> None:
    """That a card was refused, or what it was for: the log has it, and nothing of what the card says (R-033)."""
    if session.get(Transaction, transaction_id) is not None:
        facts = {"purpose": purpose.value, "transaction": transaction_id}
        office.record_alone(session, "card-refused", now, row="R-033", **facts)


def verified_here(office: Office, evidence: Evidence, now: datetime) -> VerifiedIdentity:
    """Who the card is, by the registry's own trust store; NotVerifiedError when it does not prove it (S-28)."""
    verified = verify(evidence, office.trust, office.policy, now=now).verified_identity()
    if verified.grade not in ("A", "B"):
        raise NotVerifiedError("only Active Authentication proves to others that this chip signed; it is missing")
    evidence_files.check_complete(evidence, citizen=verified.identity.issuer == VIETNAM_IN_MRZ)
    identity = verified.identity
    if not is_citizen(identity) and (identity.issuer == VIETNAM_IN_MRZ or not identity.document_number):
        raise NotVerifiedError("the card carries no personal number")
    return verified


def is_citizen(identity: Identity) -> bool:
    """Whether Vietnam has issued it with a personal number: what another state writes into EF.DG13 names nobody here.

    That the issuer in EF.DG1 is the state whose signer has signed is a part of `document-signer-chain`.
    """
    return identity.issuer == VIETNAM_IN_MRZ and bool(re.fullmatch(r"[0-9]{12}", identity.personal_number))


def passport_reference(office: Office, identity: Identity) -> str:
    """By what a passport is found again: a keyed hash over issuer and number, 64 hex digits."""
    return office.keys.lookup_digest("passport", identity.issuer, identity.document_number)


def _owner(office: Office, session: Session, identity: Identity) -> str:
    """Under whose key the evidence goes: a passport's own, since its personal number is nobody's here."""
    if is_citizen(identity):
        return person_keys.owner_of(session, identity.personal_number)
    return passport_reference(office, identity)


def keep(office: Office, session: Session, evidence: Evidence, verified: VerifiedIdentity, now: datetime) -> str:
    """Stores the evidence under its person's key, once, with the digest of the trust store that decided; its id."""
    digest = evidence.digest().hex()
    if session.scalar(select(StoredEvidence).where(StoredEvidence.digest == digest)):
        raise RefusedError("this evidence was used before")
    owner = _owner(office, session, verified.identity)
    key, generation = person_keys.use_key(session, owner)
    stored = StoredEvidence(
        id=secrets.token_hex(16),
        owner=owner,
        generation=generation,
        digest=digest,
        grade=verified.grade,
        trust_digest=office.trust.digest().hex(),
        sealed=seal(key, evidence.to_bytes(), digest),
        stored_at=stamp(now),
    )
    session.add(stored)
    session.flush()
    return stored.id
