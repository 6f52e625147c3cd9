"""`cccd registry`: setting the registry up, and checking it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cccd_nfc.cli import privacy_commands, storage_commands
from cccd_nfc.cli.message_commands import deliver, outbox
from cccd_nfc.cli.registry_access import opened, registry_options, send, tell, text_of, where_is
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import Language


@click.group()
def registry() -> None:
    """Set up and check the registry."""


@registry.command()
@registry_options
@click.pass_obj
def init(lang: Language, url: str | None, trust: Path | None) -> None:
    """Create the registry, or bring an older one to today's model."""
    where = where_is(url, trust)
    with opened(where, lang, as_officer=False):
        tell("ready", lang, url=where.url)


@registry.command()
@registry_options
@click.option("--sealed", is_flag=True, help="Open everything that is sealed, too; it takes longer.")
@click.pass_obj
def check(lang: Language, url: str | None, trust: Path | None, sealed: bool) -> None:
    """Check that keys, model and audit log are those of one registry and whole."""
    from cccd_nfc.registry.key_ring import SIGNING

    with opened(where_is(url, trust), lang, as_officer=False) as found:
        head = found.check()
        tell("audit_holds", lang, size=head.size, root=head.root[:16])
        for kind in SIGNING:
            found.public_keys(kind)
        if sealed:
            tell("sealed_opens", lang, count=found.privacy.check_sealed())


registry.add_command(outbox)
registry.add_command(deliver)


@registry.command("lock-expired")
@registry_options
@click.pass_obj
def lock_expired(lang: Language, url: str | None, trust: Path | None) -> None:
    """Lock the accounts whose owners' cards have run out; for a daily timer."""
    from cccd_nfc.registry.origin import SYSTEM

    with opened(where_is(url, trust), lang, as_officer=False) as found:
        count = found.acting(SYSTEM).lock_expired_cards()
        send(found, lang)
        tell("expired_locked", lang, count=count)


@registry.command()
@registry_options
@click.pass_obj
def expire(lang: Language, url: str | None, trust: Path | None) -> None:
    """End what has come too late: activations, borrowed phones, marks of requests; for a timer, every minute."""
    from cccd_nfc.registry.origin import SYSTEM

    with opened(where_is(url, trust), lang) as found:
        tell("expired", lang, count=found.acting(SYSTEM).expire())


@registry.command("expire-activations")
@registry_options
@click.pass_obj
def expire_activations(lang: Language, url: str | None, trust: Path | None) -> None:
    """Mark the accounts that were not activated in their seven days as late; for a daily timer."""
    from cccd_nfc.registry.origin import SYSTEM

    with opened(where_is(url, trust), lang) as found:
        tell("activations_expired", lang, count=found.acting(SYSTEM).expire_activations())


@registry.command("import-status")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def import_status(lang: Language, file: Path, url: str | None, trust: Path | None, as_json: bool) -> None:
    """Take in an agency's list of cards revoked, held or returned, of deaths, and of terms violated or remedied.

    A CSV file with the columns number, status, day, reference, or a JSON list of such rows. The same file may be given
    again: what came before does nothing. Exit status 1 when rows were refused.
    """
    from cccd_nfc.registry.origin import SYSTEM
    from cccd_nfc.registry.status_import import read_rows

    rows = read_rows(text_of(file))
    with opened(where_is(url, trust), lang) as found:
        result = found.acting(SYSTEM).import_status(rows)
        send(found, lang)
    refused = [{"line": each.line, "reason": in_language(each.reason, lang)} for each in result.refused]
    if as_json:
        facts = {"done": result.done, "known": result.known, "refused": refused}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        tell("status_imported", lang, done=result.done, known=result.known, refused=len(refused))
        for each in refused:
            click.echo(f"{each['line']}: {each['reason']}")
    if refused:
        sys.exit(1)


for command in (deliver, outbox, privacy_commands.retire, privacy_commands.breach, *storage_commands.COMMANDS):
    registry.add_command(command)
