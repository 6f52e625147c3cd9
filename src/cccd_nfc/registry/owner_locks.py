"""The owner at a desk: the card on the reader locks and unlocks the account (R-077, L-18). Both give a signed receipt.

To lock, the card is not needed (`locks.lock`): it may be what was lost, and tightening is safe (S-23).
"""

from __future__ import annotations

from cccd_nfc.errors import RefusedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts, audit, locks, notices, same_person, strength
from cccd_nfc.registry.card_proof import Proof, with_card
from cccd_nfc.registry.clock import day_in_vietnam
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import Purpose, TransactionState
from cccd_nfc.registry.strength import Factor

_ENDED_BY_A_VALID_CARD = {LockGround.OWNER_REQUEST: Role.OWNER, LockGround.CARD_EXPIRED: Role.SYSTEM}
"""Ground -> who ends it when the owner shows a valid card: a new one is what the ground of expiry waits for."""


def lock_with_card(office: Office, transaction_id: str, evidence: Evidence, reason: LockReason) -> str:
    """Locks the account of the card's owner at once (R-079). A signed receipt, which says if it was locked already."""
    with with_card(office, transaction_id, Purpose.LOCK, evidence) as proof:
        account = _account_of(office, proof)
        locks.refuse_at_other_desk(office, account, proof.now)
        entry = locks.set_ground(
            office, proof.session, account, LockGround.OWNER_REQUEST, Role.OWNER, reason, proof.now, _proved_by(proof)
        )
        return _receipt(office, proof, audit.act_of(proof.session, entry), account, entry)


def unlock_with_card(office: Office, transaction_id: str, evidence: Evidence) -> str:
    """Ends the owner's own ground, and that of an expired card; other grounds stay, and the receipt names them.

    RefusedError when the account is not locked on either.
    """
    with with_card(office, transaction_id, Purpose.UNLOCK, evidence) as proof:
        account = _account_of(office, proof)
        same_person.refuse_unseen_unlock(office, proof.transaction)
        grounds = {LockGround(each.ground) for each in locks.open_locks(proof.session, account)}
        ours = grounds & set(_ENDED_BY_A_VALID_CARD)
        if account.card_expires < day_in_vietnam(proof.now).isoformat():
            ours -= {LockGround.CARD_EXPIRED}  # in Vietnam a card runs out seven hours before it does in UTC
        if not ours:
            raise RefusedError("the account is not locked on a ground that its owner can end")
        for ground in sorted(ours):
            actor = _ENDED_BY_A_VALID_CARD[ground]
            entry = locks.clear_ground(office, proof.session, account, ground, actor, proof.now, _proved_by(proof))
        return _receipt(office, proof, "account-unlocked", account, entry)


def disown(office: Office, token: str) -> None:
    """Locks the account whose owner says by a notice's token that the event was not theirs (S-24): at once, and nothing
    else. The token works once, for 7 days. RefusedError, the same for every reason, for one that does not.
    """
    now = office.clock()
    with office.database.write() as session:
        found = notices.take_token(office, session, token, now)
        office.record(session, "disowned", found.account, now, row="S-24", event=found.event, source="declaration")
        locks.set_ground(
            office, session, found.account, LockGround.OWNER_REQUEST, Role.OWNER, LockReason.SUSPECTED_LEAK, now
        )


def _proved_by(proof: Proof) -> dict[str, str]:
    return strength.facts(Factor.CARD, same_person.factor(proof.transaction))


def _account_of(office: Office, proof: Proof) -> Account:
    account = accounts.owner_of(office, proof)
    accounts.note_card(account, proof.verified.identity)
    proof.session.flush()  # the account is read anew for its lock, and what is not written by then is forgotten
    return account


def _receipt(office: Office, proof: Proof, act: str, account: Account, entry: int) -> str:
    transaction = proof.transaction
    left = ", ".join(each.ground for each in locks.open_locks(proof.session, account))
    transaction.account_id, transaction.state = account.id, TransactionState.DONE
    transaction.receipt = office.signed(
        proof.session,
        act,
        account,
        transaction,
        entry,
        proof.now,
        grade=same_person.grade(transaction, proof.verified.grade),
        grounds=left,
    )
    return transaction.receipt
