"""How fast one audit log grows, how fast several do side by side, and how their heads become one."""

from __future__ import annotations

import hashlib
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event
from yardstick import Rate

from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import audit, merkle
from cccd_nfc.registry.clock import utc_now
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose

FORK = multiprocessing.get_context("fork")
_FACTS = {"account": "0123456789abcdef", "channel": "desk", "officer": "f" * 32, "station": "f" * 32, "row": "DS-03"}


def appended(url: str, folder: Path, seconds: float, barrier: Any, out: Any) -> None:
    """One process: an entry in a durable transaction of its own, then its proof, as every act of the registry does."""
    office = Registry.open(url, folder, TrustStore.empty())._office
    spent: list[float] = []
    barrier.wait(120)
    until = time.perf_counter() + seconds
    while (begin := time.perf_counter()) < until:
        with office.database.write() as session:
            audit.prove_inclusion(session, audit.append(session, "device-bound", utc_now(), _FACTS))
        spent.append(time.perf_counter() - begin)
    office.database.close()
    out.send(spent)


def growth(places: Sequence[tuple[str, Path]], seconds: float) -> Rate:
    """Entries a second of one process for each place; the same place twice is one log with two writers."""
    barrier, pipes = FORK.Barrier(len(places) + 1), [FORK.Pipe(duplex=False) for _ in places]
    processes = [
        FORK.Process(target=appended, args=(*place, seconds, barrier, ends[1]))
        for place, ends in zip(places, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    barrier.wait(120)
    spent = [each for reading, _ in pipes for each in reading.recv()]
    for process in processes:
        process.join(30)
    return Rate.of(spent, seconds)


def table(new_place: Callable[[], tuple[str, Path]], seconds: float) -> dict[str, Rate]:
    """One log with one, two and four writers; two and four logs with one each."""
    found = {}
    for writers in (1, 2, 4):
        found[f"1 log, {writers} writers"] = growth([new_place()] * writers, seconds)
    for logs in (2, 4):
        found[f"{logs} logs, 1 writer each"] = growth([new_place() for _ in range(logs)], seconds)
    return found


# --- the turn ---------------------------------------------------------------------------------------------------------


def turns(desk: Any, activations: int, new_phone: Callable[[], Any], read: Callable[[Any], Any]) -> dict[str, float]:
    """Milliseconds for which each part of an activation keeps all other desks waiting: from its turn to its commit."""
    held: dict[str, list[float]] = {"begin": [], "evidence and code": [], "confirm": []}
    part, began = "begin", 0.0

    def begun(_: object) -> None:
        nonlocal began
        began = time.perf_counter()

    def ended(_: object) -> None:
        held[part][-1] += 1e3 * (time.perf_counter() - began)

    engine = desk.registry._office.database.engine
    event.listen(engine, "begin", begun)
    event.listen(engine, "commit", ended)
    for _ in range(activations):
        phone = new_phone()
        desk.clock.go(hours=3)
        for times in held.values():
            times.append(0.0)
        part = "begin"
        ticket = desk.registry.begin(Purpose.ACTIVATE, phone.public)
        evidence = read(ticket)
        part = "evidence and code"
        pending = desk.registry.submit_evidence(ticket.transaction_id, evidence)
        part = "confirm"
        event.remove(engine, "commit", ended)
        code = desk.code()
        event.listen(engine, "commit", ended)
        desk.registry.confirm(ticket.transaction_id, code, phone.confirm(ticket.transaction_id, pending.reference))
    return {name: statistics.median(times[1:]) for name, times in held.items()}


# --- heads ------------------------------------------------------------------------------------------------------------


def joined(logs: int, entries: int) -> dict[str, float]:
    """The cost of one head over the heads of so many logs, and of a proof that goes through both trees.

    A leaf of the upper tree is a log's number, size and root, so that no log can stand in for another.
    """
    leaf = merkle.leaf_hash(b"an entry")
    nodes: dict[tuple[int, int], bytes] = {}
    for index in range(entries):
        for level, position, hashed in merkle.completed(index, leaf, lambda level, place: nodes[level, place]):
            nodes[level, position] = hashed
    root = merkle.root(entries, lambda level, place: nodes[level, place])
    begin = time.perf_counter()
    heads = [merkle.leaf_hash(b"%d|%d|" % (log, entries) + hashlib.sha256(b"%d" % log).digest()) for log in range(logs)]
    mine = logs // 2
    heads[mine] = merkle.leaf_hash(b"%d|%d|" % (mine, entries) + root)
    upper: dict[tuple[int, int], bytes] = {}
    for index, head in enumerate(heads):
        for level, position, hashed in merkle.completed(index, head, lambda level, place: upper[level, place]):
            upper[level, position] = hashed
    national = merkle.root(logs, lambda level, place: upper[level, place])
    built = time.perf_counter() - begin
    lower_path = merkle.inclusion_path(1, entries, lambda level, place: nodes[level, place])
    upper_path = merkle.inclusion_path(mine, logs, lambda level, place: upper[level, place])
    begin = time.perf_counter()
    found = merkle.root_by_inclusion(leaf, 1, entries, lower_path)
    again = merkle.leaf_hash(b"%d|%d|" % (mine, entries) + found)
    if merkle.root_by_inclusion(again, mine, logs, upper_path) != national:
        raise SystemExit("the proof through both trees does not hold")
    checked = time.perf_counter() - begin
    return {
        "logs": logs,
        "entries of a log": entries,
        "ms to join the heads": 1e3 * built,
        "hashes in a proof": len(lower_path) + len(upper_path),
        "ms to check a proof": 1e3 * checked,
    }
