"""How a part of the chip says no."""

from __future__ import annotations


class Refusal(Exception):
    """Ends a command with its status word; the dispatcher turns it into the response."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw
