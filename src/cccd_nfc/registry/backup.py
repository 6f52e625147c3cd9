"""Backup: one encrypted file with database, signed head of the audit log and, when asked for, the keys.

It is taken while desks work. How it comes back stands in `restoring`.
"""

from __future__ import annotations

import io
import json
import os
import sqlite3
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import inspect
from sqlalchemy.exc import NoSuchTableError

from cccd_nfc.errors import (
    RegistryUnavailableError,
    UsageError,
)
from cccd_nfc.registry import key_files, log_heads, portable
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.sealed_file import SealingWriter, Secret

FORMAT, VERSION = "cccd-registry-backup", 1
MANIFEST, FILE, LINES, KEYS = "manifest.json", "registry.db", "registry.jsonl", "keys/"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds. head: of the audit log.  keys: whether the registry's keys are in it."""

    made_at: datetime
    revision: str
    head: Head
    keys: bool


# --- backing up -------------------------------------------------------------------------------------------------------


def back_up(office: Office, path: Path, secret: Secret, *, with_keys: bool) -> Backup:
    """Writes the file, readable by its owner only, whole or not at all; it must not exist.

    Raises UsageError for a path that is taken, RegistryUnavailableError when it cannot be written.
    """
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.KEEP_REGISTRY, office.clock())
        office.record_alone(session, "registry-backed-up", now, keys="yes" if with_keys else "no")
    return back_up_database(office.database, office.keys, path, secret, now, with_keys=with_keys)


def back_up_database(
    database: Database, keys: Keys, path: Path, secret: Secret, now: datetime, *, with_keys: bool
) -> Backup:
    """The same, of a database of whichever version, and without a trace in it."""
    if path.exists():
        raise UsageError("there is a file of this name already; give a new one")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            made, content = _copied(database, Path(folder), now)
            made_up = Backup(now, made.revision, made.head, with_keys)
            temporary = Path(folder) / "sealed"
            with temporary.open("xb") as file:
                _write(file, secret, _manifest(made_up, keys), content, keys.folder if with_keys else None)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(0o600)
            temporary.rename(path)
            return made_up
    except (OSError, sqlite3.Error) as error:
        raise RegistryUnavailableError("the backup cannot be written") from error


def _copied(database: Database, folder: Path, now: datetime) -> tuple[portable.Moved, Path]:
    """A consistent copy: SQLite's own online backup, and of PostgreSQL an export from one snapshot."""
    if database.engine.dialect.name != "sqlite":
        content = folder / LINES
        with content.open("xb") as lines:
            return portable.write_export(database, lines, now), content
    content = folder / FILE
    content.touch(mode=0o600)
    source, copy = sqlite3.connect(str(database.url.database)), sqlite3.connect(content)
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    finally:
        source.close()
        copy.close()
    copied = Database(f"sqlite:///{content}")
    with copied.snapshot() as connection:
        moved = portable.Moved(portable.revision_of(connection), {}, portable.head_of(connection))
    copied.close()
    return moved, content


def _manifest(made: Backup, keys: Keys) -> bytes:
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": made.made_at.isoformat(),
        "revision": made.revision,
        "keys": keys.fingerprint,
        "head": log_heads.sign_head(keys.head, made.head, made.made_at),
    }
    return json.dumps(content, sort_keys=True).encode()


def _write(file: BinaryIO, secret: Secret, manifest: bytes, content: Path, keys: Path | None) -> None:
    sealed = SealingWriter(file, secret)
    with tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as tar:  # type: ignore[call-overload]
        _add(tar, MANIFEST, io.BytesIO(manifest), len(manifest))
        with content.open("rb") as source:
            _add(tar, content.name, source, content.stat().st_size)
        for path in sorted(keys.glob("*.key")) if keys else ():
            key = key_files.read(path)  # the backup is sealed by itself, and serves without the token
            _add(tar, KEYS + path.name, io.BytesIO(key), len(key))
    sealed.finish()


def _add(tar: tarfile.TarFile, name: str, source: BinaryIO, size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    tar.addfile(member, source)


def versions(url: str) -> tuple[str | None, str]:
    """The revision of the database's model, None where there is none, and that of today."""
    database = Database(url)
    try:
        return database.revision(), database.newest_revision
    finally:
        database.close()


def back_up_before_upgrade(url: str, folder: Path, path: Path, secret: Secret, now: datetime) -> Backup:
    """A backup with keys of a registry of an earlier version, which is left as it is."""
    database = Database(url)
    try:
        with database.snapshot() as connection:
            has = {column["name"] for column in inspect(connection).get_columns("identity")}
            known = (
                connection.exec_driver_sql("SELECT later_keys FROM identity").scalar() if "later_keys" in has else None
            )
        keys = Keys.open(folder / "keys", create=False, complete=known is None)
        return back_up_database(database, keys, path, secret, now, with_keys=True)
    except NoSuchTableError as error:
        raise RegistryUnavailableError("the registry is of a version before backups; upgrade it without one") from error
    finally:
        database.close()
