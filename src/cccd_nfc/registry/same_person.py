"""The officer's look: whoever stands at the desk is whom the chip's portrait shows (F4). It makes grade A out of B.

After a loss a binding is a recovery, and an unlock gives the account back: at a desk with officers neither goes without
it (S-22, F5).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.card_proof import transaction_of
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, Device, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import DeviceState, Purpose, TransactionState
from cccd_nfc.registry.strength import Factor

_UNSEEN = "the officer has to compare the person with the chip's portrait first"
_WAITS_IN = {
    Purpose.ACTIVATE: TransactionState.PENDING,
    Purpose.UNLOCK_AND_BIND: TransactionState.PENDING,
    Purpose.UNLOCK: TransactionState.OPEN,
}
"""Purpose -> the state in which the officer is asked: a binding when the registry has verified the card."""


def confirm(office: Office, transaction_id: str) -> None:
    """Records that the officer has seen the person; RefusedError without an officer at a registered station."""
    now = office.clock()
    with office.database.write() as session:
        acting = office.may(session, Act.SAME_PERSON, now)
        if not (acting.officer and acting.station):
            office.note_refusal(session, Act.SAME_PERSON, now)
            raise RefusedError("only an officer at a registered station says that it is the same person")
        transaction = transaction_of(session, transaction_id)
        wanted = _WAITS_IN.get(Purpose(transaction.purpose))
        if transaction.state != wanted or stamp(now) >= transaction.expires_at:
            raise RefusedError("the transaction does not wait for this")
        transaction.face_officer, transaction.face_at = acting.officer, stamp(now)
        facts = {"transaction": transaction.id, "station": acting.station}
        if transaction.account_id:
            account = session.get_one(Account, transaction.account_id)
            office.record(session, "same-person", account, now, row="R-058", **facts)
        else:
            office.record_alone(session, "same-person", now, row="R-058", **facts)


def grade(transaction: Transaction, proved: str) -> str:
    """A when an officer has seen the person and the chip has signed; else what was proved."""
    return "A" if transaction.face_officer and proved == "B" else proved


def facts(transaction: Transaction) -> dict[str, str]:
    """What the audit says of it."""
    return {"face": transaction.face_officer} if transaction.face_officer else {}


def factor(transaction: Transaction) -> Factor | None:
    """The face, when an officer has compared it."""
    return Factor.FACE if transaction.face_officer else None


def refuse_unseen(session: Session, acting: Acting, account: Account, transaction: Transaction) -> None:
    """RefusedError for a recovery at a desk with officers, when nobody has looked: it ends a lock, too, or the
    account had a device before, and has none that is active now."""
    if not acting.officer or transaction.face_officer:
        return
    ended = (DeviceState.REVOKED, DeviceState.UNLINKED, DeviceState.SUSPENDED)
    mine = select(Device.state).where(Device.account_id == account.id)
    states = set(session.scalars(mine))
    recovers = DeviceState.ACTIVE not in states and states & set(ended)
    if recovers or transaction.purpose == Purpose.UNLOCK_AND_BIND:
        raise RefusedError(_UNSEEN)


def refuse_unseen_unlock(office: Office, transaction: Transaction) -> None:
    """RefusedError for an unlock at a desk with officers, when nobody has looked."""
    if office.origin.session and not transaction.face_officer:
        raise RefusedError(_UNSEEN)
