"""The table of events of a walk, and those of cards and of time. A new act of the registry joins with a function here
or in a file beside (registry_walk_phones.py, registry_walk_locks.py) and a line in EVENTS.

An event chooses by its own random numbers among what there is in its world, does the act there, and says by
`world.attempt` what the model does.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import registry_walk_locks as locks
import registry_walk_phones as phones
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import Purpose
from registry_support import CONSENT, PHONE_NUMBER
from registry_walk import World
from registry_walk_cards import WalkCard
from registry_walk_choice import NO_ONE, UNKNOWN, Event, any_phone, mostly

ANOTHER_NUMBER, NO_MOBILE = "0987654321", "02438262626"


def _begin(world: World, chance: Random, purpose: Purpose, with_phone: Phone | None = None) -> str | None:
    """The new transaction; None for a phone that is refused at once."""
    bound = purpose is Purpose.ACTIVATE or (purpose is Purpose.UNLINK and chance.random() < 0.3)
    phone = (with_phone or any_phone(world, chance)) if bound else None
    key = phone.public if phone else None
    thumbprint = key.thumbprint if key else ""
    ticket = world.attempt(
        f"begin to {purpose}{f' for phone {world.phones.index(phone) + 1}' if phone else ''}",
        lambda: world.book.may_begin(thumbprint),
        lambda: world.registry.begin(purpose, key),
    )
    if ticket is None:
        return None
    world.book.begin(ticket.transaction_id, purpose, thumbprint, world.clock())
    world.challenges[ticket.transaction_id] = ticket.challenge
    world.trace[-1] += f", that is {world.name(ticket.transaction_id, 't')}"
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
        phone = mostly(chance, PHONE_NUMBER, [ANOTHER_NUMBER, NO_MOBILE], 0.8)
        world.attempt(
            said,
            lambda: book.create(name, shown, phone.removeprefix(NO_MOBILE), now),
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
        device, receipt = world.both(
            said, lambda: book.unlink(name, shown, now), lambda: registry.unlink(name, evidence)
        )
        if device and receipt:
            world.unlinked(device, receipt)
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
        if name is None:
            return
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


def insists(world: World, chance: Random) -> None:
    """Activations, one after the other, each as soon as a code may be sent for it: what a day's limits are for."""
    with_card(Purpose.ENROL)(world, chance)
    cards, several = _sensible(world, Purpose.ACTIVATE), chance.random() < 0.7
    card = chance.choice(cards)
    for _ in range(chance.choice((3, 3, 12))):
        world.go(chance.choice((60, 300, 300, 301)))
        name, shown = _begin(world, chance, Purpose.ACTIVATE), chance.choice(cards) if several else card
        if name is not None:
            _hand_in(world, chance, Purpose.ACTIVATE, name, shown, name)


def slow(world: World, chance: Random) -> None:
    """A code does not come and another is sent; it may be confirmed where the clock stands a little behind."""
    with_card(Purpose.ACTIVATE)(world, chance)
    world.go(chance.choice((60, 60, 179)))
    phones.resend(world, chance)
    if chance.random() < 0.4:
        world.go(-chance.choice((1, 5)))
    phones.confirm(world, chance)


def mistake(world: World, chance: Random) -> None:
    """An account is locked by its owner's word and unlocked by the card; then its phone calls, which it mostly may."""
    held = [each for each in world.book.people.values() if each.held and not each.grounds]
    if not held:
        return
    person = chance.choice(held)
    phone = next(each for each in world.phones if person.held and each.public.thumbprint == person.held.key)
    reason = mostly(chance, LockReason.LOST_CARD, list(LockReason), 0.6)
    locks.lock_on(world, person.number, LockGround.OWNER_REQUEST, Role.HOTLINE, reason)
    if chance.random() < 0.9:
        cards = [each for each in _sensible(world, Purpose.UNLOCK) if each.data.secrets.number == person.number]
        name = _begin(world, chance, Purpose.UNLOCK)
        assert name is not None
        _hand_in(world, chance, Purpose.UNLOCK, name, chance.choice(cards), name)
    if world.book.is_revoked(phone.public.thumbprint):
        _begin(world, chance, Purpose.ACTIVATE, phone)
    elif chance.random() < 0.6:
        phones.call_of(world, phone, mostly(chance, None, [person.number]))


# --- time -------------------------------------------------------------------------------------------------------------

_SPANS = (0.001, 1, 29, 59, 60, 61, 179, 180, 299, 300, 599, 600, 901, 3600, 7 * 3600, 86400, 3 * 86400, 7 * 86400)


def time_passes(world: World, chance: Random) -> None:
    world.go(chance.choice(_SPANS[: mostly(chance, 9, [len(_SPANS)], 0.6)]))


def clock_goes_back(world: World, chance: Random) -> None:
    world.go(-chance.choice((1, 5, 6, 60, 240, 3600)))


EVENTS = {
    "enrol": Event(8, with_card(Purpose.ENROL)),
    "activate": Event(16, with_card(Purpose.ACTIVATE)),
    "confirm": Event(22, phones.confirm),
    "confirm again": Event(4, phones.confirm_again),
    "guesses": Event(3, phones.guesses),
    "resend": Event(6, phones.resend),
    "slow": Event(3, slow),
    "insists": Event(1, insists),
    "call": Event(8, phones.call),
    "unlink itself": Event(3, phones.unlink_itself),
    "unlink": Event(4, with_card(Purpose.UNLINK)),
    "lock with card": Event(3, with_card(Purpose.LOCK)),
    "mistake": Event(4, mistake),
    "unlock with card": Event(6, with_card(Purpose.UNLOCK)),
    "begin": Event(3, begin),
    "late or elsewhere": Event(6, late_or_elsewhere),
    "replay": Event(4, replay),
    "lock": Event(4, locks.lock),
    "clear": Event(7, locks.clear),
    "expired cards": Event(3, locks.lock_expired_cards),
    "file request": Event(5, locks.file_request),
    "forward request": Event(4, locks.forward_request),
    "decide request": Event(5, locks.decide_request),
    "expire": Event(4, phones.expire),
    "late accounts": Event(2, phones.expire_activations),
    "time": Event(22, time_passes),
    "clock back": Event(1, clock_goes_back),
}
