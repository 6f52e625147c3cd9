"""The audit log: a hash chain over canonical JSON, written in the act's own transaction (S-34).

A chain shows what was changed inside it; that its tail was cut shows only a head kept elsewhere, which is why every
receipt carries one. Entries name accounts by keyed hash and hold no personal data (S-36).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RegistryError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import AuditEntry

EMPTY = hashlib.sha256(b"").hexdigest()
_LEAF = b"\x00"


@dataclass(frozen=True, slots=True)
class Head:
    """size: entries.  hash: of the last one, hex; of nothing for an empty log."""

    size: int
    hash: str


def append(session: Session, act: str, now: datetime, details: Mapping[str, str | int]) -> Head:
    """Writes the entry and gives the new head. The write transaction it is in keeps the order."""
    before = head(session)
    entry = {"seq": before.size + 1, "time": stamp(now), "act": act, "previous": before.hash, **details}
    content = rfc8785.dumps(entry)
    hashed = hashlib.sha256(_LEAF + content).hexdigest()
    session.add(AuditEntry(seq=before.size + 1, content=content.decode(), hash=hashed))
    session.flush()
    return Head(before.size + 1, hashed)


def head(session: Session) -> Head:
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    return Head(last.seq, last.hash) if last else Head(0, EMPTY)


def verify_chain(session: Session, known: Head | None = None) -> Head:
    """The head, when every entry is where and as it was written; RegistryError, which names the first wrong one.

    known: a head kept elsewhere; the log must still hold it.
    """
    expected = EMPTY
    hashes = {0: EMPTY}
    for number, entry in enumerate(session.scalars(select(AuditEntry).order_by(AuditEntry.seq)), 1):
        if entry.seq != number or not _is_link(entry, expected):
            raise RegistryError(f"the audit log is broken at entry {number}")
        expected = hashes[number] = entry.hash
    size = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    if known and hashes.get(known.size) != known.hash:
        raise RegistryError(f"the audit log no longer holds entry {known.size} as it was: entries were cut or changed")
    return Head(size, expected)


def _is_link(entry: AuditEntry, previous: str) -> bool:
    try:
        content = json.loads(entry.content)
        right = content["seq"] == entry.seq and content["previous"] == previous
    except (ValueError, KeyError, TypeError):
        return False
    return right and hashlib.sha256(_LEAF + entry.content.encode()).hexdigest() == entry.hash
