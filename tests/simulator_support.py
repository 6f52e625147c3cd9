"""A terminal for the tests of the simulated chip: commands as hex, and sessions opened by the real protocols."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.files import select_application
from cccd_nfc.iso7816.flow import Flow, run
from cccd_nfc.iso7816.get_response import with_get_response
from cccd_nfc.lds.files import EF_CARD_ACCESS, EMRTD_AID
from cccd_nfc.lds.security_infos import parse_card_access
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.pace import pace
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.protocol.secure_messaging import Channel
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import personalise
from cccd_nfc.simulator.seeded import SeededBytes

TODAY = date(2026, 6, 1)
SELECT_APPLICATION = "00A4040C07A0000002471001"


@cache
def card_of(profile: str = "cccd-2021") -> CardData:
    return personalise(profile, seed=1, today=TODAY)


class Terminal:
    """One chip and what a terminal holds of it."""

    def __init__(self, card: CardData | None = None, random_bytes: Callable[[int], bytes] | None = None) -> None:
        self.card = card or card_of()
        self.random = SeededBytes(5, "terminal")
        self.chip = Chip(self.card, random_bytes or SeededBytes(4, "chip"))
        self.channel: Channel | None = None

    def transmit(self, command: bytes) -> bytes:
        return self.chip.transmit(command)

    def reset(self) -> None:
        self.chip.reset()

    def close(self) -> None: ...

    def ask(self, command: str) -> ResponseAPDU:
        """In the clear."""
        return ResponseAPDU.parse(self.chip.transmit(bytes.fromhex(command)))

    def sw(self, *commands: str) -> int:
        """The status word of the last of these commands, all in the clear."""
        return [self.ask(command).sw for command in commands][-1]

    def ask_protected(self, command: str | CommandAPDU) -> ResponseAPDU:
        """In the session; an answer in pieces is put together."""
        if isinstance(command, str):
            command = CommandAPDU.parse(bytes.fromhex(command))
        assert self.channel is not None
        return run(with_get_response(self.channel.secure(_one(command))), self)

    def open_by_can(self) -> Terminal:
        """PACE, then the eMRTD application."""
        info = parse_card_access(self.card.files[EF_CARD_ACCESS.name]).pace[0]
        self.channel = run(pace(info, Password.can(self.card.secrets.can), self.random), self)
        assert self.ask_protected(select_application(EMRTD_AID)).is_ok
        return self

    def open_by_mrz(self) -> Terminal:
        """The eMRTD application, then BAC."""
        assert self.ask(SELECT_APPLICATION).is_ok
        self.channel = run(basic_access_control(Password.from_mrz(self.card.secrets.mrz), self.random), self)
        return self


def _one(command: CommandAPDU) -> Flow[ResponseAPDU]:
    return (yield command)
