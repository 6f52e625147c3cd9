"""Rotation of the registry's keys (S-37): the new one writes from now on, the old ones still read and verify.

A key it was begun with is `KIND.key`; the one that takes its place is `KIND.2.key`, and so on. Which ones count says
the database: a file whose rotation was broken off counts for nothing and is written over by the next. A key that signs
is announced by the one before, so that whoever knows an old key can trust the new one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import RegistryUnavailableError, SignatureError, UsageError
from cccd_nfc.registry import four_eyes, key_files, signed
from cccd_nfc.registry.clock import moment_of, stamp
from cccd_nfc.registry.four_eyes import Kind
from cccd_nfc.registry.keys import Keys, Ring, key_id, seal, unseal
from cccd_nfc.registry.models import KeyGeneration, Message, PersonKey, StoredEvidence
from cccd_nfc.registry.models.log import recipient_label
from cccd_nfc.registry.office import Office
from cccd_nfc.registry.permissions import Act
from cccd_nfc.registry.vault import Vault, key_label

ROTATION_TYPE = "cccd-key-rotation+jwt"
_SIZE = 32


class KeyKind(StrEnum):
    """Keys that can be rotated. The others cannot without losing what hangs on them: `lookup` finds accounts,
    `reference` names them in the audit log, `code` and `password` are in hashes that nobody can make anew."""

    PERSONAL = "personal"
    OUTBOX = "outbox"
    EVIDENCE = "evidence"
    RECEIPT = "receipt"
    HEAD = "head"


SIGNING = (KeyKind.RECEIPT, KeyKind.HEAD)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs, or signed. public_key: 43 characters of base64url.  since, statement: of a rotated one.

    statement: what the key before signed about this one, a compact JWS.
    """

    kind: KeyKind
    generation: int
    public_key: str
    since: datetime | None
    statement: str


def with_rotated(session: Session, keys: Keys) -> Keys:
    """`keys` with those that took the place of the first; RegistryUnavailableError where one is missing or another."""
    rows = session.scalars(select(KeyGeneration).order_by(KeyGeneration.kind, KeyGeneration.generation))
    for row in rows:
        keys = _next(keys, KeyKind(row.kind), _read(keys, row))
    return keys


def _read(keys: Keys, row: KeyGeneration) -> bytes:
    try:
        content = key_files.read(_path(keys, KeyKind(row.kind), row.generation))
    except OSError as error:
        raise RegistryUnavailableError("a key that was rotated is missing from the folder of keys") from error
    if key_id(content) != row.key_id or len(content) != _SIZE:
        raise RegistryUnavailableError("a key that was rotated is damaged, or that of another registry")
    return content


def _path(keys: Keys, kind: KeyKind, generation: int) -> Path:
    return keys.folder / f"{kind}.{generation}.key"


def _next(keys: Keys, kind: KeyKind, new: bytes) -> Keys:
    changed: Mapping[str, Any]
    if kind in SIGNING:
        changed = {kind.value: Ed25519PrivateKey.from_private_bytes(new)}
    else:
        old: Ring = getattr(keys, kind.value)
        changed = {kind.value: Ring(new, (bytes(old), *old.older))}
    return replace(keys, **changed)


def rotate(office: Office, kind: KeyKind, approved_by: Sequence[str] = ()) -> Keys:
    """The keys with a new one of this kind. What the old one had wrapped or sealed is so by the new one, in the same
    transaction; a desk that was open all the while has to be opened again before it can read it.

    Raises RefusedError without two persons, RegistryUnavailableError when the key or the database cannot be written.
    """
    now = office.clock()
    with office.database.write() as session:
        office.may(session, Act.KEEP_REGISTRY, now)
        names = four_eyes.of_two(office, session, Kind.ROTATE_KEYS, approved_by, now, subject=kind.value)
        keys, new = with_rotated(session, Keys.open(office.keys.folder, create=False)), os.urandom(_SIZE)
        made = _next(keys, kind, new)
        row = KeyGeneration(
            kind=kind, generation=_newest(session, kind) + 1, key_id=key_id(new), public_key="", statement="",
            made_at=stamp(now),
        )  # fmt: skip
        _write(keys, row, new)
        if kind in SIGNING:
            row.public_key = signed.public_key_text(getattr(made, kind.value))
            row.statement = _statement(keys, kind, row, now)
        session.add(row)
        _renew(session, kind, keys, made)
        facts = {"kind": kind.value, "key": row.public_key or row.key_id, "approved_by": names}
        office.record_alone(session, "key-rotated", now, row="S-37", **facts)
    return made


