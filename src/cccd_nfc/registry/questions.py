"""Security questions: on the telephone they may add to a lock, and do nothing else (S-20, R-055).

A lock is set whatever the answers: tightening is safe (S-23). They never unlock, reset, bind, or replace another proof;
no other act of the registry takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import UsageError
from cccd_nfc.registry import account_secrets, accounts, locks
from cccd_nfc.registry.account_secrets import answer_kind, hasher
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import Account
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.question_list import Answers, normalised_answer

TRIES = 5
"""Wrong sets of answers, after which none is compared until they are set anew (S-20)."""


@dataclass(frozen=True, slots=True)
class Questions:
    office: Office

    def asked_of(self, number: str) -> tuple[str, ...]:
        """The names of the questions that the account's owner chose; none where questions are not used."""
        with self.office.database.write() as session:
            self.office.may(session, Act.LOCK, self.office.clock())
            account = accounts.find(session, number)
            chosen = account_secrets.answers_of(session, account.id)
        return tuple(each.question for each in chosen) if self.office.secrets.questions else ()

    def lock_on_call(self, number: str, reason: LockReason, answers: Answers) -> bool:
        """Locks the account as the caller of the hotline asks; whether all three answers were right, for the record.

        Raises UsageError where questions are not used.
        """
        office, now = self.office, self.office.clock()
        if not office.secrets.questions:
            raise UsageError("security questions are not used here")
        with office.database.write() as session:
            office.may(session, Act.LOCK, office.clock())
            account = accounts.find(session, number)
            locks.set_ground(office, session, account, LockGround.OWNER_REQUEST, Role.HOTLINE, reason, now)
            stored = _spend_a_try(session, account)
        right = self._all_right(account.id, stored, answers)
        with office.database.write() as session:
            self._note(session, account.id, right, now)
        return right

    def _all_right(self, account_id: str, stored: dict[str, str], answers: Answers) -> bool:
        given = dict(answers)
        checks = [
            hasher(self.office).is_right(hash_, answer_kind(name), account_id, normalised_answer(given.get(name, "")))
            for name, hash_ in stored.items()
        ]
        return bool(checks) and all(checks)

    def _note(self, session: Session, account_id: str, right: bool, now: datetime) -> None:
        account, found = session.get_one(Account, account_id), account_secrets.kept(session, account_id)
        if right and found is not None:
            found.failed_answers = 0
        answers = "right" if right else "not right"
        self.office.record(session, "answers-compared", account, now, row="R-055", answers=answers)


def _spend_a_try(session: Session, account: Account) -> dict[str, str]:
    """Question -> hash of its answer, a try being spent; empty where there is none, or none is left."""
    found = account_secrets.kept(session, account.id)
    if found is None or found.failed_answers >= TRIES:
        return {}
    found.failed_answers += 1
    return {each.question: each.answer for each in account_secrets.answers_of(session, account.id)}
