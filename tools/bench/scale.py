"""What an account costs in PostgreSQL, what partitions change, and how fast logs grow: the numbers of docs/scale.md.

    .venv/bin/python tools/bench/scale.py [--registry URL | --postgres] [--rows 100000] [--evidence 2000]
                                          [--sizes 100000,1000000] [--partitions 64] [--seconds 10] [--json FILE]

--registry is the URL of a PostgreSQL server on which databases may be made; they are dropped. --postgres starts a
server of its own with fsync on. All people and cards are synthetic.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import scale_logs
from sqlalchemy import BigInteger, Integer, String, Table, make_url
from yardstick import Rate

from cccd_nfc.registry.models import Base

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from postgres_server import new_server  # type: ignore[import-not-found]
from registry_places import PostgresPlace, place_at  # type: ignore[import-not-found]
from registry_support import Desk, Phone, card, evidence_for  # type: ignore[import-not-found]

Connection = psycopg.Connection[Any]
SAMPLE = 2000
"""Lookups and insertions that are timed."""


def connected(url: str) -> Connection:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


# --- 1. what an account costs -----------------------------------------------------------------------------------------


_OF_NO_ACCOUNT = ("identity", "nobody", "published_head")
"""One row for the whole registry, or for many entries of its log."""


def sizes(server: str, rows: int, evidence: int) -> dict[str, Any]:
    """Bytes of a row of each table and its indexes, from copies of the rows that one enrolment and one activation
    leave; and how many rows of each they are."""
    with place_at(server) as place:
        desk = Desk(place)
        desk.enrol()
        desk.bind(Phone.new())
        desk.registry.close()
        with connected(place.url) as connection:
            left = {name: _count(connection, name) for name in Base.metadata.tables}
            left["audit_node"] = left["audit"]  # a tree of n leaves has n - 1 nodes
            found = {
                name: (each, *_bytes_of_a_row(connection, Base.metadata.tables[name], rows, evidence))
                for name, each in left.items()
                if each and name not in _OF_NO_ACCOUNT
            }
    return {
        "rows": rows,
        "tables": {
            name: {"rows each": each, "bytes a row": size, "of which indexes": indexes}
            for name, (each, size, indexes) in found.items()
        },
        "bytes an account": sum(each * size for each, size, _ in found.values()),
        "bytes an account without evidence": sum(
            each * size for name, (each, size, _) in found.items() if name != "evidence"
        ),
        "bytes an account without evidence and indexes": sum(
            each * (size - indexes) for name, (each, size, indexes) in found.items() if name != "evidence"
        ),
        "bytes of evidence with photo": len(evidence_for(_ticket(), card(), photo=True).to_bytes()),
    }


def _ticket() -> Any:
    from datetime import UTC, datetime

    from cccd_nfc.registry.card_proof import Ticket

    return Ticket("", bytes(8), datetime(2026, 6, 1, tzinfo=UTC))


def _count(connection: Connection, name: str) -> int:
    row = connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0


def _bytes_of_a_row(connection: Connection, table: Table, rows: int, evidence: int) -> tuple[float, float]:
    """Rows are copies of one that the registry wrote, with keys of their own; sealed bytes are random in each."""
    count = evidence if table.name == "evidence" else rows
    before, before_indexes = _size(connection, table.name)
    columns = ", ".join(column.name for column in table.columns)
    values = ", ".join(_value(column, table) for column in table.columns)
    connection.execute("SET session_replication_role = replica")  # parents of copies are not made in their order
    connection.execute(
        f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM generate_series(1, {count}) AS n"
        f" JOIN (SELECT row_number() OVER () AS place, COUNT(*) OVER () AS many, * FROM {table.name}) AS one"
        " ON one.place = n % one.many + 1"
    )
    connection.execute(f"VACUUM ANALYZE {table.name}")
    after, after_indexes = _size(connection, table.name)
    return (after - before) / count, (after_indexes - before_indexes) / count


def _value(column: Any, table: Table) -> str:
    """A key that is new in each row; other columns as they were. What is sealed must not compress."""
    unique = column.unique or any(index.unique and column.name in index.columns for index in table.indexes)
    if column.name == "number":
        return "lpad(n::text, 12, '0')"
    if isinstance(column.type, String) and (column.primary_key or unique or column.foreign_keys):
        length = column.type.length or 64
        return f"left(md5('a' || n) || md5('b' || n) || md5('c' || n) || md5('d' || n), {min(length, 128)})"
    if isinstance(column.type, BigInteger | Integer) and column.primary_key:
        return "1000000 + n" if isinstance(column.type, BigInteger) else f"one.{column.name}"
    if column.name == "sealed" and table.name == "evidence":
        return (
            "(SELECT decode(string_agg(md5(n || '-' || i), ''), 'hex')"
            " FROM generate_series(1, octet_length(one.sealed) / 16) AS i)"
        )
    return f"one.{column.name}"


def _size(connection: Connection, name: str) -> tuple[int, int]:
    """Bytes of the table with all that belongs to it, and of its indexes alone."""
    row = connection.execute(f"SELECT pg_total_relation_size('{name}'), pg_indexes_size('{name}')").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


# --- 2. one table or partitions ---------------------------------------------------------------------------------------

_COLUMNS = "(lookup bytea NOT NULL, sealed bytea NOT NULL, state text NOT NULL, version integer NOT NULL)"


def key_ranges(url: str, counts: list[int], partitions: int) -> list[dict[str, Any]]:
    """A table found by a keyed hash of the personal number, 32 bytes, with 400 bytes of content; grown in steps.

    The hash spreads the people of one province and one birth year over all partitions.
    """
    results = []
    with connected(url) as connection:
        connection.execute(f"CREATE TABLE single {_COLUMNS}")
        connection.execute("ALTER TABLE single ADD PRIMARY KEY (lookup)")
        connection.execute(f"CREATE TABLE parts {_COLUMNS} PARTITION BY HASH (lookup)")
        for number in range(partitions):
            connection.execute(
                f"CREATE TABLE parts_{number} PARTITION OF parts"
                f" FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number})"
            )
        connection.execute("ALTER TABLE parts ADD PRIMARY KEY (lookup)")
        filled = 0
        for count in sorted(counts):
            for table in ("single", "parts"):
                results.append(_grown(connection, table, filled, count, partitions))
                print(key_line(results[-1]), flush=True)
            filled = count
    return results


def _grown(connection: Connection, table: str, begin: int, end: int, partitions: int) -> dict[str, Any]:
    started = time.perf_counter()
    connection.execute(
        f"INSERT INTO {table} SELECT sha256(n::text::bytea),"
        f" decode(repeat(md5(n::text), 25), 'hex'), 'ACTIVE', 0 FROM generate_series({begin + 1}, {end}) AS n"
    )
    filling = (end - begin) / (time.perf_counter() - started)
    connection.execute(f"ANALYZE {table}")
    one = table if table == "single" else "parts_0"
    find = f"SELECT sealed FROM {table} WHERE lookup = %b"
    known = (hashlib.sha256(str(1 + secrets.randbelow(end)).encode()).digest() for _ in range(SAMPLE))
    add = f"INSERT INTO {table} VALUES (%b, %b, 'ACTIVE', 0)"
    new = [(secrets.token_bytes(32), secrets.token_bytes(400)) for _ in range(SAMPLE // 4)]
    return {
        "table": table if table == "single" else f"{partitions} partitions",
        "rows": end,
        "rows a second when filled": filling,
        "index height": _height(connection, f"{one}_pkey"),
        "lookup": asdict(_timed(lambda key: connection.execute(find, (key,)).fetchone(), known)),
        "insert": asdict(_timed(lambda row: connection.execute(add, row), iter(new))),
    }


def _height(connection: Connection, index: str) -> int:
    """Levels of the index, leaves among them: by its pages, and by how many keys are on one of them."""
    asked = "SELECT relpages, reltuples FROM pg_class WHERE relname = %s"
    row = connection.execute(asked, (index,)).fetchone()
    pages, tuples = row if row else (1, 1)
    return 1 + math.ceil(math.log(max(pages, 1)) / math.log(max(tuples / max(pages, 1), 2)))


def _timed(act: Callable[[Any], object], arguments: Iterator[Any]) -> Rate:
    spent = []
    for each in arguments:
        begin = time.perf_counter()
        act(each)
        spent.append(time.perf_counter() - begin)
    return Rate.of(spent, sum(spent))


def key_line(found: dict[str, Any]) -> str:
    lookup, insert = found["lookup"], found["insert"]
    return (
        f"{found['rows']:9} rows, {found['table']:14}: filled {found['rows a second when filled']:7.0f} rows/s,"
        f" index height {found['index height']}, lookup p50 {lookup['p50_ms']:.2f} p99 {lookup['p99_ms']:.2f} ms,"
        f" durable insert p50 {insert['p50_ms']:.2f} p99 {insert['p99_ms']:.2f} ms"
    )


# --- all --------------------------------------------------------------------------------------------------------------


@contextmanager
def server_of(chosen: argparse.Namespace) -> Iterator[str]:
    if chosen.registry:
        yield chosen.registry
        return
    with new_server(max_connections=100, max_wal_size="4GB") as server:
        yield server.url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", help="URL of a PostgreSQL server; else one of its own")
    parser.add_argument("--postgres", action="store_true", help="a server of its own; the same as no --registry")
    parser.add_argument("--rows", type=int, default=100_000, help="copies for the size of a row")
    parser.add_argument("--evidence", type=int, default=2_000, help="copies of sealed evidence")
    parser.add_argument("--sizes", default="100000,1000000", help="rows at which tables are timed")
    parser.add_argument("--partitions", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10, help="for each rate of a log")
    parser.add_argument("--json", type=Path, help="writes the result to this file, too")
    chosen = parser.parse_args()
    with server_of(chosen) as server, ExitStack() as places, tempfile.TemporaryDirectory() as folder:
        size = sizes(server, chosen.rows, chosen.evidence)
        for name, each in size["tables"].items():
            print(
                f"{name:20} {each['rows each']:3} rows an account, {each['bytes a row']:8.0f} bytes a row", flush=True
            )
        for name in [name for name in size if name.startswith("bytes")]:
            print(f"{name}: {size[name] if size[name] is None else round(size[name])}")

        desk = Desk(places.enter_context(place_at(server)))
        desk.enrol()
        turns = scale_logs.turns(desk, 40, Phone.new, evidence_for)
        desk.registry.close()
        for name, held in turns.items():
            print(f"{name:24}: keeps the others waiting for {held:.1f} ms")
        print(f"so one log's turn allows {1e3 / sum(turns.values()):.0f} activations a second")

        def new_place() -> tuple[str, Path]:
            place: PostgresPlace = places.enter_context(place_at(server))
            return place.url, Path(folder) / secrets.token_hex(4)

        logs = scale_logs.table(new_place, chosen.seconds)
        for name, rate in logs.items():
            print(f"{name:24}: {rate.per_second:6.0f} entries/s, p50 {rate.p50_ms:5.1f} p99 {rate.p99_ms:6.1f} ms")
        counts = [int(each) for each in chosen.sizes.split(",")]
        found = key_ranges(places.enter_context(place_at(server)).url, counts, chosen.partitions)
        heads = [scale_logs.joined(count, 1 << 14) for count in (64, 1024, 4096)]
        for head in heads:
            print(", ".join(f"{name} {value:g}" for name, value in head.items()))
        if chosen.json:
            rates = {name: asdict(rate) for name, rate in logs.items()}
            result = {"sizes": size, "turns, ms": turns, "key ranges": found, "logs": rates, "heads": heads}
            chosen.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
