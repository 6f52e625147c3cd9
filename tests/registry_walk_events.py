"""The table of events of a walk. A new act of the registry joins with a function here and a line in EVENTS.

An event chooses by its own random numbers among what there is in its world, does the act there, and says by
`world.attempt` what the model does. It chooses well more often than badly, so that walks go far.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.lock_requests import Paper, RequestKind, RequestState
from cccd_nfc.registry.states import Purpose, TransactionState
from registry_support import CONSENT, PHONE_NUMBER, TODAY
from registry_walk import World
from registry_walk_cards import WalkCard

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


# --- the card ---------------------------------------------------------------------------------------------------------


def _begin(world: World, chance: Random, purpose: Purpose) -> str:
    bound = purpose is Purpose.ACTIVATE or (purpose is Purpose.UNLINK and chance.random() < 0.3)
    phone = chance.choice(world.phones) if bound else None
    key = phone.public if phone else None
    ticket = world.registry.begin(purpose, key)
    world.book.begin(ticket.transaction_id, purpose, key.thumbprint if key else "", world.clock())
    world.challenges[ticket.transaction_id] = ticket.challenge
    said = f" for phone {world.phones.index(phone) + 1}" if phone else ""
    world.trace.append(f"begin {world.name(ticket.transaction_id, 't')} to {purpose}{said}")
    return ticket.transaction_id


def begin(world: World, chance: Random) -> None:
    _begin(world, chance, chance.choice(list(Purpose)))


def _hand_in(world: World, chance: Random, purpose: Purpose, name: str, card: WalkCard, signed: str) -> None:
    """The act of `purpose` in the transaction `name`, with the card's signature for the transaction `signed`."""
    evidence = card.read(world.challenges.get(signed, bytes(8)))
    world.cards.recordings.append((card, signed, evidence))
    _act_on(world, chance, purpose, name, card, signed, evidence)


def _act_on(
    world: World, chance: Random, purpose: Purpose, name: str, card: WalkCard, signed: str, evidence: Any
) -> None:
    registry, book, now, shown = world.registry, world.book, world.clock(), card.shown(signed, evidence)
    said = f"{purpose} in {world.name(name, 't')} with {card.name}, signed for {world.name(signed, 't')}"
    if purpose is Purpose.ENROL:
        phone = mostly(chance, PHONE_NUMBER, ["02438262626"], 0.95)
        right = phone == PHONE_NUMBER
        world.attempt(
            said,
            lambda: book.create(name, shown, right, now),
            lambda: registry.create_account(name, evidence, phone, CONSENT),
        )
    elif purpose is Purpose.ACTIVATE:
        number = mostly(chance, None, [shown.number, NO_ONE], 0.9)
        done = world.attempt(
            said,
            lambda: book.submit(name, shown, number, now),
            lambda: registry.submit_evidence(name, evidence, number=number),
        )
        if done:
            world.code_came(name)
    elif purpose is Purpose.UNLINK:
        world.attempt(said, lambda: book.unlink(name, shown, now), lambda: registry.unlink(name, evidence))
    elif purpose is Purpose.LOCK:
        reason = chance.choice(list(LockReason))
        world.attempt(
            f"{said}, {reason}",
            lambda: book.lock_with_card(name, shown, reason, now),
            lambda: registry.lock_with_card(name, evidence, reason),
        )
    else:
        world.attempt(
            said, lambda: book.unlock_with_card(name, shown, now), lambda: registry.unlock_with_card(name, evidence)
        )


def _card(world: World, chance: Random) -> WalkCard:
    genuine = [card for card in world.cards.cards if card.genuine]
    return mostly(chance, chance.choice(genuine), world.cards.cards, 0.95)


def _sensible(world: World, purpose: Purpose) -> list[WalkCard]:
    """Genuine cards with which the act has something to do."""
    without = purpose is Purpose.ENROL
    cards = [card for card in world.cards.cards if card.genuine]
    return [card for card in cards if (card.data.secrets.number in world.book.people) is not without] or cards


def with_card(purpose: Purpose) -> Callable[[World, Random], None]:
    """A transaction is begun and its card shown at once, as it should be."""

    def happens(world: World, chance: Random) -> None:
        name = _begin(world, chance, purpose)
        card = mostly(chance, chance.choice(_sensible(world, purpose)), world.cards.cards, 0.9)
        _hand_in(world, chance, purpose, name, card, name)

    return happens


