"""`cccd registry`: setting the registry up, checking its log, checking receipts."""

from __future__ import annotations

from pathlib import Path

import click

from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import opened, registry_options, tell, text_of, where_is
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
    with opened(where, lang):
        tell("ready", lang, url=where.url)


@registry.command()
@registry_options
@click.option("--receipt", type=click.Path(path_type=Path, exists=True), help="A receipt whose audit entry must hold.")
@click.pass_obj
def check(lang: Language, url: str | None, trust: Path | None, receipt: Path | None) -> None:
    """Check the audit log: its chain, and against the head that a receipt carries."""
    from cccd_nfc.registry.audit import Head
    from cccd_nfc.registry.receipts import verify_receipt

    with opened(where_is(url, trust), lang) as found:
        known = None
        if receipt is not None:
            facts = verify_receipt(text_of(receipt), found.receipt_key())
            known = Head(int(facts["audit_size"]), str(facts["audit_hash"]))
        head = found.check(known)
        tell("audit_holds", lang, size=head.size, hash=head.hash[:16])


@registry.command("lock-expired")
@registry_options
@click.pass_obj
def lock_expired(lang: Language, url: str | None, trust: Path | None) -> None:
    """Lock the accounts whose owners' cards have run out; for a daily timer."""
    with opened(where_is(url, trust), lang) as found:
        count = found.lock_expired_cards()
        found.deliver()
        tell("expired_locked", lang, count=count)


@registry.command("receipt-key")
@registry_options
@click.pass_obj
def receipt_key(lang: Language, url: str | None, trust: Path | None) -> None:
    """Print the public key that receipts are checked with."""
    with opened(where_is(url, trust), lang) as found:
        click.echo(found.receipt_key())


@registry.command("verify-receipt")
@click.argument("receipt", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", required=True, help="The registry's public key, as `cccd registry receipt-key` prints it.")
@click.pass_obj
def verify_receipt_command(lang: Language, receipt: Path, key: str) -> None:
    """Check a receipt without the registry."""
    show_receipt(text_of(receipt), key, lang, None)
