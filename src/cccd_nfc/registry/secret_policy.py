"""What a registry wants of its owners' secrets, and how long a login lasts: set when the registry is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from cccd_nfc.errors import UsageError


@dataclass(frozen=True, slots=True)
class HashParameters:
    """Argon2id: memory in KiB, passes and lanes; by default the second choice of RFC 9106 §4 (S-16)."""

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class SecretPolicy:
    """questions: whether security questions are asked at all (S-20).  idle: how long a session lives without use.
    session: how long it lives altogether.
    """

    hashing: HashParameters = field(default_factory=HashParameters)
    questions: bool = True
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=12)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.idle <= self.session <= timedelta(hours=24):
            raise UsageError("a session lives at most 24 hours, and no longer without use than altogether")
