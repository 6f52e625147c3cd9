"""Flow F3: an account becomes active on the web, without a smartphone (R-042 to R-049, R-056, R-057; AS-03).

Whoever asks gets the same ticket at once. What was asked is looked at when the outbox is next delivered, and a code
goes to the stored number only: neither answer nor timing tells who has an account, or which number is its own (S-13).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError, RegistryError, RegistryUnavailableError, RulesUnavailableError
from cccd_nfc.registry import (
    account_secrets,
    accounts,
    codes,
    holds,
    limits,
    notices,
    otp,
    representatives,
    strength,
    texts,
)
from cccd_nfc.registry.account_secrets import HashedSecrets, NewSecrets
from cccd_nfc.registry.card_proof import TRANSACTION_LIFE
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.models import Account, OneTimePassword, Transaction, WebRequest
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.owner_sessions import token_hash
from cccd_nfc.registry.states import USABLE, AccountState, Purpose, TransactionState, account_step
from cccd_nfc.registry.strength import Factor

TIME_TO_CHOOSE = timedelta(minutes=15)
"""From the right code until password, passcode and answers are set."""
NEUTRAL = "the code is not right, or is no longer good"
NOT_WAITING = "the activation is not waiting for a password; begin again"


@dataclass(frozen=True, slots=True)
class WebTicket:
    """What everybody gets who asks; a code comes by message to those whom it concerns."""

    transaction_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CodeAccepted:
    """already_active: the account was activated before, and its owner logs in (R-047).

    grant: with it password, passcode and answers are set, once; empty for an account that is active.
    """

    already_active: bool
    grant: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WebActivation:
    """The three steps of a person at a browser."""

    office: Office

    def begin(self, number: str, phone: str) -> WebTicket:
        """The same ticket for everybody; UsageError for a phone number that is no Vietnamese mobile at all.

        LimitError when too many numbers were typed (S-14); it says nothing of any account.
        """
        office, now = self.office, self.office.clock()
        asked = json.dumps([number, accounts.mobile_number(phone)])
        transaction = _transaction(now)
        sealed = seal(office.keys.outbox, asked.encode(), transaction.id)
        with office.database.write() as session:
            limits.take_typed(session, office.keys.lookup, number, office.origin.source, now)
            session.add(transaction)
            session.flush()
            session.add(WebRequest(transaction_id=transaction.id, sealed=sealed, asked_at=stamp(now), grant_hash=""))
        return WebTicket(transaction.id, now + TRANSACTION_LIFE)

    def enter_code(self, transaction_id: str, code: str) -> CodeAccepted:
        """What the right code opens; RefusedError, always with the same words, for any other (R-046)."""
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            transaction = session.get(Transaction, transaction_id)
            found = _take_a_try(session, transaction, transaction_id, now)
        if not otp.is_right(office.keys.code, transaction or _transaction(now), found, code) or found is None:
            raise RefusedError(NEUTRAL)
        with office.database.write() as session:
            transaction = session.get_one(Transaction, transaction_id)
            account = session.get_one(Account, transaction.account_id)
            if not _usable(account, now):
                raise RefusedError(NEUTRAL)
            otp.consume(session, found, account, now)
            if account.state == AccountState.ACTIVE:
                return self._told(session, transaction, account, now)
            return self._granted(session, transaction, account, now)

    def _told(self, session: Session, transaction: Transaction, account: Account, now: datetime) -> CodeAccepted:
        transaction.state = TransactionState.DONE
        self.office.record(session, "web-activation-repeated", account, now, row="R-047")
        return CodeAccepted(already_active=True)

    def _granted(self, session: Session, transaction: Transaction, account: Account, now: datetime) -> CodeAccepted:
        grant = secrets.token_urlsafe(32)
        session.get_one(WebRequest, transaction.id).grant_hash = token_hash(grant)
        transaction.account_version, transaction.expires_at = account.version, stamp(now + TIME_TO_CHOOSE)
        self.office.record(session, "web-code-accepted", account, now, row="R-046")
        return CodeAccepted(already_active=False, grant=grant)

    def finish(self, transaction_id: str, grant: str, chosen: NewSecrets) -> str:
        """The account is active, with no device (AS-03, R-049). A signed receipt; the same again gives the same one.

        Raises UsageError for what is missing or not accepted, after which it may be tried again; RefusedError for
        another grant or one that is too late, ConflictError when the account was changed meanwhile.
        """
        office, now = self.office, self.office.clock()
        digest = _digest(grant, chosen)
        with office.database.write() as session:
            transaction = with_grant(session, transaction_id, grant)
            if transaction.request_digest == digest:
                return transaction.receipt
            account = waiting_account(session, transaction, now)
            checked = account_secrets.check_all(office, chosen, account_secrets.person_of(account))
        hashed = account_secrets.hashed(office, account.id, checked)
        with office.database.write() as session:
            transaction = with_grant(session, transaction_id, grant)
            if transaction.request_digest == digest:
                return transaction.receipt
            return self._activate(session, transaction, hashed, digest, now)

    def _activate(
        self, session: Session, transaction: Transaction, hashed: HashedSecrets, digest: str, now: datetime
    ) -> str:
        office, account = self.office, waiting_account(session, transaction, now)
        row = account_step(AccountState(account.state), AccountState.ACTIVE)
        account.state, account.version = AccountState.ACTIVE, account.version + 1
        account_secrets.keep(session, account, hashed, now)
        proved_by = strength.facts(Factor.SIM_CODE)
        entry = office.record(session, "account-activated", account, now, row=row, what=hashed.names, **proved_by)
        notices.tell(office, session, account, texts.web_activated_text(), now, event="account-activated")
        transaction.state, transaction.request_digest = TransactionState.DONE, digest
        transaction.receipt = office.signed(session, "account-activated", account, transaction, entry, now)
        return transaction.receipt


def look_at_requests(office: Office) -> None:
    """Sends a code for each new request whose number and phone belong together; whoever asked learns nothing."""
    with office.database.write() as session:
        new = select(WebRequest.transaction_id).where(WebRequest.looked_at.is_(None)).order_by(WebRequest.asked_at)
        waiting = session.scalars(new).all()
    for transaction_id in waiting:
        with office.database.write() as session:
            _look_at(office, session, transaction_id)


def _look_at(office: Office, session: Session, transaction_id: str) -> None:
    now, request = office.clock(), session.get_one(WebRequest, transaction_id)
    if request.sealed is None:
        return  # another process was faster
    sealed, request.sealed, request.looked_at = request.sealed, None, stamp(now)
    transaction = session.get_one(Transaction, transaction_id)
    try:
        number, phone = json.loads(unseal(office.keys.outbox, sealed, transaction_id))
        account = accounts.find(session, number)
        if account.phone == phone and _usable(account, now) and stamp(now) < transaction.expires_at:
            _send_code(office, session, transaction, account, now)
    except (RegistryUnavailableError, RulesUnavailableError):
        raise
    except RegistryError:  # nobody's, refused, or not to be opened: whatever it is, it holds up no message
        transaction.state = TransactionState.VOID


def _send_code(office: Office, session: Session, transaction: Transaction, account: Account, now: datetime) -> None:
    """The code, to the stored number only (R-045); RefusedError beyond the limits of S-06 and S-07."""
    transaction.account_id, transaction.account_version = account.id, account.version
    codes.send(office, session, transaction, account, now, texts.web_code_text)
    transaction.state = TransactionState.PENDING


def _transaction(now: datetime) -> Transaction:
    return Transaction(
        id=secrets.token_hex(16),
        purpose=Purpose.ACTIVATE_WEB,
        state=TransactionState.OPEN,
        thumbprint="",
        nonce=secrets.token_bytes(16),
        opened_at=stamp(now),
        expires_at=stamp(now + TRANSACTION_LIFE),
    )


def _usable(account: Account, now: datetime) -> bool:
    """Whether its owner may be sent a code: never activated in time, or active and so to be told (R-047)."""
    try:
        accounts.refuse_unusable(account, now)
    except RefusedError:
        return False
    return AccountState(account.state) in USABLE


def _take_a_try(
    session: Session, transaction: Transaction | None, transaction_id: str, now: datetime
) -> OneTimePassword | None:
    """The open code of the transaction, one try being spent on it. Five statements, two of them writes, in every case:
    a ticket behind which there is no account costs the same (S-13).
    """
    account = session.scalar(select(Account).where(Account.id == ((transaction and transaction.account_id) or "")))
    found = session.scalar(
        select(OneTimePassword).where(
            OneTimePassword.transaction_id == transaction_id,
            OneTimePassword.consumed_at.is_(None),
            OneTimePassword.expires_at > stamp(now),
            OneTimePassword.tries_left > 0,
        )
    )
    if account is None or found is None or not _may_try(transaction, account, now):
        account_secrets.write_to_nobody(session)
        account_secrets.write_to_nobody(session)
        return None
    failed, hold = holds.after_failure(account.failed_codes, account.hold_until, now)
    tries, owner = OneTimePassword.id == found.id, Account.id == account.id
    aside = {"synchronize_session": False}
    fewer = update(OneTimePassword).where(tries).values(tries_left=OneTimePassword.tries_left - 1)
    session.execute(fewer, execution_options=aside)
    counted = update(Account).where(owner).values(failed_codes=failed, hold_until=hold)
    session.execute(counted, execution_options=aside)
    return found


def _may_try(transaction: Transaction | None, account: Account, now: datetime) -> bool:
    waits = transaction is not None and transaction.purpose == Purpose.ACTIVATE_WEB
    open_ = transaction is not None and transaction.state == TransactionState.PENDING
    held = holds.is_held(account.failed_codes, account.hold_until, now)
    return waits and open_ and not held and _usable(account, now)


def with_grant(session: Session, transaction_id: str, grant: str) -> Transaction:
    """The transaction that the grant belongs to; RefusedError for another."""
    request = session.get(WebRequest, transaction_id)
    given = request.grant_hash if request else ""
    if not given or not secrets.compare_digest(given, token_hash(grant)):
        raise RefusedError(NOT_WAITING)
    return session.get_one(Transaction, transaction_id)


def waiting_account(session: Session, transaction: Transaction, now: datetime) -> Account:
    """The account that may be activated now."""
    if transaction.state != TransactionState.PENDING or stamp(now) >= transaction.expires_at:
        raise RefusedError(NOT_WAITING)
    account = session.get_one(Account, transaction.account_id)
    accounts.refuse_unusable(account, now)
    representatives.refuse_without_consent(session, account, now)
    if account.version != transaction.account_version or account.state != AccountState.ISSUED:
        raise ConflictError("the account was changed meanwhile; begin again")
    return account


def _digest(grant: str, chosen: NewSecrets) -> str:
    """Tells a confirmation that is sent twice; nothing is learnt from it without the grant, which is kept nowhere."""
    said = json.dumps([grant, chosen.password, chosen.passcode, [list(pair) for pair in chosen.answers]])
    return hashlib.sha256(said.encode()).hexdigest()
