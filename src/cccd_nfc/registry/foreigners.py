"""Accounts of foreigners: opened by an officer from the passport's chip and the residence card (R-007, L-20).

The passport proves itself as a citizen's card does, by a signature of its state and Active Authentication. What the
chip does not hold (symbol, date and place of issue, the number that Vietnam has given, the end of the residence) the
officer reads from passport and residence card. The residence card's own chip is not read: no public text says what it
holds and who signs it, so nothing here could verify it.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotVerifiedError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, locks, opening, subscriber_check
from cccd_nfc.registry.account_rules import AccountKind
from cccd_nfc.registry.accounts import UNSPECIFIED, AccountView, Holder, mobile_number
from cccd_nfc.registry.card_proof import Proof, is_citizen, passport_reference, with_card
from cccd_nfc.registry.clock import day_in_vietnam, stamp
from cccd_nfc.registry.consents import Consent
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, TravelDocument
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.representatives import Representative, officer_of
from cccd_nfc.registry.sealed_records import open_record, seal_record
from cccd_nfc.registry.states import Purpose, TransactionState


class DocumentKind(StrEnum):
    PASSPORT = "passport"
    TRAVEL_DOCUMENT = "travel-document"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the officer reads from passport and residence card. number: 12 digits, given by Vietnam.

    symbol: of the document's series.  issued_at: the place.  residence_until: the last day.
    """

    number: str = field(repr=False)
    kind: DocumentKind
    symbol: str = field(repr=False)
    issued_on: date
    issued_at: str = field(repr=False)
    residence_until: date


@dataclass(frozen=True, slots=True)
class DocumentView:
    """The document that an account was opened with; number and issuer are those of the chip."""

    number: str = field(repr=False)
    issuer: str
    kind: DocumentKind
    symbol: str = field(repr=False)
    issued_on: date
    issued_at: str = field(repr=False)
    expires: str
    residence_until: str


