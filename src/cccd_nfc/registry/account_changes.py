"""What changed an account last, when and at which desk: what the loser of a race is told (S-31)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError
from cccd_nfc.registry.clock import VIETNAM, moment_of, stamp
from cccd_nfc.registry.models import Account, AccountChange
from cccd_nfc.registry.origin import Origin
from cccd_nfc.sentences import Said


def note(session: Session, account: Account, now: datetime, entry: int, origin: Origin) -> None:
    """Keeps where the account's version comes from, if the act of this audit entry is what gave it."""
    found = session.get(AccountChange, account.id)
    if found is None:
        found = AccountChange(account_id=account.id, version=-1)
        session.add(found)
    if found.version != account.version:
        found.version, found.at, found.entry = account.version, stamp(now), entry
        found.channel, found.station = origin.channel, origin.station
    session.flush()


def last(session: Session, account: Account) -> AccountChange | None:
    """The last change; None for an account that was last changed under an earlier version of this program."""
    found = session.get(AccountChange, account.id)
    return found if found is not None and found.version == account.version else None


def conflict(session: Session, account: Account) -> ConflictError:
    """What the loser is told: the winner's time in Vietnam, and the desk where there was one."""
    found = last(session, account)
    if found is None:
        return ConflictError("the account was changed by another desk meanwhile; begin again")
    at = moment_of(found.at)
    time = f"{at.astimezone(VIETNAM):%H:%M:%S %d/%m/%Y}"
    if not found.station:
        said = Said("the account was changed at {time} (Vietnam time) meanwhile; begin again", time=time)
        return ConflictError(said, at=at)
    sentence = "the account was changed at {time} (Vietnam time) at the desk {station} meanwhile; begin again"
    return ConflictError(Said(sentence, time=time, station=found.station), at=at, station=found.station)
