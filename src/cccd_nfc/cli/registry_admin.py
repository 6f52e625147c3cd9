"""`cccd registry`: setting the registry up, and checking it."""

from __future__ import annotations

from pathlib import Path

import click

from cccd_nfc.cli.registry_access import opened, registry_options, tell, where_is
from cccd_nfc.cli.words import Language


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
@click.pass_obj
def check(lang: Language, url: str | None, trust: Path | None) -> None:
    """Check that keys, model and audit log are those of one registry and whole."""
    with opened(where_is(url, trust), lang, as_officer=False) as found:
        head = found.check()
        tell("audit_holds", lang, size=head.size, root=head.root[:16])


@registry.command("lock-expired")
@registry_options
@click.pass_obj
def lock_expired(lang: Language, url: str | None, trust: Path | None) -> None:
    """Lock the accounts whose owners' cards have run out; for a daily timer."""
    from cccd_nfc.registry.origin import SYSTEM

    with opened(where_is(url, trust), lang, as_officer=False) as found:
        count = found.acting(SYSTEM).lock_expired_cards()
        found.deliver()
        tell("expired_locked", lang, count=count)
