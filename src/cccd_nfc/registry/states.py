"""The states of accounts, devices and transactions, and the only ways between them, as tables.

The rows AS- and DS- are those of the registry's requirements; `docs/registry.md` is drawn from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from cccd_nfc.errors import RefusedError
from cccd_nfc.sentences import Said


class AccountState(StrEnum):
    ISSUED = "ISSUED"
    ISSUED_LATE = "ISSUED_LATE"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"
    CLOSED = "CLOSED"


class DeviceState(StrEnum):
    """SEEN and READER are of devices that are not bound: they have seen a login, or have read for another's phone.

    A device that a lock has stopped stays SUSPENDED after the lock, until its next call proves its key (DS-08): an
    unlock shows that the owner is there, and not that the phone still is the owner's. PROVISIONAL is not ACTIVE.
    """

    SEEN = "SEEN"
    READER = "READER"
    PROVISIONAL = "PROVISIONAL"
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
    UNLOCK_AND_BIND = "unlock-and-bind"
    ASSIST = "assist"
    LEVEL_2 = "level-2"
    REPRESENT = "represent"
    ENROL_FOREIGNER = "enrol-foreigner"
    RENEW_PASSPORT = "renew-passport"
    ACTIVATE_WEB = "activate-web"
    RESET = "reset"
    CLEAR_HOLD = "clear-hold"
    CHANGE_PHONE = "change-phone"
    SET_EMAIL = "set-email"


class TransactionState(StrEnum):
    OPEN = "OPEN"
    PENDING = "PENDING"
    DONE = "DONE"
    VOID = "VOID"


class ApplicationState(StrEnum):
    """Of an application for level 2. The three in the middle are what the national database answered (R-067)."""

    WITH_CARD_ISSUE = "WITH_CARD_ISSUE"
    RECEIVED = "RECEIVED"
    MATCHED = "MATCHED"
    NO_MATCH = "NO_MATCH"
    UNAVAILABLE = "UNAVAILABLE"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


ACCOUNT_TRANSITIONS: Mapping[tuple[AccountState, AccountState], str] = {
    (AccountState.ISSUED, AccountState.ACTIVE): "AS-03",
    (AccountState.ISSUED, AccountState.ISSUED_LATE): "AS-04",
    (AccountState.ISSUED_LATE, AccountState.ACTIVE): "AS-05",
    (AccountState.ACTIVE, AccountState.ACTIVE): "AS-11",
    (AccountState.ISSUED, AccountState.LOCKED): "AS-06",
    (AccountState.ISSUED_LATE, AccountState.LOCKED): "AS-06",
    (AccountState.ACTIVE, AccountState.LOCKED): "AS-06",
    (AccountState.LOCKED, AccountState.LOCKED): "AS-07",
    (AccountState.LOCKED, AccountState.ISSUED): "AS-08",
    (AccountState.LOCKED, AccountState.ISSUED_LATE): "AS-08",
    (AccountState.LOCKED, AccountState.ACTIVE): "AS-08",
    (AccountState.ISSUED, AccountState.CLOSED): "AS-15",
    (AccountState.ISSUED_LATE, AccountState.CLOSED): "AS-15",
    (AccountState.ACTIVE, AccountState.CLOSED): "AS-15",
    (AccountState.LOCKED, AccountState.CLOSED): "AS-15",
}

DEVICE_TRANSITIONS: Mapping[tuple[DeviceState, DeviceState], str] = {
    (DeviceState.SEEN, DeviceState.PENDING): "DS-02",
    (DeviceState.PENDING, DeviceState.ACTIVE): "DS-03",
    (DeviceState.ACTIVE, DeviceState.REPLACED): "DS-03",
    (DeviceState.SUSPENDED, DeviceState.REPLACED): "DS-03",
    (DeviceState.PENDING, DeviceState.EXPIRED): "DS-04",
    (DeviceState.ACTIVE, DeviceState.UNLINKED): "DS-05",
    (DeviceState.SUSPENDED, DeviceState.UNLINKED): "DS-05",
    (DeviceState.ACTIVE, DeviceState.REVOKED): "DS-06",
    (DeviceState.SUSPENDED, DeviceState.REVOKED): "DS-06",
    (DeviceState.ACTIVE, DeviceState.SUSPENDED): "DS-07",
    (DeviceState.SUSPENDED, DeviceState.ACTIVE): "DS-08",
    (DeviceState.READER, DeviceState.EXPIRED): "DS-10",
    (DeviceState.PROVISIONAL, DeviceState.ACTIVE): "DS-12",
    (DeviceState.PROVISIONAL, DeviceState.EXPIRED): "DS-12",
}

APPLICATION_TRANSITIONS: Mapping[tuple[ApplicationState, ApplicationState], str] = {
    (ApplicationState.WITH_CARD_ISSUE, ApplicationState.RECEIVED): "R-070",
    (ApplicationState.RECEIVED, ApplicationState.MATCHED): "R-067",
    (ApplicationState.RECEIVED, ApplicationState.NO_MATCH): "R-067",
    (ApplicationState.RECEIVED, ApplicationState.UNAVAILABLE): "R-067",
    (ApplicationState.UNAVAILABLE, ApplicationState.MATCHED): "R-067",
    (ApplicationState.UNAVAILABLE, ApplicationState.NO_MATCH): "R-067",
    (ApplicationState.UNAVAILABLE, ApplicationState.UNAVAILABLE): "R-067",
    (ApplicationState.MATCHED, ApplicationState.ISSUED): "AS-02",
    (ApplicationState.WITH_CARD_ISSUE, ApplicationState.REFUSED): "R-069",
    (ApplicationState.RECEIVED, ApplicationState.REFUSED): "R-069",
    (ApplicationState.MATCHED, ApplicationState.REFUSED): "R-069",
    (ApplicationState.NO_MATCH, ApplicationState.REFUSED): "R-069",
    (ApplicationState.UNAVAILABLE, ApplicationState.REFUSED): "R-069",
}
DEVICE_BEGINNINGS: Mapping[DeviceState, str] = {
    DeviceState.SEEN: "DS-01",
    DeviceState.PENDING: "DS-02",
    DeviceState.READER: "DS-10",
    DeviceState.PROVISIONAL: "DS-11",
}
"""The states that a device may begin with, and the rows that say so."""

HELD = (DeviceState.ACTIVE, DeviceState.SUSPENDED)
"""States of a device that is its account's one device: in use, or stopped until it proves its key."""

