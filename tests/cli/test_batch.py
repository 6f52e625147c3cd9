"""`cccd verify --batch`: lines and exit statuses, and a run that goes on where it broke off."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cli.running import Result, Run

LATER = "2027-01-01"


class Batch:
    """Runs `cccd verify --batch` on a folder or file, with an output beside it."""

    def __init__(self, cccd: Run, trust: Path, folder: Path) -> None:
        self._cccd, self._trust = cccd, trust
        self.source, self.output = folder / "items", folder / "rows.jsonl"

    def __call__(self, *more: str, trust: Path | None = None) -> Result:
        arguments = ("verify", "--batch", str(self.source), "--trust", str(trust or self._trust))
        return self._cccd(*arguments, "-o", str(self.output), *more)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def verdicts(self) -> list[str]:
        return [row["verdict"] for row in self.lines()[1:]]


@pytest.fixture(params=["folder", "lines"])
def batch(
    request: pytest.FixtureRequest,
    cccd: Run,
    made: Path,
    evidence: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Batch:
    """Four times the same evidence, in a folder or in lines."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    found = Batch(cccd, made / "trust", tmp_path)
    if request.param == "lines":
        found.source.write_bytes(evidence.read_bytes() * 4)
        return found
    found.source.mkdir()
    for number in range(4):
        shutil.copy(evidence, found.source / f"{number}.json")
    return found


def add(batch: Batch, raw: bytes) -> None:
    """One more item, the last one."""
    if batch.source.is_dir():
        (batch.source / "9.json").write_bytes(raw)
    else:
        batch.source.write_bytes(batch.source.read_bytes() + raw + b"\n")


def test_a_line_says_what_was_decided_by_and_then_comes_a_line_for_each(
    batch: Batch, evidence: Path, cccd: Run
) -> None:
    result = batch("--now", LATER)
    assert (result.code, result.out) == (0, "")
    header, *rows = batch.lines()
    assert (header["batch"], header["policy"]["name"], header["now"]) == (1, "field", "2027-01-01T00:00:00+00:00")
    assert "passed 4" in result.err
    alone = json.loads(cccd("verify", str(evidence), "--trust", str(batch._trust), "--now", LATER, "--json").out)
    for row in rows:
        assert row["verdict"] == alone["verdict"] == "passed"
        assert row["checks"] == {check["name"]: check["outcome"] for check in alone["checks"]}
    assert len(rows) == 4
    assert batch.output.stat().st_mode & 0o077 == 0


def test_one_that_has_not_passed_makes_the_exit_status_1(batch: Batch) -> None:
    add(batch, b"{}")
    assert batch().code == 1
    assert batch.verdicts() == ["passed"] * 4 + ["error"]


def test_without_an_output_the_lines_go_to_standard_output(cccd: Run, batch: Batch) -> None:
    result = cccd("verify", "--batch", str(batch.source))
    header, *rows = map(json.loads, result.out.splitlines())
    assert (result.code, header["batch"]) == (1, 1)
    assert [row["verdict"] for row in rows] == ["indeterminate"] * 4


def test_nothing_of_the_person_is_in_the_lines(batch: Batch, secrets: dict[str, str]) -> None:
    said = batch().err + batch.output.read_text()
    assert not [name for name, value in secrets.items() if value in said]


def test_nothing_to_verify_is_no_success(cccd: Run, tmp_path: Path) -> None:
    for name in ("empty", "dumped"):
        (tmp_path / name).mkdir()
    (tmp_path / "dumped" / "SOD.bin").write_bytes(b"x")
    (tmp_path / "lines").write_bytes(b"\n\n")
    for name in ("empty", "dumped", "lines"):
        result = cccd("verify", "--batch", str(tmp_path / name))
        assert (result.code, "nothing to verify" in result.err) == (2, True)


@pytest.mark.parametrize(
    "more",
    [
        ("CARD",),
        ("--reader", "sim:CARD"),
        ("--secret", "can"),
        ("--no-photo",),
        ("--allow-bac",),
        ("--record", "x.tape"),
        ("--json",),
        ("--save-portrait", "x.png"),
    ],
)
def test_options_for_one_card_are_refused(cccd: Run, made: Path, tmp_path: Path, more: tuple[str, ...]) -> None:
    arguments = [each.replace("CARD", str(made)) for each in more]
    result = cccd("verify", "--batch", str(tmp_path), *arguments)
    assert (result.code, "--batch goes with" in result.err) == (2, True)


