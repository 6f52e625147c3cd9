"""Backup and restore: one encrypted file with database, signed head of the audit log and, when asked for, the keys.

A backup is taken while desks work. It is restored into an empty place only, after all of it was checked: that the file
is whole, that its keys are the registry's, that its audit log holds, ends where its signed head says, and is no older
than a head that was kept elsewhere (a rolled back registry would forget locks and revoked devices).
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import inspect
from sqlalchemy.exc import NoSuchTableError
from sqlalchemy.orm import Session

from cccd_nfc.errors import (
    ConflictError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    SignatureError,
    UsageError,
)
from cccd_nfc.registry import audit, begun, key_ring, log_heads, portable, signed
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.models import KeyGeneration
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.sealed_file import SealingWriter, Secret, opened_chunks
from cccd_nfc.registry.two_persons import Approvers, approved

FORMAT, VERSION = "cccd-registry-backup", 1
_MANIFEST, _FILE, _LINES, _KEYS = "manifest.json", "registry.db", "registry.jsonl", "keys/"


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
        content = folder / _LINES
        with content.open("xb") as lines:
            return portable.write_export(database, lines, now), content
    content = folder / _FILE
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
        _add(tar, _MANIFEST, io.BytesIO(manifest), len(manifest))
        with content.open("rb") as source:
            _add(tar, content.name, source, content.stat().st_size)
        for path in sorted(keys.glob("*.key")) if keys else ():
            key = path.read_bytes()
            _add(tar, _KEYS + path.name, io.BytesIO(key), len(key))
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


# --- restoring --------------------------------------------------------------------------------------------------------


def restore(
    path: Path, secret: Secret, url: str, folder: Path, now: datetime, *,
    known_head: str | None = None, forced_by: Approvers | None = None,
) -> Backup:  # fmt: skip
    """Puts what the file holds at `url`, and its keys into `folder` (`keys`), when all of it has been checked.

    known_head: a signed head that was kept elsewhere, of which the backup must be no older; two persons together may
    restore an older one all the same, and the audit log says so. Raises RefusedError for a file that is damaged or
    older, ConflictError when the place is not empty, RegistryUnavailableError when it cannot be written or the keys
    are missing.
    """
    names = approved(forced_by) if forced_by else ""
    if not path.is_file():
        raise UsageError("there is no backup of this name")
    target = Database(url)
    try:
        _refuse_if_used(target)
        with _workplace(target, folder) as work:
            manifest = _unpacked(path, secret, work)
            keys = _keys_for(work, folder, manifest)
            whole = _rebuilt(work, keys, manifest)
            made = _checked(whole, keys, manifest, known_head, names, now)
            _put_in_place(whole, target, work, folder, now)
            return replace(made, keys=keys.parent == work)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise RegistryUnavailableError("the backup cannot be restored here") from error
    finally:
        target.close()


def _refuse_if_used(target: Database) -> None:
    if target.revision() is not None:
        raise ConflictError("the database holds a registry already; give an empty one")


@contextmanager
def _workplace(target: Database, folder: Path) -> Iterator[Path]:
    """A folder beside what is to be written, gone afterwards: from it one renaming brings the database to its place."""
    beside = Path(str(target.url.database)).parent if target.engine.dialect.name == "sqlite" else folder
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restoring.", dir=beside) as name:
        yield Path(name)


def _unpacked(path: Path, secret: Secret, work: Path) -> dict[str, Any]:
    """Everything in the file, once all of it was decrypted; its manifest."""
    packed = work / "packed.tar"
    with path.open("rb") as source, packed.open("xb") as out:
        for chunk in opened_chunks(source, secret):
            out.write(chunk)
    (work / "keys").mkdir(mode=0o700)
    with tarfile.open(packed, "r:") as tar:
        for member in tar:
            _extract(tar, member, work)
    packed.unlink()
    manifest = json.loads((work / _MANIFEST).read_bytes())
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        raise RefusedError("a backup of another version of this program")
    return dict(manifest)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, work: Path) -> None:
    key = member.name.removeprefix(_KEYS)
    named = member.name in (_MANIFEST, _FILE, _LINES) or (
        member.name.startswith(_KEYS) and key.endswith(".key") and "/" not in key
    )
    source = tar.extractfile(member) if named and member.isfile() else None
    if source is None:
        raise RefusedError("the backup holds what does not belong into it")
    handle = os.open(work / member.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        shutil.copyfileobj(source, out)


def _keys_for(work: Path, folder: Path, manifest: dict[str, Any]) -> Path:
    """The folder of the keys: those in the backup, else those that are there. Others than the registry's are refused;
    the same ones may be there already, left by a restoring that was broken off."""
    own, there = work / "keys", folder / "keys"
    chosen = own if any(own.iterdir()) else there
    for each in {chosen, there} if there.exists() else {chosen}:
        if Keys.open(each, create=False).fingerprint != manifest["keys"]:
            raise ConflictError("the folder holds the keys of another registry than the backup's")
    return chosen


def _rebuilt(work: Path, keys: Path, manifest: dict[str, Any]) -> Database:
    """The registry as an SQLite database in `work`, in today's model."""
    database = Database(f"sqlite:///{work / 'rebuilt.db'}")
    if (work / _FILE).exists():
        (work / _FILE).replace(work / "rebuilt.db")
        database.upgrade(lambda session: begun.keys_of(session, keys))
        return database
    with (work / _LINES).open("rb") as lines:
        portable.read_import(database, keys, lines)
    return database


