"""`cccd offline`, and `cccd activate --idempotency-key`, through the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.running import Result, Run, TypesWhatIsShown

Call = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'r' / 'registry.db'}"


@pytest.fixture
def card(made: Path) -> tuple[str, ...]:
    return ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))


@pytest.fixture
def account(cccd: Run, card: tuple[str, ...], secrets: dict[str, str], url: str, tmp_path: Path) -> str:
    number = secrets["number"] + "\n"
    assert (
        cccd(
            "account",
            "create",
            *card,
            "--registry",
            url,
            "--phone",
            "0912345678",
            "--consent",
            "signed-form",
            stdin=number,
        ).code
        == 0
    )
    for name in ("station", "phone"):
        assert cccd("device", "new-key", "-o", str(tmp_path / name)).code == 0
    return number


@pytest.mark.row("S-40", "DS-12")
def test_s40_a_desk_goes_offline_binds_locks_and_hands_its_journal_in(
    cccd: Run, card: tuple[str, ...], account: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = str(tmp_path / "desk.journal")
    enabled = ("--station", f"desk-7={tmp_path / 'station' / 'public.pem'}")
    desk = ("--station", "desk-7", "--station-key", str(tmp_path / "station" / "private.pem"))
    given = cccd("offline", "pass", "desk-7", *enabled, "--registry", url)
    assert given.code == 0
    (tmp_path / "pass.jws").write_text(given.out)
    assert cccd("offline", "begin", journal, str(tmp_path / "pass.jws"), *desk).code == 0
    shown: list[str] = []
    monkeypatch.setattr(
        "cccd_nfc.cli.offline_commands.tell", lambda what, lang, **values: shown.append(values.get("code", ""))
    )
    bind = ("--device", str(tmp_path / "phone" / "public.pem"), "--phone-key", str(tmp_path / "phone" / "private.pem"))
    call = ("offline", "bind", journal, *card, *desk, "--officer", "o-1", *bind, "--yes")
    assert cccd(*call, stdin=account).code == 2, "without a look at the face nothing is bound"
    owner = TypesWhatIsShown(account.strip(), lambda: next(code for code in shown if code))
    assert cccd(*call, "--face-checked", stdin=owner).code == 0
    listed = cccd("offline", "show", journal, "--station-key", str(tmp_path / "station" / "public.pem"))
    assert (listed.code, "provisional binding" in listed.out, account.strip() in listed.out) == (0, True, False)
    sync = ("offline", "sync", journal, *enabled, "--trust", card[-1], "--registry", url)
    assert [each["outcome"] for each in json.loads(cccd(*sync, "--json").out)] == ["noted", "bound"]
    (device,) = json.loads(cccd("device", "list", "--registry", url, "--json", stdin=account).out)
    assert (device["state"], device["station"], device["officer"]) == ("ACTIVE", "desk-7", "o-1")
    lock = ("offline", "lock", journal, *desk, "--officer", "o-1", "--reason", "lost-card", "--yes")
    assert cccd(*lock, stdin=account).code == 0
    assert "locked" in cccd(*sync).out
    assert json.loads(cccd("account", "show", "--registry", url, "--json", stdin=account).out)["state"] == "LOCKED"


@pytest.mark.row("S-40")
def test_s40_a_station_that_is_not_enabled_hands_nothing_in(cccd: Run, account: str, url: str, tmp_path: Path) -> None:
    journal = str(tmp_path / "desk.journal")
    desk = ("--station", "desk-7", "--station-key", str(tmp_path / "station" / "private.pem"))
    lock = ("offline", "lock", journal, *desk, "--officer", "o-1", "--reason", "other", "--yes")
    assert cccd(*lock, stdin=account).code == 0
    for wrong in ("desk-8=" + str(tmp_path / "station" / "public.pem"), "desk-7=" + str(tmp_path / "phone/public.pem")):
        trust = str(tmp_path / "no-trust")
        Path(trust).mkdir(exist_ok=True)
        sync = cccd("offline", "sync", journal, "--station", wrong, "--registry", url, "--trust", trust)
        assert sync.code in (1, 2), sync.err
    assert cccd("offline", "sync", journal, "--station", "desk-7", "--registry", url).code == 2
    assert json.loads(cccd("account", "show", "--registry", url, "--json", stdin=account).out)["state"] == "ISSUED"


@pytest.mark.row("S-30")
def test_s30_activating_again_with_the_same_key_gives_the_same_receipt(
    cccd: Run, card: tuple[str, ...], account: str, url: str, tmp_path: Path
) -> None:
    keys = ("--device", str(tmp_path / "phone/public.pem"), "--phone-key", str(tmp_path / "phone/private.pem"))
    call = ("activate", *card, "--registry", url, *keys, "--yes", "--idempotency-key", "key-12345678")

    def code() -> str:
        sent = max((tmp_path / "r" / "outbox").glob("*-otp-*.json"))
        found = re.search(r": (\d{6}) ", json.loads(sent.read_text())["text"])
        assert found
        return found[1]

    first = cccd(*call, "--receipt", str(tmp_path / "1.jws"), stdin=TypesWhatIsShown(account.strip(), code))
    assert first.code == 0, first.err
    again = cccd(*call, "--receipt", str(tmp_path / "2.jws"))
    assert (again.code, "done before" in again.err) == (0, True)
    assert (tmp_path / "1.jws").read_text() == (tmp_path / "2.jws").read_text()
    other = cccd(*call, "--label", "another", stdin=account)
    assert (other.code, "another request" in other.err) == (1, True)


@pytest.mark.row("DS-04")
def test_ds04_the_timers_command_says_how_many_came_too_late(cccd: Run, account: str, url: str) -> None:
    done = cccd("registry", "expire", "--registry", url)
    assert (done.code, "too late: 0" in done.err) == (0, True)
