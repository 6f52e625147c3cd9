"""Keys that are a station's or an officer's: they never become the device of an account (A12, DS-10).

Somebody's account was once activated on a phone of the desk, and its codes went there ever after.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, RefusedError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Device, ReservedKey
from cccd_nfc.registry.states import DeviceState

_LIVING = (DeviceState.PENDING, DeviceState.ACTIVE, DeviceState.SUSPENDED)


class KeyHolder(StrEnum):
    """OFFICER_PHONE: a duty phone.  OFFICER_KEY: a FIDO2 key with which an officer logs in."""

    STATION = "station"
    OFFICER_PHONE = "officer-phone"
    OFFICER_KEY = "officer-key"


def reserve(session: Session, thumbprint: str, kind: KeyHolder, holder: str, now: datetime) -> None:
    """The key is a station's or an officer's from now on, and for ever.

    ConflictError when it is another's already, or the device of an account.
    """
    if session.get(ReservedKey, thumbprint) is not None:
        raise ConflictError("this key is registered already")
    if session.scalar(select(Device.id).where(Device.thumbprint == thumbprint, Device.state.in_(_LIVING))):
        raise ConflictError("this key is the device of an account")
    session.add(ReservedKey(thumbprint=thumbprint, kind=kind, holder=holder, added_at=stamp(now)))
    session.flush()


def refuse_reserved(session: Session, thumbprint: str) -> None:
    """RefusedError for a key that is a station's or an officer's, be they enabled or not."""
    if session.get(ReservedKey, thumbprint) is not None:
        raise RefusedError("this is the key of a desk or of an officer: it cannot be the device of an account (A12)")
