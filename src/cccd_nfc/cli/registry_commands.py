"""`cccd account`, `cccd device`, `cccd activate`: the registry's flows, for a person at a desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.account_commands import assist, foreigner, paper, represent
from cccd_nfc.cli.desk_options import (
    ask_consent,
    by_name,
    consent_option,
    desk_options,
    representative_of,
    representative_options,
)
from cccd_nfc.cli.lock_commands import lock, locks, lost_card, unlock
from cccd_nfc.cli.message_commands import clear_hold, email, not_me, phone
from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import local, show_receipt
from cccd_nfc.cli.registry_access import (
    ask_number,
    confirmed,
    opened,
    registry_options,
    same_person_option,
    send,
    tell,
    text_of,
    where_is,
)
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secret_entry import SESSION_FILE, ask_new_secrets, new_secrets_option, unlink_by_login
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import UsageError
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.state_words import ACCOUNT_STATES, DEVICE_STATES
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.account_secrets import NewSecrets
    from cccd_nfc.registry.activation import Pending
    from cccd_nfc.registry.device_list import DeviceView
    from cccd_nfc.registry.idempotency import Request
    from cccd_nfc.registry.phone import DeviceKey
    from cccd_nfc.registry.service import Registry
    from cccd_nfc.registry.states import Purpose

# --- account ----------------------------------------------------------------------------------------------------------


@click.group()
def account() -> None:
    """Create, show, lock and unlock accounts."""


@account.command()
@reading_options
@registry_options
@click.option("--phone", required=True, metavar="NUMBER", help="The owner's mobile number, where codes go.")
@consent_option
@representative_options
@desk_options
@click.pass_obj
def create(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, phone: str, consent: str | None, kinship: str | None, document: str | None,
    officer: str, station: str,
) -> None:  # fmt: skip
    """Create an account for the owner of the card on the reader, who agrees to it.

    For a child or a ward, --represented-by says who asks; the representative's number is asked for.
    """
    from cccd_nfc.registry.office import masked
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    agreed = ask_consent(consent, lang)
    asking = representative_of(kinship, document, lang)
    with opened(where_is(url, trust), lang, with_trust=True) as opened_registry:
        registry = by_name(opened_registry, officer, station)
        ticket = registry.begin(Purpose.ENROL)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        made = registry.create_account(ticket.transaction_id, evidence, phone, agreed, asking)
        send(registry, lang)
        tell("account_created", lang, level=made.level, name=made.full_name, number=masked(made.number))


@account.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """Show the account of a personal number, which is asked for."""
    from cccd_nfc.registry.office import masked

    with opened(where_is(url, trust), lang) as registry:
        found = registry.account(ask_number(lang))
    if as_json:
        view = {"number": masked(found.number), "level": found.level, "state": found.state.value, "kind": found.kind}
        click.echo(json.dumps(view, ensure_ascii=False))
        return
    click.echo(f"{masked(found.number)}  {found.full_name}  {ACCOUNT_STATES[found.state][lang]}")


account.add_command(assist)
account.add_command(paper)
account.add_command(foreigner)
account.add_command(represent)
account.add_command(lock)
account.add_command(unlock)
account.add_command(locks)
account.add_command(lost_card)
for command in (phone, email, clear_hold, not_me):
    account.add_command(command)


# --- device -----------------------------------------------------------------------------------------------------------


@click.group()
def device() -> None:
    """List, unlink and prepare devices."""


@device.command("new-key")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def new_key(lang: Language, output: Path) -> None:
    """Make the key pair of a simulated phone: public.pem and private.pem."""
    from cccd_nfc.registry.phone import Phone

    if (output / "private.pem").exists():
        raise UsageError(Said("{path} holds a key already", path=output))
    Phone.new().save(output)
    tell("key_made", lang, path=output)


@device.command("list")
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_devices(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List every device that an account ever had; the personal number is asked for."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.devices(ask_number(lang))
    if as_json:
        click.echo(json.dumps([_device_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell("no_devices", lang)
    for each in found:
        times = " – ".join(local(at) for at in (each.first_used_at, each.ended_at or each.last_used_at) if at)
        where = " ".join(part for part in (each.platform, each.client_version, each.channel, each.station) if part)
        named = f"{each.label:<16} {each.thumbprint[:12]}…"
        click.echo(f"{DEVICE_STATES[each.state][lang]:<20} {named}  {each.grade}  {times}  {where}".rstrip())


def _device_json(each: DeviceView) -> dict[str, str | None]:
    times = {"bound_at": each.bound_at, "first_used_at": each.first_used_at, "last_used_at": each.last_used_at}
    return {
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "platform": each.platform,
        "client_version": each.client_version,
        "channel": each.channel,
        "station": each.station,
        "officer": each.officer,
        "thumbprint": each.thumbprint,
        "label": each.label,
        "state": each.state.value,
        "grade": each.grade,
        "ended_at": each.ended_at.isoformat() if each.ended_at else None,
        "end_reason": each.end_reason,
    }


@device.command()
@reading_options
@registry_options
@click.option("--session", type=SESSION_FILE, metavar="FILE", help="The owner's login, in place of the card.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.pass_obj
def unlink(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, session: Path | None, yes: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Unlink the active device of the owner of the card on the reader, or of the owner who is logged in."""
    from cccd_nfc.registry.states import Purpose

    if session is not None:
        unlink_by_login(where_is(url, trust), lang, session, yes, receipt)
        return
    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not confirmed("confirm_unlink", lang, yes):
        return
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.UNLINK)
        token = registry.unlink(ticket.transaction_id, read_card(options, lang, challenge=ticket.challenge))
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


