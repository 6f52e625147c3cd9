"""What a lock does to the account's device: it waits, or it is never trusted again (DS-06 to DS-09)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.registry import devices
from cccd_nfc.registry.models import Account, Device
from cccd_nfc.registry.states import DeviceState, device_step


class LockReason(StrEnum):
    """What an owner may say, as the national page offers it (L-24); SUSPECTED_MISUSE is told to the hotline (R-078)."""

    LOST_DEVICE = "lost-device"
    BROKEN_DEVICE = "broken-device"
    LOST_CARD = "lost-card"
    SUSPECTED_LEAK = "suspected-leak"
    SUSPECTED_MISUSE = "suspected-misuse"
    OTHER = "other"


COMPROMISED = (LockReason.LOST_DEVICE, LockReason.SUSPECTED_LEAK, LockReason.SUSPECTED_MISUSE)
"""Reasons after which the device's key is never trusted again. It ends at once and not with the lock (DS-09): S-23."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of the account's device: its thumbprint and the row that allowed it, both empty for nothing."""

    device: str = ""
    row: str = ""

    @property
    def to_tell(self) -> str:
        """The device that is told of the lock; whoever holds a lost one is not."""
        return "" if self.row == "DS-06" else self.device


def stop_device(session: Session, account: Account, reason: str, now: datetime) -> Moved:
    """Suspends the active device (DS-07), or ends it for good where its owner has lost control of it (DS-06)."""
    device = _held(session, account, DeviceState.ACTIVE, DeviceState.SUSPENDED)
    if device is None:
        return Moved()
    if reason in COMPROMISED:
        return _revoke(device, now, f"reported: {reason}")
    if device.state == DeviceState.SUSPENDED:
        return Moved()
    return _move(device, DeviceState.SUSPENDED)


def resume_device(session: Session, account: Account, now: datetime) -> Moved:
    """The suspended device may come back when it proves its key (DS-08): `device_calls` lets it. It is told so.

    One whose key was bound to another account meanwhile does not: nobody has lost it, so it ends as replaced.
    """
    device = _held(session, account, DeviceState.SUSPENDED)
    if device is None:
        return Moved()
    elsewhere = select(Device).where(
        Device.thumbprint == device.thumbprint, Device.state == DeviceState.ACTIVE, Device.shared == 0
    )
    if session.scalar(elsewhere):
        return _end(device, DeviceState.REPLACED, now, "its key was bound to another account")
    return Moved(device.thumbprint)


def _held(session: Session, account: Account, *states: DeviceState) -> Device | None:
    return session.scalar(select(Device).where(Device.account_id == account.id, Device.state.in_(states)))


def _move(device: Device, state: DeviceState) -> Moved:
    row = device_step(DeviceState(device.state), state)
    device.state = state
    return Moved(device.thumbprint, row)


def _revoke(device: Device, now: datetime, reason: str) -> Moved:
    return _end(device, DeviceState.REVOKED, now, reason)


def _end(device: Device, state: DeviceState, now: datetime, reason: str) -> Moved:
    row = device_step(DeviceState(device.state), state)
    devices.end(device, state, now, reason)
    return Moved(device.thumbprint, row)
