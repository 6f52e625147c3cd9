"""`cccd level`: level 2 at the desk, from the application to its result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.desk_options import (
    ask_consent,
    by_name,
    consent_option,
    desk_options,
    representative_of,
    representative_options,
)
from cccd_nfc.cli.level_words import APPLICATION_STATES
from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import local, show_receipt
from cccd_nfc.cli.registry_access import confirmed, opened, registry_options, send, tell, where_is
from cccd_nfc.errors import UsageError
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.level_forms import ApplicationView, LevelForm

PAPERS = ("driving-licence", "vehicle-registration", "health-insurance", "social-insurance", "other")
receipt_option = click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@click.group()
def level() -> None:
    """Level 2: applications at the desk, from the card to the result."""


@level.command()
@reading_options
@registry_options
@desk_options
@consent_option
@representative_options
@click.option("--phone", required=True, metavar="NUMBER", help="The applicant's own mobile number.")
@click.option("--portrait", required=True, metavar="REF", help="Reference to the portrait that the desk has taken.")
@click.option("--fingerprints", default="", metavar="REF", help="Reference to the fingerprints that it has taken.")
@click.option("--no-fingerprints", default="", metavar="REASON", help="Why there are none.")
@click.option("--unit", type=click.Choice(["commune-police", "card-office"]), default="commune-police")
@click.option("--paper", "papers", multiple=True, type=click.Choice(PAPERS), help="A paper to integrate; repeatable.")
@click.option("--name", default="", help="The name as entered, when it is not that of the chip.")
@receipt_option
@click.pass_obj
def apply(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, officer: str, station: str, consent: str | None, kinship: str | None,
    document: str | None, phone: str, portrait: str, fingerprints: str, no_fingerprints: str, unit: str,
    papers: tuple[str, ...], name: str, receipt: Path | None,
) -> None:  # fmt: skip
    """Take in an application for level 2, with the card on the reader. Prints the application's id."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    entries = {"full_name": name} if name else {}
    form = _form(phone, portrait, fingerprints, no_fingerprints, unit, papers, entries, consent, lang)
    form = replace(form, representative=representative_of(kinship, document, lang))
    with opened(where_is(url, trust), lang, with_trust=True) as found:
        registry = by_name(found, officer, station)
        ticket = registry.begin(Purpose.LEVEL_2)
        applied = registry.levels.apply(
            ticket.transaction_id, read_card(options, lang, challenge=ticket.challenge), form
        )
        show_receipt(applied.receipt, registry.receipt_key(), lang, receipt)
    _tell_due(applied.application, lang)
    click.echo(applied.application.id)


@level.command("apply-without-card")
@registry_options
@desk_options
@consent_option
@click.option("--phone", required=True, metavar="NUMBER", help="The applicant's own mobile number.")
@click.option("--portrait", required=True, metavar="REF")
@click.option("--fingerprints", default="", metavar="REF")
@click.option("--no-fingerprints", default="", metavar="REASON")
@click.option("--unit", type=click.Choice(["commune-police", "card-office"]), default="card-office")
@click.option("--paper", "papers", multiple=True, type=click.Choice(PAPERS))
@click.option("--why", type=click.Choice(["none-yet", "expired"]), required=True, help="Why there is no valid card.")
@receipt_option
@click.pass_obj
def apply_without_card(
    lang: Language, url: str | None, trust: Path | None, officer: str, station: str, consent: str | None, phone: str,
    portrait: str, fingerprints: str, no_fingerprints: str, unit: str, papers: tuple[str, ...], why: str,
    receipt: Path | None,
) -> None:  # fmt: skip
    """Take in an application that waits for the card; number, name, birth date and sex are asked for."""
    from cccd_nfc.cli.registry_access import ask_number
    from cccd_nfc.registry.level_forms import NoCard

    number = ask_number(lang)
    entries = _asked_entries(lang)
    form = _form(phone, portrait, fingerprints, no_fingerprints, unit, papers, entries, consent, lang)
    with opened(where_is(url, trust), lang) as found:
        registry = by_name(found, officer, station)
        applied = registry.levels.apply_without_card(number, form, NoCard(why))
        show_receipt(applied.receipt, registry.receipt_key(), lang, receipt)
    _tell_due(applied.application, lang)
    click.echo(applied.application.id)


