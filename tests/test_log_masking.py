"""Logs: whatever is logged, no number, no phone number and no forged line comes out."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc import log_masking
from cccd_nfc.log_masking import masked_text

numbers = st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii)
phones = st.from_regex(r"(\+84|84|0084|0)[35789][0-9]{8}", fullmatch=True).filter(str.isascii)
around = st.text(st.characters(blacklist_categories=("Nd", "Cs")), max_size=30).filter(
    lambda text: not text.endswith(("+", " ", ".", "-", "\u00a0")) and not text.startswith((" ", ".", "-", "\u00a0"))
)


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    logger, out = logging.getLogger("cccd_nfc.test_of_masking"), io.StringIO()
    logger.handlers, logger.propagate = [logging.StreamHandler(out)], False
    log_masking.install(logger)
    yield logger, out
    logger.handlers = []


@pytest.mark.row("S-36")
@given(before=around, number=numbers, after=around)
def test_s36_no_personal_number_comes_through(before: str, number: str, after: str) -> None:
    shown = masked_text(f"{before}{number}{after}")
    assert number not in shown
    assert f"{number[:3]}*****{number[-4:]}" in shown


@pytest.mark.row("S-36")
@given(before=around, phone=phones, after=around)
def test_s36_no_phone_number_comes_through(before: str, phone: str, after: str) -> None:
    shown = masked_text(f"{before}{phone}{after}")
    assert phone[-9:] not in shown


@pytest.mark.row("S-36")
@given(text=st.text(max_size=200))
def test_s36_what_is_logged_is_one_line_without_control_characters(text: str) -> None:
    shown = masked_text(text)
    assert shown.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]", shown)
    assert len(shown.splitlines()) <= 1
    assert masked_text(shown) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("account 079123451234 locked", "account 079*****1234 locked"),
        ("079 123 451 234", "079*****1234"),
        ("079.123.451.234, 026-158-794-472", "079*****1234, 026*****4472"),
        ("call +84912345678 or 0912 345 678", "call 849*****678 or 091*****678"),
        ("0084912345678", "008*****678"),
        ("transaction 4f2079123451234a", "transaction 4f2079123451234a"),
        ("12345678901 and 1234567890123", "12345678901 and 1234567890123"),
        ("a\nb\r\x1b[31mc\x00", "a\\x0ab\\x0d\\x1b[31mc\\x00"),
        ("right \u202e to left", "right \\u202e to left"),
        ("", ""),
    ],
)
def test_what_is_masked_and_what_is_not(said: str, shown: str) -> None:
    assert masked_text(said) == shown


@pytest.mark.row("S-36")
def test_s36_a_log_masks_arguments_tracebacks_and_stacks(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.warning("account %s of %s", "079123451234", "0912345678")
    try:
        raise ValueError("079123451234\nforged: all is well")
    except ValueError:
        logger.exception("broken", stack_info=True)
    text = out.getvalue()
    assert "079123451234" not in text
    assert "0912345678" not in text
    assert text.splitlines()[0] == "account 079*****1234 of 091*****678"
    assert "ValueError: 079*****1234" in text


@pytest.mark.row("S-36")
def test_s36_a_forged_line_stays_within_its_own(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.warning("label %s", "x\n2026-06-01 INFO nothing happened")
    assert len(out.getvalue().splitlines()) == 1


def test_what_cannot_be_filled_in_is_masked_all_the_same(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    logger.warning("079123451234 %d", "no number")
    assert "079123451234" not in out.getvalue()


def test_a_second_installation_changes_nothing(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, out = log
    log_masking.install(logger)
    logger.warning("once")
    assert out.getvalue() == "once\n"
    assert len(logger.handlers[0].filters) == 1


@pytest.mark.row("S-36")
def test_s36_the_command_line_masks_what_any_library_logs() -> None:
    program = (
        "import logging; from cccd_nfc.cli import main\n"
        "main.mask_logs(); logging.getLogger('sqlalchemy').warning('lost 079123451234\\nforged')"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr == "lost 079*****1234\\x0aforged\n"
