"""Secrets as they are kept: Argon2id over a keyed hash, whose key is not in the database (S-16; RFC 9106).

The parameters stand in each hash, so that stronger ones can come later: who logs in is hashed anew.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cccd_nfc.registry.secret_policy import HashParameters

PASSWORD, PASSCODE = "password", "passcode"
_DOMAIN = b"cccd_nfc secret 1"


@dataclass(frozen=True, slots=True)
class SecretHasher:
    """key: 32 bytes, of HMAC-SHA-256."""

    key: bytes = field(repr=False)
    parameters: HashParameters

    def hash(self, kind: str, account_id: str, secret: str) -> str:
        """The PHC string of a normalised secret, for this account and this kind of secret only."""
        return _argon2(self.parameters).hash(self._keyed(kind, account_id, secret))

    def is_right(self, stored: str, kind: str, account_id: str, secret: str) -> bool:
        """Whether `stored` is this secret's hash. Where nothing is stored the answer is no, at the same cost (S-13)."""
        nobody = _hash_of_nobody(self.parameters)
        right = _verified(self.parameters, stored or nobody, self._keyed(kind, account_id, secret))
        return right and bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return _argon2(self.parameters).check_needs_rehash(stored)

    def _keyed(self, kind: str, account_id: str, secret: str) -> bytes:
        parts = (_DOMAIN, kind.encode(), account_id.encode(), secret.encode("utf-8", "surrogatepass"))
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.new(self.key, message, hashlib.sha256).digest()


@cache
def _argon2(parameters: HashParameters) -> PasswordHasher:
    return PasswordHasher(parameters.passes, parameters.memory, parameters.lanes)


@cache
def _hash_of_nobody(parameters: HashParameters) -> str:
    return _argon2(parameters).hash(secrets.token_bytes(32))


def _verified(parameters: HashParameters, stored: str, keyed: bytes) -> bool:
    try:
        return _argon2(parameters).verify(stored, keyed)
    except (VerificationError, InvalidHashError):
        return False
