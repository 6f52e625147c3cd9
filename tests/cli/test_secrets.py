"""Web activation, logins, password, passcode and the owner's lock, through the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.registry.question_list import QUESTIONS
from cccd_nfc.spoken.question_words import QUESTION_WORDS
from cli.running import Result, Run

PHONE = "0912345678"
PASSWORD, PASSCODE = "Trăng-sáng 47", "593817"
CHOSEN = f"{PASSWORD}\n{PASSCODE}\nfirst-school\nTrường làng\nfirst-pet\nCon Vện\nfirst-job\nthợ mộc\n"

Call = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "r"


@pytest.fixture
def call(cccd: Run, made: Path, secrets: dict[str, str], folder: Path) -> Call:
    """A command with the registry, where the card's owner has an account."""

    def run(*words: str, stdin: str = "", card: bool = False) -> Result:
        reader = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
        more = reader if card else ()
        return cccd(*words, *more, "--registry", f"sqlite:///{folder / 'registry.db'}", stdin=stdin)

    assert (
        run(
            "account", "create", "--phone", PHONE, "--consent", "signed-form", card=True, stdin=secrets["number"] + "\n"
        ).code
        == 0
    )
    return run


def code(folder: Path) -> str:
    paths = sorted((folder / "outbox").glob("*-otp-*.json"), key=lambda path: path.stat().st_mtime_ns)
    found = re.search(r": (\d{6}) de ", json.loads(paths[-1].read_text())["text"])
    assert found
    return found[1]


@pytest.fixture
def number(call: Call, secrets: dict[str, str], folder: Path, tmp_path: Path) -> str:
    """The number of an account that was activated on the web."""
    begun = call("web", "begin", stdin=f"{secrets['number']}\n{PHONE}\n")
    grant = tmp_path / "grant"
    assert call("web", "confirm", begun.out.strip(), "--grant", str(grant), stdin=code(folder) + "\n").code == 0
    done = call("web", "finish", begun.out.strip(), "--grant", str(grant), stdin=CHOSEN)
    assert (done.code, "RECEIPT" in done.out, "is active" in done.err, grant.exists()) == (0, True, True, False)
    return secrets["number"]


@pytest.fixture
def session(call: Call, number: str, tmp_path: Path) -> Path:
    path = tmp_path / "login"
    done = call("login", "--session", str(path), stdin=f"{number}\n{PASSWORD}\n")
    assert (done.code, "before you lend the phone" in done.err) == (0, True)
    return path


@pytest.mark.row("R-042", "R-044", "S-13")
def test_r044_everybody_who_asks_on_the_web_is_answered_alike(call: Call, secrets: dict[str, str]) -> None:
    answers = [
        call("web", "begin", stdin=f"{number}\n{phone}\n")
        for number, phone in (
            (secrets["number"], PHONE),
            (secrets["number"], "0987654321"),
            ("001099000000", PHONE),
        )
    ]
    assert {(each.code, each.err.replace(each.out.strip(), "-")) for each in answers} == {
        (0, answers[0].err.replace(answers[0].out.strip(), "-"))
    }


@pytest.mark.row("R-047")
def test_r047_after_the_code_an_active_owner_is_told_so(
    call: Call, number: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = call("web", "begin", "--json", stdin=f"{number}\n{PHONE}\n")
    monkeypatch.setenv("CCCD_LANG", "vi")
    grant = tmp_path / "none"
    transaction = json.loads(begun.out)["transaction"]
    told = call("web", "confirm", transaction, "--grant", str(grant), stdin=code(folder) + "\n")
    assert (told.code, "Tài khoản của bạn đã thực hiện kích hoạt" in told.err, grant.exists()) == (0, True, False)


@pytest.mark.row("R-028", "R-024", "R-057")
def test_r028_r024_log_in_and_out_with_a_file_that_only_its_owner_reads(call: Call, session: Path, number: str) -> None:
    assert session.stat().st_mode & 0o777 == 0o600
    assert call("logout", "--session", str(session)).code == 0
    assert not session.exists()
    assert call("logout", "--session", str(session)).code == 2
    wrong = call("login", "--session", str(session), stdin=f"{number}\nwrong\n")
    unknown = call("login", "--session", str(session), stdin=f"001099000000\n{PASSWORD}\n")
    assert (wrong.code, wrong.err, session.exists()) == (1, unknown.err, False)


@pytest.mark.row("R-028")
def test_r028_a_login_that_others_can_read_is_not_used(call: Call, session: Path) -> None:
    session.chmod(0o644)
    assert call("logout", "--session", str(session)).code == 2


@pytest.mark.row("AS-12")
def test_as12_change_the_password_in_a_login(call: Call, session: Path, number: str) -> None:
    changing = ("password", "change", "--session", str(session))
    short = call(*changing, stdin=f"{PASSWORD}\nshort\n")
    assert (short.code, "too few characters" in short.err, "short" in short.err.split(":", 1)[1]) == (2, True, False)
    assert call(*changing, stdin=f"{PASSWORD}\nGió+mùa/82x\n").code == 0
    assert call("login", "--session", str(session), stdin=f"{number}\nGió+mùa/82x\n").code == 0


@pytest.mark.row("AS-12", "R-048")
def test_as12_set_the_password_anew_by_card_and_code(
    call: Call, number: str, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cccd_nfc.cli import secret_commands

    monkeypatch.setattr(secret_commands, "ask_line", lambda _prompt: code(folder))
    done = call("password", "reset", card=True, stdin=f"{number}\nGió+mùa/82x\n\n")
    assert (done.code, "RECEIPT" in done.out) == (0, True)
    login = ("login", "--session", str(tmp_path / "login"))
    assert call(*login, stdin=f"{number}\n{PASSWORD}\n").code == 1
    assert call(*login, stdin=f"{number}\nGió+mùa/82x\n").code == 0


@pytest.mark.row("R-053")
def test_r053_the_passcode_confirms_the_use_of_a_service(call: Call, session: Path) -> None:
    using = ("passcode", "confirm", "--session", str(session), "--service", "health-card")
    assert (call(*using, stdin="000111\n").code, call(*using, stdin=f"{PASSCODE}\n").code) == (1, 0)


@pytest.mark.row("R-073")
def test_r073_the_owner_locks_by_number_and_password(call: Call, number: str) -> None:
    locking = ("account", "lock", "--by-password", "--reason", "lost-device", "--yes")
    assert call(*locking, stdin=f"{number}\nwrong\n\n").code == 1
    assert call(*locking, "--hotline", stdin=f"{number}\n{PASSWORD}\n\n").code == 2
    assert call(*locking, stdin=f"{number}\n{PASSWORD}\n{PASSCODE}\n").code == 0
    assert json.loads(call("account", "show", "--json", stdin=number + "\n").out)["state"] == "LOCKED"


@pytest.mark.row("R-019", "DS-05")
def test_r019_unlink_by_login_wants_a_yes_and_a_device(call: Call, session: Path) -> None:
    assert call("device", "unlink", "--session", str(session)).code == 2
    nothing = call("device", "unlink", "--session", str(session), "--yes")
    assert (nothing.code, "no active device" in nothing.err) == (1, True)


@pytest.mark.row("R-054")
def test_r054_every_question_has_its_wording(call: Call) -> None:
    assert set(QUESTION_WORDS) == set(QUESTIONS)
    assert all(set(text) == {"vi", "en"} for text in (*QUESTION_WORDS.values(), *WORDS.values()))
