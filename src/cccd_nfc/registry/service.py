"""The registry: accounts, and the one device of each, bound by what the card itself proves (flow F1).

Nobody tells the registry that a card is genuine. It hands out a challenge that names purpose and device, gets evidence,
and verifies it with its own trust store; the card then has signed for this device and this transaction (S-27, S-28).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.policy import FIELD, Policy
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import audit, messages, otp, receipts
from cccd_nfc.registry.clock import Clock, moment_of, stamp, utc_now
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import Keys, seal
from cccd_nfc.registry.models import Account, Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.phone import DeviceKey, check_confirmation
from cccd_nfc.registry.states import (
    USABLE,
    AccountState,
    DeviceState,
    Purpose,
    TransactionState,
    account_step,
    device_step,
)
from cccd_nfc.report import VerifiedIdentity

TRANSACTION_LIFE = timedelta(minutes=10)
CHALLENGE_LIFE = timedelta(minutes=5)
ACTIVATION_DAYS = timedelta(days=7)
"""An account that was not activated within a week of its issue needs the assistance of the agency (L-09)."""

_CHALLENGE_DOMAIN = b"cccd_nfc chip challenge 1"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A transaction that has begun. challenge: 8 bytes for Active Authentication."""

    transaction_id: str
    challenge: bytes = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A device whose card was accepted; a code is on its way. reference: the two letters in the message."""

    transaction_id: str
    reference: str
    expires_at: datetime
    replaces: str


@dataclass(frozen=True, slots=True)
class AccountView:
    number: str = field(repr=False)
    full_name: str = field(repr=False)
    phone: str = field(repr=False)
    level: int
    state: AccountState
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One line of the device list: active and past, none is ever taken off it (R-016, S-21)."""

    id: str
    thumbprint: str
    label: str
    state: DeviceState
    grade: str
    bound_at: datetime | None
    ended_at: datetime | None
    end_reason: str


