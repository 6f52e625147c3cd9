"""`cccd officer`: who may work with the registry, and logging in."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.officer_words import ROLES, UNIT_KINDS
from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import Where, confirmed, opened, registry_options, tell, text_of, where_is
from cccd_nfc.cli.registry_session import forget_session, keep_session, session_token
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.officer_sessions import OpenSession
    from cccd_nfc.registry.officers import NewOfficer, OfficerView

yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


@click.group()
def officer() -> None:
    """Officers: who they are, and logging in and out.

    As long as there is no officer, every command works without a login. The first officer is an administrator.
    """


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@click.option("--name", required=True, help="The officer's name.")
@click.option("--unit", required=True, metavar="CODE", help="The officer's unit.")
@click.option("--role", "roles", type=click.Choice(list(ROLES)), multiple=True, required=True)
@click.pass_obj
def add(
    lang: Language, login: str, url: str | None, trust: Path | None, name: str, unit: str, roles: tuple[str, ...]
) -> None:  # fmt: skip
    """Add an officer; the password is asked for, and the authenticator's seed is shown once."""
    from cccd_nfc.registry.permissions import OfficerRole

    with opened(where_is(url, trust), lang) as registry:
        wanted = [OfficerRole(role) for role in roles]
        made = registry.officers.add(login, name, unit, wanted, ask_line(WORDS["ask_new_password"][lang]))
    tell("officer_added", lang, login=login)
    _show_seed(made, lang)


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@click.pass_obj
def renew(lang: Language, login: str, url: str | None, trust: Path | None) -> None:
    """Give another officer a new password and a new authenticator, after one of them was lost."""
    with opened(where_is(url, trust), lang) as registry:
        made = registry.officers.renew(login, ask_line(WORDS["ask_new_password"][lang]))
    tell("officer_renewed", lang, login=login)
    _show_seed(made, lang)


@officer.command("list")
@registry_options
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def list_officers(lang: Language, url: str | None, trust: Path | None, as_json: bool) -> None:
    """List every officer that there ever was."""
    with opened(where_is(url, trust), lang) as registry:
        found = registry.officers.listed()
    if as_json:
        click.echo(json.dumps([_json(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        roles = ", ".join(ROLES[role][lang] for role in sorted(each.roles))
        state = WORDS["enabled" if each.enabled else "disabled"][lang]
        unit = f"{each.unit} ({UNIT_KINDS[each.unit_kind][lang]})"
        click.echo(f"{each.login:<16} {each.name:<24} {unit}  {roles}  {state}  {each.id}")


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@yes_option
@click.pass_obj
def disable(lang: Language, login: str, url: str | None, trust: Path | None, yes: bool) -> None:
    """Disable an officer: every session ends at once."""
    if not confirmed("confirm_disable", lang, yes):
        return
    with opened(where_is(url, trust), lang) as registry:
        registry.officers.disable(login)
    tell("officer_disabled", lang, login=login)


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@click.pass_obj
def enable(lang: Language, login: str, url: str | None, trust: Path | None) -> None:
    """Let an officer who was disabled log in again."""
    with opened(where_is(url, trust), lang) as registry:
        registry.officers.enable(login)
    tell("officer_enabled", lang, login=login)


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@click.option(
    "--key", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PUBLIC.pem",
    help="The phone's public key (P-256, PEM or JWK).",
)  # fmt: skip
@click.pass_obj
def phone(lang: Language, login: str, url: str | None, trust: Path | None, key: Path) -> None:
    """Register an officer's duty phone, so that no account is ever bound to it."""
    from cccd_nfc.registry.phone import DeviceKey

    with opened(where_is(url, trust), lang) as registry:
        registry.officers.register_phone(login, DeviceKey.parse(text_of(key)))
    tell("phone_registered", lang)


# --- logging in -------------------------------------------------------------------------------------------------------


@officer.command()
@click.argument("login", metavar="LOGIN")
@registry_options
@click.option("--station", metavar="ID", help="The station that you sit at.")
@click.option(
    "--station-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="PRIVATE.pem",
    help="The station's private key, which signs that you log in at it.",
)  # fmt: skip
@click.pass_obj
def login(
    lang: Language, login: str, url: str | None, trust: Path | None, station: str | None, station_key: Path | None
) -> None:  # fmt: skip
    """Log in by password and the authenticator's code; both are asked for.

    The session is kept in a file that only you can read; CCCD_SESSION, where it is set, goes before it.
    """
    if (station is None) != (station_key is None):
        raise click.UsageError("--station and --station-key go together")
    where = where_is(url, trust)
    with opened(where, lang, as_officer=False) as registry:
        password, code = ask_line(WORDS["ask_password"][lang]), ask_line(WORDS["ask_totp"][lang])
        signed = _statement(station, station_key, login) if station and station_key else ""
        _keep(where, lang, registry.officer_logins.login(login, password, code, signed))


@officer.command("step-up")
@registry_options
@click.pass_obj
def step_up(lang: Language, url: str | None, trust: Path | None) -> None:
    """Log in afresh within the session: binding, unlocking and deciding want a login of the last five minutes."""
    where = where_is(url, trust)
    with opened(where, lang, as_officer=False) as registry:
        password, code = ask_line(WORDS["ask_password"][lang]), ask_line(WORDS["ask_totp"][lang])
        _keep(where, lang, registry.officer_logins.step_up(session_token(where.url), password, code))


@officer.command()
@registry_options
@click.pass_obj
def logout(lang: Language, url: str | None, trust: Path | None) -> None:
    """End the session."""
    where = where_is(url, trust)
    with opened(where, lang, as_officer=False) as registry:
        try:
            registry.officer_logins.logout(session_token(where.url))
        finally:
            forget_session(where.url)
    tell("logged_out", lang)


def _keep(where: Where, lang: Language, opened_session: OpenSession) -> None:
    keep_session(where.url, opened_session.token)
    tell("logged_in", lang, until=local(opened_session.expires_at))


def _statement(station: str, station_key: Path, login: str) -> str:
    from cccd_nfc.registry.clock import utc_now
    from cccd_nfc.registry.phone import Phone
    from cccd_nfc.registry.stations import statement

    return statement(Phone.load(station_key).private_pem, station, login, utc_now())


def _show_seed(made: NewOfficer, lang: Language) -> None:
    """The otpauth URI as the result, and the same as a picture for a person."""
    import segno

    tell("totp_once", lang)
    segno.make(made.uri, micro=False).terminal(out=sys.stderr, compact=True)
    click.echo(made.uri)


def _json(each: OfficerView) -> dict[str, object]:
    return {
        "id": each.id,
        "login": each.login,
        "name": each.name,
        "unit": each.unit,
        "unit_kind": each.unit_kind.value,
        "roles": sorted(role.value for role in each.roles),
        "enabled": each.enabled,
        "added_at": each.added_at.isoformat(),
    }
