"""`cccd login`, `logout`, `password`, `passcode`: what an owner does with what only the owner knows."""

from __future__ import annotations

from pathlib import Path

import click

from cccd_nfc.cli.reading import read_card, read_options, reading_options
from cccd_nfc.cli.receipt_view import local, show_receipt
from cccd_nfc.cli.registry_access import ask_number, opened, registry_options, send, tell, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secret_entry import SESSION_FILE, ask_new_secrets, ask_secret, keep_token, kept_token
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.spoken.words import Language

session_option = click.option(
    "--session", required=True, type=SESSION_FILE, metavar="FILE", help="The login, readable by you only."
)


@click.command()
@registry_options
@session_option
@click.pass_obj
def login(lang: Language, url: str | None, trust: Path | None, session: Path) -> None:
    """Log in by personal number and password, which are asked for; FILE then holds the login."""
    from cccd_nfc.registry.origin import Channel, Origin

    number = ask_number(lang)
    password = ask_secret("ask_login_password", lang)
    with opened(where_is(url, trust), lang) as registry:
        opened_now = registry.acting(Origin(Channel.WEB)).logins.log_in(number, password)
    keep_token(session, opened_now.token)
    tell("logged_in", lang, until=local(opened_now.expires_at))
    tell("never_share", lang)


@click.command()
@registry_options
@session_option
@click.pass_obj
def logout(lang: Language, url: str | None, trust: Path | None, session: Path) -> None:
    """End the login in FILE, and remove FILE."""
    from cccd_nfc.registry.origin import Channel, Origin

    token = kept_token(session)
    with opened(where_is(url, trust), lang) as registry:
        registry.acting(Origin(Channel.WEB)).logins.log_out(token)
    session.unlink(missing_ok=True)
    tell("logged_out", lang)


@click.group()
def password() -> None:
    """Change the password, or set it and the passcode anew."""


@password.command()
@registry_options
@session_option
@click.pass_obj
def change(lang: Language, url: str | None, trust: Path | None, session: Path) -> None:
    """Change the password by the present one; both are asked for. Other logins end."""
    from cccd_nfc.registry.origin import Channel, Origin

    token = kept_token(session)
    old, new = ask_secret("ask_old_password", lang), ask_secret("ask_new_password", lang)
    with opened(where_is(url, trust), lang) as registry:
        registry.acting(Origin(Channel.WEB)).logins.change_password(token, old, new)
        send(registry, lang)
    tell("password_changed", lang)


@password.command()
@reading_options
@registry_options
@click.option("--questions", is_flag=True, help="Choose and answer the security questions anew, too.")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Save the receipt.")
@click.pass_obj
def reset(
    lang: Language, reader: str | None, secret: str | None, no_photo: bool, record: Path | None, allow_bac: bool,
    url: str | None, trust: Path | None, questions: bool, receipt: Path | None,
) -> None:  # fmt: skip
    """Set password and passcode anew, by the card on the reader and a code to the registered number.

    Asked for are the code, the new password and the new passcode; what is left empty stays as it is.
    """
    from cccd_nfc.registry.states import Purpose

    options = read_options(reader, secret, no_photo, record, allow_bac)
    with opened(where_is(url, trust), lang, with_trust=True) as registry:
        ticket = registry.begin(Purpose.RESET)
        evidence = read_card(options, lang, challenge=ticket.challenge)
        pending = registry.resets.submit_evidence(ticket.transaction_id, evidence)
        send(registry, lang)
        tell("code_sent", lang, reference=pending.reference, until=local(pending.expires_at))
        code = ask_line(f"{WORDS['ask_code'][lang]} {pending.reference}")
        chosen = ask_new_secrets(lang, questions=questions)
        signed = registry.resets.finish(ticket.transaction_id, code, chosen)
        send(registry, lang)
        show_receipt(signed, registry.receipt_key(), lang, receipt)
    tell("secrets_reset", lang)


@click.group()
def passcode() -> None:
    """Allow the use of a service."""


@passcode.command()
@registry_options
@session_option
@click.option("--service", required=True, metavar="NAME", help="Which service is used, as in health-card.")
@click.pass_obj
def confirm(lang: Language, url: str | None, trust: Path | None, session: Path, service: str) -> None:
    """Confirm by the passcode, which is asked for, that you use a service."""
    from cccd_nfc.registry.origin import Channel, Origin

    token = kept_token(session)
    typed = ask_secret("ask_passcode", lang)
    with opened(where_is(url, trust), lang) as registry:
        registry.acting(Origin(Channel.WEB)).logins.confirm_use(token, typed, service)
    tell("use_allowed", lang, service=service)
