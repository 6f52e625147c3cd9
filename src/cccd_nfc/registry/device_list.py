"""The owner's list of devices: every one that was bound, seen or lent, with what makes a strange one known (R-016)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cccd_nfc.registry import accounts, device_expiry
from cccd_nfc.registry.clock import moment_of, stamp
from cccd_nfc.registry.device_contacts import TAKEN_OVER
from cccd_nfc.registry.models import Device, DeviceContact
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import DeviceState


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One line of the device list. channel, station, officer: where it was bound, empty where that is not known.

    first_used_at, last_used_at: of a bound device when it was bound and its last signed call; of one that was only
    seen or only read, its first and last contact. grade: empty for those.
    """

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
    platform: str
    client_version: str
    first_used_at: datetime | None
    last_used_at: datetime | None


def listed(office: Office, number: str) -> tuple[DeviceView, ...]:
    """Every device that the account ever had or saw: the active one first, then the newest (R-016, R-017)."""
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.SEE_ACCOUNT, office.clock())
        account = accounts.find(session, number)
        device_expiry.sweep(office, session, account, now)
        bound = session.scalars(select(Device).where(Device.account_id == account.id))
        contacts = select(DeviceContact).where(
            DeviceContact.account_id == account.id, DeviceContact.end_reason != TAKEN_OVER
        )
        views = [_view(device) for device in bound] + [_view_of_contact(each) for each in session.scalars(contacts)]
        return tuple(sorted(views, key=_active_then_newest, reverse=True))


def _active_then_newest(device: DeviceView) -> tuple[bool, int]:
    at = device.bound_at or device.first_used_at
    return device.state is DeviceState.ACTIVE, stamp(at) if at else 0


def _view(device: Device) -> DeviceView:
    bound = _moment(device.bound_at)
    return DeviceView(
        id=device.id,
        thumbprint=device.thumbprint,
        label=device.label,
        state=DeviceState(device.state),
        grade=device.grade,
        bound_at=bound,
        ended_at=_moment(device.ended_at),
        end_reason=device.end_reason,
        channel=device.channel,
        station=device.station,
        officer=device.officer,
        platform=device.platform,
        client_version=device.client_version,
        first_used_at=bound,
        last_used_at=_moment(device.last_used_at) or bound,
    )


def _view_of_contact(contact: DeviceContact) -> DeviceView:
    return DeviceView(
        id=contact.id,
        thumbprint=contact.thumbprint,
        label=contact.label,
        state=DeviceState(contact.state),
        grade="",
        bound_at=None,
        ended_at=_moment(contact.ended_at),
        end_reason=contact.end_reason,
        channel=contact.channel,
        station=contact.station,
        officer=contact.officer,
        platform=contact.platform,
        client_version=contact.client_version,
        first_used_at=moment_of(contact.first_at),
        last_used_at=moment_of(contact.last_at),
    )


def _moment(stamped: int | None) -> datetime | None:
    return moment_of(stamped) if stamped is not None else None
