"""`cccd web`: an account becomes active without a smartphone, in three steps that a script can take too (F3)."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import ask_number, opened, registry_options, send, tell, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secret_entry import SESSION_FILE, ask_new_secrets, keep_token, kept_token
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.spoken.words import Language


@click.group()
def web() -> None:
    """Activate an account without a smartphone: begin, confirm, finish."""


@web.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def begin(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """Ask for a code; personal number and registered phone number are asked for.

    The answer is the same whether or not the two belong together, or anybody has an account.
    """
    from cccd_nfc.registry.origin import Channel, Origin

    number = ask_number(lang)
    phone = ask_line(WORDS["ask_phone"][lang], hidden=False)
    with opened(where_is(url, trust), lang) as registry:
        ticket = registry.acting(Origin(Channel.WEB)).web.begin(number, phone)
        send(registry, lang)
    if as_json:
        click.echo(json.dumps({"transaction": ticket.transaction_id, "expires_at": ticket.expires_at.isoformat()}))
        return
    tell("web_asked", lang, transaction=ticket.transaction_id)
    click.echo(ticket.transaction_id)


@web.command()
@click.argument("transaction")
@registry_options
@click.option("--grant", required=True, type=SESSION_FILE, metavar="FILE", help="Where to keep what the code opens.")
@click.pass_obj
def confirm(lang: Language, url: str | None, trust: Path | None, transaction: str, grant: Path) -> None:
    """Enter the code that came by message. Exit status 0 with a FILE: go on by `finish`; without: log in."""
    from cccd_nfc.registry.origin import Channel, Origin

    code = ask_line(WORDS["ask_code"][lang])
    with opened(where_is(url, trust), lang) as registry:
        accepted = registry.acting(Origin(Channel.WEB)).web.enter_code(transaction, code)
    if accepted.already_active:
        tell("already_activated", lang)
        return
    keep_token(grant, accepted.grant)
    tell("code_accepted", lang)


@web.command()
@click.argument("transaction")
@registry_options
@click.option("--grant", required=True, type=SESSION_FILE, metavar="FILE", help="What `confirm` has kept.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def finish(
    lang: Language, url: str | None, trust: Path | None, transaction: str, grant: Path, receipt: Path | None
) -> None:
    """Set password, passcode and three security questions; the account is active then.

    From standard input: password, passcode, then three times the name of a question and its answer, a line each.
    """
    from cccd_nfc.registry.origin import Channel, Origin

    token = kept_token(grant)
    chosen = ask_new_secrets(lang, questions=True)
    with opened(where_is(url, trust), lang) as registry:
        signed = registry.acting(Origin(Channel.WEB)).web.finish(transaction, token, chosen)
        send(registry, lang)
        show_receipt(signed, registry.receipt_key(), lang, receipt)
    grant.unlink(missing_ok=True)
    tell("web_activated", lang)
