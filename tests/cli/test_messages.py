"""The outbox, the hold, the addresses and the contact block on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cccd_nfc.cli.message_words import WAYS
from cli.running import Run


@pytest.fixture
def options(made: Path, tmp_path: Path) -> list[str]:
    database = f"sqlite:///{tmp_path / 'desk' / 'registry.db'}"
    return ["--registry", database, "--trust", str(made / "trust"), "--reader", f"sim:{made}", "--secret", "can"]


def create(cccd: Run, options: list[str], can: str) -> None:
    made = cccd("account", "create", *options, "--phone", "0912345678", "--consent", "signed-form", stdin=f"{can}\n")
    assert made.code == 0, made.err


@pytest.mark.row("R-036", "R-037", "R-059", "R-075")
def test_r036_r037_a_refusal_names_the_ways(
    cccd: Run, options: list[str], secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    create(cccd, options, secrets["can"])
    again = cccd("account", "create", *options, "--phone", "0912345678", "--consent", "signed-form", stdin="000000\n")
    assert again.code != 0
    assert WAYS["en"] in again.err
    for part in ("police", "another phone", "1900.0368"):
        assert part in WAYS["en"]
    held = cccd("account", "clear-hold", *options, stdin=f"{secrets['can']}\n")
    assert held.code == 1
    assert "not on hold" in held.err and WAYS["en"] in held.err


@pytest.mark.row("S-09", "R-023", "R-024", "R-059", "R-071")
def test_s09_an_activation_by_the_desks_screen_and_what_its_receipt_shows(
    cccd: Run, options: list[str], secrets: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(cccd, options, secrets["can"])
    cccd("device", "new-key", "-o", str(tmp_path / "phone"))
    shown: list[str] = []
    monkeypatch.setattr("cccd_nfc.cli.registry_commands.tell", lambda what, lang, **values: shown.append(str(values)))

    def code(prompt: str, *, hidden: bool = True) -> str:
        found = re.search(r"'code': '(\d{6})'", str(shown))
        assert found
        return found[1]

    monkeypatch.setattr("cccd_nfc.cli.registry_commands.ask_line", code)
    key = tmp_path / "phone"
    ran = cccd(
        "activate", *options, "--yes", "--code-by", "screen", "--device", str(key / "public.pem"),
        "--phone-key", str(key / "private.pem"), stdin=f"{secrets['can']}\n",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    for part in ("the desk's screen", "Decree 69/2024", "Log out before", "with nobody", "1900.0368"):
        assert part in ran.out


def test_a_gateway_that_fails_ends_no_act_and_the_outbox_says_what_waits(
    cccd: Run, options: list[str], secrets: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("a file is where the folder should be")
    monkeypatch.setenv("CCCD_GATEWAY", f"file:{tmp_path / 'blocked'}")
    made = cccd(
        "account", "create", *options, "--phone", "0912345678", "--consent", "signed-form", stdin=f"{secrets['can']}\n"
    )
    assert made.code == 0
    assert "could not be sent yet" in made.err
    listed = cccd("registry", "outbox", "--json", *options[:2])
    (waiting,) = json.loads(listed.out)
    assert (waiting["kind"], waiting["recipient"], waiting["last_error"]) == ("notice", "…678", "RegistryError")
    assert "912345" not in listed.out


@pytest.mark.row("S-24")
def test_s24_a_code_that_is_none_locks_nothing(cccd: Run, options: list[str]) -> None:
    ran = cccd("account", "not-me", "--yes", "--hotline", *options[:2], stdin="WRONG\n")
    assert (ran.code, "locks nothing" in ran.err) == (1, True)
