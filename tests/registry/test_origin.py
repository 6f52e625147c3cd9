"""Where an act comes from stands in its audit entry, and in the device list."""

from __future__ import annotations

import json

import pytest

from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.origin import HOTLINE, Channel, Origin
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import DeviceState
from registry_support import Desk


def entries(desk: Desk) -> list[dict[str, str]]:
    return [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]


@pytest.mark.row("R-004")
def test_r004_every_audit_entry_names_its_channel(desk: Desk) -> None:
    """By whatever way an act comes; what nobody is said to have done is the system's."""
    number = desk.enrol()
    calling = desk.registry.acting(HOTLINE)
    calling.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, LockReason.LOST_CARD)
    assert [entry["channel"] for entry in entries(desk)] == ["system", "hotline"]


@pytest.mark.row("R-017", "S-21")
def test_r017_the_list_says_where_a_device_was_bound(desk: Desk) -> None:
    number = desk.enrol()
    desk.registry = desk.registry.acting(Origin(Channel.DESK, officer="officer-7", station="station-2", address="::1"))
    desk.bind(Phone.new())
    (bound,) = [each for each in desk.registry.devices(number) if each.state is DeviceState.ACTIVE]
    assert (bound.channel, bound.officer, bound.station) == ("desk", "officer-7", "station-2")
    assert entries(desk)[-1]["station"] == "station-2"
    assert "::1" not in json.dumps(entries(desk))
