"""Every text fits one short message with the longest values that it can have, and says whom to call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.registry import hotline, texts
from cccd_nfc.registry.hotline import HOTLINE

END = texts.not_me_text("W" * 16)
CODES = {
    "code": texts.code_text("999999", "WW", "____", 10),
    "phone": texts.phone_code_text("999999", "WW", 10),
    "web": texts.web_code_text("999999", "WW", 10),
    "reset": texts.reset_code_text("999999", "WW", 10),
}
NOTICES = {
    "bound": texts.bound_text("____", "----") + END,
    "unlinked": texts.unlinked_text("____") + END,
    "phone changed": texts.phone_changed_text() + END,
    "email changed": texts.email_changed_text() + END,
    "hold": texts.hold_cleared_text() + END,
    "issued": texts.issued_text(2, datetime(2026, 6, 8, 9, tzinfo=UTC)) + END,
    "raised": texts.raised_text() + END,
    "corrected": texts.corrected_text(False) + END,
    "corrected, locked": texts.corrected_text(True),
    "closed": texts.closed_text(),
    "refused": texts.refused_text(),
    "assisted": texts.assisted_text() + END,
    "on the web": texts.web_activated_text() + END,
    "secrets": texts.secrets_changed_text() + END,
    **{f"cleared {ground}": texts.cleared_text(ground, False) + END for ground in texts.LOCKED_WHY},
    **{f"left {ground}": texts.cleared_text(ground, True) for ground in texts.LOCKED_WHY},
    **{f"locked {ground}": texts.locked_text(ground) for ground in texts.LOCKED_WHY},
}
EVERY = {**CODES, **NOTICES}


@pytest.mark.row("R-059", "R-075", "S-24")
@pytest.mark.parametrize("text", EVERY.values(), ids=EVERY.keys())
def test_r059_every_text_fits_one_sms_of_gsm_and_names_the_hotline(text: str) -> None:
    assert texts.is_gsm(text) and len(text) <= 160, len(text)
    assert texts.fits_one_sms(text)
    assert f"oi {HOTLINE}" in text or f"ngay {HOTLINE}" in text


def test_the_codes_text_says_what_for_how_long_and_that_no_officer_asks() -> None:
    for part in ("Ma WW: 999999", "kich hoat thiet bi ____", "10 phut", "Can bo KHONG hoi ma nay", HOTLINE):
        assert part in CODES["code"]


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a" * 160, True), ("a" * 161, False), ("€" * 80, True), ("€" * 81, False), ("ế" * 70, True), ("ế" * 71, False)],
)
def test_what_one_short_message_holds(text: str, fits: bool) -> None:
    assert texts.fits_one_sms(text) is fits


@pytest.mark.row("R-075")
def test_r075_the_hotline_is_one_setting() -> None:
    assert hotline.number_from(None) == hotline.number_from("1900.0368") == "19000368"
    assert hotline.number_from("113") == "113"
    assert hotline.grouped("19000368") == "1900.0368"
    for wrong in ("call me", "12", "1" * 13):
        with pytest.raises(UsageError):
            hotline.number_from(wrong)
