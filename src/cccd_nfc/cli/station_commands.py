"""`cccd unit`, `cccd station`: where officers work."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cccd_nfc.cli.officer_words import UNIT_KINDS
from cccd_nfc.cli.registry_access import opened, registry_options, tell, text_of, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.spoken.words import Language


@click.group()
def unit() -> None:
    """Police units: of communes, of provinces, of the ministry."""


@unit.command("add")
@click.argument("code", metavar="CODE")
@registry_options
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(list(UNIT_KINDS)), required=True)
@click.pass_obj
def add_unit(lang: Language, code: str, url: str | None, trust: Path | None, name: str, kind: str) -> None:
    """Add a unit under a short code of your own."""
    from cccd_nfc.registry.permissions import UnitKind

    with opened(where_is(url, trust), lang) as registry:
        registry.stations.add_unit(code, name, UnitKind(kind))
    tell("unit_added", lang, code=code)


@unit.command("list")
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_units(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the units."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.stations.units()
    if as_json:
        rows = [{"code": each.code, "name": each.name, "kind": each.kind.value} for each in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in found:
        click.echo(f"{each.code:<16} {UNIT_KINDS[each.kind][lang]:<12} {each.name}")


@click.group()
def station() -> None:
    """Desks with a reader, each known by a key of its own.

    Make a key by `cccd device new-key`. It never becomes the device of an account.
    """


@station.command("add")
@click.argument("name", metavar="NAME")
@registry_options
@click.option("--unit", "code", required=True, metavar="CODE", help="The unit that the desk belongs to.")
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PUBLIC.pem",
    help="The station's public key (P-256, PEM or JWK).",
)  # fmt: skip
@click.pass_obj
def add_station(lang: Language, name: str, url: str | None, trust: Path | None, code: str, key: Path) -> None:
    """Add a station; gives its id."""
    from cccd_nfc.registry.phone import DeviceKey

    with opened(where_is(url, trust), lang) as registry:
        made = registry.stations.add(name, code, DeviceKey.parse(text_of(key)))
    tell("station_added", lang, name=name)
    click.echo(made.id)


@station.command("list")
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_stations(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the stations."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.stations.listed()
    if as_json:
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "unit": each.unit,
                "unit_kind": each.unit_kind.value,
                "thumbprint": each.thumbprint,
                "enabled": each.enabled,
            }
            for each in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for each in found:
        state = WORDS["enabled" if each.enabled else "disabled"][lang]
        click.echo(f"{each.name:<16} {each.unit} ({UNIT_KINDS[each.unit_kind][lang]})  {state}  {each.id}")


@station.command()
@click.argument("station_id", metavar="STATION")
@registry_options
@click.pass_obj
def disable(lang: Language, station_id: str, url: str | None, trust: Path | None) -> None:
    """Disable a station: its sessions end at once."""
    with opened(where_is(url, trust), lang) as registry:
        registry.stations.disable(station_id)
    tell("station_disabled", lang)


@station.command()
@click.argument("station_id", metavar="STATION")
@registry_options
@click.pass_obj
def enable(lang: Language, station_id: str, url: str | None, trust: Path | None) -> None:
    """Let a station that was disabled work again."""
    with opened(where_is(url, trust), lang) as registry:
        registry.stations.enable(station_id)
    tell("station_enabled", lang)
