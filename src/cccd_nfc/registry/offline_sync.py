"""The registry's side of offline desks: it takes their journals, and decides by its own order (S-40, DS-11, DS-12).

Locks are set first, whatever the journal's order: a later lock wins over an earlier binding. A binding is PROVISIONAL
when it was received, and is decided in the order of receipt: it wins when nothing has changed the account since the
desk's last contact, which its pass names as an entry of the audit log. No clock of a desk takes part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sqlalchemy import select

from cccd_nfc.errors import (
    AuthenticationError,
    CardError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from cccd_nfc.registry import (
    audit,
    officer_sessions,
    signed,
    stations,
)
from cccd_nfc.registry.models import OfflineRecord
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.offline_decisions import decide
from cccd_nfc.registry.offline_journal import Record, parse, station_of
from cccd_nfc.registry.offline_records import NOTED, PROVISIONAL, REFUSED, note, take_binding, take_lock
from cccd_nfc.registry.origin import Channel, Origin
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.phone import DeviceKey

PASS_TYPE = "cccd-offline-pass+jwt"
_REFUSALS = (RefusedError, NotFoundError, AuthenticationError, CardError, UsageError)


class StationKeys(Protocol):
    """Who the stations are: the key of one that is known and enabled, None for any other. A registry with officers has
    stations of its own, and believes in no others."""

    def __call__(self, station: str, /) -> DeviceKey | None: ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one record. outcome: "bound", "lost", "locked", "refused", "noted" or "provisional"."""

    number: int
    kind: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfflineSync:
    office: Office
    station_key: StationKeys = field(repr=False)

    def issue_pass(self, station: str) -> str:
        """What a desk takes along when it goes offline, signed: how long the audit log was."""
        self._key(station)
        with self.office.database.write() as session:
            facts = {"station": station, "entry": audit.size(session), "time": self.office.clock().isoformat()}
        return signed.sign(self.office.keys.head, PASS_TYPE, facts)

    def sync(self, journal: bytes) -> tuple[Settled, ...]:
        """Takes the journal and decides; what became of each record of it. Again, it changes nothing.

        Raises RefusedError for a station that is not enabled, and for a journal that is not wholly its own: nothing
        of it is taken then.
        """
        records = self.receive(journal)
        self.settle()
        with self.office.database.write() as session:
            rows = session.scalars(select(OfflineRecord).where(OfflineRecord.journal == records[0].journal))
            in_order = sorted(rows, key=lambda row: row.number)
            return tuple(Settled(row.number, row.kind, row.outcome, row.reason) for row in in_order)

    def receive(self, journal: bytes) -> tuple[Record, ...]:
        """Takes what is new: locks are set, bindings become PROVISIONAL (DS-11)."""
        station = station_of(journal)
        key = self._key(station)
        records = parse(journal, key)
        if not records or records[0].station != station:
            raise RefusedError("the journal is not of this station")
        new = self._new(records)
        passes = {record.number: self._entry(records, record) for record in records}
        for record in sorted(new, key=lambda record: record.kind != "lock"):
            self._take(record, key, passes[record.number])
        return records

    def settle(self) -> int:
        """Decides every provisional binding, in the order of receipt (DS-12); gives how many."""
        with self.office.database.write() as session:
            open_ones = select(OfflineRecord.received).where(OfflineRecord.outcome == PROVISIONAL)
            waiting = session.scalars(open_ones.order_by(OfflineRecord.received)).all()
        for received in waiting:
            with self.office.database.write() as session:
                decide(self.office, session, session.get_one(OfflineRecord, received))
        return len(waiting)

    def _key(self, station: str) -> DeviceKey:
        with self.office.database.write() as session:
            self.office.may(session, Act.TAKE_JOURNAL, self.office.clock())
            registered = officer_sessions.has_officers(session)
            key = stations.key_of(session, station) if registered else self.station_key(station)
        if key is None:
            raise RefusedError("this station is not known, or not enabled")
        return key

    def _new(self, records: Sequence[Record]) -> list[Record]:
        """Those that were not taken yet; RefusedError when the journal is another than the one that was."""
        with self.office.database.write() as session:
            rows = session.scalars(select(OfflineRecord).where(OfflineRecord.journal == records[0].journal))
            known = {row.number: row.digest for row in rows}
        if any(known.get(record.number, record.digest) != record.digest for record in records):
            raise RefusedError("the journal is not the one that this station handed in before")
        return [record for record in records if record.number not in known]

    def _entry(self, records: Sequence[Record], record: Record) -> int:
        """How long the log was at the desk's last contact before this record; 0 when it had none."""
        before = [each for each in records[: record.number + 1] if each.kind == "pass"]
        if not before:
            return 0
        head_key = signed.public_key_text(self.office.keys.head)
        content = signed.verified(before[-1].text("pass"), head_key, PASS_TYPE)
        if content.get("station") != record.station or not isinstance(content.get("entry"), int):
            raise RefusedError("the desk's pass is that of another station")
        return int(content["entry"])

    def _take(self, record: Record, key: DeviceKey, entry: int) -> None:
        officer = record.facts.get("officer", "")
        origin = Origin(Channel.DESK, str(officer)[:32], record.station)
        office = replace(self.office, origin=origin)
        try:
            if record.kind == "lock":
                take_lock(office, record)
            elif record.kind == "bind":
                take_binding(office, record, key, entry)
            else:
                note(office, record, NOTED)
        except _REFUSALS as error:
            note(office, record, REFUSED, error)
