"""Limits on how often something is done, counted in the database, so that all processes share them (S-07, S-14).

A limiter that cannot count refuses: its error ends the act that asked (S-38). A count is kept with the act that took
it, so that an act that fails takes nothing; what must count failures takes in a transaction of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cccd_nfc.errors import ClockError, LimitError
from cccd_nfc.registry import audit
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.models import LimitCount
from cccd_nfc.sentences import Said


class Scope(StrEnum):
    """What is limited, and by what it is told apart."""

    CODES_RESENT = "codes-resent"
    CODES_ACCOUNT = "codes-account"
    CODES_PHONE = "codes-phone"
    CODES_STATION = "codes-station"
    CODES_SYSTEM = "codes-system"
    TYPED_PREFIX = "typed-prefix"
    TYPED_SOURCE = "typed-source"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` within `period`, whenever it begins; `refusal` is said beyond that."""

    period: timedelta
    most: int
    refusal: Said


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EXACT = 1
"""A grain of one microsecond: every act has a row of its own. For limits of few."""

_FOR_ACCOUNT = Said("too many codes were sent for this account; try again later")
_FOR_NUMBERS = Said("too many personal numbers were typed; try again later")

LIMITS: Mapping[Scope, tuple[int, tuple[Limit, ...]]] = {
    Scope.CODES_RESENT: (EXACT, (Limit(MINUTE, 1, Said("a code was sent less than a minute ago; wait for it")),)),
    Scope.CODES_ACCOUNT: (
        EXACT,
        (
            Limit(15 * MINUTE, 3, _FOR_ACCOUNT),
            Limit(DAY, 10, _FOR_ACCOUNT),
        ),
    ),
    Scope.CODES_PHONE: (
        EXACT,
        (Limit(DAY, 10, Said("too many codes were sent to this phone number; try again later")),),
    ),
    Scope.CODES_STATION: (
        span(MINUTE),
        (Limit(HOUR, 120, Said("too many codes were sent from this desk; try again later")),),
    ),
    Scope.CODES_SYSTEM: (
        span(MINUTE),
        (Limit(HOUR, 20_000, Said("too many codes were sent in all; try again later")),),
    ),
    Scope.TYPED_PREFIX: (span(MINUTE), (Limit(HOUR, 1000, _FOR_NUMBERS),)),
    Scope.TYPED_SOURCE: (span(MINUTE), (Limit(HOUR, 100, _FOR_NUMBERS),)),
}
"""Scope -> (grain in microseconds, limits). Those of account and phone are S-07's; the others are our own. The minute
between two codes runs from one that waits to be typed: who has typed it in does not ask for it again."""

PREFIX = 6
"""Digits of a personal number that say province, sex, century and year of birth: what makes numbers guessable."""

CLOCK_TOLERANCE = timedelta(seconds=5)
"""By so much the clocks of two machines may differ."""


def take(session: Session, scope: Scope, key: str, now: datetime) -> None:
    """Counts one more; LimitError when that is more than a limit of the scope allows. At most one grain too strict."""
    grain, limits = LIMITS[scope]
    mine = (LimitCount.scope == scope, LimitCount.key == key)
    counted = session.execute(select(LimitCount.window, LimitCount.count).where(*mine)).all()
    for limit in limits:
        since = stamp(now - limit.period) - grain + 1
        within = sorted((window, count) for window, count in counted if window > since)
        if sum(count for _, count in within) >= limit.most:
            raise _beyond(limit.refusal, _seconds_left(within, since, limit.most))
    before = _over(scope, now)
    if any(window < before for window, _ in counted):
        _delete(session, *mine, LimitCount.window < before)
    _count(session, scope, key, stamp(now) // grain * grain)


def sweep(session: Session, now: datetime) -> None:
    """Deletes what no limit looks at any more; for a timer."""
    for scope in Scope:
        _delete(session, LimitCount.scope == scope, LimitCount.window < _over(scope, now))


def forget(session: Session, scope: Scope, key: str) -> None:
    """Sets the count back."""
    _delete(session, LimitCount.scope == scope, LimitCount.key == key)


def _over(scope: Scope, now: datetime) -> int:
    """Before which moment a count of the scope is of no use."""
    grain, limits = LIMITS[scope]
    return stamp(now - max(limit.period for limit in limits)) - grain


def _delete(session: Session, *which: ColumnElement[bool]) -> None:
    session.execute(delete(LimitCount).where(*which), execution_options={"synchronize_session": False})


def _beyond(refusal: Said, retry_after: int) -> LimitError:
    return LimitError(refusal, retry_after=retry_after)


def _seconds_left(within: Sequence[tuple[int, int]], since: int, most: int) -> int:
    """Until so many of the oldest are forgotten that one more is allowed; `since` goes on as the clock does."""
    left = sum(count for _, count in within)
    for window, count in within:
        left -= count
        if left < most:
            return -((since - window) // span(timedelta(seconds=1)))
    return 0


def _count(session: Session, scope: Scope, key: str, window: int) -> None:
    """One statement, whether the row is there or not: what somebody typed before is not seen in the time it takes."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(LimitCount).values(scope=scope, key=key, window=window, count=1)
    names = [LimitCount.scope, LimitCount.key, LimitCount.window]
    session.execute(row.on_conflict_do_update(index_elements=names, set_={"count": LimitCount.count + 1}))


def keyed(lookup: bytes, scope: Scope, value: str) -> str:
    """What stands for a number or an address in the counters: HMAC-SHA-256 under `keys.lookup`, 64 hex digits."""
    return hmac.new(lookup, f"limit\x1f{scope}\x1f{value}".encode(), hashlib.sha256).hexdigest()


def take_typed(session: Session, lookup: bytes, number: str, source: str, now: datetime) -> None:
    """Counts a personal number that somebody typed, by its prefix and by who typed it; LimitError beyond (S-14)."""
    for scope, value in ((Scope.TYPED_PREFIX, number[:PREFIX]), (Scope.TYPED_SOURCE, source)):
        take(session, scope, keyed(lookup, scope, value), now)


def refuse_if_clock_went_back(session: Session, now: datetime) -> None:
    """ClockError when the audit log's newest entry is of a later time: the clock jumped back (S-35)."""
    last = audit.last_time(session)
    if last is not None and now + CLOCK_TOLERANCE < moment_of(last):
        raise ClockError("the clock was set back: it stands before the newest entry of the audit log; set it right")
