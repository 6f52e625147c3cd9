"""The device list, who may unlink, and attempts that a newer one ends."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cccd_nfc.errors import NotFoundError, NotVerifiedError, RefusedError
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import DeviceState, Purpose
from registry_support import Desk, card, evidence_for


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
