"""The desk as a process: uvicorn around the application, and a browser before it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import uvicorn

from cccd_nfc import log_masking
from cccd_nfc.api.housekeeping import Housekeeper
from cccd_nfc.api.serving import Door
from cccd_nfc.api.settings import refuse_open_door
from cccd_nfc.desk.app import create_desk
from cccd_nfc.desk.seats import Desk
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.desk.watching import Reader
from cccd_nfc.registry.service import Registry


class Server(uvicorn.Server):
    """Calls `ready` when it listens, and ends the desk's streams before it waits for calls to end."""

    def __init__(self, config: uvicorn.Config, desk: Desk, ready: Callable[[], object] = lambda: None) -> None:
        super().__init__(config)
        self._desk, self._ready = desk, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.closing = True
        await super().shutdown(sockets)


def serve_desk(
    registry: Registry, readers: Sequence[Reader], door: Door, settings: DeskSettings,
    ready: Callable[[], object] = lambda: None,
) -> None:  # fmt: skip
    """Serves until SIGINT or SIGTERM. UsageError for a door that is open to others without TLS (S-39)."""
    refuse_open_door(door.host, door.certificate, door.key)
    log_masking.install()
    app = create_desk(registry, readers, settings)
    config = uvicorn.Config(
        app,
        host=door.host,
        port=door.port,
        ssl_certfile=door.certificate,
        ssl_keyfile=door.key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    with Housekeeper(registry), suppress(KeyboardInterrupt):
        Server(config, app.state.desk, ready).run()
