"""How the events of a walk choose: by their own random numbers, and well more often than badly, that walks go far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from cccd_nfc.registry.phone import Phone
from registry_walk import World

T = TypeVar("T")
NO_ONE = "012345678901"
UNKNOWN = "f" * 32


@dataclass(frozen=True)
class Event:
    """weight: how often it happens, relative to the others."""

    weight: int
    happens: Callable[[World, Random], None]


def mostly(chance: Random, likely: T, others: Sequence[T], odds: float = 0.8) -> T:
    return likely if not others or chance.random() < odds else chance.choice(others)


def any_number(world: World, chance: Random) -> str:
    every = [*world.book.people, NO_ONE]
    return mostly(chance, chance.choice(list(world.book.people) or every), every, 0.95)


def any_phone(world: World, chance: Random) -> Phone:
    """Mostly one whose key was never revoked: with that nothing can be done any more."""
    good = [each for each in world.phones if not world.book.is_revoked(each.public.thumbprint)]
    return mostly(chance, chance.choice(good or world.phones), world.phones, 0.8)
