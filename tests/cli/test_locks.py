"""`cccd account lock`, `unlock`, `locks`, and `cccd registry lock-expired`, through the command line."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cccd_nfc.cli.registry_words import GROUNDS
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind
from cccd_nfc.registry.service import Registry
from cccd_nfc.spoken.state_words import LOCK_REASONS
from cli.running import Result, Run, Terminal, TypesWhatIsShown
from registry_support import HandClock

Call = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'r' / 'registry.db'}"


@pytest.fixture
def account(cccd: Run, made: Path, secrets: dict[str, str], url: str) -> Call:
    """`cccd account`, with registry and number; the account exists."""

    def call(*words: str, card: bool = False, stdin: str | io.StringIO = "") -> Result:
        reader = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
        more = reader if card else ()
        return cccd("account", *words, *more, "--registry", url, stdin=stdin or secrets["number"] + "\n")

    assert call("create", "--phone", "0912345678", "--consent", "signed-form", card=True).code == 0
    return call


@pytest.mark.row("R-074", "R-079", "R-072")
def test_r074_r079_a_lock_on_the_owners_word_and_the_unlock_by_the_card(account: Call) -> None:
    done = account("lock", "--reason", "lost-card", "--yes")
    assert (done.code, "locked" in done.err) == (0, True)
    assert json.loads(account("show", "--json").out)["state"] == "LOCKED"
    unlocked = account("unlock", "--yes", card=True)
    assert (unlocked.code, "RECEIPT" in unlocked.out, "Locked because" in unlocked.out) == (0, True, False)
    assert json.loads(account("show", "--json").out)["state"] == "ISSUED"
    assert account("unlock", "--yes", card=True).code == 1


@pytest.mark.row("AS-08", "DS-03")
def test_f5_activate_unlocks_and_binds_in_one_step(
    account: Call, cccd: Run, made: Path, secrets: dict[str, str], url: str, tmp_path: Path
) -> None:
    assert account("lock", "--reason", "lost-device", "--yes").code == 0
    assert cccd("device", "new-key", "-o", str(tmp_path / "phone")).code == 0
    keys = ("--device", str(tmp_path / "phone/public.pem"), "--phone-key", str(tmp_path / "phone/private.pem"))
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    call = ("activate", *card, "--registry", url, *keys, "--yes")
    refused = cccd(*call, stdin=secrets["number"] + "\n")
    assert (refused.code, "locked or closed" in refused.err) == (1, True)

    def code() -> str:
        sent = max((tmp_path / "r" / "outbox").glob("*-otp-*.json"))
        found = re.search(r": (\d{6}) ", json.loads(sent.read_text())["text"])
        assert found
        return found[1]

    done = cccd(*call, "--unlock", stdin=TypesWhatIsShown(secrets["number"], code))
    assert (done.code, "Owner's lock ended, and device activated" in done.out) == (0, True), done.err
    assert json.loads(account("show", "--json").out)["state"] == "ACTIVE"


@pytest.mark.row("R-077")
def test_f5_a_lost_card_is_noted_by_an_officer_who_is_named(account: Call) -> None:
    assert account("lost-card").code == 1
    noted = account("lost-card", "--officer", "o-1")
    assert (noted.code, "identity agency" in noted.err) == (0, True)


@pytest.mark.row("R-079")
def test_r079_the_card_locks_and_the_receipt_says_why(account: Call, tmp_path: Path) -> None:
    done = account("lock", "--reason", "other", "--yes", "--receipt", str(tmp_path / "lock.jws"), card=True)
    assert (done.code, "the owner asked for it" in done.out) == (0, True)
    assert (tmp_path / "lock.jws").exists()


@pytest.mark.row("S-33", "R-091")
def test_s33_the_hotline_locks_and_the_list_names_ground_time_and_clause(account: Call) -> None:
    assert "never locked" in account("locks").err
    assert account("lock", "--reason", "lost-device", "--hotline", "--yes").code == 0
    (found,) = json.loads(account("locks", "--json").out)
    assert (found["ground"], found["reason"], found["set_by"]) == ("OWNER_REQUEST", "lost-device", "HOTLINE")
    assert (found["clause"], found["cleared_at"]) == ("Law 26/2023 Art. 34(1)(a)", None)
    shown = account("locks").out
    assert "device lost" in shown
    assert "Art. 34(1)(a)" in shown


def test_the_owners_unlock_says_what_still_locks(
    account: Call, url: str, tmp_path: Path, secrets: dict[str, str]
) -> None:
    from cccd_nfc.pki.trust_store import TrustStore

    assert account("lock", "--reason", "other", "--yes").code == 0
    registry = Registry.open(url, tmp_path / "r", TrustStore.empty(), clock=HandClock())
    paper = Paper("Cơ quan giả định", "12/YC", date(2026, 6, 1))
    filed = registry.file_request(
        secrets["number"], RequestKind.LOCK, LockGround.AUTHORITY_REQUEST, paper, by="officer"
    )
    registry.forward_request(filed.id, by="officer")
    registry.approve_request(filed.id, by="head", role=Role.AGENCY_HEAD)
    registry.close()
    unlocked = account("unlock", "--yes", card=True)
    assert (unlocked.code, "request of an authority" in unlocked.out) == (0, True)
    assert json.loads(account("show", "--json").out)["state"] == "LOCKED"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lock",), "--reason"),
        (("lock", "--reason", "whim"), "whim"),
        (("lock", "--reason", "other"), "--yes"),
        (("lock", "--reason", "other", "--receipt", "r.jws", "--yes"), "--reader"),
        (("lock", "--reason", "other", "--secret", "number", "--yes"), "--reader"),
        (("lock", "--reason", "other", "--hotline", "--reader", "pcsc", "--secret", "number"), "hotline"),
        (("unlock", "--yes"), "--reader"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(account: Call, words: tuple[str, ...], said: str) -> None:
    result = account(*words)
    assert (result.code, said in result.err) == (2, True), result.err
    assert json.loads(account("show", "--json").out)["state"] == "ISSUED"


def test_who_is_asked_and_says_no_has_locked_nothing(account: Call, secrets: dict[str, str]) -> None:
    result = account("lock", "--reason", "other", stdin=Terminal(f"{secrets['number']}\nn\n"))
    assert "nothing was changed" in result.err
    assert json.loads(account("show", "--json").out)["state"] == "ISSUED"


def test_cards_that_have_run_out_lock_by_a_timer(cccd: Run, account: Call, url: str) -> None:
    done = cccd("registry", "lock-expired", "--registry", url)
    assert (done.code, ": 0" in done.err) == (0, True)


def test_every_ground_and_reason_has_its_words() -> None:
    assert set(GROUNDS) == set(LockGround)
    assert set(LOCK_REASONS) == set(LockReason)