def _checked(
    database: Database, keys: Path, manifest: dict[str, Any], known_head: str | None, forced_by: str, now: datetime
) -> Backup:
    """What the backup holds, when its log is whole and ends with the signed head, and is no older than `known_head`."""
    with database.write() as session:
        key_ring.with_rotated(session, begun.keys_of(session, keys))  # none of them may be missing
        public = _head_keys(session, keys)
        head = _signed_by(manifest["head"], public)
        if audit.verify(session) != head:
            raise RefusedError("the backup's audit log does not end where its signed head says")
        older = known_head is not None and not _goes_on_from(session, _signed_by(known_head, public))
        if older and not forced_by:
            raise RefusedError("the backup is older than the head that you gave, or of another registry")
        facts = {"backup": manifest["made_at"], **({"older": "yes", "approved_by": forced_by} if older else {})}
        audit.append(session, "registry-restored", now, {"channel": "system", **facts})
    return Backup(datetime.fromisoformat(manifest["made_at"]), str(manifest["revision"]), head, keys=False)


def _head_keys(session: Session, keys: Path) -> list[str]:
    first = signed.public_key_text(Keys.open(keys, create=False).head)
    rotated = session.query(KeyGeneration.public_key).where(KeyGeneration.kind == key_ring.KeyKind.HEAD)
    return [first, *(each for (each,) in rotated)]


def _signed_by(token: str, public: list[str]) -> Head:
    for each in public:
        try:
            return log_heads.verify_head(token, each)
        except SignatureError:
            continue
    raise RefusedError("the head was not signed by this registry")


def _goes_on_from(session: Session, known: Head) -> bool:
    try:
        audit.verify(session, known)
    except RegistryError:
        return False
    return True


def _put_in_place(whole: Database, target: Database, work: Path, folder: Path, now: datetime) -> None:
    """The keys first, since a database without its keys is what nobody can open; then the database, at one stroke."""
    own, there = work / "keys", folder / "keys"
    if any(own.iterdir()) and not there.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _move(own, there)
    if target.engine.dialect.name != "sqlite":
        _copy_rows(whole, target, work, there, now)
        return
    whole.wipe()
    whole.close()
    path = Path(str(target.url.database))
    target.close()
    if path.stat().st_size:
        raise ConflictError("the database holds a registry already; give an empty one")
    for left in ("-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
    (work / "rebuilt.db").replace(path)


def _move(source: Path, target: Path) -> None:
    """By one renaming, also where the folder lies on another disk than where it was made."""
    made = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        for path in source.iterdir():
            shutil.copy2(path, made / path.name)
        made.rename(target)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _copy_rows(whole: Database, target: Database, work: Path, keys: Path, now: datetime) -> None:
    lines = work / "moved.jsonl"
    with lines.open("xb") as out:
        portable.write_export(whole, out, now)
    whole.close()
    with lines.open("rb") as source:
        portable.read_import(target, keys, source)
