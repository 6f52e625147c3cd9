"""S-34: heads of the audit log are signed when due and carried away in order; what was cut or put back is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cccd_nfc.errors import NotFoundError, RegistryError, SignatureError
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.log_heads import verify_head
from cccd_nfc.registry.published_heads import FolderKeeper, HeadSchedule, Standing
from cccd_nfc.registry.service import Registry
from registry_places import Place
from registry_processes import race
from registry_support import Desk, card, trust

pytestmark = pytest.mark.row("S-34")


class Away:
    """A keeper that remembers, and fails when it is told to."""

    def __init__(self) -> None:
        self.kept: list[int] = []
        self.broken = False

    def keep(self, size: int, head: str) -> None:
        if self.broken:
            raise RegistryError("the other machine is away")
        self.kept.append(size)


def opened(desk: Desk, keeper: Away | FolderKeeper, place: Place | None = None) -> Registry:
    at = place or desk.place
    return Registry.open(at.url, at.folder, trust(), clock=desk.clock, keeper=keeper)


def published(desk: Desk) -> list[int]:
    key = desk.registry.head_key()
    return [verify_head(token, key).size for token in desk.registry.heads.published()]


def act(desk: Desk, times: int = 1) -> None:
    """As many entries in the log."""
    for _ in range(times):
        desk.registry.lock(card().secrets.number, LockGround.TERMS_VIOLATION, Role.SYSTEM)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """One entry, and its head."""
    desk.enrol()
    return desk


def test_s34_the_first_act_is_published_and_the_next_ones_after_a_minute(filled: Desk) -> None:
    assert published(filled) == [1]
    filled.clock.go(seconds=59)
    act(filled)
    assert published(filled) == [1]
    filled.clock.go(seconds=1)
    act(filled)
    assert published(filled) == [1, 3]


def test_s34_the_head_that_so_many_entries_make_due(filled: Desk) -> None:
    assert HeadSchedule() == HeadSchedule(256, timedelta(seconds=60))
    act(filled, 255)
    assert published(filled) == [1]
    act(filled)
    assert published(filled) == [1, 257]


def test_s34_a_timer_publishes_what_no_act_has_made_due_once(filled: Desk) -> None:
    act(filled, 2)
    token = filled.registry.publish_head()
    assert filled.registry.publish_head() == token
    assert published(filled) == [1, 3]


def test_s34_a_log_without_entries_has_no_head(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.registry.publish_head()
    desk.registry.check()


def test_s34_heads_are_carried_in_order_and_wait_for_a_keeper_that_is_away(filled: Desk) -> None:
    away = Away()
    registry = opened(filled, away)
    away.broken = True
    for _ in range(3):
        filled.clock.go(minutes=2)
        act(filled)
        registry.deliver()
    with pytest.raises(RegistryError, match="away"):
        registry.publish_head()
    assert away.kept == []
    assert filled.place.ask("SELECT count(*) FROM message WHERE sent_at IS NULL") == [(0,)], "messages go"
    away.broken = False
    registry.deliver()
    assert away.kept == [1, 2, 3, 4]
    registry.deliver()
    assert away.kept == [1, 2, 3, 4], "each once"
    registry.close()


def test_s34_a_head_and_its_act_are_kept_together_or_not_at_all(filled: Desk) -> None:
    filled.clock.go(minutes=2)
    with pytest.raises(NotFoundError):
        filled.registry.lock("000000000000", LockGround.TERMS_VIOLATION, Role.SYSTEM)
    with pytest.raises(RuntimeError), filled.registry._office.database.write() as session:
        filled.registry._office.record_alone(session, "something", filled.clock())
        raise RuntimeError("the act fails after its entry")
    assert published(filled) == [1]


def test_s34_a_tail_that_was_cut_with_its_heads_is_found_against_the_folder(filled: Desk, tmp_path: Path) -> None:
    keeper = FolderKeeper(tmp_path / "elsewhere")
    registry = opened(filled, keeper)
    filled.clock.go(minutes=2)
    act(filled, 2)
    registry.publish_head()
    registry.close()
    filled.registry.heads.check(keeper.kept())
    filled.place.change(
        "DELETE FROM audit WHERE seq > 2",
        "DELETE FROM audit_node WHERE level > 1 OR position > 0",
        "DELETE FROM published_head WHERE size > 2",
    )
    filled.registry.check()
    with pytest.raises(RegistryError, match="cut or changed"):
        filled.registry.heads.check(keeper.kept())


def test_s34_an_old_copy_of_the_database_is_found_and_cannot_publish(
    place: Place, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    desk = Desk(place)
    desk.enrol()
    desk.registry.close()
    old = place.copy(tmp_path / "old")
    keeper = FolderKeeper(tmp_path / "elsewhere")
    desk = Desk(place, desk.clock)
    desk.clock.go(minutes=2)
    act(desk, 3)
    registry = opened(desk, keeper)
    registry.publish_head()
    registry.close()
    desk.registry.close()
    back = Desk(old, desk.clock)
    back.registry.check()
    with pytest.raises(RegistryError, match="cut or changed"):
        back.registry.heads.check(keeper.kept())
    back.clock.go(seconds=1)
    act(back)
    registry = opened(back, keeper)
    with pytest.raises(RegistryError, match="is kept already"):
        registry.publish_head()
    registry.close()
    back.registry.close()


def test_s34_a_published_head_that_was_changed_or_forged_is_found(filled: Desk) -> None:
    filled.place.change("UPDATE published_head SET root = 'ff'")
    with pytest.raises(RegistryError, match="was changed"):
        filled.registry.check()
    filled.place.change("UPDATE published_head SET token = token || 'A'")
    with pytest.raises(SignatureError):
        filled.registry.check()


def test_s34_two_desks_with_two_histories_find_each_other(
    place: Place, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    desk = Desk(place)
    desk.enrol()
    begun = desk.registry.log_head()
    desk.registry.close()
    other = Desk(place.copy(tmp_path / "other"), desk.clock)
    desk = Desk(place, desk.clock)
    act(desk)
    act(other)
    other.clock.go(seconds=1)
    other.enrol(card(2))
    theirs = other.registry.log_head()
    (held, longer) = desk.registry.heads.compare([begun, theirs])
    assert (held.standing, longer.standing) == (Standing.HELD, Standing.LONGER)
    act(desk, 2)
    (different,) = desk.registry.heads.compare([theirs])
    assert (different.size, different.standing) == (3, Standing.OTHER)
    with pytest.raises(RegistryError, match="cut or changed"):
        desk.registry.heads.check([theirs])
    desk.registry.close()
    other.registry.close()


def test_s34_two_longer_heads_that_contradict_are_two_histories(
    place: Place, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    desk = Desk(place)
    desk.enrol()
    desk.registry.close()
    desks = [Desk(place.copy(tmp_path / name), desk.clock) for name in ("one", "two", "short")]
    for seconds, each in enumerate(desks[:2]):
        desk.clock.go(seconds=seconds)
        act(each)
    found = desks[2].registry.heads.compare([each.registry.log_head() for each in desks[:2]])
    assert [each.standing for each in found] == [Standing.OTHER] * 2
    for each in desks:
        each.registry.close()


def test_s34_a_head_of_another_registry_is_not_compared(
    filled: Desk, new_place: Callable[[Path], Place], tmp_path: Path
) -> None:
    stranger = Desk(new_place(tmp_path / "stranger"))
    stranger.enrol()
    with pytest.raises(SignatureError):
        filled.registry.heads.compare([stranger.registry.log_head()])
    stranger.registry.close()


def test_s34_eight_desks_at_once_publish_each_head_once(filled: Desk, tmp_path: Path) -> None:
    keeper = FolderKeeper(tmp_path / "elsewhere")
    number = card().secrets.number

    def act_and_carry(registry: Registry) -> int:
        registry.lock(number, LockGround.TERMS_VIOLATION, Role.SYSTEM)
        return registry.deliver()

    finishes = race(filled.place, filled.clock, [act_and_carry] * 8)
    assert [finish.error for finish in finishes] == [None] * 8
    registry = opened(filled, keeper)
    registry.publish_head()
    registry.heads.check(keeper.kept())
    assert published(filled) == [1, 9]
    registry.close()


def test_a_folder_keeps_one_head_of_each_size_and_never_goes_back(tmp_path: Path) -> None:
    keeper = FolderKeeper(tmp_path / "a" / "b")
    keeper.keep(2, "two")
    keeper.keep(10, "ten")
    keeper.keep(2, "two")
    assert keeper.kept() == ("two", "ten")
    with pytest.raises(RegistryError, match="another head of 10"):
        keeper.keep(10, "TEN")
    with pytest.raises(RegistryError, match="10 entries is kept already, and this log has 9"):
        keeper.keep(9, "nine")
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(RegistryError, match="cannot be carried"):
        FolderKeeper(tmp_path / "file").keep(1, "one")
