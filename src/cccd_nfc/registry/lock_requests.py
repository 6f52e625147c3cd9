"""Requests of authorities to lock or unlock an account: filed, forwarded, decided, each in its time (L-13 to L-17).

Filing locks nothing (R-084). Whoever filed or forwarded does not decide (S-33). Where the
registry has officers, their logins say who files and who decides. Where it has none, name and role are what is typed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry import accounts, locks, messages, request_deciders, texts
from cccd_nfc.registry.clock import day_in_vietnam, moment_of, stamp
from cccd_nfc.registry.lock_grounds import (
    ON_REQUEST,
    GroundRule,
    LawProfile,
    LockGround,
    Role,
    profile_named,
    profile_on,
)
from cccd_nfc.registry.models import Account, LockRequest
from cccd_nfc.registry.office import Office, masked
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.papers.letter import letter_of
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.request_deciders import who
from cccd_nfc.registry.request_forms import Form, sealed_form
from cccd_nfc.registry.working_days import working_days
from cccd_nfc.sentences import Said


class RequestKind(StrEnum):
    LOCK = "lock"
    UNLOCK = "unlock"


class RequestState(StrEnum):
    FILED = "FILED"
    FORWARDED = "FORWARDED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


_OPEN = (RequestState.FILED, RequestState.FORWARDED)


@dataclass(frozen=True, slots=True)
class Paper:
    """What the authority sent: who, under which number, of which day.

    unit: which police received it, for the head of the answer.  form: the form TK03, which the law of today wants.
    """

    agency: str
    document: str
    day: date
    unit: str = ""
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class RequestView:
    """due_at: when the next step, forwarding or deciding, must have been done."""

    id: str
    kind: RequestKind
    ground: LockGround
    state: RequestState
    agency: str
    document: str
    due_at: datetime
    refusal: str
    unit: str
    channel: str


def file(office: Office, number: str, kind: RequestKind, ground: LockGround, paper: Paper, by: str) -> RequestView:
    """A request is received, and its clock begins; the account is as it was.

    Raises RefusedError for a ground that is not one of requests, or that today's law does not know, UsageError when
    agency, document, the officer's name or a field of the form is missing, RulesUnavailableError when the holidays are
    not known.
    """
    if not (paper.agency.strip() and paper.document.strip()):
        raise UsageError("a request needs its agency, the number of its document, and who received it")
    form = paper.form.checked() if paper.form else None
    now = office.clock()
    with office.database.write() as session:
        filer = who(office.may(session, Act.FILE_REQUEST, now), by)
        account = accounts.find(session, number)
        profile = _law(session, account, kind, ground, now)
        rule = profile.grounds_of(account.kind)[ground]
        due = working_days().deadline(now, rule.forward_days or rule.decide_days)
        request = LockRequest(
            id=secrets.token_hex(16),
            account_id=account.id,
            kind=kind,
            ground=ground,
            state=RequestState.FILED,
            agency=paper.agency.strip(),
            document=paper.document.strip(),
            document_date=paper.day.isoformat(),
            profile=profile.id,
            filed_by=filer,
            filed_at=stamp(now),
            forwarded_by="",
            decided_by="",
            due_at=stamp(due),
            refusal="",
            unit=paper.unit.strip(),
            channel=form.channel if form else "",
        )
        request.form = sealed_form(office.keys.evidence, form, request.id) if form else None
        session.add(request)
        session.flush()
        _record(office, session, "lock-request-filed", account, request, by, now)
        return _view(request)


def forward(office: Office, request_id: str, by: str) -> RequestView:
    """The desk has examined the request and sent it to who decides; the second clock begins.

    Raises ConflictError when that is done already, RefusedError where the receiving unit decides by itself.
    """
    now = office.clock()
    with office.database.write() as session:
        forwarder = who(office.may(session, Act.FORWARD_REQUEST, now), by)
        request, account = _found(session, request_id)
        rule = _rule(request)
        if not rule.forward_days:
            raise RefusedError("under its law this request is decided where it was received")
        if request.state != RequestState.FILED:
            raise ConflictError("the request has been forwarded or decided already")
        request.state, request.forwarded_by, request.forwarded_at = RequestState.FORWARDED, forwarder, stamp(now)
        request.due_at = stamp(working_days().deadline(now, rule.decide_days))
        _record(office, session, "lock-request-forwarded", account, request, by, now)
        return _view(request)


def approve(office: Office, request_id: str, by: str, role: Role | None) -> RequestView:
    """The request is granted: the account is locked or unlocked in the same step; agency and owner are told (R-088).

    Raises RefusedError for a role that the law does not name, for whoever filed or forwarded it, or before forwarding,
    ConflictError when it is decided already.
    """
    now = office.clock()
    with office.database.write() as session:
        acting = office.may(session, Act.DECIDE_REQUEST, now)
        request, account, head = _to_decide(office, session, request_id, acting, by, role, now)
        ground = LockGround(request.ground)
        if request.kind == RequestKind.LOCK:
            locks.set_ground(office, session, account, ground, head, request.document, now)
        else:
            locks.clear_ground(office, session, account, ground, head, now)
        return _decided(office, session, account, request, RequestState.APPROVED, who(acting, by), now)


def refuse(office: Office, request_id: str, by: str, role: Role | None, reason: str) -> RequestView:
    """The request is refused; a letter with the reason goes to the agency (R-089, L-17). Raises as `approve`, and
    UsageError without a reason."""
    if not reason.strip():
        raise UsageError("a request is refused with a reason only")
    now = office.clock()
    with office.database.write() as session:
        acting = office.may(session, Act.DECIDE_REQUEST, now)
        request, account, _ = _to_decide(office, session, request_id, acting, by, role, now)
        request.refusal = reason.strip()
        return _decided(office, session, account, request, RequestState.REFUSED, who(acting, by), now)


def overdue(office: Office) -> tuple[RequestView, ...]:
    """The requests whose next step should have been done by now, the longest overdue first (R-085)."""
    now = office.clock()
    return tuple(each for each in waiting(office) if each.due_at <= now)


def waiting(office: Office) -> tuple[RequestView, ...]:
    """The requests that are not decided, the most urgent first."""
    with office.database.write() as session:
        office.may(session, Act.SEE_REQUESTS, office.clock())
        rows = session.scalars(select(LockRequest).where(LockRequest.state.in_(_OPEN)).order_by(LockRequest.due_at))
        return tuple(_view(row) for row in rows)


# --- parts ------------------------------------------------------------------------------------------------------------


def _to_decide(
    office: Office, session: Session, request_id: str, acting: Acting, by: str, role: Role | None, now: datetime
) -> tuple[LockRequest, Account, Role]:
    """The request, its account, and the role that decides it: of the officer, else the one that is typed (R-086)."""
    request, account = _found(session, request_id)
    rule = _rule(request)
    if request.state not in _OPEN:
        raise ConflictError("the request has been decided already")
    if rule.forward_days and request.state != RequestState.FORWARDED:
        raise RefusedError("the request has not been forwarded yet")
    deciders = rule.set_by if request.kind == RequestKind.LOCK else rule.cleared_by
    head = request_deciders.decider(office, session, request, deciders, rule.clause, acting, by, role, now)
    return request, account, head


def _decided(
    office: Office, session: Session, account: Account, request: LockRequest, state: RequestState, decider: str,
    now: datetime,
) -> RequestView:  # fmt: skip
    request.state, request.decided_by, request.decided_at = state, decider, stamp(now)
    text = texts.decision_letter(request.document, request.document_date, request.kind, request.refusal)
    messages.post(session, office.keys.outbox, "letter", messages.POST, request.agency, text, now)
    letter = letter_of(request, masked(account.number)).digest
    _record(office, session, f"lock-request-{state.lower()}", account, request, decider, now, letter=letter)
    return _view(request)


def _law(session: Session, account: Account, kind: RequestKind, ground: LockGround, now: datetime) -> LawProfile:
    """Today's; to end a lock whose ground it no longer has, the one that the lock was set under."""
    today = profile_on(day_in_vietnam(now))
    if ground in ON_REQUEST and ground in today.grounds_of(account.kind):
        return today
    for each in locks.open_locks(session, account):
        if kind is RequestKind.UNLOCK and each.ground == ground and ground in ON_REQUEST:
            return profile_named(each.profile)
    raise RefusedError(Said("the law in force knows no request on the ground {ground}", ground=ground))


def _found(session: Session, request_id: str) -> tuple[LockRequest, Account]:
    request = session.get(LockRequest, request_id, with_for_update=True)
    if request is None:
        raise NotFoundError("there is no such request")
    return request, session.get_one(Account, request.account_id)


def _rule(request: LockRequest) -> GroundRule:
    """Of the law in force when it was filed."""
    return profile_named(request.profile).grounds[LockGround(request.ground)]


def _record(
    office: Office, session: Session, act: str, account: Account, request: LockRequest, by: str, now: datetime,
    **more: str,
) -> None:  # fmt: skip
    """The audit names who did it by a keyed hash: whoever was named can be shown to be the one, and nobody else."""
    facts = {"request": request.id, "kind": request.kind, "ground": request.ground, "profile": request.profile}
    office.record(session, act, account, now, row="L-13", by=office.keys.name_reference(by), **facts, **more)


def _view(request: LockRequest) -> RequestView:
    return RequestView(
        id=request.id,
        kind=RequestKind(request.kind),
        ground=LockGround(request.ground),
        state=RequestState(request.state),
        agency=request.agency,
        document=request.document,
        due_at=moment_of(request.due_at),
        refusal=request.refusal,
        unit=request.unit,
        channel=request.channel,
    )
