"""Devices: at most one active, and a history that nothing is ever taken off (R-014 to R-022, S-21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError
from cccd_nfc.evidence import Evidence
from cccd_nfc.registry import accounts
from cccd_nfc.registry.card_proof import with_card
from cccd_nfc.registry.clock import moment_of, stamp
from cccd_nfc.registry.messages import SIM, unlinked_text
from cccd_nfc.registry.models import Account, Device, Transaction
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import DeviceState, Purpose, TransactionState, device_step


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One line of the device list. channel, station, officer: where it was bound, empty where that is not known."""

    id: str
    thumbprint: str
    label: str
    state: DeviceState
    grade: str
    bound_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    channel: str
    station: str
    officer: str


def listed(office: Office, number: str) -> tuple[DeviceView, ...]:
    """Every device that the account ever had: the active one first, then the newest."""
    with office.database.write() as session:
        office.may(session, Act.SEE_ACCOUNT, office.clock())
        account = accounts.find(session, number)
        rows = session.scalars(select(Device).where(Device.account_id == account.id))
        return tuple(sorted((_view(device) for device in rows), key=_active_then_newest, reverse=True))


def unlink(office: Office, transaction_id: str, evidence: Evidence) -> str:
    """Ends the active device of the card's owner (DS-05); at a desk the chip stands for the login. A signed receipt."""
    with with_card(office, transaction_id, Purpose.UNLINK, evidence) as proof:
        session, transaction, now = proof.session, proof.transaction, proof.now
        account = accounts.find(session, proof.verified.identity.personal_number)
        device = active(session, account)
        if device is None:
            raise NotFoundError("the account has no active device")
        if transaction.thumbprint and transaction.thumbprint != device.thumbprint:
            raise ConflictError("the active device is another one by now")
        end(device, DeviceState.UNLINKED, now, "unlinked by the owner")
        account.version += 1
        transaction.account_id, transaction.device_id = account.id, device.id
        entry = office.record(session, "device-unlinked", account, now, row="DS-05", device=device.thumbprint)
        office.notify(session, SIM, account.phone, unlinked_text(short(device.thumbprint)), now)
        transaction.state = TransactionState.DONE
        transaction.receipt = office.receipt(session, "device-unlinked", account, device, transaction, entry, now)
        return transaction.receipt


def active(session: Session, account: Account) -> Device | None:
    return session.scalar(select(Device).where(Device.account_id == account.id, Device.state == DeviceState.ACTIVE))


def end(device: Device, state: DeviceState, now: datetime, reason: str) -> None:
    """Brings the device to a state it does not come back from; RefusedError when the table has no such step."""
    device_step(DeviceState(device.state), state)
    device.state, device.ended_at, device.end_reason = state, stamp(now), reason


def end_attempts(session: Session, account: Account, now: datetime, reason: str) -> None:
    """Ends every activation of the account that waits for its code (DS-04)."""
    pending = select(Device).where(Device.account_id == account.id, Device.state == DeviceState.PENDING)
    for device in session.scalars(pending):
        end(device, DeviceState.EXPIRED, now, reason)
    session.execute(
        update(Transaction)
        .where(Transaction.account_id == account.id, Transaction.state == TransactionState.PENDING)
        .values(state=TransactionState.VOID)
    )


def _active_then_newest(device: DeviceView) -> tuple[bool, int]:
    return device.state is DeviceState.ACTIVE, stamp(device.bound_at) if device.bound_at else 0


def _view(device: Device) -> DeviceView:
    return DeviceView(
        id=device.id,
        thumbprint=device.thumbprint,
        label=device.label,
        state=DeviceState(device.state),
        grade=device.grade,
        bound_at=moment_of(device.bound_at) if device.bound_at else None,
        ended_at=moment_of(device.ended_at) if device.ended_at else None,
        end_reason=device.end_reason,
        channel=device.channel,
        station=device.station,
        officer=device.officer,
    )
