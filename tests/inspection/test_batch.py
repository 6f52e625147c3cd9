"""Many documents at once: every item its row in its order, from any number of processes, and nothing of a person."""

from __future__ import annotations

import itertools
import json
import multiprocessing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection import batch, processes
from cccd_nfc.inspection.batch import (
    Done,
    Item,
    Job,
    header_of,
    items_in,
    left_to_do,
    verify_all,
    verify_item,
    what_is_done,
)
from cccd_nfc.inspection.policy import FIELD
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import CheckName
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from registry_support import card, trust

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@cache
def evidence(seed: int = 1) -> Evidence:
    """What is read of a synthetic card, without its portrait."""
    chosen = card(seed)
    request = Request(Password.can(chosen.secrets.can), bytes(8), photo=False)
    transport = SimulatedTransport(Chip(chosen))
    return read(request, transport, random_bytes=SeededBytes(seed), now=NOW)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    """The store trusts the cards 1 and 2, and no other."""
    store = tmp_path_factory.mktemp("trust")
    for seed in (1, 2):
        (store / f"{seed}.cer").write_bytes(card(seed).trust["csca.cer"])
    return Job(store, FIELD, NOW)


def rows_of(source: Path, job: Job, workers: int = 1) -> list[dict[str, Any]]:
    return list(verify_all(items_in(source), job, workers=workers))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Evidence files, a folder of raw files, an empty one, and what is no item."""
    source = tmp_path / "items"
    source.mkdir()
    evidence(1).save(source / "b.json")
    evidence(2).save(source / "a.json")
    replace(evidence(1), active_authentication=None, chip_authentication=None).save(source / "clone.json")
    (source / "dump").mkdir()
    for name in ("EF.SOD", "EF.DG1", "EF.DG13", "EF.DG14", "EF.DG15"):
        (source / "dump" / f"{name.removeprefix('EF.')}.bin").write_bytes(evidence(1).files[name])
    (source / "empty").mkdir()
    (source / "broken.json").write_text('{"format": "cccd-nfc-evidence"}')
    (source / "README.txt").write_text("no item")
    return source


# --- items and rows -------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_evidence_and_its_folders_by_name(folder: Path) -> None:
    assert [item.name for item in items_in(folder)] == [
        "a.json",
        "b.json",
        "broken.json",
        "clone.json",
        "dump",
        "empty",
    ]


def test_every_item_has_its_row_as_if_verified_alone(folder: Path, job: Job) -> None:
    rows = {row["item"]: row for row in rows_of(folder, job)}
    verdicts = {name: row["verdict"] for name, row in rows.items()}
    assert verdicts == {
        "a.json": "passed",
        "b.json": "passed",
        "broken.json": "error",
        "clone.json": "indeterminate",
        "dump": "indeterminate",
        "empty": "error",
    }
    for seed, name in ((1, "b.json"), (2, "a.json")):
        report = verify(evidence(seed), trust(1, 2), FIELD, now=NOW)
        assert rows[name] == {
            "item": name,
            "verdict": report.verdict,
            "checks": {check.name.value: check.outcome.value for check in report.checks},
            "remarks": sorted({remark.code.value for check in report.checks for remark in check.remarks}),
            "evidence": evidence(seed).digest().hex(),
        }
        assert set(rows[name]["checks"]) == {check.value for check in CheckName}


def lines_file(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
    return path


def test_a_file_gives_an_item_for_each_line_by_its_number(tmp_path: Path, job: Job) -> None:
    """An empty line is none, and counts in the numbers all the same, so that a person finds the others."""
    one, two = evidence(1).to_bytes(), evidence(2).to_bytes()
    source = lines_file(tmp_path / "x", one, b"", b"{broken", b"  ", b"\xff\xfe", b"[]", two)
    source.write_bytes(source.read_bytes() + evidence(3).to_bytes().rstrip())
    rows = rows_of(source, job)
    assert [(row["item"], row["verdict"]) for row in rows] == [
        ("line 1", "passed"),
        ("line 3", "error"),
        ("line 5", "error"),
        ("line 6", "error"),
        ("line 7", "passed"),
        ("line 8", "indeterminate"),
    ]
    assert all(set(row) == {"item", "verdict", "error"} and row["error"] for row in rows if row["verdict"] == "error")


def test_a_huge_line_is_one_row_and_is_not_read_whole(
    tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = evidence(1).to_bytes()
    monkeypatch.setattr(batch, "LINE_LIMIT", len(one) + 1)
    source = lines_file(tmp_path / "x", one, b"x" * (5 * len(one)), one, b"x" * (len(one) + 1), one)
    items = list(items_in(source))
    assert max(len(item.line or b"") for item in items) <= len(one) + 2
    verdicts = [(row["item"], row["verdict"]) for row in rows_of(source, job)]
    passed, error = "passed", "error"
    expected = [(f"line {at}", verdict) for at, verdict in enumerate((passed, error, passed, error, passed), 1)]
    assert verdicts == expected


def test_a_source_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        list(items_in(tmp_path / "nowhere"))


def test_a_row_holds_nothing_of_the_person(folder: Path, job: Job) -> None:
    written = json.dumps(rows_of(folder, job), ensure_ascii=False)
    identity = verify(evidence(1), trust(1), FIELD, now=NOW).identity
    assert identity is not None
    personal = (identity.full_name, identity.latin_name, identity.personal_number, identity.document_number)
    assert all(len(value) > 5 for value in personal)
    assert not [value for value in personal if value in written or value.upper() in written.upper()]
    assert card(1).secrets.can not in written


# --- processes ------------------------------------------------------------------------------------------------------


def cheap(count: int) -> Iterator[Item]:
    """Items that are rows of errors at once."""
    return (Item(f"line {number}", line=b"{}") for number in range(count))


def test_several_processes_give_the_same_rows_in_the_same_order(folder: Path, job: Job) -> None:
    items = [*items_in(folder), *cheap(70), *items_in(folder)]
    alone = list(verify_all(iter(items), job, workers=1))
    assert [row["item"] for row in alone] == [item.name for item in items]
    assert list(verify_all(iter(items), job, workers=2)) == alone
    assert multiprocessing.active_children() == []


def test_what_is_at_work_at_one_time_is_bounded(job: Job) -> None:
    drawn = 0

    def counted() -> Iterator[Item]:
        nonlocal drawn
        for item in cheap(600):
            drawn += 1
            yield item

    most = 2 * processes._AHEAD * batch._CHUNK
    rows = 0
    for _ in verify_all(counted(), job, workers=2):
        rows += 1
        assert drawn - rows < most
    assert (rows, drawn) == (600, 600)


def test_items_are_drawn_one_by_one_without_other_processes(job: Job) -> None:
    items = cheap(10)
    rows = verify_all(items, job, workers=1)
    assert next(rows)["item"] == "line 0"
    assert next(items).name == "line 1"


def test_a_batch_that_is_left_early_ends_its_processes(job: Job) -> None:
    rows = verify_all(cheap(1000), job, workers=2)
    assert next(rows)["verdict"] == "error"
    assert multiprocessing.active_children()
    rows.close()  # type: ignore[attr-defined]
    assert multiprocessing.active_children() == []


def test_an_error_of_the_items_ends_the_processes_too(job: Job) -> None:
    def breaking() -> Iterator[Item]:
        yield from cheap(40)
        raise UsageError("the disk is gone")

    with pytest.raises(UsageError, match="the disk is gone"):
        list(verify_all(breaking(), job, workers=2))
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_is_said_after_the_rows_that_were_whole(job: Job) -> None:
    rows = verify_all(cheap(2000), job, workers=2)
    got = list(itertools.islice(rows, 40))
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(UsageError, match="was killed; run it again"):
        got += rows
    assert [row["item"] for row in got] == [f"line {number}" for number in range(len(got))]
    assert multiprocessing.active_children() == []


# --- going on -------------------------------------------------------------------------------------------------------


def written(path: Path, job: Job, rows: list[dict[str, Any]]) -> Path:
    lines = [header_of(job, trust(1, 2)), *rows]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_what_is_done_are_the_whole_rows_and_a_torn_one_is_cut_away(folder: Path, job: Job, tmp_path: Path) -> None:
    rows = rows_of(folder, job)
    output = written(tmp_path / "out", job, rows)
    whole = output.read_bytes()
    ends = [at + 1 for at, byte in enumerate(whole) if byte == 0x0A]
    for at in [*ends, *(end + 5 for end in ends[:-1]), *(end - 1 for end in ends[1:])]:
        output.write_bytes(whole[:at])
        done = what_is_done(output)
        count = sum(end <= at for end in ends) - 1
        assert done.rows == count
        assert done.passed == sum(row["verdict"] == "passed" for row in rows[:count])
        assert done.last == (rows[count - 1] if count else {})
        assert output.read_bytes() == whole[: ends[count]]
        left = [item.name for item in left_to_do(items_in(folder), done)]
        assert left == [row["item"] for row in rows[count:]]


def test_no_output_or_an_empty_one_begins_anew(tmp_path: Path) -> None:
    assert what_is_done(tmp_path / "nowhere") == Done()
    (tmp_path / "empty").write_bytes(b"")
    assert what_is_done(tmp_path / "empty") == Done()


@pytest.mark.parametrize(
    "content",
    ["hello\n", '{"batch": 1}\n', '{"item": "x", "verdict": "passed"}\n', "[]\n", '{"batch": 1, "policy', "\n"],
)
def test_a_file_that_is_no_output_is_refused_and_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "mine").write_text(content)
    with pytest.raises(UsageError, match="not the output of a batch"):
        what_is_done(tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == content


def test_other_items_than_those_of_the_run_are_refused(folder: Path, job: Job, tmp_path: Path) -> None:
    done = what_is_done(written(tmp_path / "out", job, rows_of(folder, job)[:3]))
    (folder / "aa.json").write_bytes(b"{}")
    with pytest.raises(UsageError, match="not those of the run"):
        list(left_to_do(items_in(folder), done))
    with pytest.raises(UsageError, match="not those of the run"):
        list(left_to_do(iter(()), done))


def test_other_lines_under_the_same_numbers_are_refused(job: Job, tmp_path: Path) -> None:
    source = lines_file(tmp_path / "x", *(evidence(seed).to_bytes() for seed in (1, 2, 3)))
    done = what_is_done(written(tmp_path / "out", job, rows_of(source, job)[:2]))
    assert [item.name for item in left_to_do(items_in(source), done)] == ["line 3"]
    lines_file(source, *(evidence(seed).to_bytes() for seed in (1, 3, 2)))
    with pytest.raises(UsageError, match="not those of the run"):
        list(left_to_do(items_in(source), done))


def test_a_row_of_an_error_is_gone_on_from_by_its_name(job: Job) -> None:
    item = Item("line 1", line=b"{}")
    row = verify_item(item, trust(1), FIELD, NOW)
    assert list(left_to_do(iter([item, item]), Done(1, 0, row))) == [item]
