"""Processes of their own for a test: a race that starts at one moment, a process that dies at a chosen statement."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import Engine, event

from cccd_nfc.errors import CccdError, RegistryError
from cccd_nfc.registry.service import Registry
from registry_places import Place
from registry_support import QUICK, HandClock, trust

# A fork has this process's modules already, so that a race of eight starts at once and not one after the other.
FORK = multiprocessing.get_context("fork")
PATIENCE = 60
"""Seconds after which a race counts as hung."""


@dataclass(frozen=True)
class Finish:
    """How one racer came in: what its act returned, or the error of ours that it met."""

    value: Any = None
    error: CccdError | None = None


def open_registry(place: Place, clock: HandClock) -> Registry:
    """The registry in `place` as another process opens it."""
    return Registry.open(place.url, place.folder, trust(), clock=clock, secrets=QUICK)


def race(place: Place, clock: HandClock, acts: Sequence[Callable[[Registry], Any]]) -> list[Finish]:
    """Every act in a process of its own, each with its registry open before the start; fails on an error not ours."""

    def run(act: Callable[[Registry], Any], start: Callable[[], object]) -> Any:
        registry = open_registry(place, clock)
        try:
            start()
            return act(registry)
        finally:
            registry.close()

    return race_anything([lambda start, act=act: run(act, start) for act in acts])  # type: ignore[misc]


def race_anything(acts: Sequence[Callable[[Callable[[], object]], Any]]) -> list[Finish]:
    """Every act in a process of its own; each calls what it is given when it stands at the start."""
    barrier = FORK.Barrier(len(acts))
    pipes = [FORK.Pipe(duplex=False) for _ in acts]
    processes = [
        FORK.Process(target=_racer, args=(act, barrier, ends[1])) for act, ends in zip(acts, pipes, strict=True)
    ]
    try:
        for process in processes:
            process.start()
        for _, writing in pipes:
            writing.close()
        return [_finish(reading) for reading, _ in pipes]
    finally:
        for process in processes:
            process.join(PATIENCE)
            process.kill()
        for reading, _ in pipes:
            reading.close()


def _racer(act: Callable[[Callable[[], object]], Any], barrier: Barrier, out: Connection) -> None:
    try:
        out.send(Finish(value=act(lambda: barrier.wait(PATIENCE))))
    except CccdError as error:
        out.send(Finish(error=error))
    except BaseException:  # noqa: BLE001 - whatever ends a process is reported by it
        out.send(traceback.format_exc())
        barrier.abort()


def _finish(reading: Connection) -> Finish:
    assert reading.poll(PATIENCE), "a process of the race hung"
    said = reading.recv()
    assert isinstance(said, Finish), f"a process of the race met an error that is not ours:\n{said}"
    return said


def dies_at_statement(place: Place, clock: HandClock, number: int, act: Callable[[Registry], Any]) -> bool:
    """Runs `act` in a process that kills itself just before its `number`-th statement; False when there were fewer."""

    def killed() -> None:
        registry = open_registry(place, clock)
        _count_down(registry._office.database.engine, number)
        act(registry)

    process = FORK.Process(target=killed)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), f"the process ended with {process.exitcode}"
    return process.exitcode != 0


def dies_while_opening(place: Place, clock: HandClock, number: int) -> bool:
    """Opens the registry in a process that kills itself just before its `number`-th statement; False for fewer."""

    def killed() -> None:
        _count_down(Engine, number)
        open_registry(place, clock).close()

    process = FORK.Process(target=killed)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), f"the process ended with {process.exitcode}"
    return process.exitcode != 0


def _count_down(engine: Engine | type[Engine], number: int) -> None:
    """SIGKILL at the `number`-th statement from now on; a commit counts as one."""
    left = number

    def step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", step)
    event.listen(engine, "commit", step)


def starved(place: Place, clock: HandClock, spare: int, act: Callable[[Registry], object]) -> str:
    """What an act ends with in a process whose files may not grow further than the log is, and `spare` bytes."""

    def hungry(start: Callable[[], object]) -> str:
        registry = open_registry(place, clock)
        start()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        log = place.folder / "registry.db-wal"
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + spare, resource.RLIM_INFINITY))
        try:
            act(registry)
        except RegistryError as error:
            return type(error).__name__
        return "done"

    (finish,) = race_anything([hungry])
    return str(finish.value)
