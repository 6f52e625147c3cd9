"""The offline desk: its journal, and what the registry makes of it (S-40, DS-11, DS-12, S-27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import NotVerifiedError, RefusedError, SignatureError
from cccd_nfc.registry.card_proof import Ticket
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.offline import OfflineBinding, OfflineDesk, offline_challenge
from cccd_nfc.registry.offline_journal import Journal, Record, Station, parse
from cccd_nfc.registry.offline_sync import OfflineSync, Settled
from cccd_nfc.registry.origin import DESK
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import AccountState, DeviceState
from cccd_nfc.simulator.card import CardData
from officer_support import Staff
from registry_processes import FORK, dies_at_statement, open_registry, race
from registry_support import Desk, HandClock, card, evidence_for, trust

KEYS = Phone.new()


@dataclass
class Away:
    """An offline desk whose clock is a week slow, and the registry that it comes back to."""

    desk: Desk
    folder: Path
    name: str = "station-7"
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.clock.go(days=-7)
        self.journal = Journal(self.folder / f"{self.name}.journal")
        self.offline = OfflineDesk(Station(self.name, KEYS), self.journal, trust(), self.clock)

    def at(self, registry: Registry) -> OfflineSync:
        return registry.offline({"station-7": KEYS.public, "station-8": KEYS.public}.get)

    def leave(self) -> None:
        self.offline.take_pass(self.at(self.desk.registry).issue_pass(self.name))

    def accepted(self, phone: Phone, chosen: CardData | None = None) -> OfflineBinding:
        binding = self.offline.begin(phone.public, label="offline phone")
        ticket = Ticket("", binding.challenge, self.clock.now)
        self.offline.accept(binding, evidence_for(ticket, chosen))
        return binding

    def bind(self, phone: Phone, chosen: CardData | None = None, officer: str = "officer-1") -> Record:
        binding = self.accepted(phone, chosen)
        statement = phone.state("offline-bind", **binding.statement_facts(self.name))
        return self.offline.bind(binding, binding.code, statement, officer=officer, face_checked=True)

    def sync(self) -> list[tuple[str, str]]:
        return [(each.kind, each.outcome) for each in self.settled()]

    def settled(self) -> tuple[Settled, ...]:
        return self.at(self.desk.registry).sync(self.journal.read())

    def states(self, number: str) -> dict[str, DeviceState]:
        return {view.thumbprint: view.state for view in self.desk.registry.devices(number)}


@pytest.fixture
def away(desk: Desk, tmp_path: Path) -> Away:
    return Away(desk, tmp_path)


@pytest.mark.row("S-40", "DS-12")
def test_s40_an_offline_binding_wins_when_nothing_has_changed_and_the_owner_is_told(away: Away) -> None:
    number = away.desk.enrol()
    away.desk.bind(old := Phone.new())
    away.leave()
    away.bind(new := Phone.new())
    told = len(away.desk.texts())
    assert away.sync() == [("pass", "noted"), ("bind", "bound")]
    assert away.states(number) == {
        new.public.thumbprint: DeviceState.ACTIVE,
        old.public.thumbprint: DeviceState.REPLACED,
    }
    (view, _) = away.desk.registry.devices(number)
    assert (view.station, view.officer, view.channel) == ("station-7", "officer-1", "desk")
    assert view.bound_at == away.desk.clock.now, "the registry's time, not the desk's"
    assert [text["channel"] for text in away.desk.texts()[told:]].count("sim") == 1
    away.desk.call(new).require_active()
    away.desk.registry.check()


@pytest.mark.row("AS-03", "R-002", "DS-12")
def test_as03_where_a_first_activation_sets_secrets_no_offline_desk_does_it(away: Away) -> None:
    office = away.desk.registry._office
    away.desk.registry = Registry(replace(office, secrets=replace(office.secrets, at_first_activation=True)))
    number = away.desk.enrol()
    away.leave()
    away.bind(phone := Phone.new())
    assert away.sync()[-1] == ("bind", "lost")
    assert away.states(number) == {phone.public.thumbprint: DeviceState.EXPIRED}
    assert away.desk.registry.account(number).state is AccountState.ISSUED


@pytest.mark.row("DS-11")
def test_ds11_a_provisional_device_is_not_active_and_replaces_nothing(away: Away) -> None:
    number = away.desk.enrol()
    away.desk.bind(old := Phone.new())
    away.leave()
    away.bind(new := Phone.new())
    away.at(away.desk.registry).receive(away.journal.read())
    assert away.states(number) == {
        new.public.thumbprint: DeviceState.PROVISIONAL,
        old.public.thumbprint: DeviceState.ACTIVE,
    }
    assert away.desk.call(new).state is DeviceState.PROVISIONAL
    with pytest.raises(RefusedError, match="not active"):
        away.desk.call(new).require_active()
    with pytest.raises(RefusedError):
        away.desk.registry.device_calls.unlink(away.desk.proof(new), "POST", "https://registry.example/device")
    away.desk.call(old).require_active()


@pytest.mark.row("S-40", "DS-12", "S-31")
def test_s40_what_changed_meanwhile_wins_and_the_owner_is_told(away: Away) -> None:
    number = away.desk.enrol()
    away.leave()
    away.bind(loser := Phone.new())
    away.desk.bind(winner := Phone.new())
    told = len(away.desk.texts())
    assert away.sync() == [("pass", "noted"), ("bind", "lost")]
    assert away.states(number) == {
        winner.public.thumbprint: DeviceState.ACTIVE,
        loser.public.thumbprint: DeviceState.EXPIRED,
    }
    view = next(v for v in away.desk.registry.devices(number) if v.thumbprint == loser.public.thumbprint)
    assert view.end_reason.startswith("conflict: ")
    texts = away.desk.texts()[told:]
    assert [text["channel"] for text in texts] == ["sim", "device"]
    assert all("KHONG" in text["text"] and len(text["text"]) <= 160 for text in texts)
    assert away.desk.call(loser).wipe


@pytest.mark.row("S-40")
def test_s40_a_later_lock_wins_over_an_earlier_offline_binding(away: Away) -> None:
    number = away.desk.enrol()
    away.leave()
    away.bind(phone := Phone.new())
    away.offline.lock(number, LockReason.OTHER, officer="officer-1")
    assert away.sync() == [("pass", "noted"), ("bind", "lost"), ("lock", "locked")]
    assert away.desk.registry.account(number).state is AccountState.LOCKED
    assert away.states(number) == {phone.public.thumbprint: DeviceState.EXPIRED}


@pytest.mark.row("S-40", "DS-12")
def test_s40_of_two_offline_bindings_one_wins_by_the_registrys_order(away: Away, tmp_path: Path) -> None:
    """The other desk's clock says that it was first; nobody asks it."""
    number = away.desk.enrol()
    other = Away(away.desk, tmp_path, "station-8")
    other.clock.go(days=-30)
    for each in (away, other):
        each.leave()
    other.bind(second := Phone.new())
    away.bind(first := Phone.new())
    assert away.sync()[-1] == ("bind", "bound")
    assert other.sync()[-1] == ("bind", "lost")
    assert away.states(number) == {
        first.public.thumbprint: DeviceState.ACTIVE,
        second.public.thumbprint: DeviceState.EXPIRED,
    }


