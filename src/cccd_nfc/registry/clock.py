"""Time as the registry keeps it: whole microseconds since 1970, UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the time, aware."""

VIETNAM = timezone(timedelta(hours=7))
"""Without summer time, and the same all over the country."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def day_in_vietnam(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


def stamp(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(stamped: int) -> datetime:
    return _EPOCH + stamped * _MICROSECOND


def span(length: timedelta) -> int:
    """A length of time in microseconds."""
    return length // _MICROSECOND
