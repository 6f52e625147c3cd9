"""Randomness that a seed repeats: for synthetic cards only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededBytes:
    """Called with n, gives n bytes: a SHA-256 stream of the seed and a label; without a seed, fresh randomness."""

    def __init__(self, seed: int | None, label: str = "") -> None:
        start = secrets.token_bytes(32) if seed is None else str(seed).encode()
        self._state = hashlib.sha256(b"cccd_nfc synthetic|" + start + b"|" + label.encode()).digest()
        self._buffer = b""

    def __call__(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += hashlib.sha256(self._state + b"out").digest()
            self._state = hashlib.sha256(self._state + b"next").digest()
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        return int.from_bytes(self(8), "big") % bound

    def choice(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))
