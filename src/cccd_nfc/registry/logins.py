"""Owners log in by personal number and password (R-003, R-028), and what they do then.

To strangers there is one answer, at one cost, whether the account is unknown, locked, on hold, closed or not activated,
or the password wrong (S-13): the same statements, one write, one hash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import (
    account_secrets,
    accounts,
    device_contacts,
    devices,
    limits,
    locks,
    notices,
    owner_sessions,
    representatives,
    strength,
    texts,
    unlinking,
)
from cccd_nfc.registry.account_secrets import HashedSecrets, NewSecrets, hasher
from cccd_nfc.registry.device_contacts import AppDevice
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account, AccountSecrets, Device
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.owner_sessions import LoggedIn, Login
from cccd_nfc.registry.secret_hashes import PASSCODE, PASSWORD
from cccd_nfc.registry.secret_rules import normalised
from cccd_nfc.registry.states import AccountState
from cccd_nfc.registry.strength import Factor

PASSCODE_TRIES = 5
"""Wrong passcodes in a row, after which only a new passcode helps (S-18)."""
NEUTRAL = "the number or the password is wrong, or the account cannot be used now"


@dataclass(frozen=True, slots=True)
class Logins:
    """What an owner does by login. Methods with a `token` raise LoginNeededError when its login has ended."""

    office: Office

    def log_in(self, number: str, password: str, device: AppDevice | None = None) -> Login:
        """A new login of an active account; RefusedError, always with the same words, for anything else.

        device: that of an app, which is noted (DS-01); the login of the account's bound device ends with its binding.
        Whoever has the right password of a child's or a ward's account is told that it lacks consent (L-10), and so is
        an app that it is too old (R-027) or that its key was revoked.
        """
        if device is not None:
            self.office.devices.refuse_old_client(device.platform, device.client_version)
        known = _tried(self.office, number, password, "")
        now = self.office.clock()
        if known is None or known.state is not AccountState.ACTIVE:
            raise RefusedError(NEUTRAL)
        renewed = _rehashed(self.office, known)
        with self.office.database.write() as session:
            account, found = _still(session, known)
            if account.state != AccountState.ACTIVE:
                raise RefusedError(NEUTRAL)
            representatives.refuse_without_consent(session, account, now)
            found.password, found.failed_logins, found.hold_until = renewed, 0, 0
            active = devices.active(session, account) if device else None
            bound = active if active and device and active.thumbprint == device.key.thumbprint else None
            proved_by = strength.facts(Factor.PASSWORD, Factor.DEVICE_KEY if bound else None)
            self.office.record(session, "logged-in", account, now, row="R-028", **proved_by)
            return self._opened(session, account, device, bound, now)

    def _opened(
        self, session: Session, account: Account, device: AppDevice | None, bound: Device | None, now: datetime
    ) -> Login:
        if device is None:
            return owner_sessions.open_session(self.office, session, account, now, None)
        noted = device_contacts.seen(self.office, session, account, device, now)
        return replace(owner_sessions.open_session(self.office, session, account, now, bound), seen=noted)

    def log_out(self, token: str) -> None:
        """Ends the login (R-024)."""
        now = self.office.clock()
        with self.office.database.write() as session:
            found = owner_sessions.current(self.office, session, token, now)
            owner_sessions.end(found.login, now, "logged out")
            self.office.record(session, "logged-out", found.account, now, row="R-024")

    def whose(self, token: str) -> accounts.AccountView:
        """The account that is logged in."""
        now = self.office.clock()
        with self.office.database.write() as session:
            return accounts.view(owner_sessions.current(self.office, session, token, now).account, now)

    def change_password(self, token: str, old: str, new: str) -> None:
        """Replaces the password by the owner who knows it; every other login ends (AS-12).

        Raises UsageError for a password that is not accepted, RefusedError when the old one is wrong: tries count as
        those of a login.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            found = owner_sessions.current(office, session, token, now)
            chosen = account_secrets.check_some(
                office, NewSecrets(password=new), account_secrets.person_of(found.account)
            )
            known = _known(session, found.account, now)
        if known is None or not hasher(office).is_right(known.password, PASSWORD, known.account_id, normalised(old)):
            raise RefusedError("the old password is wrong, or was tried too often")
        if normalised(old) == chosen.password:
            raise UsageError("the new password is the old one")
        hashed = account_secrets.hashed(office, known.account_id, chosen)
        with office.database.write() as session:
            found = owner_sessions.current(office, session, token, now)
            _still(session, known)
            self._changed(session, found, hashed, now)

    def _changed(self, session: Session, found: LoggedIn, hashed: HashedSecrets, now: datetime) -> None:
        account = found.account
        account_secrets.keep(session, account, hashed, now)
        owner_sessions.end_all(session, account, now, "the password was changed", but=found.login.id)
        self.office.record(session, "secrets-changed", account, now, row="AS-12", what=hashed.names,
                           **strength.facts(Factor.PASSWORD))  # fmt: skip
        text = texts.secrets_changed_text()
        notices.tell(self.office, session, account, text, now, event="secrets-changed")

    def confirm_use(self, token: str, passcode: str, service: str) -> None:
        """Returns when the passcode allows the use of a service (R-053). service: [a-z0-9-], 1 to 40 characters.

        RefusedError for a wrong passcode; after five in a row for every one, until it is set anew.
        """
        if not re.fullmatch(r"[a-z0-9-]{1,40}", service):
            raise UsageError("the name of a service has 1 to 40 small letters, digits and hyphens")
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            account = owner_sessions.current(office, session, token, now).account
            stored = _spend_passcode_try(account_secrets.kept(session, account.id))
        if not stored:
            raise RefusedError("the passcode is not set, or was wrong five times; set it anew")
        if not hasher(office).is_right(stored, PASSCODE, account.id, passcode):
            raise RefusedError("the passcode is wrong")
        with office.database.write() as session:
            logged_in = owner_sessions.current(office, session, token, now)
            account = logged_in.account
            found = account_secrets.kept(session, account.id)
            if found is None or found.passcode != stored:
                raise ConflictError("the passcode was changed meanwhile")
            found.failed_passcodes = 0
            proved_by = strength.facts(*_of_login(logged_in), Factor.PASSCODE)
            office.record(session, "service-confirmed", account, now, row="R-053", service=service, **proved_by)

    def unlink_device(self, token: str, thumbprint: str) -> str:
        """Ends the active device, which the owner confirms by its thumbprint (DS-05, R-019). A signed receipt.

        Every login ends, this one too. Raises as `unlinking.unlink_within`.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            found = owner_sessions.current(office, session, token, now)
            transaction = unlinking.begun(session, thumbprint, now)
            return unlinking.unlink_within(office, session, found.account, transaction, now, *_of_login(found))

    def lock(self, number: str, password: str, reason: LockReason, *, passcode: str = "") -> None:
        """Locks the account from any phone or browser, opening no login and binding nothing (R-073, A2).

        passcode: where the owner gives it, it has to be right too. RefusedError, always with the same words, when
        number, password or passcode is wrong or on hold; an account that is locked gets the owner's ground as well.
        """
        office = self.office
        known = _tried(office, number, password, passcode)
        now = office.clock()
        if known is None or known.state not in (AccountState.ACTIVE, AccountState.LOCKED):
            raise RefusedError(NEUTRAL)
        with office.database.write() as session:
            account, found = _still(session, known)
            found.failed_logins, found.hold_until = 0, 0
            if passcode:
                found.failed_passcodes = 0
            proved_by = strength.facts(Factor.PASSWORD, Factor.PASSCODE if passcode else None)
            locks.set_ground(office, session, account, LockGround.OWNER_REQUEST, Role.OWNER, reason, now, proved_by)


def _of_login(found: LoggedIn) -> tuple[Factor, ...]:
    """By what the login holds: the password, and the key of the bound device that it is of."""
    return (Factor.PASSWORD, Factor.DEVICE_KEY) if found.login.device_id else (Factor.PASSWORD,)


@dataclass(frozen=True, slots=True)
class _Known:
    """An account one of whose secrets is being tried. password: the hash that is stored; as typed in `typed`."""

    account_id: str
    state: AccountState
    password: str = field(repr=False)
    typed: str = field(default="", repr=False)


def _tried(office: Office, number: str, password: str, passcode: str) -> _Known | None:
    """The account, when the password, and the passcode where one is given, are right and may be tried."""
    typed, hash_ = normalised(password), hasher(office)
    with office.database.write() as session:
        limits.take_typed(session, office.keys.lookup, number, office.origin.source, office.clock())
        account = _account(session, number)
        account_id = account.id if account else ""
        found = account_secrets.kept(session, account_id)
        stored = found.password if found else ""
        allowed = account_secrets.spend_a_try(session, found, office.clock())
        code = _spend_passcode_try(found) if passcode and allowed else ""
        if passcode and not code:
            account_secrets.write_to_nobody(session)  # where another account's count is written
    right = hash_.is_right(stored, PASSWORD, account_id, typed)
    if passcode:
        right = hash_.is_right(code, PASSCODE, account_id, passcode) and right
    if account is None or not allowed or not right:
        return None
    return _Known(account_id, AccountState(account.state), stored, typed)


def _account(session: Session, number: str) -> Account | None:
    try:
        return accounts.find(session, number)
    except NotFoundError:
        return None


def _known(session: Session, account: Account, now: datetime) -> _Known | None:
    found = account_secrets.kept(session, account.id)
    allowed = account_secrets.spend_a_try(session, found, now)
    return _Known(account.id, AccountState(account.state), found.password) if found and allowed else None


def _still(session: Session, known: _Known) -> tuple[Account, AccountSecrets]:
    """Account and secrets, when the password is still the one that was right."""
    account, found = session.get_one(Account, known.account_id), account_secrets.kept(session, known.account_id)
    if found is None or found.password != known.password:
        raise RefusedError(NEUTRAL)
    return account, found


def _rehashed(office: Office, known: _Known) -> str:
    """The stored hash, made anew when the registry wants other parameters by now (S-16)."""
    maker = hasher(office)
    if not maker.is_outdated(known.password):
        return known.password
    return maker.hash(PASSWORD, known.account_id, known.typed)


def _spend_passcode_try(found: AccountSecrets | None) -> str:
    """The passcode's hash, one try being spent on it; empty where none is set or no try is left."""
    if found is None or not found.passcode or found.failed_passcodes >= PASSCODE_TRIES:
        return ""
    found.failed_passcodes += 1
    return found.passcode
