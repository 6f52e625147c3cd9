"""`cccd registry backup`, `restore`, `export`, `import`, `upgrade`, `rotate-key`: the registry's files."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cccd_nfc.cli.privacy_commands import approved_option, yes_option
from cccd_nfc.cli.receipt_view import local
from cccd_nfc.cli.registry_access import Where, confirmed, opened, registry_options, tell, text_of, where_is
from cccd_nfc.cli.registry_words import WORDS
from cccd_nfc.cli.secrets import ask_line
from cccd_nfc.errors import UsageError
from cccd_nfc.sentences import Said
from cccd_nfc.spoken.words import Language

if TYPE_CHECKING:
    from cccd_nfc.registry.backup import Backup
    from cccd_nfc.registry.sealed_file import Secret

_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_KINDS = ["personal", "outbox", "evidence", "receipt", "head"]


@click.command()
@click.argument("file", type=_NEW_FILE)
@registry_options
@click.option("--with-keys", is_flag=True, help="The registry's keys too: then the file alone restores everything.")
@click.option("--recipient", type=_A_FILE, metavar="PUBLIC.pem", help="For whom; else a passphrase is asked for.")
@click.pass_obj
def backup(
    lang: Language, file: Path, url: str | None, trust: Path | None, with_keys: bool, recipient: Path | None
) -> None:
    """Write an encrypted backup while desks go on working."""
    where, secret = where_is(url, trust), _secret(recipient, lang, new=True)
    with opened(where, lang) as found:
        made = found.back_up(file, secret, with_keys=with_keys)
    _tell_backup(made, file, where, lang)


@click.command()
@click.argument("file", type=_A_FILE)
@registry_options
@click.option("--key", "private", type=_A_FILE, metavar="PRIVATE.pem", help="Of the recipient; else the passphrase.")
@click.option("--head", type=_A_FILE, help="A head kept elsewhere: an older backup is refused.")
@click.option("--force-older", multiple=True, metavar="NAME", help="Give it twice: two persons restore an older one.")
@click.pass_obj
def restore(
    lang: Language, file: Path, url: str | None, trust: Path | None, private: Path | None, head: Path | None,
    force_older: tuple[str, ...],
) -> None:  # fmt: skip
    """Restore a backup into an empty place; nothing is written before all of it was checked."""
    from cccd_nfc.registry.restoring import restore as bring_back

    where, secret = where_is(url, trust), _secret(private, lang, new=False)
    made = bring_back(
        file, secret, where.url, where.folder, datetime.now(UTC),
        known_head=text_of(head) if head else None,
        forced_by=force_older,
    )  # fmt: skip
    tell("restored", lang, made=local(made.made_at), size=made.head.size, root=made.head.root[:16])


@click.command("backup-key")
@click.option("-o", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="A new folder.")
@click.pass_obj
def backup_key(lang: Language, folder: Path) -> None:
    """Make a key pair for backups: whoever backs up needs the public half only."""
    from cccd_nfc.atomic_file import write_atomically
    from cccd_nfc.registry.sealed_file import new_recipient

    try:
        folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise UsageError(Said("{path} is there already; give a new folder", path=folder)) from error
    for name, pem in zip(("private.pem", "public.pem"), new_recipient(), strict=True):
        write_atomically(folder / name, pem)
    tell("backup_key_made", lang, path=folder)


@click.command()
@click.argument("file", type=_NEW_FILE)
@registry_options
@approved_option
@click.pass_obj
def export(lang: Language, file: Path, url: str | None, trust: Path | None, approved_by: tuple[str, ...]) -> None:
    """Write the whole registry as JSON lines, to be imported into another database."""
    with opened(where_is(url, trust), lang) as found:
        moved = found.export(file, approved_by=approved_by)
    tell("exported", lang, rows=sum(moved.rows.values()), path=file)


@click.command("import")
@click.argument("file", type=_A_FILE)
@registry_options
@click.pass_obj
def import_command(lang: Language, file: Path, url: str | None, trust: Path | None) -> None:
    """Take an export into an empty database; the registry's keys must be in its folder already."""
    from cccd_nfc.registry.portable import import_file

    where = where_is(url, trust)
    moved = import_file(file, where.url, where.folder)
    tell("imported", lang, rows=sum(moved.rows.values()))


