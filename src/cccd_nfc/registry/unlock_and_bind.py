"""Flow F5, at a desk: the lock that the owner asked for ends and the new phone is bound, together or not at all.

The steps are those of `activation`; here stands what differs. The account is locked while the card is verified and the
code is on its way, and is unlocked only in the transaction that binds: whatever else locks it meanwhile changes its
version, or ends this attempt, and so wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry import accounts, locks
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.representatives import officer_of
from cccd_nfc.registry.states import AccountState, Purpose
from cccd_nfc.sentences import Said

BOUND, UNLOCKED_AND_BOUND = "device-bound", "unlocked-and-bound"
BINDS = (Purpose.ACTIVATE, Purpose.UNLOCK_AND_BIND)
"""What a transaction is for that ends with a device bound."""


def unlocks(transaction: Transaction) -> bool:
    return transaction.purpose == Purpose.UNLOCK_AND_BIND


def may_also(office: Office, session: Session, transaction: Transaction, acting: Acting, now: datetime) -> Acting:
    """A code that unlocks is taken by whom an unlock is allowed: never by an app, where there are officers."""
    return office.may(session, Act.UNLOCK_AND_BIND, now) if unlocks(transaction) else acting


def refuse_unfit(session: Session, transaction: Transaction, account: Account, now: datetime) -> None:
    """RefusedError for an account that the transaction can bind no device to."""
    if not unlocks(transaction):
        accounts.refuse_unusable(account, now)
        return
    grounds = {each.ground for each in locks.open_locks(session, account)}
    if account.state == AccountState.LOCKED and grounds != {LockGround.OWNER_REQUEST}:
        others = ", ".join(sorted(grounds - {LockGround.OWNER_REQUEST}))
        raise RefusedError(Said("the account is locked on more than the owner's request: {grounds}", grounds=others))
    if account.state != AccountState.LOCKED:
        raise RefusedError("the account is not locked: bind the phone without an unlock")
    accounts.refuse_unusable(account, now, unlocked=True)


def end_lock(
    office: Office, session: Session, transaction: Transaction, account: Account, now: datetime,
    proved_by: Mapping[str, str],
) -> None:  # fmt: skip
    """Ends the owner's ground (AS-08), where the transaction is for that; the same proof binds the device after it."""
    if unlocks(transaction):
        locks.clear_ground(office, session, account, LockGround.OWNER_REQUEST, Role.OWNER, now, proved_by)


def receipt_of(transaction: Transaction) -> str:
    """What the one receipt calls the act."""
    return UNLOCKED_AND_BOUND if unlocks(transaction) else BOUND


def note_lost_card(office: Office, number: str) -> None:
    """Records that an owner without phone and card asked for a way back, and stops there: nothing else changes.

    Without the chip there is no proof; who the person is finds the identity agency, by what it holds of them (F5).
    RefusedError without an officer who is named.
    """
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.NOTE_LOST_CARD, now)
        officer = officer_of(office)
        account = accounts.find(session, number)
        office.record(session, "lost-card-noted", account, now, row="R-077", noted_by=officer)
