"""`cccd trust`: whom to believe, and why: importing, pinning, looking after CSCA certificates and lists."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from cccd_nfc.cli import trust_view as view
from cccd_nfc.cli.reading import default_trust
from cccd_nfc.cli.trust_words import WORDS
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said, sentence_of
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import Language

Decorated = TypeVar("Decorated", bound=Callable[..., object])
FILE = click.Path(path_type=Path, exists=True)


def store_option(command: Decorated) -> Decorated:
    return click.option(
        "--store", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Else in your data folder."
    )(command)


def say(what: str, lang: Language, **values: object) -> None:
    click.echo(WORDS[what][lang].format(**values), err=True)


def confirmed(what: str, lang: Language, yes: bool, *, instead: str = "--yes") -> None:
    """Returns when the person says yes; without a terminal only the option `instead` does."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(Said("without a terminal, confirm by {option}", option=instead))
    click.confirm(WORDS[what][lang], abort=True, err=True)


@click.group()
def trust() -> None:
    """Keep the CSCA certificates, lists and revocation lists that you trust. None is trusted from the start."""


@trust.command("import")
@click.argument("files", nargs=-1, required=True, type=FILE)
@store_option
@click.option("--unsigned", is_flag=True, help="Take master lists that nobody known signed, too.")
@click.option("--signers", is_flag=True, help="Keep document signers too, for files whose EF.SOD brings none.")
@click.option("--all", "show_all", is_flag=True, help="Show every entry with its SHA-256, not the first ones.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def import_command(
    lang: Language,
    files: tuple[Path, ...],
    store: Path | None,
    unsigned: bool,
    signers: bool,
    show_all: bool,
    yes: bool,
) -> None:
    """Bring certificates and lists in: DER, PEM, master lists (CMS), PKD LDIF, CRLs, deviation and defect lists."""
    from cccd_nfc.pki.importing import Options, merge, plan_import

    folder = store or default_trust()
    options = Options(datetime.now(UTC), unsigned, signers)
    known = view.loaded(folder)
    plans = [plan_import(file.name, view.content_of(file), known, options) for file in files]
    there = view.sha256s(folder)
    for file, plan in zip(files, plans, strict=True):
        view.show_plan(file.name, plan, lang, there, show_all=show_all)
    whole = merge(plans)
    if not whole.entries:
        sys.exit(1 if whole.refused or whole.skipped else 0)
    confirmed("confirm_import", lang, yes)
    view.carried_out(folder, whole, lang)


@trust.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@store_option
@click.pass_obj
def update(lang: Language, folder: Path, store: Path | None) -> None:
    """Take what is new in FOLDER and vouched for by what you trust already: newer lists, CRLs, link certificates.

    A newer list takes the place of the older one of the same issuer. Nothing that is not signed enters.
    """
    from cccd_nfc.pki.importing import Options, merge, only_vouched, plan_import

    target = store or default_trust()
    known, options = view.loaded(target), Options(datetime.now(UTC))
    plans, there = [], view.sha256s(target)
    for file in sorted(each for each in folder.iterdir() if each.is_file()):
        try:
            plan = only_vouched(plan_import(file.name, view.content_of(file), known, options), known)
        except UsageError as error:
            say("skipped", lang, name=file.name, reason=in_language(sentence_of(error), lang))
            continue
        view.show_plan(file.name, plan, lang, there)
        plans.append(plan)
    view.carried_out(target, merge(plans), lang)


@trust.command()
@click.argument("what", metavar="SHA256|FILE")
@click.option("--sha256", metavar="HEX", help="The SHA-256 that the certificate must have: answers the question.")
@store_option
@click.pass_obj
def pin(lang: Language, what: str, sha256: str | None, store: Path | None) -> None:
    """Trust one CSCA certificate because you compared its SHA-256 with the issuing authority."""
    from cccd_nfc.pki.trust_files import edit_register
    from cccd_nfc.pki.trust_register import pinned

    folder = store or default_trust()
    now = datetime.now(UTC)
    entry = pinned(view.certificate_named(what, folder), what, now)
    view.show_entry(entry, lang)
    if sha256 is None:
        confirmed("confirm_pin", lang, False, instead="--sha256")
    elif view.spaceless(sha256) != entry.sha256:
        raise UsageError("the certificate has another SHA-256 than the one given")
    edit_register(folder, lambda register: register.with_entries([entry]))
    say("pinned", lang, who=entry.describe().get("subject", entry.sha256))


@trust.command()
@click.argument("sha256")
@click.option("--yes", is_flag=True, help="Do not ask.")
@store_option
@click.pass_obj
def remove(lang: Language, sha256: str, yes: bool, store: Path | None) -> None:
    """Trust an entry no longer, named by the first digits of its SHA-256."""
    from cccd_nfc.pki.trust_files import edit_register, read_register

    folder = store or default_trust()
    entry = read_register(folder).find(sha256)
    view.show_entry(entry, lang)
    confirmed("confirm_remove", lang, yes)
    edit_register(folder, lambda register: register.without(entry.sha256))
    say("removed", lang, who=entry.describe().get("subject", entry.sha256))


@trust.command("list")
@click.option("--country", metavar="CC", help="Of one country only, two letters.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array to standard output.")
@store_option
@click.pass_obj
def list_command(lang: Language, country: str | None, as_json: bool, store: Path | None) -> None:
    """List what is in the store: country, tier, validity, SHA-256, subject."""
    folder = store or default_trust()
    rows = [row for row in view.rows(folder) if country is None or row["country"] == country.upper()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    elif rows:
        view.print_rows(rows, lang)
    else:
        say("empty", lang, store=folder)


@trust.command()
@click.argument("sha256")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
@store_option
@click.pass_obj
def show(lang: Language, sha256: str, as_json: bool, store: Path | None) -> None:
    """Show one entry whole: what it is, where it came from, and by whose signature."""
    row = view.row_named(sha256, store or default_trust())
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False, indent=1))
    else:
        view.print_row(row)


@trust.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The PEM file.")
@click.option("--country", metavar="CC", help="Of one country only, two letters.")
@store_option
@click.pass_obj
def export(lang: Language, output: Path, country: str | None, store: Path | None) -> None:
    """Write the trusted CSCA certificates as one PEM file, each under its SHA-256; none that nobody has signed."""
    from cccd_nfc.atomic_file import write_atomically
    from cccd_nfc.pki.trust_store import Tier

    known = view.loaded(store or default_trust())
    anchors = [each for each in known.anchors if known.tier_of(each) is not Tier.UNSIGNED]
    chosen = [each for each in anchors if country is None or each.country == country.upper()]
    write_atomically(output, b"".join(view.pem(each) for each in chosen))
    say("exported", lang, count=len(chosen), path=output)


@trust.command()
@click.option("--now", metavar="ISO", help="Check as at this time instead of now.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array to standard output.")
@store_option
@click.pass_obj
def check(lang: Language, now: str | None, as_json: bool, store: Path | None) -> None:
    """Say what in the store wants attention. Exit status 1 when something should be mended."""
    from cccd_nfc.cli.inspecting import moment_of
    from cccd_nfc.pki.trust_check import WANTS_MENDING, troubles

    found = list(troubles(view.loaded(store or default_trust()), moment_of(now)))
    if as_json:
        rows = [{"kind": t.kind.value, "sha256": t.sha256, "subject": t.who, "text": str(t.text)} for t in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        view.print_troubles(found, lang)
    mend = any(each.kind in WANTS_MENDING for each in found)
    if not mend and not as_json:
        say("sound", lang)
    sys.exit(1 if mend else 0)
