"""Who decides on an authority's request: the role that its law names, and nobody who filed or forwarded it (R-086).

An officer is known by the login; where the registry has none, name and role are what is typed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry.lock_grounds import Role
from cccd_nfc.registry.models import LockRequest, Officer
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officer_sessions import Acting
from cccd_nfc.registry.permissions import Act
from cccd_nfc.sentences import Said


def who(acting: Acting, by: str) -> str:
    """The officer's id; where nobody has logged in, the name that is typed. UsageError where none is."""
    return acting.officer or _name(by)


def decider(
    office: Office, session: Session, request: LockRequest, deciders: frozenset[Role], clause: str, acting: Acting,
    by: str, role: Role | None, now: datetime,
) -> Role:  # fmt: skip
    """The one of `deciders` as whom this is decided; RefusedError, with a trace in the audit, for anybody else."""
    mine = acting.law_roles if acting.officer else frozenset({role} if role else ())
    named = who(acting, by)
    try:
        if not deciders & mine:
            roles = ", ".join(sorted(mine)) or "nobody"
            raise RefusedError(Said("{role} does not decide on this request ({clause})", role=roles, clause=clause))
        if _same(named, request.filed_by) or _same(named, request.forwarded_by):
            raise RefusedError("whoever filed or forwarded a request does not decide it")
        head = min(deciders & mine)
        if acting.officer and head is Role.UNIT_HEAD and not _received_there(session, request, acting):
            raise RefusedError("the head of the unit that received the request decides it")
        return head
    except RefusedError:
        office.note_refusal(session, Act.DECIDE_REQUEST, now)
        raise


def _received_there(session: Session, request: LockRequest, acting: Acting) -> bool:
    """Where it was filed before there were officers, nobody knows; then any unit's head may."""
    filer = session.get(Officer, request.filed_by)
    return filer is None or filer.unit_id == acting.unit_id


def _name(by: str) -> str:
    if not by.strip():
        raise UsageError("say who does it")
    return by.strip()


def _same(one: str, other: str) -> bool:
    return bool(other) and _name(one).casefold() == other.casefold()
