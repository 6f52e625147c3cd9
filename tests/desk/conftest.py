"""Fixtures of the desk: places without and with officers, and a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.support import Browser, Place


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A registry without officers, and a desk before it."""
    made = Place.new(tmp_path / "registry")
    yield made
    made.desk.registry.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Place]:
    """A registry with officers, and a desk that is a registered station."""
    made = Place.new(tmp_path / "registry", officers=True)
    yield made
    made.desk.registry.close()


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    with place.browser() as made:
        yield made


@pytest.fixture
def officer(office: Place) -> Iterator[Browser]:
    """A browser whose officer has logged in."""
    with office.browser() as made:
        made.log_in()
        yield made
