"""The odds of guessing a code are those that the requirements state (S-12)."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from cccd_nfc.registry import otp_odds


@pytest.mark.row("S-12")
def test_s12_the_odds_are_as_stated() -> None:
    assert otp_odds.one_code() == pytest.approx(5.0e-6)
    assert otp_odds.many_codes(2) == pytest.approx(1.0e-5, rel=1e-3)
    assert otp_odds.before_disabled() == pytest.approx(1.0e-4, rel=1e-3)
    forbidden = otp_odds.with_a_count_that_resets(timedelta(hours=24), timedelta(minutes=5))
    assert forbidden == pytest.approx(1.4e-3, rel=0.03)


@pytest.mark.row("S-12")
def test_s12_the_formula_is_what_guessing_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on codes of two digits, guessed 40 000 times: the standard error is below 0.0026."""
    monkeypatch.setattr(otp_odds, "DIGITS", 2)
    source, rounds = random.Random(7), 40_000
    hits = sum(any(source.randrange(100) < 5 for _ in range(20)) for _ in range(rounds))
    assert otp_odds.before_disabled() == pytest.approx(hits / rounds, abs=0.01)