@pytest.mark.row("S-40")
def test_s40_a_desk_that_never_had_a_pass_binds_nothing(away: Away) -> None:
    number = away.desk.enrol()
    away.bind(phone := Phone.new())
    assert away.sync() == [("bind", "lost")]
    assert away.states(number) == {phone.public.thumbprint: DeviceState.EXPIRED}


@pytest.mark.row("S-40")
def test_s40_handing_in_twice_changes_nothing_and_the_journal_may_go_on(away: Away) -> None:
    number = away.desk.enrol()
    away.leave()
    away.bind(Phone.new())
    first = away.sync()
    before = away.desk.place.rows()
    assert away.sync() == first
    assert away.desk.place.rows() == before
    away.offline.lock(number, LockReason.OTHER, officer="officer-1")
    assert away.sync() == [*first, ("lock", "locked")]


@pytest.mark.row("S-40", "S-31")
def test_s40_a_journal_that_is_handed_in_at_once_by_four_is_taken_once(away: Away) -> None:
    number = away.desk.enrol()
    away.leave()
    away.bind(phone := Phone.new())
    content = away.journal.read()
    finishes = race(away.desk.place, away.desk.clock, [lambda r: away.at(r).sync(content)[-1].outcome] * 4)
    assert [finish.error for finish in finishes] == [None] * 4
    assert away.states(number) == {phone.public.thumbprint: DeviceState.ACTIVE}
    assert str(away.desk.place.ask("SELECT content FROM audit")).count('"act":"device-bound"') == 1


