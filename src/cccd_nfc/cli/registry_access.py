"""Where the registry is, and what its commands share: opening it, speaking, asking for confirmation."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cccd_nfc.cli.message_words import WAYS
from cccd_nfc.cli.reading import load_trust
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.cli.words import PROMPTS, Language
from cccd_nfc.errors import (
    AuthenticationError,
    CardError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    TransportError,
    UsageError,
)

if TYPE_CHECKING:
    from cccd_nfc.registry.service import Registry

Decorated = TypeVar("Decorated", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Where:
    """What --registry and --trust say."""

    url: str
    folder: Path
    trust: Path | None


def registry_options(command: Decorated) -> Decorated:
    trust = click.option(
        "--trust", type=click.Path(path_type=Path, exists=True), metavar="DIR", help="CSCA certificates you trust."
    )
    registry = click.option(
        "--registry",
        "url",
        envvar="CCCD_REGISTRY",
        metavar="URL",
        help="Database; else CCCD_REGISTRY, else SQLite in your data folder.",
    )
    return registry(trust(command))


def where_is(url: str | None, trust: Path | None) -> Where:
    """The database, and the folder of its keys and outbox: beside an SQLite file, else in the user's data folder."""
    from platformdirs import user_data_path

    home = user_data_path("cccd_nfc") / "registry"
    if url is None:
        return Where(f"sqlite:///{home / 'registry.db'}", home, trust)
    if url.startswith("sqlite:///"):
        return Where(url, Path(url.removeprefix("sqlite:///")).parent, trust)
    return Where(url, home, trust)


@contextmanager
def opened(where: Where, lang: Language, *, with_trust: bool = False) -> Iterator[Registry]:
    """The registry, whose acts say that they were done at a desk."""
    from cccd_nfc.pki.trust_store import TrustStore
    from cccd_nfc.registry.origin import DESK
    from cccd_nfc.registry.service import Registry

    trust = load_trust(where.trust, lang) if with_trust else TrustStore.empty()
    registry = Registry.open(where.url, where.folder, trust, origin=DESK, gateway=os.environ.get("CCCD_GATEWAY", ""))
    try:
        yield registry
    except (AuthenticationError, CardError, TransportError, RefusedError) as error:
        error.add_note(WAYS[lang])
        raise
    finally:
        registry.close()


def send(registry: Registry, lang: Language) -> None:
    """Sends what waits. A gateway that fails ends no act: what could not go waits, and the person hears of it."""
    try:
        registry.deliver()
    except RegistryUnavailableError:
        raise
    except RegistryError:
        tell("not_sent", lang)


def tell(what: str, lang: Language, **values: object) -> None:
    click.echo(WORDS[what][lang].format(**values), err=True)


def confirmed(what: str, lang: Language, yes: bool) -> bool:
    """Whether to go on; --yes answers for scripts, and without a terminal nothing is confirmed by itself."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("without a terminal, confirm by --yes")
    if click.confirm(WORDS[what][lang], err=True):
        return True
    tell("cancelled", lang)
    return False


def ask_number(lang: Language) -> str:
    """The number is asked for and never an argument: its last six digits open the chip."""
    return ask_line(PROMPTS["number"][lang], hidden=False)


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}") from error
