"""Owners' secrets from a prompt or from lines of standard input, and a login's token from its file."""

from __future__ import annotations

import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.cli.receipt_view import show_receipt
from cccd_nfc.cli.registry_access import Where, ask_number, confirmed, opened, send, tell
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.question_words import QUESTION_WORDS
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.account_secrets import NewSecrets

new_secrets_option = click.option(
    "--new-secrets", is_flag=True, help="A first activation: the owner sets password, passcode and questions with it."
)
SESSION_FILE = click.Path(path_type=Path, dir_okay=False)


def ask_secret(what: str, lang: Language) -> str:
    """One line as it was typed, blanks and all; it may be empty. Of standard input, the end is an empty line."""
    if sys.stdin.isatty():
        return str(click.prompt(WORDS[what][lang], hide_input=True, default="", show_default=False, err=True))
    return sys.stdin.readline().removesuffix("\n").removesuffix("\r")


def ask_new_secrets(lang: Language, *, questions: bool) -> NewSecrets:
    """Password, passcode and, with `questions`, three questions and answers: eight lines of standard input."""
    from cccd_nfc.registry.account_secrets import NewSecrets

    password, passcode = ask_secret("ask_new_password", lang), ask_secret("ask_new_passcode", lang)
    return NewSecrets(password, passcode, _ask_answers(lang) if questions else ())


def _ask_answers(lang: Language) -> tuple[tuple[str, str], ...]:
    return tuple(_ask_answer(number, lang) for number in (1, 2, 3))


def _ask_answer(number: int, lang: Language) -> tuple[str, str]:
    """A question by its name, and its answer; a line each of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip(), sys.stdin.readline().strip()
    names = click.Choice(list(QUESTION_WORDS))
    asked = WORDS["ask_question"][lang].format(n=number, names=", ".join(QUESTION_WORDS))
    question = click.prompt(asked, type=names, show_choices=False, err=True)
    answer = WORDS["ask_answer"][lang].format(question=QUESTION_WORDS[question][lang])
    return str(question), str(click.prompt(answer, hide_input=True, err=True))


def keep_token(path: Path, token: str) -> None:
    """Writes the token for its owner's eyes only."""
    write_atomically(path, f"{token}\n".encode())


def kept_token(path: Path) -> str:
    """The token in the file; UsageError for one that cannot be read, or that others can read."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UsageError(Said("{path} can be read by others; make it 0600", path=path))
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Said("{path} holds no login; log in first", path=path)) from error


def lock_by_password(where: Where, lang: Language, reason: str, yes: bool) -> None:
    """The owner's own lock, from any phone or browser: it opens no login and binds nothing (R-073)."""
    from cccd_nfc.registry.lock_effects import LockReason
    from cccd_nfc.registry.origin import Channel, Origin

    number = ask_number(lang)
    password, passcode = ask_secret("ask_login_password", lang), ask_secret("ask_passcode", lang)
    if not confirmed("confirm_lock", lang, yes):
        return
    with opened(where, lang) as registry:
        logins = registry.acting(Origin(Channel.WEB)).logins
        logins.lock(number, password, LockReason(reason), passcode=passcode)
        send(registry, lang)
    tell("locked", lang)


def unlink_by_login(where: Where, lang: Language, session: Path, yes: bool, receipt: Path | None) -> None:
    """Ends the active device of whoever is logged in, after a yes (R-019)."""
    from cccd_nfc.registry.origin import Channel, Origin
    from cccd_nfc.registry.states import DeviceState

    token = kept_token(session)
    if not confirmed("confirm_unlink", lang, yes):
        return
    with opened(where, lang) as registry:
        web = registry.acting(Origin(Channel.WEB))
        found = registry.devices(web.logins.whose(token).number)
        active = next((each.thumbprint for each in found if each.state is DeviceState.ACTIVE), "")
        signed = web.logins.unlink_device(token, active)
        send(registry, lang)
        show_receipt(signed, registry.receipt_key(), lang, receipt)
