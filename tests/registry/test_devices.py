"""The device list, who may unlink, and attempts that a newer one ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, NotVerifiedError, RefusedError, RulesUnavailableError
from cccd_nfc.registry.device_contacts import AppDevice, Seen
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import DeviceState, Purpose
from cccd_nfc.sentences import sentence_of
from registry_processes import open_registry, race
from registry_support import Desk, card, evidence_for
from secret_support import PASSWORD, activate_on_web, owner


def bound_at(desk: Desk, phone: Phone) -> datetime:
    """Binds the phone, then lets an hour pass; gives when it was."""
    desk.bind(phone)
    then = desk.clock.now
    desk.clock.go(hours=1)
    return then


@pytest.mark.row("R-016", "R-017", "S-21")
def test_r016_r017_the_list_keeps_every_device_with_its_times_and_its_end(desk: Desk) -> None:
    number = desk.enrol()
    first, second = Phone.new(), Phone.new()
    times = [bound_at(desk, phone) for phone in (first, second, first)]
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    newest, middle, oldest = desk.registry.devices(number)
    assert [each.thumbprint for each in (oldest, middle, newest)] == [
        phone.public.thumbprint for phone in (first, second, first)
    ]
    assert [each.bound_at for each in (oldest, middle, newest)] == times
    assert (oldest.state, middle.state, newest.state) == (
        DeviceState.REPLACED,
        DeviceState.REPLACED,
        DeviceState.UNLINKED,
    )
    assert (oldest.ended_at, middle.ended_at, newest.ended_at) == (times[1], times[2], times[2] + timedelta(hours=1))
    assert all(each.end_reason and each.label == "test phone" for each in (oldest, middle, newest))


@pytest.mark.row("R-019", "DS-05")
def test_r019_nobody_else_can_unlink(desk: Desk) -> None:
    number = desk.enrol()
    desk.enrol(card(2))
    desk.bind(Phone.new())
    ticket, other = desk.registry.begin(Purpose.UNLINK), desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(NotFoundError):
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket, card(2)))
    with pytest.raises(NotVerifiedError):
        desk.registry.unlink(ticket.transaction_id, evidence_for(other))
    assert [device.state for device in desk.registry.devices(number)] == [DeviceState.ACTIVE]


@pytest.mark.row("DS-04")
def test_ds04_a_newer_activation_ends_the_one_before(desk: Desk) -> None:
    number = desk.enrol()
    older = desk.pending(first := Phone.new())
    newer = desk.pending(second := Phone.new())
    found = {device.thumbprint: device.state for device in desk.registry.devices(number)}
    assert found == {first.public.thumbprint: DeviceState.EXPIRED, second.public.thumbprint: DeviceState.PENDING}
    with pytest.raises(RefusedError, match="not waiting"):
        desk.registry.confirm(*older)
    assert desk.registry.confirm(*newer)


@pytest.mark.row("DS-04")
def test_ds04_an_activation_that_comes_too_late_is_written_down_as_expired(desk: Desk) -> None:
    number = desk.enrol()
    arguments = desk.pending(Phone.new())
    desk.clock.go(minutes=11)
    with pytest.raises(RefusedError, match="expired"):
        desk.registry.confirm(*arguments)
    assert desk.place.ask("SELECT state FROM device") == [("EXPIRED",)]
    assert desk.place.ask("SELECT state FROM transaction_ WHERE purpose = 'activate'") == [("VOID",)]
    (view,) = desk.registry.devices(number)
    assert (view.state, view.end_reason) == (DeviceState.EXPIRED, "the time was over")
    assert '"row":"DS-04"' in str(desk.place.ask("SELECT content FROM audit"))


@pytest.mark.row("DS-04")
@pytest.mark.parametrize("how", ["list", "timer", "resend"])
def test_ds04_what_touches_the_account_or_a_timer_ends_it_too(desk: Desk, how: str) -> None:
    number = desk.enrol()
    transaction, _, _ = desk.pending(Phone.new())
    desk.registry.begin(Purpose.ENROL)
    desk.clock.go(minutes=11)
    if how == "list":
        desk.registry.devices(number)
    elif how == "timer":
        assert (desk.registry.expire(), desk.registry.expire()) == (1, 0)
        assert {state for (state,) in desk.place.ask("SELECT state FROM transaction_")} == {"DONE", "VOID"}
    else:
        with pytest.raises(RefusedError):
            desk.registry.resend_code(transaction)
    assert desk.place.ask("SELECT state FROM device") == [("EXPIRED",)]


@pytest.mark.row("DS-04", "S-05")
def test_ds04_the_last_wrong_try_ends_the_activation(desk: Desk) -> None:
    number = desk.enrol()
    transaction, code, confirmation = desk.pending(Phone.new())
    for _ in range(5):
        with pytest.raises(RefusedError, match="wrong"):
            desk.registry.confirm(transaction, f"{(int(code) + 1) % 10**6:06d}", confirmation)
    (view,) = desk.registry.devices(number)
    assert (view.state, view.end_reason) == (DeviceState.EXPIRED, "the code has no tries left")
    with pytest.raises(RefusedError):
        desk.registry.resend_code(transaction)


@pytest.mark.row("DS-04")
def test_ds04_tries_that_a_dead_process_used_up_are_found_by_the_timer(desk: Desk) -> None:
    desk.enrol()
    desk.pending(Phone.new())
    desk.place.change("UPDATE one_time_password SET tries_left = 0")
    assert desk.registry.expire() == 0, "the last try may be under way"
    desk.clock.go(minutes=4)
    assert desk.registry.expire() == 1


@pytest.mark.row("DS-04", "S-07")
def test_ds04_tries_that_were_left_of_an_older_code_count_for_nothing(desk: Desk) -> None:
    desk.enrol()
    transaction, _, _ = desk.pending(Phone.new())
    desk.clock.go(minutes=1)
    desk.registry.resend_code(transaction)
    newest = "created_at = (SELECT max(created_at) FROM one_time_password)"
    desk.place.change(f"UPDATE one_time_password SET tries_left = 0 WHERE {newest}")
    desk.clock.go(minutes=4)
    assert desk.registry.expire() == 1


@pytest.mark.row("DS-06")
def test_ds06_a_revoked_key_is_never_bound_again_for_anybody(desk: Desk) -> None:
    number = desk.enrol()
    other = desk.enrol(card(2))
    phone = Phone.new()
    desk.clock.go(seconds=1)
    begun = [desk.registry.begin(Purpose.ACTIVATE, phone.public) for _ in range(2)]
    desk.bind(phone)
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.LOST_DEVICE)
    ticket = desk.registry.begin(Purpose.UNLOCK)
    desk.registry.unlock_with_card(ticket.transaction_id, evidence_for(ticket))
    with pytest.raises(RefusedError, match="lost or stolen"):
        desk.registry.begin(Purpose.ACTIVATE, phone.public)
    for ticket, shown in zip(begun, (card(1), card(2)), strict=True):
        with pytest.raises(RefusedError, match="lost or stolen"):
            desk.registry.submit_evidence(ticket.transaction_id, evidence_for(ticket, shown))
    activate_on_web(desk, other)
    with pytest.raises(RefusedError, match="lost or stolen"):
        logged_in(desk, other, phone)


@pytest.mark.row("DS-06")
def test_ds06_a_key_that_is_revoked_while_it_waits_elsewhere_is_not_bound(desk: Desk) -> None:
    number, other = desk.enrol(), desk.enrol(card(2))
    desk.bind(phone := Phone.new())
    waiting = desk.pending(phone, card(2))
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.LOST_DEVICE)
    with pytest.raises(RefusedError, match="lost or stolen"):
        desk.registry.confirm(*waiting)
    assert [view.state for view in desk.registry.devices(other)] == [DeviceState.PENDING]


def logged_in(desk: Desk, number: str, phone: Phone, **said: str) -> Seen:
    found = desk.registry.logins.log_in(number, PASSWORD, AppDevice(phone.public, **said)).seen
    assert found is not None
    return found


@pytest.mark.row("DS-01", "R-029", "R-017", "R-028")
def test_ds01_r029_a_login_on_a_strange_phone_is_a_device_seen_and_said_to_be_new(desk: Desk) -> None:
    number = owner(desk)
    phone = Phone.new()
    answers = [logged_in(desk, number, phone, label="A52", platform="android", client_version="2.1") for _ in range(2)]
    assert [(answer.new, answer.state, answer.replaces) for answer in answers] == [(True, DeviceState.SEEN, False)] * 2
    (view,) = desk.registry.devices(number)
    assert (view.state, view.label, view.platform, view.client_version) == (DeviceState.SEEN, "A52", "android", "2.1")
    desk.bind(phone)
    (view,) = desk.registry.devices(number)
    assert (view.state, view.platform, view.client_version) == (DeviceState.ACTIVE, "android", "2.1")
    assert not logged_in(desk, number, phone).new
    assert logged_in(desk, number, Phone.new()).replaces
    with pytest.raises(RefusedError):
        desk.registry.logins.log_in(number, "not the password", AppDevice(Phone.new().public))
    assert len(desk.registry.devices(number)) == 2, "only the right password makes a device seen"
    desk.registry.check()


@pytest.mark.row("R-015", "DS-03")
def test_r015_the_login_of_the_bound_device_ends_when_another_is_bound(desk: Desk) -> None:
    number = owner(desk)
    desk.bind(phone := Phone.new())
    token = desk.registry.logins.log_in(number, PASSWORD, AppDevice(phone.public)).token
    assert desk.registry.logins.whose(token).number == number
    desk.bind(Phone.new())
    with pytest.raises(RefusedError, match="the login has ended"):
        desk.registry.logins.whose(token)


@pytest.mark.row("R-027")
@pytest.mark.parametrize(
    ("platform", "version", "taken"),
    [("android", "2.3.1", True), ("Android", "2.3.0.9", False), ("android", "2.10", True), ("android", "", False),
     ("android", "two", False), ("ios", "1", False), ("ios", "1.5", True), ("android", "2.3", False)],
)  # fmt: skip
def test_r027_a_client_below_the_minimum_is_refused(desk: Desk, platform: str, version: str, taken: bool) -> None:
    number = owner(desk)
    (desk.folder / "devices.json").write_text('{"minimum_versions": {"android": "2.3.1", "": "1.5"}}')
    desk.registry.close()
    desk.registry = open_registry(desk.place, desk.clock)
    if taken:
        assert logged_in(desk, number, Phone.new(), platform=platform, client_version=version).new
        return
    with pytest.raises(RefusedError, match="Google Play or the App Store"):
        logged_in(desk, number, Phone.new(), platform=platform, client_version=version)
    assert desk.registry.devices(number) == ()


@pytest.mark.parametrize("content", ["{", "[]", '{"minimum_versions": {"": "new"}}', '{"accounts_per_key": 0}'])
def test_rules_for_devices_that_cannot_be_read_open_nothing(desk: Desk, content: str) -> None:
    (desk.folder / "devices.json").write_text(content)
    with pytest.raises(RulesUnavailableError):
        open_registry(desk.place, desk.clock)


@pytest.mark.row("R-020", "S-30")
def test_r020_the_same_unlinking_twice_gives_the_same_receipt(desk: Desk) -> None:
    desk.enrol()
    desk.enrol(card(2))
    desk.bind(Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    evidence = evidence_for(ticket)
    first = desk.registry.unlink(ticket.transaction_id, evidence)
    assert desk.registry.unlink(ticket.transaction_id, evidence) == first
    with pytest.raises(RefusedError):
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    with pytest.raises(RefusedError):
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket, card(2)))


@pytest.mark.row("R-020", "S-31")
def test_r020_of_eight_that_unlink_at_once_all_hold_one_receipt(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    evidence = evidence_for(ticket)
    act = lambda registry: registry.unlink(ticket.transaction_id, evidence)  # noqa: E731
    finishes = race(desk.place, desk.clock, [act] * 8)
    assert [finish.error for finish in finishes] == [None] * 8
    assert len({finish.value for finish in finishes}) == 1
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.UNLINKED]


@pytest.mark.row("AS-11")
def test_as11_a_locked_accounts_device_is_not_unlinked_and_it_says_what_then(desk: Desk) -> None:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.OTHER)
    ticket = desk.registry.begin(Purpose.UNLINK)
    with pytest.raises(RefusedError, match="unlock it first, or report the device lost"):
        desk.registry.unlink(ticket.transaction_id, evidence_for(ticket))
    assert [view.state for view in desk.registry.devices(number)] == [DeviceState.SUSPENDED]


@pytest.mark.row("DS-10", "R-017")
def test_ds10_the_desks_reader_is_in_the_history_and_ends_with_the_transaction(desk: Desk) -> None:
    number = desk.enrol()
    there = desk.registry
    desk.registry = there.acting(Origin(Channel.DESK, "officer-1", "station-7"))
    arguments = desk.pending(Phone.new())
    reader = next(view for view in desk.registry.devices(number) if view.state is DeviceState.READER)
    assert (reader.station, reader.thumbprint, reader.officer) == ("station-7", "", "officer-1")
    desk.registry.confirm(*arguments)
    states = {view.thumbprint == "": view.state for view in desk.registry.devices(number)}
    assert states == {True: DeviceState.EXPIRED, False: DeviceState.ACTIVE}


@pytest.mark.row("S-31")
def test_s31_the_loser_is_told_the_winners_time_and_desk(desk: Desk) -> None:
    desk.enrol()
    desk.bind(Phone.new())
    loser = desk.pending(Phone.new())
    ticket = desk.registry.begin(Purpose.UNLINK)
    desk.registry.acting(Origin(Channel.DESK, station="station-7")).unlink(ticket.transaction_id, evidence_for(ticket))
    won_at = desk.clock.now
    desk.clock.go(seconds=30)
    with pytest.raises(ConflictError) as lost:
        desk.registry.confirm(*loser)
    assert (lost.value.at, lost.value.station) == (won_at, "station-7")
    said = sentence_of(lost.value)
    assert said.values == {"time": "16:02:00 01/06/2026", "station": "station-7"}
    assert "16:02:00 01/06/2026 (Vietnam time) at the desk station-7" in said


@pytest.mark.row("S-31")
def test_s31_where_no_desk_took_part_the_time_alone_is_told(desk: Desk) -> None:
    desk.enrol()
    loser = desk.pending(Phone.new())
    desk.place.change("UPDATE transaction_ SET state = 'DONE' WHERE state = 'PENDING'")
    desk.bind(Phone.new())
    desk.place.change(f"UPDATE transaction_ SET state = 'PENDING' WHERE id = '{loser[0]}'")
    desk.place.change("UPDATE one_time_password SET expires_at = 9000000000000000000")
    with pytest.raises(ConflictError) as lost:
        desk.registry.confirm(*loser)
    assert (lost.value.at, lost.value.station) == (desk.clock.now, "")
    assert "Vietnam time" in str(lost.value)
