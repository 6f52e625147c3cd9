"""A disk that is really full, beneath SQLite's files and beneath PostgreSQL's tables: refused, nothing lost, and well
again when there is room (S-38)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from cccd_nfc.errors import RegistryUnavailableError
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from postgres_server import as_nobody
from registry_places import Place, PostgresPlace, SqlitePlace
from registry_support import Desk, everything

_IN_ORDER = ("begin", "confirm", "submit", "unlink", "lock")
"""Each can follow the one before it; where there was room for one after all, the later ones are left out."""

MOST_ACTS = 1000
"""More than fit into the room that a database has reserved already."""


def on_postgres(request: pytest.FixtureRequest, disk: Path, folder: Path) -> Place:
    """Its tables lie on the small disk; its log does not, since a server without room for that ends itself."""
    server: str = request.getfixturevalue("postgres_server").url
    tables = disk / "tables"
    tables.mkdir()
    if who := as_nobody():
        os.chown(tables, who["user"], who["group"])
    place = PostgresPlace.new(server, folder)
    on_server = PostgresPlace(folder, server)
    on_server.command(f"CREATE TABLESPACE small LOCATION '{tables}'")
    on_server.command(f"ALTER DATABASE {make_url(place.url).database} SET TABLESPACE small")
    return place


@pytest.fixture
def desk(backend: str, small_disk: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A registry whose database lies on the small disk."""
    if backend == "sqlite":
        place: Place = SqlitePlace.new(small_disk / "desk")
    else:
        place = on_postgres(request, small_disk, tmp_path / "desk")
    desk = Desk(place)
    yield desk
    desk.registry.close()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not a byte is left for the length of this."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                while True:
                    try:
                        if file.write(bytes(size)) < size:
                            break
                    except OSError:
                        break
        yield
    finally:
        ballast.unlink()


@pytest.mark.row("S-31", "S-38")
def test_s38_a_full_disk_refuses_every_act_and_keeps_all(desk: Desk, small_disk: Path) -> None:
    acts = everything(desk)
    with full(small_disk):
        for _ in range(MOST_ACTS):
            before = desk.place.rows()
            try:
                desk.registry.begin(Purpose.ENROL)
            except RegistryUnavailableError as error:
                assert "disk is full" in str(error) or "no space left" in str(error) or "i/o" in str(error)
                break
        else:
            pytest.fail("the disk was never full")
        assert desk.place.rows() == before
        desk.registry.check()
        refused = list(takewhile(lambda name: is_refused(desk, acts[name]), _IN_ORDER))
        assert "begin" in refused
    for name in refused:
        assert acts[name](desk.registry), name
    desk.registry.check()


def is_refused(desk: Desk, act: Callable[[Registry], Any]) -> bool:
    """Whether there was no room for the act; whatever was done is taken back then, but a try that was spent."""
    before = desk.place.rows()
    try:
        act(desk.registry)
    except RegistryUnavailableError:
        changed = {table for table, rows in desk.place.rows().items() if rows != before[table]}
        assert changed <= {"account", "one_time_password"}, changed
        return True
    return False
