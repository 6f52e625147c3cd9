"""Time as it is kept and as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from cccd_nfc.cli.receipt_view import local
from cccd_nfc.registry.clock import moment_of, stamp


@pytest.mark.row("S-35")
def test_s35_time_is_kept_in_utc_wherever_it_was_told() -> None:
    told = datetime(2026, 6, 2, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=7)))
    assert stamp(told) == stamp(told.astimezone(UTC))
    assert moment_of(stamp(told)) == told
    assert moment_of(stamp(told)).tzinfo is UTC


@pytest.mark.row("S-35")
def test_s35_time_is_shown_as_it_is_in_vietnam() -> None:
    assert local(datetime(2026, 6, 1, 20, tzinfo=UTC)) == "02/06/2026 03:00:00"
