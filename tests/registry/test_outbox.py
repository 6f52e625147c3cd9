"""The outbox: what cannot go is tried again, what has expired is given up, and a code stays nowhere (S-08)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.gateways import Letter
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from registry_support import Desk


class Broken:
    """A gateway that counts its tries and takes nothing until it is mended."""

    def __init__(self) -> None:
        self.tries: list[Letter] = []
        self.mended = False

    def send(self, letter: Letter) -> None:
        self.tries.append(letter)
        if not self.mended:
            raise RegistryError("the gateway is down")


def through(desk: Desk, gateway: Broken) -> Registry:
    return Registry(replace(desk.registry._office, gateway=gateway))


def deliver(registry: Registry) -> int:
    try:
        return registry.deliver()
    except RegistryError:
        return 0


@pytest.mark.row("S-08")
def test_s08_a_codes_file_goes_when_the_code_has_expired_and_a_notices_stays(desk: Desk) -> None:
    desk.enrol(read=False)
    _, code, _ = desk.pending(Phone.new())
    folder = desk.folder / "outbox"
    assert any(code in path.read_text() for path in folder.iterdir())
    half = folder / f".{next(folder.glob('*-otp-*')).name}"
    half.write_text(code)
    desk.clock.go(seconds=179)
    desk.registry.deliver()
    assert len(list(folder.glob("[0-9]*-otp-*"))) == 1
    desk.clock.go(seconds=1)
    desk.registry.deliver()
    assert [path for path in folder.iterdir() if code in path.read_text()] == []
    assert len(list(folder.glob("*-notice-*"))) == 1


def test_a_message_is_tried_again_after_pauses_that_grow(desk: Desk) -> None:
    desk.enrol(read=False)
    gateway = Broken()
    registry = through(desk, gateway)
    tried = []
    for second in range(60):
        before = len(gateway.tries)
        deliver(registry)
        tried += [second] * (len(gateway.tries) - before)
        desk.clock.go(seconds=1)
    assert tried == [0, 5, 15, 35]
    assert len({letter.id for letter in gateway.tries}) == 1, "the same id at every try"
    gateway.mended = True
    desk.clock.go(minutes=10)
    assert (deliver(registry), deliver(registry)) == (1, 0)


def test_what_waits_is_listed_without_text_or_number(desk: Desk) -> None:
    desk.enrol(read=False)
    deliver(through(desk, Broken()))
    (waiting,) = desk.registry.messages.waiting()
    assert (waiting.kind, waiting.recipient, waiting.attempts, waiting.last_error) == (
        "notice",
        "…678",
        1,
        "RegistryError",
    )
    assert "912345" not in repr(waiting) and "tai khoan" not in repr(waiting)
    desk.clock.go(days=7)
    assert desk.registry.messages.waiting() == ()
    desk.registry.deliver()
    assert desk.place.ask("SELECT last_error, sealed FROM message") == [("expired", None)], "given up"


def test_a_message_in_another_processs_hand_is_left_until_its_claim_runs_out(desk: Desk) -> None:
    desk.enrol(read=False)
    outbox = desk.registry.messages
    ((message_id,),) = desk.place.ask("SELECT id FROM message")
    assert outbox._claim(message_id, desk.clock.now)
    assert outbox._claim(message_id, desk.clock.now) is None
    assert desk.registry.deliver() == 0
    desk.clock.go(seconds=60)
    assert desk.registry.deliver() == 1


def test_a_gateway_is_given_the_channels_that_it_carries_and_no_others(desk: Desk) -> None:
    class Numbers(Broken):
        carries = frozenset({"sim"})

    desk.enrol()
    desk.bind(Phone.new())
    desk.bind(Phone.new())
    gateway = Numbers()
    gateway.mended = True
    through(desk, gateway).deliver()
    assert {letter.channel for letter in gateway.tries} <= {"sim"}
    assert [waiting.channel for waiting in desk.registry.messages.waiting()] == ["device"]
