"""Who sits before a citizen's page (flow F3): a browser with a cookie of its own, apart from every officer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from cccd_nfc.desk.guard import SAFE
from cccd_nfc.desk.seats import Desk, Seat, language_of
from cccd_nfc.desk.settings import DeskSettings
from cccd_nfc.desk.visits import Visit, Visits
from cccd_nfc.desk.watching import Reader
from cccd_nfc.errors import LoginNeededError
from cccd_nfc.registry.accounts import AccountView
from cccd_nfc.registry.office import masked
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.web_activation import WebTicket

HOME = "/me"
MOST = 4096
"""Browsers of citizens; they take no officer's place."""


class Stage(StrEnum):
    """Where an activation is; the page of the stage has its name."""

    ASK = "ask"
    CODE = "code"
    SECRETS = "secrets"
    DONE = "done"
    ACTIVE = "active"


@dataclass(slots=True, eq=False)
class CitizenVisit(Visit):
    """One citizen's browser. token: of the owner's login.  grant: what the right code has opened.

    receipt: of what was done last, until the visit ends. Nothing that was typed is kept.
    """

    stage: Stage = Stage.ASK
    ticket: WebTicket | None = None
    grant: str = field(default="", repr=False)
    receipt: str = field(default="", repr=False)

    def put_card_away(self) -> None:
        self.stage, self.ticket, self.grant, self.receipt = Stage.ASK, None, "", ""


class CitizenDesk(Desk):
    """What all citizens' requests share: the desk without readers, by the web."""

    layout, home = "me/layout.html", f"{HOME}/"

    def __init__(self, registry: Registry, settings: DeskSettings) -> None:
        no_readers: Sequence[Reader] = ()
        super().__init__(registry, tuple(no_readers), settings)
        self.registry = registry.acting(Origin(Channel.WEB))
        self.visits = Visits(settings.idle, settings.clock, kind=CitizenVisit, most=MOST)

    @property
    def cookie(self) -> str:
        return "__Host-me" if self.settings.secure else "me"


@dataclass
class CitizenSeat(Seat):
    """One request of a citizen's browser. address: of the network, for limits alone (S-14)."""

    address: str = ""

    @property
    def web(self) -> Registry:
        """The registry as a browser has it: nobody's officer, by no station."""
        return self.desk.registry.acting(Origin(Channel.WEB, address=self.address))

    @property
    def own(self) -> CitizenVisit:
        assert isinstance(self.visit, CitizenVisit)
        return self.visit

    def account(self) -> AccountView:
        """Whose login it is; LoginNeededError without one."""
        if not self.visit.token:
            raise LoginNeededError("the login has ended; log in again")
        return self.web.logins.whose(self.visit.token)

    @staticmethod
    def masked(account: AccountView) -> str:
        return masked(account.number)

    def leave(self) -> None:
        """The login ends at the registry, and nothing of this visit stays here."""
        token, self.visit.token = self.visit.token, ""
        self.desk.visits.end(self.visit)
        self.visit = self.desk.visits.begin()
        if token:
            self._log_out(token)

    def _log_out(self, token: str) -> None:
        try:
            self.web.logins.log_out(token)
        except LoginNeededError:  # it has ended by itself
            return


def citizen_seat(request: Request) -> CitizenSeat:
    """Anybody's. What a person does counts as use of the visit."""
    desk: CitizenDesk = request.app.state.desk
    visit = desk.visit_of(request) or desk.visits.begin()
    part, acts = request.headers.get("hx-request") == "true", request.method not in SAFE
    if acts or request.headers.get("sec-fetch-mode") == "navigate":
        desk.visits.touch(visit)
    address = request.client.host if request.client else ""
    return CitizenSeat(desk, visit, language_of(request), wants_part=part, acts=acts, address=address)


async def front(_: Request) -> Response:
    """The address without its last stroke."""
    return RedirectResponse(f"{HOME}/")


Citizen = Annotated[CitizenSeat, Depends(citizen_seat)]
