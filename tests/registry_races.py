"""Races, round after round on one registry: what is prepared, what races, and how it must end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cccd_nfc.errors import CccdError, ConflictError, NotFoundError, RefusedError
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState, Purpose
from registry_places import Place
from registry_processes import Finish, race
from registry_support import Desk, card, evidence_for

Act = Callable[[Registry], Any]
_DEVICES = "SELECT thumbprint FROM device WHERE state = 'ACTIVE'"


@dataclass(frozen=True)
class Round:
    """acts: one for each process.  ends: raises AssertionError when it did not end as it must; the number of winners.

    losers: the errors that the others may meet; every other one is a fault.
    """

    acts: Sequence[Act]
    ends: Callable[[list[Finish]], int]
    losers: tuple[type[CccdError], ...]


def confirming(arguments: tuple[str, str, str]) -> Act:
    return lambda registry: registry.confirm(*arguments)


def won(finishes: list[Finish]) -> list[Any]:
    return [finish.value for finish in finishes if finish.error is None]


# --- the races --------------------------------------------------------------------------------------------------------


def binding(desk: Desk, processes: int) -> Round:
    """Every process has another phone, whose card was accepted and whose code is right: one phone is bound.

    A new activation voids the one before, so rows are set back by hand: only the last layer is left to decide.
    """
    phones = [Phone.new() for _ in range(processes)]
    pending = []
    for phone in phones:
        pending.append(desk.pending(phone))
        desk.clock.go(hours=3)
    names = ", ".join(f"'{arguments[0]}'" for arguments in pending)
    keys = ", ".join(f"'{phone.public.thumbprint}'" for phone in phones)
    desk.place.change(
        f"UPDATE transaction_ SET state = 'PENDING', expires_at = 9e18 WHERE id IN ({names})",
        f"UPDATE device SET state = 'PENDING' WHERE thumbprint IN ({keys})",
        f"UPDATE one_time_password SET expires_at = 9e18 WHERE transaction_id IN ({names})",
    )

    def ends(finishes: list[Finish]) -> int:
        (active,) = desk.place.ask(_DEVICES)
        winners = [number for number, finish in enumerate(finishes) if finish.error is None]
        assert len(winners) == 1, f"{len(winners)} phones were bound"
        assert active == (phones[winners[0]].public.thumbprint,), "the winner's phone is not the active one"
        return 1

    return Round([confirming(each) for each in pending], ends, (ConflictError,))


def one_code(desk: Desk, processes: int) -> Round:
    """Every process sends the same right confirmation: it binds once, and whoever is told so holds the one receipt."""
    arguments = desk.pending(phone := Phone.new())
    bound = _acts(desk, "device-bound")

    def ends(finishes: list[Finish]) -> int:
        assert len(set(won(finishes))) == 1, "receipts differ, or nobody has one"
        assert _acts(desk, "device-bound") == bound + 1, "the code was accepted twice"
        assert desk.place.ask(_DEVICES) == [(phone.public.thumbprint,)]
        used = f"SELECT COUNT(consumed_at) FROM one_time_password WHERE transaction_id = '{arguments[0]}'"
        assert desk.place.ask(used) == [(1,)]
        return 1

    return Round([confirming(arguments)] * processes, ends, (RefusedError,))


def locking_while_binding(desk: Desk, processes: int) -> Round:
    """One process binds, the others lock: the account is locked on one ground, and no device is active."""
    number = _number()
    if desk.registry.account(number).state is AccountState.LOCKED:
        _unlock(desk)
    arguments = desk.pending(phone := Phone.new())
    locked = _acts(desk, "account-locked")

    def lock(registry: Registry) -> Any:
        return registry.lock(number, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.OTHER)

    def ends(finishes: list[Finish]) -> int:
        assert all(finish.error is None for finish in finishes[1:]), "a lock failed"
        assert desk.registry.account(number).state is AccountState.LOCKED
        assert desk.place.ask(_DEVICES) == [], "a device is active while its account is locked"
        assert _acts(desk, "account-locked") == locked + 1, "locked more than once"
        state = next(each.state for each in desk.registry.devices(number) if each.thumbprint == phone.public.thumbprint)
        assert state is (DeviceState.EXPIRED if finishes[0].error else DeviceState.SUSPENDED)
        return 1

    return Round([confirming(arguments), *[lock] * (processes - 1)], ends, (ConflictError, RefusedError))


def _number() -> str:
    return card().secrets.number


def _unlock(desk: Desk) -> None:
    ticket = desk.registry.begin(Purpose.UNLOCK)
    desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))


def unlinking(desk: Desk, processes: int) -> Round:
    """Every process has its own transaction and reading of the card, for the one active device: it ends once."""
    desk.bind(Phone.new())
    proofs = []
    for _ in range(processes):
        ticket = desk.registry.begin(Purpose.UNLINK)
        proofs.append((ticket.transaction_id, evidence_for(ticket)))
    ended = _acts(desk, "device-unlinked")

    def ends(finishes: list[Finish]) -> int:
        assert len(won(finishes)) == 1, "the device was unlinked more than once, or never"
        assert _acts(desk, "device-unlinked") == ended + 1
        assert desk.place.ask(_DEVICES) == []
        return 1

    acts = [lambda registry, proof=proof: registry.unlink(*proof) for proof in proofs]
    return Round(acts, ends, (NotFoundError,))


def _acts(desk: Desk, act: str) -> int:
    return sum(f'"act":"{act}"' in content for (content,) in desk.place.ask("SELECT content FROM audit"))


RACES: dict[str, Callable[[Desk, int], Round]] = {
    "bind": binding,
    "one code": one_code,
    "lock while binding": locking_while_binding,
    "unlink": unlinking,
}


def run(place: Place, name: str, *, rounds: int, processes: int) -> dict[str, Any]:
    """How so many rounds of a race ended: winners, what the losers met, and every fault in words."""
    desk, winners, losers, faults = Desk(place), 0, Counter[str](), list[str]()
    desk.enrol()
    desk.bind(Phone.new())  # the rounds go on for longer than an account may wait for its activation
    for number in range(1, rounds + 1):
        try:
            made = RACES[name](desk, processes)
            finishes = race(place, desk.clock, made.acts)
            met = [finish.error for finish in finishes if finish.error is not None]
            losers.update(type(error).__name__ for error in met)
            strange = [repr(error) for error in met if not isinstance(error, made.losers)]
            assert not strange, f"errors that no loser may meet: {strange}"
            winners += made.ends(finishes)
            desk.registry.check()
        except (AssertionError, CccdError) as error:
            faults.append(f"round {number}: {error}")
        desk.clock.go(days=1)
    desk.registry.close()
    return {
        "race": name,
        "rounds": rounds,
        "processes": processes,
        "winners": winners,
        "losers": dict(losers),
        "faults": faults,
    }
