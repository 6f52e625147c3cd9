"""Where a test's registry lies, on SQLite or on PostgreSQL: made new, copied, looked into and changed by hand."""

from __future__ import annotations

import secrets
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine, inspect, make_url

Rows = list[tuple[Any, ...]]

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For a test about the file itself, or about how SQLite is made to fail; its docstring or comment says which."""

BACK_TO_0002 = (
    "DROP TABLE proposal",
    "DROP TABLE reserved_key",
    "DROP TABLE officer_session",
    "DROP TABLE officer_challenge",
    "DROP TABLE officer_key",
    "DROP TABLE station",
    "DROP TABLE officer",
    "DROP TABLE unit",
    "ALTER TABLE transaction_ DROP COLUMN face_officer",
    "ALTER TABLE transaction_ DROP COLUMN face_at",
    "ALTER TABLE device DROP COLUMN channel",
    "ALTER TABLE device DROP COLUMN station",
    "ALTER TABLE device DROP COLUMN officer",
    "ALTER TABLE identity DROP COLUMN later_keys",
    "DROP TABLE lock_request",
    "DROP TABLE account_lock",
    "ALTER TABLE account DROP COLUMN state_before_lock",
    "ALTER TABLE account DROP COLUMN card_expires",
    "DROP TABLE audit_node",
    "ALTER TABLE identity DROP COLUMN head_key",
    "UPDATE alembic_version SET version_num = '0002'",
)
BACK_TO_0001 = (*BACK_TO_0002, "DROP TABLE identity", "UPDATE alembic_version SET version_num = '0001'")
"""What makes today's database one of an earlier version; each migration adds its undoing here."""


@dataclass(frozen=True)
class Place(ABC):
    """A database, and the folder of its registry's keys and outbox."""

    folder: Path
    url: str

    @abstractmethod
    def copy(self, folder: Path) -> Place:
        """The same state in another place; the registry must be closed."""

    @contextmanager
    def by_hand(self) -> Iterator[Connection]:
        """A connection that knows nothing of the registry's locks; kept when it ends without an error."""
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.begin() as connection:
            yield connection

    def change(self, *statements: str) -> None:
        with self.by_hand() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def ask(self, query: str) -> Rows:
        with self.by_hand() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def rows(self) -> dict[str, Rows]:
        """Everything that the database holds, by table."""
        with self.by_hand() as connection:
            names = sorted(inspect(connection).get_table_names())
        return {name: self.ask(f"SELECT * FROM {name} ORDER BY 1") for name in names}


class SqlitePlace(Place):
    @classmethod
    def new(cls, folder: Path) -> SqlitePlace:
        return cls(folder, f"sqlite:///{folder / 'registry.db'}")

    def copy(self, folder: Path) -> SqlitePlace:
        shutil.copytree(self.folder, folder)
        return SqlitePlace.new(folder)


class PostgresPlace(Place):
    @classmethod
    def new(cls, server: str, folder: Path, like: str = "template1") -> PostgresPlace:
        """A new database on the server at the URL `server`, a copy of the database `like`."""
        name = f"cccd_{secrets.token_hex(6)}"
        _command(server, f"CREATE DATABASE {name} TEMPLATE {like}")
        return cls(folder, make_url(server).set(database=name).render_as_string(hide_password=False))

    @property
    def name(self) -> str:
        return str(make_url(self.url).database)

    def copy(self, folder: Path) -> PostgresPlace:
        if self.folder.exists():
            shutil.copytree(self.folder, folder)
        server = make_url(self.url).set(database="postgres").render_as_string(hide_password=False)
        return PostgresPlace.new(server, folder, like=self.name)


def drop_all(server: str) -> None:
    """Drops what tests have made; each of these databases bears the name that `new` gives."""
    for name in _databases(server):
        _command(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _databases(server: str) -> list[str]:
    with create_engine(server, poolclass=NullPool).connect() as connection:
        found = connection.exec_driver_sql("SELECT datname FROM pg_database")
        return [name for (name,) in found if name.startswith("cccd_") and len(name) == 17]


def _command(server: str, statement: str) -> None:
    with create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statement)
