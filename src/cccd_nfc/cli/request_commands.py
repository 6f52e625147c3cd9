"""`cccd request`: authorities' requests to lock or unlock, from the desk that receives them to the decision."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.letter_commands import form as form_command
from cccd_nfc.cli.letter_commands import letter, simulate
from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import ask_number, confirmed, opened, registry_options, send, tell, text_of, where_is
from cccd_nfc.cli.registry_words import REQUEST_KINDS, REQUEST_STATES
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.lock_requests import RequestView

by_option = click.option(
    "--by",
    default="",
    metavar="NAME",
    help="Who does this, unless you have logged in; another person decides.",
)
role_option = click.option(
    "--role", type=click.Choice(["AGENCY_HEAD", "UNIT_HEAD"]), default="AGENCY_HEAD", show_default=True,
    help="Who decides: UNIT_HEAD for requests received before July 2024. A login says it by itself.",
)  # fmt: skip
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@click.group()
def request() -> None:
    """Authorities' requests to lock or unlock an account, with their clocks."""


for _command in (letter, form_command, simulate):
    request.add_command(_command)


@request.command("file")
@registry_options
@click.option("--kind", type=click.Choice(["lock", "unlock"]), required=True)
@click.option(
    "--ground", type=click.Choice(["AUTHORITY_REQUEST", "SERVICE_PARTY_REQUEST"]), default="AUTHORITY_REQUEST",
    show_default=True,
)  # fmt: skip
@click.option("--agency", required=True, help="Who requests it.")
@click.option("--document", required=True, metavar="NUMBER", help="Number of the agency's document.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Date of the document.")
@click.option("--unit", default="", help="The police that received it: the head of the answer.")
@click.option(
    "--form", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The form TK03 as JSON: channel (commune-desk, province-desk, post), requester, capacity, content, reason.",
)  # fmt: skip
@by_option
@click.pass_obj
def file_command(
    lang: Language, url: str | None, trust: Path | None, kind: str, ground: str, agency: str, document: str,
    day: datetime, unit: str, form: Path | None, by: str,
) -> None:  # fmt: skip
    """Take in a request; the personal number is asked for. Nothing is locked yet."""
    from cccd_nfc.registry.lock_grounds import LockGround
    from cccd_nfc.registry.lock_requests import Paper, RequestKind
    from cccd_nfc.registry.request_forms import parse_form

    with opened(where_is(url, trust), lang) as registry:
        paper = Paper(agency, document, day.date(), unit, parse_form(text_of(form)) if form else None)
        filed = registry.file_request(ask_number(lang), RequestKind(kind), LockGround(ground), paper, by=by)
    tell("request_due", lang, until=local(filed.due_at))
    click.echo(filed.id)


@request.command()
@click.argument("request_id", metavar="REQUEST")
@registry_options
@by_option
@click.pass_obj
def forward(lang: Language, request_id: str, url: str | None, trust: Path | None, by: str) -> None:
    """Say that the request has been examined and sent to who decides."""
    with opened(where_is(url, trust), lang) as registry:
        tell("request_due", lang, until=local(registry.forward_request(request_id, by=by).due_at))


@request.command()
@click.argument("request_id", metavar="REQUEST")
@registry_options
@by_option
@role_option
@yes_option
@click.pass_obj
def approve(
    lang: Language, request_id: str, url: str | None, trust: Path | None, by: str, role: str, yes: bool
) -> None:  # fmt: skip
    """Enter that the request was granted: the account is locked or unlocked at once."""
    from cccd_nfc.registry.lock_grounds import Role

    if not confirmed("confirm_approve", lang, yes):
        return
    with opened(where_is(url, trust), lang) as registry:
        registry.approve_request(request_id, by=by, role=Role(role))
        send(registry, lang)
    tell("request_approved", lang)


@request.command()
@click.argument("request_id", metavar="REQUEST")
@registry_options
@by_option
@role_option
@click.option("--reason", required=True, help="Goes to the agency in writing.")
@yes_option
@click.pass_obj
def refuse(
    lang: Language, request_id: str, url: str | None, trust: Path | None, by: str, role: str, reason: str, yes: bool
) -> None:  # fmt: skip
    """Enter that the request was refused; the letter with the reason goes to the outbox."""
    from cccd_nfc.registry.lock_grounds import Role

    if not confirmed("confirm_refuse", lang, yes):
        return
    with opened(where_is(url, trust), lang) as registry:
        registry.refuse_request(request_id, by=by, role=Role(role), reason=reason)
        send(registry, lang)
    tell("request_refused", lang)


@request.command("list")
@registry_options
@click.option("--overdue", is_flag=True, help="Only those whose next step should have been done by now.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_requests(lang: Language, url: str | None, trust: Path | None, overdue: bool, as_json: bool) -> None:
    """List the requests that wait, the most urgent first."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.overdue_requests() if overdue else registry.waiting_requests()
    if as_json:
        click.echo(json.dumps([_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        tell("no_requests", lang)
    for each in found:
        kind, state = REQUEST_KINDS[each.kind][lang], REQUEST_STATES[each.state][lang]
        click.echo(f"{local(each.due_at)}  {kind}  {state}  {each.agency}, {each.document}  {each.id}")


def _json(each: RequestView) -> dict[str, str]:
    return {
        "id": each.id,
        "kind": each.kind.value,
        "ground": each.ground.value,
        "state": each.state.value,
        "agency": each.agency,
        "document": each.document,
        "unit": each.unit,
        "channel": each.channel,
        "due_at": each.due_at.isoformat(),
    }
