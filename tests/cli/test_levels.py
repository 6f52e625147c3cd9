"""Level 2, consent, assistance, papers, representatives, foreigners and status data through the command line."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cccd_nfc.cli.desk_options import METHODS, ask_consent
from cccd_nfc.cli.level_commands import PAPERS
from cccd_nfc.cli.level_words import APPLICATION_STATES, SOURCES
from cccd_nfc.registry import levels
from cccd_nfc.registry.clock import utc_now
from cccd_nfc.registry.consents import ConsentMethod
from cccd_nfc.registry.integrated_papers import PaperKind
from cccd_nfc.registry.lock_grounds import LockSource
from cccd_nfc.registry.states import AccountState, ApplicationState, DeviceState
from cccd_nfc.registry.working_days import WorkingDays
from cccd_nfc.spoken.state_words import ACCOUNT_STATES, DEVICE_STATES
from cli.running import Result, Run, Terminal

Call = Callable[..., Result]
DESK = ("--officer", "officer-1", "--station", "desk-1")
TAKEN = ("--phone", "0912345678", "--portrait", "store:face-1", "--fingerprints", "store:prints-1")


@pytest.fixture(autouse=True)
def _calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line has the time of today; a calendar without holidays holds on any day that the tests run."""
    weeks = WorkingDays(frozenset(range(2022, 2200)), frozenset(), frozenset())
    monkeypatch.setattr(levels, "working_days", lambda: weeks)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'r' / 'registry.db'}"


@pytest.fixture
def call(cccd: Run, made: Path, secrets: dict[str, str], url: str) -> Call:
    """`cccd`, with the registry, the number on standard input, and the card with `card`."""

    def run(*words: str, card: bool = False, stdin: str | io.StringIO = "") -> Result:
        reader = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
        more = reader if card else ()
        return cccd(*words, *more, "--registry", url, stdin=stdin or f"{secrets['number']}\n" * 2)

    return run


def create(call: Call, *more: str, **how: object) -> Result:
    return call("account", "create", "--phone", "0912345678", *more, card=True, **how)


def by_hand(url: str, statement: str) -> None:
    import sqlite3

    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    with connection:
        connection.execute(statement)
    connection.close()


def state(call: Call) -> dict[str, object]:
    shown: dict[str, object] = json.loads(call("account", "show", "--json").out)
    return shown


# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-068")
def test_r068_without_a_terminal_consent_is_stated_and_never_assumed(call: Call) -> None:
    refused = create(call)
    assert (refused.code, "--consent" in refused.err) == (2, True)
    assert call("account", "show").code == 1
    assert create(call, "--consent", "signed-form").code == 0


