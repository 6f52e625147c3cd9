"""To whom a message goes, how often, and what stands in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cccd_nfc.registry import texts
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.messages import Letter
from cccd_nfc.registry.otp import IssuedCode
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import Purpose
from registry_support import Desk, evidence_for

STORED = "+84912345678"


@pytest.mark.row("R-034", "R-045")
def test_r034_r045_a_verified_card_sends_one_code_to_the_stored_number(desk: Desk) -> None:
    desk.enrol()
    ticket = desk.registry.begin(Purpose.ACTIVATE, Phone.new().public)
    assert [text for text in desk.texts() if text["kind"] == "otp"] == []
    pending = desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket))
    (text,) = [text for text in desk.texts() if text["kind"] == "otp"]
    assert (text["kind"], text["channel"], text["to"]) == ("otp", "sim", STORED)
    assert f"Ma {pending.reference}: " in text["text"]


@pytest.mark.row("R-056", "S-22", "S-24", "L-25")
def test_r056_s24_a_binding_is_told_once_to_the_number_and_to_the_old_device(desk: Desk) -> None:
    desk.enrol()
    issued = desk.texts()
    desk.bind(old := Phone.new())
    first = [text for text in desk.texts() if text["kind"] == "notice" and text not in issued]
    assert [(text["channel"], text["to"]) for text in first] == [("sim", STORED)]
    desk.bind(new := Phone.new())
    second = [text for text in desk.texts() if text["kind"] == "notice" and text not in [*issued, *first]]
    assert {(text["channel"], text["to"]) for text in second} == {("sim", STORED), ("device", old.public.thumbprint)}
    assert len(second) == 2
    for text in second:
        assert new.public.thumbprint[-4:] in text["text"]
        assert old.public.thumbprint[-4:] in text["text"]


@pytest.mark.row("R-059", "R-075", "S-24")
@pytest.mark.parametrize(
    "text",
    [texts.code_text("123456", "AB", "wxyz", 3), texts.not_me_text("A" * 16)],
    ids=["code", "end of a notice"],
)
def test_r059_every_message_says_whom_to_call(text: str) -> None:
    assert HOTLINE == "19000368"
    assert f"oi {HOTLINE}" in text or f"ngay {HOTLINE}" in text


@pytest.mark.row("S-08")
def test_s08_neither_a_code_nor_a_letter_prints_itself() -> None:
    now = datetime.now(UTC)
    for value in (IssuedCode("123456", "AB", now), Letter("otp", "sim", STORED, "Ma AB: 123456", now)):
        assert "123456" not in f"{value!r} {value}"
