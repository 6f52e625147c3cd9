"""What the issue of level 2 does to the account: it begins or is raised (AS-02, AS-10); what is told (R-069)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError
from cccd_nfc.registry import accounts, notices, opening, texts
from cccd_nfc.registry.account_rules import AccountKind
from cccd_nfc.registry.accounts import Holder
from cccd_nfc.registry.consents import Consent, ConsentMethod
from cccd_nfc.registry.messages import SIM
from cccd_nfc.registry.models import Account, LevelApplication
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.representatives import Kinship, Representative
from cccd_nfc.registry.states import AccountState

CHANNEL = SIM


def account_of(session: Session, number: str) -> Account | None:
    try:
        return accounts.find(session, number)
    except NotFoundError:
        return None


def refuse_unraisable(account: Account) -> None:
    """ConflictError for an account of level 2, RefusedError for one that is not active (AS-10)."""
    if account.level == 2:
        raise ConflictError("the account is of level 2 already")
    if account.state != AccountState.ACTIVE:
        raise RefusedError("only an active account of level 1 is raised to level 2")


def issue(
    office: Office, session: Session, row: LevelApplication, content: Mapping[str, str], now: datetime,
    asked: Mapping[str, str],
) -> tuple[Account, int]:  # fmt: skip
    """The account with level 2, and the number of the audit entry. asked: what the operator says of the number."""
    account = account_of(session, content["number"])
    if account is None:
        return _begin(office, session, row, content, now, asked)
    session.refresh(account, with_for_update=True)
    refuse_unraisable(account)
    account.level = 2
    account.portrait, account.evidence_id = content["portrait"], row.evidence_id
    account.card_expires = max(account.card_expires, content["card_expires"])
    account.version += 1
    told = notices.result(office, session, account, texts.raised_text(), now, event="level-raised")
    facts = {"application": row.id, "clause": row.clause, "notice": told, "match": row.match_reference}
    return account, office.record(session, "level-raised", account, now, row="AS-10", **facts)


def _begin(
    office: Office, session: Session, row: LevelApplication, content: Mapping[str, str], now: datetime,
    asked: Mapping[str, str],
) -> tuple[Account, int]:  # fmt: skip
    holder = Holder(**{each.name: content[each.name] for each in fields(Holder)})
    consent = Consent(content["consent"], ConsentMethod(content["consent_method"]))
    kind = AccountKind(content["kind"])
    account = accounts.new_account(office, session, holder, content["phone"], now, kind=kind, level=2)
    account.station = row.station
    told = opening.finish(office, session, account, consent, _representative(content), now)
    facts = {"row": "AS-02", "grade": "B", "told": told}
    return account, opening.record_issue(office, session, account, consent, now, **facts, asked=asked)


def _representative(content: Mapping[str, str]) -> Representative | None:
    if "representative_number" not in content:
        return None
    kinship = Kinship(content["representative_kinship"])
    return Representative(content["representative_number"], kinship, content["representative_document"])


def tell(office: Office, session: Session, phone: str, text: str, now: datetime) -> None:
    office.notify(session, CHANNEL, phone, text, now)
