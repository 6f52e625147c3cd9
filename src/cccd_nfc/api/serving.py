"""The service as a process: uvicorn around the application, until it is told to stop."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from cccd_nfc import log_masking
from cccd_nfc.api.app import create_app
from cccd_nfc.api.housekeeping import Housekeeper
from cccd_nfc.api.settings import Settings, refuse_open_door
from cccd_nfc.registry.service import Registry


@dataclass(frozen=True, slots=True)
class Door:
    """Where the service listens. certificate, key: PEM files; both are needed beyond this machine.

    proxy: address of the one whose word is taken for where a call comes from (X-Forwarded-For); limits count by that.
    """

    host: str = "127.0.0.1"
    port: int = 8710
    certificate: Path | None = None
    key: Path | None = None
    proxy: str = ""

    @property
    def base_url(self) -> str:
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def serve(registry: Registry, door: Door, settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM. UsageError for a door that is open to others without TLS."""
    refuse_open_door(door.host, door.certificate, door.key)
    log_masking.install()
    config = uvicorn.Config(
        create_app(registry, settings),
        host=door.host,
        port=door.port,
        ssl_certfile=door.certificate,
        ssl_keyfile=door.key,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=door.proxy != "",
        forwarded_allow_ips=door.proxy or None,
    )
    serving = registry.called_by_devices()
    with Housekeeper(serving), suppress(KeyboardInterrupt):  # uvicorn has closed its calls before it passes that on
        uvicorn.Server(config).run()