# --- activate ---------------------------------------------------------------------------------------------------------


@click.command()
@reading_options
@registry_options
@click.option(
    "--device", "device_key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PUBLIC.pem", help="The new phone's public key (P-256, PEM or JWK).",
)  # fmt: skip
@click.option(
    "--phone-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PRIVATE.pem",
    help="A simulated phone's private key, which signs the confirmation; without it, paste what the phone signed.",
)  # fmt: skip
@click.option("--label", default="", help="What the owner calls the phone.")
@click.option(
    "--code-by", type=click.Choice(["sim", "screen"]), default="sim", show_default=True,
    help="Send the code to the registered number, or show it here, once.",
)  # fmt: skip
@same_person_option
@click.option("--unlock", is_flag=True, help="End the owner's own lock in the same step: both, or neither.")
@new_secrets_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.option("--idempotency-key", metavar="KEY", help="The same key again gives the same receipt, for 24 hours.")
@click.pass_obj
def activate(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, device_key: Path, phone_key: Path | None, label: str, code_by: str,
    same_person: bool, unlock: bool, new_secrets: bool, yes: bool, receipt: Path | None, idempotency_key: str | None,
) -> None:  # fmt: skip
    """Verify the card on the reader, then bind the new phone to its owner's account.

    The card signs a challenge that names this phone; a code goes to the registered number; the code and the phone's own
    signature make it the account's one device, and end the one before. With --unlock the same proof ends the lock that
    the owner asked for, if nothing else locks the account. With --new-secrets a first activation sets the owner's
    password, passcode and questions, which are asked for after the code.
    """
    from cccd_nfc.registry.messages import CodeChannel
    from cccd_nfc.registry.phone import DeviceKey
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    key = DeviceKey.parse(text_of(device_key))
    tell("new_device", lang, device=key.thumbprint[:12] + "…")
    if not confirmed("confirm_unlock_and_bind" if unlock else "confirm_bind", lang, yes):
        return
    purpose = Purpose.UNLOCK_AND_BIND if unlock else Purpose.ACTIVATE
    request = _request(idempotency_key, purpose, key, label)
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        token = registry.answered(request) if request else None
        if token:
            tell("answered_before", lang)
        else:
            ticket = registry.begin(purpose, key, label=label)
            evidence = read_card(options, lang, challenge=ticket.challenge)
            submit = registry.unlock_and_bind if unlock else registry.submit_evidence
            pending = submit(ticket.transaction_id, evidence, channel=CodeChannel(code_by))
            if same_person:
                registry.same_person(pending.transaction_id)
            send(registry, lang)
            token = _finish(registry, pending, key, phone_key, new_secrets, lang, request)
            send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


def _request(given: str | None, purpose: Purpose, key: DeviceKey, label: str) -> Request | None:
    """What --idempotency-key stands for: this phone, under this name."""
    from cccd_nfc.registry.idempotency import Request

    return Request(f"cli {purpose}", given, f"{key.thumbprint}\x1f{label}".encode()) if given else None


def _finish(
    registry: Registry, pending: Pending, key: DeviceKey, phone_key: Path | None, new_secrets: bool, lang: Language,
    request: Request | None,
) -> str:  # fmt: skip
    from cccd_nfc.registry.phone import Phone

    if pending.replaces:
        tell("replaces", lang, device=pending.replaces[:12] + "…")
    until = f"{pending.expires_at.astimezone(VIETNAM):%H:%M:%S}"
    if pending.shown:
        tell("code_shown", lang, reference=pending.reference, code=pending.shown)
    else:
        tell("code_sent", lang, reference=pending.reference, until=until)
    code = ask_line(f"{WORDS['ask_code'][lang]} {pending.reference}")
    if phone_key is not None:
        confirmation = Phone.load(phone_key).confirm(pending.transaction_id, pending.reference)
    else:
        asked = WORDS["ask_confirmation"][lang]
        confirmation = ask_line(
            asked.format(transaction=pending.transaction_id, reference=pending.reference), hidden=False
        )
    chosen = ask_new_secrets(lang, questions=registry.secret_policy.questions) if new_secrets else None
    token = _confirm(registry, (pending.transaction_id, code, confirmation), chosen, request)
    tell("bound", lang, device=key.thumbprint[:12] + "…")
    return token


def _confirm(
    registry: Registry, given: tuple[str, str, str], chosen: NewSecrets | None, request: Request | None
) -> str:
    if request is None:
        return registry.confirm(*given, secrets=chosen)
    return registry.once(request, lambda: registry.confirm(*given, secrets=chosen))
