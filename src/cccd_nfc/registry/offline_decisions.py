"""What the registry decides on a provisional binding, by its own order of receipt (S-40, DS-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError
from cccd_nfc.registry import (
    account_secrets,
    accounts,
    activation,
    attestations,
    devices,
    notices,
    otp,
    representatives,
    strength,
)
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.models import Account, AccountChange, Device, OfflineRecord
from cccd_nfc.registry.office import Office, short
from cccd_nfc.registry.offline_records import BOUND, LOST, PROVISIONAL
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.states import AccountState, DeviceState, account_step, device_step
from cccd_nfc.registry.strength import Factor

_CONFLICT = "the account was changed since the desk's last contact"


def decide(office: Office, session: Session, row: OfflineRecord) -> None:
    """The same compare-and-swap as at a desk with a line (DS-12)."""
    now = office.clock()
    if row.outcome != PROVISIONAL:
        return  # another process was faster
    device = session.get_one(Device, row.device_id)
    account = session.get_one(Account, device.account_id)
    office = replace(office, origin=Origin(Channel.DESK, device.officer, device.station))
    try:
        accounts.refuse_unusable(account, now)
        _refuse_without_secrets(office, account)
        attestations.refuse_missing(office, account, device.attestation_format)
        representatives.refuse_without_consent(session, account, now)
        devices.refuse_revoked(session, device.thumbprint)
        devices.refuse_taken(session, account, device.thumbprint, office.devices.accounts_per_key)
        _swap(session, account, row.seen_entry)
    except (RefusedError, ConflictError) as error:
        row.outcome, row.reason = LOST, f"conflict: {error}"
        _lose(office, session, account, device, row.reason, now)
    else:
        _win(office, session, account, device, now)
        row.outcome = BOUND
    row.settled_at = stamp(now)


def _refuse_without_secrets(office: Office, account: Account) -> None:
    """A journal carries no secrets: where a first activation sets them, it takes a desk with a line (AS-03)."""
    if office.secrets.at_first_activation and account_secrets.is_first_activation(account):
        raise RefusedError("the first activation sets the owner's secrets, and takes a desk with a line")


def _swap(session: Session, account: Account, seen: int) -> None:
    """Takes the account's next version, if nothing has changed it after the entry that the desk has seen."""
    last = session.get(AccountChange, account.id)
    if last is not None and (last.version != account.version or last.entry > seen):
        raise ConflictError(_CONFLICT)
    done = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.version == account.version)
        .values(version=Account.version + 1)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        raise ConflictError(_CONFLICT)
    session.refresh(account)


def _win(office: Office, session: Session, account: Account, device: Device, now: datetime) -> None:
    devices.end_attempts(session, account, now, "an offline desk's binding came first")
    otp.void(session, account, now)
    replaced = activation.replace_current(session, account, now)
    row = device_step(DeviceState(device.state), DeviceState.ACTIVE)
    device.state, device.bound_at = DeviceState.ACTIVE, stamp(now)
    device.shared = int(office.devices.accounts_per_key > 1)
    account_step(AccountState(account.state), AccountState.ACTIVE)
    account.state = AccountState.ACTIVE
    session.flush()
    proved_by = strength.facts(Factor.CARD, Factor.DEVICE_KEY, Factor.FACE)  # no record is taken without the look
    facts = {"device": device.thumbprint, "replaced": replaced, **proved_by}
    office.record(session, "device-bound", account, now, row=row, **facts)
    activation.announce(office, session, account, device.thumbprint, replaced, now)


def _lose(office: Office, session: Session, account: Account, device: Device, reason: str, now: datetime) -> None:
    row = device_step(DeviceState(device.state), DeviceState.EXPIRED)
    devices.end(device, DeviceState.EXPIRED, now, reason)
    office.record(session, "offline-binding-lost", account, now, row=row, device=device.thumbprint)
    text = lost_text(short(device.thumbprint))
    notices.tell(office, session, account, text, now, devices=(device.thumbprint,))


def lost_text(device: str) -> str:
    """The notice to the owner whose offline binding did not win, at most 160 characters of GSM."""
    return f"Thiet bi {device} lien ket ngoai tuyen KHONG duoc kich hoat: tai khoan da thay doi. Hoi dap: {HOTLINE}."
