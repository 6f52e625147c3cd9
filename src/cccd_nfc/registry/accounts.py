"""Accounts: one for a person, opened by the card or passport (R-001, AS-01, R-006, R-007)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, UsageError
from cccd_nfc.registry.account_rules import AccountKind, rules_on
from cccd_nfc.registry.card_proof import Proof, is_citizen, passport_reference
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, span, stamp
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.models import Account, TravelDocument
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import USABLE, AccountState
from cccd_nfc.registry.vault import Vault
from cccd_nfc.report import Identity
from cccd_nfc.sentences import Said

NO_EXPIRY = "9999-12-31"
"""Stands for a card without an end: later than any day."""

UNSPECIFIED = "X"
"""The sex of a passport that does not say one (ICAO 9303-3 §4.4)."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """activate_before: None for an account that does not wait for its activation."""

    number: str = field(repr=False)
    full_name: str = field(repr=False)
    phone: str = field(repr=False)
    level: int
    state: AccountState
    issued_at: datetime
    kind: AccountKind
    activate_before: datetime | None


def owner_of(office: Office, proof: Proof) -> Account:
    """The account of whoever the card or passport belongs to; NotFoundError when there is none."""
    return of_identity(office, proof.session, proof.verified.identity)


def of_identity(office: Office, session: Session, identity: Identity) -> Account:
    """The same for an identity that was verified."""
    if is_citizen(identity):
        return find(session, identity.personal_number)
    named = passport_reference(office, identity)
    held = (TravelDocument.reference == named, TravelDocument.replaced_at.is_(None))
    document = session.scalar(select(TravelDocument).where(*held))
    if document is None:
        raise NotFoundError("there is no account for this person")
    return session.get_one(Account, document.account_id)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who an account is for, as a card has proved it. All are texts, for a record that keeps them until the issue."""

    number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str
    card_expires: str
    portrait: str = field(repr=False)
    evidence_id: str

    @classmethod
    def of(cls, proof: Proof, number: str) -> Holder:
        """NotVerifiedError for a card that does not say what an account has to hold."""
        identity = proof.verified.identity
        sex = identity.sex or ("" if is_citizen(identity) else UNSPECIFIED)
        if not (identity.birth_date and sex and proof.portrait):
            raise NotVerifiedError("the card does not say birth date, sex and portrait, which an account holds")
        name, born = identity.full_name or identity.latin_name, identity.birth_date.isoformat()
        return cls(number, name, born, sex, _expiry(identity), proof.portrait, proof.evidence_id)


def new_account(
    office: Office, session: Session, holder: Holder, phone: str, now: datetime, *, kind: AccountKind, level: int = 1
) -> Account:
    """The account as it begins; it is not told to anybody and not recorded yet. ConflictError when there is one."""
    if known(session, holder.number) is not None:
        raise ConflictError("this citizen has an account already")
    account = _new(holder, phone, now, kind, level)
    account.station = office.origin.station
    session.add(account)
    session.flush()
    return account


def _new(holder: Holder, phone: str, now: datetime, kind: AccountKind, level: int) -> Account:
    return Account(
        id=secrets.token_hex(16),
        number=holder.number,
        full_name=holder.full_name,
        birth_date=holder.birth_date,
        phone=phone,
        level=level,
        state=AccountState.ISSUED,
        version=0,
        issued_at=stamp(now),
        failed_codes=0,
        hold_until=0,
        card_expires=holder.card_expires,
        kind=kind,
        sex=holder.sex,
        portrait=holder.portrait,
        evidence_id=holder.evidence_id,
    )


def note_card(account: Account, identity: Identity) -> None:
    """Keeps when the owner's card runs out; of two cards the one that is valid longer counts."""
    account.card_expires = max(account.card_expires, _expiry(identity))


def _expiry(identity: Identity) -> str:
    """The last day on which the card is valid, or empty where it does not say: no clock locks such an account."""
    if identity.no_expiry:
        return NO_EXPIRY
    return identity.expiry_date.isoformat() if identity.expiry_date else ""


def known(session: Session, number: str) -> Account | None:
    """The account of this number, if there is one; it is looked for by the number's keyed hash."""
    vault: Vault = session.info["vault"]
    return session.scalar(select(Account).where(Account.number_index == vault.number_index(number)))


def find(session: Session, number: str) -> Account:
    found = known(session, number)
    if found is None:
        raise NotFoundError("there is no account for this person")
    return found


def activate_before(account: Account) -> int:
    """When the days of activation end, in microseconds: counted from the notice, in an old registry from the issue."""
    told = account.issued_at if account.noticed_at is None else account.noticed_at
    days = rules_on(day_in_vietnam(moment_of(told))).activation_days
    return told + span(timedelta(days=days))


def is_late(account: Account, now: datetime) -> bool:
    """Whether an issued account has missed its days of activation (AS-04)."""
    return account.state == AccountState.ISSUED and stamp(now) > activate_before(account)


def refuse_unusable(account: Account, now: datetime, *, unlocked: bool = False) -> None:
    """RefusedError for an account to which no device may be bound; unlocked: as it will be when its lock has ended."""
    state = AccountState(account.state_before_lock if unlocked else account.state)
    if state is AccountState.ISSUED_LATE or (state is AccountState.ISSUED and stamp(now) > activate_before(account)):
        raise RefusedError(Said("the account was not activated within 7 days; call {hotline} (AS-05)", hotline=HOTLINE))
    if state not in USABLE:
        raise RefusedError("the account is locked or closed")


def view(account: Account, now: datetime) -> AccountView:
    state = AccountState.ISSUED_LATE if is_late(account, now) else AccountState(account.state)
    return AccountView(
        number=account.number,
        full_name=account.full_name,
        phone=account.phone,
        level=account.level,
        state=state,
        issued_at=moment_of(account.issued_at),
        kind=AccountKind(account.kind),
        activate_before=moment_of(activate_before(account)) if state is AccountState.ISSUED else None,
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