ENDED = (DeviceState.UNLINKED, DeviceState.REPLACED, DeviceState.REVOKED, DeviceState.EXPIRED)
"""States from which no device comes back; a phone that learns of one wipes what it holds (R-022)."""

USABLE = (AccountState.ISSUED, AccountState.ACTIVE)
"""States in which a device may be bound."""


def account_step(before: AccountState, after: AccountState) -> str:
    """The row that allows the step; RefusedError when none does."""
    try:
        return ACCOUNT_TRANSITIONS[before, after]
    except KeyError as error:
        raise RefusedError(
            Said("an account that is {before} cannot become {after}", before=before, after=after)
        ) from error


def device_step(before: DeviceState, after: DeviceState) -> str:
    """The row that allows the step; RefusedError when none does."""
    try:
        return DEVICE_TRANSITIONS[before, after]
    except KeyError as error:
        raise RefusedError(
            Said("a device that is {before} cannot become {after}", before=before, after=after)
        ) from error


def application_step(before: ApplicationState, after: ApplicationState) -> str:
    """The row that allows the step; RefusedError when none does."""
    try:
        return APPLICATION_TRANSITIONS[before, after]
    except KeyError as error:
        raise RefusedError(
            Said("an application that is {before} cannot become {after}", before=before.value, after=after.value)
        ) from error
