"""Reading a card for any command: the reader's address, the password, the progress display, the recording."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cccd_nfc.cli.secrets import KINDS, ask_password
from cccd_nfc.errors import UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import Notice, Observer, Phase, Progress
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.readers import open_reader, record
from cccd_nfc.spoken.said import in_language
from cccd_nfc.spoken.words import SAYINGS, Language

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

CHALLENGE_BYTES = 8
Decorated = TypeVar("Decorated", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the options that all reading commands share have said."""

    reader: str
    secret: str
    photo: bool = True
    record: Path | None = None
    allow_bac: bool = False


def reading_options(command: Decorated) -> Decorated:
    """Adds --reader, --secret, --no-photo, --record and --allow-bac."""
    for option in reversed(
        (
            click.option(
                "--reader",
                metavar="R",
                help="pcsc, pcsc:PART-OF-NAME, nfc, nfc:PATH, replay:FILE, sim:PROFILE-or-FOLDER",
            ),
            click.option(
                "--secret",
                type=click.Choice(KINDS),
                help="Which password opens the chip; it is prompted for, or read from standard input.",
            ),
            click.option("--no-photo", is_flag=True, help="Leave the portrait on the chip."),
            click.option(
                "--record",
                type=click.Path(path_type=Path, dir_okay=False),
                metavar="TAPE",
                help="Write the conversation to a tape.",
            ),
            click.option("--allow-bac", is_flag=True, help="Let BAC follow when PACE fails; the report says so."),
        )
    ):
        command = option(command)
    return command


def read_options(
    reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool
) -> ReadOptions:
    """The options as one value; UsageError when reader or kind of secret is missing."""
    if reader is None or secret is None:
        raise UsageError("to read a card, say where it is (--reader) and what opens it (--secret)")
    return ReadOptions(reader, secret, not no_photo, record, allow_bac)


def read_card(options: ReadOptions, lang: Language, *, challenge: bytes | None = None) -> Evidence:
    """The evidence of the card on the reader; `challenge` (8 bytes) is for Active Authentication, else random."""
    password = None
    # A simulated card made on the spot says its number first, since the prompt asks for it.
    if not options.reader.startswith("sim:"):
        password = ask_password(options.secret, lang)
    with open_reader(options.reader, waiting=lambda: say("put_card", lang)) as reader:
        if reader.hint:
            say("simulated", lang, number=reader.hint[0], can=reader.hint[1])
        password = password or ask_password(options.secret, lang)
        used = record(reader, options.record, address=options.reader) if options.record else reader
        with progress(lang) as display:
            evidence = read(
                _request(options, password, challenge or used.random_bytes(CHALLENGE_BYTES), used.max_response),
                used.transport,
                random_bytes=used.random_bytes,
                now=datetime.now(UTC),
                observers=(*used.observers, display),
            )
    if options.record:
        say("tape_made", lang, path=options.record)
    return evidence


def _request(options: ReadOptions, password: Password, challenge: bytes, max_response: int) -> Request:
    return Request(password, challenge, photo=options.photo, max_response=max_response, allow_bac=options.allow_bac)


def load_trust(path: Path | None, lang: Language) -> TrustStore:
    """The trust store in `path`, else in the user's data folder; says what was skipped, and when it is empty."""
    folder = path or default_trust()
    trust = load_trust_store(folder) if path or folder.is_dir() else TrustStore.empty()
    for skipped in trust.skipped:
        say("trust_skipped", lang, what=f"{skipped.name}: {in_language(skipped.reason, lang)}")
    if not trust.anchors:
        say("no_trust", lang)
    return trust


def default_trust() -> Path:
    """The trust folder of this user; nothing is put there but by them."""
    from platformdirs import user_data_path

    return user_data_path("cccd_nfc") / "trust"


def say(saying: str, lang: Language, **values: object) -> None:
    """One sentence to standard error; results alone go to standard output."""
    click.echo(SAYINGS[saying][lang].format(**values), err=True)


@contextmanager
def progress(lang: Language) -> Iterator[Observer]:
    """Bars on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", justify="left"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        yield _Display(bars, SAYINGS["reading"][lang])


class _Silent:
    def noticed(self, notice: Notice) -> None:
        pass

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
        pass


class _Display(_Silent):
    """One bar for all files, growing as each file tells its length; the phase beside it."""

    def __init__(self, bars: Bars, title: str) -> None:
        self._bars, self._title = bars, title
        self._task: TaskID = bars.add_task(title, total=None)
        self._files: dict[str, Progress] = {}

    def noticed(self, notice: Notice) -> None:
        if isinstance(notice, Phase):
            self._bars.update(self._task, description=f"{self._title}: {notice.name}")
            return
        self._files[notice.item] = notice
        self._bars.update(
            self._task,
            description=f"{self._title}: {notice.item}",
            completed=sum(file.done for file in self._files.values()),
            total=sum(file.total for file in self._files.values()),
        )
