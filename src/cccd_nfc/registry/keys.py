"""The registry's keys: files of their own, outside the database and readable by their owner only (S-37).

Whoever steals the database has neither the codes, nor the evidence, nor a signature. Each key has one use.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import RegistryError, RegistryUnavailableError
from cccd_nfc.registry import key_files
from cccd_nfc.sentences import Said

_SYMMETRIC = ("code", "evidence", "outbox", "reference")
_SIGNING = ("receipt",)
_LATER = ("head", "password", "officer", "personal", "lookup")
"""Keys that a registry of an earlier version has not got yet. Ed25519 is the first of them only."""
_SIZE = 32
_NONCE = 12


class Ring(bytes):
    """A key that was rotated: itself the newest, with which is written; `older` ones still read."""

    older: tuple[bytes, ...]

    def __new__(cls, newest: bytes, older: tuple[bytes, ...] = ()) -> Ring:
        made = super().__new__(cls, newest)
        made.older = older
        return made

    def __repr__(self) -> str:
        return "Ring(...)"


@dataclass(frozen=True, slots=True)
class Keys:
    """code: HMAC key for one-time passwords.  evidence, outbox: AES-256-GCM.  reference: HMAC key for the names of
    accounts in the audit.  receipt, head: Ed25519, for receipts and for heads of the audit log.

    password: the pepper of passwords, passcodes and answers.  officer: AES-256-GCM, for officers' TOTP seeds.
    personal: AES-256-GCM, wraps each person's own key.  lookup: HMAC key, by which what is sealed is found again.
    folder: where they lie.
    """

    code: bytes = field(repr=False)
    evidence: Ring = field(repr=False)
    outbox: Ring = field(repr=False)
    reference: bytes = field(repr=False)
    receipt: Ed25519PrivateKey = field(repr=False)
    head: Ed25519PrivateKey = field(repr=False)
    password: bytes = field(repr=False)
    officer: bytes = field(repr=False)
    personal: Ring = field(repr=False)
    lookup: bytes = field(repr=False)
    folder: Path = field(default=Path(), repr=False)

    @classmethod
    def open(cls, folder: Path, *, create: bool, complete: bool = False) -> Keys:
        """The keys in `folder`, made with `create` when the folder is new; `complete` adds those of later versions.
        Where others are missing nothing is made: new keys would make what the old ones sealed unreadable, and nobody
        would notice."""
        names = [f"{name}.key" for name in (*_SYMMETRIC, *_SIGNING, *_LATER)]
        try:
            if create and not folder.exists():
                _create(folder, names)
            if complete and folder.is_dir():
                _complete(folder)
            missing = [name for name in names if not (folder / name).exists()]
            if missing:
                raise RegistryUnavailableError(
                    Said("keys of the registry are missing: {names}", names=", ".join(missing))
                )
            found = {name: key_files.read(folder / name) for name in names}
        except OSError as error:
            raise RegistryUnavailableError(
                Said("the registry's keys cannot be read: {reason}", reason=error.strerror)
            ) from error
        if any(len(key) != _SIZE for key in found.values()):
            raise RegistryUnavailableError("a key of the registry is damaged")
        code, evidence, outbox, reference, receipt, head, password, officer, personal, lookup = found.values()
        signing = [Ed25519PrivateKey.from_private_bytes(each) for each in (receipt, head)]
        later = password, officer, Ring(personal), lookup, folder
        return cls(code, Ring(evidence), Ring(outbox), reference, signing[0], signing[1], *later)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the keys that every version has, 64 hex digits: tells them apart and gives none away."""
        every = (self.code, self.evidence, self.outbox, self.reference, self.receipt.private_bytes_raw())
        return hashlib.sha256(b"cccd-nfc registry keys\x00" + b"".join(every)).hexdigest()

    @property
    def later_fingerprint(self) -> str:
        """The same over the keys that came with later versions."""
        every = (self.head.private_bytes_raw(), self.password, self.officer, self.personal, self.lookup)
        return hashlib.sha256(b"cccd-nfc registry later keys\x00" + b"".join(every)).hexdigest()

    def account_reference(self, account_id: str) -> str:
        """What the audit calls an account: a keyed hash, 16 hex digits (S-36)."""
        return hmac.new(self.reference, account_id.encode(), hashlib.sha256).hexdigest()[:16]

    def lookup_digest(self, *parts: str) -> str:
        """By what something sealed is found again: a keyed hash over its parts, 64 hex digits."""
        return hmac.new(self.lookup, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()

    def name_reference(self, name: str) -> str:
        """What the audit calls a person who acts under a name of their own: a keyed hash, 16 hex digits (S-36)."""
        said = b"name\x00" + " ".join(name.split()).casefold().encode()
        return hmac.new(self.reference, said, hashlib.sha256).hexdigest()[:16]


def _create(folder: Path, names: list[str]) -> None:
    """Makes the folder with all its keys at once: two processes may start together, and the later one takes the keys
    of the earlier."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name in names:
            handle = os.open(made / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(key_files.content_of(os.urandom(_SIZE), name))
                file.flush()
                os.fsync(file.fileno())
        made.rename(folder)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not folder.is_dir():
            raise


def _complete(folder: Path) -> None:
    for name in _LATER:
        if not (folder / f"{name}.key").exists():
            key = key_files.content_of(os.urandom(_SIZE), f"{name}.key")
            write_atomically(folder / f"{name}.key", key)


def seal(key: bytes, content: bytes, label: str) -> bytes:
    """`content` encrypted by AES-256-GCM and bound to `label`: 12 bytes of nonce, then cryptogram and tag."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, label.encode())


def unseal(key: bytes, sealed: bytes, label: str) -> bytes:
    """What `seal` sealed under the same label, with this key or one that it took the place of; RegistryError when it is
    another's, or was changed."""
    for each in (key, *getattr(key, "older", ())):
        try:
            return AESGCM(each).decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
        except (InvalidTag, ValueError):
            continue
    raise RegistryError("a sealed record of the registry was changed, or its key is another")


def key_id(key: bytes) -> str:
    """Names a key and gives none of it away: 16 hex digits."""
    return hashlib.sha256(b"cccd-nfc key id\x00" + key).hexdigest()[:16]