@pytest.mark.row("R-068")
def test_r068_a_person_reads_the_text_and_says_yes_or_no(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = create(call, stdin=Terminal("n\n"))
    assert (refused.code, "I agree that the police" in refused.err) == (1, True), refused.err
    assert "without consent" in refused.err
    monkeypatch.setattr(sys, "stdin", Terminal("\ny\n"))  # a mere Enter is asked again
    assert ask_consent(None, "en").method is ConsentMethod.SPOKEN_AT_DESK


@pytest.mark.row("R-069")
def test_r069_the_notice_of_the_result_is_in_the_outbox(call: Call, tmp_path: Path) -> None:
    create(call, "--consent", "signed-form")
    (sent,) = (tmp_path / "r" / "outbox").glob("*-notice-*.json")
    assert "da duoc cap" in json.loads(sent.read_text())["text"]


# --- level 2 ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-060", "R-071", "AS-02")
def test_r060_from_the_card_to_level_2(call: Call) -> None:
    done = call("level", "apply", *DESK, *TAKEN, "--consent", "signed-form", "--paper", "driving-licence", card=True)
    assert (done.code, "Legal basis" in done.out, "Art. 10" in done.err) == (0, True, True), done.err
    application = done.out.strip().splitlines()[-1]
    (listed,) = json.loads(call("level", "list", "--json").out)
    assert (listed["id"], listed["state"], listed["papers"]) == (application, "RECEIVED", ["driving-licence"])
    assert application in call("level", "list").out
    assert "No application" in call("level", "list", "--overdue").err
    assert call("level", "decide", application, *DESK, "--yes").code == 1
    matched = call("level", "compare", application, *DESK, "--result", "match", "--reference", "tl-1")
    assert (matched.code, "matched" in matched.err) == (0, True)
    issued = call("level", "decide", application, *DESK, "--yes")
    assert (issued.code, "Level 2 issued" in issued.out) == (0, True), issued.err
    assert (state(call)["level"], state(call)["state"]) == (2, "ISSUED")


@pytest.mark.row("R-069")
def test_r069_a_refusal_is_entered_with_its_reason(call: Call) -> None:
    done = call("level", "apply", *DESK, *TAKEN, "--consent", "signed-form", "--name", "Ai Khác", card=True)
    assert "full_name" in done.err
    application = done.out.strip().splitlines()[-1]
    refused = call("level", "decide", application, *DESK, "--refuse", "ảnh mờ", "--yes")
    assert (refused.code, "refused" in refused.err) == (0, True)


@pytest.mark.row("R-070")
def test_r070_without_a_card_it_waits_for_the_issue(call: Call, secrets: dict[str, str]) -> None:
    answers = f"{secrets['number']}\nNguyễn Mẫu\n{secrets['birth_date']}\nM\n"
    words = ("level", "apply-without-card", *DESK, *TAKEN, "--consent", "signed-form", "--why", "none-yet")
    done = call(*words, stdin=answers)
    assert done.code == 0, done.err
    application = done.out.strip().splitlines()[-1]
    assert json.loads(call("level", "list", "--json").out)[0]["state"] == "WITH_CARD_ISSUE"
    assert call("level", "card-issued", application, *DESK, card=True).code == 0
    assert json.loads(call("level", "list", "--json").out)[0]["state"] == "RECEIVED"
    assert call(*words, stdin=answers.replace("\nM\n", "\nmale\n")).code == 2


# --- papers and assistance --------------------------------------------------------------------------------------------


@pytest.mark.row("R-009", "R-011")
def test_r009_papers_are_added_listed_and_read(call: Call, url: str, tmp_path: Path) -> None:
    create(call, "--consent", "signed-form")
    data = tmp_path / "licence.json"
    data.write_text(json.dumps({"number": "GPLX-1"}))
    words = ("account", "paper", "add", *DESK, "--kind", "driving-licence", "--source", "Sở", "--date", "2026-05-01")
    assert call(*words, "--data", str(data)).code == 1
    by_hand(url, "UPDATE account SET level = 2, state = 'ACTIVE'")
    assert "No paper" in call("account", "paper", "list").err
    assert call(*words, "--data", str(data)).code == 0
    assert json.loads(call("account", "paper", "list", "--json").out)[0]["source"] == "Sở"
    assert "driving-licence" in call("account", "paper", "list").out
    shown = call("account", "paper", "show", *DESK, "--kind", "driving-licence", "--purpose", "check")
    assert json.loads(shown.out) == {"number": "GPLX-1"}
    for wrong in ("[]", "{", '{"number": 1}'):
        data.write_text(wrong)
        assert call(*words, "--data", str(data)).code == 2


@pytest.mark.row("AS-04", "AS-05")
def test_as05_a_late_account_is_marked_and_assisted(call: Call, url: str) -> None:
    create(call, "--consent", "signed-form")
    assert ": 0" in call("registry", "expire-activations").err
    told = int((utc_now() - timedelta(days=8)).timestamp() * 1_000_000)
    by_hand(url, f"UPDATE account SET noticed_at = {told}")
    assert ": 1" in call("registry", "expire-activations").err
    assert "assistance" in call("account", "show").out
    assert call("account", "assist", "--yes", card=True).code == 1
    done = call("account", "assist", *DESK, "--yes", card=True)
    assert (done.code, "Activation assisted" in done.out) == (0, True), done.err
    assert state(call)["state"] == "ACTIVE"


# --- status data ------------------------------------------------------------------------------------------------------


@pytest.mark.row("L-19", "R-083")
def test_l19_a_list_is_imported_and_what_is_wrong_in_it_is_said(
    call: Call, secrets: dict[str, str], tmp_path: Path
) -> None:
    create(call, "--consent", "signed-form")
    file = tmp_path / "status.csv"
    file.write_text(f"number,status,day,reference\n{secrets['number']},CARD_HELD,2026-05-31,R-1\n")
    assert "1 rows taken in" in call("registry", "import-status", str(file)).err
    assert "1 came before" in call("registry", "import-status", str(file)).err
    assert json.loads(call("account", "locks", "--json").out)[0]["source"] == "data-update"
    assert "by a data update" in call("account", "locks").out
    file.write_text("number,status,day,reference\n001099000001,CARD_HELD,2026-05-31,R-1\n")
    refused = call("registry", "import-status", str(file))
    assert (refused.code, "2: there is no account" in refused.out) == (1, True)
    assert json.loads(call("registry", "import-status", str(file), "--json").out)["refused"][0]["line"] == 2


# --- representatives and foreigners -----------------------------------------------------------------------------------


@pytest.mark.row("L-02", "L-10")
def test_l02_l10_who_represents_is_named_in_full_and_must_be_able_to(call: Call) -> None:
    half = create(call, "--consent", "signed-form", "--represented-by", "parent")
    assert (half.code, "--document" in half.err) == (2, True)
    oneself = create(call, "--consent", "signed-form", "--represented-by", "parent", "--document", "KS-1", *DESK)
    assert oneself.code == 1
    create(call, "--consent", "signed-form")
    assert call("account", "represent", *DESK, "--consent", "signed-form", card=True).code == 1
    assert call("account", "represent", *DESK, "--withdraw", "--yes", card=True).code == 1


@pytest.mark.row("R-007")
def test_r007_a_foreigners_account_by_the_passport(cccd: Run, tmp_path: Path, url: str) -> None:
    folder = tmp_path / "passport"
    assert cccd("card", "new", "-o", str(folder), "--seed", "5", "--profile", "passport-td3").code == 0
    mrz = json.loads((folder / "secrets.json").read_text())["mrz"]
    card = ("--reader", f"sim:{folder}", "--secret", "mrz", "--no-photo", "--trust", str(folder / "trust"))
    until = f"{(utc_now() + timedelta(days=400)):%Y-%m-%d}"
    entry = ("--symbol", "C", "--issued-on", "2025-01-02", "--issued-at", "Utopia", "--residence-until", until)
    words = ("account", "foreigner", *card, *DESK, *entry, "--registry", url)
    done = cccd(*words, "--consent", "signed-form", "--phone", "0912345678", stdin=f"999026000001\n{mrz}\n")
    assert done.code == 0, done.err
    shown = json.loads(cccd("account", "show", "--json", "--registry", url, stdin="999026000001\n").out)
    assert (shown["kind"], shown["level"]) == ("foreigner", 1)
    assert cccd(*words, "--renew", stdin=f"999026000001\n{mrz}\n").code == 0
    assert cccd(*words, stdin="").code == 2
    assert cccd(*words, "--renew", "--phone", "0912345678", stdin="").code == 2


def test_every_state_kind_and_method_has_its_words() -> None:
    assert set(APPLICATION_STATES) == set(ApplicationState)
    assert set(SOURCES) == set(LockSource)
    assert set(PAPERS) == set(PaperKind)
    assert set(METHODS) < set(ConsentMethod)
    assert set(ACCOUNT_STATES) == set(AccountState)
    assert set(DEVICE_STATES) == set(DeviceState)
