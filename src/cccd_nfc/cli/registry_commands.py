"""`cccd account`, `cccd device`, `cccd activate`, `cccd registry`: the registry's flows, for a person at a desk."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cccd_nfc.cli.reading import load_trust, read_card, read_options, reading_options
from cccd_nfc.cli.registry_words import ACTS, RECEIPT_LABELS, STATES, WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.cli.words import PROMPTS, Language
from cccd_nfc.errors import UsageError

if TYPE_CHECKING:
    from cccd_nfc.registry.activation import Pending
    from cccd_nfc.registry.devices import DeviceView
    from cccd_nfc.registry.phone import DeviceKey
    from cccd_nfc.registry.service import Registry

VIETNAM = timezone(timedelta(hours=7))
Decorated = TypeVar("Decorated", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Where:
    """What --registry and --trust say."""

    url: str
    folder: Path
    trust: Path | None


def _registry_options(command: Decorated) -> Decorated:
    trust = click.option(
        "--trust", type=click.Path(path_type=Path, exists=True), metavar="DIR", help="CSCA certificates you trust."
    )
    return click.option("--registry", "url", metavar="URL", help="Database; else SQLite in your data folder.")(
        trust(command)
    )


def _where(url: str | None, trust: Path | None) -> Where:
    """The database, and the folder of its keys and outbox: beside an SQLite file, else in the user's data folder."""
    from platformdirs import user_data_path

    home = user_data_path("cccd_nfc") / "registry"
    if url is None:
        return Where(f"sqlite:///{home / 'registry.db'}", home, trust)
    if url.startswith("sqlite:///"):
        return Where(url, Path(url.removeprefix("sqlite:///")).parent, trust)
    return Where(url, home, trust)


@contextmanager
def _opened(where: Where, lang: Language, *, with_trust: bool = False) -> Iterator[Registry]:
    from cccd_nfc.pki.trust_store import TrustStore
    from cccd_nfc.registry.service import Registry

    trust = load_trust(where.trust, lang) if with_trust else TrustStore.empty()
    registry = Registry.open(where.url, where.folder, trust)
    try:
        yield registry
    finally:
        registry.close()


def _tell(what: str, lang: Language, **values: object) -> None:
    click.echo(WORDS[what][lang].format(**values), err=True)


