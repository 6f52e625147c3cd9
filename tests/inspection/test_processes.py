"""Work shared out to processes: their order, their errors and their death, at any moment and with any size of task."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.inspection.processes import share_out


def begin(setting: str) -> Callable[[bytes], tuple[int, int]]:
    if setting == "refuse":
        raise UsageError("there is no such store")

    def work(task: bytes) -> tuple[int, int]:
        if setting == "slow ones first" and task[0] % 3 == 0:
            time.sleep(0.02)
        if setting == "die" and task[0] == 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return task[0], len(task)

    return work


def tasks(count: int, size: int = 1) -> Iterator[bytes]:
    return (bytes([number]) * size for number in range(count))


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("size", [1, 300_000])
def test_results_come_in_the_order_of_the_tasks(count: int, size: int) -> None:
    """300,000 bytes: more than a pipe holds."""
    assert list(share_out(tasks(50, size), begin, "slow ones first", count)) == [(n, size) for n in range(50)]
    assert multiprocessing.active_children() == []


def test_no_task_is_no_result() -> None:
    assert list(share_out(tasks(0), begin, "", 2)) == []


def test_an_error_before_the_work_is_raised_by_the_one_who_asked() -> None:
    with pytest.raises(UsageError, match="no such store"):
        list(share_out(tasks(5), begin, "refuse", 2))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("size", [1, 300_000])
def test_a_process_that_dies_at_work_is_said_after_the_results_before_it(size: int) -> None:
    got = []
    with pytest.raises(UsageError, match="was killed"):
        for result in share_out(tasks(60, size), begin, "die", 2):
            got.append(result)
    assert got == [(number, size) for number in range(len(got))]
    assert 12 <= len(got) <= 20
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("size", [1, 300_000])
def test_processes_that_die_between_two_tasks_are_said(size: int) -> None:
    results = share_out(tasks(60, size), begin, "", 2)
    next(results)
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(UsageError, match="was killed"):
        list(results)
    assert multiprocessing.active_children() == []


def test_an_interrupt_at_the_terminal_is_for_the_one_who_asked_only() -> None:
    results = share_out(tasks(60), begin, "", 1)
    next(results)
    for process in multiprocessing.active_children():
        os.kill(process.pid or 0, signal.SIGINT)
    assert len(list(results)) == 59
