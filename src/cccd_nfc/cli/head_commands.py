"""`cccd audit publish`, `compare`: heads of the audit log carried away, and held against those of others."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click

from cccd_nfc.cli.document_words import STANDINGS
from cccd_nfc.cli.registry_access import HEADS, opened, registry_options, tell, text_of, where_is
from cccd_nfc.spoken.words import Language

_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@registry_options
@click.pass_obj
def publish(lang: Language, url: str | None, trust: Path | None) -> None:
    """Sign the log's head and carry it to the folder CCCD_HEADS; without one it is printed. For a timer."""
    with opened(where_is(url, trust), lang) as registry:
        token = registry.publish_head()
    if not os.environ.get(HEADS):
        click.echo(token)
    tell("head_published", lang)


@click.command()
@click.argument("heads", type=_A_FILE, nargs=-1, required=True)
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def compare(ctx: click.Context, heads: tuple[Path, ...], url: str | None, trust: Path | None, as_json: bool) -> None:
    """Hold heads that another desk or a copy has against this log; exit 1 when one does not agree."""
    lang: Language = ctx.obj
    with opened(where_is(url, trust), lang) as registry:
        found = registry.heads.compare([text_of(each) for each in heads])
    if as_json:
        said = [{"size": each.size, "root": each.root, "standing": each.standing.value} for each in found]
        click.echo(json.dumps(said, indent=2))
    else:
        for each in found:
            click.echo(f"{each.size:>10}  {each.root[:16]}  {STANDINGS[each.standing][lang]}")
    ctx.exit(int(any(each.standing.value != "held" for each in found)))
