"""The registry's key files: as they are, or wrapped by a key in a token where the environment names one (S-37)."""

from __future__ import annotations

from pathlib import Path

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import RegistryUnavailableError, UsageError
from cccd_nfc.registry.key_token import token_of

WRAPPED = b"cccd-nfc wrapped key 1\x00"
"""What a wrapped file begins with; a plain one has 32 bytes of chance."""


def content_of(key: bytes, name: str) -> bytes:
    """What is written into the file `name`."""
    token = token_of()
    return WRAPPED + token.wrap(key, name) if token else key


def read(path: Path) -> bytes:
    """The key in the file. RegistryUnavailableError for a wrapped one without its token; OSError as `read_bytes`."""
    content = path.read_bytes()
    if not content.startswith(WRAPPED):
        return content
    token = token_of()
    if token is None:
        raise RegistryUnavailableError("the registry's keys are wrapped by a token: name it in CCCD_KEYS_TOKEN")
    return token.unwrap(content.removeprefix(WRAPPED), path.name)


def wrap_where_named(folder: Path) -> None:
    """Wraps what lies in `folder`, where the environment names a token."""
    if token_of() is not None:
        wrap_all(folder)


def wrap_all(folder: Path) -> int:
    """Wraps every key in `folder` that lies there plain, each file whole or not at all; gives how many.

    UsageError where no token is named, or a file cannot be written.
    """
    token = token_of()
    if token is None:
        raise UsageError("name the token in CCCD_KEYS_TOKEN")
    token.make_key()
    plain = [path for path in sorted(folder.glob("*.key")) if not path.read_bytes().startswith(WRAPPED)]
    for path in plain:
        write_atomically(path, content_of(path.read_bytes(), path.name))
    return len(plain)
