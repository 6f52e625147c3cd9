"""Restoring a backup: into an empty place only, and when all of the file has been checked.

That the file is whole, that its keys are the registry's, that its audit log holds, ends where its signed head says, and
is no older than a head that was kept elsewhere: a registry that was rolled back would forget locks and revoked devices.
What it holds is rebuilt in a folder of its own, and comes from there to its place by one renaming.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from cccd_nfc.errors import (
    CccdError,
    ConflictError,
    RefusedError,
    RegistryError,
    RegistryUnavailableError,
    SignatureError,
    UsageError,
)
from cccd_nfc.registry import (
    audit,
    begun,
    key_files,
    key_ring,
    log_heads,
    portable,
    signed,
)
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.backup import FILE, FORMAT, KEYS, LINES, MANIFEST, VERSION, Backup
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.models import KeyGeneration
from cccd_nfc.registry.sealed_file import Secret, opened_chunks
from cccd_nfc.registry.two_persons import approved


def restore(
    path: Path, secret: Secret, url: str, folder: Path, now: datetime, *,
    known_head: str | None = None, forced_by: Sequence[str] = (),
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
    manifest = json.loads((work / MANIFEST).read_bytes())
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        raise RefusedError("a backup of another version of this program")
    return dict(manifest)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, work: Path) -> None:
    key = member.name.removeprefix(KEYS)
    named = member.name in (MANIFEST, FILE, LINES) or (
        member.name.startswith(KEYS) and key.endswith(".key") and "/" not in key
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
    if (work / FILE).exists():
        (work / FILE).replace(work / "rebuilt.db")
        database.upgrade(lambda session: begun.keys_of(session, keys))
        return database
    with (work / LINES).open("rb") as lines:
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
        audit.verify(session, [known])
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
        key_files.wrap_where_named(made)
        made.rename(target)
    except (OSError, CccdError):
        shutil.rmtree(made, ignore_errors=True)
        raise


def _copy_rows(whole: Database, target: Database, work: Path, keys: Path, now: datetime) -> None:
    lines = work / "moved.jsonl"
    with lines.open("xb") as out:
        portable.write_export(whole, out, now)
    whole.close()
    with lines.open("rb") as source:
        portable.read_import(target, keys, source)
