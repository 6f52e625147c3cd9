"""Locks: a set of grounds for an account, which is free again when the set is empty (AS-06 to AS-09, R-079 to R-091).

Who may set and who may clear a ground says the law of the day. An owner's unlock so leaves an authority's ground alone,
and nobody clears a death.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import accounts, devices, notices, otp, owner_sessions, texts
from cccd_nfc.registry.account_rules import AccountKind, LockingDesk, Rule, rules_on
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.lock_effects import LockReason, Moved, resume_device, stop_device
from cccd_nfc.registry.lock_grounds import (
    ON_REQUEST,
    GroundRule,
    LockGround,
    LockSource,
    Role,
    profile_named,
    profile_on,
    source_of,
)
from cccd_nfc.registry.models import Account, AccountLock
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.origin import Channel
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.states import AccountState, account_step
from cccd_nfc.sentences import Said

NOTHING: Mapping[str, str] = MappingProxyType({})
"""Of an act by nobody who was authenticated as the owner."""


@dataclass(frozen=True, slots=True)
class LockView:
    """One ground of a lock; cleared_at: None while it is open.  profile, clause: the law that it was set under.

    source: what brought it (R-083).
    """

    ground: LockGround
    reason: str
    set_by: Role
    set_at: datetime
    profile: str
    clause: str
    cleared_at: datetime | None
    source: LockSource


# --- acts -------------------------------------------------------------------------------------------------------------


def lock(office: Office, number: str, ground: LockGround, actor: Role, reason: str) -> tuple[LockView, ...]:
    """The open grounds after `ground` is one of them; one that is open already leaves a trace in the audit only.

    Raises RefusedError when the law does not let `actor` set it, or wants a request for it (`lock_requests`),
    UsageError for an owner's reason that is not listed.
    """
    _refuse_requested(ground)
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.LOCK, now, actor)
        account = accounts.find(session, number)
        if ground is LockGround.OWNER_REQUEST:
            refuse_at_other_desk(office, account, now)
        set_ground(office, session, account, ground, actor, reason, now)
        return tuple(_view(each) for each in open_locks(session, account))


def clear(office: Office, number: str, ground: LockGround, actor: Role) -> tuple[LockView, ...]:
    """The grounds that are still open after `ground` has ended (AS-08).

    Raises NotFoundError when it is not open, RefusedError when the law does not let `actor` end it (AS-09), and for
    the owner, who has to prove to be it: `owner_locks.unlock_with_card`.
    """
    if actor is Role.OWNER:
        raise RefusedError("the owner unlocks with the card")
    _refuse_requested(ground)
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.CLEAR_LOCK, now, actor)
        account = accounts.find(session, number)
        clear_ground(office, session, account, ground, actor, now)
        return tuple(_view(each) for each in open_locks(session, account))


def listed(office: Office, number: str) -> tuple[LockView, ...]:
    """Every ground that the account was ever locked on: the open ones first, then the newest."""
    with office.database.write() as session:
        office.may(session, Act.SEE_ACCOUNT, office.clock())
        account = accounts.find(session, number)
        rows = session.scalars(select(AccountLock).where(AccountLock.account_id == account.id))
        return tuple(sorted((_view(row) for row in rows), key=_open_then_newest, reverse=True))


def lock_expired_cards(office: Office) -> int:
    """Locks every account whose owner's card, passport or residence ran out before today in Vietnam; gives how many
    locks (Decree 69/2024 Art. 15).

    Where the registry does not know the day, nothing is locked: it learns it when a card is next shown.
    """
    today = day_in_vietnam(office.clock()).isoformat()
    with office.database.write() as session:
        found = [
            (account.number, ground)
            for ground, kind, last_day in _RUN_OUT
            for account in session.scalars(_late(ground, kind, last_day, today))
        ]
    for number, ground in found:
        lock(office, number, ground, Role.SYSTEM, "")
    return len(found)


_RUN_OUT = (
    (LockGround.CARD_EXPIRED, AccountKind.CITIZEN, Account.card_expires),
    (LockGround.TRAVEL_DOCUMENT_EXPIRED, AccountKind.FOREIGNER, Account.card_expires),
    (LockGround.RESIDENCE_EXPIRED, AccountKind.FOREIGNER, Account.residence_expires),
)
"""Ground -> whose accounts it locks, and the last day on which it does not."""


def _late(ground: LockGround, kind: AccountKind, last_day: InstrumentedAttribute[str], today: str) -> Select[Account]:
    held = select(AccountLock.account_id).where(AccountLock.ground == ground, AccountLock.cleared_at.is_(None))
    run_out = (last_day != "") & (last_day < today)
    open_account = (Account.kind == kind) & (Account.state != AccountState.CLOSED)
    return select(Account).where(run_out, open_account, Account.id.not_in(held))


# --- the same, inside a transaction -----------------------------------------------------------------------------------


def set_ground(
    office: Office, session: Session, account: Account, ground: LockGround, actor: Role, reason: str, now: datetime,
    proved_by: Mapping[str, str] = NOTHING,
) -> int:  # fmt: skip
    """Adds `ground` with all that follows from it (AS-06, AS-07); the number of its entry in the audit log.

    proved_by: of an owner who was authenticated, what `strength.facts` says (L-04).
    """
    session.refresh(account, with_for_update=True)  # a binding must not slip in between, on any database
    profile = profile_on(day_in_vietnam(now))
    rule = _rule(profile.grounds_of(account.kind).get(ground), ground)
    if actor not in rule.set_by:
        raise RefusedError(
            Said(
                "{actor} may not lock an account on the ground {ground} ({clause})",
                actor=actor,
                ground=ground,
                clause=rule.clause,
            )
        )
    row = account_step(AccountState(account.state), AccountState.LOCKED)
    moved = stop_device(session, account, _checked(ground, reason), now)
    devices.end_attempts(session, account, now, "the account was locked")  # an unlock that is under way, too (F5)
    otp.void(session, account, now)
    if _open(session, account, ground):
        return _known_already(office, session, account, moved, now, proved_by)
    owner_sessions.end_all(session, account, now, "the account was locked")
    _become_locked(account)
    session.add(_row(account, ground, actor, reason, profile.id, rule.clause, now))
    session.flush()
    if ground is not LockGround.DECEASED:
        notices.tell(office, session, account, texts.locked_text(ground), now, devices=(moved.to_tell,))
    law = {"ground": ground, "actor": actor, "source": source_of(ground), "profile": profile.id, "clause": rule.clause}
    device = {"device": moved.device, "device_row": moved.row}
    return office.record(session, "account-locked", account, now, row=row, **law, **device, **proved_by)


def clear_ground(
    office: Office, session: Session, account: Account, ground: LockGround, actor: Role, now: datetime,
    proved_by: Mapping[str, str] = NOTHING,
) -> int:  # fmt: skip
    """Ends `ground`; with the last one the account is what it was before (AS-08). The number of its audit entry."""
    session.refresh(account, with_for_update=True)
    found = _open(session, account, ground)
    if found is None:
        raise NotFoundError("the account is not locked on this ground")
    rule = _rule_to_clear(account, found, now)
    if actor not in rule.cleared_by:
        row = " (AS-09)" if not rule.cleared_by else ""
        raise RefusedError(Said("{actor} may not end the ground {ground}{row}", actor=actor, ground=ground, row=row))
    facts = {"actor": actor.value, "clause": rule.clause, "row": "AS-08", **proved_by}
    return _end_ground(office, session, account, found, facts, now)


def correct_death(office: Office, session: Session, account: Account, now: datetime) -> int:
    """Ends a ground of death that was entered wrongly; only two people do that (AS-09, `four_eyes`)."""
    session.refresh(account, with_for_update=True)
    found = _open(session, account, LockGround.DECEASED)
    if found is None:
        raise NotFoundError("the account is not locked on this ground")
    return _end_ground(office, session, account, found, {"actor": "TWO_OFFICERS", "clause": "", "row": "AS-09"}, now)


def _end_ground(
    office: Office, session: Session, account: Account, found: AccountLock, facts: dict[str, str], now: datetime
) -> int:
    ground = LockGround(found.ground)
    found.cleared_at, found.cleared_by = stamp(now), facts["actor"]
    account.version += 1
    session.flush()
    left = open_locks(session, account)
    moved = Moved() if left else _set_free(session, account, now)
    wrong_death = ground is LockGround.DECEASED
    text = texts.corrected_text(bool(left)) if wrong_death else texts.cleared_text(ground, bool(left))
    event = "" if left else "ground-cleared"
    notices.tell(office, session, account, text, now, event=event, devices=(moved.to_tell,))
    told = {**facts, "ground": ground, "left": str(len(left)), "device": moved.device, "device_row": moved.row}
    return office.record(session, "ground-cleared", account, now, **told)


def open_locks(session: Session, account: Account) -> Sequence[AccountLock]:
    """The open grounds, the oldest first."""
    mine = (AccountLock.account_id == account.id, AccountLock.cleared_at.is_(None))
    return session.scalars(select(AccountLock).where(*mine).order_by(AccountLock.set_at)).all()


def refuse_at_other_desk(office: Office, account: Account, now: datetime) -> None:
    """RefusedError at another desk than the one that opened the account, where the law of the day says so (R-076)."""
    rules, origin = rules_on(day_in_vietnam(now)), office.origin
    here = not account.station or origin.channel is not Channel.DESK or origin.station == account.station
    if rules.owner_locks_at is LockingDesk.REGISTERING_DESK and not here:
        raise RefusedError(
            Said("the account is locked at the desk that opened it ({clause})", clause=rules.clauses[Rule.LOCKS])
        )


# --- parts ------------------------------------------------------------------------------------------------------------


def _refuse_requested(ground: LockGround) -> None:
    if ground in ON_REQUEST:
        raise RefusedError(
            Said("the ground {ground} is set and ended by a request that is filed and decided", ground=ground)
        )


def _rule(rule: GroundRule | None, ground: LockGround) -> GroundRule:
    if rule is None:
        raise RefusedError(Said("the law in force knows no lock on the ground {ground}", ground=ground))
    return rule


def _rule_to_clear(account: Account, found: AccountLock, now: datetime) -> GroundRule:
    """Of the law of today; where that has the ground no longer, of the law that it was set under."""
    ground = LockGround(found.ground)
    today = profile_on(day_in_vietnam(now)).grounds_of(account.kind).get(ground)
    return today or _rule(profile_named(found.profile).grounds_of(account.kind).get(ground), ground)


def _checked(ground: LockGround, reason: str) -> str:
    """The reason of an owner; UsageError for one that is not on the list. Other grounds say nothing about a device."""
    if ground is not LockGround.OWNER_REQUEST:
        return ""
    try:
        return LockReason(reason)
    except ValueError as error:
        raise UsageError(Said("the reason must be one of: {reasons}", reasons=", ".join(LockReason))) from error


def _open(session: Session, account: Account, ground: LockGround) -> AccountLock | None:
    return next((each for each in open_locks(session, account) if each.ground == ground), None)


def _known_already(
    office: Office, session: Session, account: Account, moved: Moved, now: datetime, proved_by: Mapping[str, str]
) -> int:
    """An owner who locked before may say only now that the device is lost: that still ends it."""
    if not moved.device:
        return office.record(session, "lock-repeated", account, now, row="AS-07", **proved_by)
    account.version += 1
    return office.record(session, "device-revoked", account, now, row=moved.row, device=moved.device, **proved_by)


def _become_locked(account: Account) -> None:
    if account.state != AccountState.LOCKED:
        account.state_before_lock, account.state = account.state, AccountState.LOCKED
    account.version += 1


def _set_free(session: Session, account: Account, now: datetime) -> Moved:
    before = AccountState(account.state_before_lock)
    account_step(AccountState(account.state), before)
    account.state, account.state_before_lock = before, ""
    return resume_device(session, account, now)


def _row(
    account: Account, ground: LockGround, actor: Role, reason: str, profile: str, clause: str, now: datetime
) -> AccountLock:
    return AccountLock(
        id=secrets.token_hex(16),
        account_id=account.id,
        ground=ground,
        reason=reason[:200],
        profile=profile,
        clause=clause,
        set_by=actor,
        source=source_of(ground),
        set_at=stamp(now),
        cleared_by="",
    )


def _view(row: AccountLock) -> LockView:
    return LockView(
        ground=LockGround(row.ground),
        reason=row.reason,
        set_by=Role(row.set_by),
        set_at=moment_of(row.set_at),
        profile=row.profile,
        clause=row.clause,
        cleared_at=moment_of(row.cleared_at) if row.cleared_at is not None else None,
        source=LockSource(row.source),
    )


def _open_then_newest(lock: LockView) -> tuple[bool, int]:
    return lock.cleared_at is None, stamp(lock.set_at)