@click.command()
@registry_options
@click.option("--backup", "file", type=_NEW_FILE, help="Where to back up first, with the keys.")
@click.option("--no-backup", is_flag=True, help="Upgrade without a backup.")
@click.option("--recipient", type=_A_FILE, metavar="PUBLIC.pem", help="For whom; else a passphrase is asked for.")
@yes_option
@click.pass_obj
def upgrade(
    lang: Language, url: str | None, trust: Path | None, file: Path | None, no_backup: bool, recipient: Path | None,
    yes: bool,
) -> None:  # fmt: skip
    """Bring the registry to today's model, after a backup."""
    from cccd_nfc.registry.backup import back_up_before_upgrade, versions

    if (file is None) != no_backup:
        raise click.UsageError("one of --backup and --no-backup is needed")
    where = where_is(url, trust)
    before, after = versions(where.url)
    if before in (None, after):
        tell("up_to_date" if before else "no_registry", lang, after=after)
        return
    tell("upgrade_from", lang, before=before, after=after)
    if not confirmed("confirm_upgrade", lang, yes):
        return
    if file is not None:
        secret = _secret(recipient, lang, new=True)
        made = back_up_before_upgrade(where.url, where.folder, file, secret, datetime.now(UTC))
        _tell_backup(made, file, where, lang)
    with opened(where, lang) as found:
        found.check()
    tell("upgraded", lang)


@click.command("rotate-key")
@click.argument("kind", type=click.Choice(_KINDS))
@registry_options
@approved_option
@yes_option
@click.pass_obj
def rotate_key(
    lang: Language, kind: str, url: str | None, trust: Path | None, approved_by: tuple[str, ...], yes: bool
) -> None:
    """Replace a key of the registry; what hangs on it goes over to the new one, and old receipts still hold."""
    from cccd_nfc.registry.key_ring import KeyKind

    if not confirmed("confirm_rotate", lang, yes, kind=kind):
        return
    with opened(where_is(url, trust), lang) as found:
        found.rotate_key(KeyKind(kind), approved_by=approved_by)
    tell("rotated", lang, kind=kind)


@click.command("wrap-keys")
@registry_options
@click.pass_obj
def wrap_keys(lang: Language, url: str | None, trust: Path | None) -> None:
    """Wrap the registry's key files by the key of the PKCS#11 token that CCCD_KEYS_TOKEN names.

    The token's key is made where there is none, and never leaves it. From then on every desk needs the token.
    """
    from cccd_nfc.registry.key_files import wrap_all

    tell("keys_wrapped", lang, count=wrap_all(where_is(url, trust).folder / "keys"))


COMMANDS = (backup, restore, backup_key, export, import_command, upgrade, rotate_key, wrap_keys)


def _secret(key: Path | None, lang: Language, *, new: bool) -> Secret:
    """The recipient's key, or a passphrase, asked for twice when it is a new one and somebody types."""
    from cccd_nfc.registry.sealed_file import Passphrase, Recipient, read_pem

    if key is not None:
        return Recipient.parse(read_pem(key))
    phrase = ask_line(WORDS["ask_passphrase"][lang])
    if new and sys.stdin.isatty() and ask_line(WORDS["ask_passphrase_again"][lang]) != phrase:
        raise click.UsageError("the two passphrases differ")
    return Passphrase(phrase)


def _tell_backup(made: Backup, file: Path, where: Where, lang: Language) -> None:
    head = made.head
    tell("backed_up", lang, path=file, revision=made.revision, size=head.size, root=head.root[:16])
    if not made.keys:
        tell("without_keys", lang, folder=where.folder / "keys")