@pytest.mark.row("S-40")
def test_s40_a_sync_that_is_killed_anywhere_can_be_done_again(away: Away, tmp_path: Path) -> None:
    number = away.desk.enrol()
    away.leave()
    away.bind(phone := Phone.new())
    content = away.journal.read()
    away.desk.registry.close()
    for statement in range(1, 200, 4):
        left = away.desk.place.copy(tmp_path / "killed" / str(statement))
        if not dies_at_statement(left, away.desk.clock, statement, lambda r: away.at(r).sync(content)):
            break
        registry = open_registry(left, away.desk.clock)
        assert away.at(registry).sync(content)[-1].outcome == "bound"
        assert [view.state for view in registry.devices(number)] == [DeviceState.ACTIVE]
        registry.check()
        registry.close()
    assert phone
    assert statement > 20


# --- what the desk refuses --------------------------------------------------------------------------------------------


@pytest.mark.row("S-40", "DS-11")
def test_s40_nothing_is_bound_offline_without_card_code_phone_and_face(away: Away) -> None:
    phone, other = Phone.new(), Phone.new()
    binding = away.offline.begin(phone.public)
    facts = binding.statement_facts("station-7")
    right = phone.state("offline-bind", **facts)

    def bind(code: str = binding.code, statement: str = right, officer: str = "o", face: bool = True) -> Record:
        return away.offline.bind(binding, code, statement, officer=officer, face_checked=face)

    with pytest.raises(RefusedError, match="not read"):
        bind()
    elsewhere = away.offline.begin(other.public)
    with pytest.raises(NotVerifiedError, match="this device"):
        away.offline.accept(binding, evidence_for(Ticket("", elsewhere.challenge, away.clock.now)))
    away.offline.accept(binding, evidence_for(Ticket("", binding.challenge, away.clock.now)))
    with pytest.raises(RefusedError, match="face"):
        bind(face=False)
    with pytest.raises(RefusedError, match="face"):
        bind(officer="")
    with pytest.raises(RefusedError):
        bind(statement=other.state("offline-bind", **facts))
    with pytest.raises(RefusedError):
        bind(statement=phone.state("offline-bind", **{**facts, "station": "station-8"}))
    wrong = f"{(int(binding.code) + 1) % 10**6:06d}"
    for left in (2, 1, 0):
        with pytest.raises(RefusedError, match=f"{left} tries left"):
            bind(wrong)
    with pytest.raises(RefusedError, match="no tries left"):
        bind()
    assert away.journal.read() == b""


@pytest.mark.row("S-27")
def test_s27_a_binding_begun_five_minutes_ago_takes_no_card(away: Away) -> None:
    binding = away.offline.begin(Phone.new().public)
    away.clock.go(minutes=5)
    with pytest.raises(RefusedError, match="expired"):
        away.offline.accept(binding, evidence_for(Ticket("", binding.challenge, away.clock.now)))


@pytest.mark.row("S-27")
def test_s27_the_offline_challenge_names_station_device_and_nonce() -> None:
    keys = [Phone.new().public for _ in range(3)]
    whole = offline_challenge(keys[0], keys[1], b"n" * 16)
    others = {
        offline_challenge(keys[2], keys[1], b"n" * 16),
        offline_challenge(keys[0], keys[2], b"n" * 16),
        offline_challenge(keys[0], keys[1], b"m" * 16),
    }
    assert len(whole) == 8
    assert len(others | {whole}) == 4


# --- a registry with officers -----------------------------------------------------------------------------------------