@level.command("card-issued")
@click.argument("application", metavar="APPLICATION")
@reading_options
@registry_options
@desk_options
@click.pass_obj
def card_issued(
    lang: Language, application: str, reader: str | None, secret: str | None, no_photo: bool, record: Path | None,
    allow_bac: bool, url: str | None, trust: Path | None, officer: str, station: str,
) -> None:  # fmt: skip
    """Show the card that an application has waited for."""
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    with opened(where_is(url, trust), lang, with_trust=True) as found:
        registry = by_name(found, officer, station)
        ticket = registry.begin(Purpose.LEVEL_2)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        _tell_due(registry.levels.card_issued(application, ticket.transaction_id, evidence), lang)


@level.command()
@click.argument("application", metavar="APPLICATION")
@registry_options
@desk_options
@click.option("--result", type=click.Choice(["match", "no-match", "unavailable"]), required=True)
@click.option("--reference", default="", metavar="NUMBER", help="Number of the national database's answer.")
@click.pass_obj
def compare(
    lang: Language, application: str, url: str | None, trust: Path | None, officer: str, station: str, result: str,
    reference: str,
) -> None:  # fmt: skip
    """Enter what the national database has answered about portrait and fingerprints."""
    from cccd_nfc.registry.national_database import EnteredByHand, Match

    match = {"match": Match.MATCHED, "no-match": Match.NO_MATCH, "unavailable": Match.UNAVAILABLE}[result]
    with opened(where_is(url, trust), lang) as found:
        registry = by_name(found, officer, station)
        view = registry.levels.compare(application, EnteredByHand(match, reference))
    tell("application_state", lang, state=APPLICATION_STATES[view.state][lang])


@level.command()
@click.argument("application", metavar="APPLICATION")
@registry_options
@desk_options
@click.option("--refuse", "reason", default="", metavar="REASON", help="Refuse it; without this, level 2 is issued.")
@yes_option
@receipt_option
@click.pass_obj
def decide(
    lang: Language, application: str, url: str | None, trust: Path | None, officer: str, station: str, reason: str,
    yes: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Issue level 2, or refuse the application; the applicant is told."""
    if not confirmed("confirm_refuse_level" if reason else "confirm_issue", lang, yes):
        return
    with opened(where_is(url, trust), lang) as found:
        registry = by_name(found, officer, station)
        if reason:
            view = registry.levels.refuse(application, reason)
        else:
            issued = registry.levels.issue(application)
            view = issued.application
            show_receipt(issued.receipt, registry.receipt_key(), lang, receipt)
        send(registry, lang)
    tell("application_state", lang, state=APPLICATION_STATES[view.state][lang])


@level.command("list")
@registry_options
@click.option("--overdue", is_flag=True, help="Only those whose result should be there by now.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_applications(lang: Language, url: str | None, trust: Path | None, overdue: bool, as_json: bool) -> None:
    """List the applications without a result, the most urgent first."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.levels.overdue() if overdue else registry.levels.waiting()
    if as_json:
        click.echo(json.dumps([_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell("no_applications", lang)
    for each in found:
        click.echo(f"{local(each.due_at)}  {APPLICATION_STATES[each.state][lang]}  {each.officer}  {each.id}")


# --- parts ------------------------------------------------------------------------------------------------------------


def _form(
    phone: str, portrait: str, fingerprints: str, no_fingerprints: str, unit: str, papers: tuple[str, ...],
    entries: dict[str, str], consent: str | None, lang: Language,
) -> LevelForm:  # fmt: skip
    from cccd_nfc.registry.integrated_papers import PaperKind
    from cccd_nfc.registry.level_forms import Biometrics, LevelForm, Unit

    return LevelForm(
        phone=phone,
        biometrics=Biometrics(portrait, fingerprints, no_fingerprints),
        consent=ask_consent(consent, lang),
        unit=Unit(unit),
        entries=entries,
        papers=tuple(PaperKind(each) for each in papers),
    )


def _asked_entries(lang: Language) -> dict[str, str]:
    from cccd_nfc.cli.level_words import ENTRY_PROMPTS
    from cccd_nfc.cli.secrets import ask_line

    entries = {name: ask_line(prompt[lang], hidden=False) for name, prompt in ENTRY_PROMPTS.items()}
    if entries["sex"] not in ("M", "F"):
        raise UsageError("the sex is entered as M or F")
    return entries


def _tell_due(view: ApplicationView, lang: Language) -> None:
    if view.edited:
        tell("application_edited", lang, names=", ".join(view.edited))
    tell("application_due", lang, until=local(view.due_at), clause=view.clause)


def _json(each: ApplicationView) -> dict[str, object]:
    return {
        "id": each.id,
        "state": each.state.value,
        "edited": list(each.edited),
        "papers": list(each.papers),
        "officer": each.officer,
        "due_at": each.due_at.isoformat(),
        "clause": each.clause,
    }
