"""`cccd person`, `cccd registry retire` and `breach`: what the law on personal data asks of who keeps a registry."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import ask_number, confirmed, opened, registry_options, tell, text_of, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.spoken.state_words import ACCOUNT_STATES
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.subject_requests import SubjectRequestView

_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_MOMENT = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])
_KINDS = ["view", "copy", "correct", "withdraw_consent", "restrict", "object", "stop_third_party", "erase"]
why_option = click.option("--why", required=True, metavar="REASON", help="Why this is read; it is logged.")
approved_option = click.option(
    "--approved-by",
    multiple=True,
    metavar="NAME",
    help="Give it twice: two persons. Where there are officers, `cccd propose` and `approve` stand for it.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
request_argument = click.argument("request_id", metavar="REQUEST")


@click.group()
def person() -> None:
    """Personal data of one person: show, export, erase, and what the person asks."""


@person.command()
@registry_options
@why_option
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def show(lang: Language, url: str | None, trust: Path | None, why: str, as_json: bool) -> None:
    """Show number, name, birth date and phone unmasked; that you have read them is logged."""
    with opened(where_is(url, trust), lang) as registry:
        found = asdict(registry.privacy.reveal(ask_number(lang), why))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    click.echo(WORDS["person"][lang].format(**{**found, "state": ACCOUNT_STATES[found["state"]][lang]}))


@person.command()
@registry_options
@why_option
@click.option("-o", "output", type=_NEW_FILE, required=True, help="File for the signed export.")
@click.pass_obj
def export(lang: Language, url: str | None, trust: Path | None, why: str, output: Path) -> None:
    """Write everything about a person into a signed file; the personal number is asked for."""
    from cccd_nfc.atomic_file import write_atomically

    with opened(where_is(url, trust), lang) as registry:
        write_atomically(output, f"{registry.privacy.export(ask_number(lang), why)}\n".encode())
    tell("person_exported", lang, path=output)


@person.command("verify-export")
@click.argument("export_file", metavar="EXPORT", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", required=True, help="The registry's public key, as `cccd receipt key` prints it.")
def verify_export(export_file: Path, key: str) -> None:
    """Check an export without the registry, and print what is in it as JSON."""
    from cccd_nfc.registry.person_export import verified_export

    click.echo(json.dumps(verified_export(text_of(export_file), key), ensure_ascii=False, indent=2))


@person.command()
@registry_options
@approved_option
@yes_option
@click.pass_obj
def erase(lang: Language, url: str | None, trust: Path | None, approved_by: tuple[str, ...], yes: bool) -> None:
    """Destroy a person's data key, and with it all evidence; the account is kept by law.

    The personal number is asked for.
    """
    with opened(where_is(url, trust), lang) as registry:
        number = ask_number(lang)
        if confirmed("confirm_erase", lang, yes):
            done = registry.privacy.erase(number, approved_by=approved_by)
            tell("erased", lang, evidence=done.evidence, messages=done.messages, history=done.history)


# --- what persons ask -------------------------------------------------------------------------------------------------


@person.command()
@registry_options
@click.option("--kind", type=click.Choice(_KINDS), required=True, help="What the person asks.")
@click.pass_obj
def ask(lang: Language, url: str | None, trust: Path | None, kind: str) -> None:
    """Take in a person's request about the own data; its clocks start."""
    with opened(where_is(url, trust), lang) as registry:
        view = registry.subject_requests.receive(ask_number(lang), kind)
    _tell_clocks(view, lang)
    click.echo(view.id)


@person.command()
@request_argument
@registry_options
@click.pass_obj
def answer(lang: Language, request_id: str, url: str | None, trust: Path | None) -> None:
    """Say that the person was told that the request came in, and what follows."""
    with opened(where_is(url, trust), lang) as registry:
        _tell_clocks(registry.subject_requests.answer(request_id), lang)


@person.command()
@request_argument
@registry_options
@click.pass_obj
def extend(lang: Language, request_id: str, url: str | None, trust: Path | None) -> None:
    """Extend the term of a request, once."""
    with opened(where_is(url, trust), lang) as registry:
        _tell_clocks(registry.subject_requests.extend(request_id), lang)


@person.command()
@request_argument
@registry_options
@click.option("--outcome", type=click.Choice(["done", "refused", "withdrawn"]), required=True)
@click.pass_obj
def finish(lang: Language, request_id: str, url: str | None, trust: Path | None, outcome: str) -> None:
    """Say how a request ended."""
    with opened(where_is(url, trust), lang) as registry:
        registry.subject_requests.finish(request_id, outcome)


@person.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def requests(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the open requests of persons, the most urgent first."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.subject_requests.open_ones()
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], default=datetime.isoformat, indent=2))
        return
    if not found:
        tell("no_subject_requests", lang)
    for each in found:
        late = WORDS[f"overdue_{each.overdue}"][lang] if each.overdue else ""
        clocks = f"{local(each.answer_due)} / {local(each.finish_due)}"
        click.echo(f"{each.id}  {each.kind}  {each.account}  {clocks}  {late}".rstrip())


def _tell_clocks(view: SubjectRequestView, lang: Language) -> None:
    clocks = {"answer": local(view.answer_due), "finish": local(view.finish_due)}
    tell("subject_request", lang, **clocks, clause=view.clause)


# --- the registry as a whole ------------------------------------------------------------------------------------------


@click.command()
@registry_options
@click.pass_obj
def retire(lang: Language, url: str | None, trust: Path | None) -> None:
    """Drop the personal data whose term is over; for a daily timer."""
    from cccd_nfc.registry.origin import SYSTEM

    with opened(where_is(url, trust), lang) as found:
        done = found.acting(SYSTEM).privacy.retire()
    what = ", ".join(f"{kind} {count}" for kind, count in done.items() if count)
    tell("retired" if what else "nothing_retired", lang, dropped=what)


@click.command()
@registry_options
@click.option(
    "--exposed", multiple=True, required=True,
    type=click.Choice(["accounts", "evidence", "messages", "history", "reads"]), help="What was exposed; repeatable.",
)  # fmt: skip
@click.option("--since", type=_MOMENT, required=True, help="From when, in Vietnam's time.")
@click.option("--until", type=_MOMENT, required=True, help="Until when.")
@click.option("--detected", type=_MOMENT, required=True, help="When it was noticed: the 72 hours start.")
@click.option("--officer", default="", help="Of `reads`: those of this officer.")
@click.option("--station", default="", help="Of `reads`: those at this station.")
@click.option("-o", "output", type=_NEW_FILE, required=True, help="File for the list, readable by you only.")
@click.pass_obj
def breach(
    lang: Language, url: str | None, trust: Path | None, exposed: tuple[str, ...], since: datetime, until: datetime,
    detected: datetime, officer: str, station: str, output: Path,
) -> None:  # fmt: skip
    """List the persons whom a breach affects, by the keyed hash that the audit log names them by."""
    from cccd_nfc.atomic_file import write_atomically
    from cccd_nfc.registry.breach import Exposed, Exposure

    times = [moment.replace(tzinfo=VIETNAM) for moment in (since, until, detected)]
    exposure = Exposure(frozenset(map(Exposed, exposed)), times[0], times[1], officer, station)
    with opened(where_is(url, trust), lang) as found:
        listed = found.privacy.breach(exposure, times[2])
    write_atomically(output, json.dumps(listed.to_json(), indent=2).encode())
    tell("breach_listed", lang, count=len(listed.persons), path=output, until=local(listed.report_by))
    if listed.overdue:
        tell("breach_overdue", lang)
