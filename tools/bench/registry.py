"""How fast does the registry bind devices, beside the database's own rate for the same statements?

    .venv/bin/python tools/bench/registry.py [--registry URL] [--desks 1,2,4,8,16,32,64] [--binds N]

Prepared are accounts whose card was accepted. Measured is the act that decides: code consumed, old device replaced, new
one active, audit entry with its tree, notices, signed receipt; all in one durable transaction. The password hash and
the card's own verification are outside of it, and outside of the measurement.

`bare` are as many statements in as many transactions, half of them reads and half writes, to a plain table, from as
many processes: what the database does for anybody. Both are measured in turn, in one run.
"""

from __future__ import annotations

import argparse
import multiprocessing
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import activation, audit
from cccd_nfc.registry.clock import stamp, utc_now
from cccd_nfc.registry.models import Account, Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose, TransactionState

FORK = multiprocessing.get_context("fork")
Act = Callable[[Office, str], None]


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
    activation._bind(office, name, found, "", utc_now())


def statements_of(office: Office, name: str) -> int:
    """How many statements one bind sends."""
    sent = []
    engine = office.database.engine

    def count(*_: object) -> None:
        sent.append(1)

    event.listen(engine, "before_cursor_execute", count)
    bind(office, name)
    event.remove(engine, "before_cursor_execute", count)
    return len(sent)


def bare_of(statements: int) -> Act:
    """As many statements in as many transactions, half reading and half writing a row of 200 bytes, by the driver."""

    def bare(office: Office, name: str) -> None:
        with office.database.write() as session:
            session.execute(_READ, {"id": name}).all()
        with office.database.write() as session:
            for number in range(statements // 2 - 2):
                row = {"id": f"{name}{number}", "content": "x" * 200}
                session.execute(_READ, {"id": row["id"]}).all()
                session.execute(_WRITE, row)

    return bare


_READ, _WRITE = text("SELECT content FROM bare WHERE id = :id"), text("INSERT INTO bare VALUES (:id, :content)")


def measured(url: str, folder: Path, act: Act, shares: Sequence[Sequence[str]]) -> tuple[float, list[float]]:
    """Acts a second, and the seconds of each, from a process for each share; all start together."""
    barrier = FORK.Barrier(len(shares) + 1)
    results: Any = FORK.SimpleQueue()

    def desk(share: Sequence[str]) -> None:
        office, spent = office_of(url, folder), []
        act(office, share[0])  # connections and statements are made once in a desk's day
        barrier.wait()
        for name in share[1:]:
            begin = time.perf_counter()
            act(office, name)
            spent.append(time.perf_counter() - begin)
        results.put(spent)

    processes = [FORK.Process(target=desk, args=(share,)) for share in shares]
    for process in processes:
        process.start()
    barrier.wait()
    begin = time.perf_counter()
    spent = [each for _ in shares for each in results.get()]
    took = time.perf_counter() - begin
    for process in processes:
        process.join()
    return len(spent) / took, spent


def shared(names: Sequence[str], desks: int) -> list[Sequence[str]]:
    return [names[number::desks] for number in range(desks)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", help="database; else SQLite in a new folder")
    parser.add_argument("--desks", default="1,2,4,8,16,32,64")
    parser.add_argument("--binds", type=int, default=640, help="for each number of desks")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        url = chosen.registry or f"sqlite:///{folder / 'registry.db'}"
        office, key = office_of(url, folder), Phone.new()
        with office.database.write() as session:
            session.execute(text("CREATE TABLE IF NOT EXISTS bare (id VARCHAR(64) PRIMARY KEY, content TEXT)"))
        bare = bare_of(statements_of(office, prepare(office, 1, key)[0]))
        for desks in map(int, chosen.desks.split(",")):
            names = prepare(office, chosen.binds + desks, key)
            office.database.close()  # a fork must not share a connection
            rate, spent = measured(url, folder, bind, shared(names, desks))
            possible, _ = measured(url, folder, bare, shared(names, desks))
            p50, p99 = statistics.median(spent), statistics.quantiles(spent, n=100)[98]
            print(
                f"{desks:3} desks: {rate:6.0f} binds/s, p50 {1e3 * p50:6.1f} ms, p99 {1e3 * p99:7.1f} ms;"
                f" bare {possible:6.0f}/s ({rate / possible:.2f} of it)",
                flush=True,
            )
        with office.database.write() as session:
            session.execute(text("DROP TABLE bare"))
        audit_holds(office)


def audit_holds(office: Office) -> None:
    with office.database.write() as session:
        print(f"the audit log holds: {audit.verify(session).size} entries")


if __name__ == "__main__":
    main()
