"""What is due by time and not by a call: messages that wait, heads to carry away, marks of calls that are over."""

from __future__ import annotations

import logging
import threading

from cccd_nfc.errors import CccdError
from cccd_nfc.registry.service import Registry

_LOG = logging.getLogger(__name__)


def deliver(registry: Registry) -> None:
    """Sends what waits; what cannot go stays for the next time, and the log says so without saying what."""
    try:
        registry.deliver()
    except CccdError as error:
        _LOG.warning("messages wait: %s", type(error).__name__)


class Housekeeper:
    """A thread that wakes every `seconds` until it is stopped; an error waits for the next time."""

    def __init__(self, registry: Registry, seconds: float = 2.0) -> None:
        self._registry, self._seconds = registry, seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="housekeeper", daemon=True)

    def __enter__(self) -> Housekeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(self._seconds):
            deliver(self._registry)
            self._sweep()

    def _sweep(self) -> None:
        try:
            self._registry.expire()
        except CccdError as error:
            _LOG.warning("what is over stays: %s", type(error).__name__)
