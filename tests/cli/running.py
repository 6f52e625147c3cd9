"""The command line run in this process, with its exit status and what it said."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Result]


class Terminal(io.StringIO):
    """Standard input that a person types into."""

    def isatty(self) -> bool:
        return True


class TypesWhatIsShown(io.StringIO):
    """Types the card's number, then the code that stands on the screen, or the newest one in the outbox."""

    def __init__(self, number: str, code: Callable[[], str]) -> None:
        super().__init__()
        self.number, self.code, self.asked = number, code, 0

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        self.asked += 1
        return f"{self.number if self.asked == 1 else self.code()}\n"