def _newest(session: Session, kind: KeyKind) -> int:
    query = select(func.max(KeyGeneration.generation)).where(KeyGeneration.kind == kind)
    return session.scalar(query) or 1


def _write(keys: Keys, row: KeyGeneration, new: bytes) -> None:
    try:
        path = _path(keys, KeyKind(row.kind), row.generation)
        write_atomically(path, key_files.content_of(new, path.name))
    except UsageError as error:
        raise RegistryUnavailableError("the new key cannot be written") from error


def _statement(keys: Keys, kind: KeyKind, row: KeyGeneration, now: datetime) -> str:
    old: Ed25519PrivateKey = getattr(keys, kind.value)
    content = {
        "kind": kind.value,
        "generation": row.generation,
        "old": signed.public_key_text(old),
        "new": row.public_key,
        "time": now.isoformat(),
    }
    return signed.sign(old, ROTATION_TYPE, content)


# --- what hangs on a key that encrypts --------------------------------------------------------------------------------


def _renew(session: Session, kind: KeyKind, old: Keys, new: Keys) -> None:
    if kind is KeyKind.PERSONAL:
        _rewrap(session, Vault(old), Vault(new))
    elif kind is KeyKind.OUTBOX:
        _reseal_messages(session, old.outbox, new.outbox)
    elif kind is KeyKind.EVIDENCE:
        _reseal_evidence(session, old.evidence, new.evidence)
    session.flush()


def _rewrap(session: Session, old: Vault, new: Vault) -> None:
    kept = select(PersonKey).where(PersonKey.wrapped.is_not(None)).order_by(PersonKey.owner)
    for row in session.scalars(kept):
        label = key_label(row.owner, row.kind, row.generation)
        row.wrapped = new.wrapped(old.unwrapped(row.wrapped or b"", label), label)


def _reseal_messages(session: Session, old: bytes, new: bytes) -> None:
    for message in session.scalars(select(Message).order_by(Message.id)):
        if message.sealed_recipient:
            label = recipient_label(message.id)
            message.sealed_recipient = seal(new, unseal(old, message.sealed_recipient, label), label)
        if message.sealed is not None:
            message.sealed = seal(new, unseal(old, message.sealed, message.id), message.id)


def _reseal_evidence(session: Session, old: bytes, new: bytes) -> None:
    """Evidence of persons unknown; the rest is under keys of its persons."""
    kept = select(StoredEvidence).where(StoredEvidence.owner == "").order_by(StoredEvidence.id)
    for stored in session.scalars(kept):
        if stored.sealed:
            stored.sealed = seal(new, unseal(old, stored.sealed, stored.digest), stored.digest)


# --- what a key that signs has signed ---------------------------------------------------------------------------------


def public_keys(office: Office, kind: KeyKind) -> tuple[PublicKey, ...]:
    """Every key of the kind, the newest first; each but the first has a statement that the one before signed.

    Raises SignatureError where such a statement does not hold: then somebody has put in a key of their own.
    """
    first = getattr(Keys.open(office.keys.folder, create=False), kind.value)
    found = [PublicKey(kind, 1, signed.public_key_text(first), None, "")]
    with office.database.write() as session:
        rows = select(KeyGeneration).where(KeyGeneration.kind == kind).order_by(KeyGeneration.generation)
        for row in session.scalars(rows):
            known = PublicKey(kind, row.generation, row.public_key, moment_of(row.made_at), row.statement)
            if check_statement(known.statement, found[-1].public_key) != (kind, known.public_key):
                raise SignatureError("the statement about a key names another key")
            found.append(known)
    return tuple(reversed(found))


def check_statement(statement: str, old_key: str) -> tuple[KeyKind, str]:
    """(kind, the new public key) of a rotation that `old_key` has signed; SignatureError when it has not."""
    content = signed.verified(statement, old_key, ROTATION_TYPE)
    try:
        kind, new, old = KeyKind(content["kind"]), str(content["new"]), content["old"]
    except (KeyError, ValueError) as error:
        raise SignatureError("not a statement about a key") from error
    if old != old_key:
        raise SignatureError("the statement about a key names another key")
    return kind, new
