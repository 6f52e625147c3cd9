"""The application: routes, errors in words, and what every answer carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles

from cccd_nfc.api.hardening import Hardening
from cccd_nfc.desk import (
    act_routes,
    card_routes,
    citizens,
    device_routes,
    key_routes,
    login_routes,
    phone_routes,
    troubles,
)
from cccd_nfc.desk.citizen_app import citizen_app
from cccd_nfc.desk.guard import Guard
from cccd_nfc.desk.pages import HERE
from cccd_nfc.desk.seats import Desk, own_page
from cccd_nfc.desk.settings import LARGEST_BODY, DeskSettings
from cccd_nfc.desk.watching import Reader
from cccd_nfc.registry.service import Registry


def create_desk(registry: Registry, readers: Sequence[Reader], settings: DeskSettings | None = None) -> FastAPI:
    """The desk as an ASGI application; its readers are watched as long as it runs."""
    desk = Desk(registry, tuple(readers), settings or DeskSettings())

    @asynccontextmanager
    async def watching(_: FastAPI) -> AsyncIterator[None]:
        desk.start()
        try:
            yield
        finally:
            desk.stop()

    app = FastAPI(
        title="cccd_nfc desk", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        dependencies=[Depends(own_page)], lifespan=watching,
    )  # fmt: skip
    app.state.desk = desk
    troubles.install(app)
    for part in (login_routes, key_routes, card_routes, device_routes, act_routes, phone_routes):
        app.include_router(part.routes)
    app.mount(citizens.HOME, citizen_app(registry, desk.settings))
    app.add_route(citizens.HOME, citizens.front)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_middleware(troubles.Net)
    app.add_middleware(Guard, settings=desk.settings)
    app.add_middleware(Hardening, largest_body=LARGEST_BODY)
    return app
