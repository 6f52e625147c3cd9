"""`cccd offline`: a desk without a line to the registry locks and binds into its journal, which is handed in later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.offline_words import OUTCOMES
from cccd_nfc.cli.reading import load_trust, read_card, read_options, reading_options
from cccd_nfc.cli.registry_access import ask_number, confirmed, opened, registry_options, send, tell, text_of, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.state_words import LOCK_REASONS
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.offline_journal import Journal, Station
    from cccd_nfc.registry.phone import DeviceKey

_FILE = click.Path(path_type=Path, dir_okay=False)
_JOURNAL = click.argument("journal", type=_FILE)
_STATION = click.option("--station", "name", required=True, metavar="ID", help="This desk's id.")
_KEY = click.option(
    "--station-key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="PRIVATE.pem", help="This desk's private key, made by `cccd device new-key`.",
)  # fmt: skip
_OFFICER = click.option("--officer", required=True, metavar="ID", help="Who does this.")
_STATIONS = click.option(
    "--station", "stations", multiple=True, metavar="ID=PUBLIC.pem",
    help="A desk and its public key, more than once; a registry with officers knows its stations by itself.",
)  # fmt: skip


@click.group()
def offline() -> None:
    """Lock and bind at a desk without a line, and hand its journal in later."""


@offline.command("pass")
@registry_options
@_STATIONS
@click.argument("station")
@click.pass_obj
def give_pass(lang: Language, url: str | None, trust: Path | None, stations: tuple[str, ...], station: str) -> None:
    """Give STATION what it takes along when it goes offline; to be put into its journal by `cccd offline begin`."""
    with opened(where_is(url, trust), lang) as registry:
        click.echo(registry.offline(_keys(stations).get).issue_pass(station))


@offline.command()
@_JOURNAL
@_STATION
@_KEY
@click.argument("pass_file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def begin(lang: Language, journal: Path, name: str, station_key: Path, pass_file: Path) -> None:
    """Begin to work offline, with the pass in PASS_FILE that the registry gave."""
    from cccd_nfc.pki.trust_store import TrustStore
    from cccd_nfc.registry.offline import OfflineDesk

    station, kept = _desk(name, station_key, journal)
    OfflineDesk(station, kept, TrustStore.empty()).take_pass(text_of(pass_file).strip())
    tell("offline_begun", lang, path=journal)


@offline.command()
@_JOURNAL
@_STATION
@_KEY
@_OFFICER
@click.option(
    "--reason", type=click.Choice(list(LOCK_REASONS)), required=True, help="What the owner says has happened."
)
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def lock(lang: Language, journal: Path, name: str, station_key: Path, officer: str, reason: str, yes: bool) -> None:
    """Write down that an account is locked, as its owner asks; the personal number is asked for."""
    from cccd_nfc.pki.trust_store import TrustStore
    from cccd_nfc.registry.lock_effects import LockReason
    from cccd_nfc.registry.offline import OfflineDesk

    station, kept = _desk(name, station_key, journal)
    number = ask_number(lang)
    if not confirmed("confirm_lock", lang, yes):
        return
    OfflineDesk(station, kept, TrustStore.empty()).lock(number, LockReason(reason), officer=officer)
    tell("offline_locked", lang)


@offline.command()
@_JOURNAL
@reading_options
@click.option("--trust", type=click.Path(path_type=Path, exists=True), metavar="DIR", help="CSCA certificates.")
@_STATION
@_KEY
@_OFFICER
@click.option("--device", "device_key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              metavar="PUBLIC.pem", help="The phone's public key (P-256, PEM or JWK).")  # fmt: skip
@click.option("--phone-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PRIVATE.pem",
              help="A simulated phone's private key; without it, paste what the phone signed.")  # fmt: skip
@click.option("--label", default="", help="What the owner calls the phone.")
@click.option("--face-checked", is_flag=True, help="You have compared the person's face with the card.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def bind(
    lang: Language, journal: Path, reader: str | None, secret: str | None, no_photo: bool, record: Path | None,
    allow_bac: bool, trust: Path | None, name: str, station_key: Path, officer: str, device_key: Path,
    phone_key: Path | None, label: str, face_checked: bool, yes: bool,
) -> None:  # fmt: skip
    """Verify the card on the reader and bind the phone provisionally: the registry decides when it gets the journal."""
    from cccd_nfc.registry.offline import OfflineDesk
    from cccd_nfc.registry.phone import DeviceKey

    if not face_checked:
        raise UsageError("compare the person's face with the card, then say --face-checked")
    options = read_options(reader, secret, no_photo, record, allow_bac)
    station, kept = _desk(name, station_key, journal)
    if not confirmed("confirm_bind", lang, yes):
        return
    desk = OfflineDesk(station, kept, load_trust(trust, lang))
    binding = desk.begin(DeviceKey.parse(text_of(device_key)), label=label)
    code = desk.accept(binding, read_card(options, lang, challenge=binding.challenge))
    tell("offline_code", lang, code=code)
    typed = ask_line(WORDS["ask_code"][lang])
    statement = _statement(phone_key, binding.statement_facts(station.id), lang)
    desk.bind(binding, typed, statement, officer=officer, face_checked=face_checked)
    tell("offline_bound", lang)


@offline.command()
@_JOURNAL
@registry_options
@_STATIONS
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def sync(
    lang: Language, journal: Path, url: str | None, trust: Path | None, stations: tuple[str, ...], as_json: bool
) -> None:
    """Hand a journal in: the registry verifies all of it again and decides. Once more, it changes nothing."""
    from cccd_nfc.registry.offline_journal import Journal

    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        settled = registry.offline(_keys(stations).get).sync(Journal(journal).read())
        send(registry, lang)
    if as_json:
        lines = [{"record": e.number, "kind": e.kind, "outcome": e.outcome, "reason": e.reason} for e in settled]
        click.echo(json.dumps(lines, ensure_ascii=False, indent=2))
        return
    for each in settled:
        click.echo(f"{each.number:>4}  {OUTCOMES[each.kind][lang]:<20} {OUTCOMES[each.outcome][lang]}  {each.reason}")


@offline.command()
@_JOURNAL
@click.option("--station-key", "key_file", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              metavar="PEM", help="The station's public or private key.")  # fmt: skip
@click.pass_obj
def show(lang: Language, journal: Path, key_file: Path) -> None:
    """List what a journal holds, once its signatures and its chain hold; numbers and evidence are not shown."""
    from cccd_nfc.registry.offline_journal import Journal, parse
    from cccd_nfc.registry.phone import DeviceKey

    for each in parse(Journal(journal).read(), DeviceKey.parse(text_of(key_file))):
        kind = OUTCOMES.get(each.kind, {"vi": each.kind, "en": each.kind})
        click.echo(f"{each.number:>4}  {kind[lang]:<20} {each.station}  {each.at}  {each.digest[:12]}…")


def _desk(name: str, key: Path, journal: Path) -> tuple[Station, Journal]:
    from cccd_nfc.registry.offline_journal import Journal, Station
    from cccd_nfc.registry.phone import Phone

    return Station(name, Phone.load(key)), Journal(journal)


def _keys(stations: tuple[str, ...]) -> dict[str, DeviceKey]:
    from cccd_nfc.registry.phone import DeviceKey

    found = {}
    for each in stations:
        name, between, path = each.partition("=")
        if not (name and between and path):
            raise UsageError(Said("a station is given as ID=PUBLIC.pem, and not as {what}", what=each))
        found[name] = DeviceKey.parse(text_of(Path(path)))
    return found


def _statement(phone_key: Path | None, facts: dict[str, str], lang: Language) -> str:
    """What the phone signs; the code in it is the one that was typed on it."""
    from cccd_nfc.registry.phone import Phone

    if phone_key is not None:
        return Phone.load(phone_key).state("offline-bind", **facts)
    asked = WORDS["ask_offline_statement"][lang].format(station=facts["station"], nonce=facts["nonce"])
    return ask_line(asked, hidden=False)
