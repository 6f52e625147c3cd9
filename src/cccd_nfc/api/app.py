"""The application: routes, problems, and what every answer carries. No page, no cookie, no state of its own."""

from __future__ import annotations

from fastapi import FastAPI

from cccd_nfc import __version__
from cccd_nfc.api import (
    borrowed_routes,
    device_routes,
    login_routes,
    owner_routes,
    phone_routes,
    problems,
    public_routes,
    web_routes,
)
from cccd_nfc.api.hardening import Hardening
from cccd_nfc.api.settings import Settings
from cccd_nfc.registry.service import Registry

PARTS = (public_routes, phone_routes, borrowed_routes, login_routes, owner_routes, device_routes, web_routes)


def create_app(registry: Registry, settings: Settings | None = None) -> FastAPI:
    """The registry as an ASGI application; its OpenAPI document is at /v1/openapi.json."""
    settings = settings or Settings()
    app = FastAPI(
        title="cccd_nfc registry",
        version=__version__,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=problems.RESPONSES,
    )
    app.state.registry, app.state.settings = registry.called_by_devices(), settings
    problems.install(app)
    for part in PARTS:
        app.include_router(part.routes)
    app.add_middleware(Hardening, largest_body=settings.largest_body)
    return app