@pytest.mark.row("S-40", "R-058", "S-33")
def test_s40_where_there_are_officers_a_station_is_registered_and_the_face_is_seen_by_one_who_binds(
    desk: Desk, tmp_path: Path
) -> None:
    number = desk.enrol()
    staff = Staff(desk)
    staff.hire("binh", OfficerRole.RECEIVING)
    staff.hire("hoa", OfficerRole.HOTLINE)
    mine = staff.logged_in("binh").offline()
    away = Away(desk, tmp_path, staff.station_id)
    away.offline = OfflineDesk(Station(staff.station_id, staff.station_key), away.journal, trust(), away.clock)
    away.offline.take_pass(mine.issue_pass(staff.station_id))
    for officer in ("hoa", "nobody", "binh"):
        away.bind(Phone.new(), officer=officer)
    kept = away.journal.read()
    assert [each.outcome for each in mine.sync(kept)] == ["noted", "refused", "refused", "bound"]
    assert desk.registry.account(number).state is AccountState.ACTIVE
    with pytest.raises(RefusedError, match="log in first"):
        desk.registry.acting(DESK).offline().sync(kept)
    staff.logged_in("admin").stations.disable(staff.station_id)
    with pytest.raises(RefusedError, match="not enabled"):
        staff.logged_in("binh").offline({staff.station_id: staff.station_key.public}.get).sync(kept)


# --- what the registry refuses ----------------------------------------------------------------------------------------


@pytest.mark.row("S-40")
def test_s40_a_station_that_is_not_enabled_or_another_hands_in_nothing(away: Away) -> None:
    number = away.desk.enrol()
    away.offline.lock(number, LockReason.OTHER, officer="o")
    content = away.journal.read()
    with pytest.raises(RefusedError, match="not enabled"):
        away.desk.registry.offline({}.get).sync(content)
    with pytest.raises(RefusedError, match="not enabled"):
        away.desk.registry.offline({}.get).issue_pass("station-7")
    with pytest.raises(RefusedError, match="not signed by this station"):
        away.desk.registry.offline({"station-7": Phone.new().public}.get).sync(content)
    for nothing in (b"", b"\n", b"x\n", content[:-1]):
        with pytest.raises(RefusedError):
            away.at(away.desk.registry).sync(nothing)
    assert away.desk.registry.account(number).state is AccountState.ISSUED


def _swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1]]


def _without_one(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2]]


def _changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1][:-9] + b"A" + lines[1][-8:], lines[2]]


def _twice(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1], lines[1], lines[2]]


