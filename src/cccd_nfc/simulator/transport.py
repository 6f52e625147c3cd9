"""The simulated chip in process, as a transport."""

from __future__ import annotations

from cccd_nfc.simulator.chip import Chip


class SimulatedTransport:
    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        chip.reset()

    def transmit(self, command: bytes) -> bytes:
        return self._chip.transmit(command)

    def reset(self) -> None:
        self._chip.reset()

    def close(self) -> None:
        self._chip.reset()
