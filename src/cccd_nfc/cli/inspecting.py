"""`cccd read` and `cccd verify`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cccd_nfc.cli.reading import load_trust, read_card, read_options, reading_options, say
from cccd_nfc.errors import UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.dumps import load_evidence
from cccd_nfc.inspection.policy import load_policy
from cccd_nfc.inspection.verifying import verify as verify_evidence
from cccd_nfc.report import InspectionReport, Outcome
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import Language


@click.command()
@reading_options
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The evidence file to write."
)
@click.pass_obj
def read(
    lang: Language,
    reader: str | None,
    secret: str | None,
    no_photo: bool,
    record: Path | None,
    allow_bac: bool,
    output: Path,
) -> None:
    """Read a card into an evidence file, which holds personal data and is readable by you only."""
    evidence = read_card(read_options(reader, secret, no_photo, record, allow_bac), lang)
    evidence.save(output)
    say("read_done", lang, path=output)


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, exists=True))
@reading_options
@click.option(
    "--trust", type=click.Path(path_type=Path, exists=True), metavar="DIR", help="CSCA certificates you trust."
)
@click.option(
    "--policy", default="field", show_default=True, metavar="NAME|FILE", help="field, strict, or a JSON file."
)
@click.option(
    "--batch", type=click.Path(path_type=Path, exists=True), metavar="FOLDER|FILE.jsonl", help="Verify all in it."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Of --batch; a run that broke off goes on."
)
@click.option("--now", metavar="ISO", help="Verify as at this time instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@click.option(
    "--save-portrait", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.png", help="Write the portrait."
)
@click.pass_obj
def verify(
    lang: Language,
    path: Path | None,
    reader: str | None,
    secret: str | None,
    no_photo: bool,
    record: Path | None,
    allow_bac: bool,
    trust: Path | None,
    policy: str,
    batch: Path | None,
    output: Path | None,
    now: str | None,
    as_json: bool,
    save_portrait: Path | None,
) -> None:
    """Say whether a card is genuine: the one on --reader, or the one that PATH was read from.

    PATH is an evidence file, or a folder of raw files (SOD.bin, DG1.bin .. DG16.bin, COM.bin, CardAccess.bin). Such a
    folder comes without a chip, so a copy cannot be excluded, and the answer is "cannot tell" at best.
    """
    at, rules = moment_of(now), load_policy(policy)
    if batch is not None:
        from cccd_nfc.cli.batch import run_batch

        if any((path, reader, secret, no_photo, record, allow_bac, as_json, save_portrait)):
            raise UsageError("--batch goes with --trust, --policy, --now and --output only")
        sys.exit(0 if run_batch(batch, output, trust, rules, at if now else None, lang) else 1)
    if output is not None:
        raise UsageError("--output goes with --batch")
    anchors = load_trust(trust, lang)
    evidence = _evidence(path, reader, secret, no_photo, record, allow_bac, lang)
    report = verify_evidence(evidence, anchors, rules, now=at)
    if save_portrait:
        _save_portrait(report, save_portrait, lang)
    _print(report, lang, as_json)
    sys.exit(0 if report.verdict is Outcome.PASSED else 1)


def _evidence(
    path: Path | None,
    reader: str | None,
    secret: str | None,
    no_photo: bool,
    record: Path | None,
    allow_bac: bool,
    lang: Language,
) -> Evidence:
    if path is not None:
        if reader or secret or record:
            raise UsageError("give either PATH, or --reader and --secret")
        return load_evidence(path)
    return read_card(read_options(reader, secret, no_photo, record, allow_bac), lang)


def moment_of(iso: str | None) -> datetime:
    """The time to verify at, aware; a time without a zone is UTC."""
    if iso is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError as error:
        raise UsageError("--now takes a time as ISO 8601, for example 2026-11-24T08:00:00+07:00") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print(report: InspectionReport, lang: Language, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    from cccd_nfc.cli.report_view import show_report

    show_report(report, lang, Console(highlight=False))


def _save_portrait(report: InspectionReport, path: Path, lang: Language) -> None:
    from cccd_nfc.lds.portrait import portrait_png

    if report.identity is None or not report.identity.portrait:
        raise UsageError("there is no portrait to save")
    try:
        path.touch(mode=0o600)
        path.write_bytes(portrait_png(report.identity.portrait))
    except OSError as error:
        raise UsageError(Said("cannot write {path}: {reason}", path=path, reason=error.strerror)) from error
    say("portrait_saved", lang, path=path)
