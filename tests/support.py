"""A card that knows its lines: answers each command of a worked example, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


class ScriptedCard:
    """A transport that plays (command, response) pairs in order and fails on any other command."""

    def __init__(self, exchanges: Iterable[tuple[str, str]]) -> None:
        self.lines = [(bytes.fromhex(command), bytes.fromhex(response)) for command, response in exchanges]
        self.at = 0

    def transmit(self, command: bytes) -> bytes:
        expected, response = self.lines[self.at]
        assert command == expected, f"line {self.at}: {command.hex()} where {expected.hex()} stands"
        self.at += 1
        return response

    def reset(self) -> None: ...

    def close(self) -> None: ...


def given_random(*values: str) -> Callable[[int], bytes]:
    """Randomness that gives `values` (hex), each in the length asked for, and then no more."""
    left: Iterator[bytes] = iter([bytes.fromhex(value) for value in values])

    def draw(size: int) -> bytes:
        value = next(left)
        assert len(value) <= size
        return value.rjust(size, b"\x00")

    return draw


class AnsweringCard:
    """A transport that gives its answers (hex) in order, whatever it is asked, and keeps the commands.

    The last answer is given for ever, so that a client that does not stop is seen by the number of its commands.
    """

    def __init__(self, answers: Iterable[str]) -> None:
        self.answers = [bytes.fromhex(answer) for answer in answers]
        self.commands: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(command)
        return self.answers[min(len(self.commands), len(self.answers)) - 1]

    def reset(self) -> None: ...

    def close(self) -> None: ...