@pytest.mark.row("S-40")
@pytest.mark.parametrize("spoil", [_swapped, _without_one, _changed, _twice])
def test_s40_a_journal_that_was_changed_is_refused_whole(
    away: Away, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    number = away.desk.enrol()
    for _ in range(3):
        away.offline.lock(number, LockReason.OTHER, officer="o")
    lines = away.journal.read().split(b"\n")[:-1]
    with pytest.raises(RefusedError):
        away.at(away.desk.registry).sync(b"\n".join([*spoil(lines), b""]))
    assert away.desk.registry.account(number).state is AccountState.ISSUED


@pytest.mark.row("S-40")
def test_s40_a_journal_that_was_wound_back_is_refused(away: Away) -> None:
    number = away.desk.enrol()
    away.leave()
    start = away.journal.read()
    away.offline.lock(number, LockReason.OTHER, officer="o")
    away.sync()
    away.journal.path.write_bytes(start)
    away.bind(Phone.new())
    with pytest.raises(RefusedError, match="handed in before"):
        away.sync()


@pytest.mark.row("S-40")
def test_s40_another_stations_pass_and_a_pass_of_another_registry_are_refused(away: Away) -> None:
    away.offline.take_pass(away.at(away.desk.registry).issue_pass("station-8"))
    with pytest.raises(RefusedError, match="another station"):
        away.sync()
    forged = Away(away.desk, away.folder / "forged")
    forged.offline.take_pass(away.desk.registry.log_head())
    with pytest.raises(SignatureError):
        forged.sync()


def _bind_facts(away: Away, phone: Phone, **changed: Any) -> Record:
    """A binding that a station in bad hands has signed, without asking its own program."""
    binding = away.accepted(phone)
    assert binding.evidence is not None
    facts = {
        "device": phone.public.pem,
        "label": "",
        "nonce": binding.nonce.hex(),
        "code": binding.code,
        "statement": phone.state("offline-bind", **binding.statement_facts("station-7")),
        "officer": "o",
        "evidence": binding.evidence.to_bytes().decode(),
    }
    return away.journal.append(away.offline.station, "bind", {**facts, **changed}, away.clock.now)


@pytest.mark.row("S-40", "S-28")
@pytest.mark.parametrize(
    "changed",
    [{"device": Phone.new().public.pem}, {"nonce": "00" * 16}, {"nonce": "zz"}, {"statement": "a.b.c"}, {"officer": ""},
     {"evidence": "{}"}, {"code": "000000x"}, {"device": "no key"}, {"label": 7}],
)  # fmt: skip
def test_s40_the_registry_checks_again_what_a_station_has_signed(away: Away, changed: dict[str, Any]) -> None:
    number = away.desk.enrol()
    away.leave()
    _bind_facts(away, Phone.new(), **changed)
    assert away.sync() == [("pass", "noted"), ("bind", "refused")]
    assert away.desk.registry.devices(number) == ()


@pytest.mark.row("S-40", "S-28")
def test_s40_the_registry_trusts_its_own_roots_and_not_the_desks(away: Away) -> None:
    """The desk trusts the root of card 4, the registry does not."""
    away.offline = OfflineDesk(Station("station-7", KEYS), away.journal, trust(4), away.clock)
    away.bind(Phone.new(), card(4))
    assert away.sync() == [("bind", "refused")]


@pytest.mark.row("S-40", "S-29")
def test_s40_evidence_serves_once_over_all_journals(away: Away, tmp_path: Path) -> None:
    away.desk.enrol()
    away.leave()
    record = away.bind(Phone.new())
    again = Journal(tmp_path / "again")
    again.append(away.offline.station, "bind", record.facts, away.clock.now)
    assert away.sync()[-1] == ("bind", "bound")
    assert away.at(away.desk.registry).sync(again.read())[-1].outcome == "refused"


def test_a_lock_for_nobody_and_one_that_the_law_does_not_know_are_refused_alone(away: Away) -> None:
    number = away.desk.enrol()
    away.offline.lock("001099000000", LockReason.OTHER, officer="o")
    away.journal.append(away.offline.station, "lock", {"number": number, "reason": "", "ground": "x"}, away.clock.now)
    away.offline.lock(number, LockReason.OTHER, officer="o")
    assert away.sync() == [("lock", "refused"), ("lock", "refused"), ("lock", "locked")]
    assert number not in str(away.desk.place.ask("SELECT content FROM audit"))


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("S-40")
def test_s40_a_journal_that_was_cut_at_any_byte_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    station, clock = Station("s", KEYS), HandClock()
    whole = Journal(tmp_path / "whole")
    records = [whole.append(station, "lock", {"n": str(n)}, clock.now) for n in range(3)]
    content = whole.read()
    assert whole.path.stat().st_mode & 0o777 == 0o600
    for length in range(0, len(content) + 1, 7):
        cut = Journal(tmp_path / "cut")
        cut.path.write_bytes(content[:length])
        kept = parse(cut.read(), KEYS.public)
        assert [each.digest for each in kept] == [each.digest for each in records[: len(kept)]]
        after = cut.append(station, "lock", {"n": "after"}, clock.now)
        assert (after.number, len(parse(cut.read(), KEYS.public))) == (len(kept), len(kept) + 1)


@pytest.mark.row("S-40")
def test_s40_four_processes_that_write_at_once_keep_the_chain(tmp_path: Path) -> None:
    journal, station, clock = Journal(tmp_path / "j"), Station("s", KEYS), HandClock()

    def write() -> None:
        for number in range(5):
            journal.append(station, "lock", {"n": str(number)}, clock.now)

    processes = [FORK.Process(target=write) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(parse(journal.read(), KEYS.public)) == 20


def test_a_journal_that_was_changed_takes_no_more_records(tmp_path: Path) -> None:
    journal, station, clock = Journal(tmp_path / "j"), Station("s", KEYS), HandClock()
    for _ in range(2):
        journal.append(station, "lock", {}, clock.now)
    content = bytearray(journal.read())
    content[20] ^= 1
    journal.path.write_bytes(bytes(content))
    with pytest.raises(RefusedError):
        journal.append(station, "lock", {}, clock.now)
