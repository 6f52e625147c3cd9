"""Events of locks: grounds that are set and cleared, and the requests of authorities."""

from __future__ import annotations

from random import Random

from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestState
from registry_support import TODAY
from registry_walk import World
from registry_walk_choice import UNKNOWN, any_number, mostly


def lock(world: World, chance: Random) -> None:
    number, ground = any_number(world, chance), chance.choice(list(LockGround))
    usual = Role.HOTLINE if ground is LockGround.OWNER_REQUEST else Role.SYSTEM
    actor = mostly(chance, usual, list(Role), 0.7)
    reason = mostly(chance, chance.choice(list(LockReason)), ["", "because"], 0.9)
    lock_on(world, number, ground, actor, reason)


def lock_on(world: World, number: str, ground: LockGround, actor: Role, reason: str) -> None:
    now = world.clock()
    world.attempt(
        f"lock {number} on {ground} by {actor}, {reason!r}",
        lambda: world.book.lock(number, ground, actor, reason, now),
        lambda: world.registry.lock(number, ground, actor, reason),
    )


def clear(world: World, chance: Random) -> None:
    locked = [person.number for person in world.book.people.values() if person.grounds]
    number = mostly(chance, chance.choice(locked), list(world.book.people)) if locked else any_number(world, chance)
    person = world.book.people.get(number)
    held = sorted(person.grounds) if person else []
    ground = mostly(chance, chance.choice(held or list(LockGround)), list(LockGround), 0.9)
    actor, now = mostly(chance, Role.SYSTEM, list(Role), 0.6), world.clock()
    world.attempt(
        f"clear {ground} of {number} by {actor}",
        lambda: world.book.clear(number, ground, actor, now),
        lambda: world.registry.clear_lock(number, ground, actor),
    )


def lock_expired_cards(world: World, chance: Random) -> None:
    now = world.clock()
    expected, done = world.both(
        "the expired cards are looked for", lambda: world.book.lock_expired(now), world.registry.lock_expired_cards
    )
    assert done == expected, f"{done} accounts were locked, by the model {expected}"


# --- requests ---------------------------------------------------------------------------------------------------------

_OFFICERS = ("Lan", "Minh", "Nga")


def file_request(world: World, chance: Random) -> None:
    number, now = any_number(world, chance), world.clock()
    held = LockGround.AUTHORITY_REQUEST in getattr(world.book.people.get(number), "grounds", ())
    kind = mostly(chance, RequestKind.UNLOCK if held else RequestKind.LOCK, list(RequestKind), 0.8)
    ground = mostly(chance, LockGround.AUTHORITY_REQUEST, list(LockGround), 0.9)
    by = mostly(chance, chance.choice(_OFFICERS), [""], 0.95)
    filed, done = world.both(
        f"{by or 'nobody'} files a request to {kind} {number} on {ground}",
        lambda: world.requests.file(number, kind, ground, by, now),
        lambda: world.registry.file_request(number, kind, ground, Paper("Court of Hue", "12/CV", TODAY), by=by),
    )
    if filed and done:
        world.requests.requests[done.id] = filed
        world.trace.append(f"that is {world.name(done.id, 'r')}")


def _request(world: World, chance: Random) -> str:
    every = [*world.requests.requests]
    return mostly(chance, every[-1], [*every, UNKNOWN], 0.8) if every else UNKNOWN


def forward_request(world: World, chance: Random) -> None:
    name, by, now = _request(world, chance), mostly(chance, chance.choice(_OFFICERS), [""], 0.95), world.clock()
    world.attempt(
        f"{by or 'nobody'} forwards {world.name(name, 'r')}",
        lambda: world.requests.forward(name, by, now),
        lambda: world.registry.forward_request(name, by=by),
    )


def decide_request(world: World, chance: Random) -> None:
    name, now = _request(world, chance), world.clock()
    by, role = mostly(chance, "Quang", _OFFICERS), mostly(chance, Role.AGENCY_HEAD, list(Role), 0.9)
    request = world.requests.requests.get(name)
    if request and request.state is RequestState.FILED and chance.random() < 0.8:
        forward_request(world, chance)
    said = f"{by} as {role} decides {world.name(name, 'r')}"
    if chance.random() < 0.75:
        world.attempt(
            f"{said}: yes",
            lambda: world.requests.approve(name, by, role, now),
            lambda: world.registry.approve_request(name, by=by, role=role),
        )
        return
    reason = mostly(chance, "no ground in law", [""], 0.9)
    world.attempt(
        f"{said}: no",
        lambda: world.requests.refuse(name, by, role, reason, now),
        lambda: world.registry.refuse_request(name, by=by, role=role, reason=reason),
    )
