"""`cccd request`, from the desk that receives a request to the decision."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cccd_nfc.registry import lock_requests
from cccd_nfc.registry.working_days import WorkingDays
from cli.running import Run

PAPER = ("--agency", "Cơ quan giả định", "--document", "12/YC", "--date", "2026-06-01")


@pytest.fixture(autouse=True)
def _calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line has the time of today; a calendar without holidays holds on any day that the tests run."""
    weeks = WorkingDays(frozenset(range(2022, 2200)), frozenset(), frozenset())
    monkeypatch.setattr(lock_requests, "working_days", lambda: weeks)


@pytest.fixture
def registry(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path) -> tuple[str, str]:
    """--registry of one in which the card's owner has an account."""
    where = ("--registry", f"sqlite:///{tmp_path / 'r' / 'registry.db'}")
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    made_account = cccd(
        "account", "create", *card, *where, "--phone", "0912345678", "--consent", "signed-form", stdin=secrets["number"]
    )
    assert made_account.code == 0
    return where


@pytest.fixture
def filed(cccd: Run, registry: tuple[str, str], secrets: dict[str, str]) -> str:
    done = cccd("request", "file", "--kind", "lock", *PAPER, "--by", "one", *registry, stdin=secrets["number"])
    assert (done.code, "next step" in done.err) == (0, True), done.err
    return done.out.strip()


def state(cccd: Run, registry: tuple[str, str], secrets: dict[str, str]) -> str:
    shown: str = json.loads(cccd("account", "show", "--json", *registry, stdin=secrets["number"]).out)["state"]
    return shown


def test_r084_l13_a_request_goes_from_the_desk_to_the_lock(
    cccd: Run, registry: tuple[str, str], filed: str, secrets: dict[str, str]
) -> None:
    assert cccd("request", "approve", filed, "--by", "head", "--yes", *registry).code == 1
    assert cccd("request", "forward", filed, "--by", "two", *registry).code == 0
    assert state(cccd, registry, secrets) == "ISSUED"
    (listed,) = json.loads(cccd("request", "list", "--json", *registry).out)
    assert (listed["id"], listed["state"], listed["document"]) == (filed, "FORWARDED", "12/YC")
    assert "forwarded" in cccd("request", "list", *registry).out
    assert "No request" in cccd("request", "list", "--overdue", *registry).err
    assert cccd("request", "approve", filed, "--by", "two", "--yes", *registry).code == 1, "S-33"
    assert cccd("request", "approve", filed, "--by", "head", *registry).code == 2, "nobody confirmed"
    assert cccd("request", "approve", filed, "--by", "head", "--yes", *registry).code == 0
    assert state(cccd, registry, secrets) == "LOCKED"
    assert json.loads(cccd("request", "list", "--json", *registry).out) == []


def test_r089_a_refusal_leaves_a_letter_in_the_outbox(
    cccd: Run, registry: tuple[str, str], filed: str, secrets: dict[str, str], tmp_path: Path
) -> None:
    cccd("request", "forward", filed, "--by", "two", *registry)
    refuse = ("request", "refuse", filed, "--by", "head", "--yes", *registry)
    assert cccd(*refuse).code == 2
    assert cccd(*refuse, "--reason", " ").code == 2
    assert cccd(*refuse, "--reason", "thiếu con dấu").code == 0
    (letter,) = (tmp_path / "r" / "outbox").glob("*-letter-*.json")
    assert "thiếu con dấu" in json.loads(letter.read_text(encoding="utf-8"))["text"]
    assert state(cccd, registry, secrets) == "ISSUED"