def late_or_elsewhere(world: World, chance: Random) -> None:
    """Evidence for any transaction that was ever begun, signed for it or for another, in any act."""
    names = [*world.book.attempts, UNKNOWN]
    name = chance.choice(names)
    known = world.book.attempts.get(name)
    purpose = mostly(chance, known.purpose if known else Purpose.ENROL, list(Purpose), 0.6)
    _hand_in(world, chance, purpose, name, _card(world, chance), mostly(chance, name, names, 0.6))


def replay(world: World, chance: Random) -> None:
    """Evidence that was handed in before, in its own transaction or in another."""
    if world.cards.recordings:
        card, signed, evidence = chance.choice(world.cards.recordings)
        name = mostly(chance, signed, list(world.book.attempts), 0.5)
        known = world.book.attempts.get(name)
        purpose = known.purpose if known else Purpose.UNLINK
        _act_on(world, chance, purpose, name, card, signed, evidence)


# --- codes ------------------------------------------------------------------------------------------------------------


def _waiting(world: World, chance: Random) -> str | None:
    """A transaction that ever had a code; mostly one that waits for it."""
    had = [name for name, attempt in world.book.attempts.items() if attempt.codes]
    waits = [name for name in had if world.book.attempts[name].state is TransactionState.PENDING]
    return mostly(chance, waits[-1], had, 0.9) if waits else (chance.choice(had) if had else None)


def confirm(world: World, chance: Random) -> None:
    name = _waiting(world, chance)
    if name is None:
        return
    attempt = world.book.attempts[name]
    right = attempt.codes[-1]
    others = [code.digits for each in world.book.attempts.values() for code in each.codes]
    wrong = f"{(int(right.digits) + 1) % 10**6:06d}"
    code = mostly(chance, right.digits, [wrong, wrong, *others, ""], 0.7)
    own = next(phone for phone in world.phones if phone.public.thumbprint == attempt.key)
    phone = mostly(chance, own, world.phones, 0.9)
    signed = (
        phone.public.thumbprint,
        mostly(chance, name, list(world.book.attempts), 0.95),
        mostly(chance, right.reference, ["ZZ", attempt.codes[0].reference], 0.95),
    )
    _confirm(world, name, code, phone.confirm(*signed[1:]), signed)


def guesses(world: World, chance: Random) -> None:
    """Wrong codes, one after the other."""
    name = _waiting(world, chance)
    if name is None:
        return
    attempt = world.book.attempts[name]
    own = next(phone for phone in world.phones if phone.public.thumbprint == attempt.key)
    signed = (attempt.key, name, attempt.codes[-1].reference)
    token = own.confirm(*signed[1:])
    for number in range(1, chance.randint(3, 7)):
        _confirm(world, name, f"{(int(attempt.codes[-1].digits) + number) % 10**6:06d}", token, signed)


def confirm_again(world: World, chance: Random) -> None:
    """The very same confirmation, sent once more."""
    if world.confirmations:
        _confirm(world, *mostly(chance, world.confirmations[-1], world.confirmations, 0.6))


def _confirm(world: World, name: str, code: str, token: str, signed: tuple[str, str, str]) -> None:
    world.confirmations.append((name, code, token, signed))
    receipt = world.attempt(
        f"confirm {world.name(name, 't')} with {code or 'nothing'}",
        lambda: world.book.confirm(name, code, token, signed, world.clock()),
        lambda: world.registry.confirm(name, code, token),
    )
    if receipt is not None:
        before = world.receipts.setdefault(name, receipt)
        assert before == receipt, "a confirmation sent twice has two receipts"


def resend(world: World, chance: Random) -> None:
    name = mostly(chance, _waiting(world, chance) or UNKNOWN, [UNKNOWN, *world.book.attempts], 0.9)
    now = world.clock()
    said = f"another code for {world.name(name, 't')}"
    if world.attempt(said, lambda: world.book.resend(name, now), lambda: world.registry.resend_code(name)):
        world.code_came(name)


# --- locks ------------------------------------------------------------------------------------------------------------


def _number(world: World, chance: Random) -> str:
    every = [*world.book.people, NO_ONE]
    return mostly(chance, chance.choice(list(world.book.people) or every), every, 0.95)


