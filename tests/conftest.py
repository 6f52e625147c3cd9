"""Fixtures that all rooms share: the standards' worked examples, the published certificates, the PC/SC service."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parent.parent
VECTORS = PROJECT / "tests" / "vectors"
IN_CI = os.environ.get("CI") == "true"


def load_vector(name: str) -> Any:
    """The worked examples in tests/vectors/`name`.json, whose origin stands inside."""
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


def missing(what: str) -> None:
    """Skips a test for want of `what`; in CI that is a failure, since a skip would hide a missing part."""
    if IN_CI:
        pytest.fail(f"{what} is needed here")
    pytest.skip(f"{what} is not on this machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reader", help="run the tests that need a hardware reader, on the reader of this name")


@pytest.fixture(scope="session")
def vector() -> Callable[[str], Any]:
    return load_vector


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The published certificates, lists and security objects beside the project; never committed."""
    folder = Path(os.environ.get("CCCD_REALDATA", PROJECT.parent / "shared" / "realdata"))
    if not folder.is_dir():
        missing("the folder of published certificates (CCCD_REALDATA)")
    return folder
