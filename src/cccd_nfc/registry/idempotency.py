"""The same request again gets the same answer, and is done once (S-30; draft-ietf-httpapi-idempotency-key-header-07).

Two ways. `once` is for an act that writes in one transaction: key, act and answer are kept together, or none is. `run`
is for an act with transactions of its own: it claims the key for half a minute first, so that of many at once one
runs, and the key of a process that was killed is free again after that; such an act must bear to be done again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from cccd_nfc.errors import ConflictError, IdempotencyKeyReusedError, UsageError
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.models import IdempotencyKey
from cccd_nfc.registry.office import Office

KEPT = timedelta(hours=24)
CLAIM = timedelta(seconds=30)
_KEY = re.compile(r"[\x21-\x7e]{8,128}")


@dataclass(frozen=True, slots=True)
class Request:
    """scope: whose keys these are, and for which call ("activate:<thumbprint>").  body: what was asked, whole."""

    scope: str
    key: str = field(repr=False)
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise UsageError("an idempotency key has 8 to 128 visible characters")

    @property
    def hashed(self) -> str:
        return hashlib.sha256(f"{len(self.scope)}:{self.scope}{self.key}".encode()).hexdigest()


def once(office: Office, session: Session, request: Request, act: Callable[[], str]) -> str:
    """The answer of `act`, done in this write transaction, or of the time that it was done before.

    Raises IdempotencyKeyReusedError for the same key with another body, ConflictError while another runs.
    """
    now = office.clock()
    found = _known(office, session, request, now)
    if found is not None:
        return _answer(office, found)
    answer = act()
    row = _row(office, request, now)
    row.answer = _sealed(office, request, answer)
    session.add(row)
    session.flush()
    return answer


def run(office: Office, request: Request, act: Callable[[], str]) -> str:
    """The same for an act with transactions of its own; one that raises has done nothing, and may be tried again."""
    with office.database.write() as session:
        found = _known(office, session, request, office.clock())
        if found is not None:
            return _answer(office, found)
        row = _row(office, request, office.clock())
        session.add(row)
    try:
        answer = act()
    except BaseException:
        _release(office, request, row.claim)
        raise
    _keep(office, request, row.claim, answer)
    return answer


def known(office: Office, request: Request) -> str | None:
    """The answer that was given before, if there is one; raises as `once` does."""
    with office.database.write() as session:
        found = _known(office, session, request, office.clock())
        return _answer(office, found) if found is not None else None


def _known(office: Office, session: Session, request: Request, now: datetime) -> IdempotencyKey | None:
    """The key's row with its answer. One that is over, or whose process has not come back, makes room."""
    found = session.get(IdempotencyKey, request.hashed, with_for_update=True)
    if found is None:
        return None
    running = found.answer is None
    if stamp(now) >= (found.claimed_until if running else found.expires_at):
        session.delete(found)
        session.flush()
        return None
    if not hmac.compare_digest(found.body, _body_digest(office, request)):
        raise IdempotencyKeyReusedError("this idempotency key came before, with another request")
    if running:
        raise ConflictError("the same request is still running")
    return found


def _body_digest(office: Office, request: Request) -> str:
    """HMAC-SHA-256 under `keys.lookup`: a body may hold a password, which nobody is to guess from the database."""
    return hmac.new(office.keys.lookup, b"request\x1f" + request.body, hashlib.sha256).hexdigest()


def _row(office: Office, request: Request, now: datetime) -> IdempotencyKey:
    return IdempotencyKey(
        hashed=request.hashed,
        body=_body_digest(office, request),
        claim=secrets.token_hex(16),
        answer=None,
        claimed_until=stamp(now) + span(CLAIM),
        expires_at=stamp(now) + span(KEPT),
    )


def _release(office: Office, request: Request, claim: str) -> None:
    with office.database.write() as session:
        mine = (IdempotencyKey.hashed == request.hashed, IdempotencyKey.claim == claim)
        session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.answer.is_(None)))


def _keep(office: Office, request: Request, claim: str, answer: str) -> None:
    """Keeps the answer, unless the claim ran out meanwhile and another's answer stands."""
    with office.database.write() as session:
        mine = (IdempotencyKey.hashed == request.hashed, IdempotencyKey.claim == claim)
        session.execute(update(IdempotencyKey).where(*mine).values(answer=_sealed(office, request, answer)))


def _sealed(office: Office, request: Request, answer: str) -> bytes:
    return seal(office.keys.outbox, answer.encode(), _label(request.hashed))


def _answer(office: Office, found: IdempotencyKey) -> str:
    return unseal(office.keys.outbox, found.answer or b"", _label(found.hashed)).decode()


def _label(hashed: str) -> str:
    """What tells an answer from a message, which lies under the same key."""
    return f"answer {hashed}"
