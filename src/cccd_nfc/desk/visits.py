"""What the desk keeps of one browser between two requests: in memory only, and only while somebody is there."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cccd_nfc.desk.binding import Binding
from cccd_nfc.desk.card_acts import CardAct
from cccd_nfc.desk.cards import CardView
from cccd_nfc.desk.offers import Offer
from cccd_nfc.desk.reading import Reading

MOST = 64
"""Browsers at one desk; beyond that the one that was idle longest is forgotten, one without officer and card first."""


@dataclass(slots=True, eq=False)
class Visit:
    """One browser. token: of the officer's session, empty for nobody.  password: opens the card that is looked at.

    seen_at: when a person did something last.  offer: the key of the phone that this browser is on.
    """

    id: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    token: str = field(default="", repr=False)
    reader: int = 0
    seen_at: float = 0.0
    reading: Reading | None = field(default=None, repr=False)
    card: CardView | None = field(default=None, repr=False)
    binding: Binding | CardAct | None = field(default=None, repr=False)
    offer: Offer | None = field(default=None, repr=False)

    def put_card_away(self) -> None:
        """Nothing of the card, or of what is being done with it, stays."""
        if self.reading:
            self.reading.cancel()
        self.reading = self.card = self.binding = None

    @property
    def step(self) -> str:
        """Which panel this visit has before it."""
        if self.reading and self.reading.is_open:
            return "reading"
        if self.binding:
            return self.binding.step
        return "card" if self.card else "start"

    @property
    def signature(self) -> str:
        """Changes when the panel has to be drawn anew."""
        state = self.reading.state.value if self.reading else ""
        return f"{self.step}.{state}.{self.reading.serial if self.reading else 0}"


class Visits:
    """All browsers that are here. idle: seconds after which one is forgotten.  most: how many there is room for."""

    def __init__(
        self, idle: float, clock: Callable[[], float], *, kind: type[Visit] = Visit, most: int = MOST
    ) -> None:  # fmt: skip
        self._idle, self._clock, self._kind, self._most = idle, clock, kind, most
        self._found: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def find(self, visit_id: str) -> Visit | None:
        """The visit of this cookie, unless it was idle for too long."""
        self.sweep()
        with self._lock:
            return self._found.get(visit_id)

    def begin(self) -> Visit:
        visit = self._kind(seen_at=self._clock())
        with self._lock:
            if len(self._found) >= self._most:
                self._end(min(self._found.values(), key=_worth))
            self._found[visit.id] = visit
        return visit

    def bindings(self) -> list[Binding]:
        """What is under way at all browsers that are here."""
        self.sweep()
        with self._lock:
            return [each.binding for each in self._found.values() if isinstance(each.binding, Binding)]

    def offers(self) -> list[Offer]:
        self.sweep()
        with self._lock:
            return [each.offer for each in self._found.values() if each.offer]

    def touch(self, visit: Visit) -> None:
        visit.seen_at = self._clock()

    def end(self, visit: Visit) -> None:
        with self._lock:
            self._end(visit)

    def renew(self, visit: Visit, token: str) -> None:
        """The same browser, as this officer, under a new name: whoever knew the old one knows nothing now.

        A fresh login of the same officer leaves the pages that are open as they are.
        """
        with self._lock:
            self._found.pop(visit.id, None)
            visit.id = secrets.token_urlsafe(32)
            visit.csrf = visit.csrf if visit.token else secrets.token_urlsafe(32)
            visit.token, visit.seen_at = token, self._clock()
            self._found[visit.id] = visit

    def sweep(self) -> None:
        """Forgets who was idle for too long, and with them what was on their screens."""
        with self._lock:
            for each in [each for each in self._found.values() if self._clock() - each.seen_at >= self._idle]:
                self._end(each)

    def _end(self, visit: Visit) -> None:
        visit.put_card_away()
        visit.token = ""
        self._found.pop(visit.id, None)


def _worth(visit: Visit) -> tuple[bool, float]:
    """Phones, and whoever just opens the page, cost no officer the work under way."""
    return bool(visit.token or visit.card), visit.seen_at
