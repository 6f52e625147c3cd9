"""The same request again: one act, one answer, and no key that a dead process has poisoned (S-30)."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccd_nfc.errors import ConflictError, IdempotencyKeyReusedError, RefusedError, UsageError
from cccd_nfc.registry import idempotency
from cccd_nfc.registry.idempotency import Request
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from registry_processes import dies_at_statement, open_registry, race
from registry_support import Desk

REQUEST = Request("test", "key-12345678", b"body")


def begin(registry: Registry) -> str:
    """An act that leaves a row behind: it shows how often it was done."""
    return registry.begin(Purpose.ENROL).transaction_id


def once(registry: Registry, request: Request = REQUEST) -> str:
    return registry.once(request, lambda: begin(registry))


def within(registry: Registry) -> str:
    """The same, with key, act and answer in one write transaction."""
    office = registry._office
    with office.database.write() as session:

        def act() -> str:
            office.record_alone(session, "done", office.clock())
            return "the answer"

        return idempotency.once(office, session, REQUEST, act)


def times(desk: Desk) -> int:
    return len(desk.place.ask("SELECT id FROM transaction_")) + sum(
        '"act":"done"' in content for (content,) in desk.place.ask("SELECT content FROM audit")
    )


@pytest.mark.row("S-30")
def test_s30_the_same_request_gets_the_first_answer(desk: Desk) -> None:
    first = once(desk.registry)
    assert once(desk.registry) == first
    assert desk.registry.answered(REQUEST) == first
    assert times(desk) == 1
    assert first not in str(desk.place.ask("SELECT * FROM idempotency_key")), "answers are sealed"


@pytest.mark.row("S-30", "S-37")
def test_s30_an_answer_is_given_again_after_the_keys_were_rotated(desk: Desk) -> None:
    first = once(desk.registry)
    desk.registry.rotate_key(KeyKind.OUTBOX, approved_by=("officer-1", "officer-2"))
    assert once(desk.registry) == first


@pytest.mark.row("S-30")
@pytest.mark.parametrize("act", [once, within])
def test_s30_the_same_key_with_another_body_is_refused(desk: Desk, act: object) -> None:
    assert callable(act)
    act(desk.registry)
    with pytest.raises(IdempotencyKeyReusedError):
        once(desk.registry, Request("test", REQUEST.key, b"other"))
    assert once(desk.registry, Request("another scope", REQUEST.key, b"other"))


@pytest.mark.row("S-30")
def test_s30_an_act_that_was_refused_may_be_tried_again(desk: Desk) -> None:
    def refused() -> str:
        raise RefusedError("no")

    with pytest.raises(RefusedError):
        desk.registry.once(REQUEST, refused)
    assert desk.registry.answered(REQUEST) is None
    assert once(desk.registry)


@pytest.mark.row("S-30")
def test_s30_while_it_runs_another_is_told_so(desk: Desk) -> None:
    def act() -> str:
        with pytest.raises(ConflictError, match="still running"):
            once(desk.registry)
        with pytest.raises(IdempotencyKeyReusedError):
            once(desk.registry, Request("test", REQUEST.key, b"other"))
        return "done"

    assert desk.registry.once(REQUEST, act) == "done"


@pytest.mark.row("S-30")
def test_s30_a_key_is_kept_for_24_hours_and_then_swept(desk: Desk) -> None:
    first = once(desk.registry)
    desk.clock.go(hours=23, minutes=59)
    desk.registry.expire()
    assert once(desk.registry) == first
    desk.clock.go(minutes=1)
    assert desk.registry.answered(REQUEST) is None
    assert once(desk.registry) != first
    desk.clock.go(hours=24)
    desk.registry.expire()
    assert desk.place.ask("SELECT * FROM idempotency_key") == []


@pytest.mark.row("S-30", "S-31")
@pytest.mark.parametrize("act", [once, within])
def test_s30_of_eight_processes_with_one_key_one_does_it(desk: Desk, act: object) -> None:
    assert callable(act)
    finishes = race(desk.place, desk.clock, [act] * 8)
    assert len({finish.value for finish in finishes if finish.error is None}) == 1
    assert {type(finish.error) for finish in finishes if finish.error} <= {ConflictError}
    assert times(desk) == 1
    assert act(desk.registry) == next(finish.value for finish in finishes if finish.error is None)


@pytest.mark.row("S-30")
@pytest.mark.parametrize("act", [once, within])
def test_s30_a_process_that_is_killed_leaves_no_poisoned_key(desk: Desk, tmp_path: Path, act: object) -> None:
    assert callable(act)
    desk.registry.close()
    for number in range(1, 60):
        left = desk.place.copy(tmp_path / str(number))
        if not dies_at_statement(left, desk.clock, number, act):
            break
        registry = open_registry(left, desk.clock)
        if act is once:
            desk.clock.go(seconds=30)
        assert act(registry) == act(registry)
        registry.close()
    assert number > 3


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "with space", "höchst-eigen"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(UsageError):
        Request("test", key, b"")