def _confirmed(what: str, lang: Language, yes: bool) -> bool:
    """Whether to go on; --yes answers for scripts, and without a terminal nothing is confirmed by itself."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("without a terminal, confirm by --yes")
    if click.confirm(WORDS[what][lang], err=True):
        return True
    _tell("cancelled", lang)
    return False


# --- account ----------------------------------------------------------------------------------------------------------


@click.group()
def account() -> None:
    """Create and show accounts."""


@account.command()
@reading_options
@_registry_options
@click.option("--phone", required=True, metavar="NUMBER", help="The owner's mobile number, where codes go.")
@click.pass_obj
def create(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, phone: str,
) -> None:  # fmt: skip
    """Create an account for the owner of the card on the reader."""
    from cccd_nfc.registry.office import masked
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    with _opened(_where(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.ENROL)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        made = registry.create_account(ticket.transaction_id, evidence, phone)
        _tell("account_created", lang, level=made.level, name=made.full_name, number=masked(made.number))


@account.command()
@_registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """Show the account of a personal number, which is asked for."""
    from cccd_nfc.registry.office import masked

    with _opened(_where(url, trust), lang) as registry:
        found = registry.account(_ask_number(lang))
    if as_json:
        view = {"number": masked(found.number), "level": found.level, "state": found.state.value}
        click.echo(json.dumps(view, ensure_ascii=False))
        return
    click.echo(f"{masked(found.number)}  {found.full_name}  {STATES[found.state][lang]}")


def _ask_number(lang: Language) -> str:
    """The number is asked for and never an argument: its last six digits open the chip."""
    return ask_line(PROMPTS["number"][lang], hidden=False)


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
        raise UsageError(f"{output} holds a key already")
    Phone.new().save(output)
    _tell("key_made", lang, path=output)


@device.command("list")
@_registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_devices(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List every device that an account ever had; the personal number is asked for."""
    with _opened(_where(url, trust), lang) as registry:
        found = registry.devices(_ask_number(lang))
    if as_json:
        click.echo(json.dumps([_device_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        _tell("no_devices", lang)
    for each in found:
        times = " – ".join(_local(at) for at in (each.bound_at, each.ended_at) if at)
        click.echo(f"{STATES[each.state][lang]:<20} {each.label:<16} {each.thumbprint[:12]}…  {each.grade}  {times}")


def _device_json(each: DeviceView) -> dict[str, str | None]:
    return {
        "thumbprint": each.thumbprint,
        "label": each.label,
        "state": each.state.value,
        "grade": each.grade,
        "bound_at": each.bound_at.isoformat() if each.bound_at else None,
        "ended_at": each.ended_at.isoformat() if each.ended_at else None,
        "end_reason": each.end_reason,
    }


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S}"


@device.command()
@reading_options
@_registry_options
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.pass_obj
def unlink(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, yes: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Unlink the active device of the owner of the card on the reader."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not _confirmed("confirm_unlink", lang, yes):
        return
    with _opened(_where(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.UNLINK)
        token = registry.unlink(ticket.transaction_id, read_card(options, lang, challenge=ticket.challenge))
        registry.deliver()
        _show_receipt(token, registry.receipt_key(), lang, receipt)


# --- activate ---------------------------------------------------------------------------------------------------------


@click.command()
@reading_options
@_registry_options
@click.option(
    "--device", "device_key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PUBLIC.pem", help="The new phone's public key (P-256, PEM or JWK).",
)  # fmt: skip
@click.option(
    "--phone-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PRIVATE.pem",
    help="A simulated phone's private key, which signs the confirmation; without it, paste what the phone signed.",
)  # fmt: skip
@click.option("--label", default="", help="What the owner calls the phone.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def activate(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, device_key: Path, phone_key: Path | None, label: str, yes: bool,
    receipt: Path | None,
) -> None:  # fmt: skip
    """Verify the card on the reader, then bind the new phone to its owner's account.

    The card signs a challenge that names this phone; a code goes to the registered number; the code and the phone's own
    signature make it the account's one device, and end the one before.
    """
    from cccd_nfc.registry.phone import DeviceKey
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    key = DeviceKey.parse(_text_of(device_key))
    _tell("new_device", lang, device=key.thumbprint[:12] + "…")
    if not _confirmed("confirm_bind", lang, yes):
        return
    with _opened(_where(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.ACTIVATE, key, label=label)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        pending = registry.submit_evidence(ticket.transaction_id, evidence)
        registry.deliver()
        token = _finish(registry, pending, key, phone_key, lang)
        registry.deliver()
        _show_receipt(token, registry.receipt_key(), lang, receipt)
    _tell("never_share", lang)


def _finish(registry: Registry, pending: Pending, key: DeviceKey, phone_key: Path | None, lang: Language) -> str:
    from cccd_nfc.registry.phone import Phone

    if pending.replaces:
        _tell("replaces", lang, device=pending.replaces[:12] + "…")
    until = f"{pending.expires_at.astimezone(VIETNAM):%H:%M:%S}"
    _tell("code_sent", lang, reference=pending.reference, until=until)
    code = ask_line(f"{WORDS['ask_code'][lang]} {pending.reference}")
    if phone_key is not None:
        confirmation = Phone.load(phone_key).confirm(pending.transaction_id, pending.reference)
    else:
        asked = WORDS["ask_confirmation"][lang]
        confirmation = ask_line(
            asked.format(transaction=pending.transaction_id, reference=pending.reference), hidden=False
        )
    token = registry.confirm(pending.transaction_id, code, confirmation)
    _tell("bound", lang, device=key.thumbprint[:12] + "…")
    return token


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}") from error


# --- registry ---------------------------------------------------------------------------------------------------------


@click.group()
def registry() -> None:
    """Set up and check the registry."""


@registry.command()
@_registry_options
@click.pass_obj
def init(lang: Language, url: str | None, trust: Path | None) -> None:
    """Create the registry, or bring an older one to today's model."""
    where = _where(url, trust)
    with _opened(where, lang):
        _tell("ready", lang, url=where.url)


@registry.command()
@_registry_options
@click.option("--receipt", type=click.Path(path_type=Path, exists=True), help="A receipt whose audit entry must hold.")
@click.pass_obj
def check(lang: Language, url: str | None, trust: Path | None, receipt: Path | None) -> None:
    """Check the audit log: its chain, and against the head that a receipt carries."""
    from cccd_nfc.registry.audit import Head
    from cccd_nfc.registry.receipts import verify_receipt

    with _opened(_where(url, trust), lang) as opened:
        known = None
        if receipt is not None:
            facts = verify_receipt(_text_of(receipt), opened.receipt_key())
            known = Head(int(facts["audit_size"]), str(facts["audit_hash"]))
        head = opened.check(known)
        _tell("audit_holds", lang, size=head.size, hash=head.hash[:16])


@registry.command("receipt-key")
@_registry_options
@click.pass_obj
def receipt_key(lang: Language, url: str | None, trust: Path | None) -> None:
    """Print the public key that receipts are checked with."""
    with _opened(_where(url, trust), lang) as opened:
        click.echo(opened.receipt_key())


@registry.command("verify-receipt")
@click.argument("receipt", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", required=True, help="The registry's public key, as `cccd registry receipt-key` prints it.")
@click.pass_obj
def verify_receipt_command(lang: Language, receipt: Path, key: str) -> None:
    """Check a receipt without the registry."""
    _show_receipt(_text_of(receipt), key, lang, None)


def _show_receipt(token: str, key: str, lang: Language, path: Path | None) -> None:
    """The receipt as a person reads it, after its signature was checked."""
    from cccd_nfc.registry.receipts import verify_receipt

    facts = verify_receipt(token, key)
    facts["act"] = ACTS.get(facts["act"], {lang: facts["act"]})[lang]
    facts["time"] = _local(datetime.fromisoformat(facts["time"]))
    click.echo(f"── {WORDS['receipt'][lang]} " + "─" * 48)
    for name, label in RECEIPT_LABELS.items():
        if facts.get(name) not in (None, ""):
            click.echo(f"  {label[lang]:<22} {facts[name]}")
    click.echo("─" * 60)
    if path is not None:
        try:
            path.write_text(token + "\n", encoding="ascii")
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}") from error
        _tell("receipt_saved", lang, path=path)
