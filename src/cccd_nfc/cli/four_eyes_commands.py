"""`cccd propose`, `cccd approve`, `cccd proposals`: acts that take two people."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cccd_nfc.cli.officer_words import PROPOSAL_KINDS
from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import ask_number, confirmed, opened, registry_options, tell, where_is
from cccd_nfc.spoken.words import Language


@click.command()
@click.argument("kind", type=click.Choice(list(PROPOSAL_KINDS)))
@registry_options
@click.option("--reason", required=True, help="Why; the second person reads it.")
@click.option("--subject", default="", help="What it is upon, where that is no account.")
@click.pass_obj
def propose(lang: Language, kind: str, url: str | None, trust: Path | None, reason: str, subject: str) -> None:
    """Propose an act that takes two people; gives its id. An account's number is asked for."""
    from cccd_nfc.registry.four_eyes import KINDS, Kind

    with opened(where_is(url, trust), lang) as registry:
        number = ask_number(lang) if KINDS[Kind(kind)].deed is not None else ""
        made = registry.four_eyes.propose(Kind(kind), reason, number=number, subject=subject)
    tell("proposed", lang, until=local(made.expires_at))
    click.echo(made.id)


@click.command()
@click.argument("proposal_id", metavar="PROPOSAL")
@registry_options
@click.option("--reject", is_flag=True, help="Reject it instead.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def approve(lang: Language, proposal_id: str, url: str | None, trust: Path | None, reject: bool, yes: bool) -> None:
    """Approve what another person has proposed: it is done at once."""
    if not confirmed("confirm_rejection" if reject else "confirm_proposal", lang, yes):
        return
    with opened(where_is(url, trust), lang) as registry:
        if reject:
            registry.four_eyes.reject(proposal_id)
        else:
            registry.four_eyes.approve(proposal_id)
            registry.deliver()
    tell("proposal_rejected" if reject else "proposal_approved", lang)


@click.command()
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def proposals(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List the proposals that wait for a second person, the most urgent first."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.four_eyes.waiting()
    if as_json:
        rows = [
            {
                "id": each.id,
                "kind": each.kind.value,
                "subject": each.subject,
                "reason": each.reason,
                "proposed_by": each.proposed_by,
                "expires_at": each.expires_at.isoformat(),
            }
            for each in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not found:
        tell("no_proposals", lang)
    for each in found:
        click.echo(f"{local(each.expires_at)}  {PROPOSAL_KINDS[each.kind][lang]}  {each.reason}  {each.id}")
