"""How fast does the registry bind devices, beside the database's own rate for the same statements?

    .venv/bin/python tools/bench/registry.py [--registry URL | --postgres] [--desks 1,2,4,8,16,32,64] [--binds 640]
                                             [--json FILE] [--profile]

Prepared are accounts whose card was accepted. Measured is the act that decides: code consumed, old device replaced, new
one active, audit entry with its tree, notices, signed receipt; all in one durable transaction. The password hash and
the card's own verification are outside of it, and outside of the measurement.

Each desk is a process with a registry of its own, as desks are: threads of one process would share Python's lock, and
would be measured instead of the registry. All start together; a rate is that of all of them.

`bare` are as many statements of each kind in as many transactions, by the driver, with the registry's lock and from as
many processes. On PostgreSQL `pgbench` does the same, `turn` behind that lock and `free` without; the registry cannot
be faster than `turn`. All are measured in turn, in one run. --postgres starts a server of its own, fsync on. --profile
says where the time of one bind goes instead.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import multiprocessing
import pstats
import secrets
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import yardstick
from sqlalchemy import event, make_url
from yardstick import Rate, Shape

from cccd_nfc.errors import CccdError
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import activation, audit
from cccd_nfc.registry.clock import stamp, utc_now
from cccd_nfc.registry.models import Account, Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState

FORK = multiprocessing.get_context("fork")
PATIENCE = 900
"""Seconds after which a desk counts as hung."""

Act: TypeAlias = Callable[[str], None]
Kind: TypeAlias = Callable[[str, Path], Act]


def office_of(url: str, folder: Path) -> Office:
    return Registry.open(url, folder, TrustStore.empty())._office


def prepare(office: Office, count: int, key: Phone) -> list[str]:
    """Ids of transactions that wait for their code, each of an account that has a device already."""
    now = utc_now()
    ids = []
    with office.database.write() as session:
        for _ in range(count):
            name = secrets.token_hex(16)
            session.add(_account(name, now))
            session.add(
                StoredEvidence(
                    id=name, digest=secrets.token_hex(32), grade="B", trust_digest="", sealed=b"", stored_at=0
                )
            )
            session.flush()
            for state in (DeviceState.ACTIVE, DeviceState.PENDING):
                session.add(_device(name, state, key))
            session.flush()
            session.add(_transaction(name, now))
            session.flush()
            session.add(_code(name, now))
            ids.append(name)
    return ids


def _account(name: str, now: datetime) -> Account:
    return Account(
        id=name, number=f"{secrets.randbelow(10**12):012d}", full_name="", birth_date="", phone="+84912345678", level=1,
        state=AccountState.ACTIVE, version=0, issued_at=stamp(now), failed_codes=0, hold_until=0,
    )  # fmt: skip


def _device(name: str, state: DeviceState, key: Phone) -> Device:
    return Device(
        id=name if state is DeviceState.PENDING else secrets.token_hex(16), account_id=name, label="", state=state,
        thumbprint=secrets.token_urlsafe(32), public_key=key.public.pem, grade="B", evidence_id=name, end_reason="",
    )  # fmt: skip


def _transaction(name: str, now: datetime) -> Transaction:
    return Transaction(
        id=name, purpose=Purpose.ACTIVATE, state=TransactionState.PENDING, nonce=b"", account_id=name, device_id=name,
        account_version=0, opened_at=stamp(now), expires_at=stamp(now + timedelta(hours=1)),
    )  # fmt: skip


def _code(name: str, now: datetime) -> OneTimePassword:
    return OneTimePassword(
        id=name, transaction_id=name, account_id=name, reference="AB", hashed="", tries_left=5, created_at=stamp(now),
        expires_at=stamp(now + timedelta(hours=1)),
    )  # fmt: skip


def bind(office: Office, name: str) -> None:
    with office.database.write() as session:
        found = session.get_one(OneTimePassword, name)
        session.expunge(found)
    activation._bind(office, name, found, None, "", utc_now())


def measured(place: tuple[str, Path], kind: Kind, shares: Sequence[Sequence[str]]) -> Rate:
    """The rate of acts from a process for each share; all start together."""
    barrier, pipes = FORK.Barrier(len(shares) + 1), [FORK.Pipe(duplex=False) for _ in shares]
    processes = [
        FORK.Process(target=desk, args=(place, kind, share, barrier, ends[1]))
        for share, ends in zip(shares, pipes, strict=True)
    ]
    try:
        for process in processes:
            process.start()
        barrier.wait(PATIENCE)
        begin = time.perf_counter()
        found = [_received(reading) for reading, _ in pipes]
        took = time.perf_counter() - begin
    finally:
        for process in processes:
            process.join(5)
            process.kill()
    return Rate.of([each for spent, _ in found for each in spent], took, sum(errors for _, errors in found))


def _received(reading: Any) -> tuple[list[float], int]:
    if not reading.poll(PATIENCE):
        raise SystemExit("a desk hung")
    spent, errors = reading.recv()
    return spent, errors


def desk(place: tuple[str, Path], kind: Kind, share: Sequence[str], barrier: Any, out: Any) -> None:
    """One desk's process: it warms up with its first act, waits for the others, and does the rest."""
    act, spent, errors = kind(*place), [], 0
    act(share[0])  # connections and statements are made once in a desk's day
    barrier.wait(PATIENCE)
    for name in share[1:]:
        begin = time.perf_counter()
        try:
            act(name)
            spent.append(time.perf_counter() - begin)
        except CccdError:
            errors += 1
        except sqlite3.OperationalError:
            errors += 1
    out.send((spent, errors))


