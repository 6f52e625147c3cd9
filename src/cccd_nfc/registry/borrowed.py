"""Flow F2: a borrowed phone reads the card for an owner's phone that cannot (R-039 to R-041, S-25).

1. The owner's phone begins as in F1, and gets a code of 128 bits, which it shows as a QR code (`hand_over`).
2. The borrowed phone redeems it with a key of its own, and is a READER from now on (`redeem`, DS-10). The chip's
   challenge that it gets was drawn from the OWNER's key: what it reads serves no other phone (S-27).
3. It hands in the evidence (`submit`), and shows the one-time password, as the citizen's guide has it; whoever sees
   that cannot use it without the owner's phone, whose signature the confirmation needs.
4. The owner confirms on the own phone (`activation.confirm`); the reader is nothing from then on.

What this gives up beside F1: the password does not go to the registered number, so it does not show that the owner
holds that number. The number is told at once, before anything is bound.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import activation, codes, device_contacts, devices, notices
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.card_proof import CHALLENGE_LIFE, Ticket, chip_challenge, transaction_of, with_card
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.models import DeviceContact, HandOver, Transaction
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.phone import DeviceKey, check_statement
from cccd_nfc.registry.states import DeviceState, Purpose, TransactionState

CODE_BYTES = 16
CODE_LIFE = timedelta(minutes=10)
_DOMAIN = "cccd_nfc hand-over 1"
_WRONG = "the hand-over code is wrong, was used, or has expired"


@dataclass(frozen=True, slots=True)
class HandOverCode:
    """What the owner's phone shows. text: for a QR code, 110 characters; it is never sent by mail or message."""

    transaction_id: str
    thumbprint: str
    code: str = field(repr=False)
    expires_at: datetime

    @property
    def text(self) -> str:
        return f"cccd-hand-over:{self.transaction_id}:{self.thumbprint}:{self.code}"

    @classmethod
    def parts(cls, text: str) -> tuple[str, str, str]:
        """(transaction, thumbprint of the owner's key, code) of a QR code's text; RefusedError for another's."""
        name, *parts = text.strip().split(":")
        if name != "cccd-hand-over" or len(parts) != 3:
            raise RefusedError("this is not a hand-over code")
        return parts[0], parts[1], parts[2]


@dataclass(frozen=True, slots=True)
class BorrowedPending:
    """code: the one-time password, for the borrowed phone to show; it works with the owner's phone alone."""

    pending: Pending
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Borrowed:
    office: Office

    def hand_over(self, transaction_id: str, statement: str) -> HandOverCode:
        """A code for the borrowed phone, good for one use within 10 minutes; an older one is dead from now on.

        statement: the owner's phone has signed "hand-over" for this transaction. RefusedError otherwise.
        """
        now = self.office.clock()
        with self.office.database.write() as session:
            transaction = _open(session, transaction_id, now)
            own = DeviceKey(transaction.thumbprint, transaction.public_key)
            check_statement(statement, own, "hand-over", transaction=transaction_id)
            _kill_older(session, transaction, now)
            code = secrets.token_urlsafe(CODE_BYTES)
            made = _row(transaction, code, now)
            session.add(made)
            return HandOverCode(transaction.id, transaction.thumbprint, code, moment_of(made.expires_at))

    def redeem(self, text: str, reader: DeviceKey, statement: str, *, label: str = "", platform: str = "") -> Ticket:
        """The chip's challenge, for the phone that has scanned `text`; it is written down as a READER.

        statement: that phone has signed "redeem" for this transaction. Raises RefusedError for a code that is wrong,
        used or late, for the owner's own key, and for a key that was revoked.
        """
        transaction_id, thumbprint, code = HandOverCode.parts(text)
        check_statement(statement, reader, "redeem", transaction=transaction_id)
        now = self.office.clock()
        with self.office.database.write() as session:
            transaction = _open(session, transaction_id, now)
            if thumbprint != transaction.thumbprint:
                raise RefusedError(_WRONG)
            if reader.thumbprint == transaction.thumbprint:
                raise RefusedError("this is the owner's own phone: it needs no hand-over")
            devices.refuse_revoked(session, reader.thumbprint)
            found = _take(session, transaction, code, now)
            contact = device_contacts.reader(self.office, session, transaction, reader, now, label, platform)
            found.reader_id = contact.id
            self.office.record_alone(session, "reader-began", now, row="DS-10", device=reader.thumbprint)
            ends = min(transaction.expires_at, transaction.opened_at + span(CHALLENGE_LIFE))
            return Ticket(transaction.id, chip_challenge(transaction), moment_of(ends))

    def submit(
        self, transaction_id: str, evidence: Evidence, statement: str, *, number: str | None = None
    ) -> BorrowedPending:
        """As `activation.submit_evidence`, by the borrowed phone, which shows the code; the owner's number is told.

        statement: the phone that redeemed has signed "evidence" for this transaction and this evidence's digest.
        """
        digest = evidence.digest().hex()
        with with_card(self.office, transaction_id, Purpose.ACTIVATE, evidence) as proof:
            session, transaction, now = proof.session, proof.transaction, proof.now
            handed, reader = _reader_of(session, transaction)
            key = DeviceKey(reader.thumbprint, reader.public_key)
            check_statement(statement, key, "evidence", transaction=transaction_id, digest=digest)
            account, replaces = activation.accept(self.office, proof, number)
            office = self.office
            sent = codes.for_a_borrowed_screen(office, session, transaction, account, now)
            activation.record_accepted(office, proof, account, sent.channel)
            handed.code_shown_at, reader.account_id, reader.last_at = stamp(now), account.id, stamp(now)
            text = _begun_text(short(transaction.thumbprint))
            notices.tell(office, session, account, text, now, event="borrowed-phone")
            shown = {"shown": "borrowed-device", "device": transaction.thumbprint, "reader": reader.thumbprint}
            office.record(session, "code-shown", account, now, row="DS-10", **shown)
            pending = Pending(transaction.id, sent.reference, sent.expires_at, replaces, sent.channel)
            return BorrowedPending(pending, sent.shown)

    def refuse_another_reader(self, transaction_id: str, reader: DeviceKey) -> None:
        """RefusedError unless this is the phone that the transaction was handed over to."""
        with self.office.database.write() as session:
            _, found = _reader_of(session, transaction_of(session, transaction_id))
            if found.thumbprint != reader.thumbprint:
                raise RefusedError("no phone was handed this transaction over")


