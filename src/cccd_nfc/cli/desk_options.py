"""What the commands of a desk share: who works there, the consent of the person, and who represents a child."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cccd_nfc.cli.level_words import LEVEL_WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.consents import Consent
    from cccd_nfc.registry.representatives import Representative
    from cccd_nfc.registry.service import Registry

METHODS = ("signed-form", "spoken-at-desk")
Decorated = TypeVar("Decorated", bound=Callable[..., object])

consent_option = click.option(
    "--consent",
    type=click.Choice(METHODS),
    help="How the person has agreed; without it, the text is shown and asked for.",
)


def desk_options(command: Decorated) -> Decorated:
    officer = click.option("--officer", default="", envvar="CCCD_OFFICER", metavar="ID", help="Who does this.")
    station = click.option("--station", default="", envvar="CCCD_STATION", metavar="ID", help="At which desk.")
    return officer(station(command))


def representative_options(command: Decorated) -> Decorated:
    kinship = click.option(
        "--represented-by", "kinship", type=click.Choice(["parent", "guardian"]), help="Who asks for a child or a ward."
    )
    document = click.option("--document", metavar="NUMBER", help="Number of the birth certificate or of the decision.")
    return kinship(document(command))


def by_name(registry: Registry, officer: str, station: str) -> Registry:
    """The registry at the desk and by the officer that were named, unless somebody has logged in."""
    if max(len(officer), len(station)) > 32:
        raise UsageError("the id of an officer or a station has at most 32 characters")
    return registry.by_name(officer, station)


def ask_consent(method: str | None, lang: Language) -> Consent:
    """The person's yes to today's text; RefusedError for a no, and nothing is taken for a yes."""
    from cccd_nfc.registry.consents import CURRENT, TEXTS, Consent, ConsentMethod

    if method is not None:
        return Consent(CURRENT, ConsentMethod(method))
    if not sys.stdin.isatty():
        raise UsageError("without a terminal, say by --consent how the person has agreed")
    click.echo(TEXTS[CURRENT][lang], err=True)
    if not click.confirm(LEVEL_WORDS["ask_consent"][lang], default=None, err=True):
        raise RefusedError("without consent no account is opened")
    return Consent(CURRENT, ConsentMethod.SPOKEN_AT_DESK)


def representative_of(kinship: str | None, document: str | None, lang: Language) -> Representative | None:
    """Who acts for the card's owner, the number being asked for; None for nobody."""
    from cccd_nfc.registry.representatives import Kinship, Representative

    if (kinship is None) is not (document is None):
        raise UsageError("a representative is named by --represented-by and --document")
    if kinship is None or document is None:
        return None
    number = ask_line(LEVEL_WORDS["ask_representative"][lang], hidden=False)
    return Representative(number, Kinship(kinship), document)
