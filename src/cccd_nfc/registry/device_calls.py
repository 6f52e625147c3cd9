"""Calls of bound devices: each proves the device's key, and learns how the device stands (S-26, R-015, R-022, DS-08).

A device that has ended gets a wipe order with every call: what it holds of the account is not its to keep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import accounts, bound_tokens, device_expiry, devices, dpop, unlinking
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.messages import DEVICE
from cccd_nfc.registry.models import Account, Device, DeviceContact, Message, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.states import ENDED, HELD, AccountState, DeviceState, Purpose, device_step
from cccd_nfc.registry.strength import Factor

Waiting: TypeAlias = Callable[[Session, str], int]
"""Gives for a device's thumbprint how many messages wait for it."""

_NOT_ACTIVE = "this device is not active: the account is used on another device, or not at all"
_ALIVE = (*HELD, DeviceState.PENDING, DeviceState.PROVISIONAL)


def unsent(session: Session, thumbprint: str) -> int:
    """Messages to the device that its channel has not taken yet."""
    mine = (Message.channel == DEVICE, Message.recipient_index == thumbprint, Message.sent_at.is_(None))
    return session.scalar(select(func.count()).where(*mine)) or 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands. wipe: it must delete what it holds of the account.  waiting: messages for it.

    nonce: for its next call.  account_id: the registry's own id, for acts within the registry; no app is told it.
    """

    thumbprint: str
    state: DeviceState
    wipe: bool
    waiting: int
    nonce: str = field(repr=False)
    account_id: str = field(repr=False)

    def require_active(self) -> None:
        """RefusedError unless the device is its account's active one: from the commit of a newer one on (R-015)."""
        if self.state is not DeviceState.ACTIVE:
            raise RefusedError(_NOT_ACTIVE)


