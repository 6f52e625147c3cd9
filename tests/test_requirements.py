"""docs/requirements.md says the truth: rows, marks on the tests and reasons agree, and the pages are those of today."""

from __future__ import annotations

from pathlib import Path

import pytest

import registry_page
import requirements_page
from cccd_nfc.registry.states import ACCOUNT_TRANSITIONS, DEVICE_TRANSITIONS
from requirements_page import Row, bearers, faults, rows


def test_every_row_has_a_test_or_a_reason_and_every_mark_a_row() -> None:
    assert faults(rows(), bearers()) == []


@pytest.mark.parametrize(
    ("row", "tests", "said"),
    [
        (Row("R-001", "so", "", ""), [], "with 0 tests"),
        (Row("R-001", "so", "not built", "no time"), ["t"], "not built yet, with 1 tests"),
        (Row("R-001", "so", "not part", "no"), ["t"], "not part, with 1 tests"),
        (Row("R-001", "so", "partly", "half"), [], "with 0 tests"),
        (Row("R-001", "so", "partly", ""), ["t"], "with the reason"),
        (Row("R-001", "so", "not built", ""), [], "with the reason"),
        (Row("R-001", "so", "", "but"), ["t"], "with the reason"),
        (Row("R-001", "so", "done", "x"), ["t"], "unknown"),
        (Row("R-002", "so", "not part", "x"), ["t"], "R-001: no such row"),
    ],
)
def test_rows_and_marks_that_do_not_agree_are_said(row: Row, tests: list[str], said: str) -> None:
    assert any(said in fault for fault in faults([row], {"R-001": tests} if tests else {}))


def test_the_tables_of_states_name_known_rows() -> None:
    known = {row.number for row in rows()}
    assert set(ACCOUNT_TRANSITIONS.values()) | set(DEVICE_TRANSITIONS.values()) <= known


def same(path: Path, text: str, request: pytest.FixtureRequest) -> bool:
    if request.config.getoption("--regenerate"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text


def test_requirements_md_is_that_of_the_rows_and_the_tests(request: pytest.FixtureRequest) -> None:
    assert same(requirements_page.PAGE, requirements_page.page(rows(), bearers()), request)


def test_registry_md_is_drawn_from_the_tables(request: pytest.FixtureRequest) -> None:
    assert same(registry_page.PAGE, registry_page.page(), request)