def _begun_text(device: str) -> str:
    """At most 160 characters of GSM."""
    return (
        f"Thiet bi {device} dang duoc kich hoat cho tai khoan dinh danh qua dien thoai muon. "
        f"Neu khong phai ban, goi ngay {HOTLINE}."
    )


def _open(session: Session, transaction_id: str, now: datetime) -> Transaction:
    """An activation that still waits for its card."""
    transaction = transaction_of(session, transaction_id)
    if transaction.purpose != Purpose.ACTIVATE or transaction.state != TransactionState.OPEN:
        raise RefusedError("the transaction is not open for this")
    if not transaction.thumbprint or stamp(now) >= transaction.opened_at + span(CHALLENGE_LIFE):
        raise RefusedError("the transaction has expired; begin again")
    return transaction


def _hash(transaction: Transaction, code: str) -> str:
    """Bound to the transaction and to the owner's key. The code has 128 bits of chance: a plain hash is enough."""
    bound = "\x1f".join((_DOMAIN, transaction.id, transaction.thumbprint, code))
    return hashlib.sha256(bound.encode()).hexdigest()


def _row(transaction: Transaction, code: str, now: datetime) -> HandOver:
    return HandOver(
        id=secrets.token_hex(16),
        transaction_id=transaction.id,
        hashed=_hash(transaction, code),
        created_at=stamp(now),
        expires_at=min(stamp(now + CODE_LIFE), transaction.expires_at),
    )


def _kill_older(session: Session, transaction: Transaction, now: datetime) -> None:
    """One phone reads at a time: with a new code the one before, and whoever redeemed it, is out."""
    session.execute(
        update(HandOver)
        .where(HandOver.transaction_id == transaction.id, HandOver.expires_at > stamp(now))
        .values(expires_at=stamp(now))
    )
    devices.drop_readers(session, transaction.id, now, "handed over to another phone")


def _take(session: Session, transaction: Transaction, code: str, now: datetime) -> HandOver:
    """Uses the code up; RefusedError when it is none, or not good any more."""
    found = session.scalar(select(HandOver).where(HandOver.hashed == _hash(transaction, code)))
    if found is None or found.redeemed_at is not None or stamp(now) >= found.expires_at:
        raise RefusedError(_WRONG)
    found.redeemed_at = stamp(now)
    return found


def _reader_of(session: Session, transaction: Transaction) -> tuple[HandOver, DeviceContact]:
    """The hand-over that was redeemed, and the phone that reads for the transaction now."""
    mine = (DeviceContact.transaction_id == transaction.id, DeviceContact.state == DeviceState.READER)
    pairs = select(HandOver, DeviceContact).join(DeviceContact, HandOver.reader_id == DeviceContact.id).where(*mine)
    found = session.execute(pairs).first()
    if found is None:
        raise RefusedError("no phone was handed this transaction over")
    return found[0], found[1]
