"""The journal of an offline desk: one signed record a line, each with the hash of the one before, never changed (S-40).

A record counts when its line is whole. What a process that was killed has left of one is cut off by the next append.
The file holds numbers and evidence of cards in the clear, readable by its owner only: it belongs on an encrypted disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785
from filelock import FileLock
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry.phone import ALGORITHM, DeviceKey, Phone
from cccd_nfc.sentences import Said

RECORD_TYPE = "cccd-offline+jwt"
START = hashlib.sha256(b"").hexdigest()
_LONGEST_LINE = 4 * 1024 * 1024
_MOST_LINES = 100_000


@dataclass(frozen=True, slots=True)
class Station:
    """A desk that may work without the registry. id: at most 32 characters.  keys: ES256, of the desk alone."""

    id: str
    keys: Phone = field(repr=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.id) <= 32:
            raise UsageError("a station's id has 1 to 32 characters")


@dataclass(frozen=True, slots=True)
class Record:
    """One line. at: by the desk's clock, which orders nothing.  digest: SHA-256 of the line, hex."""

    journal: str
    number: int
    previous: str
    station: str
    kind: str
    at: str
    digest: str
    facts: Mapping[str, Any] = field(repr=False)

    def text(self, name: str) -> str:
        """A fact that must be a text; RefusedError when it is missing or something else."""
        value = self.facts.get(name)
        if not isinstance(value, str):
            raise RefusedError("a record of the offline desk is not complete")
        return value


@dataclass(frozen=True, slots=True)
class Journal:
    path: Path

    def append(self, station: Station, kind: str, facts: Mapping[str, Any], now: datetime) -> Record:
        """The record, written and on the disk. Raises RefusedError for a journal that was changed, UsageError when the
        file cannot be used."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock"):
                whole = self._whole()
                known = parse(whole, station.keys.public)
                line = _line(station, kind, facts, known, now)
                self._write(len(whole), line)
            return parse(whole + line, station.keys.public)[-1]
        except OSError as error:
            sentence = "the journal {path} cannot be written: {reason}"
            raise UsageError(Said(sentence, path=self.path, reason=error.strerror)) from error

    def read(self) -> bytes:
        """Every whole line; empty where there is no file."""
        try:
            return self._whole()
        except OSError as error:
            sentence = "the journal {path} cannot be read: {reason}"
            raise UsageError(Said(sentence, path=self.path, reason=error.strerror)) from error

    def _whole(self) -> bytes:
        content = self.path.read_bytes() if self.path.exists() else b""
        return content[: content.rfind(b"\n") + 1]

    def _write(self, size: int, line: bytes) -> None:
        new = not self.path.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            file.truncate(size)
            file.seek(size)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if new:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def parse(content: bytes, key: DeviceKey) -> tuple[Record, ...]:
    """The records of a whole journal, in its order.

    RefusedError when a line was changed, left out, or signed by another key than the station's.
    """
    lines = content.split(b"\n")[:-1]
    if len(lines) > _MOST_LINES:
        raise RefusedError("the journal is longer than any desk writes")
    found: list[Record] = []
    for number, line in enumerate(lines):
        record = _record(line, key)
        before = found[-1].digest if found else START
        same = not found or (record.journal, record.station) == (found[0].journal, found[0].station)
        if record.number != number or record.previous != before or not same:
            raise RefusedError(Said("line {number} of the journal does not follow the one before", number=number + 1))
        found.append(record)
    return tuple(found)


def station_of(content: bytes) -> str:
    """The station that a journal says it is of; to be believed only when its key has signed it."""
    try:
        return str(json.loads(jws.extract_compact(content.split(b"\n", 1)[0]).payload)["station"])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("this is not the journal of an offline desk") from error


def _line(station: Station, kind: str, facts: Mapping[str, Any], known: Sequence[Record], now: datetime) -> bytes:
    content: dict[str, Any] = {
        "journal": known[0].journal if known else secrets.token_hex(16),
        "number": len(known),
        "previous": known[-1].digest if known else START,
        "station": station.id,
        "kind": kind,
        "at": now.isoformat(),
        "facts": dict(facts),
    }
    header = {"alg": ALGORITHM, "typ": RECORD_TYPE}
    key = ECKey.import_key(station.keys.private_pem)
    return jws.serialize_compact(header, rfc8785.dumps(content), key, algorithms=[ALGORITHM]).encode() + b"\n"


def _record(line: bytes, key: DeviceKey) -> Record:
    if len(line) > _LONGEST_LINE:
        raise RefusedError("a line of the journal is longer than any record")
    try:
        found = jws.deserialize_compact(line, ECKey.import_key(key.pem), algorithms=[ALGORITHM])
        content = json.loads(found.payload)
        named = [str(content[name]) for name in ("journal", "previous", "station", "kind", "at")]
        number, facts = int(content["number"]), dict(content["facts"])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("the journal was not signed by this station, or was changed") from error
    if found.headers().get("typ") != RECORD_TYPE or len(named[0]) != 32:
        raise RefusedError("the station signed this as something else")
    journal, previous, station, kind, at = named
    return Record(journal, number, previous, station, kind, at, hashlib.sha256(line).hexdigest(), facts)
