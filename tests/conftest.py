"""Fixtures that all rooms share: the standards' worked examples, the published certificates, the services."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pcsc_service import PcscService
    from postgres_server import Server

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
    parser.addoption("--regenerate", action="store_true", help="write what is drawn or recorded anew")
    parser.addoption("--pictures", action="store_true", help="keep what the desk's pages look like in docs/desk")
    parser.addoption("--reader", help="run the tests that need a hardware reader, on the reader of this name")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `reader` run only where a hardware reader is named."""
    if not config.getoption("--reader"):
        for item in items:
            if item.get_closest_marker("reader"):
                item.add_marker(pytest.mark.skip(reason="needs a hardware reader: --reader NAME"))


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


@pytest.fixture(scope="module")
def pcsc_service() -> Iterator[PcscService]:
    """The real PC/SC service with its virtual reader, which no other test run uses meanwhile."""
    from cccd_nfc.errors import ReaderUnavailableError
    from pcsc_service import running_service

    try:
        with running_service() as service:
            yield service
    except ReaderUnavailableError as error:
        missing(f"the PC/SC service with the virtual reader ({error})")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of its own of 32 MB, which a test may fill and every user may reach; only root may mount one."""
    folder = Path(tempfile.mkdtemp(prefix="cccd-small-"))
    folder.chmod(0o755)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        folder.rmdir()
        missing("the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def _running_postgres() -> Iterator[Server]:
    from postgres_server import NoServerError, new_server

    try:
        with new_server() as server:
            yield server
    except NoServerError as error:
        missing(f"a PostgreSQL server ({error})")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server on which databases may be made: that of CCCD_POSTGRES, else one of the tests' own."""
    if given := os.environ.get("CCCD_POSTGRES"):
        yield given
        return
    with _running_postgres() as server:
        yield server.url


@pytest.fixture
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server that the test may do with as it likes."""
    with _running_postgres() as server:
        yield server
