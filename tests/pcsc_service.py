"""The PC/SC service with the virtual reader: found running, or started for the tests and ended after them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cccd_nfc.transport.pcsc import list_readers

from cccd_nfc.errors import ReaderUnavailableError

DAEMON = Path("/usr/sbin/pcscd")
LOCK = Path(tempfile.gettempdir()) / "cccd-nfc-pcsc.lock"


@dataclass(frozen=True)
class PcscService:
    """The virtual reader to use: its name in PC/SC, and the port on which vpcd waits for a card."""

    reader: str = "Virtual PCD 00 00"
    port: int = 35963


@contextmanager
def running_service() -> Iterator[PcscService]:
    """The service, for this test run alone; ReaderUnavailableError when it cannot be had.

    There is one service and one slot on a machine, so that a second test run waits at the lock until the first is done.
    """
    with _lock():
        daemon = None if _answers() else _start()
        try:
            yield PcscService()
        finally:
            if daemon is not None:
                daemon.terminate()
                daemon.wait(10)


@contextmanager
def _lock() -> Iterator[None]:
    # Another user's file in a sticky folder can be opened, but not with O_CREAT.
    handle = os.open(LOCK, os.O_RDONLY) if LOCK.exists() else os.open(LOCK, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _answers() -> bool:
    try:
        return any(PcscService.reader in reader.name for reader in list_readers())
    except ReaderUnavailableError:
        return False


def _start() -> subprocess.Popen[bytes]:
    if not DAEMON.exists():
        raise ReaderUnavailableError(f"{DAEMON} is missing; install pcscd and vsmartcard-vpcd")
    command = [str(DAEMON), "--foreground"]
    if os.getuid() != 0:
        command = ["sudo", "-n", *command]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while daemon.poll() is None and time.monotonic() < until:
        if _answers():
            return daemon
        time.sleep(0.05)
    daemon.terminate()
    daemon.wait(10)
    raise ReaderUnavailableError("pcscd was started, but does not show the virtual reader; is vsmartcard-vpcd there?")
