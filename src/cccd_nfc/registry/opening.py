"""Opening an account of level 1: consent, age, the card's own proof, and the notice that starts the clock (AS-01)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, consents, notices, subscriber_check, texts
from cccd_nfc.registry.account_rules import AccountKind, AccountRules, Rule, rules_on
from cccd_nfc.registry.accounts import AccountView, Holder, mobile_number
from cccd_nfc.registry.card_proof import with_card
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.consents import Consent, ConsentPurpose
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.representatives import Representative, name_representative
from cccd_nfc.registry.states import Purpose, TransactionState

NOBODY_ASKED: Mapping[str, str] = MappingProxyType({})
"""Of the operator, in whose name the number is (L-07)."""


def create(
    office: Office, transaction_id: str, evidence: Evidence, phone: str, consent: Consent,
    representative: Representative | None = None,
) -> AccountView:  # fmt: skip
    """An account of level 1 for the citizen whose card the evidence proves.

    representative: who asks for it in the place of a child or a ward. Raises NotVerifiedError for a card that does not
    prove it, ConflictError when the citizen has an account, RefusedError for an age to which the law gives none,
    UsageError for a phone number that is no Vietnamese mobile, RefusedError for one that the operator says is
    another's.
    """
    number_of_phone = mobile_number(phone)
    asked = subscriber_check.ask_for_card(office, transaction_id, Purpose.ENROL, evidence, number_of_phone)
    with with_card(office, transaction_id, Purpose.ENROL, evidence) as proof:
        holder, kind = Holder.of(proof, proof.verified.identity.personal_number), AccountKind.CITIZEN
        account = accounts.new_account(office, proof.session, holder, number_of_phone, proof.now, kind=kind)
        told = finish(office, proof.session, account, consent, representative, proof.now)
        proof.transaction.account_id, proof.transaction.state = account.id, TransactionState.DONE
        record_issue(
            office,
            proof.session,
            account,
            consent,
            proof.now,
            row="AS-01",
            grade=proof.verified.grade,
            told=told,
            asked=asked,
        )
        return accounts.view(account, proof.now)


def finish(
    office: Office, session: Session, account: Account, consent: Consent, representative: Representative | None,
    now: datetime,
) -> str:  # fmt: skip
    """What every new account needs beside the card: an age that the law takes, a consent, and its notice.

    Gives the channel of the notice.
    """
    rules, day = rules_on(day_in_vietnam(now)), day_in_vietnam(now)
    born, kind = date.fromisoformat(account.birth_date), AccountKind(account.kind)
    rules.check_opening(kind, born, day, account.level, represented=representative is not None)
    given_by = consents.OWNER
    if representative is not None:
        name_representative(office, session, account, representative, now)
        given_by = accounts.find(session, representative.number).id
    consents.keep(session, consent, ConsentPurpose.ACCOUNT, now, account_id=account.id, given_by=given_by)
    return notice(office, session, account, now)


def notice(office: Office, session: Session, account: Account, now: datetime) -> str:
    """Announces the result; from this moment the days of activation count (L-09)."""
    account.noticed_at = stamp(now)
    before = moment_of(accounts.activate_before(account))
    return notices.result(
        office, session, account, texts.issued_text(account.level, before), now, event="account-issued"
    )


def record_issue(
    office: Office,
    session: Session,
    account: Account,
    consent: Consent,
    now: datetime,
    *,
    row: str,
    grade: str,
    told: str,
    asked: Mapping[str, str] = NOBODY_ASKED,
) -> int:
    """The audit entry of an account that begins; it names the rule's article, the consent's text, the notice's way."""
    rules = rules_on(day_in_vietnam(now))
    facts = {"level": str(account.level), "kind": account.kind, "clause": clause_of(rules, account.level)}
    said = {"consent": consent.text_version, "consent_method": consent.method, "notice": told}
    return office.record(session, "account-issued", account, now, row=row, grade=grade, **facts, **said, **asked)


def clause_of(rules: AccountRules, level: int) -> str:
    return rules.clauses[Rule.LEVEL_2 if level == 2 else Rule.LEVEL_1]
