"""Where a test's registry lies, on SQLite or on PostgreSQL: made new, copied, looked into and changed by hand."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, NullPool, Text, create_engine, inspect, make_url, select, text
from sqlalchemy.orm import Session

from cccd_nfc.registry.keys import Keys, seal
from cccd_nfc.registry.models import Account, Message, StoredEvidence
from cccd_nfc.registry.person_keys import open_evidence
from cccd_nfc.registry.vault import Vault

Rows = list[tuple[Any, ...]]

only_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For a test about the file itself, or about how SQLite is made to fail; its docstring or comment says which."""

Undoing = str | Callable[["Place"], None]
"""A statement, or what no statement can do alone."""


def unseal_persons(place: Place) -> None:
    """Undoes migration 0008: what is sealed lies open again, as it did before."""
    vault = Vault(Keys.open(place.folder / "keys", create=False))
    with place.by_hand() as connection:
        _plain_again(connection, vault)
        for statement in _AFTER_UNSEALING:
            connection.exec_driver_sql(statement)


_PERSONAL = ("number", "full_name", "birth_date", "phone")
_AFTER_UNSEALING = (
    "ALTER TABLE message DROP COLUMN sealed_recipient",
    "ALTER TABLE message DROP COLUMN recipient_index",
    "ALTER TABLE evidence DROP COLUMN owner",
    "ALTER TABLE evidence DROP COLUMN generation",
    *(f"DROP TABLE {name}" for name in ("sensitive_read", "subject_request", "key_generation", "person_key")),
)


def _plain_again(connection: Connection, vault: Vault) -> None:
    with Session(connection, info={"vault": vault}) as session:
        persons = [(each.id, [getattr(each, name) for name in _PERSONAL]) for each in session.scalars(select(Account))]
        letters = [(each.id, each.recipient) for each in session.scalars(select(Message))]
        evidence = [(each, open_evidence(session, each)) for each in session.scalars(select(StoredEvidence))]
        for stored, content in evidence:
            stored.sealed = seal(vault.keys.evidence, content, stored.digest)
        session.flush()
        session.expunge_all()
    operations = Operations(MigrationContext.configure(connection))
    for name, table in ((name, "account") for name in _PERSONAL):
        operations.add_column(table, Column(name, Text, nullable=False, server_default=""))
    operations.add_column("message", Column("recipient", Text, nullable=False, server_default=""))
    wanted = ", ".join(f"{name} = :{name}" for name in _PERSONAL)
    for account_id, values in persons:
        given = dict(zip(_PERSONAL, values, strict=True))
        connection.execute(text(f"UPDATE account SET {wanted} WHERE id = :id"), {"id": account_id, **given})
    for message_id, recipient in letters:
        query = text("UPDATE message SET recipient = :recipient WHERE id = :id")
        connection.execute(query, {"id": message_id, "recipient": recipient})
    for index in ("ix_account_phone_index", "ix_message_recipient_index", "ix_evidence_owner"):
        connection.exec_driver_sql(f"DROP INDEX {index}")
    with operations.batch_alter_table("account") as batch:
        for column in ("number_index", "phone_index", "sealed"):
            batch.drop_column(column)
        batch.create_unique_constraint("account_number_key", ["number"])


BACK_TO_0002: tuple[Undoing, ...] = (
    *(f"ALTER TABLE transaction_ DROP COLUMN {name}" for name in ("attestation_format", "attestation")),
    *(
        f"ALTER TABLE device DROP COLUMN {name}"
        for name in ("attestation_format", "attestation", "attestation_digest", "attestation_generation")
    ),
    *(f"DROP TABLE {name}" for name in ("proposal", "reserved_key", "officer_session", "officer_challenge")),
    *(f"DROP TABLE {name}" for name in ("officer_key", "station", "officer", "unit")),
    "ALTER TABLE transaction_ DROP COLUMN face_officer",
    "ALTER TABLE transaction_ DROP COLUMN face_at",
    *(f"DROP TABLE {name}" for name in ("not_me", "contact", "limit_count")),
    "ALTER TABLE one_time_password DROP COLUMN channel",
    *(f"ALTER TABLE message DROP COLUMN {name}" for name in ("attempts", "next_try_at", "claimed_until", "last_error")),
    *(f"DROP TABLE {name}" for name in ("offline_record", "account_change", "hand_over", "device_contact")),
    "DROP INDEX one_account_per_active_key",
    "CREATE UNIQUE INDEX one_account_per_active_key ON device (thumbprint) WHERE state = 'ACTIVE'",
    *(
        f"ALTER TABLE device DROP COLUMN {name}"
        for name in ("platform", "client_version", "last_used_at", "wipe_told_at", "shared")
    ),
    "DROP TABLE proof_id",
    "DROP TABLE idempotency_key",
    "DROP TABLE nobody",
    "DROP TABLE web_request",
    "DROP TABLE owner_session",
    "DROP TABLE security_answer",
    "DROP TABLE account_secrets",
    "DROP TABLE published_head",
    "ALTER TABLE lock_request DROP COLUMN unit",
    "ALTER TABLE lock_request DROP COLUMN channel",
    "ALTER TABLE lock_request DROP COLUMN form",
    unseal_persons,
    "DROP TABLE imported_status",
    "DROP TABLE travel_document",
    "DROP TABLE integrated_paper",
    "DROP TABLE level_application",
    "DROP TABLE representation",
    "DROP TABLE consent",
    "ALTER TABLE account_lock DROP COLUMN source",
    "ALTER TABLE account DROP COLUMN kind",
    "ALTER TABLE account DROP COLUMN sex",
    "ALTER TABLE account DROP COLUMN portrait",
    "ALTER TABLE account DROP COLUMN evidence_id",
    "ALTER TABLE account DROP COLUMN noticed_at",
    "ALTER TABLE account DROP COLUMN station",
    "ALTER TABLE account DROP COLUMN residence_expires",
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
BACK_TO_0001: tuple[Undoing, ...] = (
    *BACK_TO_0002,
    "DROP TABLE identity",
    "UPDATE alembic_version SET version_num = '0001'",
)
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

    def change(self, *statements: Undoing) -> None:
        for statement in (each for each in statements if not isinstance(each, str)):
            statement(self)
        with self.by_hand() as connection:
            for statement in (each for each in statements if isinstance(each, str)):
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

    def command(self, statement: str) -> None:
        """What must not stand within a transaction."""
        _command(self.url, statement)

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


@contextmanager
def place_at(server: str | None) -> Iterator[Place]:
    """A new place for a tool: on the PostgreSQL server at this URL, or SQLite in a new folder; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if server is None:
            yield SqlitePlace.new(Path(folder) / "registry")
            return
        place = PostgresPlace.new(server, Path(folder) / "registry")
        try:
            yield place
        finally:
            _command(server, f"DROP DATABASE IF EXISTS {place.name} WITH (FORCE)")


def _databases(server: str) -> list[str]:
    with create_engine(server, poolclass=NullPool).connect() as connection:
        found = connection.exec_driver_sql("SELECT datname FROM pg_database")
        return [name for (name,) in found if name.startswith("cccd_") and len(name) == 17]


def _command(server: str, statement: str) -> None:
    with create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statement)
