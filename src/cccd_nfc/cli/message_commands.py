"""`cccd registry outbox` and `deliver`; `cccd account phone`, `email`, `clear-hold`, `not-me`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import local, show_receipt
from cccd_nfc.cli.registry_access import confirmed, opened, registry_options, send, tell, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.outbox import Waiting

_receipt = click.option(
    "--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt."
)
_yes = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@click.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def outbox(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the messages that wait: no text, and no whole address."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.messages.waiting()
    if as_json:
        click.echo(json.dumps([_waiting_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell("outbox_empty", lang)
    for each in found:
        click.echo(
            f"{each.kind:<7} {each.channel:<7} {each.recipient:<5} {local(each.created_at)}  "
            f"{each.attempts}x {each.last_error}"
        )


def _waiting_json(each: Waiting) -> dict[str, str | int | None]:
    return {
        "id": each.id,
        "kind": each.kind,
        "channel": each.channel,
        "recipient": each.recipient,
        "created_at": each.created_at.isoformat(),
        "expires_at": each.expires_at.isoformat(),
        "attempts": each.attempts,
        "next_try_at": each.next_try_at.isoformat() if each.next_try_at else None,
        "last_error": each.last_error,
    }


@click.command()
@registry_options
@click.pass_obj
def deliver(lang: Language, url: str | None, trust: Path | None) -> None:
    """Send what waits in the outbox, and forget the codes that have expired; for a timer."""
    with opened(where_is(url, trust), lang) as registry:
        tell("sent", lang, count=registry.deliver())


@click.command()
@reading_options
@registry_options
@click.option("--new", "number", required=True, metavar="NUMBER", help="The new mobile number, which gets a code.")
@_yes
@_receipt
@click.pass_obj
def phone(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, number: str, yes: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Change the phone number of the owner of the card on the reader.

    It takes what a new device takes: the card, and a code that goes to the new number. The old number is told.
    """
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not confirmed("confirm_phone", lang, yes):
        return
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.CHANGE_PHONE)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        pending = registry.contacts.change_phone(ticket.transaction_id, evidence, number)
        send(registry, lang)
        until = f"{pending.expires_at.astimezone(VIETNAM):%H:%M:%S}"
        tell("code_to_new_number", lang, reference=pending.reference, until=until)
        code = ask_line(f"{WORDS['ask_code'][lang]} {pending.reference}")
        token = registry.contacts.confirm_phone(ticket.transaction_id, code)
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


@click.command()
@reading_options
@registry_options
@click.option("--results", is_flag=True, help="Send results of applications there, and not to the number.")
@_receipt
@click.pass_obj
def email(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, results: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Set the e-mail address of the card's owner, for notices alone; it is asked for. No code goes there."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.SET_EMAIL)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        address = ask_line(WORDS["ask_email"][lang], hidden=False)
        token = registry.contacts.set_email(ticket.transaction_id, evidence, address, results=results)
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


@click.command("clear-hold")
@reading_options
@registry_options
@_receipt
@click.pass_obj
def clear_hold(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, receipt: Path | None,
) -> None:  # fmt: skip
    """End the hold after wrong codes, by the card of the account's owner on the reader."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.CLEAR_HOLD)
        token = registry.clear_hold(ticket.transaction_id, read_card(options, lang, challenge=ticket.challenge))
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


@click.command("not-me")
@registry_options
@click.option("--hotline", is_flag=True, help="The owner is on the telephone, and not at the desk.")
@_yes
@click.pass_obj
def not_me(lang: Language, url: str | None, trust: Path | None, hotline: bool, yes: bool) -> None:
    """Lock an account by the code of a notice that tells what its owner did not do; the code is asked for."""
    from cccd_nfc.registry.origin import DESK, HOTLINE

    token = ask_line(WORDS["ask_token"][lang])
    if not confirmed("confirm_not_me", lang, yes):
        return
    with opened(where_is(url, trust), lang) as registry:
        registry.acting(HOTLINE if hotline else DESK).not_me(token)
        send(registry, lang)
    tell("locked", lang)