def binding(url: str, folder: Path) -> Act:
    office = office_of(url, folder)
    return lambda name: bind(office, name)


def bare_acts(shape: Shape) -> Kind:
    return lambda url, _: yardstick.bare(make_url(url), shape)


def shared(names: Sequence[str], desks: int) -> list[Sequence[str]]:
    return [names[number::desks] for number in range(desks)]


def rounds(url: str, folder: Path, desks: Sequence[int], binds: int) -> Iterator[dict[str, Any]]:
    """For each number of desks the rates of all kinds, by name."""
    office, key = office_of(url, folder), Phone.new()
    (first,) = prepare(office, 1, key)
    shape = yardstick.shape_of(office.database, lambda: bind(office, first))
    program = (
        None if office.database.engine.dialect.name == "sqlite" else next(iter(yardstick.programs("pgbench")), None)
    )
    print(f"one bind: {shape}", flush=True)
    for count in desks:
        yardstick.create_tables(office.database)
        names = prepare(office, binds + count, key)
        office.database.close()  # a fork must not share a connection
        found = {"registry": measured((url, folder), binding, shared(names, count))}
        found["bare"] = measured((url, folder), bare_acts(shape), shared(names, count))
        if program:
            for name, in_turn in (("pgbench turn", True), ("pgbench free", False)):
                found[name] = yardstick.pgbench(program, make_url(url), shape, count, 2 * binds, in_turn=in_turn)
        yardstick.drop_tables(office.database)
        yield {"desks": count, **found}
    with office.database.write() as session:
        print(f"the audit log holds: {audit.verify(session).size} entries")
    office.database.close()


def line(found: dict[str, Any]) -> str:
    mine: Rate = found["registry"]
    others = (
        f" {name} {rate.per_second:6.0f}/s ({mine.per_second / rate.per_second:.2f} of it)"
        for name, rate in found.items()
        if isinstance(rate, Rate) and name != "registry" and rate.per_second
    )
    errors = f", {mine.errors} refused" if mine.errors else ""
    return (
        f"{found['desks']:3} desks: {mine.per_second:6.0f} binds/s, p50 {mine.p50_ms:6.1f} ms,"
        f" p99 {mine.p99_ms:7.1f} ms{errors};{';'.join(others)}"
    )


def profile(url: str, folder: Path) -> None:
    """Where the time of 200 binds goes: by statement as it waits for the database, and by function."""
    office, spent = office_of(url, folder), Counter[str]()
    names, begun = prepare(office, 400, Phone.new()), [0.0]
    for name in names[:10]:
        bind(office, name)
    begin = time.perf_counter()
    for name in names[10:200]:
        bind(office, name)
    each = (time.perf_counter() - begin) / 190
    engine = office.database.engine
    event.listen(engine, "before_cursor_execute", lambda *_: begun.__setitem__(0, time.perf_counter()))
    event.listen(
        engine,
        "after_cursor_execute",
        lambda *args: spent.update({" ".join(args[2].split()[:3])[:40]: time.perf_counter() - begun[0]}),
    )
    watcher = cProfile.Profile()
    for name in names[200:300]:
        bind(office, name)
    watcher.enable()
    for name in names[300:]:
        bind(office, name)
    watcher.disable()
    in_database = sum(spent.values()) / 200
    print(f"one bind {1e3 * each:.2f} ms, of which {1e3 * in_database:.2f} ms in the driver and the database, by kind:")
    for statement, seconds in spent.most_common():
        print(f"  {1e3 * seconds / 200:6.2f} ms  {statement}")
    pstats.Stats(watcher).sort_stats("tottime").print_stats(15)
    office.database.close()


@contextmanager
def address(chosen: argparse.Namespace, folder: Path) -> Iterator[str]:
    """The database's: as given, of a server of its own, or SQLite in the folder."""
    if not chosen.postgres:
        yield chosen.registry or f"sqlite:///{folder / 'registry.db'}"
        return
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
    from postgres_server import new_server  # type: ignore[import-not-found]

    with new_server(max_connections=200) as server:
        yield server.url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", help="database; else SQLite in a new folder")
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL server of its own, ended afterwards")
    parser.add_argument("--desks", default="1,2,4,8,16,32,64")
    parser.add_argument("--binds", type=int, default=640, help="for each number of desks")
    parser.add_argument("--json", type=Path, help="writes the result to this file, too")
    parser.add_argument("--profile", action="store_true", help="says where the time of a bind goes, and no more")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, address(chosen, Path(place)) as url:
        if chosen.profile:
            profile(url, Path(place))
            return
        results = []
        for found in rounds(url, Path(place), [int(each) for each in chosen.desks.split(",")], chosen.binds):
            print(line(found), flush=True)
            results.append({name: asdict(each) if isinstance(each, Rate) else each for name, each in found.items()})
        if chosen.json:
            database = make_url(url).get_backend_name()
            chosen.json.write_text(json.dumps({"database": database, "rounds": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
