"""What this registry asks of devices: the oldest client it takes, and whether a family may share a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cccd_nfc.errors import RefusedError, RulesUnavailableError, UsageError
from cccd_nfc.sentences import Said

FILE = "devices.json"
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}")
_MOST_ACCOUNTS = 5


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """minimum_versions: platform ("android") -> the oldest version that may log in; "" is for platforms not named.
    accounts_per_key: 1, or up to 5 where members of a family may share a phone.

    attestation_required_at_level: from which level of an account a device is bound with an attestation of its key only
    (S-26), 1 or 2; 0 for none. It has to be there, and is not verified. What is bound already stays.

    Without a minimum every client is taken, also one that does not say its version.
    """

    minimum_versions: Mapping[str, str] = field(default_factory=dict)
    accounts_per_key: int = 1
    attestation_required_at_level: int = 0

    def __post_init__(self) -> None:
        if any(not _VERSION.fullmatch(each) for each in self.minimum_versions.values()):
            raise UsageError("a minimum version is one to four numbers with dots between them")
        if not 1 <= self.accounts_per_key <= _MOST_ACCOUNTS:
            raise UsageError("a key may serve one to five accounts")
        if self.attestation_required_at_level not in (0, 1, 2):
            raise UsageError("an attestation may be required from level 1 or level 2")

    @classmethod
    def load(cls, path: Path) -> DevicePolicy:
        """What the file says, or the strict default where there is none; RulesUnavailableError for a broken one."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                dict(content.get("minimum_versions", {})),
                int(content.get("accounts_per_key", 1)),
                int(content.get("attestation_required_at_level", 0)),
            )
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, TypeError, AttributeError, UsageError) as error:
            raise RulesUnavailableError("the rules for devices (devices.json) cannot be read") from error

    def refuse_old_client(self, platform: str, version: str) -> None:
        """RefusedError for a client below the minimum, or one that hides its version where there is one (R-027)."""
        least = self.minimum_versions.get(platform.lower(), self.minimum_versions.get("", ""))
        if least and (not _VERSION.fullmatch(version) or _numbers(version) < _numbers(least)):
            raise RefusedError(
                Said("the app is too old: update it to {least} or newer from Google Play or the App Store", least=least)
            )


def _numbers(version: str) -> tuple[int, ...]:
    """1.2 and 1.2.0 are one version."""
    given = [int(part) for part in version.split(".")]
    return tuple(given + [0] * (4 - len(given)))
