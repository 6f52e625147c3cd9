"""Every test of the registry that asks for a desk or a place runs on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from officer_support import Staff
from registry_places import Place, PostgresPlace, SqlitePlace, drop_all
from registry_support import Desk


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def new_place(backend: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Place]]:
    """Gives for a folder a place whose database is new."""
    if backend == "sqlite":
        yield SqlitePlace.new
        return
    server: str = request.getfixturevalue("postgres_url")
    yield partial(PostgresPlace.new, server)
    drop_all(server)


@pytest.fixture
def place(new_place: Callable[[Path], Place], tmp_path: Path) -> Place:
    return new_place(tmp_path / "desk")


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    desk = Desk(place)
    yield desk
    desk.registry.close()


@pytest.fixture
def staff(desk: Desk) -> Staff:
    return Staff(desk)
