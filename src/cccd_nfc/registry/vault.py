"""How personal data lie in the database: sealed under keys of their person, and found again by keyed hash (§2.3, S-37).

Each person has keys of their own, wrapped by the registry's key `personal`, which lies outside the database. What is
sealed under a key that was destroyed nobody reads again, in this database or in any copy of it made since.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cccd_nfc.errors import RegistryError, RegistryUnavailableError
from cccd_nfc.registry.keys import Keys, key_id, seal, unseal

CORE, USE = "core", "use"
"""The two keys of a person. core: number, name, birth date and phone, which the law keeps for ever (L-21).
use: evidence, which has a term and can be erased."""

_KEY = 32
_ID = 8


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and finds; what it needs beside the registry's keys lies in the rows that it is given."""

    keys: Keys = field(repr=False)

    def number_index(self, number: str) -> str:
        """By what a number is found: HMAC-SHA-256, 64 hex digits. Only who has the key can try numbers out."""
        return self._index("number", number)

    def phone_index(self, phone: str) -> str:
        return self._index("phone", phone)

    def email_index(self, address: str) -> str:
        return self._index("email", address)

    def _index(self, kind: str, value: str) -> str:
        return hmac.new(self.keys.lookup, f"{kind}\x00{value}".encode(), hashlib.sha256).hexdigest()

    def new_key(self, label: str) -> tuple[bytes, bytes]:
        """A new key of 32 bytes, and the same wrapped."""
        key = os.urandom(_KEY)
        return key, self.wrapped(key, label)

    def wrapped(self, key: bytes, label: str) -> bytes:
        """8 bytes that name the wrapping key, 12 of nonce, then cryptogram and tag."""
        return bytes.fromhex(key_id(self.keys.personal)) + seal(self.keys.personal, key, label)

    def unwrapped(self, wrapped: bytes, label: str) -> bytes:
        """The person's key; RegistryUnavailableError when it was wrapped by a key that is not here."""
        known = {key_id(each): each for each in (self.keys.personal, *self.keys.personal.older)}
        try:
            wrapping = known[wrapped[:_ID].hex()]
        except KeyError as error:
            raise RegistryUnavailableError("the registry's keys were rotated meanwhile; start again") from error
        return unseal(wrapping, wrapped[_ID:], label)


def key_label(owner: str, kind: str, generation: int) -> str:
    """What a wrapped key is bound to: its person, its use, and the how manieth of its kind it is."""
    return f"person key {owner} {kind} {generation}"


def seal_fields(key: bytes, label: str, fields: Mapping[str, str]) -> bytes:
    return seal(key, json.dumps(fields, ensure_ascii=False, sort_keys=True).encode(), label)


def unseal_fields(key: bytes, label: str, sealed: bytes) -> dict[str, str]:
    """What `seal_fields` sealed; RegistryError when it was changed, or is not that."""
    try:
        found = json.loads(unseal(key, sealed, label))
        return {str(name): str(value) for name, value in found.items()}
    except (ValueError, AttributeError) as error:
        raise RegistryError("a sealed record of the registry is broken") from error