@dataclass(frozen=True, slots=True)
class Foreigners:
    office: Office

    def create(
        self, transaction_id: str, evidence: Evidence, phone: str, consent: Consent, entry: Entry,
        representative: Representative | None = None,
    ) -> AccountView:  # fmt: skip
        """An account of level 1 for the foreigner whose passport the evidence proves (Purpose.ENROL_FOREIGNER).

        Raises as `opening.create`, RefusedError without an officer or with a residence that is over, UsageError for an
        entry that is not complete.
        """
        officer_of(self.office)
        number_of_phone = mobile_number(phone)
        asked = subscriber_check.ask_for_card(
            self.office, transaction_id, Purpose.ENROL_FOREIGNER, evidence, number_of_phone, entry.number
        )
        with with_card(self.office, transaction_id, Purpose.ENROL_FOREIGNER, evidence) as proof:
            _check(proof, entry)
            holder = Holder.of(proof, entry.number)
            account = accounts.new_account(
                self.office, proof.session, holder, number_of_phone, proof.now, kind=AccountKind.FOREIGNER
            )
            account.residence_expires = entry.residence_until.isoformat()
            _keep(self.office, proof, account, entry)
            told = opening.finish(self.office, proof.session, account, consent, representative, proof.now)
            _done(proof, account)
            facts = {"row": "AS-01", "grade": proof.verified.grade, "told": told}
            opening.record_issue(self.office, proof.session, account, consent, proof.now, **facts, asked=asked)
            return accounts.view(account, proof.now)

    def renew(self, transaction_id: str, evidence: Evidence, entry: Entry) -> AccountView:
        """A new passport, a longer residence, or both, for the account of `entry.number` (Purpose.RENEW_PASSPORT).

        What had locked the account for the old ones ends. Raises RefusedError without an officer, for a citizen's
        account, or when birth date and sex are another person's; else as `create`.
        """
        officer_of(self.office)
        with with_card(self.office, transaction_id, Purpose.RENEW_PASSPORT, evidence) as proof:
            session, now = proof.session, proof.now
            _check(proof, entry)
            account = accounts.find(session, entry.number)
            session.refresh(account, with_for_update=True)
            _refuse_another(proof, account)
            _replace(session, account, now)
            _keep(self.office, proof, account, entry)
            accounts.note_card(account, proof.verified.identity)
            account.residence_expires = entry.residence_until.isoformat()
            account.version += 1
            _done(proof, account)
            self.office.record(session, "passport-renewed", account, now, row="R-007", grade=proof.verified.grade)
            _end_locks(self.office, session, account, now)
            return accounts.view(account, now)

    def document(self, number: str) -> DocumentView:
        """What the account was opened with, or renewed by last; RefusedError for a citizen's."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_ACCOUNT, self.office.clock())
            account = accounts.find(session, number)
            found = _current(session, account)
            if found is None:
                raise RefusedError("the account is not a foreigner's")
            content = open_record(self.office, found.id, found.sealed)
            self.office.record(session, "passport-data-read", account, self.office.clock(), row="R-007")
            return _view(content, account)


# --- parts ------------------------------------------------------------------------------------------------------------


def _check(proof: Proof, entry: Entry) -> None:
    identity, day = proof.verified.identity, day_in_vietnam(proof.now)
    if is_citizen(identity):
        raise NotVerifiedError("a citizen's card opens no account of a foreigner")
    if not re.fullmatch(r"[0-9]{12}", entry.number):
        raise UsageError("the number that Vietnam gives a foreigner has 12 digits")
    if not (entry.symbol.strip() and entry.issued_at.strip()):
        raise UsageError("a passport is entered with its symbol and the place of issue")
    if entry.issued_on > day:
        raise UsageError("the passport's date of issue is to come")
    if entry.residence_until < day:
        raise RefusedError("the residence is over")


def _keep(office: Office, proof: Proof, account: Account, entry: Entry) -> None:
    identity, row_id = proof.verified.identity, secrets.token_hex(16)
    content = {name: str(value) for name, value in asdict(entry).items()}
    content |= {"document_number": identity.document_number, "issuer": identity.issuer}
    proof.session.add(
        TravelDocument(
            id=row_id,
            account_id=account.id,
            reference=passport_reference(office, identity),
            sealed=seal_record(office, row_id, content),
            evidence_id=proof.evidence_id,
            officer=officer_of(office),
            since=stamp(proof.now),
        )
    )
    proof.session.flush()


def _refuse_another(proof: Proof, account: Account) -> None:
    """A passport's number changes, and so may a name; birth date and sex stay."""
    identity = proof.verified.identity
    born = identity.birth_date.isoformat() if identity.birth_date else ""
    if account.kind != AccountKind.FOREIGNER or (born, identity.sex or UNSPECIFIED) != (
        account.birth_date,
        account.sex,
    ):
        raise RefusedError("the passport is not that of the account's owner")


def _current(session: Session, account: Account) -> TravelDocument | None:
    mine = (TravelDocument.account_id == account.id, TravelDocument.replaced_at.is_(None))
    return session.scalar(select(TravelDocument).where(*mine))


def _replace(session: Session, account: Account, now: datetime) -> None:
    old = _current(session, account)
    if old is not None:
        old.replaced_at = stamp(now)
        session.flush()


def _end_locks(office: Office, session: Session, account: Account, now: datetime) -> None:
    held = {LockGround(each.ground) for each in locks.open_locks(session, account)}
    today = day_in_vietnam(now).isoformat()
    ended = {LockGround.RESIDENCE_EXPIRED}
    if account.card_expires >= today:
        ended.add(LockGround.TRAVEL_DOCUMENT_EXPIRED)
    for ground in sorted(held & ended):
        locks.clear_ground(office, session, account, ground, Role.SYSTEM, now)


def _done(proof: Proof, account: Account) -> None:
    proof.transaction.account_id, proof.transaction.state = account.id, TransactionState.DONE


def _view(content: dict[str, str], account: Account) -> DocumentView:
    return DocumentView(
        number=content["document_number"],
        issuer=content["issuer"],
        kind=DocumentKind(content["kind"]),
        symbol=content["symbol"],
        issued_on=date.fromisoformat(content["issued_on"]),
        issued_at=content["issued_at"],
        expires=account.card_expires,
        residence_until=account.residence_expires,
    )
