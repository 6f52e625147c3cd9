"""What ends by itself: activations that came too late, readers that were forgotten, marks that have served (DS-04)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.registry import calls, devices, limits, otp
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, Device, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import TransactionState

TOO_LATE = "the time was over"
NO_TRIES = "the code has no tries left"


def expire(office: Office) -> int:
    """Ends everything whose time is over; gives how many activations. For a timer: no act waits for it."""
    now = office.clock()
    with office.database.write() as session:
        waiting = select(Transaction.account_id).where(Transaction.state == TransactionState.PENDING).distinct()
        found = [session.get_one(Account, each) for each in session.scalars(waiting).all() if each]
        ended = sum(sweep(office, session, account, now) for account in found)
        devices.drop_forgotten(session, now)
        _void_begun(session, now)
        calls.sweep(session, now)
        limits.sweep(session, now)
        return ended


def sweep(office: Office, session: Session, account: Account, now: datetime) -> int:
    """The account's activations that are too late, or out of tries, are ended and written so; gives how many."""
    mine = (Transaction.account_id == account.id, Transaction.state == TransactionState.PENDING)
    ended = 0
    for transaction in session.scalars(select(Transaction).where(*mine)).all():
        reason = _why(session, transaction, now)
        if reason:
            end_attempt(office, session, account, transaction, now, reason)
            ended += 1
    return ended


def end_attempt(
    office: Office, session: Session, account: Account, transaction: Transaction, now: datetime, reason: str
) -> None:
    """One activation is over, and the log says why."""
    devices.end_attempt(session, transaction, now, reason)
    device = session.get(Device, transaction.device_id) if transaction.device_id else None
    named = device.thumbprint if device else transaction.thumbprint
    office.record(session, "device-expired", account, now, row="DS-04", device=named, reason=reason)


def lapse(office: Office, transaction_id: str, *, out_of_tries: bool = False) -> None:
    """Writes down that this transaction is over, when it is: what was refused for it left no trace by itself."""
    now = office.clock()
    with office.database.write() as session:
        transaction = session.get(Transaction, transaction_id)
        if transaction is None or transaction.state != TransactionState.PENDING or transaction.account_id is None:
            return
        reason = NO_TRIES if out_of_tries else _why(session, transaction, now)
        if reason:
            account = session.get_one(Account, transaction.account_id)
            end_attempt(office, session, account, transaction, now, reason)


def _why(session: Session, transaction: Transaction, now: datetime) -> str:
    """Why a transaction is over; empty while it is not.

    A last try may be under way in another process until its code has expired.
    """
    if stamp(now) >= transaction.expires_at:
        return TOO_LATE
    code = otp.newest(session, transaction)
    used_up = code is not None and code.consumed_at is None and not code.tries_left and code.expires_at <= stamp(now)
    return NO_TRIES if used_up else ""


def _void_begun(session: Session, now: datetime) -> None:
    begun = (Transaction.state == TransactionState.OPEN, Transaction.expires_at <= stamp(now))
    session.execute(
        update(Transaction)
        .where(*begun)
        .values(state=TransactionState.VOID, attestation=None)
        .execution_options(synchronize_session=False)
    )
