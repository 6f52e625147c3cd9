"""When wrong tries bring a hold: ten in a row, then longer each time, and a hundred end what was tried (S-06)."""

from __future__ import annotations

from datetime import datetime, timedelta

from cccd_nfc.registry.clock import stamp

FAILURES_BEFORE_HOLD = 10
FAILURES_BEFORE_DISABLED = 100
FIRST_HOLD, LONGEST_HOLD = timedelta(seconds=30), timedelta(hours=1)


def after_failure(failures: int, hold_until: int, now: datetime) -> tuple[int, int]:
    """(failures, hold_until) after one more wrong try; only a success sets them back to (0, 0)."""
    failures += 1
    beyond = failures - FAILURES_BEFORE_HOLD
    if beyond < 0:
        return failures, hold_until
    return failures, stamp(now + min(FIRST_HOLD * 2 ** min(beyond, 10), LONGEST_HOLD))


def is_disabled(failures: int) -> bool:
    return failures >= FAILURES_BEFORE_DISABLED


def is_held(failures: int, hold_until: int, now: datetime) -> bool:
    """Whether nothing is tried now, be it for a time or for good."""
    return is_disabled(failures) or stamp(now) < hold_until
