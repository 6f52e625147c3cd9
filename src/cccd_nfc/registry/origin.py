"""Where an act comes from: by which channel, who did it, and at which desk (R-004). Every audit entry says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """The way by which an act reached the registry."""

    APP = "app"
    WEB = "web"
    DESK = "desk"
    HOTLINE = "hotline"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Origin:
    """officer, station: ids in this registry, empty where there is none.  address: of the network, for limits alone;
    it is in no log.  unit: where the officer's unit stands (R-060).  session: of the officer, asked for in each act.
    """

    channel: Channel
    officer: str = ""
    station: str = ""
    address: str = ""
    unit: str = ""
    session: str = field(default="", repr=False)

    @property
    def source(self) -> str:
        """What limits tell it apart by: the desk, else the address, else the channel (S-14)."""
        return self.station or self.address or self.channel.value

    @property
    def facts(self) -> dict[str, str]:
        """What the audit entry says; nothing that is empty."""
        named = {
            "channel": self.channel.value, "officer": self.officer, "station": self.station, "unit": self.unit
        }  # fmt: skip
        return {name: value for name, value in named.items() if value}


SYSTEM = Origin(Channel.SYSTEM)
DESK = Origin(Channel.DESK)
HOTLINE = Origin(Channel.HOTLINE)
