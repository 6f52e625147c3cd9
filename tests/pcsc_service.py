"""The PC/SC service with the virtual reader: found running, or started for the tests and ended after them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cccd_nfc.errors import CardLostError, ReaderUnavailableError
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.vpcd import VpcdCard
from cccd_nfc.transport.pcsc import list_readers

DAEMON = Path("/usr/sbin/pcscd")
_AS_ROOT = () if os.getuid() == 0 else ("sudo", "-n")
_EVENT_COUNTS = 1 << 16
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
                _end(daemon)


@contextmanager
def card_on_reader(service: PcscService, chip: Chip) -> Iterator[None]:
    """`chip` (anything with `atr`, `transmit` and `reset`) lies on the virtual reader, and is taken off it again."""
    stop = threading.Event()
    server = threading.Thread(target=_serve, args=(VpcdCard(chip, "127.0.0.1", service.port), stop))
    with insertion(service):
        server.start()
        try:
            yield
        finally:
            stop.set()
            server.join()


def _serve(card: VpcdCard, stop: threading.Event) -> None:
    with suppress(CardLostError):  # a card that takes itself off the reader in the middle of a command
        card.serve(stop)


@contextmanager
def insertion(service: PcscService) -> Iterator[None]:
    """A card comes and goes inside; ends when the service has seen both.

    The service looks every 400 ms. A card that comes back sooner, after a command has failed because it went, would
    never be noticed again.
    """
    before = _events(service)
    yield
    wait_until(lambda: (_events(service) - before) % _EVENT_COUNTS >= 2)


def _events(service: PcscService) -> int:
    """How often the service has seen a card come or go, which pcsc-lite keeps in the upper half of a reader's state."""
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, states = scard.SCardGetStatusChange(context, 0, [(service.reader, scard.SCARD_STATE_UNAWARE)])
    scard.SCardReleaseContext(context)
    return int(states[0][1]) >> 16


def has_card(service: PcscService) -> bool:
    return any(reader.card_present for reader in list_readers() if reader.name == service.reader)


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Returns when `condition` holds; the service looks for cards only now and then."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "the PC/SC service does not notice"
        time.sleep(0.02)


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
    daemon = subprocess.Popen(
        [*_AS_ROOT, str(DAEMON), "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 10
    while daemon.poll() is None and time.monotonic() < until:
        if _answers():
            return daemon
        time.sleep(0.05)
    _end(daemon)
    raise ReaderUnavailableError("pcscd was started, but does not show the virtual reader; is vsmartcard-vpcd there?")


def _end(daemon: subprocess.Popen[bytes]) -> None:
    if daemon.poll() is None:
        # The shell's own kill: a bare Debian has no other.
        subprocess.run([*_AS_ROOT, "sh", "-c", f"kill {daemon.pid}"], check=False)
    daemon.wait(10)
