"""A registry as JSON lines that no database owns: from SQLite to PostgreSQL and back, with its audit log, row for row.

    {"format": "cccd-registry-export", "version": 1, "revision": ..., "made_at": ...}
    {"table": "account", "row": {...}}            one line for each row; bytes in base64
    {"end": true, "rows": {"account": 1, ...}, "head": {"size": ..., "root": ...}, "sha256": of all lines before}

What is sealed stays sealed: whoever imports needs the keys of the registry too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sqlalchemy import Connection, LargeBinary, MetaData, Table, func, insert, select

from cccd_nfc.errors import ConflictError, RefusedError, RegistryUnavailableError, UsageError
from cccd_nfc.registry import audit, begun, four_eyes, merkle
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.four_eyes import Kind
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act

FORMAT, VERSION = "cccd-registry-export", 1
_ALEMBIC = "alembic_version"
_AT_ONCE = 500
_BROKEN = "the export is damaged or cut off; nothing was imported"


@dataclass(frozen=True, slots=True)
class Moved:
    """What an export or import has moved. rows: by table.  revision: of the model, as it was exported."""

    revision: str
    rows: dict[str, int]
    head: Head


class Out(Protocol):
    def write(self, content: bytes, /) -> object: ...


# --- out --------------------------------------------------------------------------------------------------------------


def write_export(database: Database, out: Out, now: datetime) -> Moved:
    """The whole registry as it is at one moment; the desks go on working meanwhile."""
    with database.snapshot() as connection:
        tables, revision = _tables(connection), revision_of(connection)
        digest, counts = hashlib.sha256(), Counter[str]()

        def put(content: dict[str, Any]) -> None:
            line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            out.write(line)

        put({"format": FORMAT, "version": VERSION, "revision": revision, "made_at": now.isoformat()})
        for table in tables:
            counts[table.name] = 0
            for row in _rows(connection, table):
                put({"table": table.name, "row": row})
                counts[table.name] += 1
        head = head_of(connection)
        end = {"end": True, "rows": dict(counts), "head": {"size": head.size, "root": head.root}}
        put({**end, "sha256": digest.hexdigest()})
        return Moved(revision, dict(counts), head)


def _tables(connection: Connection) -> list[Table]:
    """Those that are there, whichever version made them; a table before those that refer to it."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _ALEMBIC]


def head_of(connection: Connection) -> Head:
    """The audit log's head, from the hashes of its entries: every version of the model has those."""
    entries, peaks = 0, dict[int, bytes]()
    for entries, hashed in enumerate(connection.exec_driver_sql("SELECT hash FROM audit ORDER BY seq").scalars(), 1):
        grown = merkle.completed(entries - 1, bytes.fromhex(hashed), lambda level, _: peaks[level])
        peaks.update({level: node for level, _, node in grown})
    return Head(entries, merkle.root(entries, lambda level, _: peaks[level]).hex())


def revision_of(connection: Connection) -> str:
    found = connection.exec_driver_sql(f"SELECT version_num FROM {_ALEMBIC}").scalar()
    if not found:
        raise RegistryUnavailableError("this database holds no registry")
    return str(found)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as found:
        for row in found.mappings():
            yield {name: _out(value) for name, value in row.items()}


def _out(value: Any) -> Any:
    return base64.b64encode(bytes(value)).decode() if isinstance(value, bytes | memoryview) else value


# --- in ---------------------------------------------------------------------------------------------------------------


