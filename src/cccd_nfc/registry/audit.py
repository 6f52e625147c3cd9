"""The audit log: a hash chain over canonical JSON, written in the act's own transaction (S-34), and a Merkle tree over
it, whose root and proofs can be checked by those who have not got the log.

A chain shows what was changed inside it; that its tail was cut shows only a head kept elsewhere, which is why every
receipt carries one. Entries name accounts by keyed hash and hold no personal data (S-36).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import rfc8785
from sqlalchemy import event, func, select, tuple_
from sqlalchemy.orm import Session

from cccd_nfc.errors import NotFoundError, RegistryError, UsageError
from cccd_nfc.registry import merkle
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import AuditEntry, AuditNode
from cccd_nfc.sentences import Said

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


@dataclass(slots=True)
class _Tip:
    """The log's end as the transaction knows it: read once, and then kept up, since only it may append meanwhile.

    nodes: (level, position) -> hash of what was read or made.  contents: of the entries that this transaction made.
    """

    size: int
    last: str
    nodes: dict[tuple[int, int], bytes]
    contents: dict[int, str]
    whole: bool = False


_TIP = "audit tip"


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _: object) -> None:
    """What was appended may be gone with a savepoint."""
    session.info.pop(_TIP, None)


@event.listens_for(Session, "after_commit")
def _let_go(session: Session) -> None:
    """Another transaction may append from now on."""
    session.info.pop(_TIP, None)


def append(session: Session, act: str, now: datetime, details: Mapping[str, str | int]) -> int:
    """Writes the entry and gives its number, from 1. The write transaction it is in keeps the order."""
    tip = _tip(session)
    index = tip.size
    content = rfc8785.dumps({"seq": index + 1, "time": stamp(now), "act": act, "previous": tip.last, **details})
    leaf = merkle.leaf_hash(content)
    if index & 3 == 3:
        _read_peaks(session, tip)  # else the leaf completes nothing, or a pair with the leaf before it
    rows: list[AuditEntry | AuditNode] = [AuditEntry(seq=index + 1, content=content.decode(), hash=leaf.hex())]
    made = merkle.completed(index, leaf, _nodes(session, tip))
    rows.extend(AuditNode(level=level, position=place, hash=hashed.hex()) for level, place, hashed in made[1:])
    session.add_all(rows)
    session.flush()
    tip.nodes.update({(level, place): hashed for level, place, hashed in made})
    tip.contents[index + 1] = content.decode()
    tip.size, tip.last = index + 1, leaf.hex()
    return tip.size


def _tip(session: Session) -> _Tip:
    known = session.info.get(_TIP)
    if isinstance(known, _Tip):
        return known
    last = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
    entries, hashed = (last.seq, last.hash) if last else (0, NOTHING)
    tip = _Tip(entries, hashed, {(0, entries - 1): _raw(hashed)} if last else {}, {})
    session.info[_TIP] = tip
    return tip


def _read_peaks(session: Session, tip: _Tip) -> None:
    """The subtrees that the log is made of, in one query: the next entry and the root need no more."""
    above = [] if tip.whole else [peak for peak in merkle.peaks(tip.size) if peak[0] and peak not in tip.nodes]
    tip.whole = True
    if above:
        wanted = select(AuditNode.level, AuditNode.position, AuditNode.hash)
        rows = session.execute(wanted.where(tuple_(AuditNode.level, AuditNode.position).in_(above)))
        tip.nodes.update({(level, position): _raw(hashed) for level, position, hashed in rows})


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
    tip = _tip(session)
    _read_peaks(session, tip)
    return Head(tip.size, merkle.root(tip.size, _nodes(session, tip)).hex())


def root_at(session: Session, entries: int) -> str:
    """The root that the log had when it had so many entries, hex; they are not read again."""
    return merkle.root(entries, _nodes(session, _tip(session))).hex()


def act_of(session: Session, number: int) -> str:
    """What the entry of this number says was done."""
    return str(json.loads(session.get_one(AuditEntry, number).content)["act"])


def prove_inclusion(session: Session, number: int) -> Inclusion:
    """That entry `number` is in the log as it is now; NotFoundError when there is none."""
    now, tip = head(session), _tip(session)
    content = tip.contents.get(number) or session.scalar(select(AuditEntry.content).where(AuditEntry.seq == number))
    if content is None:
        raise NotFoundError(Said("the audit log has no entry {number}", number=number))
    path = merkle.inclusion_path(number - 1, now.size, _nodes(session, tip))
    return Inclusion(content, now, _hex(path))


def prove_consistency(session: Session, earlier: Head) -> tuple[Head, tuple[str, ...]]:
    """The head, and what proves that it goes on from `earlier` (RFC 9162 §2.1.4); UsageError for a longer log."""
    now = head(session)
    if not 0 < earlier.size <= now.size:
        raise UsageError(
            Said(
                "the audit log has {size} entries, and cannot go on from {earlier}", size=now.size, earlier=earlier.size
            )
        )
    return now, _hex(merkle.consistency_path(earlier.size, now.size, _nodes(session, _tip(session))))


def _hex(path: list[bytes]) -> tuple[str, ...]:
    return tuple(part.hex() for part in path)


def _nodes(session: Session, tip: _Tip) -> merkle.Node:
    """The tree: what the transaction knows of it, else as the database keeps it, leaves with their entries."""

    def node(level: int, position: int) -> bytes:
        known = tip.nodes.get((level, position))
        if known is None:
            hashed = _kept(session, level, position)
            if hashed is None:
                raise RegistryError("the audit log is broken: a part of its tree is missing")
            known = _raw(hashed)
        return known

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


def verify(session: Session, known: Iterable[Head] = ()) -> Head:
    """The head, when every entry and node is where and as it was written; RegistryError names the first wrong one.

    known: heads kept elsewhere, of this log or of its beginning; the log is read once for all of them.
    """
    whole = verify_entries(session, known)
    _check_nodes(session, whole.size)
    return whole


def verify_entries(session: Session, known: Iterable[Head] = ()) -> Head:
    """The same without the tree's nodes, which a registry of an earlier version has not got."""
    wanted = sorted(known, key=lambda each: each.size)
    sizes = {each.size for each in wanted}
    entries, found = 0, {0: merkle.EMPTY.hex()}
    peaks: dict[int, bytes] = {}
    for entries, leaf in _verified_entries(session):
        for level, _, hashed in merkle.completed(entries - 1, leaf, lambda level, _: peaks[level]):
            peaks[level] = hashed
        if entries in sizes:
            found[entries] = _root(entries, peaks)
    for each in wanted:
        if found.get(each.size) != each.root:
            raise RegistryError(
                Said(
                    "the audit log no longer holds entry {number} as it was: entries were cut or changed",
                    number=each.size,
                )
            )
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
            raise RegistryError(Said("the audit log is broken at entry {number}", number=number))
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
                raise RegistryError(
                    Said(
                        "the audit log's tree is broken at level {level}, node {position}",
                        level=level,
                        position=position,
                    )
                )


def _hashes(session: Session, level: int) -> Iterator[bytes]:
    nodes = select(AuditNode.hash).where(AuditNode.level == level).order_by(AuditNode.position)
    rows = session.scalars(nodes if level else select(AuditEntry.hash).order_by(AuditEntry.seq))
    return map(_raw, rows.yield_per(_AT_ONCE))