@dataclass(frozen=True, slots=True)
class DeviceCalls:
    office: Office
    waiting: Waiting = unsent

    def nonce(self) -> str:
        """A nonce for a device's next proof."""
        return self._nonces.issue(self.office.clock())

    def prove(self, proof: str, htm: str, htu: str, *, access_token: str = "") -> DeviceKey:
        """The key that has signed `proof` for this call and has not shown it before (S-26); raises as `dpop.verify`."""
        held = dpop.verify(proof, htm, htu, self._nonces, self.office.clock(), access_token=access_token)
        with self.office.database.write() as session:
            dpop.remember(session, held)
        return held.key

    def call(self, proof: str, htm: str, htu: str, *, access_token: str = "", number: str | None = None) -> Standing:
        """How the device that signed `proof` stands; a suspended one whose account is free is active from now (DS-08).

        number: the account meant, where a family shares the phone. Raises what `dpop.verify` raises, NotFoundError for
        a key that never was a device, UsageError where the account must be named.
        """
        now = self.office.clock()
        held = dpop.verify(proof, htm, htu, self._nonces, now, access_token=access_token)
        with self.office.database.write() as session:
            dpop.remember(session, held)
            return self._how_it_stands(session, held.key.thumbprint, number, now)

    def standing(self, key: DeviceKey, *, number: str | None = None) -> Standing:
        """The same for a device that has proved its key for this call by `prove`."""
        now = self.office.clock()
        with self.office.database.write() as session:
            return self._how_it_stands(session, key.thumbprint, number, now)

    def unlink(self, proof: str, htm: str, htu: str, *, access_token: str = "", number: str | None = None) -> str:
        """The active device ends itself: its owner has said yes on it (DS-05). A signed receipt; no card is needed.

        Asked again by the device that it has ended, it gives the same receipt (R-020).
        """
        now = self.office.clock()
        held = dpop.verify(proof, htm, htu, self._nonces, now, access_token=access_token)
        with self.office.database.write() as session:
            dpop.remember(session, held)
            return self._unlinked(session, held.key.thumbprint, number, now)

    def unlink_itself(self, key: DeviceKey, *, number: str | None = None) -> str:
        """The same for a device that has proved its key for this call by `prove`."""
        now = self.office.clock()
        with self.office.database.write() as session:
            return self._unlinked(session, key.thumbprint, number, now)

    def bind(self, login: str, key: DeviceKey) -> str:
        """The token of a login as an app gets it: of use to this key alone."""
        return bound_tokens.bind(self.office.keys.code, login, key.thumbprint)

    def login_of(self, token: str, key: DeviceKey) -> str:
        """The login's own token, when this key has opened it; LoginNeededError otherwise. Each act asks if it holds."""
        return bound_tokens.login_of(self.office.keys.code, token, key.thumbprint)

    @property
    def _nonces(self) -> dpop.Nonces:
        return dpop.Nonces.of(self.office.keys.code)

    def _how_it_stands(self, session: Session, thumbprint: str, number: str | None, now: datetime) -> Standing:
        account_id = accounts.find(session, number).id if number is not None else ""
        device = _newest(session, thumbprint, account_id)
        if device is None:
            return self._of_contact(session, thumbprint, account_id, now)
        account = session.get_one(Account, device.account_id)
        device_expiry.sweep(self.office, session, account, now)
        self._resume(session, account, device, now)
        if device.state == DeviceState.ACTIVE:
            device.last_used_at = stamp(now)
        if DeviceState(device.state) in ENDED:
            self._order_wipe(session, account, device, now)
        return self._standing(session, thumbprint, device.state, account.id, now)

    def _unlinked(self, session: Session, thumbprint: str, number: str | None, now: datetime) -> str:
        account_id = accounts.find(session, number).id if number is not None else ""
        device = _newest(session, thumbprint, account_id)
        if device is not None and device.state == DeviceState.UNLINKED:
            return _receipt_of(session, device)
        if device is None or device.state not in HELD:
            raise RefusedError(_NOT_ACTIVE)
        transaction = unlinking.begun(session, device.thumbprint, now)
        account = session.get_one(Account, device.account_id)
        return unlinking.unlink_within(self.office, session, account, transaction, now, Factor.DEVICE_KEY)

    def _resume(self, session: Session, account: Account, device: Device, now: datetime) -> None:
        if device.state != DeviceState.SUSPENDED or account.state != AccountState.ACTIVE:
            return
        devices.refuse_revoked(session, device.thumbprint)
        devices.refuse_taken(session, account, device.thumbprint, self.office.devices.accounts_per_key)
        row = device_step(DeviceState.SUSPENDED, DeviceState.ACTIVE)
        device.state = DeviceState.ACTIVE
        account.version += 1
        self.office.record(session, "device-resumed", account, now, row=row, device=device.thumbprint)

    def _order_wipe(self, session: Session, account: Account, device: Device, now: datetime) -> None:
        """Noted the first time; the order is given every time, since the phone may not have come to it."""
        if device.wipe_told_at is None:
            device.wipe_told_at = stamp(now)
            self.office.record(session, "wipe-ordered", account, now, row="R-022", device=device.thumbprint)

    def _of_contact(self, session: Session, thumbprint: str, account_id: str, now: datetime) -> Standing:
        """A device that was seen or has read, and is not bound."""
        mine = select(DeviceContact).where(DeviceContact.thumbprint == thumbprint)
        if account_id:
            mine = mine.where(DeviceContact.account_id == account_id)
        devices.drop_forgotten(session, now)
        found = session.scalars(mine.order_by(DeviceContact.last_at.desc())).first()
        if found is None:
            raise NotFoundError("there is no such device")
        found.last_at = stamp(now)
        return self._standing(session, thumbprint, found.state, found.account_id or "", now)

    def _standing(self, session: Session, thumbprint: str, state: str, account_id: str, now: datetime) -> Standing:
        wipe = DeviceState(state) in ENDED
        waiting = 0 if wipe else self.waiting(session, thumbprint)
        return Standing(thumbprint, DeviceState(state), wipe, waiting, self._nonces.issue(now), account_id)


def _newest(session: Session, thumbprint: str, account_id: str) -> Device | None:
    """The row that says how the key stands: one that is alive, else the one that ended last."""
    mine = select(Device).where(Device.thumbprint == thumbprint)
    if account_id:
        mine = mine.where(Device.account_id == account_id)
    found = session.scalars(mine.order_by(Device.id)).all()
    alive = [each for each in found if each.state in _ALIVE]
    if len({each.account_id for each in alive if each.state in HELD}) > 1:
        raise UsageError("this phone serves more than one account: say which")
    in_order = sorted(alive, key=lambda each: _ALIVE.index(DeviceState(each.state)))
    in_order += sorted(found, key=lambda each: each.ended_at or 0, reverse=True)
    return in_order[0] if in_order else None


def _receipt_of(session: Session, device: Device) -> str:
    done = (Transaction.device_id == device.id, Transaction.purpose == Purpose.UNLINK)
    return session.scalar(select(Transaction.receipt).where(*done)) or ""
