"""The citizen's pages as an application within the desk's: other visits, another cookie, the same guard (F3, S-39)."""

from __future__ import annotations

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from cccd_nfc.desk import citizen_account_routes, citizen_routes, troubles
from cccd_nfc.desk.citizens import CitizenDesk, citizen_seat
from cccd_nfc.desk.pages import go
from cccd_nfc.desk.seats import own_page
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.errors import LoginNeededError
from cccd_nfc.registry.service import Registry


def citizen_app(registry: Registry, settings: DeskSettings) -> FastAPI:
    """Flow F3: activation, login, devices and the lock, for a plain browser (R-043)."""
    app = FastAPI(
        title="cccd_nfc citizens", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        dependencies=[Depends(own_page)],
    )  # fmt: skip
    app.state.desk = CitizenDesk(registry, settings)
    troubles.install(app)
    app.exception_handler(LoginNeededError)(_ended)
    app.include_router(citizen_routes.routes)
    app.include_router(citizen_account_routes.routes)
    app.add_middleware(troubles.Net)
    return app


async def _ended(request: Request, _: Exception) -> Response:
    """A login that has ended leads to the page where one logs in."""
    seat = citizen_seat(request)
    seat.visit.token = ""
    return go(seat, "/me/login")
