"""What the database does for anybody: as many statements of each kind as an act of the registry sends, and no more.

By the driver with the locks of the registry (`bare`), and on PostgreSQL by its own pgbench, with the lock and without.
"""

from __future__ import annotations

import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event

from cccd_nfc.registry.database import Database

WIDTH = 200
"""Bytes of a row; those of the registry are 100 to 600."""

_KINDS = ("SELECT", "UPDATE", "INSERT")


@dataclass(frozen=True)
class Rate:
    """errors: acts that ended in an error, which a rate hides."""

    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int = 0

    @classmethod
    def of(cls, spent: Sequence[float], took: float, errors: int = 0) -> Rate:
        """spent: seconds of each act."""
        if len(spent) < 2:
            return cls(0.0, 0.0, 0.0, errors)
        p99 = statistics.quantiles(spent, n=100, method="inclusive")[98]
        return cls(len(spent) / took, 1e3 * statistics.median(spent), 1e3 * p99, errors)


@dataclass(frozen=True)
class Shape:
    """The statements of one act: for each of its transactions, their kinds in order."""

    transactions: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        every = [kind for each in self.transactions for kind in each]
        counted = ", ".join(f"{every.count(kind)} {kind}" for kind in _KINDS)
        return f"{len(every)} statements ({counted}) in {len(self.transactions)} transactions"


def shape_of(database: Database, act: Callable[[], object]) -> Shape:
    """What `act` sends, counted as it is sent; beginnings, settings and the lock are of the transaction itself."""
    sent: list[list[str]] = []

    def begun(_: object) -> None:
        sent.append([])

    def counted(_: object, __: object, statement: str, *___: object) -> None:
        kind = statement.split()[0].upper()
        if kind in _KINDS and "set_config" not in statement and "advisory" not in statement:
            sent[-1].append(kind)

    event.listen(database.engine, "begin", begun, insert=True)
    event.listen(database.engine, "before_cursor_execute", counted)
    act()
    event.remove(database.engine, "begin", begun)
    event.remove(database.engine, "before_cursor_execute", counted)
    return Shape(tuple(map(tuple, sent)))


# --- by the driver ----------------------------------------------------------------------------------------------------

TABLES = (
    "CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, content TEXT)",
    "CREATE TABLE IF NOT EXISTS bare_log (id VARCHAR(64) PRIMARY KEY, content TEXT)",
)
ROWS = 1000
_SQL = {
    "SELECT": "SELECT content FROM bare WHERE id = {row}",
    "UPDATE": "UPDATE bare SET content = '{content}' WHERE id = {row}",
    "INSERT": "INSERT INTO bare_log VALUES ('{key}', '{content}')",
}
_TURN = (
    "SELECT set_config('lock_timeout', '10s', true), set_config('statement_timeout', '30s', true)",
    "SELECT pg_advisory_xact_lock(1667457892)",
)


def create_tables(database: Database) -> None:
    with database.engine.begin() as connection:
        for statement in (*TABLES, "DELETE FROM bare", "DELETE FROM bare_log"):
            connection.exec_driver_sql(statement)
        for row in range(ROWS):
            connection.exec_driver_sql(f"INSERT INTO bare VALUES ({row}, '{'x' * WIDTH}')")


def drop_tables(database: Database) -> None:
    with database.engine.begin() as connection:
        for name in ("bare", "bare_log"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")


def bare(url: URL, shape: Shape) -> Callable[[str], None]:
    """An act of this shape upon the tables above, straight by the driver, on a connection of its own."""
    execute = _sqlite(url) if url.drivername.startswith("sqlite") else _postgres(url)
    begin = ("BEGIN IMMEDIATE",) if url.drivername.startswith("sqlite") else ("BEGIN", *_TURN)

    def act(name: str) -> None:
        row = int(name[:8], 16) % ROWS
        for number, kinds in enumerate(shape.transactions):
            for statement in begin:
                execute(statement)
            for place, kind in enumerate(kinds):
                key = f"{name}{number}-{place}"
                execute(_SQL[kind].format(row=(row + place) % ROWS, key=key, content="y" * WIDTH))
            execute("COMMIT")

    return act


def _sqlite(url: URL) -> Callable[[str], object]:
    connection = sqlite3.connect(str(url.database), isolation_level=None, timeout=10)
    connection.execute("PRAGMA synchronous=FULL")
    return lambda statement: connection.execute(statement).fetchall()


def _postgres(url: URL) -> Callable[[str], object]:
    import psycopg

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection: Any = psycopg.connect(address, autocommit=True)
    return connection.execute  # type: ignore[no-any-return]


# --- by pgbench -------------------------------------------------------------------------------------------------------


def programs(name: str) -> list[Path]:
    """Programs of PostgreSQL of this name: Debian has pgbench in postgresql-contrib, pgserver beside its server."""
    package = find_spec("pgserver")
    brought = [Path(place) / "pginstall" / "bin" for place in (package and package.submodule_search_locations) or ()]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = [Path(found).parent for found in (shutil.which(name),) if found]
    return [folder / name for folder in (*system, *brought, *path) if (folder / name).exists()]


def pgbench(program: Path, url: URL, shape: Shape, clients: int, acts: int, *, in_turn: bool) -> Rate:
    """So many acts of this shape by so many clients; `in_turn` behind the registry's lock."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "act.sql"
        script.write_text(_script(shape, in_turn=in_turn), encoding="ascii")
        each = max(2, acts // clients)
        command = [
            *(str(program), "-n", "-f", str(script), "-c", str(clients), "-j", str(min(clients, 2)), "-M", "prepared"),
            *("-t", str(each), "-l", f"--log-prefix={folder}/log", *_address(url)),
        ]
        environment = {"PGPASSWORD": url.password or "", "PATH": "/usr/bin:/bin"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=True)
        logs = Path(folder).glob("log.*")
        spent = [int(line.split()[2]) / 1e6 for log in logs for line in log.read_text().splitlines()]
    rate = next(float(line.split()[2]) for line in done.stdout.splitlines() if line.startswith("tps = "))
    return Rate.of(spent, len(spent) / rate)


def _address(url: URL) -> list[str]:
    host, port = url.host or "127.0.0.1", str(url.port or 5432)
    return ["-h", host, "-p", port, "-U", url.username or "postgres", str(url.database)]


def _script(shape: Shape, *, in_turn: bool) -> str:
    lines = [f"\\set row random(0, {ROWS - 9 * len(shape.transactions) - 90})", "\\set key random(0, 9000000000000000)"]
    for number, kinds in enumerate(shape.transactions):
        lines += ["BEGIN;", *(f"{statement};" for statement in (_TURN if in_turn else ()))]
        for place, kind in enumerate(kinds):
            lines.append(_SQL[kind].format(row=f":row + {place}", key="KEY", content="z" * WIDTH) + ";")
            lines[-1] = lines[-1].replace("'KEY'", f"'{number}-{place}-' || :client_id || '-' || :key")
        lines.append("COMMIT;")
    return "\n".join(lines) + "\n"
