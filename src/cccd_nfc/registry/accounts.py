"""Accounts: one for a citizen, opened by the citizen's own card (R-001, AS-01)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import notices
from cccd_nfc.registry.card_proof import with_card
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import USABLE, AccountState, Purpose, TransactionState
from cccd_nfc.registry.texts import issued_text
from cccd_nfc.report import Identity

ACTIVATION_DAYS = timedelta(days=7)
"""An account that was not activated within a week of its issue needs the assistance of the agency (L-09)."""


NO_EXPIRY = "9999-12-31"
"""Stands for a card without an end: later than any day."""


@dataclass(frozen=True, slots=True)
class AccountView:
    number: str = field(repr=False)
    full_name: str = field(repr=False)
    phone: str = field(repr=False)
    level: int
    state: AccountState
    issued_at: datetime


def create(office: Office, transaction_id: str, evidence: Evidence, phone: str) -> AccountView:
    """An account of level 1 for the citizen whose card the evidence proves.

    Raises NotVerifiedError for a card that does not prove it, ConflictError when the citizen has an account, UsageError
    for a phone number that is no Vietnamese mobile.
    """
    number_of_phone = mobile_number(phone)
    with with_card(office, transaction_id, Purpose.ENROL, evidence) as proof:
        identity = proof.verified.identity
        if proof.session.scalar(select(Account).where(Account.number == identity.personal_number)):
            raise ConflictError("this citizen has an account already")
        account = _new(identity, number_of_phone, proof.now)
        proof.session.add(account)
        proof.session.flush()
        proof.transaction.account_id, proof.transaction.state = account.id, TransactionState.DONE
        grade = proof.verified.grade
        told = notices.result(office, proof.session, account, issued_text(), proof.now)
        office.record(proof.session, "account-issued", account, proof.now, row="AS-01", grade=grade, told=told)
        return view(account)


def _new(identity: Identity, phone: str, now: datetime) -> Account:
    return Account(
        id=secrets.token_hex(16),
        number=identity.personal_number,
        full_name=identity.full_name or identity.latin_name,
        birth_date=identity.birth_date.isoformat() if identity.birth_date else "",
        phone=phone,
        level=1,
        state=AccountState.ISSUED,
        version=0,
        issued_at=stamp(now),
        failed_codes=0,
        hold_until=0,
        card_expires=_expiry(identity),
    )


def note_card(account: Account, identity: Identity) -> None:
    """Keeps when the owner's card runs out; of two cards the one that is valid longer counts."""
    account.card_expires = max(account.card_expires, _expiry(identity))


def _expiry(identity: Identity) -> str:
    """The last day on which the card is valid, or empty where it does not say: no clock locks such an account."""
    if identity.no_expiry:
        return NO_EXPIRY
    return identity.expiry_date.isoformat() if identity.expiry_date else ""


def find(session: Session, number: str) -> Account:
    found = session.scalar(select(Account).where(Account.number == number))
    if found is None:
        raise NotFoundError("there is no account for this person")
    return found


def refuse_unusable(account: Account, now: datetime) -> None:
    """RefusedError for an account to which no device may be bound."""
    if AccountState(account.state) not in USABLE:
        raise RefusedError("the account is locked or closed")
    if account.state == AccountState.ISSUED and stamp(now) > account.issued_at + span(ACTIVATION_DAYS):
        raise RefusedError(f"the account was not activated within 7 days; call {HOTLINE} (AS-05)")


def view(account: Account) -> AccountView:
    return AccountView(
        number=account.number,
        full_name=account.full_name,
        phone=account.phone,
        level=account.level,
        state=AccountState(account.state),
        issued_at=moment_of(account.issued_at),
    )


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
