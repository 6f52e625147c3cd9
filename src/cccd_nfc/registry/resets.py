"""A forgotten password or passcode is set anew, never around the proofs: code to the stored number, and the card.

Source: AS-12, R-048, S-11. The old secret is not shown, since nobody has it. The hold that wrong tries brought ends
with what it was tried on (AS-14).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import (
    account_secrets,
    accounts,
    codes,
    notices,
    otp,
    owner_sessions,
    strength,
    texts,
)
from cccd_nfc.registry.account_secrets import HashedSecrets, NewSecrets
from cccd_nfc.registry.activation import Pending
from cccd_nfc.registry.card_proof import transaction_of, with_card
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, OneTimePassword, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import AccountState, Purpose, TransactionState
from cccd_nfc.registry.strength import Factor
from cccd_nfc.sentences import Said


@dataclass(frozen=True, slots=True)
class Resets:
    """Begun by `Registry.begin(Purpose.RESET)`, as everything that needs the card."""

    office: Office

    def submit_evidence(self, transaction_id: str, evidence: Evidence) -> Pending:
        """Sends the code to the stored number, for the active account of the card's owner.

        Raises NotVerifiedError for a card that proves nothing, RefusedError for an account that is not active.
        """
        office = self.office
        with with_card(office, transaction_id, Purpose.RESET, evidence) as proof:
            session, transaction, now = proof.session, proof.transaction, proof.now
            account = accounts.owner_of(self.office, proof)
            _refuse_inactive(account)
            accounts.note_card(account, proof.verified.identity)
            transaction.account_id, transaction.account_version = account.id, account.version
            sent = codes.send(office, session, transaction, account, now, texts.reset_code_text)
            transaction.state = TransactionState.PENDING
            office.record(session, "reset-begun", account, now, row="AS-12", grade=proof.verified.grade)
            return Pending(transaction.id, sent.reference, sent.expires_at, "")

    def finish(self, transaction_id: str, code: str, chosen: NewSecrets) -> str:
        """Sets what is given of password, passcode and answers; every login of the account ends. A signed receipt.

        Raises UsageError for a secret that is not accepted, which costs no try; RefusedError for a wrong code.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.RESET, office.clock())
            transaction, account = _waiting(session, transaction_id, now)
            checked = account_secrets.check_some(office, chosen, account_secrets.person_of(account))
            found = otp.take_a_try(session, transaction, account, now)
        if not otp.is_right(office.keys.code, transaction, found, code):
            raise RefusedError(Said("the code is wrong; {left} tries left", left=found.tries_left - 1))
        hashed = account_secrets.hashed(office, account.id, checked)
        with office.database.write() as session:
            office.may(session, Act.RESET, office.clock())
            return self._set(session, transaction_id, found, hashed, now)

    def _set(
        self, session: Session, transaction_id: str, found: OneTimePassword, hashed: HashedSecrets, now: datetime
    ) -> str:
        office, (transaction, account) = self.office, _waiting(session, transaction_id, now)
        otp.consume(session, found, account, now)
        if account.version != transaction.account_version:
            raise ConflictError("the account was changed meanwhile; begin again")
        account.version += 1
        account_secrets.keep(session, account, hashed, now)
        owner_sessions.end_all(session, account, now, "the secrets were set anew")
        proved_by = strength.facts(Factor.CARD, Factor.SIM_CODE)
        entry = office.record(session, "secrets-reset", account, now, row="AS-12", what=hashed.names, **proved_by)
        notices.tell(office, session, account, texts.secrets_changed_text(), now, event="secrets-reset")
        transaction.state = TransactionState.DONE
        transaction.receipt = office.signed(session, "secrets-reset", account, transaction, entry, now)
        return transaction.receipt


def _waiting(session: Session, transaction_id: str, now: datetime) -> tuple[Transaction, Account]:
    transaction = transaction_of(session, transaction_id)
    if transaction.purpose != Purpose.RESET or transaction.state != TransactionState.PENDING:
        raise RefusedError("the transaction is not waiting for a code")
    if stamp(now) >= transaction.expires_at:
        raise RefusedError("the transaction has expired; begin again")
    account = session.get_one(Account, transaction.account_id)
    _refuse_inactive(account)
    return transaction, account


def _refuse_inactive(account: Account) -> None:
    if account.state != AccountState.ACTIVE:
        raise RefusedError("only an active account has a password")
