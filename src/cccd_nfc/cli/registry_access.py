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
from cccd_nfc.cli.registry_session import session_token
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import (
    AuthenticationError,
    CardError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    TransportError,
    UsageError,
)
from cccd_nfc.sentences import Said, sentence_of
from cccd_nfc.spoken.words import PROMPTS, Language

if TYPE_CHECKING:
    from cccd_nfc.registry.published_heads import FolderKeeper
    from cccd_nfc.registry.service import Registry

HEADS = "CCCD_HEADS"
"""Names the folder that heads of the audit log are carried to: best on another machine."""

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


def same_person_option(command: Decorated) -> Decorated:
    return click.option(
        "--same-person", is_flag=True,
        help="You have compared the person with the chip's portrait; you are logged in at a station.",
    )(command)  # fmt: skip


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
def opened(
    where: Where, lang: Language, *, with_trust: bool = False, carrying: bool = True, as_officer: bool = True
) -> Iterator[Registry]:  # fmt: skip
    """The registry, whose acts say that they were done at a desk, and by the officer who has logged in, if one has; at
    the end heads are carried away.

    as_officer: False for what needs no officer, such as a login. RefusedError when the officer's session has ended.
    """
    from cccd_nfc.pki.trust_store import TrustStore
    from cccd_nfc.registry.origin import DESK
    from cccd_nfc.registry.service import Registry

    trust = load_trust(where.trust, lang) if with_trust else TrustStore.empty()
    gateway = os.environ.get("CCCD_GATEWAY", "")
    registry = Registry.open(where.url, where.folder, trust, origin=DESK, keeper=head_keeper(), gateway=gateway)
    try:
        token = session_token(where.url) if as_officer else ""
        yield registry.acting_as(token) if token else registry
        if carrying:
            _carry(registry, lang)
    except (AuthenticationError, CardError, TransportError, RefusedError) as error:
        error.add_note(WAYS[lang])
        raise
    finally:
        registry.close()


def _carry(registry: Registry, lang: Language) -> None:
    """What was done is done: a keeper that is away, or that holds another history, is told of and no failure of it."""
    from cccd_nfc.spoken.said import in_language

    try:
        registry.heads.carry()
    except RegistryError as error:
        tell("heads_wait", lang, reason=in_language(sentence_of(error), lang))


def head_keeper() -> FolderKeeper | None:
    """The folder that the environment names for heads of the audit log; None when it names none."""
    from cccd_nfc.registry.published_heads import FolderKeeper

    folder = os.environ.get(HEADS)
    return FolderKeeper(Path(folder)) if folder else None


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


def confirmed(what: str, lang: Language, yes: bool, **values: object) -> bool:
    """Whether to go on; --yes answers for scripts, and without a terminal nothing is confirmed by itself."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("without a terminal, confirm by --yes")
    if click.confirm(WORDS[what][lang].format(**values), err=True):
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
        raise UsageError(Said("cannot read {path}", path=path)) from error