class Registry:
    """Every act of the registry. Clock, trust and gateway come in; each act is one database transaction."""

    def __init__(
        self, database: Database, keys: Keys, trust: TrustStore, gateway: messages.Gateway, *,
        clock: Clock = utc_now, policy: Policy = FIELD, codes: otp.CodePolicy | None = None,
    ) -> None:  # fmt: skip
        self._database, self._keys, self._trust, self._gateway = database, keys, trust, gateway
        self._clock, self._policy, self._codes = clock, policy, codes or otp.CodePolicy()

    @classmethod
    def open(cls, url: str, folder: Path, trust: TrustStore, *, clock: Clock = utc_now) -> Registry:
        """The registry at `url`, brought to today's model, with keys and outbox in `folder`.

        Raises UsageError or RegistryUnavailableError when it cannot be opened.
        """
        database = Database(url)
        database.upgrade()
        gateway = messages.FileGateway(folder / "outbox")
        return cls(database, Keys.open(folder / "keys"), trust, gateway, clock=clock)

    def close(self) -> None:
        self._database.close()

    # --- the beginning of everything that needs the card ------------------------------------------------------------

    def begin(self, purpose: Purpose, device: DeviceKey | None = None, *, label: str = "") -> Ticket:
        """Opens a transaction for `purpose` and, where one is meant, for this device."""
        now = self._clock()
        with self._database.write() as session:
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

    # --- accounts ---------------------------------------------------------------------------------------------------

    def create_account(self, transaction_id: str, evidence: Evidence, phone: str) -> AccountView:
        """An account of level 1 for the citizen whose card the evidence proves (AS-01).

        Raises NotVerifiedError for a card that does not prove it, ConflictError when the citizen has an account,
        UsageError for a phone number that is no Vietnamese mobile.
        """
        number_of_phone = mobile_number(phone)
        with self._with_card(transaction_id, Purpose.ENROL, evidence) as (session, transaction, verified, now):
            identity = verified.identity
            taken = session.scalar(select(Account).where(Account.number == identity.personal_number))
            if taken is not None:
                raise ConflictError("this citizen has an account already")
            account = Account(
                id=secrets.token_hex(16),
                number=identity.personal_number,
                full_name=identity.full_name or identity.latin_name,
                birth_date=identity.birth_date.isoformat() if identity.birth_date else "",
                phone=number_of_phone,
                level=1,
                state=AccountState.ISSUED,
                version=0,
                issued_at=stamp(now),
                failed_codes=0,
                hold_until=0,
            )
            session.add(account)
            session.flush()
            transaction.account_id, transaction.state = account.id, TransactionState.DONE
            self._record(session, "account-issued", account, now, row="AS-01", grade=verified.grade)
            return _account_view(account)

    def account(self, number: str) -> AccountView:
        with self._database.write() as session:
            return _account_view(self._account(session, number))

    # --- activation: flow F1 ----------------------------------------------------------------------------------------

    def submit_evidence(self, transaction_id: str, evidence: Evidence, *, number: str | None = None) -> Pending:
        """Steps 5 and 6 of F1: the registry verifies the card itself, and sends the code (DS-02).

        number: the account meant, where the person said one; another person's card is then refused (R-033).
        """
        with self._with_card(transaction_id, Purpose.ACTIVATE, evidence) as (session, transaction, verified, now):
            if number is not None and number != verified.identity.personal_number:
                raise RefusedError("the card is not that of the account's owner")
            account = self._account(session, verified.identity.personal_number)
            self._refuse_unusable(account, now)
            otp.refuse_if_held(account, now)
            self._expire_pending(session, account, now, "another activation began")
            current = self._active_device(session, account)
            if current is not None and current.thumbprint == transaction.thumbprint:
                raise RefusedError("this device is the account's active device already")
            stored = session.scalar(select(StoredEvidence).where(StoredEvidence.digest == evidence.digest().hex()))
            device = Device(
                id=secrets.token_hex(16),
                account_id=account.id,
                thumbprint=transaction.thumbprint,
                public_key=transaction.public_key,
                label=transaction.label,
                state=DeviceState.PENDING,
                grade=verified.grade,
                evidence_id=stored.id if stored else "",
            )
            session.add(device)
            session.flush()
            transaction.account_id, transaction.device_id = account.id, device.id
            transaction.account_version, transaction.state = account.version, TransactionState.PENDING
            code = self._send_code(session, transaction, account, now)
            self._record(session, "card-accepted", account, now, row="DS-02", device=device.thumbprint)
            replaces = current.thumbprint if current else ""
            return Pending(transaction.id, code.reference, code.expires_at, replaces)

    def resend_code(self, transaction_id: str) -> Pending:
        """Another code for a pending activation; the older one is dead from now on (S-07)."""
        now = self._clock()
        with self._database.write() as session:
            transaction, account = self._pending(session, transaction_id, now)
            code = self._send_code(session, transaction, account, now)
            return Pending(transaction.id, code.reference, code.expires_at, "")

    def confirm(self, transaction_id: str, code: str, confirmation: str) -> str:
        """Steps 7 and 8 of F1: the code, and the device's signature; then the new device wins (DS-03). A receipt.

        The same confirmation again gives the same receipt. Raises RefusedError for a wrong code or signature,
        ConflictError when the account changed meanwhile.
        """
        digest = hashlib.sha256(f"{code.strip()}|{confirmation}".encode()).hexdigest()
        now = self._clock()
        with self._database.write() as session:
            done = self._transaction(session, transaction_id)
            if done.state == TransactionState.DONE and done.request_digest == digest:
                return done.receipt
            transaction, account = self._pending(session, transaction_id, now)
            found = otp.take_a_try(session, transaction, account, now)
        # The try is spent and kept, whatever comes; the slow hash runs outside of any transaction.
        device_key = DeviceKey(transaction.thumbprint, transaction.public_key)
        if not otp.is_right(self._keys.code, transaction, found, code):
            raise RefusedError(f"the code is wrong; {found.tries_left - 1} tries left")
        check_confirmation(confirmation, device_key, transaction.id, found.reference)
        return self._bind(transaction_id, found, digest, now)

    def _bind(self, transaction_id: str, found: OneTimePassword, digest: str, now: datetime) -> str:
        with self._database.write() as session:
            transaction, account = self._pending(session, transaction_id, now)
            otp.consume(session, found, account, now)
            self._take_version(session, account, transaction)
            replaced = self._active_device(session, account)
            if replaced is not None:
                self._end_device(replaced, DeviceState.REPLACED, now, "replaced by a newer device")
                session.flush()
            device = session.get_one(Device, transaction.device_id)
            row = device_step(DeviceState(device.state), DeviceState.ACTIVE)
            device.state, device.bound_at = DeviceState.ACTIVE, stamp(now)
            account_step(AccountState(account.state), AccountState.ACTIVE)
            account.state = AccountState.ACTIVE
            session.flush()
            old = replaced.thumbprint if replaced else ""
            head = self._record(session, "device-bound", account, now, row=row, device=device.thumbprint, replaced=old)
            self._announce_binding(session, account, device, old, now)
            receipt = self._receipt("device-bound", account, device, transaction, head, now, replaced=old)
            transaction.state, transaction.receipt = TransactionState.DONE, receipt
            transaction.request_digest = digest
            return receipt

    def _announce_binding(self, session: Session, account: Account, device: Device, old: str, now: datetime) -> None:
        """Notices to every address, the old device among them (S-24)."""
        text = messages.bound_text(short(device.thumbprint), short(old))
        messages.post(session, self._keys.outbox, "notice", messages.SIM, account.phone, text, now)
        if old:
            messages.post(session, self._keys.outbox, "notice", messages.DEVICE, old, text, now)

    # --- devices ----------------------------------------------------------------------------------------------------

    def devices(self, number: str) -> tuple[DeviceView, ...]:
        """Every device that the account ever had: the active one first, then the newest."""
        with self._database.write() as session:
            account = self._account(session, number)
            rows = session.scalars(select(Device).where(Device.account_id == account.id))
            views = [_device_view(device) for device in rows]
            return tuple(sorted(views, key=_active_then_newest, reverse=True))

    def unlink(self, transaction_id: str, evidence: Evidence) -> str:
        """Ends the active device of the card's owner (DS-05); at a desk the chip stands for the login. A receipt."""
        with self._with_card(transaction_id, Purpose.UNLINK, evidence) as (session, transaction, verified, now):
            account = self._account(session, verified.identity.personal_number)
            device = self._active_device(session, account)
            if device is None:
                raise NotFoundError("the account has no active device")
            if transaction.thumbprint and transaction.thumbprint != device.thumbprint:
                raise ConflictError("the active device is another one by now")
            self._end_device(device, DeviceState.UNLINKED, now, "unlinked by the owner")
            account.version += 1
            transaction.account_id, transaction.device_id = account.id, device.id
            head = self._record(session, "device-unlinked", account, now, row="DS-05", device=device.thumbprint)
            text = messages.unlinked_text(short(device.thumbprint))
            messages.post(session, self._keys.outbox, "notice", messages.SIM, account.phone, text, now)
            receipt = self._receipt("device-unlinked", account, device, transaction, head, now)
            transaction.state, transaction.receipt = TransactionState.DONE, receipt
            return receipt

    # --- messages, audit, receipts ----------------------------------------------------------------------------------

    def deliver(self) -> int:
        """Sends what waits in the outbox; gives how many messages went."""
        with self._database.write() as session:
            return messages.deliver(session, self._keys.outbox, self._gateway, self._clock())

    def check(self, known: audit.Head | None = None) -> audit.Head:
        """The audit log's head, when the whole chain holds; RegistryError otherwise."""
        with self._database.write() as session:
            return audit.verify_chain(session, known)

    def receipt_key(self) -> str:
        """The public key that this registry's receipts are checked with."""
        return receipts.public_key_text(self._keys.receipt)

    # --- parts ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _with_card(
        self, transaction_id: str, purpose: Purpose, evidence: Evidence
    ) -> Iterator[tuple[Session, Transaction, VerifiedIdentity, datetime]]:
        """A write transaction whose card was verified here, for this purpose, by evidence that was never seen."""
        now = self._clock()
        verified = self._verified(evidence, now)
        with self._database.write() as session:
            transaction = self._transaction(session, transaction_id)
            if transaction.purpose != purpose or transaction.state != TransactionState.OPEN:
                raise RefusedError("the transaction is not open for this")
            if stamp(now) >= min(transaction.expires_at, transaction.opened_at + stamp_of(CHALLENGE_LIFE)):
                raise RefusedError("the transaction has expired; begin again")
            record = evidence.active_authentication
            if record is None or not secrets.compare_digest(record.challenge, chip_challenge(transaction)):
                raise NotVerifiedError("the card did not sign for this transaction and this device")
            self._store_evidence(session, evidence, verified, now)
            yield session, transaction, verified, now

    def _verified(self, evidence: Evidence, now: datetime) -> VerifiedIdentity:
        verified = verify(evidence, self._trust, self._policy, now=now).verified_identity()
        if verified.grade not in ("A", "B"):
            raise NotVerifiedError("only Active Authentication proves to others that this chip signed; it is missing")
        if not re.fullmatch(r"[0-9]{12}", verified.identity.personal_number):
            raise NotVerifiedError("the card carries no personal number")
        return verified

    def _store_evidence(self, session: Session, evidence: Evidence, verified: VerifiedIdentity, now: datetime) -> None:
        digest = evidence.digest().hex()
        if session.scalar(select(StoredEvidence).where(StoredEvidence.digest == digest)):
            raise RefusedError("this evidence was used before")
        sealed = seal(self._keys.evidence, evidence.to_bytes(), digest)
        session.add(
            StoredEvidence(
                id=secrets.token_hex(16), digest=digest, grade=verified.grade, sealed=sealed, stored_at=stamp(now),
                trust_digest=self._trust.digest().hex(),
            )
        )  # fmt: skip
        session.flush()

    def _transaction(self, session: Session, transaction_id: str) -> Transaction:
        found = session.get(Transaction, transaction_id)
        if found is None:
            raise NotFoundError("there is no such transaction")
        return found

    def _pending(self, session: Session, transaction_id: str, now: datetime) -> tuple[Transaction, Account]:
        transaction = self._transaction(session, transaction_id)
        if transaction.state != TransactionState.PENDING or transaction.account_id is None:
            raise RefusedError("the transaction is not waiting for a code")
        if stamp(now) >= transaction.expires_at:
            raise RefusedError("the transaction has expired; begin again")
        account = session.get_one(Account, transaction.account_id)
        self._refuse_unusable(account, now)
        return transaction, account

    def _account(self, session: Session, number: str) -> Account:
        found = session.scalar(select(Account).where(Account.number == number))
        if found is None:
            raise NotFoundError("there is no account for this person")
        return found

    def _refuse_unusable(self, account: Account, now: datetime) -> None:
        if AccountState(account.state) not in USABLE:
            raise RefusedError("the account is locked or closed")
        if account.state == AccountState.ISSUED and stamp(now) > account.issued_at + stamp_of(ACTIVATION_DAYS):
            raise RefusedError(f"the account was not activated within 7 days; call {messages.HOTLINE} (AS-05)")

    def _active_device(self, session: Session, account: Account) -> Device | None:
        return session.scalar(select(Device).where(Device.account_id == account.id, Device.state == DeviceState.ACTIVE))

    def _expire_pending(self, session: Session, account: Account, now: datetime, reason: str) -> None:
        """A new transaction ends the ones before it (DS-04)."""
        pending = select(Device).where(Device.account_id == account.id, Device.state == DeviceState.PENDING)
        for device in session.scalars(pending):
            self._end_device(device, DeviceState.EXPIRED, now, reason)
        session.execute(
            update(Transaction)
            .where(Transaction.account_id == account.id, Transaction.state == TransactionState.PENDING)
            .values(state=TransactionState.VOID)
        )

    def _end_device(self, device: Device, state: DeviceState, now: datetime, reason: str) -> None:
        device_step(DeviceState(device.state), state)
        device.state, device.ended_at, device.end_reason = state, stamp(now), reason

    def _take_version(self, session: Session, account: Account, transaction: Transaction) -> None:
        """Compare and swap: the account must be as it was when the card was accepted (S-31)."""
        done = session.execute(
            update(Account)
            .where(Account.id == account.id, Account.version == transaction.account_version)
            .values(version=Account.version + 1)
            .execution_options(synchronize_session=False)
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]  # Result of an UPDATE has it
            raise ConflictError("the account was changed by another desk meanwhile; begin again")
        session.refresh(account)

    def _send_code(self, session: Session, transaction: Transaction, account: Account, now: datetime) -> otp.IssuedCode:
        code = otp.issue(session, self._keys.code, transaction, account, now, self._codes)
        minutes = int((code.expires_at - now).total_seconds() // 60)
        text = messages.code_text(code.code, code.reference, short(transaction.thumbprint), minutes)
        key, expires = self._keys.outbox, code.expires_at
        messages.post(session, key, "otp", messages.SIM, account.phone, text, now, expires)
        return code

    def _record(self, session: Session, act: str, account: Account, now: datetime, **details: str) -> audit.Head:
        reference = self._keys.account_reference(account.id)
        return audit.append(session, act, now, {"account": reference, **details})

    def _receipt(
        self, act: str, account: Account, device: Device, transaction: Transaction, head: audit.Head, now: datetime,
        *, replaced: str = "",
    ) -> str:  # fmt: skip
        facts = {
            "act": act,
            "account": masked(account.number),
            "device": device.thumbprint,
            "device_label": device.label,
            "replaced": replaced,
            "grade": device.grade,
            "transaction": transaction.id,
        }
        return receipts.sign_receipt(self._keys.receipt, facts, head, now)


def chip_challenge(transaction: Transaction) -> bytes:
    """What the chip signs, 8 bytes: of SHA-256 over purpose, transaction, device and a nonce of ours (S-27)."""
    parts = (
        transaction.purpose.encode(),
        transaction.id.encode(),
        transaction.thumbprint.encode(),
        bytes(transaction.nonce),
    )
    content = b"".join(len(part).to_bytes(2, "big") + part for part in (_CHALLENGE_DOMAIN, *parts))
    return hashlib.sha256(content).digest()[:8]


def mobile_number(text: str) -> str:
    """The number in E.164; UsageError, without repeating it, when it is no Vietnamese mobile number."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException as error:
        raise UsageError("not a phone number") from error
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if not (mobile and phonenumbers.is_valid_number(number) and number.country_code == 84):
        raise UsageError("the phone number must be a Vietnamese mobile number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """079*****1234: enough for its owner to know it by (S-36)."""
    return f"{number[:3]}*****{number[-4:]}"


def short(thumbprint: str) -> str:
    """The last four characters, by which messages name a device."""
    return thumbprint[-4:]


def stamp_of(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _account_view(account: Account) -> AccountView:
    return AccountView(
        account.number, account.full_name, account.phone, account.level, AccountState(account.state),
        moment_of(account.issued_at),
    )  # fmt: skip


def _active_then_newest(device: DeviceView) -> tuple[bool, int]:
    return device.state is DeviceState.ACTIVE, stamp(device.bound_at) if device.bound_at else 0


def _device_view(device: Device) -> DeviceView:
    return DeviceView(
        id=device.id,
        thumbprint=device.thumbprint,
        label=device.label,
        state=DeviceState(device.state),
        grade=device.grade,
        bound_at=moment_of(device.bound_at) if device.bound_at else None,
        ended_at=moment_of(device.ended_at) if device.ended_at else None,
        end_reason=device.end_reason,
    )
