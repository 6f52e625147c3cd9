"""`cccd account lock`, `unlock`, `locks`, `lost-card`: the owner's lock, by card or word, and what locks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.desk_options import by_name, desk_options
from cccd_nfc.cli.level_words import SOURCES
from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import local, show_receipt
from cccd_nfc.cli.registry_access import (
    Where,
    ask_number,
    confirmed,
    opened,
    registry_options,
    same_person_option,
    send,
    tell,
    where_is,
)
from cccd_nfc.cli.registry_words import GROUNDS, WORDS
from cccd_nfc.cli.secret_entry import lock_by_password
from cccd_nfc.errors import UsageError
from cccd_nfc.spoken.state_words import LOCK_REASONS
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.locks import LockView


@click.command()
@reading_options
@registry_options
@click.option(
    "--reason", type=click.Choice(list(LOCK_REASONS)), required=True, help="What the owner says has happened."
)
@click.option("--hotline", is_flag=True, help="The owner is on the telephone, and not at the desk.")
@click.option("--by-password", is_flag=True, help="The owner locks from anywhere, by number and password.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def lock(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, reason: str, hotline: bool, by_password: bool, yes: bool,
    receipt: Path | None,
) -> None:  # fmt: skip
    """Lock an account, as its owner asks.

    With --reader the card on it says whose account; without, the personal number is asked for, since the card may be
    what was lost. With --by-password the owner needs no desk: number, password and passcode (empty for none) are asked
    for. A device reported lost, or a suspected leak, ends the device for good.
    """
    from cccd_nfc.registry.lock_effects import LockReason
    from cccd_nfc.registry.states import Purpose

    where = where_is(url, trust)
    if by_password:
        if hotline or reader is not None or receipt is not None:
            raise UsageError("--by-password is without card, hotline and receipt")
        lock_by_password(where, lang, reason, yes)
        return
    if reader is None and secret is None:
        if receipt is not None:
            raise UsageError("a receipt is given to the owner who shows the card: say --reader and --secret")
        _lock_by_word(where, lang, reason, hotline, yes)
        return
    if hotline:
        raise UsageError("who calls the hotline has no card on this reader")
    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not confirmed("confirm_lock", lang, yes):
        return
    with opened(where, lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.LOCK)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        token = registry.lock_with_card(ticket.transaction_id, evidence, LockReason(reason))
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


def _lock_by_word(where: Where, lang: Language, reason: str, hotline: bool, yes: bool) -> None:
    from cccd_nfc.registry.lock_grounds import LockGround, Role
    from cccd_nfc.registry.origin import Channel

    number = ask_number(lang)
    if not confirmed("confirm_lock", lang, yes):
        return
    with opened(where, lang) as registry:
        role, channel = (Role.HOTLINE, Channel.HOTLINE) if hotline else (Role.OFFICER, Channel.DESK)
        registry.on(channel).lock(number, LockGround.OWNER_REQUEST, role, reason)
        send(registry, lang)
    tell("locked", lang)


@click.command()
@reading_options
@registry_options
@same_person_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def unlock(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, same_person: bool, yes: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Unlock the account of the owner of the card on the reader.

    Only what the owner asked for ends, or waited for a new card; the receipt names what still locks.
    """
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not confirmed("confirm_unlock", lang, yes):
        return
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.UNLOCK)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        if same_person:
            registry.same_person(ticket.transaction_id)
        token = registry.unlock_with_card(ticket.transaction_id, evidence)
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


@click.command("lost-card")
@registry_options
@desk_options
@click.pass_obj
def lost_card(lang: Language, url: str | None, trust: Path | None, officer: str, station: str) -> None:
    """Note that the owner of an account has lost phone and card; the personal number is asked for.

    Nothing else is done: without the chip there is no proof, and the identity agency has to find out who asks.
    """
    with opened(where_is(url, trust), lang) as registry:
        by_name(registry, officer, station).note_lost_card(ask_number(lang))
    tell("lost_card_noted", lang)


@click.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def locks(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the grounds that lock an account, and those that have ended; the personal number is asked for."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.locks(ask_number(lang))
    if as_json:
        click.echo(json.dumps([_lock_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell("no_locks", lang)
    for each in found:
        until = local(each.cleared_at) if each.cleared_at else WORDS["still_open"][lang]
        reason = f" ({LOCK_REASONS[each.reason][lang]})" if each.reason in LOCK_REASONS else ""
        said = f"{GROUNDS[each.ground][lang]}{reason}  {local(each.set_at)} – {until}"
        click.echo(f"{said}  {each.clause}  {SOURCES[each.source][lang]}")


def _lock_json(each: LockView) -> dict[str, str | None]:
    return {
        "ground": each.ground.value,
        "reason": each.reason,
        "set_by": each.set_by.value,
        "set_at": each.set_at.isoformat(),
        "cleared_at": each.cleared_at.isoformat() if each.cleared_at else None,
        "profile": each.profile,
        "clause": each.clause,
        "source": each.source.value,
    }
