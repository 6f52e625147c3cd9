"""Counts what a conversation costs, phase by phase."""

from __future__ import annotations

from dataclasses import dataclass

from cccd_nfc.evidence import PhaseCount
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import Notice, Phase


@dataclass(slots=True)
class _Count:
    exchanges: int = 0
    sent: int = 0
    received: int = 0
    seconds: float = 0.0


class Meter:
    """An observer; a phase that comes back later goes on counting where it was."""

    def __init__(self) -> None:
        self._counts: dict[str, _Count] = {}
        self._phase = "start"

    def noticed(self, notice: Notice) -> None:
        if isinstance(notice, Phase):
            self._phase = notice.name

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
        count = self._counts.setdefault(self._phase, _Count())
        count.exchanges += 1
        count.sent += sent
        count.received += received
        count.seconds += seconds

    def phases(self) -> tuple[PhaseCount, ...]:
        """The phases in which something was exchanged, in their order."""
        return tuple(
            PhaseCount(name, count.exchanges, count.sent, count.received, round(1000 * count.seconds, 3))
            for name, count in self._counts.items()
        )
