"""The audit log: a hash chain over canonical JSON, written in the act's own transaction (S-34), and a Merkle tree over
it, whose root and proofs can be checked by those who have not got the log.

A chain shows what was changed inside it; that its tail was cut shows only a head kept elsewhere, which is why every
receipt carries one. Entries name accounts by keyed hash and hold no personal data (S-36).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RegistryError, UsageError
from cccd_nfc.registry import merkle
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import AuditEntry, AuditNode

NOTHING = hashlib.sha256(b"").hexdigest()
"""What the first entry has as the one before it."""

_AT_ONCE = 1000
"""Rows that are in memory at one time."""


@dataclass(frozen=True, slots=True)
class Head:
    """size: entries.  root: of the Merkle tree over them (RFC 9162 §2.1.1), hex."""

    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the log. content: the entry, canonical JSON.  head: of the log.  path: hex, from the leaf."""

    content: str
    head: Head
    path: tuple[str, ...]


def append(session: Session, act: str, now: datetime, details: Mapping[str, str | int]) -> int:
    """Writes the entry and gives its number, from 1. The write transaction it is in keeps the order."""
    last = session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    index, previous = (last.seq, last.hash) if last else (0, NOTHING)
    content = rfc8785.dumps({"seq": index + 1, "time": stamp(now), "act": act, "previous": previous, **details})
    leaf = merkle.leaf_hash(content)
    session.add(AuditEntry(seq=index + 1, content=content.decode(), hash=leaf.hex()))
    for level, position, hashed in merkle.completed(index, leaf, _nodes(session, index))[1:]:
        session.add(AuditNode(level=level, position=position, hash=hashed.hex()))
    session.flush()
    return index + 1


def size(session: Session) -> int:
    return session.scalar(select(func.max(AuditEntry.seq))) or 0


def last_time(session: Session) -> int | None:
    """When the newest entry was written, in microseconds; None for an empty log."""
    content = session.scalar(select(AuditEntry.content).order_by(AuditEntry.seq.desc()).limit(1))
    try:
        return int(json.loads(content)["time"]) if content is not None else None
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError("the audit log is broken at its newest entry") from error


def head(session: Session) -> Head:
    entries = size(session)
    return Head(entries, merkle.root(entries, _nodes(session, entries)).hex())


def prove_inclusion(session: Session, number: int) -> Inclusion:
    """That entry `number` is in the log as it is now; NotFoundError when there is none."""
    entry = session.get(AuditEntry, number)
    if entry is None:
        raise NotFoundError(f"the audit log has no entry {number}")
    entries = size(session)
    node = _nodes(session, entries)
    path = merkle.inclusion_path(number - 1, entries, node)
    return Inclusion(entry.content, Head(entries, merkle.root(entries, node).hex()), _hex(path))


def prove_consistency(session: Session, earlier: Head) -> tuple[Head, tuple[str, ...]]:
    """The head, and what proves that it goes on from `earlier` (RFC 9162 §2.1.4); UsageError for a longer log."""
    now = head(session)
    if not 0 < earlier.size <= now.size:
        raise UsageError(f"the audit log has {now.size} entries, and cannot go on from {earlier.size}")
    return now, _hex(merkle.consistency_path(earlier.size, now.size, _nodes(session, now.size)))


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(part.hex() for part in path)


def _nodes(session: Session, entries: int) -> merkle.Node:
    """The tree as the database keeps it: leaves with their entries, the nodes above by themselves.

    What a log of so many entries is made of comes in one query: the next entry and the root need no more.
    """
    above = [peak for peak in merkle.peaks(entries) if peak[0]]
    wanted = select(AuditNode.level, AuditNode.position, AuditNode.hash)
    rows = session.execute(wanted.where(tuple_(AuditNode.level, AuditNode.position).in_(above))) if above else ()
    kept = {(level, position): hashed for level, position, hashed in rows}

    def node(level: int, position: int) -> bytes:
        hashed = kept.get((level, position)) or _kept(session, level, position)
        if hashed is None:
            raise RegistryError("the audit log is broken: a part of its tree is missing")
        return _raw(hashed)

    return node


def _kept(session: Session, level: int, position: int) -> str | None:
    if level:
        return session.scalar(select(AuditNode.hash).where(AuditNode.level == level, AuditNode.position == position))
    return session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == position + 1))


def _raw(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise RegistryError("the audit log is broken: a part of its tree is no hash") from error


# The whole log, read again --------------------------------------------------------------------------------------------


def verify(session: Session, known: Head | None = None) -> Head:
    """The head, when every entry and node is where and as it was written; RegistryError names the first wrong one.

    known: a head kept elsewhere, of this log or of its beginning.
    """
    entries, found = 0, {0: merkle.EMPTY.hex()}
    peaks: dict[int, bytes] = {}
    for entries, leaf in _verified_entries(session):
        for level, _, hashed in merkle.completed(entries - 1, leaf, lambda level, _: peaks[level]):
            peaks[level] = hashed
        if known and entries == known.size:
            found[entries] = _root(entries, peaks)
    if known and found.get(known.size) != known.root:
        raise RegistryError(f"the audit log no longer holds entry {known.size} as it was: entries were cut or changed")
    _check_nodes(session, entries)
    return Head(entries, _root(entries, peaks))


def _root(entries: int, peaks: Mapping[int, bytes]) -> str:
    return merkle.root(entries, lambda level, _: peaks[level]).hex()


def _verified_entries(session: Session) -> Iterator[tuple[int, bytes]]:
    """The number and leaf hash of each entry; RegistryError at the first that is not what was written there."""
    previous = NOTHING
    rows = session.execute(select(AuditEntry.seq, AuditEntry.content, AuditEntry.hash).order_by(AuditEntry.seq))
    for number, (seq, content, hashed) in enumerate(rows.yield_per(_AT_ONCE), 1):
        leaf = merkle.leaf_hash(content.encode())
        if seq != number or leaf.hex() != hashed or not _follows(content, seq, previous):
            raise RegistryError(f"the audit log is broken at entry {number}")
        previous = hashed
        yield number, leaf


def _follows(content: str, seq: int, previous: str) -> bool:
    try:
        said = json.loads(content)
        return bool(said["seq"] == seq and said["previous"] == previous)
    except (ValueError, KeyError, TypeError):
        return False


def _check_nodes(session: Session, entries: int) -> None:
    """Every node is that of its two, level by level; a wrong one could only spoil proofs, but nobody would know why."""
    expected = sum(entries >> level for level in range(1, entries.bit_length()))
    if session.scalar(select(func.count()).select_from(AuditNode)) != expected:
        raise RegistryError("the audit log's tree is broken: it has nodes too many or too few")
    for level in range(1, entries.bit_length()):
        below = _hashes(session, level - 1)
        for position, hashed in enumerate(_hashes(session, level)):
            if merkle.node_hash(next(below), next(below)) != hashed:
                raise RegistryError(f"the audit log's tree is broken at level {level}, node {position}")


def _hashes(session: Session, level: int) -> Iterator[bytes]:
    nodes = select(AuditNode.hash).where(AuditNode.level == level).order_by(AuditNode.position)
    rows = session.scalars(nodes if level else select(AuditEntry.hash).order_by(AuditEntry.seq))
    return map(_raw, rows.yield_per(_AT_ONCE))
