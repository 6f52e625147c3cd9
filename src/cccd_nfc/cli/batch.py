"""`cccd verify --batch`: many evidence files or folders, a JSON line each."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cccd_nfc.cli.reading import default_trust, load_trust, say
from cccd_nfc.errors import UsageError
from cccd_nfc.inspection.batch import (
    Done,
    Job,
    header_of,
    items_in,
    left_to_do,
    verify_all,
    what_is_done,
)
from cccd_nfc.inspection.policy import Policy
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import SAYINGS, Language

if TYPE_CHECKING:
    from collections.abc import Callable


def run_batch(
    source: Path, output: Path | None, trust: Path | None, policy: Policy, now: datetime | None, lang: Language
) -> bool:
    """Verifies every item of `source`; whether all have passed. With `output` an interrupted run is gone on with, and
    its rows count too.
    """
    store = trust or (default_trust() if default_trust().is_dir() else None)
    done = what_is_done(output) if output else Done()
    job = Job(store, policy, now or _moment_of(done))
    header = header_of(job, load_trust(store, lang))
    _check_same(done, header)
    counts: dict[str, int] = {}
    with _opened(output) as out, _progress(lang, done) as step:
        if not done.header:
            _write(out, header)
        for row in verify_all(left_to_do(items_in(source), done), job):
            _write(out, row)
            counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
            step()
    said = ", ".join(f"{verdict} {count}" for verdict, count in sorted(counts.items()))
    say("batch_done", lang, rows=sum(counts.values()), before=done.rows, counts=said or "-")
    if not done.rows and not counts:
        raise UsageError(Said("there is nothing to verify in {path}", path=source))
    return done.passed == done.rows and not counts.keys() - {"passed"}


def _moment_of(done: Done) -> datetime:
    """The time of the run that is gone on with, so that all rows are of one time; else the present."""
    from datetime import UTC

    return datetime.fromisoformat(str(done.header["now"])) if done.header else datetime.now(UTC)


def _check_same(done: Done, header: dict[str, Any]) -> None:
    for what in (Said("policy"), Said("trust"), Said("now")):
        if done.header and done.header.get(what) != header[what]:
            raise UsageError(Said("the output was begun with another {what}: choose another output", what=what))


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    try:
        if not output.exists():
            output.touch(mode=0o600)
        with output.open("a", encoding="utf-8") as file:
            yield file
    except OSError as error:
        raise UsageError(Said("cannot write {path}: {reason}", path=output, reason=error.strerror)) from error


def _write(out: IO[str], row: dict[str, Any]) -> None:
    out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


@contextmanager
def _progress(lang: Language, done: Done) -> Iterator[Callable[[], None]]:
    """A count and a rate on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(SAYINGS["verifying"][lang], total=None, completed=done.rows)
        yield lambda: bars.advance(task)
