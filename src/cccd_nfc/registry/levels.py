"""Level 2 at the desk (F6): an application, the answer of the national database, the issue or the refusal.

The account holds what the chip signs; what an officer entered otherwise is flagged and stays with the application.
Nobody gets level 2 without a match (R-067).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, audit, consents, level_issue, receipts, subscriber_check, texts
from cccd_nfc.registry.account_rules import AccountKind, Rule, Term, rules_on
from cccd_nfc.registry.accounts import Holder, mobile_number
from cccd_nfc.registry.card_proof import Proof, is_citizen, with_card
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.consents import ConsentPurpose
from cccd_nfc.registry.integrated_papers import PaperKind
from cccd_nfc.registry.level_forms import (
    ENTRIES,
    ApplicationView,
    LevelForm,
    NoCard,
    Unit,
    check_form,
    edited,
)
from cccd_nfc.registry.models import LevelApplication
from cccd_nfc.registry.national_database import NationalDatabase, Subject
from cccd_nfc.registry.office import Office, masked
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.representatives import officer_of
from cccd_nfc.registry.sealed_records import open_record, seal_record
from cccd_nfc.registry.states import ApplicationState, Purpose, TransactionState, application_step
from cccd_nfc.registry.subscriber_check import Subscriber
from cccd_nfc.registry.working_days import working_days

_OPEN = LevelApplication.decided_at.is_(None)


@dataclass(frozen=True, slots=True)
class Applied:
    """receipt: signed; it names the article and the day of the result (R-071)."""

    application: ApplicationView
    receipt: str


@dataclass(frozen=True, slots=True)
class Levels:
    """The acts of an application for level 2."""

    office: Office

    def apply(self, transaction_id: str, evidence: Evidence, form: LevelForm) -> Applied:
        """The card's owner applies at a desk (Purpose.LEVEL_2); the working days of the law begin.

        Raises RefusedError without an officer at a station, for an age without level 2, or for an account that is not
        an active one of level 1, ConflictError when an application waits already, UsageError for the form.
        """
        _desk(self.office)
        check_form(form)
        phone = mobile_number(form.phone)
        with with_card(self.office, transaction_id, Purpose.LEVEL_2, evidence) as proof:
            holder, kind = _holder(self.office, proof)
            _refuse_unfit(self.office, proof.session, holder, kind, form, proof.now)
            term = Term.LEVEL_2 if kind is AccountKind.CITIZEN else Term.FOREIGNER_LEVEL_2
            content = {**asdict(holder), "phone": phone, "kind": kind, **_entries(form)}
            row = _row(self.office, content, form, term, proof.now)
            row.state, row.evidence_id = ApplicationState.RECEIVED, proof.evidence_id
            row.edited = ",".join(edited(form.entries, holder))
            proof.transaction.state = TransactionState.DONE
            return _applied(self.office, proof.session, row, content, form, proof.now)

    def apply_without_card(self, number: str, form: LevelForm, why: NoCard) -> Applied:
        """Somebody without a valid card applies together with the issue of one: it waits for that card (R-070).

        Raises as `apply`; every entry has to be made, since there is no chip to take it from.
        """
        check_form(form)
        if set(form.entries) != set(ENTRIES):
            raise UsageError("without a card, name, birth date and sex are entered")
        now, phone = self.office.clock(), mobile_number(form.phone)
        holder = Holder(number, form.entries["full_name"], _day(form.entries["birth_date"]), form.entries["sex"],
                        "", "", "")  # fmt: skip
        with self.office.database.write() as session:
            self.office.may(session, Act.APPLY_BY_HAND, self.office.clock())
            _desk(self.office)
            _refuse_unfit(self.office, session, holder, AccountKind.CITIZEN, form, now)
            content = {**asdict(holder), "phone": phone, "kind": AccountKind.CITIZEN, **_entries(form)}
            row = _row(self.office, content, form, Term.LEVEL_2_WITH_CARD, now)
            row.state, row.no_card = ApplicationState.WITH_CARD_ISSUE, why
            return _applied(self.office, session, row, content, form, now)

    def card_issued(self, application_id: str, transaction_id: str, evidence: Evidence) -> ApplicationView:
        """The card that an application waits for is there, and proves itself (Purpose.LEVEL_2)."""
        with with_card(self.office, transaction_id, Purpose.LEVEL_2, evidence) as proof:
            row = found(proof.session, application_id)
            content = open_record(self.office, row.id, row.sealed)
            identity = proof.verified.identity
            if not is_citizen(identity) or identity.personal_number != content["number"]:
                raise RefusedError("the card is not that of the applicant")
            application_step(ApplicationState(row.state), ApplicationState.RECEIVED)
            holder = Holder.of(proof, identity.personal_number)
            row.edited = ",".join(edited({name: content[f"entered_{name}"] for name in ENTRIES}, holder))
            row.sealed = seal_record(self.office, row.id, {**content, **asdict(holder)})
            row.evidence_id, row.state = proof.evidence_id, ApplicationState.RECEIVED
            proof.transaction.state = TransactionState.DONE
            _record(self.office, proof.session, "level-card-issued", row, proof.now, row_of="R-070")
            return view(row)

    def compare(self, application_id: str, database: NationalDatabase) -> ApplicationView:
        """Asks the national database, outside of any transaction, and keeps what it says (R-067)."""
        with self.office.database.write() as session:
            self.office.may(session, Act.DECIDE_LEVEL, self.office.clock())
            row = found(session, application_id)
            content, taken = open_record(self.office, row.id, row.sealed), (row.portrait, row.fingerprints)
        if not row.evidence_id:
            raise RefusedError("the application waits for the card")
        answer = database.compare(Subject(content["number"], *taken, content["portrait"]))
        now, after = self.office.clock(), ApplicationState(answer.match)
        with self.office.database.write() as session:
            row = found(session, application_id)
            application_step(ApplicationState(row.state), after)
            row.state, row.match_reference = after, answer.reference[:80]
            _record(self.office, session, "level-compared", row, now, row_of="R-067", match=answer.match)
            return view(row)

    def issue(self, application_id: str) -> Applied:
        """Level 2 is given: a new account (AS-02), or the active one of level 1 is raised (AS-10). It is told once.

        Raises RefusedError without an officer or a match, or when the account is not an active one of level 1 by now.
        """
        now, asked = self.office.clock(), self._asked(application_id)
        with self.office.database.write() as session:
            self.office.may(session, Act.DECIDE_LEVEL, self.office.clock())
            officer_of(self.office)
            row = found(session, application_id)
            application_step(ApplicationState(row.state), ApplicationState.ISSUED)
            content = open_record(self.office, row.id, row.sealed)
            account, entry = level_issue.issue(self.office, session, row, content, now, asked)
            _decide(row, ApplicationState.ISSUED, now)
            row.account_id = account.id
            return Applied(view(row), receipt(self.office, session, "level-2-issued", row, content, entry, now))

    def _asked(self, application_id: str) -> dict[str, str]:
        """What the operator says of the number of an account that is to be made (L-07)."""
        if self.office.subscribers is None:
            return {}
        with self.office.database.write() as session:
            self.office.may(session, Act.DECIDE_LEVEL, self.office.clock())
            row = found(session, application_id)
            application_step(ApplicationState(row.state), ApplicationState.ISSUED)
            content = open_record(self.office, row.id, row.sealed)
            if level_issue.account_of(session, content["number"]) is not None:
                return {}
        return subscriber_check.ask(self.office, Subscriber(content["number"], content["phone"]))

    def refuse(self, application_id: str, reason: str) -> ApplicationView:
        """The application is refused, with a reason; the applicant is told once. UsageError without a reason."""
        if not reason.strip():
            raise UsageError("an application is refused with a reason only")
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.DECIDE_LEVEL, self.office.clock())
            officer_of(self.office)
            row = found(session, application_id)
            application_step(ApplicationState(row.state), ApplicationState.REFUSED)
            content = open_record(self.office, row.id, row.sealed)
            row.refusal = reason.strip()[:400]
            _decide(row, ApplicationState.REFUSED, now)
            level_issue.tell(self.office, session, content["phone"], texts.refused_text(), now)
            _record(self.office, session, "level-refused", row, now, row_of="R-069")
            return view(row)

    def waiting(self) -> tuple[ApplicationView, ...]:
        """The applications without a result, the most urgent first."""
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_APPLICATIONS, self.office.clock())
            rows = session.scalars(select(LevelApplication).where(_OPEN).order_by(LevelApplication.due_at))
            return tuple(view(row) for row in rows)

    def overdue(self) -> tuple[ApplicationView, ...]:
        """Those whose result should have been there by now (L-08)."""
        now = self.office.clock()
        return tuple(each for each in self.waiting() if each.due_at <= now)


# --- parts ------------------------------------------------------------------------------------------------------------


def found(session: Session, application_id: str) -> LevelApplication:
    row = session.get(LevelApplication, application_id, with_for_update=True)
    if row is None:
        raise NotFoundError("there is no such application")
    return row


def view(row: LevelApplication) -> ApplicationView:
    return ApplicationView(
        id=row.id,
        state=ApplicationState(row.state),
        edited=tuple(name for name in row.edited.split(",") if name),
        papers=tuple(PaperKind(name) for name in row.papers.split(",") if name),
        unit=Unit(row.unit),
        officer=row.officer,
        received_at=moment_of(row.received_at),
        due_at=moment_of(row.due_at),
        clause=row.clause,
        refusal=row.refusal,
    )


def receipt(
    office: Office, session: Session, act: str, row: LevelApplication, content: Mapping[str, str], entry: int,
    now: datetime,
) -> str:  # fmt: skip
    """The signed receipt; it names the article that the application rests on (R-071)."""
    facts = {"act": act, "account": masked(content["number"]), "transaction": row.id, "law": row.clause}
    facts["due"] = moment_of(row.due_at).isoformat()
    return receipts.sign_receipt(office.keys.receipt, facts, audit.prove_inclusion(session, entry), now)


def _desk(office: Office) -> None:
    officer_of(office)
    if not office.origin.station:
        raise RefusedError("level 2 is applied for at a desk that has a name")


def _holder(office: Office, proof: Proof) -> tuple[Holder, AccountKind]:
    """Who applies; a foreigner has opened an account before."""
    identity = proof.verified.identity
    if is_citizen(identity):
        return Holder.of(proof, identity.personal_number), AccountKind.CITIZEN
    return Holder.of(proof, accounts.owner_of(office, proof).number), AccountKind.FOREIGNER


def _refuse_unfit(
    office: Office, session: Session, holder: Holder, kind: AccountKind, form: LevelForm, now: datetime
) -> None:  # fmt: skip
    day, born = day_in_vietnam(now), date.fromisoformat(holder.birth_date)
    rules_on(day).check_opening(kind, born, day, 2, represented=form.representative is not None)
    account = level_issue.account_of(session, holder.number)
    if account is not None:
        level_issue.refuse_unraisable(account)
    person = office.keys.lookup_digest("applicant", holder.number)
    if session.scalar(select(LevelApplication).where(LevelApplication.person == person, _OPEN)):
        raise ConflictError("an application of this person waits already")


def _row(office: Office, content: Mapping[str, str], form: LevelForm, term: Term, now: datetime) -> LevelApplication:
    rules, row_id = rules_on(day_in_vietnam(now)), secrets.token_hex(16)
    return LevelApplication(
        id=row_id,
        person=office.keys.lookup_digest("applicant", content["number"]),
        sealed=seal_record(office, row_id, content),
        evidence_id="",
        edited="",
        papers=",".join(dict.fromkeys(form.papers)),
        portrait=form.biometrics.portrait,
        fingerprints=form.biometrics.fingerprints,
        no_card="",
        match_reference="",
        refusal="",
        profile=rules.profile,
        clause=rules.clauses[Rule.LEVEL_2],
        officer=office.origin.officer,
        station=office.origin.station,
        unit=form.unit,
        received_at=stamp(now),
        due_at=stamp(working_days().deadline(now, rules.issue_days[term])),
        notice_channel="",
    )


def _applied(
    office: Office, session: Session, row: LevelApplication, content: Mapping[str, str], form: LevelForm, now: datetime
) -> Applied:  # fmt: skip
    session.add(row)
    session.flush()
    consents.keep(session, form.consent, ConsentPurpose.LEVEL_2, now, application_id=row.id)
    said = {"consent": form.consent.text_version, "consent_method": form.consent.method, "edited": row.edited}
    entry = _record(office, session, "level-applied", row, now, row_of="R-060", unit=row.unit, **said)
    return Applied(view(row), receipt(office, session, "level-2-applied", row, content, entry, now))


def _decide(row: LevelApplication, state: ApplicationState, now: datetime) -> None:
    row.state, row.decided_at, row.notice_channel = state, stamp(now), level_issue.CHANNEL


def _record(
    office: Office, session: Session, act: str, row: LevelApplication, now: datetime, *, row_of: str, **facts: str
) -> int:  # fmt: skip
    """Upon the application: whether there is an account yet depends on the applicant."""
    return office.record_alone(session, act, now, row=row_of, application=row.id, clause=row.clause, **facts)


def _entries(form: LevelForm) -> dict[str, str]:
    """What an officer entered, and what the issue needs of the form, as texts."""
    kept = {f"entered_{name}": value for name, value in form.entries.items()}
    kept |= {"consent": form.consent.text_version, "consent_method": form.consent.method}
    if form.representative is not None:
        kept |= {f"representative_{name}": str(value) for name, value in asdict(form.representative).items()}
    return kept | {"no_fingerprints": form.biometrics.no_fingerprints.strip()[:200]}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError("a birth date is entered as YYYY-MM-DD") from error
