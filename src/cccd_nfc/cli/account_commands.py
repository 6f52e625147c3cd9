"""`cccd account assist`, `paper`, `foreigner`, `represent`: what an officer does with accounts beside locks."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from cccd_nfc.cli.desk_options import ask_consent, by_name, consent_option, desk_options
from cccd_nfc.cli.level_words import LEVEL_WORDS
from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import ask_number, confirmed, opened, registry_options, send, tell, text_of, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secret_entry import ask_new_secrets, new_secrets_option
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import UsageError
from cccd_nfc.spoken.words import Language

KINDS = ("driving-licence", "vehicle-registration", "health-insurance", "social-insurance", "other")
day_type = click.DateTime(["%Y-%m-%d"])


@click.command()
@reading_options
@registry_options
@desk_options
@new_secrets_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def assist(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, officer: str, station: str, new_secrets: bool, yes: bool,
    receipt: Path | None,
) -> None:  # fmt: skip
    """Activate an account that was not activated in time, for its owner who is here with the card."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    if not confirmed("confirm_assist", lang, yes):
        return
    with opened(where_is(url, trust), lang, with_trust=True) as found:
        registry = by_name(found, officer, station)
        ticket = registry.begin(Purpose.ASSIST)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        chosen = ask_new_secrets(lang, questions=registry.secret_policy.questions) if new_secrets else None
        token = registry.assist(ticket.transaction_id, evidence, secrets=chosen)
        send(registry, lang)
        show_receipt(token, registry.receipt_key(), lang, receipt)


# --- papers -----------------------------------------------------------------------------------------------------------


@click.group()
def paper() -> None:
    """The papers that an account of level 2 carries."""


@paper.command()
@registry_options
@desk_options
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--source", required=True, help="The agency whose data these are.")
@click.option("--date", "day", type=day_type, required=True, help="The day on which they were so.")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=True, metavar="FILE.json",
    help="What the paper says: a JSON object of texts.",
)  # fmt: skip
@click.pass_obj
def add(
    lang: Language, url: str | None, trust: Path | None, officer: str, station: str, kind: str, source: str,
    day: datetime, data: Path,
) -> None:  # fmt: skip
    """Integrate a paper; the personal number is asked for. One of the same kind is replaced."""
    from cccd_nfc.registry.integrated_papers import NewPaper, PaperKind

    new = NewPaper(PaperKind(kind), source, day.date(), _texts(data))
    with opened(where_is(url, trust), lang) as registry:
        by_name(registry, officer, station).papers.add(ask_number(lang), new)
    tell("paper_added", lang)


@paper.command("list")
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_papers(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the papers of an account, without their data; the personal number is asked for."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.papers.listed(ask_number(lang))
    rows = [{"kind": each.kind.value, "source": each.source, "day": each.day.isoformat()} for each in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not rows:
        tell("no_papers", lang)
    for each in rows:
        click.echo(f"{each['kind']:<22} {each['day']}  {each['source']}")


@paper.command()
@registry_options
@desk_options
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--purpose", required=True, help="For what dealing; the audit log keeps it.")
@click.pass_obj
def show(
    lang: Language, url: str | None, trust: Path | None, officer: str, station: str, kind: str, purpose: str
) -> None:  # fmt: skip
    """Print a paper's data as JSON; the personal number is asked for."""
    from cccd_nfc.registry.integrated_papers import PaperKind

    with opened(where_is(url, trust), lang) as registry:
        acting = by_name(registry, officer, station)
        content = acting.papers.query(ask_number(lang), PaperKind(kind), purpose=purpose)
    click.echo(json.dumps(dict(content), ensure_ascii=False, indent=2))


def _texts(path: Path) -> dict[str, str]:
    try:
        content = json.loads(text_of(path))
    except ValueError as error:
        raise UsageError("the paper's data are no JSON") from error
    if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
        raise UsageError("the paper's data are a JSON object of texts")
    return content


# --- foreigners -------------------------------------------------------------------------------------------------------


@click.command()
@reading_options
@registry_options
@desk_options
@consent_option
@click.option("--phone", metavar="NUMBER", help="The owner's Vietnamese mobile number; not with --renew.")
@click.option("--kind", type=click.Choice(["passport", "travel-document"]), default="passport", show_default=True)
@click.option("--symbol", required=True, help="Symbol of the document's series.")
@click.option("--issued-on", type=day_type, required=True, help="Date of issue.")
@click.option("--issued-at", required=True, help="Place of issue.")
@click.option("--residence-until", type=day_type, required=True, help="The last day of the residence.")
@click.option("--renew", is_flag=True, help="A new passport or a longer residence for an account that is there.")
@click.pass_obj
def foreigner(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, officer: str, station: str, consent: str | None, phone: str | None, kind: str,
    symbol: str, issued_on: datetime, issued_at: str, residence_until: datetime, renew: bool,
) -> None:  # fmt: skip
    """Create or renew a foreigner's account by the passport on the reader; the number given by Vietnam is asked for."""
    from cccd_nfc.registry.foreigners import DocumentKind, Entry
    from cccd_nfc.registry.office import masked
    from cccd_nfc.registry.states import Purpose

    if renew is (phone is not None):
        raise UsageError("an account is created with --phone, or renewed without")
    options = read_options(reader, secret, no_photo, record, allow_bac)
    number = ask_line(LEVEL_WORDS["ask_foreigner"][lang], hidden=False)
    entry = Entry(number, DocumentKind(kind), symbol, issued_on.date(), issued_at, residence_until.date())
    agreed = None if renew else ask_consent(consent, lang)
    with opened(where_is(url, trust), lang, with_trust=True) as found:
        registry = by_name(found, officer, station)
        ticket = registry.begin(Purpose.RENEW_PASSPORT if renew else Purpose.ENROL_FOREIGNER)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        if agreed is None or phone is None:
            view = registry.foreigners.renew(ticket.transaction_id, evidence, entry)
        else:
            view = registry.foreigners.create(ticket.transaction_id, evidence, phone, agreed, entry)
        send(registry, lang)
    click.echo(WORDS["account_created"][lang].format(level=view.level, name=view.full_name, number=masked(view.number)),
               err=True)  # fmt: skip


# --- representatives --------------------------------------------------------------------------------------------------


@click.command()
@reading_options
@registry_options
@desk_options
@consent_option
@click.option("--withdraw", is_flag=True, help="Take the consent back: the account's device is unlinked.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def represent(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, officer: str, station: str, consent: str | None, withdraw: bool, yes: bool,
) -> None:  # fmt: skip
    """Consent to the use of a child's or ward's account, by the representative's card on the reader.

    The personal number of the child or ward is asked for.
    """
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    number = ask_number(lang)
    if withdraw and not confirmed("confirm_withdraw", lang, yes):
        return
    agreed = None if withdraw else ask_consent(consent, lang)
    with opened(where_is(url, trust), lang, with_trust=True) as found:
        registry = by_name(found, officer, station)
        ticket = registry.begin(Purpose.REPRESENT)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        if agreed is None:
            registry.representatives.withdraw(number, ticket.transaction_id, evidence)
        else:
            registry.representatives.consent(number, ticket.transaction_id, evidence, agreed)
    tell("use_withdrawn" if withdraw else "use_consented", lang)
