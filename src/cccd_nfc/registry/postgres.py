"""PostgreSQL beneath the registry: many desks on one server, whose acts follow one another as on SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event

from cccd_nfc.errors import UsageError

DRIVER = "postgresql+psycopg"
RETRIABLE = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock. Our own acts cannot cause them; another program's can."""

_WRITERS = 0x63636364
"""Names the lock of those who write ("cccd")."""

_LIMITS = {"lock_timeout": "10s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s"}
"""The last one ends a desk that fell silent with the lock in its hand; the others wait no longer than SQLite's do."""

_CONNECTING = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


def engine_for(url: URL) -> Engine:
    """The engine; what the address says of connecting stands. UsageError without psycopg."""
    settings: dict[str, Any] = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    try:
        engine = create_engine(
            url.set(drivername=DRIVER),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            connect_args=settings,
        )
    except ImportError as error:
        raise UsageError("psycopg is not installed; install cccd-nfc[postgres]") from error
    event.listen(engine, "begin", _take_turn)
    return engine


def _take_turn(connection: Any) -> None:
    """Waits for the lock that one transaction holds at a time, and that ends with it.

    SERIALIZABLE would fail acts that cannot be begun again, since a code was checked or a message sent within them.
    In turn nothing fails. READ COMMITTED belongs to it: what comes after the lock sees all that was committed before
    it, while a snapshot of SERIALIZABLE would be as old as the wait.
    """
    limits = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _LIMITS.items())
    connection.exec_driver_sql(f"SELECT {limits}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
