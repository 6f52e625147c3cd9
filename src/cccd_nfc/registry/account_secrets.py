"""An account's password, passcode and answers: checked, hashed outside of any transaction, then kept (S-15 to S-20)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import UsageError
from cccd_nfc.registry import holds
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Account, AccountSecrets, Nobody, SecurityAnswer
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.personal_words import Person
from cccd_nfc.registry.question_list import Answers, check_answers
from cccd_nfc.registry.secret_hashes import PASSCODE, PASSWORD, SecretHasher
from cccd_nfc.registry.secret_rules import check_passcode, check_password
from cccd_nfc.registry.states import AccountState


@dataclass(frozen=True, slots=True)
class NewSecrets:
    """What an owner has chosen; what is empty stays as it is. answers: three, or none."""

    password: str = field(default="", repr=False)
    passcode: str = field(default="", repr=False)
    answers: Answers = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class HashedSecrets:
    """The same, ready to be kept. answers: (question, hash)."""

    password: str = field(repr=False)
    passcode: str = field(repr=False)
    answers: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def names(self) -> str:
        """What is set: for the audit log."""
        kinds = ((PASSWORD, self.password), (PASSCODE, self.passcode), ("questions", self.answers))
        return ", ".join(name for name, value in kinds if value)


def hasher(office: Office) -> SecretHasher:
    return SecretHasher(office.keys.password, office.secrets.hashing)


def person_of(account: Account) -> Person:
    """What the account's secrets must not be made of."""
    return Person(account.full_name, account.birth_date, account.number, account.phone)


def kept(session: Session, account_id: str) -> AccountSecrets | None:
    """The secrets of an account, None where none was ever set; one statement in both cases."""
    return session.scalar(select(AccountSecrets).where(AccountSecrets.account_id == account_id))


def answers_of(session: Session, account_id: str) -> Sequence[SecurityAnswer]:
    mine = select(SecurityAnswer).where(SecurityAnswer.account_id == account_id)
    return session.scalars(mine.order_by(SecurityAnswer.position)).all()


def check_all(office: Office, new: NewSecrets, person: Person) -> NewSecrets:
    """All three, normalised, as an activation wants them (R-049); UsageError for what is missing or not accepted."""
    if not new.password or not new.passcode or bool(new.answers) != office.secrets.questions:
        raise UsageError(_ALL_THREE if office.secrets.questions else _BOTH)
    return check_some(office, new, person)


def for_activation(office: Office, account: Account, chosen: NewSecrets | None) -> NewSecrets | None:
    """What an activation sets, normalised (AS-03); None for none. UsageError where the policy wants all three of a
    first activation, for what is not accepted, and for an account that was active before: a reset sets its secrets.
    """
    first = is_first_activation(account)
    if chosen is None:
        refuse_unset(office, account)
        return None
    if not first:
        raise UsageError("the account was activated before: its secrets are set anew by a reset")
    return check_all(office, chosen, person_of(account))


def is_first_activation(account: Account) -> bool:
    before = AccountState(account.state_before_lock or account.state)
    return before in (AccountState.ISSUED, AccountState.ISSUED_LATE)


def refuse_unset(office: Office, account: Account) -> None:
    """UsageError for a first activation without secrets, where the policy wants them (R-049)."""
    if office.secrets.at_first_activation and is_first_activation(account):
        raise UsageError(_ALL_THREE if office.secrets.questions else _BOTH)


def check_some(office: Office, new: NewSecrets, person: Person) -> NewSecrets:
    """What is given, normalised; UsageError for nothing, and for what is not accepted."""
    if not (new.password or new.passcode or new.answers):
        raise UsageError("a new password or passcode is wanted")
    if new.answers and not office.secrets.questions:
        raise UsageError("security questions are not used here")
    return NewSecrets(
        check_password(new.password, person) if new.password else "",
        check_passcode(new.passcode, person) if new.passcode else "",
        check_answers(new.answers) if new.answers else (),
    )


_ALL_THREE = "password, passcode and the answers to three questions are wanted"
_BOTH = "password and passcode are wanted, and no answers"


def hashed(office: Office, account_id: str, new: NewSecrets) -> HashedSecrets:
    """The hashes of what was checked: slow, so never inside of a transaction."""
    hash_ = hasher(office).hash
    return HashedSecrets(
        hash_(PASSWORD, account_id, new.password) if new.password else "",
        hash_(PASSCODE, account_id, new.passcode) if new.passcode else "",
        tuple((name, hash_(answer_kind(name), account_id, answer)) for name, answer in new.answers),
    )


def answer_kind(question: str) -> str:
    """The kind of secret that the answer to this question is: it is right for no other question."""
    return f"answer {question}"


def keep(session: Session, account: Account, new: HashedSecrets, now: datetime) -> None:
    """Replaces what is new, and with it its count of failures."""
    found = kept(session, account.id)
    if found is None:
        found = AccountSecrets(account_id=account.id, password="", passcode="")
        session.add(found)
    if new.password:
        found.password, found.password_set_at = new.password, stamp(now)
        found.failed_logins, found.hold_until = 0, 0
    if new.passcode:
        found.passcode, found.passcode_set_at, found.failed_passcodes = new.passcode, stamp(now), 0
    if new.answers:
        found.failed_answers = 0
        _keep_answers(session, account, new, now)
    session.flush()


def _keep_answers(session: Session, account: Account, new: HashedSecrets, now: datetime) -> None:
    before = {each.position: each for each in answers_of(session, account.id)}
    for position, (question, answer) in enumerate(new.answers):
        row = before.get(position)
        if row is None:
            row = SecurityAnswer(account_id=account.id, position=position)
            session.add(row)
        row.question, row.answer, row.set_at = question, answer, stamp(now)


def spend_a_try(session: Session, found: AccountSecrets | None, now: datetime) -> bool:
    """Whether a password may be tried; the try counts as failed until it succeeds.

    One row is written in every case, also where nothing may be tried and where nobody is (S-13).
    """
    if found is None or holds.is_held(found.failed_logins, found.hold_until, now):
        write_to_nobody(session)  # and not the same count again: SQLite is quicker where nothing changes
        return False
    failed, hold = holds.after_failure(found.failed_logins, found.hold_until, now)
    session.execute(
        update(AccountSecrets)
        .where(AccountSecrets.account_id == found.account_id)
        .values(failed_logins=failed, hold_until=hold)
        .execution_options(synchronize_session=False)
    )
    return True


def write_to_nobody(session: Session) -> None:
    """A write like that of a count, for an account that does not exist."""
    session.execute(
        update(Nobody).where(Nobody.id == 1).values(tries=Nobody.tries + 1),
        execution_options={"synchronize_session": False},
    )
