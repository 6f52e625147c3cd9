"""`cccd receipt show`, `paper`: a receipt on the terminal and on paper."""

from __future__ import annotations

from pathlib import Path

import click

from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import opened, registry_options, tell, text_of, where_is
from cccd_nfc.spoken.words import Language

A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
key_option = click.option("--key", help="The registry's public key; else this registry's own.")


@click.command()
@click.argument("receipt", type=A_FILE)
@key_option
@registry_options
@click.pass_obj
def show(lang: Language, receipt: Path, key: str | None, url: str | None, trust: Path | None) -> None:
    """Show a receipt, after its signature was checked, and say whom to ask."""
    show_receipt(text_of(receipt), key or _own_key(url, trust, lang), lang, None)
    tell("never_share", lang)


@click.command()
@click.argument("receipt", type=A_FILE)
@click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF.")
@key_option
@registry_options
@click.pass_obj
def paper(lang: Language, receipt: Path, output: Path, key: str | None, url: str | None, trust: Path | None) -> None:
    """Make a receipt ready to print: a PDF whose QR codes hold the whole receipt."""
    from cccd_nfc.atomic_file import write_atomically
    from cccd_nfc.registry.papers.receipt_paper import receipt_pdf

    write_atomically(output, receipt_pdf(text_of(receipt), key or _own_key(url, trust, lang)))
    tell("paper_saved", lang, path=output)


def _own_key(url: str | None, trust: Path | None, lang: Language) -> str:
    with opened(where_is(url, trust), lang) as registry:
        return registry.receipt_key()
