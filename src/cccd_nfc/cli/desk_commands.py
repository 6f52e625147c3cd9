"""`cccd desk`: the officer's pages, on this machine, with its readers."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.registry_access import opened, registry_options, tell, where_is
from cccd_nfc.errors import UsageError
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.desk.settings import StationKey

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@registry_options
@click.option(
    "--reader", "readers", multiple=True, default=("pcsc",), show_default=True, metavar="R",
    help="pcsc, pcsc:PART-OF-NAME, nfc, sim:FOLDER; say it again for another one.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Beyond this machine, TLS is needed.")
@click.option("--port", default=8711, show_default=True, type=click.IntRange(1, 65535))
@click.option("--base-url", metavar="URL", help="How browsers reach it, when that is not host and port.")
@click.option("--tls-cert", type=_FILE, metavar="PEM")
@click.option("--tls-key", type=_FILE, metavar="PEM")
@click.option("--station", metavar="ID", help="The registered station that this desk is.")
@click.option("--station-key", type=_FILE, metavar="PRIVATE.pem", help="Its private key, which signs logins here.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.pass_obj
def desk(
    lang: Language, url: str | None, trust: Path | None, readers: tuple[str, ...], host: str, port: int,
    base_url: str | None, tls_cert: Path | None, tls_key: Path | None, station: str | None, station_key: Path | None,
    no_browser: bool,
) -> None:  # fmt: skip
    """Open the desk's pages: read a card, see whether it is genuine, bind a phone.

    The pages are served until interrupted, on this machine alone unless another host is said.
    """
    try:
        from cccd_nfc.api.serving import Door
        from cccd_nfc.desk.serving import serve_desk
        from cccd_nfc.desk.settings import DeskSettings
        from cccd_nfc.desk.watching import reader_at
    except ImportError as error:
        raise UsageError("the desk's packages are not installed; install cccd-nfc[desk]") from error
    from cccd_nfc.cli.reading import load_trust
    from cccd_nfc.registry.clock import utc_now

    door = Door(host, port, tls_cert, tls_key)
    address = (base_url or _address(door.base_url, host)).rstrip("/")
    where = where_is(url, trust)
    settings = DeskSettings(address, load_trust(where.trust, lang), _station(station, station_key), now=utc_now)
    with opened(where, lang, with_trust=True, as_officer=False) as registry:
        tell("desk_open", lang, url=address)
        ready = (lambda: None) if no_browser else (lambda: webbrowser.open(address))
        serve_desk(registry, [reader_at(each) for each in readers], door, settings, ready)


def _address(door: str, host: str) -> str:
    """By name on this machine: security keys answer names only (WebAuthn, section 5.1.2)."""
    return door.replace("127.0.0.1", "localhost") if host == "127.0.0.1" else door


def _station(station: str | None, key: Path | None) -> StationKey | None:
    from cccd_nfc.desk.settings import StationKey
    from cccd_nfc.registry.phone import Phone

    if (station is None) != (key is None):
        raise click.UsageError("--station and --station-key go together")
    return StationKey(station, Phone.load(key).private_pem) if station and key else None
