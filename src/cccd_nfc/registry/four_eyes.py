"""Acts that take two people: one proposes, another approves, within two days (S-33).

Where a kind has an act, it happens in the approval's own transaction. Where it has none (an export writes a file), the
approval is a permit that the act itself spends, once, within a day: `of_two`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import accounts, closing, locks, officer_sessions, two_persons
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.models import Account, Proposal
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.permissions import Act, OfficerRole, UnitKind

PROPOSAL_LIFE = timedelta(days=2)
PERMIT_LIFE = timedelta(days=1)


class Kind(StrEnum):
    CORRECT_DEATH = "correct-death"
    CLOSE_ACCOUNT = "close-account"
    ROTATE_KEYS = "rotate-keys"
    MASS_EXPORT = "mass-export"
    ERASE_DATA = "erase-data"


class ProposalState(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


Deed: TypeAlias = Callable[[Office, Session, Account, datetime], object]


@dataclass(frozen=True, slots=True)
class KindRule:
    """Who may propose and approve. unit: where both must be.  deed: upon the account that is proposed; None for a
    permit.  of_account: whether a permit is for one account."""

    propose: frozenset[OfficerRole]
    approve: frozenset[OfficerRole]
    unit: UnitKind | None = None
    deed: Deed | None = None
    of_account: bool = False

    @property
    def upon_account(self) -> bool:
        return self.deed is not None or self.of_account


_RECEIVING, _HEAD, _AGENCY = OfficerRole.RECEIVING, OfficerRole.UNIT_HEAD, OfficerRole.AGENCY_HEAD
_ADMINISTRATORS = frozenset({OfficerRole.ADMINISTRATOR})
_HEADS = frozenset({_HEAD, _AGENCY})

KINDS: Mapping[Kind, KindRule] = {
    Kind.CORRECT_DEATH: KindRule(frozenset({_RECEIVING}) | _HEADS, _HEADS, deed=locks.correct_death),
    Kind.CLOSE_ACCOUNT: KindRule(
        frozenset({_RECEIVING}) | _HEADS, frozenset({_AGENCY}), UnitKind.MINISTRY, closing.close
    ),
    Kind.ROTATE_KEYS: KindRule(_ADMINISTRATORS, _ADMINISTRATORS),
    Kind.MASS_EXPORT: KindRule(frozenset({_HEAD, _AGENCY}), frozenset({_AGENCY})),
    Kind.ERASE_DATA: KindRule(frozenset({_RECEIVING}) | _HEADS, _HEADS, of_account=True),
}


@dataclass(frozen=True, slots=True)
class ProposalView:
    """proposed_by, decided_by: ids of officers; decided_by is empty while it is open."""

    id: str
    kind: Kind
    subject: str
    reason: str
    state: ProposalState
    proposed_by: str
    expires_at: datetime
    decided_by: str


@dataclass(frozen=True, slots=True)
class FourEyes:
    """Proposing, approving, rejecting. None of it can be done where the registry has no officers."""

    office: Office

    def propose(self, kind: Kind, reason: str, *, number: str = "", subject: str = "") -> ProposalView:
        """A proposal upon the account `number`, or, for a permit, upon `subject`.

        Raises UsageError without a reason or without what it is upon, RefusedError for a role that does not propose it.
        """
        office, now = self.office, self.office.clock()
        if not reason.strip():
            raise UsageError("a proposal has a reason")
        if bool(number) != KINDS[kind].upon_account:
            raise UsageError("name the account for an act upon one, and for no other act")
        with office.database.write() as session:
            acting = self._acting(session, Act.PROPOSE, kind, KINDS[kind].propose, now)
            account = accounts.find(session, number) if number else None
            row = Proposal(id=secrets.token_hex(16), kind=kind, subject=subject.strip(), reason=reason.strip())
            row.account_id, row.state = account.id if account else None, ProposalState.OPEN
            row.proposed_by, row.proposed_at = acting.officer, stamp(now)
            row.expires_at = stamp(now + PROPOSAL_LIFE)
            session.add(row)
            session.flush()
            self._record(session, "proposed", row, account, now)
            return _view(row)

    def approve(self, proposal_id: str) -> ProposalView:
        """The other person's word: the act happens now, in this transaction, or the permit is there.

        Raises RefusedError for the proposer, a role that does not approve it, or a login that is not fresh,
        ConflictError for a proposal that is decided or has expired, and what the act itself raises.
        """
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            row, account, acting = self._to_decide(session, proposal_id, now)
            self._decide(row, acting, ProposalState.APPROVED, now)
            session.flush()
            deed = KINDS[Kind(row.kind)].deed
            if deed is not None and account is not None:
                row.spent_at = stamp(now)
                deed(office, session, account, now)
            self._record(session, "proposal-approved", row, account, now)
            return _view(row)

    def reject(self, proposal_id: str) -> ProposalView:
        """The proposal comes to nothing. Raises as `approve`."""
        now = self.office.clock()
        with self.office.database.write() as session:
            row, account, acting = self._to_decide(session, proposal_id, now)
            self._decide(row, acting, ProposalState.REJECTED, now)
            self._record(session, "proposal-rejected", row, account, now)
            return _view(row)

    def waiting(self) -> tuple[ProposalView, ...]:
        """The proposals that wait for a second person, the most urgent first."""
        now = self.office.clock()
        with self.office.database.write() as session:
            self.office.may(session, Act.PROPOSE, now)
            open_ones = (Proposal.state == ProposalState.OPEN, Proposal.expires_at > stamp(now))
            rows = session.scalars(select(Proposal).where(*open_ones).order_by(Proposal.expires_at))
            return tuple(_view(row) for row in rows)

    def _to_decide(self, session: Session, proposal_id: str, now: datetime) -> tuple[Proposal, Account | None, Acting]:
        row = session.get(Proposal, proposal_id, with_for_update=True)
        if row is None:
            raise NotFoundError("there is no such proposal")
        kind = Kind(row.kind)
        acting = self._acting(session, Act.APPROVE, kind, KINDS[kind].approve, now)
        if acting.officer == row.proposed_by:
            self.office.note_refusal(session, Act.APPROVE, now)
            raise RefusedError("another person than the one who proposed it decides")
        if row.state != ProposalState.OPEN or stamp(now) >= row.expires_at:
            raise ConflictError("the proposal has been decided, or has expired")
        return row, session.get_one(Account, row.account_id) if row.account_id else None, acting

    def _acting(
        self, session: Session, act: Act, kind: Kind, roles: frozenset[OfficerRole], now: datetime
    ) -> Acting:  # fmt: skip
        acting = self.office.may(session, act, now)
        unit = KINDS[kind].unit
        if not acting.officer:
            raise RefusedError("this takes two officers, and nobody has logged in")
        if not acting.roles & roles or unit not in (None, acting.unit):
            self.office.note_refusal(session, act, now)
            raise RefusedError("none of your roles may do this")
        return acting

    def _decide(self, row: Proposal, acting: Acting, state: ProposalState, now: datetime) -> None:
        row.state, row.decided_by, row.decided_at = state, acting.officer, stamp(now)

    def _record(self, session: Session, act: str, row: Proposal, account: Account | None, now: datetime) -> None:
        facts = {"proposal": row.id, "kind": row.kind, "proposed_by": row.proposed_by}
        if account is not None:
            self.office.record(session, act, account, now, row="S-33", **facts)
        else:
            self.office.record_alone(session, act, now, row="S-33", **facts)


def of_two(
    office: Office, session: Session, kind: Kind, by: Sequence[str], now: datetime, *, subject: str = "",
    account: Account | None = None,
) -> str:  # fmt: skip
    """Which two people stand for this act, as the audit says them; to be asked in the act's own transaction.

    Their permit for `kind` upon `subject` or `account` is used up. Where the registry has no officers, `by` names them.
    RefusedError where they are not two, and for a permit that is not there or older than a day.
    """
    if not officer_sessions.has_officers(session):
        return two_persons.approved(by)
    given = (
        Proposal.kind == kind,
        Proposal.account_id == account.id if account else Proposal.subject == subject,
        Proposal.state == ProposalState.APPROVED,
        Proposal.spent_at.is_(None),
        Proposal.decided_at > stamp(now) - span(PERMIT_LIFE),
    )
    found = session.scalar(select(Proposal).where(*given).order_by(Proposal.decided_at).limit(1).with_for_update())
    if found is None:
        raise RefusedError("this takes two people: propose it, and have another approve it")
    found.spent_at = stamp(now)
    office.record_alone(session, "permit-spent", now, row="S-33", proposal=found.id, kind=kind)
    return ", ".join(sorted((found.proposed_by, found.decided_by or "")))


def _view(row: Proposal) -> ProposalView:
    return ProposalView(
        id=row.id,
        kind=Kind(row.kind),
        subject=row.subject,
        reason=row.reason,
        state=ProposalState(row.state),
        proposed_by=row.proposed_by,
        expires_at=moment_of(row.expires_at),
        decided_by=row.decided_by or "",
    )
