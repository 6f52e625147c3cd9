"""`cccd request letter`, `form`, `simulate`: the written answer, what was asked, which deadlines would fall when."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.document_words import CLOCKS, FILING_CHANNELS, FORM_LABELS
from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import opened, registry_options, tell, text_of, where_is
from cccd_nfc.cli.registry_words import GROUNDS, REQUEST_KINDS, REQUEST_STATES, WORDS
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.simulation import OpenStep, Simulation, Step

_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])
json_option = click.option("--json", "as_json", is_flag=True)


@click.command()
@click.argument("request_id", metavar="REQUEST", required=False)
@click.option("-o", "output", type=click.Path(path_type=Path, dir_okay=False), help="The PDF; FILE.jws is beside it.")
@click.option("--verify", "letter_file", type=_A_FILE, help="Check this PDF by the FILE.jws beside it.")
@click.option("--key", help="With --verify: the registry's public key, as `cccd receipt key` prints it.")
@registry_options
@click.pass_obj
def letter(
    lang: Language, request_id: str | None, output: Path | None, letter_file: Path | None, key: str | None,
    url: str | None, trust: Path | None,
) -> None:  # fmt: skip
    """Write the signed letter that answers a request, or check one.

    The same request gives the same letter whenever it is asked for.
    """
    if letter_file is not None and request_id is None and output is None:
        _verify(letter_file, key, lang, url, trust)
    elif request_id is not None and output is not None and letter_file is None and key is None:
        _write(request_id, output, lang, url, trust)
    else:
        raise UsageError("give a request and -o FILE, or --verify FILE")


def _write(request_id: str, output: Path, lang: Language, url: str | None, trust: Path | None) -> None:
    from cccd_nfc.atomic_file import write_atomically

    with opened(where_is(url, trust), lang) as registry:
        made = registry.documents.letter(request_id)
    write_atomically(output, made.pdf)
    write_atomically(_beside(output), f"{made.signature}\n".encode())
    tell("letter_saved", lang, path=output, signature=_beside(output))


def _verify(path: Path, key: str | None, lang: Language, url: str | None, trust: Path | None) -> None:
    from cccd_nfc.registry.papers.letter import verify_letter

    if key is None:
        with opened(where_is(url, trust), lang) as registry:
            key = registry.receipt_key()
    try:
        pdf = path.read_bytes()
    except OSError as error:
        raise UsageError(Said("cannot read {path}: {reason}", path=path, reason=error.strerror)) from error
    said = verify_letter(pdf, text_of(_beside(path)), key)
    moment = local(datetime.fromisoformat(said["time"]))
    tell("letter_genuine", lang, document=said["document"], decision=WORDS[said["decision"]][lang], time=moment)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.jws")


@click.command()
@click.argument("request_id", metavar="REQUEST")
@registry_options
@json_option
@click.pass_obj
def form(lang: Language, request_id: str, url: str | None, trust: Path | None, as_json: bool) -> None:
    """Show the form TK03 that a request came on."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.documents.form(request_id)
    if as_json:
        click.echo(json.dumps(asdict(found) if found else None, ensure_ascii=False, indent=2))
    elif found is None:
        tell("no_form", lang)
    else:
        shown = {**asdict(found), "channel": FILING_CHANNELS[found.channel][lang]}
        for name, label in FORM_LABELS.items():
            click.echo(f"  {label[lang]:<16} {shown[name]}")


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="First day of receipt.")
@click.option("--to", "last", type=_DAY, required=True, help="Last day of receipt.")
@click.option("--holidays", type=_A_FILE, help='Another calendar: a file like law/holidays.csv, "day,kind,name".')
@registry_options
@json_option
@click.pass_obj
def simulate(
    lang: Language, first: datetime, last: datetime, holidays: Path | None, url: str | None, trust: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Say which deadlines fall when for what is received in a period, and what then is overdue.

    A year whose holidays are not known is refused: Tết is decided year by year. --holidays tries a calendar out.
    """
    from cccd_nfc.registry.simulation import simulate as simulated
    from cccd_nfc.registry.working_days import parse_holidays, working_days

    calendar = parse_holidays(text_of(holidays)) if holidays else working_days()
    with opened(where_is(url, trust), lang) as registry:
        found = simulated(first.date(), last.date(), calendar, registry.waiting_requests())
    if as_json:
        click.echo(json.dumps(_json(found), ensure_ascii=False, indent=2))
        return
    for step in found.steps:
        click.echo(_line(step, lang))
    for each in found.waiting:
        click.echo(_open_line(each, lang))


def _line(step: Step, lang: Language) -> str:
    name, _, ground = step.clock.partition(" ")
    what = CLOCKS[name][lang] + (f": {GROUNDS[ground][lang]}" if ground else "")
    return f"{step.received:%d/%m/%Y} → {step.last_day:%d/%m/%Y}  {step.waits:>2}  {what}  {step.clause}"


def _open_line(each: OpenStep, lang: Language) -> str:
    late = WORDS["overdue"][lang] if each.overdue else ""
    kind, state = REQUEST_KINDS[each.kind][lang], REQUEST_STATES[each.state][lang]
    return f"{each.request}  {kind}  {state}  {local(each.due_at)}  {late}".rstrip()


def _json(found: Simulation) -> dict[str, object]:
    steps = [
        {**asdict(step), "received": step.received.isoformat(), "last_day": step.last_day.isoformat()}
        for step in found.steps
    ]
    return {
        "steps": steps,
        "waiting": [{**asdict(each), "due_at": each.due_at.isoformat()} for each in found.waiting],
    }
