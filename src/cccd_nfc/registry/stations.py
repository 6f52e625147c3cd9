"""Units and stations: where officers work, and the desks that are known by a key of their own (R-060, L-23)."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.clock import moment_of, span, stamp
from cccd_nfc.registry.models import Station, Unit
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.officers import unit_of
from cccd_nfc.registry.permissions import Act, UnitKind
from cccd_nfc.registry.phone import ALGORITHM, DeviceKey
from cccd_nfc.registry.reserved_keys import KeyHolder, reserve

STATEMENT_TYPE = "cccd-station+jwt"
STATEMENT_LIFE = timedelta(minutes=2)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class UnitView:
    id: str
    code: str
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class StationView:
    """unit, unit_kind: where the desk stands (R-060)."""

    id: str
    name: str
    unit: str
    unit_kind: UnitKind
    thumbprint: str
    enabled: bool
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Stations:
    """The acts upon units and stations. Each wants an administrator, once there is one."""

    office: Office

    def add_unit(self, code: str, name: str, kind: UnitKind) -> UnitView:
        """A new unit; ConflictError for a code that is taken, UsageError for one that cannot be."""
        office, now = self.office, self.office.clock()
        if not _CODE.fullmatch(code) or not name.strip():
            raise UsageError("a unit has a code of letters and digits, and a name")
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            unit = Unit(id=secrets.token_hex(16), code=code, name=name.strip(), kind=kind, added_at=stamp(now))
            session.add(unit)
            session.flush()
            office.record_alone(session, "unit-added", now, row="L-23", subject=unit.id, kind=kind)
            return _unit_view(unit)

    def units(self) -> tuple[UnitView, ...]:
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_OFFICERS, self.office.clock())
            return tuple(_unit_view(each) for each in session.scalars(select(Unit).order_by(Unit.code)))

    def add(self, name: str, unit: str, key: DeviceKey) -> StationView:
        """A new station of the unit with the code `unit`; its key never becomes a device (A12).

        ConflictError for a key that is an account's device or registered already, NotFoundError without the unit.
        """
        office, now = self.office, self.office.clock()
        if not name.strip():
            raise UsageError("a station has a name")
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            place = unit_of(session, unit)
            station_id = secrets.token_hex(16)
            reserve(session, key.thumbprint, KeyHolder.STATION, station_id, now)
            of_key = {"thumbprint": key.thumbprint, "public_key": key.pem}
            station = Station(id=station_id, name=name.strip(), unit_id=place.id, enabled=True, added_at=stamp(now))
            station.thumbprint, station.public_key = of_key["thumbprint"], of_key["public_key"]
            session.add(station)
            session.flush()
            facts = {"subject": station_id, "key": key.thumbprint, "of_unit": place.kind}
            office.record_alone(session, "station-added", now, row="R-060", **facts)
            return _view(station, place)

    def disable(self, station_id: str) -> None:
        """No session at this station counts any more; its key stays what it is."""
        self._set(station_id, enabled=False)

    def enable(self, station_id: str) -> None:
        self._set(station_id, enabled=True)

    def _set(self, station_id: str, *, enabled: bool) -> None:
        office, now = self.office, self.office.clock()
        with office.database.write() as session:
            office.may(session, Act.MANAGE_OFFICERS, now)
            station = session.get(Station, station_id)
            if station is None:
                raise NotFoundError("there is no such station")
            station.enabled = enabled
            act = "station-enabled" if enabled else "station-disabled"
            office.record_alone(session, act, now, row="R-060", subject=station_id)

    def listed(self) -> tuple[StationView, ...]:
        with self.office.database.write() as session:
            self.office.may(session, Act.SEE_OFFICERS, self.office.clock())
            rows = session.execute(select(Station, Unit).join(Unit, Unit.id == Station.unit_id).order_by(Station.name))
            return tuple(_view(station, unit) for station, unit in rows)


def key_of(session: Session, station_id: str) -> DeviceKey | None:
    """The key of a station that is registered and enabled; None for any other."""
    found = session.get(Station, station_id)
    return DeviceKey(found.thumbprint, found.public_key) if found is not None and found.enabled else None


def statement(private_pem: str, station_id: str, login: str, now: datetime) -> str:
    """What a station signs when somebody logs in at it: a compact JWS that is good for two minutes."""
    payload = json.dumps({"at": stamp(now), "login": login, "purpose": "officer-login", "station": station_id})
    header = {"alg": ALGORITHM, "typ": STATEMENT_TYPE}
    key = ECKey.import_key(private_pem)
    return jws.serialize_compact(header, payload.encode(), key, algorithms=[ALGORITHM])


def station_of(session: Session, token: str, login: str, now: datetime) -> str | None:
    """The id of the station that has signed that `login` logs in at it; None where no station is meant.

    RefusedError for a statement that is wrong, old, another officer's, or of a station that is not enabled.
    """
    if not token:
        return None
    try:
        said = json.loads(jws.extract_compact(token.encode()).payload)
        station = session.get(Station, str(said["station"]))
        if station is None or not station.enabled:
            raise RefusedError("the station is not registered, or not enabled")
        found = jws.deserialize_compact(token, ECKey.import_key(station.public_key), algorithms=[ALGORITHM])
        fresh = abs(stamp(now) - int(said["at"])) <= span(STATEMENT_LIFE)
        right = said["purpose"] == "officer-login" and said["login"] == login
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError("the station did not sign this login") from error
    if not (fresh and right and found.headers().get("typ") == STATEMENT_TYPE):
        raise RefusedError("the station did not sign this login")
    return station.id


def _unit_view(unit: Unit) -> UnitView:
    return UnitView(unit.id, unit.code, unit.name, UnitKind(unit.kind))


def _view(station: Station, unit: Unit) -> StationView:
    return StationView(
        id=station.id,
        name=station.name,
        unit=unit.code,
        unit_kind=UnitKind(unit.kind),
        thumbprint=station.thumbprint,
        enabled=station.enabled,
        added_at=moment_of(station.added_at),
    )
