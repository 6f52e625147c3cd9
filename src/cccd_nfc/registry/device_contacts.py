"""Devices that are not bound: those that logged in (DS-01), and those that read for another's transaction (DS-10)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.registry import devices
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.models import Account, Device, DeviceContact, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import DeviceState, device_step
from cccd_nfc.registry.strength import Factor

TAKEN_OVER = "its card was accepted"
"""Why a device is not on the list as one that was seen: it has a row as one that was bound."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a login is answered. new: "you are logging in on a new device" is to be said, and confirmed (R-029).

    state: SEEN, or that of the account's own device.  replaces: whether another device will end when this is bound.
    """

    new: bool
    state: DeviceState
    replaces: bool


@dataclass(frozen=True, slots=True)
class AppDevice:
    """The device that an app logs in on, by the key that has signed the call; the rest is what it says of itself."""

    key: DeviceKey
    label: str = ""
    platform: str = ""
    client_version: str = ""


def seen(office: Office, session: Session, account: Account, device: AppDevice, now: datetime) -> Seen:
    """Notes a device whose owner logs in with the right password (DS-01); the same one again is noted once.

    RefusedError for a key that was revoked.
    """
    devices.refuse_revoked(session, device.key.thumbprint)
    held = devices.held(session, account)
    if held is not None and held.thumbprint == device.key.thumbprint:
        held.platform, held.client_version = device.platform[:32], device.client_version[:32]
        return Seen(False, DeviceState(held.state), False)
    _note(office, session, account, device, now)
    return Seen(True, DeviceState.SEEN, held is not None)


def _note(office: Office, session: Session, account: Account, device: AppDevice, now: datetime) -> None:
    key = device.key
    mine = (DeviceContact.account_id == account.id, DeviceContact.thumbprint == key.thumbprint)
    known = select(DeviceContact).where(*mine, DeviceContact.state == DeviceState.SEEN)
    found = session.scalar(known)
    if found is None:
        found = _contact(office, key, DeviceState.SEEN, now)
        found.account_id = account.id
        session.add(found)
        office.record(session, "device-seen", account, now, row="DS-01", device=key.thumbprint)
    found.label, found.platform = device.label[:80], device.platform[:32]
    found.client_version = device.client_version[:32]
    found.last_at = stamp(now)


def take_over(session: Session, account: Account, device: Device, now: datetime) -> None:
    """The device that was seen is pending now: its row says so, and hands on what it knows (DS-02)."""
    mine = (DeviceContact.account_id == account.id, DeviceContact.thumbprint == device.thumbprint)
    for found in session.scalars(select(DeviceContact).where(*mine, DeviceContact.state == DeviceState.SEEN)):
        device_step(DeviceState.SEEN, DeviceState.PENDING)
        device.platform, device.client_version = found.platform, found.client_version
        device.label = device.label or found.label
        found.state, found.ended_at, found.end_reason = DeviceState.PENDING, stamp(now), TAKEN_OVER


def login_behind(session: Session, transaction: Transaction, most: timedelta) -> Factor | None:
    """The password, when its owner logged in on the transaction's device at most so long before it began (DS-01)."""
    mine = (DeviceContact.account_id == transaction.account_id, DeviceContact.thumbprint == transaction.thumbprint)
    in_time = DeviceContact.last_at >= transaction.opened_at - span(most)
    states = (DeviceState.SEEN, DeviceState.PENDING)
    found = session.scalar(select(DeviceContact.id).where(*mine, in_time, DeviceContact.state.in_(states)).limit(1))
    return Factor.PASSWORD if found else None


def reader(office: Office, session: Session, transaction: Transaction, key: DeviceKey | None, now: datetime,
           label: str = "", platform: str = "") -> DeviceContact:  # fmt: skip
    """Notes a borrowed phone, or without a key the desk's own reader, for as long as the transaction lasts (DS-10)."""
    found = _contact(office, key, DeviceState.READER, now)
    found.label, found.platform = label[:80], platform[:32]
    found.transaction_id, found.account_id = transaction.id, transaction.account_id
    found.expires_at = transaction.expires_at
    session.add(found)
    session.flush()
    return found


def _contact(office: Office, key: DeviceKey | None, state: DeviceState, now: datetime) -> DeviceContact:
    origin = office.origin
    return DeviceContact(
        id=secrets.token_hex(16),
        thumbprint=key.thumbprint if key else "",
        public_key=key.pem if key else "",
        state=state,
        first_at=stamp(now),
        last_at=stamp(now),
        channel=origin.channel,
        station=origin.station,
        officer=origin.officer,
    )
