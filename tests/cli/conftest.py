"""Fixtures of the command line: a runner, a home of its own, a synthetic card."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from cccd_nfc.cli.main import main
from cli.running import Result, Run


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CCCD_LANG", "en")


@pytest.fixture
def cccd(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str, stdin: str | io.StringIO = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin) if isinstance(stdin, str) else stdin)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        captured = capsys.readouterr()
        code = ended.value.code
        return Result(code if isinstance(code, int) else 0, captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a synthetic card."""
    folder = tmp_path_factory.mktemp("cards") / "card"
    with pytest.raises(SystemExit):
        main(["card", "new", "-o", str(folder), "--seed", "7"])
    return folder


@pytest.fixture(scope="module")
def secrets(made: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((made / "secrets.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def evidence(made: Path, secrets: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The evidence file of the card."""
    path = tmp_path_factory.mktemp("evidence") / "card.json"
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "stdin", io.StringIO(secrets["can"] + "\n"))
        main(["read", "--reader", f"sim:{made}", "--secret", "can", "-o", str(path)])
    assert not ended.value.code
    return path
