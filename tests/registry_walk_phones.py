"""Events of phones: codes and their confirmation, calls, and what ends by itself."""

from __future__ import annotations

import base64
import json
from random import Random

from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import HELD, TransactionState
from registry_model_people import Attempt
from registry_support import URL
from registry_walk import World
from registry_walk_choice import UNKNOWN, any_number, any_phone, mostly

# --- codes ------------------------------------------------------------------------------------------------------------


def _waiting(world: World, chance: Random) -> str | None:
    """A transaction that ever had a code; mostly one that waits for it."""
    had = [name for name, attempt in world.book.attempts.items() if attempt.codes]
    waits = [name for name in had if world.book.attempts[name].state is TransactionState.PENDING]
    return mostly(chance, waits[-1], had, 0.9) if waits else (chance.choice(had) if had else None)


def _own(world: World, attempt: Attempt) -> Phone:
    return next(phone for phone in world.phones if phone.public.thumbprint == attempt.key)


def confirm(world: World, chance: Random) -> None:
    name = _waiting(world, chance)
    if name is None:
        return
    attempt = world.book.attempts[name]
    right = attempt.codes[-1]
    others = [code.digits for each in world.book.attempts.values() for code in each.codes]
    wrong = f"{(int(right.digits) + 1) % 10**6:06d}"
    code = mostly(chance, right.digits, [wrong, wrong, *others, ""], 0.7)
    phone = mostly(chance, _own(world, attempt), world.phones, 0.9)
    signed = (
        phone.public.thumbprint,
        mostly(chance, name, list(world.book.attempts), 0.95),
        mostly(chance, right.reference, ["ZZ", attempt.codes[0].reference], 0.95),
    )
    _confirm(world, name, code, phone.confirm(*signed[1:]), signed)


def guesses(world: World, chance: Random) -> None:
    """Wrong codes, one after the other; the last try may be right, with a signature that is not."""
    name = _waiting(world, chance)
    if name is None:
        return
    attempt = world.book.attempts[name]
    right, own = attempt.codes[-1], _own(world, attempt)
    signed = (attempt.key, name, right.reference)
    tries = chance.randint(3, 7)
    for number in range(1, tries):
        _confirm(world, name, f"{(int(right.digits) + number) % 10**6:06d}", own.confirm(*signed[1:]), signed)
        if right.tries == 1 and chance.random() < 0.5:
            _confirm(world, name, right.digits, own.confirm(name, "ZZ"), (attempt.key, name, "ZZ"))


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


# --- calls ------------------------------------------------------------------------------------------------------------


def _caller(world: World, chance: Random) -> tuple[Phone, str, str | None]:
    """A phone, mostly one that serves an account or did, its key, and the account that it names, mostly none."""
    every = [each for person in world.book.people.values() for each in person.devices]
    known = {each.key for each in every if each.state in HELD} or {each.key for each in every}
    phones = [phone for phone in world.phones if phone.public.thumbprint in known]
    phone = mostly(chance, chance.choice(phones), world.phones) if phones else any_phone(world, chance)
    return phone, phone.public.thumbprint, mostly(chance, None, [any_number(world, chance)], 0.75)


def _prove(world: World, phone: Phone) -> str:
    return phone.prove("POST", URL, world.clock(), nonce=world.registry.proof_nonce())


def call(world: World, chance: Random) -> None:
    """A phone asks how it stands, with a fresh proof."""
    phone, _, number = _caller(world, chance)
    call_of(world, phone, number)


def call_of(world: World, phone: Phone, number: str | None) -> None:
    key = phone.public.thumbprint
    if not world.book.is_told_apart(key, number):
        return
    now, proof = world.clock(), _prove(world, phone)
    expected, standing = world.both(
        f"phone {world.phones.index(phone) + 1} calls{f' for {number}' if number else ''}",
        lambda: world.book.call(key, number, now),
        lambda: world.registry.device_call(proof, "POST", URL, number=number),
    )
    assert standing is None or standing.state is expected, f"the phone is told {standing}, the model says {expected}"


def unlink_itself(world: World, chance: Random) -> None:
    """A phone gives the account up by its own call."""
    phone, key, number = _caller(world, chance)
    if not world.book.is_told_apart(key, number):
        return
    now, proof = world.clock(), _prove(world, phone)
    device, receipt = world.both(
        f"phone {world.phones.index(phone) + 1} unlinks itself{f' from {number}' if number else ''}",
        lambda: world.book.unlink_itself(key, number, now),
        lambda: world.registry.device_calls.unlink(proof, "POST", URL, number=number),
    )
    if device is None or receipt is None:
        return
    if not device.receipt:
        world.book.unlinked(_transaction_in(receipt), key, device, now)
    world.unlinked(device, receipt)


def _transaction_in(receipt: str) -> str:
    payload = receipt.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["transaction"])


# --- what ends by itself ----------------------------------------------------------------------------------------------


def expire(world: World, chance: Random) -> None:
    now = world.clock()
    expected, found = world.both(
        "the timer ends what is over", lambda: world.book.expire(now), lambda: world.registry.expire()
    )
    assert found == expected, f"{found} activations were over, by the model {expected}"


def expire_activations(world: World, chance: Random) -> None:
    now = world.clock()
    expected, found = world.both(
        "the late accounts are looked for",
        lambda: world.book.expire_activations(now),
        world.registry.expire_activations,
    )
    assert found == expected, f"{found} accounts were late, by the model {expected}"