def lock(world: World, chance: Random) -> None:
    number, ground, now = _number(world, chance), chance.choice(list(LockGround)), world.clock()
    usual = Role.HOTLINE if ground is LockGround.OWNER_REQUEST else Role.SYSTEM
    actor = mostly(chance, usual, list(Role), 0.7)
    reason = mostly(chance, chance.choice(list(LockReason)), ["", "because"], 0.9)
    world.attempt(
        f"lock {number} on {ground} by {actor}, {reason!r}",
        lambda: world.book.lock(number, ground, actor, reason, now),
        lambda: world.registry.lock(number, ground, actor, reason),
    )


def clear(world: World, chance: Random) -> None:
    locked = [person.number for person in world.book.people.values() if person.grounds]
    number = mostly(chance, chance.choice(locked), list(world.book.people)) if locked else _number(world, chance)
    person = world.book.people.get(number)
    held = sorted(person.grounds) if person else []
    ground = mostly(chance, chance.choice(held or list(LockGround)), list(LockGround), 0.9)
    actor = mostly(chance, Role.SYSTEM, list(Role), 0.6)
    world.attempt(
        f"clear {ground} of {number} by {actor}",
        lambda: world.book.clear(number, ground, actor),
        lambda: world.registry.clear_lock(number, ground, actor),
    )


def lock_expired_cards(world: World, chance: Random) -> None:
    now, expected = world.clock(), []
    done = world.attempt(
        "the expired cards are looked for",
        lambda: expected.append(world.book.lock_expired(now)),
        world.registry.lock_expired_cards,
    )
    assert [done] == expected


# --- requests ---------------------------------------------------------------------------------------------------------

_OFFICERS = ("Lan", "Minh", "Nga")


def file_request(world: World, chance: Random) -> None:
    number, now = _number(world, chance), world.clock()
    held = LockGround.AUTHORITY_REQUEST in getattr(world.book.people.get(number), "grounds", ())
    kind = mostly(chance, RequestKind.UNLOCK if held else RequestKind.LOCK, list(RequestKind), 0.8)
    ground = mostly(chance, LockGround.AUTHORITY_REQUEST, list(LockGround), 0.9)
    by, filed = mostly(chance, chance.choice(_OFFICERS), [""], 0.95), []
    done = world.attempt(
        f"{by or 'nobody'} files a request to {kind} {number} on {ground}",
        lambda: filed.append(world.requests.file(number, kind, ground, by, now)),
        lambda: world.registry.file_request(number, kind, ground, Paper("Court of Hue", "12/CV", TODAY), by=by),
    )
    if done:
        world.requests.requests[done.id] = filed[0]
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
    by, role = mostly(chance, "Quang", _OFFICERS, 0.7), mostly(chance, Role.AGENCY_HEAD, list(Role), 0.85)
    request = world.requests.requests.get(name)
    if request and request.state is RequestState.FILED and chance.random() < 0.5:
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
        lambda: world.requests.refuse(name, by, role, reason),
        lambda: world.registry.refuse_request(name, by=by, role=role, reason=reason),
    )


# --- time -------------------------------------------------------------------------------------------------------------

_SPANS = (0.001, 1, 29, 59, 60, 61, 179, 180, 299, 300, 599, 600, 901, 3600, 7 * 3600, 86400, 3 * 86400, 7 * 86400)


def time_passes(world: World, chance: Random) -> None:
    seconds = chance.choice(_SPANS[: mostly(chance, 9, [len(_SPANS)], 0.6)])
    world.clock.go(seconds=seconds)
    world.trace.append(f"{seconds:g} seconds pass")


EVENTS = {
    "enrol": Event(8, with_card(Purpose.ENROL)),
    "activate": Event(16, with_card(Purpose.ACTIVATE)),
    "confirm": Event(22, confirm),
    "confirm again": Event(4, confirm_again),
    "guesses": Event(3, guesses),
    "resend": Event(6, resend),
    "unlink": Event(4, with_card(Purpose.UNLINK)),
    "lock with card": Event(3, with_card(Purpose.LOCK)),
    "unlock with card": Event(6, with_card(Purpose.UNLOCK)),
    "begin": Event(3, begin),
    "late or elsewhere": Event(6, late_or_elsewhere),
    "replay": Event(4, replay),
    "lock": Event(4, lock),
    "clear": Event(7, clear),
    "expired cards": Event(3, lock_expired_cards),
    "file request": Event(5, file_request),
    "forward request": Event(4, forward_request),
    "decide request": Event(5, decide_request),
    "time": Event(22, time_passes),
}
