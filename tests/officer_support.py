"""Officers for a test: a unit, an administrator, colleagues with roles, a station, and their logins."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp

from cccd_nfc.registry.permissions import OfficerRole, UnitKind
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.stations import statement
from registry_support import Desk

PASSWORD = "mot mat khau kha dai 1"
COMMUNE, MINISTRY = "P-DIEN-BIEN", "C06"


@dataclass
class Staff:
    """The people of a registry. Each has PASSWORD and an authenticator of their own."""

    desk: Desk
    seeds: dict[str, str] = field(default_factory=dict)
    station_key: Phone = field(default_factory=Phone.new)
    station_id: str = ""

    def __post_init__(self) -> None:
        registry = self.desk.registry
        registry.stations.add_unit(COMMUNE, "Công an phường giả định", UnitKind.COMMUNE)
        registry.stations.add_unit(MINISTRY, "Cục giả định", UnitKind.MINISTRY)
        self.seeds["admin"] = self.seed(
            registry.officers.add("admin", "A", COMMUNE, [OfficerRole.ADMINISTRATOR], PASSWORD).uri
        )
        self.station_id = self.logged_in("admin").stations.add("Bàn 1", COMMUNE, self.station_key.public).id

    @staticmethod
    def seed(uri: str) -> str:
        found = pyotp.parse_uri(uri).secret
        assert isinstance(found, str)
        return found

    def hire(self, login: str, *roles: OfficerRole, unit: str = COMMUNE) -> str:
        """The id of a new officer."""
        made = self.logged_in("admin").officers.add(login, login.title(), unit, roles, PASSWORD)
        self.seeds[login] = self.seed(made.uri)
        return made.id

    def code(self, login: str) -> str:
        """A code that was not used yet: half a minute goes by."""
        self.desk.clock.go(seconds=30)
        return pyotp.TOTP(self.seeds[login]).at(self.desk.clock())

    def token(self, login: str, *, at_station: bool = False) -> str:
        code = self.code(login)
        signed = (
            statement(self.station_key.private_pem, self.station_id, login, self.desk.clock()) if at_station else ""
        )
        return self.desk.registry.officer_logins.login(login, PASSWORD, code, signed).token

    def logged_in(self, login: str, *, at_station: bool = False) -> Registry:
        """The registry as this officer, freshly logged in, has it."""
        return self.desk.registry.acting_as(self.token(login, at_station=at_station))
