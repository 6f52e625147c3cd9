"""Walks: random sequences of acts on a registry and on its model, compared after every one of them.

A sequence is a list of (event, number): the number decides everything that the event chooses, so that the list can be
walked again, and shortened, which leaves the rest of it as it was. The events are `registry_walk_events.EVENTS`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from argon2 import PasswordHasher
from sqlalchemy import event

from cccd_nfc.errors import CccdError
from cccd_nfc.registry import otp
from cccd_nfc.registry.messages import Letter
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from registry_model import Book
from registry_model_people import Gadget
from registry_model_requests import RequestBook
from registry_places import Place
from registry_support import HandClock
from registry_walk_cards import Cards, WalkCard, trusted
from registry_walk_look import Look

S = TypeVar("S")
T = TypeVar("T")
Step = tuple[str, int]
LENGTH = 30
_FIRST = ("enrol", "activate", "confirm")
"""How a walk begins: an empty registry can refuse only."""


@dataclass
class Memory:
    """A gateway that keeps what it was given."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@dataclass
class World:
    """The registry, its model, and what people hold: cards, phones, tickets, codes."""

    registry: Registry
    gateway: Memory
    look: Look
    clock: HandClock
    cards: Cards
    phones: Sequence[Phone]
    book: Book = field(default_factory=Book)
    trace: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    confirmations: list[tuple[str, str, str, tuple[str, str, str]]] = field(default_factory=list)
    challenges: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.requests = RequestBook(self.book)

    def name(self, real: str, kind: str) -> str:
        """A short name for the report of a walk, in place of an id."""
        return self.names.setdefault(real, f"{kind}{len(self.names) + 1}")

    def attempt(self, said: str, by_model: Callable[[], object], really: Callable[[], T]) -> T | None:
        """What the registry's act gave, which must end as the model's did; None when both refused it."""
        return self.both(said, by_model, really)[1]

    def both(self, said: str, by_model: Callable[[], S], really: Callable[[], T]) -> tuple[S | None, T | None]:
        """The same, with what the model's act gave."""
        thought, expected = _ending(by_model)
        value, met = _ending(really)
        self.trace.append(f"{said}: {met.__name__ if met else 'done'}")
        assert met is expected, f"the registry says {_name(met)}, the model {_name(expected)}"
        return thought, value

    def go(self, seconds: float) -> None:
        self.clock.go(seconds=seconds)
        self.trace.append(f"{seconds:g} seconds pass")

    def unlinked(self, device: Gadget, receipt: str) -> None:
        """Keeps the receipt of an unlinking, which is the same however often it is asked for."""
        device.receipt = device.receipt or receipt
        assert device.receipt == receipt, "an unlinking asked for twice has two receipts"

    def code_came(self, transaction_id: str) -> None:
        """Reads the message of the code that was just sent, as its owner does."""
        self.registry.deliver()
        text = [letter.text for letter in self.gateway.letters if letter.kind == "otp"][-1]
        reference, digits = text.split(": ")[0].removeprefix("Ma "), text.split(": ")[1][:6]
        self.book.code_came(transaction_id, digits, reference, self.clock())


def _ending(act: Callable[[], T]) -> tuple[T | None, type[CccdError] | None]:
    try:
        return act(), None
    except CccdError as error:
        return None, type(error)


def _name(error: type[CccdError] | None) -> str:
    return error.__name__ if error else "yes"


@dataclass(frozen=True)
class Walker:
    """One registry, on which walks follow one another, each from nothing."""

    registry: Registry
    gateway: Memory
    look: Look
    clock: HandClock
    cards: tuple[WalkCard, ...]
    phones: tuple[Phone, ...]

    def walk(self, steps: Sequence[Step]) -> str:
        """Why the walk failed, with its events; or nothing."""
        return self._walk(steps)[0]

    def _walk(self, steps: Sequence[Step]) -> tuple[str, int]:
        """The same, and how many steps it took."""
        from registry_walk_events import EVENTS

        taken = 0
        self.look.empty()
        self.gateway.letters.clear()
        self.clock.now = HandClock().now
        world = World(self.registry, self.gateway, self.look, self.clock, Cards(self.cards), self.phones)
        try:
            for name, number in steps:
                taken += 1
                EVENTS[name].happens(world, random.Random(number))
                self.look.check(world.book, world.requests)
            head = self.registry.check()
            assert head.size == world.book.acts.total()
        except (AssertionError, CccdError) as error:
            return "\n".join([*world.trace, f"-> {error}"]), taken
        return "", taken

    def shortened(self, steps: Sequence[Step]) -> list[Step]:
        """A part of the failing sequence that fails too, and of which no single event can be left out."""
        left = list(steps[: self._walk(steps)[1]])
        size = max(1, len(left) // 2)
        while size:
            begin = 0
            while begin < len(left):
                without = left[:begin] + left[begin + size :]
                why, taken = self._walk(without)
                if why:
                    left = without[:taken]
                else:
                    begin += size
            size //= 2
        return left


def steps_of(seed: int, length: int = LENGTH) -> list[Step]:
    """The sequence of this seed, on every machine the same."""
    from registry_walk_events import EVENTS

    chance = random.Random(seed)
    names, weights = list(EVENTS), [each.weight for each in EVENTS.values()]
    chosen = [*_FIRST, *chance.choices(names, weights, k=length - len(_FIRST))]
    return [(name, chance.getrandbits(32)) for name in chosen]


@contextmanager
def walker(place: Place) -> Iterator[Walker]:
    """A walker in a new registry. Nothing is synced to the disk and codes are hashed cheaply: walks prove neither."""
    clock, gateway = HandClock(), Memory()
    opened = Registry.open(place.url, place.folder, trusted(), clock=clock)
    office = replace(opened._office, gateway=gateway)
    engine = office.database.engine
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    slow, otp._HASHER = otp._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    look = Look(office)
    try:
        phones = tuple(Phone.new() for _ in range(4))
        yield Walker(Registry(office), gateway, look, clock, Cards.all(), phones)
    finally:
        otp._HASHER = slow
        look.close()
        opened.close()


def failure(walking: Walker, seed: int, length: int = LENGTH) -> str:
    """Nothing, or the report of a sequence that fails: its seed, and the shortest list of its events that was found."""
    steps = steps_of(seed, length)
    why = walking.walk(steps)
    if not why:
        return ""
    short = walking.shortened(steps)
    return f"sequence {seed} fails; {len(short)} of its {length} events are enough:\n{walking.walk(short) or why}"
