"""A desk for a test: its registry, a reader that a test puts cards on, and the application as a browser has it."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.testclient import TestClient

from cccd_nfc.desk.app import create_desk
from cccd_nfc.desk.serving import Server
from cccd_nfc.desk.settings import DeskSettings, StationKey
from cccd_nfc.errors import CardLostError, ReaderUnavailableError
from cccd_nfc.readers import OpenReader
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.transport import SimulatedTransport
from officer_support import Staff
from registry_places import SqlitePlace
from registry_support import Desk, card, trust

ORIGIN = "http://localhost:8711"
OURS = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}
HTMX = {**OURS, "hx-request": "true"}
OFFICER = "lan"


class HandReader:
    """A reader whose card a test puts on, lifts, and whose cable it pulls. slow: seconds that each exchange takes.

    lift_after: exchanges after which the card is gone, by itself, once.
    """

    name = "test reader"

    def __init__(self) -> None:
        self.card: CardData | None = None
        self.plugged, self.slow, self.lift_after, self.opened = True, 0.0, 0, 0

    def look(self) -> bool:
        if not self.plugged:
            raise ReaderUnavailableError("no PC/SC reader; plug one in")
        return self.card is not None

    def open(self) -> OpenReader:
        assert self.card is not None
        self.opened += 1
        return OpenReader(_Field(self, SimulatedTransport(Chip(self.card))))


@dataclass
class _Field:
    reader: HandReader
    chip: SimulatedTransport

    def transmit(self, command: bytes) -> bytes:
        time.sleep(self.reader.slow)
        if self.reader.lift_after:
            self.reader.lift_after -= 1
            if not self.reader.lift_after:
                self.reader.card = None
        if self.reader.card is None:
            raise CardLostError("the card went while it was computing; put it back and try again")
        return self.chip.transmit(command)

    def reset(self) -> None:
        self.chip.reset()

    def close(self) -> None:
        self.chip.close()


@dataclass
class Place:
    """A registry with a desk before it. clock: of idle times, set by hand as the registry's is."""

    desk: Desk
    reader: HandReader = field(default_factory=HandReader)
    seconds: float = 0.0
    staff: Staff | None = None

    @classmethod
    def new(cls, folder: Path, *, officers: bool = False) -> Place:
        place = cls(Desk(SqlitePlace.new(folder)))
        place.desk.enrol()
        if officers:
            place.staff = Staff(place.desk)
            place.staff.hire(OFFICER, OfficerRole.RECEIVING)
        return place

    @property
    def settings(self) -> DeskSettings:
        staff = self.staff
        station = StationKey(staff.station_id, staff.station_key.private_pem) if staff else None
        clock = self.desk.clock
        return DeskSettings(ORIGIN, trust(), station, clock=lambda: self.seconds, now=clock)

    def app(self, settings: DeskSettings | None = None) -> FastAPI:
        return create_desk(self.desk.registry, [self.reader], settings or self.settings)

    @contextmanager
    def browser(self, settings: DeskSettings | None = None) -> Iterator[Browser]:
        chosen = settings or self.settings
        with TestClient(self.app(chosen), base_url=chosen.base_url, follow_redirects=False) as client:
            yield Browser(self, client)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of the desk on a port of its own."""
        sock = socket.create_server(("127.0.0.1", 0))
        url = f"http://localhost:{sock.getsockname()[1]}"
        app = self.app(replace(self.settings, base_url=url))
        server = Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=2), app.state.desk)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class Browser:
    """What a browser does with the pages, without one."""

    place: Place
    client: TestClient

    def csrf(self) -> str:
        page = self.client.get("/login", follow_redirects=True).text
        found = re.search(r'name="csrf" content="([^"]+)"', page)
        assert found
        return found[1]

    def post(self, path: str, **fields: str) -> str:
        """The panel that an act leads to."""
        answer = self.client.post(path, data={"csrf": self.csrf(), **fields}, headers=HTMX)
        return answer.text

    def log_in(self, login: str = OFFICER) -> None:
        staff = self.place.staff
        assert staff
        from officer_support import PASSWORD

        fields = {"csrf": self.csrf(), "login": login, "password": PASSWORD, "totp": staff.code(login)}
        answer = self.client.post("/login", data=fields, headers=OURS)
        assert answer.status_code == 303, answer.text

    def panel(self) -> str:
        return self.client.get("/panel").text

    def read(self, chosen: CardData | None = None) -> str:
        """The panel with the verdict on the card."""
        chosen = chosen or card()
        self.place.reader.card = chosen
        self.post("/card/read", number=chosen.secrets.number)
        return self.sees('class="verdict')

    def sees(self, text: str) -> str:
        """The panel, as soon as it says `text`."""
        until(lambda: text in self.panel())
        return self.panel()


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
