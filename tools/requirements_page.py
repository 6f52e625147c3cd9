"""Writes docs/requirements.md: each row of the requirements with the tests that bear it, or the reason why none does.

The rows stand in docs/requirements.csv; a test bears a row by the mark `row`. Run from the project:

    .venv/bin/python tools/requirements_page.py
"""

from __future__ import annotations

import ast
import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ROWS = PROJECT / "docs" / "requirements.csv"
PAGE = PROJECT / "docs" / "requirements.md"
TESTS = PROJECT / "tests"

TESTED, PARTLY, NOT_BUILT, NOT_PART = "", "partly", "not built", "not part"
STANDINGS = {TESTED: "tested", PARTLY: "tested in part", NOT_BUILT: "not built yet", NOT_PART: "not part"}
SECTIONS = {
    "R": "What the registry is to do",
    "S": "Security",
    "L": "Law",
    "AS": "Steps of an account",
    "DS": "Steps of a device",
}
HEAD = """# Requirements of the registry

Written by `tools/requirements_page.py` from `docs/requirements.csv` and the marks `row` on the tests.

- *tested*: the tests named fail when the row is broken. Names are below `tests/`.
- *in part*: so does what is built of it; the sentence says what is lacking.
- *not built yet*, *not part of this toolkit*: no test, and the reason.

"""

Bearers = Mapping[str, Sequence[str]]
"""Row -> the tests that bear it."""


@dataclass(frozen=True, slots=True)
class Row:
    """standing: one of STANDINGS.  reason: what is lacking, or why there is no test."""

    number: str
    statement: str
    standing: str
    reason: str

    @property
    def section(self) -> str:
        return self.number.partition("-")[0]


def rows() -> tuple[Row, ...]:
    with ROWS.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    return tuple(Row(*line) for line in lines[1:])


def bearers() -> Bearers:
    """What the marks on the tests say, read without importing them."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                for number in _marked(node):
                    found[number].append(f"{path.relative_to(TESTS).as_posix()}::{node.name}")
    return found


def _marked(test: ast.FunctionDef) -> Iterator[str]:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.row":
            yield from (str(ast.literal_eval(argument)) for argument in decorator.args)


def faults(known: Sequence[Row], borne: Bearers) -> list[str]:
    """What rows and marks say against each other; empty when they agree."""
    said = [f"{number}: no such row" for number in sorted(set(borne) - {row.number for row in known})]
    said += [f"{number}: twice" for number, count in Counter(row.number for row in known).items() if count > 1]
    for row in known:
        if row.standing not in STANDINGS or not row.statement:
            said.append(f"{row.number}: no statement, or a standing that is unknown")
        if (row.standing in (TESTED, PARTLY)) != bool(borne.get(row.number)):
            said.append(f"{row.number}: {STANDINGS.get(row.standing)}, with {len(borne.get(row.number, ()))} tests")
        if (row.standing == TESTED) == bool(row.reason):
            said.append(f"{row.number}: {STANDINGS.get(row.standing)}, with the reason “{row.reason}”")
    return said


def page(known: Sequence[Row], borne: Bearers) -> str:
    sections = (_section(name, [row for row in known if row.section == name], borne) for name in SECTIONS)
    return HEAD + _counts(known) + "".join(sections)


def _counts(known: Sequence[Row]) -> str:
    lines = [f"| | rows | {' | '.join(STANDINGS.values())} |", f"|---|{'---:|' * (len(STANDINGS) + 1)}"]
    for name, title in SECTIONS.items():
        lines.append(_counted(f"{name}: {title}", [row for row in known if row.section == name]))
    return "\n".join([*lines, _counted("all", known), ""])


def _counted(title: str, some: Sequence[Row]) -> str:
    count = Counter(row.standing for row in some)
    return f"| {title} | {len(some)} | {' | '.join(str(count[standing]) for standing in STANDINGS)} |"


def _section(name: str, some: Sequence[Row], borne: Bearers) -> str:
    lines = ["", f"## {name}: {SECTIONS[name]}", "", "| row | statement | tests, or the reason |", "|---|---|---|"]
    lines += [f"| {row.number} | {row.statement} | {_proof(row, borne.get(row.number, ()))} |" for row in some]
    return "\n".join([*lines, ""])


def _proof(row: Row, tests: Sequence[str]) -> str:
    title = {PARTLY: "*In part.* ", NOT_BUILT: "*Not built yet.* ", NOT_PART: "*Not part of this toolkit.* "}
    names = [f"`{name}`" for name in tests]
    return "<br>".join([*names, title[row.standing] + row.reason] if row.reason else names)


def main() -> None:
    known, borne = rows(), bearers()
    wrong = faults(known, borne)
    if wrong:
        raise SystemExit("\n".join(wrong))
    PAGE.write_text(page(known, borne), encoding="utf-8")


if __name__ == "__main__":
    main()
