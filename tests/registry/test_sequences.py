"""Thousands of random sequences of acts: after each of them database and model agree, and no rule is broken.

CCCD_SEQUENCES=10000 walks so many; `tools/sequences.py` does it with several processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cccd_nfc.registry import (
    activation,
    card_proof,
    device_expiry,
    devices,
    holds,
    limits,
    lock_effects,
    locks,
    otp,
    owner_locks,
    request_deciders,
    unlinking,
)
from cccd_nfc.registry.device_calls import DeviceCalls
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.models import OneTimePassword
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.states import DeviceState
from registry_places import Place, SqlitePlace
from registry_walk import Walker, failure, steps_of, walker
from registry_walk_events import EVENTS

COUNT = int(os.environ.get("CCCD_SEQUENCES", "100"))
MOST_NEEDED = 400
"""Sequences within which every fault of `FAULTS` must be found."""


@pytest.mark.row("S-03", "S-31", "R-001", "R-014", "R-079", "AS-06", "AS-08", "S-34")
def test_random_sequences_of_acts_leave_what_the_rules_say(place: Place) -> None:
    with walker(place) as walking:
        for seed in range(COUNT):
            assert not (why := failure(walking, seed)), why


def test_a_sequence_is_the_same_each_time_and_holds_every_event() -> None:
    assert steps_of(7) == steps_of(7) != steps_of(8)
    assert {name for seed in range(50) for name, _ in steps_of(seed)} == set(EVENTS)


# --- a walk that finds nothing proves nothing -------------------------------------------------------------------------


@pytest.fixture
def walking(tmp_path: Path) -> Iterator[Walker]:
    with walker(SqlitePlace.new(tmp_path / "desk")) as made:
        yield made


def nothing(*_: Any, **__: Any) -> None:
    return None


def unguarded(column: str, index: str) -> Callable[[pytest.MonkeyPatch, Walker], None]:
    """The constraint that would have caught it is gone, and so is the rule before it."""

    def breaks(patch: pytest.MonkeyPatch, walking: Walker) -> None:
        if column == "account_id":
            patch.setattr(activation, "replace_current", lambda *_: "")
        else:
            patch.setattr(devices, "refuse_taken", nothing)
        walking.look._connection.exec_driver_sql(f"DROP INDEX {index}")

    return breaks


def patched(module: Any, name: str, value: Any) -> Callable[[pytest.MonkeyPatch, Walker], None]:
    return lambda patch, _: patch.setattr(module, name, value)


def unwritten(patch: pytest.MonkeyPatch, _: Walker) -> None:
    """Locks leave no entry in the audit log."""
    written = Office.record

    def record(office: Office, session: Any, act: str, *rest: Any, **facts: str) -> int:
        return 1 if act == "account-locked" else written(office, session, act, *rest, **facts)

    patch.setattr(Office, "record", record)


def used_twice(session: Any, found: Any, account: Any, now: Any) -> None:
    account.failed_codes, account.hold_until = 0, 0


def oldest_open(session: Any, transaction: Any) -> OneTimePassword | None:
    mine = (OneTimePassword.transaction_id == transaction.id, OneTimePassword.consumed_at.is_(None))
    return session.scalar(select(OneTimePassword).where(*mine).order_by(OneTimePassword.created_at).limit(1))


def changed_unseen(_: Any, account: Any, __: Any) -> None:
    """The version goes on, and nobody asks what it was when the card was accepted."""
    account.version += 1


def unlimited(scope: limits.Scope) -> Callable[[pytest.MonkeyPatch, Walker], None]:
    taken = limits.take
    return patched(limits, "take", lambda *of: None if of[1] is scope else taken(*of))


def given_back_by_the_unlock(patch: pytest.MonkeyPatch, _: Walker) -> None:
    """A device is in use again with the end of the lock: its key proves nothing."""

    def resume(session: Any, account: Any, now: Any) -> lock_effects.Moved:
        moved = lock_effects.resume_device(session, account, now)
        device = devices.held(session, account)
        if device is not None:
            device.state = DeviceState.ACTIVE
        return moved

    patch.setattr(locks, "resume_device", resume)


_BY_OWNER = {**owner_locks._ENDED_BY_A_VALID_CARD, LockGround.AUTHORITY_REQUEST: Role.AGENCY_HEAD}

FAULTS: dict[str, Callable[[pytest.MonkeyPatch, Walker], None]] = {
    "the owner's card ends an authority's ground": patched(owner_locks, "_ENDED_BY_A_VALID_CARD", _BY_OWNER),
    "the old device stays active": unguarded("account_id", "one_active_device_per_account"),
    "a key is active on two accounts": unguarded("thumbprint", "one_account_per_active_key"),
    "a code is not marked as used": patched(otp, "consume", used_twice),
    "a try costs nothing": patched(otp, "_count_failure", nothing),
    "a device works on while its account is locked": patched(locks, "stop_device", lambda *_: lock_effects.Moved()),
    "an account is free though a ground is open": patched(locks, "open_locks", lambda *_: []),
    "a lock is not written down": unwritten,
    "a new code leaves the older one alive": patched(otp, "void", nothing),
    "evidence serves longer than it may": patched(card_proof, "CHALLENGE_LIFE", card_proof.TRANSACTION_LIFE),
    "a changed account is bound all the same": patched(activation, "_take_version", changed_unseen),
    "who filed a request decides it": patched(request_deciders, "_same", lambda *_: False),
    "an account gets codes without end": unlimited(limits.Scope.CODES_ACCOUNT),
    "a phone number gets codes without end": unlimited(limits.Scope.CODES_PHONE),
    "codes are sent by a clock that went back": patched(limits, "refuse_if_clock_went_back", nothing),
    "an older code lives on for a clock that stands behind": patched(otp, "newest", oldest_open),
    "an activation that is too late is not written down": patched(device_expiry, "lapse", nothing),
    "the timer leaves what is over": patched(device_expiry, "sweep", lambda *_: 0),
    "the last wrong try leaves the activation": patched(device_expiry, "NO_TRIES", ""),
    "an unlock gives the device back at once": given_back_by_the_unlock,
    "a stopped device never comes back": patched(DeviceCalls, "_resume", nothing),
    "a revoked key is bound again": patched(devices, "refuse_revoked", nothing),
    "a locked account's device is unlinked": patched(unlinking, "_refuse_locked", nothing),
    "an unlinking sent twice is refused": patched(unlinking, "_receipt_of", lambda *_: ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_walk_finds_a_registry_that_breaks_a_rule(
    fault: str, walking: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not failure(walking, 0)
    FAULTS[fault](monkeypatch, walking)
    reports = (failure(walking, seed) for seed in range(MOST_NEEDED))
    report = next((each for each in reports if each), "")
    print(report)
    assert "sequence" in report, f"{MOST_NEEDED} sequences did not find: {fault}"
    assert len(report.splitlines()) <= 45, "the report is short"


def test_a_walk_finds_a_wrong_answer_that_changes_nothing(walking: Walker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal where the rules allow: the database is right, the answer is not."""
    monkeypatch.setattr(holds, "FAILURES_BEFORE_HOLD", 1)
    assert any(failure(walking, seed) for seed in range(MOST_NEEDED))


def test_a_walk_goes_on_after_one_that_failed(walking: Walker) -> None:
    broken = replace(walking, phones=())
    with pytest.raises(IndexError):
        broken.walk(steps_of(1))
    assert not walking.walk(steps_of(1))
