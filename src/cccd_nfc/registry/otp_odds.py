"""The odds of guessing a code (S-12): what tries, codes and time give to somebody who has everything but the message.

Each guess at a code of 6 digits is right with probability 10^-6; several at one code exclude one another, and those at
different codes are independent.
"""

from __future__ import annotations

from datetime import timedelta

from cccd_nfc.registry.holds import FAILURES_BEFORE_DISABLED
from cccd_nfc.registry.otp import DIGITS, TRIES


def one_code(tries: int = TRIES) -> float:
    """The odds of guessing one code with so many different guesses."""
    return min(tries / float(10**DIGITS), 1.0)


def many_codes(codes: int, tries: int = TRIES) -> float:
    """The odds of guessing one of `codes` codes, with so many guesses at each."""
    missed: float = (1 - one_code(tries)) ** codes
    return 1 - missed


def before_disabled() -> float:
    """The odds that an account's codes are guessed before they are disabled, however long that takes (S-06)."""
    return many_codes(FAILURES_BEFORE_DISABLED // TRIES)


def with_a_count_that_resets(period: timedelta, every: timedelta) -> float:
    """What they would be if each new code gave new tries and nothing else limited them: why S-06 forbids it."""
    return many_codes(period // every)
