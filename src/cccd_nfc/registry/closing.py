"""The end of an account (AS-15): its number stays reserved, and whatever hung on it ends with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.registry import devices, locks, notices, otp, owner_sessions, texts
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.models import Account, Device
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import AccountState, DeviceState, account_step

_HELD = (DeviceState.ACTIVE, DeviceState.SUSPENDED)


def close(office: Office, session: Session, account: Account, now: datetime) -> int:
    """CLOSED, from whatever state: devices, activations and codes end. The number of the audit entry.

    Called by what two people have decided (`four_eyes`) alone. RefusedError for an account that is closed.
    """
    session.refresh(account, with_for_update=True)
    row = account_step(AccountState(account.state), AccountState.CLOSED)
    devices.end_attempts(session, account, now, "the account was closed")
    ended = _end_devices(session, account, now)
    otp.void(session, account, now)
    owner_sessions.end_all(session, account, now, "the account was closed")
    dead = LockGround.DECEASED in {each.ground for each in locks.open_locks(session, account)}
    account.state = AccountState.CLOSED
    account.version += 1
    session.flush()
    if not dead:  # of a death nobody is told (L-16)
        notices.tell(office, session, account, texts.closed_text(), now, devices=(ended,))
    return office.record(session, "account-closed", account, now, row=row, device=ended)


def _end_devices(session: Session, account: Account, now: datetime) -> str:
    """Ends the device that the account has, active or suspended; gives its thumbprint, or nothing."""
    held = session.scalars(select(Device).where(Device.account_id == account.id, Device.state.in_(_HELD))).all()
    for device in held:
        devices.end(device, DeviceState.REVOKED, now, "the account was closed")
    return held[0].thumbprint if held else ""
