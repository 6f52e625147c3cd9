"""`cccd serve`: the registry over HTTP, for phones."""

from __future__ import annotations

from pathlib import Path

import click

from cccd_nfc.cli.registry_access import opened, registry_options, tell, where_is
from cccd_nfc.errors import UsageError
from cccd_nfc.spoken.words import Language

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@registry_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Beyond this machine, TLS is needed.")
@click.option("--port", default=8710, show_default=True, type=click.IntRange(1, 65535))
@click.option("--base-url", metavar="URL", help="How callers reach it, when that is not host and port.")
@click.option("--tls-cert", type=_FILE, metavar="PEM")
@click.option("--tls-key", type=_FILE, metavar="PEM")
@click.option("--proxy", default="", metavar="ADDRESS", help="A proxy that says where calls come from.")
@click.pass_obj
def serve(
    lang: Language, url: str | None, trust: Path | None, host: str, port: int, base_url: str | None,
    tls_cert: Path | None, tls_key: Path | None, proxy: str,
) -> None:  # fmt: skip
    """Serve the registry over HTTP until interrupted."""
    try:
        from cccd_nfc.api.serving import Door
        from cccd_nfc.api.serving import serve as run
        from cccd_nfc.api.settings import Settings
    except ImportError as error:
        raise UsageError("FastAPI or uvicorn is not installed; install cccd-nfc[desk]") from error

    door = Door(host, port, tls_cert, tls_key, proxy)
    settings = Settings(base_url=(base_url or door.base_url).rstrip("/"))
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        tell("serving", lang, url=settings.base_url)
        run(registry, door, settings)
