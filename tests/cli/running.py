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
