"""A protocol is a conversation: a generator that yields commands, is sent responses, and returns its result.

Flows do no I/O. `run` and `arun` drive one over a transport; `yield from` composes them; a wrapper such as secure
messaging turns a flow into a flow. What is not for the card, a phase's name or how far a file has been read, is yielded
as a notice, and goes to the observers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from cccd_nfc.iso7816.apdu import SW_OK, CommandAPDU, ResponseAPDU

T = TypeVar("T")

RandomBytes: TypeAlias = Callable[[int], bytes]
"""Gives n fresh random bytes: `os.urandom`, or a worked example's or a recording's."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Asks for a cold start of the card: power or field off and on, every session forgotten."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Notice: what follows belongs to the stage `name` ("PACE", "EF.DG2", "Active Authentication")."""

    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Notice: `done` of `total` bytes of `item` have been read."""

    item: str
    done: int
    total: int


Notice: TypeAlias = Phase | Progress
Step: TypeAlias = CommandAPDU | Reset | Phase | Progress
Flow: TypeAlias = Generator[Step, ResponseAPDU, T]

ACKNOWLEDGED = ResponseAPDU(b"", SW_OK)
"""What a flow is sent after a step that the card does not answer."""


def through(flow: Flow[T], exchange: Callable[[Step], Flow[ResponseAPDU]]) -> Flow[T]:
    """`flow` with every step of it put through `exchange`: how a layer such as secure messaging wraps a protocol.

    What `exchange` raises is raised inside `flow` first; what that does not handle comes out again.
    """
    try:
        step = next(flow)
        while True:
            try:
                answer = yield from exchange(step)
            except Exception as error:  # noqa: BLE001 - the flow decides
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


class Transport(Protocol):
    """The way to one card. Every method may raise TransportError."""

    def transmit(self, command: bytes) -> bytes:
        """The card's response to `command`: data and status word, at least 2 bytes."""

    def reset(self) -> None: ...

    def close(self) -> None: ...


class AsyncTransport(Protocol):
    """The same over an event loop: a socket to a phone that holds the card, for one."""

    async def transmit(self, command: bytes) -> bytes: ...

    async def reset(self) -> None: ...

    async def close(self) -> None: ...


class Observer(Protocol):
    """Is told what happens while a flow runs: the progress display, the meter, the recording."""

    def noticed(self, notice: Notice) -> None: ...

    def exchanged(self, command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
        """`sent` and `received` are bytes on the wire; under secure messaging `command` is the protected one."""


def run(flow: Flow[T], transport: Transport, observers: Iterable[Observer] = ()) -> T:
    """Drives `flow` over `transport` and returns its result. Errors of either are raised inside the flow first."""
    watching = tuple(observers)
    try:
        step = next(flow)
        while True:
            try:
                answer = _take(step, transport, watching)
            except Exception as error:  # noqa: BLE001 - the flow decides; what it does not handle comes out again
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


def _take(step: Step, transport: Transport, observers: tuple[Observer, ...]) -> ResponseAPDU:
    if isinstance(step, CommandAPDU):
        wire = step.encode()
        started = time.perf_counter()
        received = transport.transmit(wire)
        _tell(observers, step, len(wire), len(received), time.perf_counter() - started)
        return ResponseAPDU.parse(received)
    if isinstance(step, Reset):
        transport.reset()
    else:
        for observer in observers:
            observer.noticed(step)
    return ACKNOWLEDGED


async def arun(flow: Flow[T], transport: AsyncTransport, observers: Iterable[Observer] = ()) -> T:
    """`run` for a transport that is awaited."""
    watching = tuple(observers)
    try:
        step = next(flow)
        while True:
            try:
                answer = await _take_async(step, transport, watching)
            except Exception as error:  # noqa: BLE001 - as in run
                step = flow.throw(error)
            else:
                step = flow.send(answer)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def _take_async(step: Step, transport: AsyncTransport, observers: tuple[Observer, ...]) -> ResponseAPDU:
    if isinstance(step, CommandAPDU):
        wire = step.encode()
        started = time.perf_counter()
        received = await transport.transmit(wire)
        _tell(observers, step, len(wire), len(received), time.perf_counter() - started)
        return ResponseAPDU.parse(received)
    if isinstance(step, Reset):
        await transport.reset()
    else:
        for observer in observers:
            observer.noticed(step)
    return ACKNOWLEDGED


def _tell(observers: tuple[Observer, ...], command: CommandAPDU, sent: int, received: int, seconds: float) -> None:
    for observer in observers:
        observer.exchanged(command, sent, received, seconds)
