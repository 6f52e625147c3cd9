"""The database behind the registry: engine, write transactions, migrations, and its errors as ours."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from cccd_nfc.errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RegistryUnavailableError,
    UsageError,
)
from cccd_nfc.registry import postgres
from cccd_nfc.registry.keys import Keys
from cccd_nfc.registry.vault import Vault
from cccd_nfc.sentences import Said

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_MILLISECONDS = 10_000
_WAL_RETRY_SECONDS = 0.01
_UNKNOWN = "the registry's address is not one of a database that is known here"
_NEWER = "the registry was made by a newer version of this program"
_KNOWN_REASONS = (
    *("locked", "disk is full", "readonly", "read-only", "unable to open", "malformed", "not a database", "i/o"),
    *("password authentication failed", "no password supplied", "connection refused", "failed to resolve host"),
    *("no space left", "lock timeout", "statement timeout", "timeout expired", "terminating connection"),
    *("server closed the connection", "does not exist", "permission denied"),
)

Trace: TypeAlias = Callable[[Session], object]
_OF_REFUSED = "kept though the act is refused"


def keep_though_refused(session: Session, trace: Trace) -> None:
    """Should the act of this session be refused, `trace` is written all the same, in a transaction after it."""
    session.info.setdefault(_OF_REFUSED, []).append(trace)


class Database:
    """Connections to one database; `write` is the only way to change it."""

    def __init__(self, url: str) -> None:
        """Raises UsageError for an address that is none. Nothing is opened yet. `vault` is set by who opens it."""
        self.vault: Vault | None = None
        try:
            self.url = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise UsageError(_UNKNOWN) from error
        if self.url.drivername in ("postgresql", postgres.DRIVER):
            self.engine = postgres.engine_for(self.url)
        elif self.url.drivername in ("sqlite", "sqlite+pysqlite"):
            self._prepare_folder()
            self.engine = create_engine(self.url)
            _set_up_sqlite(self.engine)
        else:
            raise UsageError(_UNKNOWN)

    def _prepare_folder(self) -> None:
        if self.url.database not in (None, "", ":memory:"):
            path = Path(str(self.url.database))
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                if not path.exists():
                    path.touch(mode=0o600)
            except OSError as error:
                raise RegistryUnavailableError(
                    Said("the registry cannot be created: {reason}", reason=error.strerror)
                ) from error

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session whose changes are kept together, or not at all.

        One at a time, on SQLite and on PostgreSQL. Raises ConflictError when a constraint says that somebody was
        faster, RegistryUnavailableError when the database cannot be reached or written, or its turn does not come.
        """
        with translated(), self._session(self.engine) as session:
            try:
                with session.begin():
                    yield session
            except (RefusedError, NotFoundError, ConflictError, AuthenticationError):
                self._keep_of_refused(session.info.pop(_OF_REFUSED, ()))
                raise

    def _keep_of_refused(self, traces: Iterable[Trace]) -> None:
        for trace in traces:
            with self.write() as session:
                trace(session)

    def _session(self, bind: Engine | Connection) -> Session:
        return Session(bind, expire_on_commit=False, info={"vault": self.vault})

    def upgrade(self, keys: Callable[[Session], Keys] | None = None, revision: str = "head") -> tuple[str | None, str]:
        """Brings the database to today's model, in one transaction; gives the revisions before and after.

        revision: brings it to an earlier model, for what was exported then.  keys: opens the registry's keys, for what
        has to be sealed on the way. Raises RegistryUnavailableError when the database is newer than this program.
        """
        script = ScriptDirectory(str(MIGRATIONS))
        known = {each.revision for each in script.walk_revisions()}
        with translated(), self._for_migrations() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            if not {current or "head", revision} <= known | {"head"}:
                raise RegistryUnavailableError(_NEWER)
            if current != (script.get_current_head() if revision == "head" else revision):
                config = Config()
                config.set_main_option("script_location", str(MIGRATIONS))
                config.attributes["connection"] = connection
                config.attributes["keys"] = lambda: self._keys_within(connection, keys)
                command.upgrade(config, revision)
        return current, str(script.get_current_head())

    def revision(self) -> str | None:
        """Of the model that the database has now, None for an empty one; RegistryUnavailableError when it is newer than
        this program.
        """
        with self.snapshot() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        known = {each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
        if current is not None and current not in known:
            raise RegistryUnavailableError(_NEWER)
        return current

    @property
    def newest_revision(self) -> str:
        return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """The whole database as it is at one moment, to be read only; it takes no turn and holds nobody up."""
        sqlite = self.engine.dialect.name == "sqlite"
        if sqlite:
            engine = create_engine(self.url, poolclass=NullPool)
            event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
            event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        else:
            engine = create_engine(self.engine.url, poolclass=NullPool, isolation_level="REPEATABLE READ")
        with translated(), engine.connect() as connection:
            yield connection

    def _keys_within(self, connection: Connection, keys: Callable[[Session], Keys] | None) -> Keys:
        if keys is None:
            raise RegistryUnavailableError("the registry's keys are needed to bring it to today's model")
        with self._session(connection) as session:
            found = keys(session)
            session.flush()
            return found

    @contextmanager
    def _for_migrations(self) -> Iterator[Connection]:
        """A transaction in which SQLite lets a table be made anew beneath those that refer to it; they are checked
        before it is kept (SQLite, "ALTER TABLE", §7)."""
        with self.engine.connect() as connection:
            if self.engine.dialect.name != "sqlite":
                with connection.begin():
                    yield connection
                return
            _pragma(connection, "foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise RegistryUnavailableError("a row of the registry refers to one that is missing")
            finally:
                _pragma(connection, "foreign_keys=ON")

    def wipe(self) -> None:
        """Empties SQLite's write ahead log, in which what was overwritten would stay for a while; it is tried only,
        since another desk may be reading it."""
        if self.engine.dialect.name == "sqlite":
            with suppress(sqlite3.Error), translated(), self.engine.connect() as connection:
                _pragma(connection, "wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turns the database's errors into ours; their texts may hold data, so they stay in the chained cause only."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError("somebody else has done this, or the same thing exists already") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in postgres.RETRIABLE:
            raise ConflictError("somebody else was changing the same; try again") from error
        raise RegistryUnavailableError(
            Said("the registry cannot be read or written ({reason})", reason=_reason(error))
        ) from error
    except SQLAlchemyError as error:
        raise RegistryUnavailableError(
            Said("the registry cannot be used ({reason})", reason=type(error).__name__)
        ) from error


def _reason(error: DBAPIError) -> str:
    """What the database or its driver says in general: "locked", "disk is full", "connection refused"."""
    said = str(error.orig).lower()
    return next((word for word in _KNOWN_REASONS if word in said), type(error.orig).__name__)


def _pragma(connection: Connection, pragma: str) -> None:
    """Outside of any transaction, where alone these have an effect."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA {pragma}").fetchall()


def _enter_wal(cursor: Any) -> None:
    """The change to WAL, which a new database needs once, does not wait for its lock: so it is tried again."""
    patience = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(_WAL_RETRY_SECONDS)


def _set_up_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, durable commits, zeros over what is deleted; write transactions begin at once, since a late
    one can only fail (S-31)."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        pragmas = ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON")
        for pragma in (f"busy_timeout={_BUSY_MILLISECONDS}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        _enter_wal(cursor)
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
