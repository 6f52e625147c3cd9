"""Changing where an owner is reached: a new number needs what a new device needs, and the old one is told (S-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, addresses, codes, devices, notices, otp, subscriber_check
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.card_proof import Proof, transaction_of, with_card
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.gateways import EMAIL, SIM
from cccd_nfc.registry.models import Account, OneTimePassword, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import Purpose, TransactionState
from cccd_nfc.registry.texts import email_changed_text, phone_changed_text, phone_code_text


@dataclass(frozen=True, slots=True)
class Contacts:
    office: Office

    def change_phone(self, transaction_id: str, evidence: Evidence, phone: str) -> Pending:
        """The card of the owner, and a code to the NEW number: what comes back in `confirm_phone` (S-11).

        Raises UsageError for what is no Vietnamese mobile number, RefusedError for the account's own number, an account
        that is locked or on hold, beyond the limits, and for a number that the operator says is another's (L-07).
        """
        office, wanted = self.office, accounts.mobile_number(phone)
        asked = subscriber_check.ask_for_card(office, transaction_id, Purpose.CHANGE_PHONE, evidence, wanted)
        with with_card(office, transaction_id, Purpose.CHANGE_PHONE, evidence) as proof:
            session, transaction, now = proof.session, proof.transaction, proof.now
            account = _usable(office, proof)
            otp.refuse_if_held(account, now)
            if account.phone == wanted:
                raise RefusedError("this is the account's number already")
            devices.end_attempts(session, account, now, "the number is being changed")
            account.new_phone = wanted
            transaction.account_id, transaction.account_version = account.id, account.version
            transaction.state = TransactionState.PENDING
            sent = codes.send(office, session, transaction, account, now, phone_code_text, number=wanted)
            office.record(
                session, "phone-change-begun", account, now, row="S-11", code_channel=sent.channel.value, **asked
            )
            return Pending(transaction.id, sent.reference, sent.expires_at, "", sent.channel)

    def confirm_phone(self, transaction_id: str, code: str) -> str:
        """The new number is the account's, and gets no codes for 7 days (S-10); old and new are told. A signed receipt.

        Raises RefusedError for a wrong code, ConflictError when the account changed meanwhile.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.CONFIRM, office.clock())
            transaction, account = _waiting(session, transaction_id, now)
            found = otp.take_a_try(session, transaction, account, now)
        if not otp.is_right(office.keys.code, transaction, found, code):
            raise RefusedError("the code is wrong")
        return _take_number(office, transaction_id, found, now)

    def set_email(self, transaction_id: str, evidence: Evidence, address: str, *, results: bool = False) -> str:
        """Keeps the e-mail address of the card's owner for notices, "" removes it; a signed receipt (L-07).

        results: whether results go there, and not to the number (L-22). UsageError for what is no address.
        """
        office, wanted = self.office, addresses.email_address(address) if address else ""
        with with_card(office, transaction_id, Purpose.SET_EMAIL, evidence) as proof:
            session, now, account = proof.session, proof.now, _usable(office, proof)
            event = "email-changed"
            if account.email:  # the old address hears of it, too
                notices.tell(office, session, account, email_changed_text(), now, event=event)
            record = addresses.record_for(session, account)
            addresses.set_email(session, account, wanted, now)
            record.results_by = EMAIL if results and wanted else SIM
            session.flush()
            told = notices.tell(office, session, account, email_changed_text(), now, event=event)
            facts = {"told": told, "results_by": record.results_by}
            entry = office.record(session, event, account, now, row="S-24", **facts)
            return _done(office, session, proof.transaction, account, event, entry, now, proof.verified.grade)

    def heed_sim_change(self, number: str, changed_at: datetime) -> None:
        """What the operator tells: SIM or operator of the account's number changed then. No codes go there for 7 days,
        and those on their way are dead (S-10). UsageError for a time to come."""
        office, now = self.office, self.office.clock()
        if changed_at > now:
            raise UsageError("a change of the SIM cannot lie in the future")
        with office.database.write() as session:
            office.may(session, Act.IMPORT_STATUS, office.clock())
            account = accounts.find(session, number)
            record = addresses.record_for(session, account)
            record.sim_changed_at = max(record.sim_changed_at, stamp(changed_at))
            if addresses.number_is_young(session, account, now):
                otp.void(session, account, now)
            office.record(session, "sim-change-heeded", account, now, row="S-10")


def _usable(office: Office, proof: Proof) -> Account:
    account = accounts.owner_of(office, proof)
    accounts.refuse_unusable(account, proof.now)
    accounts.note_card(account, proof.verified.identity)
    return account


def _waiting(session: Session, transaction_id: str, now: datetime) -> tuple[Transaction, Account]:
    transaction = transaction_of(session, transaction_id)
    waits = transaction.state == TransactionState.PENDING and transaction.purpose == Purpose.CHANGE_PHONE
    if not waits or transaction.account_id is None:
        raise RefusedError("the transaction is not waiting for a code")
    if stamp(now) >= transaction.expires_at:
        raise RefusedError("the transaction has expired; begin again")
    account = session.get_one(Account, transaction.account_id)
    session.refresh(account, with_for_update=True)
    accounts.refuse_unusable(account, now)
    return transaction, account


def _take_number(office: Office, transaction_id: str, found: OneTimePassword, now: datetime) -> str:
    with office.database.write() as session:
        transaction, account = _waiting(session, transaction_id, now)
        otp.consume(session, found, account, now)
        if account.version != transaction.account_version:
            raise ConflictError("the account was changed by another desk meanwhile; begin again")
        old, account.phone, account.new_phone = account.phone, account.new_phone, ""
        account.version += 1
        otp.void(session, account, now)
        record = addresses.record_for(session, account)
        record.phone_changed_at = record.phone_verified_at = stamp(now)
        session.flush()
        event = "phone-changed"
        told = notices.tell(office, session, account, phone_changed_text(), now, event=event, numbers=(old,))
        facts = {"told": told, "code_channel": found.channel}
        entry = office.record(session, event, account, now, row="S-11", **facts)
        return _done(office, session, transaction, account, event, entry, now, "")


def _done(
    office: Office, session: Session, transaction: Transaction, account: Account, act: str, entry: int, now: datetime,
    grade: str,
) -> str:  # fmt: skip
    transaction.account_id, transaction.state = account.id, TransactionState.DONE
    more = {"grade": grade} if grade else {}
    transaction.receipt = office.signed(session, act, account, transaction, entry, now, **more)
    return transaction.receipt
