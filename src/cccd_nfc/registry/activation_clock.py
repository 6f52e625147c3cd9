"""The seven days in which an account is activated, and what comes after them (L-09, AS-04, AS-05).

The days count from the notice of the issue. Whoever asks sees the account as late from the moment on; that it is so is
written down by `expire_activations`, which a timer calls, and by the assistance that ends it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import account_secrets, accounts, notices, representatives, strength, texts
from cccd_nfc.registry.account_secrets import HashedSecrets, NewSecrets
from cccd_nfc.registry.card_proof import verified_here, with_card
from cccd_nfc.registry.clock import moment_of
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import AccountState, Purpose, TransactionState, account_step
from cccd_nfc.registry.strength import Factor

HOW = (Factor.CARD, Factor.FACE)
"""How the owner is authenticated for assistance: the card on the reader, and the officer's look."""


def expire_activations(office: Office) -> int:
    """Writes down that the days of activation are over, for each account whose are; gives how many."""
    now = office.clock()
    with office.database.write() as session:
        waiting = session.scalars(select(Account).where(Account.state == AccountState.ISSUED).with_for_update())
        late = [account for account in waiting if accounts.is_late(account, now)]
        for account in late:
            become_late(office, session, account, now)
        return len(late)


def become_late(office: Office, session: Session, account: Account, now: datetime) -> None:
    row = account_step(AccountState(account.state), AccountState.ISSUED_LATE)
    account.state = AccountState.ISSUED_LATE
    account.version += 1
    since = moment_of(accounts.activate_before(account)).isoformat()
    office.record(session, "activation-late", account, now, row=row, since=since)


def assist(office: Office, transaction_id: str, evidence: Evidence, chosen: NewSecrets | None = None) -> str:
    """Activates a late account: the owner by card and face, the officer by name (AS-05). A signed receipt.

    chosen: what the owner sets with it, as in every first activation. Raises RefusedError without an officer, and for
    an account that is not late, UsageError as `account_secrets.for_activation`.
    """
    officer = representatives.officer_of(office)
    hashed = _hashed(office, evidence, chosen) if chosen else None
    with with_card(office, transaction_id, Purpose.ASSIST, evidence) as proof:
        session, now = proof.session, proof.now
        account = accounts.owner_of(office, proof)
        session.refresh(account, with_for_update=True)
        representatives.refuse_without_consent(session, account, now)
        if account.state == AccountState.ISSUED and accounts.is_late(account, now):
            become_late(office, session, account, now)
        if account.state != AccountState.ISSUED_LATE:
            raise RefusedError("the account does not wait for assistance")
        if hashed is None:
            account_secrets.refuse_unset(office, account)
        else:
            account_secrets.keep(session, account, hashed, now)
        row = account_step(AccountState.ISSUED_LATE, AccountState.ACTIVE)
        account.state = AccountState.ACTIVE
        account.version += 1
        accounts.note_card(account, proof.verified.identity)
        facts = {**strength.facts(*HOW), "grade": proof.verified.grade}
        facts |= {"what": hashed.names} if hashed else {}
        entry = office.record(session, "activation-assisted", account, now, row=row, assisted_by=officer, **facts)
        notices.tell(office, session, account, texts.assisted_text(), now, event="activation-assisted")
        transaction = proof.transaction
        transaction.account_id, transaction.state = account.id, TransactionState.DONE
        transaction.receipt = office.signed(
            session, "activation-assisted", account, transaction, entry, now, grade=proof.verified.grade
        )
        return transaction.receipt


def _hashed(office: Office, evidence: Evidence, chosen: NewSecrets) -> HashedSecrets | None:
    """The secrets of the card's owner, checked and hashed before the transaction, which the slow hash must not hold up;
    the card is verified once more in it."""
    verified = verified_here(office, evidence, office.clock())
    with office.database.write() as session:
        account = accounts.of_identity(office, session, verified.identity)
        checked = account_secrets.for_activation(office, account, chosen)
    return account_secrets.hashed(office, account.id, checked) if checked else None
