"""The command `cccd`: which commands there are, and how their errors end.

Commands are imported when they are called, so that `cccd --help` answers at once.
"""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Mapping

import click

from cccd_nfc import __version__
from cccd_nfc.errors import AuthenticationError, CardError, CccdError, RegistryError, TransportError, UsageError
from cccd_nfc.sentences import sentence_of
from cccd_nfc.spoken.words import SAYINGS, Language, error_advice, language

EXIT_CODES: tuple[tuple[type[CccdError], int], ...] = (
    (UsageError, 2),
    (TransportError, 3),
    (CardError, 4),
    (AuthenticationError, 1),
    (RegistryError, 1),
    (CccdError, 1),
)
"""0 verified or done, 1 not verified or refused, 2 usage, 3 reader or card lost, 4 malformed answer or file."""

COMMANDS: Mapping[str, tuple[str, str]] = {
    "read": ("cccd_nfc.cli.inspecting", "Read a card into an evidence file."),
    "verify": ("cccd_nfc.cli.inspecting", "Say whether a card, or what was read from one, is genuine."),
    "trust": ("cccd_nfc.cli.trust_commands", "Keep the certificates and lists that you trust."),
    "readers": ("cccd_nfc.cli.equipment", "List the readers of this machine."),
    "doctor": ("cccd_nfc.cli.equipment", "Say what works on this machine, and how to mend what does not."),
    "card": ("cccd_nfc.cli.cards", "Make a synthetic card, or put one on the virtual reader."),
    "account": ("cccd_nfc.cli.registry_commands", "Create, show, lock and unlock accounts."),
    "level": ("cccd_nfc.cli.level_commands", "Level 2: applications at the desk, from the card to the result."),
    "request": ("cccd_nfc.cli.request_commands", "Authorities' requests to lock or unlock, with their clocks."),
    "person": ("cccd_nfc.cli.privacy_commands", "Personal data of one person: show, export, erase, requests."),
    "device": ("cccd_nfc.cli.registry_commands", "List, unlink and prepare devices."),
    "activate": ("cccd_nfc.cli.registry_commands", "Verify a card, then bind a device to its owner's account."),
    "web": ("cccd_nfc.cli.web_commands", "Activate an account without a smartphone, by number, phone and code."),
    "login": ("cccd_nfc.cli.secret_commands", "Log in by personal number and password."),
    "logout": ("cccd_nfc.cli.secret_commands", "End a login; do so before you lend the phone."),
    "password": ("cccd_nfc.cli.secret_commands", "Change the password, or set it and the passcode anew."),
    "passcode": ("cccd_nfc.cli.secret_commands", "Allow the use of a service."),
    "offline": ("cccd_nfc.cli.offline_commands", "Lock and bind without a line, and hand the journal in."),
    "receipt": ("cccd_nfc.cli.audit_commands", "Check receipts without the registry."),
    "audit": ("cccd_nfc.cli.audit_commands", "Check the audit log, and prove what is in it."),
    "serve": ("cccd_nfc.cli.serve_commands", "Serve the registry over HTTP, for phones."),
    "desk": ("cccd_nfc.cli.desk_commands", "Open the desk's pages in the browser, with a reader beside them."),
    "officer": ("cccd_nfc.cli.officer_commands", "Officers: add them, log in and out."),
    "unit": ("cccd_nfc.cli.station_commands", "Police units: commune, province, ministry."),
    "station": ("cccd_nfc.cli.station_commands", "Desks that are known by a key of their own."),
    "propose": ("cccd_nfc.cli.four_eyes_commands", "Propose what takes two people."),
    "approve": ("cccd_nfc.cli.four_eyes_commands", "Approve, or reject, what another has proposed."),
    "proposals": ("cccd_nfc.cli.four_eyes_commands", "List what waits for a second person."),
    "registry": ("cccd_nfc.cli.registry_admin", "Set up and check the registry."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cccd")
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of what is said; else CCCD_LANG or the locale.")
@click.pass_context
def cli(ctx: click.Context, lang: str | None) -> None:
    """Reads and verifies the chip of a Vietnamese citizen card (CCCD), and binds a phone by that proof.

    Exit status: 0 verified or done, 1 not verified or refused, 2 usage, 3 reader or card lost, 4 malformed answer or
    file.
    """
    ctx.obj = language(lang)


def mask_logs() -> None:
    """No number and no forged line in what any part of this program logs (S-36)."""
    from cccd_nfc.log_masking import install

    install()


def exit_code(error: CccdError) -> int:
    """The exit status that `error` ends the program with."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit status; a trace only for what was not foreseen."""
    arguments = sys.argv[1:] if arguments is None else arguments
    mask_logs()
    try:
        cli.main(arguments, prog_name="cccd")
    except CccdError as error:
        from cccd_nfc.spoken.said import in_language

        lang = _language_of(arguments)
        said = in_language(sentence_of(error), lang)
        click.echo(f"{SAYINGS['error'][lang]}: {said}\n{error_advice(error)[lang]}", err=True)
        for note in getattr(error, "__notes__", ()):
            click.echo(note, err=True)
        sys.exit(exit_code(error))


def _language_of(arguments: list[str]) -> Language:
    """What --lang says, before or after a command's name, in either spelling."""
    words = [word for argument in arguments for word in argument.split("=", 1)]
    return language(dict(itertools.pairwise(words)).get("--lang"))