def read_import(database: Database, keys_folder: Path, source: BinaryIO) -> Moved:
    """Takes in an export, whole or not at all, and brings it to today's model.

    Raises ConflictError when the database is not empty, RefusedError for an export that is damaged, or whose log or
    counts do not hold, RegistryUnavailableError for one of a newer version or when the keys are those of another.
    """
    try:
        header = json.loads(source.readline())
        if (header["format"], header["version"]) != (FORMAT, VERSION):
            raise ValueError("no export of this version")
        database.upgrade(revision=str(header["revision"]))
        source.seek(0)
        moved = _take_in(database, keys_folder, _checked_lines(source))
    except (ValueError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise RefusedError(_BROKEN) from error
    database.upgrade(lambda session: begun.keys_of(session, keys_folder))
    return moved


def _checked_lines(source: BinaryIO) -> Iterator[dict[str, Any]]:
    """Each line; the last only when all before it are as they were written."""
    digest, ended = hashlib.sha256(), False
    for line in source:
        content = json.loads(line)
        if ended or not line.endswith(b"\n"):
            raise ValueError("cut off, or something after the end")
        if content.get("end"):
            ended = True
            if content["sha256"] != digest.hexdigest():
                raise ValueError("changed")
        digest.update(line)
        yield content
    if not ended:
        raise ValueError("cut off")


def _take_in(database: Database, keys_folder: Path, lines: Iterable[dict[str, Any]]) -> Moved:
    with database.write() as session:
        connection = session.connection()
        tables = {table.name: table for table in _tables(connection)}
        _refuse_if_used(connection, tables.values())
        header, *_, end = _inserted(connection, tables, lines)
        counts = {name: _count(connection, table) for name, table in tables.items()}
        wanted = {name: int(count) for name, count in end["rows"].items()}
        if counts != wanted:
            raise RefusedError("the export does not hold the rows that it counts; nothing was imported")
        check = audit.verify if "audit_node" in tables else audit.verify_entries
        head = check(session)
        if head != Head(int(end["head"]["size"]), str(end["head"]["root"])):
            raise RefusedError("the export's audit log is not the one that it names; nothing was imported")
        _refuse_other_keys(connection, keys_folder)
        return Moved(str(header["revision"]), counts, head)


_COMES_WITH_THE_MODEL = frozenset({"nobody"})
"""Tables whose one row every new database has; that of the export takes its place."""


def _refuse_if_used(connection: Connection, tables: Iterable[Table]) -> None:
    for table in tables:
        if table.name in _COMES_WITH_THE_MODEL:
            connection.execute(table.delete())
        elif _count(connection, table):
            raise ConflictError("the database holds a registry already; give an empty one")


def _count(connection: Connection, table: Table) -> int:
    return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def _inserted(
    connection: Connection, tables: dict[str, Table], lines: Iterable[dict[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The first line and the last; what is between them is put in, some hundred rows of a table at a time."""
    first: dict[str, Any] | None = None
    last: dict[str, Any] = {}
    held: list[dict[str, Any]] = []
    name = ""
    for last in lines:
        first = first or last
        if held and (last.get("table") != name or len(held) >= _AT_ONCE):
            connection.execute(insert(tables[name]), held)
            held = []
        if "row" in last:
            name = str(last["table"])
            held.append(_in(tables[name], last["row"]))
    return first or {}, last


def _in(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    if set(row) != set(table.columns.keys()):
        raise ValueError("a row of another model")
    binary = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
    return {
        name: base64.b64decode(value, validate=True) if name in binary and value is not None else value
        for name, value in row.items()
    }


def _refuse_other_keys(connection: Connection, folder: Path) -> None:
    """By the first fingerprint, which every version has; the others are compared when the registry is opened."""
    found = connection.exec_driver_sql("SELECT keys FROM identity").scalar()
    if found != Keys.open(folder, create=False).fingerprint:
        raise RegistryUnavailableError("the keys in the folder are not those of the registry in the export")


# --- whole files ------------------------------------------------------------------------------------------------------


EXPORT = "registry"
"""What two people permit the export of."""


def export_file(office: Office, path: Path, approved_by: Sequence[str] = ()) -> Moved:
    """Writes the export, readable by its owner only, whole or not at all; `path` must not exist.

    Raises RefusedError without two persons (S-33), UsageError for a path that is taken, RegistryUnavailableError when
    it cannot be written.
    """
    now = office.clock()
    if path.exists():
        raise UsageError("there is a file of this name already; give a new one")
    with office.database.write() as session:
        office.may(session, Act.KEEP_REGISTRY, now)
        names = four_eyes.of_two(office, session, Kind.MASS_EXPORT, approved_by, now, subject=EXPORT)
        office.record_alone(session, "registry-exported", now, approved_by=names)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            temporary = Path(folder) / "export"
            with temporary.open("xb") as out:
                moved = write_export(office.database, out, now)
                out.flush()
                os.fsync(out.fileno())
            temporary.chmod(0o600)
            temporary.rename(path)
            return moved
    except OSError as error:
        raise RegistryUnavailableError("the export cannot be written") from error


def import_file(path: Path, url: str, folder: Path) -> Moved:
    """Takes the export into the empty database at `url`; the registry's keys must be in `folder` already.

    Raises what `read_import` raises, and UsageError when there is no such file.
    """
    database = Database(url)
    try:
        with path.open("rb") as source:
            return read_import(database, folder / "keys", source)
    except OSError as error:
        raise UsageError("the export cannot be read") from error
    finally:
        database.close()
