"""How long after a lock is accepted does another desk still let the account be used (R-093)?

    .venv/bin/python tools/bench/lock_effect.py [--registry URL] [--rounds N] [--desks N] [--pause MS]

Each desk is a process with a registry of its own over one database. It uses a login of one account again and again,
until it is refused. Meanwhile this process locks the account. `accepted to refused` runs from the moment at which the
lock's caller has the answer to the first refusal at a desk (0: it came before); `asked to refused` from the call of the
lock. Both hold the wait between two uses: `in uses` divides by what a use takes with its pause. The row asks for one
second; without --registry it is measured on SQLite in a folder that goes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import enumeration

from cccd_nfc.errors import RefusedError
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry import accounts, owner_sessions
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.secret_policy import HashParameters, SecretPolicy
from cccd_nfc.registry.service import Registry

FORK = multiprocessing.get_context("fork")
NUMBER = enumeration.KINDS["wrong password"][0]
QUICK = SecretPolicy(HashParameters(memory=64, passes=1, lanes=1))


@dataclass(frozen=True, slots=True)
class Seen:
    """When a desk was refused, by the clock that all processes share, and what a use took until then; seconds."""

    at: float
    use: float


def opened(url: str, folder: Path) -> Registry:
    return Registry.open(url, folder, TrustStore.empty(), secrets=QUICK)


def desk(url: str, folder: Path, pause: float, pipe: Connection) -> None:
    """Uses each login that it is handed until it is refused, and says when that was; an empty one ends it."""
    registry = opened(url, folder)
    while token := pipe.recv():
        begun, uses = time.monotonic(), 0
        try:
            while True:
                registry.logins.whose(token)
                uses += 1
                if uses == 1:
                    pipe.send("using it")
                time.sleep(pause)
        except RefusedError:
            ended = time.monotonic()
            pipe.send(Seen(ended, (ended - begun) / max(uses, 1)))
    registry.close()


def login(registry: Registry) -> str:
    """A login past the limits on typed numbers, which a bench would come up against."""
    office = registry._office
    with office.database.write() as session:
        account = accounts.find(session, NUMBER)
        return owner_sessions.open_session(office, session, account, office.clock(), None).token


def one_round(registry: Registry, pipes: Sequence[Connection]) -> tuple[float, float, list[Seen]]:
    """(when the lock was asked for, when it was accepted, what each desk saw)"""
    for pipe in pipes:
        pipe.send(login(registry))
    for pipe in pipes:
        pipe.recv()
    time.sleep(random.uniform(0.005, 0.03))
    asked = time.monotonic()
    registry.lock(NUMBER, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    accepted = time.monotonic()
    seen = [pipe.recv() for pipe in pipes]
    registry.clear_lock(NUMBER, LockGround.TERMS_VIOLATION, Role.SYSTEM)
    return asked, accepted, seen


def measure(url: str, folder: Path, rounds: int, desks: int, pause: float) -> dict[str, list[float]]:
    registry = opened(url, folder)
    enumeration.prepare(registry._office)
    ends = [FORK.Pipe() for _ in range(desks)]
    processes = [FORK.Process(target=desk, args=(url, folder, pause, theirs), daemon=True) for _, theirs in ends]
    for process in processes:
        process.start()
    found: dict[str, list[float]] = {
        "lock itself": [],
        "asked to refused": [],
        "accepted to refused": [],
        "in uses": [],
    }
    for _ in range(rounds):
        asked, accepted, seen = one_round(registry, [ours for ours, _ in ends])
        found["lock itself"].append(accepted - asked)
        found["asked to refused"] += [each.at - asked for each in seen]
        found["accepted to refused"] += [max(0.0, each.at - accepted) for each in seen]
        found["in uses"] += [max(0.0, each.at - accepted) / each.use for each in seen]
    for ours, _ in ends:
        ours.send("")
    for process in processes:
        process.join()
    registry.close()
    return found


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registry", metavar="URL", help="an empty database; else SQLite in a folder that goes")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--desks", type=int, default=4)
    parser.add_argument("--pause", type=float, default=1.0, metavar="MS", help="between two uses at a desk")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.registry or f"sqlite:///{folder}/registry.db"
        found = measure(url, Path(folder), asked.rounds, asked.desks, asked.pause / 1000)
    print(f"{'':<20} {'median':>8} {'95 %':>8} {'99 %':>8} {'most':>8}")
    for name, values in found.items():
        unit = 1 if name == "in uses" else 1000
        shown = "".join(f" {percentile(values, share) * unit:>8.2f}" for share in (0.5, 0.95, 0.99, 1))
        print(f"{name:<20}{shown}  {'uses' if name == 'in uses' else 'ms'}")
    late = sum(value > 1 for value in found["accepted to refused"])
    print(f"later than a second: {late} of {len(found['accepted to refused'])}")


if __name__ == "__main__":
    main()
