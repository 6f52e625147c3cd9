"""The tape: a conversation as JSON Lines, and its replay, byte for byte and without a card.

Line 1 is the header; each further line is one of
{"phase": NAME} | {"random": HEX} | {"command": HEX, "answer": HEX, "ms": N} | {"command": HEX, "failed": ERROR} |
{"reset": true} | {"reset": true, "failed": ERROR}.
A failure is written too, so that the tape of a session that broke off replays up to the same error.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from cccd_nfc.errors import (
    CardAbsentError,
    CardLostError,
    ReaderUnavailableError,
    TapeError,
    TransportError,
    UsageError,
)
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import Notice, Phase, RandomBytes, Transport
from cccd_nfc.sentences import Said

FORMAT = "cccd-nfc-tape"
VERSION = 1

_SYNTHETIC = "A synthetic card: its person and its keys are invented."
_PERSONAL = (
    "Personal data: whoever knows the card's number or its MRZ can read all of it from this file. Keep it private."
)

_FAILURES: dict[str, type[TransportError]] = {
    kind.__name__: kind for kind in (TransportError, CardLostError, CardAbsentError, ReaderUnavailableError)
}


class RecordingTransport:
    """A transport that writes down what passes through `inner`; as an observer it notes the phases too.

    The file is new and readable by its owner only. Each line is in it before the next command goes out, and it is open
    only while a line is written, so that whatever ends the program leaves whole lines.
    """

    def __init__(
        self, inner: Transport, path: Path, *, reader: str, synthetic: bool = False, made_at: datetime | None = None
    ) -> None:
        self._inner, self._path = inner, path
        header = {
            "format": FORMAT,
            "version": VERSION,
            "made_by": f"cccd-nfc {version('cccd-nfc')}",
            "made_at": (made_at or datetime.now(UTC)).isoformat(timespec="seconds"),
            "reader": reader,
            "synthetic": synthetic,
            "warning": _SYNTHETIC if synthetic else _PERSONAL,
        }
        with self._writing():
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._write(header)

    def transmit(self, command: bytes) -> bytes:
        started = time.perf_counter()
        with self._failure_noted({"command": command.hex()}):
            answer = self._inner.transmit(command)
        milliseconds = round(1000 * (time.perf_counter() - started), 3)
        self._write({"command": command.hex(), "answer": answer.hex(), "ms": milliseconds})
        return answer

    def reset(self) -> None:
        with self._failure_noted({"reset": True}):
            self._inner.reset()
        self._write({"reset": True})

    def close(self) -> None:
        self._inner.close()

    def recording(self, random_bytes: RandomBytes) -> RandomBytes:
        """The same randomness, written down, without which the terminal's side could not be replayed."""

        def draw(size: int) -> bytes:
            drawn = random_bytes(size)
            self._write({"random": drawn.hex()})
            return drawn

        return draw

    def noticed(self, notice: Notice) -> None:
        if isinstance(notice, Phase):
            self._write({"phase": notice.name})

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
        """Written already, where it happened."""

    def _write(self, line: dict[str, Any]) -> None:
        with self._writing(), self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UsageError(
                Said("cannot write the tape {path}: {reason}", path=self._path, reason=error.strerror)
            ) from error

    @contextmanager
    def _failure_noted(self, step: dict[str, Any]) -> Iterator[None]:
        try:
            yield
        except TransportError as error:
            kind = type(error).__name__
            self._write({**step, "failed": kind if kind in _FAILURES else TransportError.__name__})
            raise


@dataclass(slots=True)
class ReplayTransport:
    """A transport that answers as recorded, in order, and refuses every other question with TapeError.

    header: the first line of the tape, for whoever wants to know what it is.
    """

    header: dict[str, Any]
    _steps: list[dict[str, Any]] = field(repr=False)
    _at: int = 0

    @classmethod
    def open(cls, path: Path) -> ReplayTransport:
        """The tape at `path`; TapeError when it is no tape or a torn one, UsageError when it cannot be read."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise UsageError(Said("cannot read the tape {path}: {reason}", path=path, reason=error.strerror)) from error
        except UnicodeDecodeError as error:
            raise TapeError(Said("{path} is not a tape", path=path)) from error
        parsed = [_parse(line, number) for number, line in enumerate(lines, 1)]
        header = parsed[0] if parsed else {}
        if header.get("format") != FORMAT:
            raise TapeError(Said("{path} is not a tape", path=path))
        if header.get("version") != VERSION:
            template = "{path} is a tape of version {version}; this program knows {known}"
            raise TapeError(Said(template, path=path, version=repr(header.get("version")), known=VERSION))
        steps = [_checked(line, number) for number, line in enumerate(parsed[1:], 2)]
        return cls(header, [step for step in steps if "phase" not in step])

    def transmit(self, command: bytes) -> bytes:
        asked = Said("a command (INS {ins}, {size} bytes)", ins=command[1:2].hex().upper(), size=len(command))
        step = self._next("command", asked)
        if step["command"] != command.hex():
            raise TapeError(
                Said(
                    "{asked} is not the one that was recorded; use the same password and options as for the recording",
                    asked=asked,
                )
            )
        if "failed" in step:
            _fail(step)
        return bytes.fromhex(step["answer"])

    def random_bytes(self, size: int) -> bytes:
        """The random bytes that the terminal had in the recording."""
        drawn = bytes.fromhex(self._next("random", Said("{size} random bytes", size=size))["random"])
        if len(drawn) != size:
            template = "{size} random bytes are asked for where {recorded} were recorded"
            raise TapeError(Said(template, size=size, recorded=len(drawn)))
        return drawn

    def reset(self) -> None:
        step = self._next("reset", Said("a restart of the card"))
        if "failed" in step:
            _fail(step)

    def close(self) -> None:
        """Nothing is open."""

    def _next(self, kind: str, wanted: Said) -> dict[str, Any]:
        if self._at == len(self._steps):
            raise TapeError(Said("the tape has come to its end, and {wanted} is asked for", wanted=wanted))
        step = self._steps[self._at]
        if kind not in step:
            template = "{wanted} is asked for where the tape has something else ({kinds})"
            raise TapeError(Said(template, wanted=wanted, kinds=", ".join(step)))
        self._at += 1
        return step


def _parse(line: str, number: int) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TapeError(Said("line {number} of the tape is torn, or no JSON", number=number)) from error
    if not isinstance(content, dict):
        raise TapeError(Said("line {number} of the tape is no JSON object", number=number))
    return content


def _is_hex(value: object) -> bool:
    try:
        return isinstance(value, str) and bytes.fromhex(value).hex() == value
    except ValueError:
        return False


def _is_failure(value: object) -> bool:
    return isinstance(value, str) and value in _FAILURES


_SHAPES: tuple[dict[str, Callable[[object], bool]], ...] = (
    {"phase": lambda value: isinstance(value, str)},
    {"random": _is_hex},
    {"command": _is_hex, "answer": _is_hex, "ms": lambda value: isinstance(value, int | float)},
    {"command": _is_hex, "failed": _is_failure},
    {"reset": lambda value: value is True},
    {"reset": lambda value: value is True, "failed": _is_failure},
)


def _checked(line: dict[str, Any], number: int) -> dict[str, Any]:
    for shape in _SHAPES:
        if shape.keys() == line.keys() and all(fits(line[key]) for key, fits in shape.items()):
            return line
    raise TapeError(Said("line {number} of the tape is of no known kind", number=number))


def _fail(step: dict[str, Any]) -> NoReturn:
    raise _FAILURES[step["failed"]](Said("the recorded session ended here: the card or the reader failed"))
