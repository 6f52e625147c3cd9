"""What a registry wants of its owners' secrets, and how long a login lasts: set when the registry is opened, or by its
file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cccd_nfc.errors import RulesUnavailableError, UsageError

FILE = "secrets.json"


@dataclass(frozen=True, slots=True)
class HashParameters:
    """Argon2id: memory in KiB, passes and lanes; by default the second choice of RFC 9106 §4 (S-16)."""

    memory: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True, slots=True)
class SecretPolicy:
    """questions: whether security questions are asked at all (S-20).  idle: how long a session lives without use.
    session: how long it lives altogether.  at_first_activation: whether a device or an officer activates an account
    with password, passcode and answers only (AS-03, R-049), so that none is active without them; without it a desk may
    bind a phone first, and the owner gets secrets by a reset.
    """

    hashing: HashParameters = field(default_factory=HashParameters)
    questions: bool = True
    idle: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=12)
    at_first_activation: bool = False

    def __post_init__(self) -> None:
        if not timedelta(0) < self.idle <= self.session <= timedelta(hours=24):
            raise UsageError("a session lives at most 24 hours, and no longer without use than altogether")

    @classmethod
    def load(cls, path: Path) -> SecretPolicy:
        """What the file says, or the default where there is none; RulesUnavailableError for a broken one."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            said = {name: content[name] for name in content.keys() & {"questions", "at_first_activation"}}
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, AttributeError) as error:
            raise RulesUnavailableError(_BROKEN) from error
        if not all(isinstance(value, bool) for value in said.values()):
            raise RulesUnavailableError(_BROKEN)
        return cls(**said)


_BROKEN = "the rules for owners' secrets (secrets.json) cannot be read"
