"""Fixtures of the desk: places without and with officers, and a real browser."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from conftest import IN_CI, PROJECT, missing
from desk.support import Browser, Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page


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


# --- a real browser -------------------------------------------------------------------------------------------------

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
QUIETLY = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip
PICTURES = PROJECT / "docs" / "desk"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """The system's Chromium, driven by Playwright."""
    pytest.importorskip("playwright", reason="playwright is not installed") if not IN_CI else None
    from playwright.sync_api import sync_playwright

    found = next((path for path in CHROMIUM if Path(path).exists()), None)
    if found is None:
        missing("a Chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=list(QUIETLY))
        yield launched
        launched.close()


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """A page of its own, which fails the test for an error in its console and for a request to another host."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: _note_stranger(asked.url, wrong))
    page.wrong = wrong  # type: ignore[attr-defined]  # for a test that expects one
    yield page
    context.close()
    assert wrong == []


def _note_stranger(url: str, wrong: list[str]) -> None:
    if not url.startswith(("http://localhost:", "blob:", "data:")):
        wrong.append(f"asked {url}")


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps what the page looks like, where --pictures is given. whole: with what is below the window."""

    def take(page: Page, name: str, *, whole: bool = True) -> None:
        if request.config.getoption("--pictures"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            taken = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
            taken.convert("RGB").quantize(96).save(PICTURES / f"{name}.png", optimize=True)

    return take
