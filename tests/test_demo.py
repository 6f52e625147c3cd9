"""The README's first command, whole: over the virtual PC/SC reader, and where PC/SC cannot be had."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from conftest import PROJECT
from pcsc_service import PcscService, insertion


def demo(**environment: str) -> str:
    done = subprocess.run(
        ["sh", "tools/demo.sh"],
        cwd=PROJECT,
        env={**os.environ, "CCCD_LANG": "en", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def assert_main_job_was_done(said: str) -> None:
    assert "GENUINE" in said
    assert re.search(r"Account of level 1 created", said)
    assert len(re.findall(r"SMS: Ma [A-Z]{2}: \d{6} ", said)) == 2
    assert said.count("RECEIPT") == 2
    assert re.search(r"^active\s+Second phone", said, re.MULTILINE)
    assert re.search(r"^replaced\s+First phone", said, re.MULTILINE)
    assert "The audit log holds" in said


@pytest.mark.pcsc
def test_the_demo_does_the_main_job_over_pcsc_and_does_it_twice(pcsc_service: PcscService) -> None:
    for _ in range(2):
        with insertion(pcsc_service):
            said = demo()
        assert_main_job_was_done(said)
        assert "No PC/SC here" not in said


def test_without_pcsc_the_demo_says_so_and_does_the_same() -> None:
    said = demo(CCCD_PCSC="no")
    assert_main_job_was_done(said)
    assert "No PC/SC here" in said
