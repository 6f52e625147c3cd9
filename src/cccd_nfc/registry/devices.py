"""The rows of devices: at most one held by an account, and none that is ever taken off (R-014, S-21, DS-04, DS-10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, Device, DeviceContact, Transaction
from cccd_nfc.registry.states import HELD, DeviceState, TransactionState, device_step


def refuse_revoked(session: Session, thumbprint: str) -> None:
    """RefusedError for a key that was ever revoked, for any account: it is never bound again (DS-06)."""
    ever = select(Device.id).where(Device.thumbprint == thumbprint, Device.state == DeviceState.REVOKED)
    if thumbprint and session.scalar(ever.limit(1)):
        raise RefusedError("this key was reported lost or stolen: make a new key on the phone")


def refuse_taken(session: Session, account: Account, thumbprint: str, most: int) -> None:
    """ConflictError for a key that serves as many other accounts as it may."""
    elsewhere = select(func.count()).where(
        Device.thumbprint == thumbprint, Device.state == DeviceState.ACTIVE, Device.account_id != account.id
    )
    if (session.scalar(elsewhere) or 0) >= most:
        raise ConflictError("this phone serves another account already")


def held(session: Session, account: Account) -> Device | None:
    """The account's one device: active, or stopped until it proves its key. An active one comes first."""
    mine = select(Device).where(Device.account_id == account.id, Device.state.in_(HELD))
    return session.scalar(mine.order_by(Device.state).limit(1))


def active(session: Session, account: Account) -> Device | None:
    return session.scalar(select(Device).where(Device.account_id == account.id, Device.state == DeviceState.ACTIVE))


def end(device: Device, state: DeviceState, now: datetime, reason: str) -> None:
    """Brings the device to a state it does not come back from; RefusedError when the table has no such step."""
    device_step(DeviceState(device.state), state)
    device.state, device.ended_at, device.end_reason = state, stamp(now), reason


def end_attempts(session: Session, account: Account, now: datetime, reason: str) -> None:
    """Ends every activation of the account that waits for its code (DS-04)."""
    mine = (Transaction.account_id == account.id, Transaction.state == TransactionState.PENDING)
    for transaction in session.scalars(select(Transaction).where(*mine)):
        end_attempt(session, transaction, now, reason)


def end_attempt(session: Session, transaction: Transaction, now: datetime, reason: str) -> None:
    """Ends one of them, with the device that it was for and what read for it."""
    transaction.state = TransactionState.VOID
    device = session.get(Device, transaction.device_id) if transaction.device_id else None
    if device is not None and device.state == DeviceState.PENDING:
        end(device, DeviceState.EXPIRED, now, reason)
    drop_readers(session, transaction.id, now, reason)


def drop_readers(session: Session, transaction_id: str, now: datetime, reason: str) -> None:
    """Whatever reads for the transaction is nothing from now on (R-041)."""
    mine = (DeviceContact.transaction_id == transaction_id, DeviceContact.state == DeviceState.READER)
    for found in session.scalars(select(DeviceContact).where(*mine)):
        _drop(found, now, reason)


def drop_forgotten(session: Session, now: datetime) -> int:
    """Ends the readers whose transaction has run out; gives how many."""
    late = (DeviceContact.state == DeviceState.READER, DeviceContact.expires_at <= stamp(now))
    found = session.scalars(select(DeviceContact).where(*late)).all()
    for each in found:
        _drop(each, now, "the transaction ran out")
    return len(found)


def _drop(found: DeviceContact, now: datetime, reason: str) -> None:
    device_step(DeviceState(found.state), DeviceState.EXPIRED)
    found.state, found.ended_at, found.end_reason = DeviceState.EXPIRED, stamp(now), reason
