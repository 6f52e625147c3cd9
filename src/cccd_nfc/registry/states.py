"""The states of accounts, devices and transactions, and the only ways between them, as tables.

The rows AS- and DS- are those of the registry's requirements; `docs/registry.md` is drawn from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cccd_nfc.errors import RefusedError


class AccountState(StrEnum):
    ISSUED = "ISSUED"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    CLOSED = "CLOSED"


class DeviceState(StrEnum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    UNLINKED = "UNLINKED"
    REPLACED = "REPLACED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class Purpose(StrEnum):
    """What a transaction, its chip challenge and its OTP are for; none of them works for another purpose."""

    ENROL = "enrol"
    ACTIVATE = "activate"
    UNLINK = "unlink"
    LOCK = "lock"
    UNLOCK = "unlock"
    CLEAR_HOLD = "clear-hold"
    CHANGE_PHONE = "change-phone"
    SET_EMAIL = "set-email"


class TransactionState(StrEnum):
    OPEN = "OPEN"
    PENDING = "PENDING"
    DONE = "DONE"
    VOID = "VOID"


ACCOUNT_TRANSITIONS: Mapping[tuple[AccountState, AccountState], str] = {
    (AccountState.ISSUED, AccountState.ACTIVE): "AS-03",
    (AccountState.ACTIVE, AccountState.ACTIVE): "AS-11",
    (AccountState.ISSUED, AccountState.LOCKED): "AS-06",
    (AccountState.ACTIVE, AccountState.LOCKED): "AS-06",
    (AccountState.LOCKED, AccountState.LOCKED): "AS-07",
    (AccountState.LOCKED, AccountState.ISSUED): "AS-08",
    (AccountState.LOCKED, AccountState.ACTIVE): "AS-08",
    (AccountState.ISSUED, AccountState.CLOSED): "AS-15",
    (AccountState.ACTIVE, AccountState.CLOSED): "AS-15",
    (AccountState.LOCKED, AccountState.CLOSED): "AS-15",
}

DEVICE_TRANSITIONS: Mapping[tuple[DeviceState, DeviceState], str] = {
    (DeviceState.PENDING, DeviceState.ACTIVE): "DS-03",
    (DeviceState.ACTIVE, DeviceState.REPLACED): "DS-03",
    (DeviceState.PENDING, DeviceState.EXPIRED): "DS-04",
    (DeviceState.ACTIVE, DeviceState.UNLINKED): "DS-05",
    (DeviceState.ACTIVE, DeviceState.REVOKED): "DS-06",
    (DeviceState.SUSPENDED, DeviceState.REVOKED): "DS-06",
    (DeviceState.ACTIVE, DeviceState.SUSPENDED): "DS-07",
    (DeviceState.SUSPENDED, DeviceState.ACTIVE): "DS-08",
}

USABLE = (AccountState.ISSUED, AccountState.ACTIVE)
"""States in which a device may be bound."""


def account_step(before: AccountState, after: AccountState) -> str:
    """The row that allows the step; RefusedError when none does."""
    try:
        return ACCOUNT_TRANSITIONS[before, after]
    except KeyError as error:
        raise RefusedError(f"an account that is {before} cannot become {after}") from error


def device_step(before: DeviceState, after: DeviceState) -> str:
    """The row that allows the step; RefusedError when none does."""
    try:
        return DEVICE_TRANSITIONS[before, after]
    except KeyError as error:
        raise RefusedError(f"a device that is {before} cannot become {after}") from error
