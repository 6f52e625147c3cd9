"""Many documents at once: every evidence file, raw folder or line of a file, verified on all cores.

A worker holds the trust store, and with it the chains of the signers it has met. What is at work at one time is
bounded, so memory does not grow with the number; results come in the order of the items, so an interrupted run goes on
where its output ends.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cccd_nfc.errors import CccdError, EncodingError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.dumps import load_evidence
from cccd_nfc.inspection.policy import Policy
from cccd_nfc.inspection.processes import share_out
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.sentences import Said

LINE_LIMIT = 16 << 20
"""Bytes of the longest line that can be an evidence."""

_CHUNK = 16
"""Items that a process is given at one time."""


@dataclass(frozen=True, slots=True)
class Item:
    """name: of the file, folder or line.  path: where it is, or None.  line: the evidence itself, or None."""

    name: str
    path: Path | None = None
    line: bytes | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker needs. trust: the path of the store, or None for an empty one."""

    trust: Path | None
    policy: Policy
    now: datetime


def items_in(source: Path) -> Iterator[Item]:
    """The items of a folder (evidence files *.json, folders of raw files) by name, or of a file, line by line.

    Raises UsageError when it cannot be read.
    """
    try:
        if source.is_dir():
            for entry in sorted(source.iterdir()):
                if entry.is_dir() or entry.suffix == ".json":
                    yield Item(entry.name, path=entry)
            return
        with source.open("rb") as lines:
            number = 0
            while line := lines.readline(LINE_LIMIT + 1):
                number += 1
                rest = line
                while rest and not rest.endswith(b"\n"):
                    rest = lines.readline(LINE_LIMIT)  # what is too long is one item all the same
                if line.strip():
                    yield Item(f"line {number}", line=line)
    except OSError as error:
        raise UsageError(Said("cannot read {path}: {reason}", path=source, reason=error.strerror)) from error


def verify_item(item: Item, trust: TrustStore, policy: Policy, now: datetime) -> dict[str, Any]:
    """One row of the result: item, verdict, outcomes by check, remarks by code; or error, for what is no evidence.

    It holds no personal data, and names the evidence by its digest.
    """
    try:
        evidence = _evidence(item)
        report = verify(evidence, trust, policy, now=now)
    except CccdError as error:
        return {"item": item.name, "verdict": "error", "error": str(error)}
    remarks = sorted({remark.code.value for check in report.checks for remark in check.remarks})
    return {
        "item": item.name,
        "verdict": report.verdict.value,
        "checks": {check.name.value: check.outcome.value for check in report.checks},
        "remarks": remarks,
        "evidence": report.evidence_digest.hex(),
    }


def _evidence(item: Item) -> Evidence:
    if item.path is not None:
        return load_evidence(item.path)
    line = item.line or b""
    if len(line) > LINE_LIMIT:
        raise EncodingError("a line longer than any evidence")
    return Evidence.from_bytes(line)


def verify_all(items: Iterator[Item], job: Job, *, workers: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows of all items, in their order, from `workers` processes (else one for each core)."""
    count = workers or os.cpu_count() or 1
    if count == 1:
        yield from map(_begin_one(job), items)
    else:
        for rows in share_out(_chunks(items), _begin, job, count):
            yield from rows


def _begin_one(job: Job) -> Callable[[Item], dict[str, Any]]:
    trust = load_trust_store(job.trust) if job.trust else TrustStore.empty()
    return lambda item: verify_item(item, trust, job.policy, job.now)


def _begin(job: Job) -> Callable[[list[Item]], list[dict[str, Any]]]:
    verify_one = _begin_one(job)
    return lambda items: [verify_one(item) for item in items]


def _chunks(items: Iterator[Item]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class Done:
    """What an earlier run has left in its output. rows: how many whole ones.  passed: how many of them have.

    last: the last one.  header: what it was run with.  Both are empty where there is no earlier run.
    """

    rows: int = 0
    passed: int = 0
    last: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)


_HEADER = frozenset({"batch", "policy", "trust", "now"})


def header_of(job: Job, trust: TrustStore) -> dict[str, Any]:
    """The first line of an output: what all its rows were decided by."""
    return {"batch": 1, "policy": job.policy.to_json(), "trust": trust.digest().hex(), "now": job.now.isoformat()}


def what_is_done(output: Path) -> Done:
    """What is in `output`; a last line that was torn off is cut away. UsageError for a file that is no such output."""
    if not output.exists() or not output.stat().st_size:
        return Done()
    try:
        with output.open("r+b") as file:
            header = _row(file.readline())
            if not header.keys() >= _HEADER:
                raise UsageError(Said("{path} is not the output of a batch", path=output))
            whole, rows, passed = file.tell(), 0, 0
            last: Mapping[str, Any] = {}
            for line in file:
                row = _row(line)
                if not row.keys() >= {"item", "verdict"}:
                    break
                whole, rows, passed, last = whole + len(line), rows + 1, passed + (row["verdict"] == "passed"), row
            file.truncate(whole)
    except OSError as error:
        raise UsageError(Said("cannot go on in {path}: {reason}", path=output, reason=error.strerror)) from error
    return Done(rows, passed, last, header)


def _row(line: bytes) -> dict[str, Any]:
    """The JSON object of a whole line; empty for a torn one."""
    try:
        found = json.loads(line) if line.endswith(b"\n") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def left_to_do(items: Iterator[Item], done: Done) -> Iterator[Item]:
    """The items after those that are done; UsageError when they are not the same items as then."""
    last = None
    for item in itertools.islice(items, done.rows):
        last = item
    if done.rows and (last is None or not _is_of(done.last, last)):
        raise UsageError("the items are not those of the run that is to be gone on with: choose another output")
    yield from items


def _is_of(row: Mapping[str, Any], item: Item) -> bool:
    """Whether the row was made of the item: lines are all named alike, so what was read decides."""
    try:
        digest = _evidence(item).digest().hex()
    except CccdError:
        digest = None
    return bool(row["item"] == item.name and row.get("evidence", digest) == digest)
