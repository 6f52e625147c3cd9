"""A file that is encrypted as it is written, in chunks, and that opens whole or not at all.

    magic, length of the header (4 bytes), header (JSON: how the key is found), then chunks of 64 KiB, each AES-256-GCM

The key comes from a passphrase by Argon2id (RFC 9106), or for a recipient by X25519 (RFC 7748) and HKDF-SHA-256. Each
chunk's nonce is a random prefix, its number, and whether it is the last (the STREAM construction): chunks that were cut
off, swapped or added are noticed, and the header is bound to every one of them.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from cccd_nfc.errors import RefusedError, UsageError

MAGIC = b"CCCD backup 1\n"
SHORTEST_PASSPHRASE = 12
"""Characters; whoever has the file can try passphrases for as long as they like."""

_CHUNK = 64 * 1024
_TAG = 16
_PREFIX = 7
_MOST_HEADER = 4096
_ARGON = {"time": 3, "memory": 64 * 1024, "lanes": 4}
_MOST = {"time": 16, "memory": 1024 * 1024, "lanes": 16}
_INFO = b"cccd-nfc backup 1"
_BROKEN = "the backup is damaged, cut off or changed, or the passphrase or key is another; nothing was restored"


@dataclass(frozen=True, slots=True)
class Passphrase:
    """UsageError when it is shorter than 12 characters."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.text) < SHORTEST_PASSPHRASE:
            raise UsageError("a passphrase of a backup has at least 12 characters")

    def new_key(self) -> tuple[bytes, dict[str, Any]]:
        salt = os.urandom(16)
        return self._key(salt, _ARGON), {"argon2id": _ARGON, "salt": _b64(salt)}

    def known_key(self, header: Mapping[str, Any]) -> bytes:
        costs = {name: int(header["argon2id"][name]) for name in _ARGON}
        if not all(0 < costs[name] <= _MOST[name] for name in costs):
            raise ValueError("costs that nobody would choose")
        return self._key(_unb64(header["salt"]), costs)

    def _key(self, salt: bytes, costs: Mapping[str, int]) -> bytes:
        return hash_secret_raw(
            self.text.encode(), salt, time_cost=costs["time"], memory_cost=costs["memory"],
            parallelism=costs["lanes"], hash_len=32, type=Type.ID,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who alone can open it: the public key makes a backup, the private one restores it."""

    public: X25519PublicKey = field(repr=False)
    private: X25519PrivateKey | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, pem: bytes) -> Recipient:
        """From a PEM of either half; UsageError when it is no X25519 key."""
        try:
            if b"PRIVATE" in pem:
                private = load_pem_private_key(pem, None)
                if isinstance(private, X25519PrivateKey):
                    return cls(private.public_key(), private)
            elif isinstance(public := load_pem_public_key(pem), X25519PublicKey):
                return cls(public)
        except (ValueError, TypeError) as error:
            raise UsageError("not a key for backups: X25519 in PEM is needed") from error
        raise UsageError("not a key for backups: X25519 in PEM is needed")

    def new_key(self) -> tuple[bytes, dict[str, Any]]:
        ephemeral = X25519PrivateKey.generate()
        sent = ephemeral.public_key().public_bytes_raw()
        return self._key(ephemeral.exchange(self.public), sent), {"x25519": _b64(sent)}

    def known_key(self, header: Mapping[str, Any]) -> bytes:
        if self.private is None:
            raise UsageError("the private key of the recipient is needed to open a backup")
        sent = _unb64(header["x25519"])
        return self._key(self.private.exchange(X25519PublicKey.from_public_bytes(sent)), sent)

    def _key(self, shared: bytes, sent: bytes) -> bytes:
        return HKDF(SHA256(), 32, sent + self.public.public_bytes_raw(), _INFO).derive(shared)


Secret = Passphrase | Recipient


def new_recipient() -> tuple[bytes, bytes]:
    """(private, public) of a new recipient, PEM."""
    key = X25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class SealingWriter:
    """Writes what it is given, encrypted; `finish` writes the last chunk, without which the file does not open."""

    def __init__(self, out: BinaryIO, secret: Secret) -> None:
        key, header = secret.new_key()
        self._out, self._cipher, self._held, self._number = out, AESGCM(key), bytearray(), 0
        self._prefix = os.urandom(_PREFIX)
        self._header = json.dumps({**header, "prefix": _b64(self._prefix)}, sort_keys=True).encode()
        out.write(MAGIC + len(self._header).to_bytes(4, "big") + self._header)

    def write(self, content: bytes) -> int:
        self._held += content
        while len(self._held) > _CHUNK:
            self._put(bytes(self._held[:_CHUNK]), last=False)
            del self._held[:_CHUNK]
        return len(content)

    def finish(self) -> None:
        self._put(bytes(self._held), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._prefix, self._number, last), chunk, self._header))
        self._number += 1


def opened_chunks(source: BinaryIO, secret: Secret) -> Iterator[bytes]:
    """What was sealed, chunk by chunk; RefusedError at the first that is not as it was written, or when the last is
    missing. What came before must not be used until the end has come.
    """
    try:
        header = _header(source)
        known = json.loads(header)
        cipher, prefix = AESGCM(secret.known_key(known)), _unb64(known["prefix"])
        yield from _chunks(
            source, lambda number, last, chunk: cipher.decrypt(_nonce(prefix, number, last), chunk, header)
        )
    except (InvalidTag, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(_BROKEN) from error


def _chunks(source: BinaryIO, opened: Callable[[int, bool, bytes], bytes]) -> Iterator[bytes]:
    chunk, number = source.read(_CHUNK + _TAG), 0
    while True:
        following = source.read(_CHUNK + _TAG)
        yield opened(number, not following, chunk)
        if not following:
            return
        chunk, number = following, number + 1


def _header(source: BinaryIO) -> bytes:
    if source.read(len(MAGIC)) != MAGIC:
        raise ValueError("no backup")
    length = int.from_bytes(source.read(4), "big")
    if not 0 < length <= _MOST_HEADER:
        raise ValueError("a header that nobody would write")
    return source.read(length)


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    if len(prefix) != _PREFIX:
        raise ValueError("a prefix of another length")
    return prefix + number.to_bytes(4, "big") + bytes([last])


def read_pem(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError("the key for backups cannot be read") from error


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
