"""`cccd audit` and `cccd receipt`: what the registry has done, proved to those who do not hold it."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.head_commands import compare, publish
from cccd_nfc.cli.paper_commands import paper, show
from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.service import Registry

from cccd_nfc.cli.registry_access import head_keeper, opened, registry_options, tell, text_of, where_is

_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_ALL_KEYS = click.option("--all", "every", is_flag=True, help="Earlier keys too, with what they signed about the next.")
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
    """Read the whole log again: every entry, its chain, its tree, and every head that was published.

    The heads in the folder CCCD_HEADS are among them: they show an old copy of the database, or a tail that was cut.
    """
    from cccd_nfc.registry.receipts import head_of

    keeper = head_keeper()
    with opened(where_is(url, trust), lang, carrying=False) as found:
        elsewhere = [*(keeper.kept() if keeper else ()), *([text_of(head)] if head else [])]
        known = [head_of(found.known_receipt(text_of(receipt)))] if receipt else []
        now = found.heads.check(elsewhere, known)
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
@_ALL_KEYS
@click.pass_obj
def key(lang: Language, url: str | None, trust: Path | None, every: bool) -> None:
    """Print the public key that heads and proofs are checked with."""
    with opened(where_is(url, trust), lang) as found:
        _show_keys(found, "head", every)


audit.add_command(publish)
audit.add_command(compare)


@click.group()
def receipt() -> None:
    """Check receipts."""


@receipt.command("verify")
@click.argument("receipt", type=_A_FILE, required=False)
@click.option("--qr-text", is_flag=True, help="Instead of a file: what a scanner types from the QR codes of a paper.")
@click.option("--key", required=True, help="The registry's public key, as `cccd receipt key` prints it.")
@click.pass_obj
def verify_receipt_command(lang: Language, receipt: Path | None, qr_text: bool, key: str) -> None:
    """Check a receipt, and that its entry is in the audit log that it names, without the registry."""
    if (receipt is None) is not qr_text:
        raise click.UsageError("one of RECEIPT and --qr-text is needed")
    show_receipt(text_of(receipt) if receipt else _scanned(lang), key, lang, None)


def _scanned(lang: Language) -> str:
    """The receipt out of the lines on standard input, up to an empty line or the end."""
    from cccd_nfc.registry.papers.qr import receipt_in

    tell("scan", lang)
    return receipt_in(itertools.takewhile(lambda line: line.strip(), sys.stdin))


receipt.add_command(show)
receipt.add_command(paper)


@receipt.command("key")
@registry_options
@_ALL_KEYS
@click.pass_obj
def receipt_key(lang: Language, url: str | None, trust: Path | None, every: bool) -> None:
    """Print the public key that receipts are checked with."""
    with opened(where_is(url, trust), lang) as found:
        _show_keys(found, "receipt", every)


def _show_keys(found: Registry, kind: str, every: bool) -> None:
    """The newest key, or all of them, the newest first, each with what the key before has signed about it."""
    from cccd_nfc.registry.key_ring import KeyKind

    for each in found.public_keys(KeyKind(kind))[: None if every else 1]:
        click.echo(" ".join(filter(None, (each.public_key, each.statement if every else ""))))


def _give(text: str, output: Path | None) -> None:
    from cccd_nfc.atomic_file import write_atomically

    if output is None:
        click.echo(text)
    else:
        write_atomically(output, f"{text}\n".encode())
