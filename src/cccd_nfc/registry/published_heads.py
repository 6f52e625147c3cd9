"""Heads of the audit log that are signed and carried away by themselves (S-34): a log that is cut, or put back to an
older copy together with its database, no longer agrees with what is kept elsewhere.

A head is due after so many entries, or so long after the one before, whichever comes first; it is signed in the
transaction of the act that makes it due, and carried away after it, in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import RegistryError, UsageError
from cccd_nfc.registry import audit, log_heads
from cccd_nfc.registry.audit import Head
from cccd_nfc.registry.clock import span, stamp
from cccd_nfc.registry.models import PublishedHead
from cccd_nfc.sentences import Said

_NAME = re.compile(r"head-(\d{12})\.jwt")


class HeadKeeper(Protocol):
    """Keeps heads where the registry's administrator cannot change them; RegistryError when it could not."""

    def keep(self, size: int, head: str) -> None:
        """size: entries of the log.  head: signed, a compact JWS. The same head may come twice."""


@dataclass(frozen=True, slots=True)
class HeadSchedule:
    """When the next head is due, by entries and by time since the last."""

    entries: int = 256
    after: timedelta = timedelta(seconds=60)

    def is_due(self, last: PublishedHead | None, size: int, now: datetime) -> bool:
        if last is None:
            return True
        return size > last.size and (
            size - last.size >= self.entries or stamp(now) - last.published_at >= span(self.after)
        )


class FolderKeeper:
    """Each head a file in a folder, which may lie on another machine. It never goes back to a shorter log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, size: int, head: str) -> None:
        """RegistryError for another head of that size, or one after a head of a longer log: there are two histories."""
        path = self._folder / f"head-{size:012d}.jwt"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.exists():
                if path.read_text(encoding="ascii").strip() != head:
                    raise RegistryError(Said("another head of {size} entries is kept already", size=size))
                return
            longest = max((found for found, _ in self._files()), default=0)
            if longest > size:
                raise RegistryError(
                    Said(
                        "a head of {longest} entries is kept already, and this log has {size}",
                        longest=longest,
                        size=size,
                    )
                )
            write_atomically(path, f"{head}\n".encode())
        except (OSError, UnicodeDecodeError, UsageError) as error:
            raise RegistryError("the heads of the audit log cannot be carried away") from error

    def kept(self) -> tuple[str, ...]:
        """Every head in the folder, that of the shortest log first; UsageError when it cannot be read."""
        try:
            return tuple(path.read_text(encoding="ascii").strip() for _, path in self._files())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(Said("cannot read {path}", path=self._folder)) from error

    def _files(self) -> list[tuple[int, Path]]:
        found = [(_NAME.fullmatch(path.name), path) for path in self._folder.iterdir()]
        return sorted((int(name[1]), path) for name, path in found if name)


class Standing(StrEnum):
    """What a head from elsewhere is to this log."""

    HELD = "held"
    """The log began so."""
    LONGER = "longer"
    """It is of a longer log: this one is an old copy, or was cut."""
    OTHER = "other"
    """The log began otherwise: there are two histories."""


@dataclass(frozen=True, slots=True)
class Compared:
    size: int
    root: str
    standing: Standing


def publish_if_due(
    session: Session, key: Ed25519PrivateKey, schedule: HeadSchedule, size: int, now: datetime
) -> None:  # fmt: skip
    """Signs the head of the log of `size` entries when one is due; it is kept with the act, or not at all."""
    if schedule.is_due(newest(session), size, now):
        publish(session, key, now)


def publish(session: Session, key: Ed25519PrivateKey, now: datetime) -> PublishedHead | None:
    """The newest head, made when the log has grown since the last; None for a log without entries."""
    last, size = newest(session), audit.size(session)
    if size == 0 or (last is not None and last.size >= size):
        return last
    head = audit.head(session)
    made = PublishedHead(
        size=head.size, root=head.root, token=log_heads.sign_head(key, head, now), published_at=stamp(now)
    )
    session.add(made)
    session.flush()
    return made


def newest(session: Session) -> PublishedHead | None:
    return session.scalar(select(PublishedHead).order_by(PublishedHead.size.desc()).limit(1))


def carry(session: Session, keeper: HeadKeeper, now: datetime) -> int:
    """Gives the keeper every head that it has not got, in order; how many. What the keeper raises ends it."""
    waiting = select(PublishedHead).where(PublishedHead.kept_at.is_(None)).order_by(PublishedHead.size)
    heads = session.scalars(waiting).all()
    for head in heads:
        keeper.keep(head.size, head.token)
        head.kept_at = stamp(now)
    return len(heads)


def published(session: Session) -> list[PublishedHead]:
    return list(session.scalars(select(PublishedHead).order_by(PublishedHead.size)))


def compared(session: Session, heads: Iterable[Head]) -> tuple[Compared, ...]:
    """What each head is to this log; of those that are longer, two of one size and two roots are OTHER both."""
    found, size = list(heads), audit.size(session)
    return tuple(Compared(head.size, head.root, _standing(session, head, size, found)) for head in found)


def _standing(session: Session, head: Head, size: int, every: list[Head]) -> Standing:
    if head.size <= size:
        return Standing.HELD if audit.root_at(session, head.size) == head.root else Standing.OTHER
    contradicted = any(other.size == head.size and other.root != head.root for other in every)
    return Standing.OTHER if contradicted else Standing.LONGER
