"""What the desk is told when it begins."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from cccd_nfc.api.settings import LOOPBACK
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.clock import utc_now
from cccd_nfc.registry.stations import statement
from cccd_nfc.registry.webauthn_keys import RelyingParty

PORT = 8711
LARGEST_BODY = 64 * 1024
"""Bytes; the largest form holds a phone's key and what it has signed."""

IDLE = 15 * 60.0
"""Seconds without a person's act after which nothing of a card or an officer stays (S-32, S-39)."""


@dataclass(frozen=True, slots=True)
class StationKey:
    """The registered station that this desk is, and the key that says so when an officer logs in (R-060)."""

    id: str
    private_pem: str = field(repr=False)

    def statement(self, login: str, now: datetime) -> str:
        return statement(self.private_pem, self.id, login, now)


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """base_url: how the browser reaches the desk.  trust: for the verdict on the screen; the registry has its own.

    clock: seconds that only grow, for idle times.  now: the time of day, of verdicts and of a station's statement.
    """

    base_url: str = f"http://localhost:{PORT}"
    trust: TrustStore = field(default_factory=TrustStore.empty)
    station: StationKey | None = None
    idle: float = IDLE
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now

    @property
    def secure(self) -> bool:
        return urlsplit(self.base_url).scheme == "https"

    @property
    def hosts(self) -> frozenset[str]:
        """What the Host header may say; on this machine its other names too, else the one that was given."""
        parts = urlsplit(self.base_url)
        if parts.hostname not in LOOPBACK:
            return frozenset({parts.netloc})
        names = (f"[{name}]" if ":" in name else name for name in LOOPBACK)
        return frozenset(f"{name}:{parts.port}" if parts.port else name for name in names)

    @property
    def party(self) -> RelyingParty:
        """Whom officers' keys answer."""
        return RelyingParty(urlsplit(self.base_url).hostname or "", "cccd_nfc", self.base_url)
