"""Work shared out to processes, each at the end of a pipe of its own.

So a process that is killed is seen at once and nobody waits for it: the pools of the standard library have one pipe for
all, and Python 3.11 waits on it for ever when a process is killed while it is full. A process ends when its pipe does,
also when the one who shared the work out was killed.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from cccd_nfc.errors import CccdError, UsageError

Setting = TypeVar("Setting")
Task = TypeVar("Task")
Result = TypeVar("Result")

_AHEAD = 4
"""Tasks drawn for each process: enough that none waits for a slow one, and no more than that in memory."""


def share_out(
    tasks: Iterator[Task], begin: Callable[[Setting], Callable[[Task], Result]], setting: Setting, count: int
) -> Iterator[Result]:
    """The result of every task, in their order, from `count` processes; each calls `begin(setting)` once, for its work.

    Tasks are drawn as results are taken, at most 4 for each process before that. What `begin` raises of ours is raised
    here; UsageError for a process that was killed.
    """
    workers = [_Worker(begin, setting) for _ in range(count)]
    try:
        yield from _in_order(tasks, workers)
    finally:
        for worker in workers:
            worker.end()


def _in_order(tasks: Iterator[Any], workers: list[_Worker[Any, Any]]) -> Iterator[Any]:
    numbered = enumerate(tasks)
    idle, first = list(workers), 0
    busy: dict[Any, tuple[_Worker[Any, Any], int]] = {}
    ready: dict[int, Any] = {}
    while True:
        while idle and len(busy) + len(ready) < len(workers) * _AHEAD and (drawn := next(numbered, None)):
            worker = idle.pop()
            worker.give(drawn[1])
            busy[worker.pipe] = worker, drawn[0]
        if not busy:
            return
        for pipe in wait(list(busy)):
            worker, number = busy.pop(pipe)
            ready[number] = worker.take()
            idle.append(worker)
        while first in ready:
            yield ready.pop(first)
            first += 1


class _Worker(Generic[Task, Result]):
    def __init__(self, begin: Callable[[Setting], Callable[[Task], Result]], setting: Setting) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, begin, setting), daemon=True)
        self.process.start()
        theirs.close()  # so that its death ends the pipe

    def give(self, task: Task) -> None:
        with suppress(ConnectionError):  # `take` says it
            self.pipe.send(task)

    def take(self) -> Result:
        try:
            answer = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise UsageError("a process of the batch was killed; run it again, to go on where it ended") from error
        if isinstance(answer, CccdError):
            raise answer
        return answer  # type: ignore[no-any-return]

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


def _work(pipe: Connection, begin: Callable[[Setting], Callable[[Task], Result]], setting: Setting) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal interrupts all of them, and one is to say so
    with suppress(EOFError, ConnectionError):
        try:
            work = begin(setting)
        except CccdError as error:
            pipe.send(error)
            return
        while True:
            pipe.send(work(pipe.recv()))