def test_an_output_without_a_batch_is_refused(cccd: Run, made: Path) -> None:
    result = cccd("verify", str(made), "-o", "x")
    assert (result.code, "--output goes with --batch" in result.err) == (2, True)


# --- going on -------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_wherever_it_was_torn_off(batch: Batch) -> None:
    add(batch, b"{}")
    batch("--now", LATER)
    whole = batch.output.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 0x0A]
    for at in [*ends, *(end + 7 for end in ends[:-1]), ends[2] - 1]:
        batch.output.write_bytes(whole[:at])
        assert batch().code == 1
        assert batch.output.read_bytes() == whole


def test_a_run_that_is_whole_says_again_whether_all_have_passed(batch: Batch) -> None:
    batch()
    assert batch().code == 0
    add(batch, b"{}")
    assert batch().code == 1
    result = batch()
    assert (result.code, len(batch.lines())) == (1, 6), "the earlier rows count, though nothing was left to do"


def test_a_run_goes_on_at_its_own_time(batch: Batch) -> None:
    batch("--now", LATER)
    add(batch, b"{}")
    batch()
    assert batch.lines()[0]["now"] == "2027-01-01T00:00:00+00:00"
    assert len(batch.lines()) == 6


@pytest.mark.parametrize(
    ("more", "which"), [(("--policy", "strict"), "policy"), (("--now", "2027-01-02"), "now"), (("TRUST",), "trust")]
)
def test_a_run_does_not_go_on_by_another_measure(batch: Batch, made: Path, more: tuple[str, ...], which: str) -> None:
    batch("--now", LATER)
    before = batch.output.read_bytes()
    other = made / "trust" / "csca.cer" if more == ("TRUST",) else None
    result = batch(*(() if other else more), trust=other)
    assert (result.code, f"another {which}" in result.err) == (2, True), result.err
    assert batch.output.read_bytes() == before


def test_a_run_does_not_go_on_with_other_items(batch: Batch) -> None:
    batch()
    before = batch.output.read_bytes()
    if batch.source.is_dir():
        (batch.source / "3.json").rename(batch.source / "4.json")
    else:
        batch.source.write_bytes(b"".join(batch.source.read_bytes().splitlines(keepends=True)[:3]) + b"{}\n")
    result = batch()
    assert (result.code, "not those of the run" in result.err) == (2, True)
    assert batch.output.read_bytes() == before


def test_an_output_that_is_something_else_is_kept(batch: Batch) -> None:
    batch.output.write_text("my notes\n")
    result = batch()
    assert (result.code, "not the output of a batch" in result.err) == (2, True)
    assert batch.output.read_text() == "my notes\n"


def test_an_output_that_cannot_be_written_is_said(cccd: Run, batch: Batch) -> None:
    result = cccd("verify", "--batch", str(batch.source), "-o", "/nowhere/rows.jsonl")
    assert (result.code, "cannot write" in result.err) == (2, True)


def test_a_run_whose_process_was_killed_goes_on_and_ends_as_if_nothing_had_been(
    cccd: Run, made: Path, evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    batch = Batch(cccd, made / "trust", tmp_path)
    batch.source.write_bytes(evidence.read_bytes() * 200)

    def kill() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if batch.output.exists() and batch.output.stat().st_size and multiprocessing.active_children():
                multiprocessing.active_children()[0].kill()
                return
            time.sleep(0.001)

    killer = threading.Thread(target=kill)
    killer.start()
    result = batch("--now", LATER)
    killer.join()
    assert (result.code, "was killed; run it again" in result.err) == (2, True)
    assert multiprocessing.active_children() == []
    assert batch().code == 0
    rows = batch.lines()[1:]
    assert [(row["item"], row["verdict"]) for row in rows] == [(f"line {at}", "passed") for at in range(1, 201)]


def test_a_batch_that_is_killed_leaves_no_process_behind(made: Path, evidence: Path, tmp_path: Path) -> None:
    """SIGKILL to the command itself; its processes hold a pipe open, which ends when the last of them does."""
    (tmp_path / "items").write_bytes(evidence.read_bytes() * 2000)
    program = "import os; os.cpu_count = lambda: 2; from cccd_nfc.cli.main import main; main()"
    command = [sys.executable, "-c", program, "verify", "--batch", str(tmp_path / "items")]
    command += ["--trust", str(made / "trust")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        for _ in range(200):
            assert process.stdout.readline(), "both processes are at work by now"
        process.kill()
        ended = threading.Thread(target=process.stdout.read)
        ended.start()
        ended.join(20)
        assert not ended.is_alive(), "somebody still holds the pipe"
