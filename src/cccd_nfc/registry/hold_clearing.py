"""The hold after wrong codes: it ends by time, or at a desk by the card (AS-14). It is no lock."""

from __future__ import annotations

from cccd_nfc.errors import RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, notices
from cccd_nfc.registry.card_proof import with_card
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.origin import Channel
from cccd_nfc.registry.states import Purpose, TransactionState
from cccd_nfc.registry.texts import hold_cleared_text


def clear_with_card(office: Office, transaction_id: str, evidence: Evidence) -> str:
    """Sets the count of wrong codes back, even one that had disabled codes (S-06); the owner is told. A signed receipt.

    RefusedError when this is no desk, the account is locked, or there is nothing to set back.
    """
    if office.origin.channel is not Channel.DESK:
        raise RefusedError("a hold is ended at a desk only, by the card")
    with with_card(office, transaction_id, Purpose.CLEAR_HOLD, evidence) as proof:
        session, transaction, now = proof.session, proof.transaction, proof.now
        account = accounts.owner_of(office, proof)
        accounts.refuse_unusable(account, now)
        if not account.failed_codes:
            raise RefusedError("the account is not on hold")
        accounts.note_card(account, proof.verified.identity)
        failures, account.failed_codes, account.hold_until = account.failed_codes, 0, 0
        told = notices.tell(office, session, account, hold_cleared_text(), now, event="hold-cleared")
        facts = {"failures": str(failures), "told": told, "grade": proof.verified.grade}
        entry = office.record(session, "hold-cleared", account, now, row="AS-14", **facts)
        transaction.account_id, transaction.state = account.id, TransactionState.DONE
        grade = proof.verified.grade
        transaction.receipt = office.signed(session, "hold-cleared", account, transaction, entry, now, grade=grade)
        return transaction.receipt
