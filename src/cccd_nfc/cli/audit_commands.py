"""`cccd audit` and `cccd receipt`: what the registry has done, proved to those who do not hold it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import opened, registry_options, tell, text_of, where_is
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.audit import Head

_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OUTPUT = click.option(
    "-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="File; else standard output."
)


@click.group()
def audit() -> None:
    """Check the audit log, and prove what is in it."""


@audit.command()
@registry_options
@click.option("--head", type=_A_FILE, help="A head kept elsewhere, which the log must go on from.")
@click.option("--receipt", type=_A_FILE, help="A receipt, whose entry must still be there.")
@click.pass_obj
def verify(lang: Language, url: str | None, trust: Path | None, head: Path | None, receipt: Path | None) -> None:
    """Read the whole log again: every entry, its chain and its tree."""
    from cccd_nfc.registry.receipts import head_of, verify_receipt

    with opened(where_is(url, trust), lang) as found:
        known: list[Head | None] = [found.known_head(text_of(head))] if head else []
        known += [head_of(verify_receipt(text_of(receipt), found.receipt_key()))] if receipt else []
        for each in known or (None,):
            now = found.check(each)
        tell("audit_holds", lang, size=now.size, root=now.root[:16])


@audit.command("head")
@registry_options
@_OUTPUT
@click.pass_obj
def head_command(lang: Language, url: str | None, trust: Path | None, output: Path | None) -> None:
    """Print the log's head, signed: keep it elsewhere, for `audit verify --head`."""
    with opened(where_is(url, trust), lang) as found:
        _give(found.log_head(), output)


@audit.command()
@registry_options
@click.option("--entry", type=click.IntRange(min=1), help="Number of the entry that is to be proved.")
@click.option("--since", type=_A_FILE, help="An earlier head: prove that the log goes on from it.")
@_OUTPUT
@click.pass_obj
def prove(
    lang: Language, url: str | None, trust: Path | None, entry: int | None, since: Path | None, output: Path | None
) -> None:
    """Print the proof that an entry is in the log, or that the log goes on from an earlier head."""
    if (entry is None) == (since is None):
        raise click.UsageError("one of --entry and --since is needed")
    with opened(where_is(url, trust), lang) as found:
        _give(found.prove_entry(entry) if entry else found.prove_growth(text_of(since or Path())), output)


@audit.command("verify-proof")
@click.argument("proof", type=_A_FILE)
@click.option("--key", required=True, help="The key of the log's heads, as `cccd audit key` prints it.")
@click.pass_obj
def verify_proof(lang: Language, proof: Path, key: str) -> None:
    """Check a proof without the registry."""
    from cccd_nfc.registry.log_heads import check_proof

    found = check_proof(text_of(proof), key)
    tell(f"proved_{found['proves']}", lang, **found)
    if "entry" in found:
        click.echo(json.dumps(json.loads(found["entry"]), ensure_ascii=False, indent=2))


@audit.command()
@registry_options
@click.pass_obj
def key(lang: Language, url: str | None, trust: Path | None) -> None:
    """Print the public key that heads and proofs are checked with."""
    with opened(where_is(url, trust), lang) as found:
        click.echo(found.head_key())


@click.group()
def receipt() -> None:
    """Check receipts."""


@receipt.command("verify")
@click.argument("receipt", type=_A_FILE)
@click.option("--key", required=True, help="The registry's public key, as `cccd receipt key` prints it.")
@click.pass_obj
def verify_receipt_command(lang: Language, receipt: Path, key: str) -> None:
    """Check a receipt, and that its entry is in the audit log that it names, without the registry."""
    show_receipt(text_of(receipt), key, lang, None)


@receipt.command("key")
@registry_options
@click.pass_obj
def receipt_key(lang: Language, url: str | None, trust: Path | None) -> None:
    """Print the public key that receipts are checked with."""
    with opened(where_is(url, trust), lang) as found:
        click.echo(found.receipt_key())


def _give(text: str, output: Path | None) -> None:
    from cccd_nfc.atomic_file import write_atomically

    if output is None:
        click.echo(text)
    else:
        write_atomically(output, f"{text}\n".encode())
