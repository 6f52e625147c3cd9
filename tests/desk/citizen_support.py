"""A citizen's browser without one, and the steps of its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.testclient import TestClient

from desk.support import HTMX, OURS, Place
from registry_support import PHONE_NUMBER, card
from secret_support import ANSWERS, PASSCODE, PASSWORD, otp_codes

NUMBER = card().secrets.number
STRANGER = "001099000000"
SECRETS = {
    "password": PASSWORD,
    "passcode": PASSCODE,
    **{f"question{n}": question for n, (question, _) in enumerate(ANSWERS, 1)},
    **{f"answer{n}": answer for n, (_, answer) in enumerate(ANSWERS, 1)},
}


@dataclass
class CitizenBrowser:
    """seen: the text of every answer, for what must be in none of them."""

    place: Place
    client: TestClient
    seen: list[str] = field(default_factory=list)

    def get(self, path: str) -> str:
        text = self.client.get(f"/me{path}", follow_redirects=True).text
        self.seen.append(text)
        return text

    def csrf(self) -> str:
        found = re.search(r'name="csrf" content="([^"]+)"', self.get("/idle"))
        assert found
        return found[1]

    def post(self, path: str, *, htmx: bool = False, **fields: str) -> str:
        """The page that an act leads to."""
        headers = HTMX if htmx else OURS
        sent = {"csrf": self.csrf(), **fields}
        answer = self.client.post(f"/me{path}", data=sent, headers=headers, follow_redirects=True)
        self.seen.append(answer.text)
        return answer.text

    def ask(self, number: str = NUMBER, phone: str = PHONE_NUMBER) -> str:
        self.place.desk.clock.go(seconds=61)
        return self.post("/activate", number=number, phone=phone)

    def code(self) -> str:
        """The newest code that the housekeeper has sent."""
        return otp_codes(self.place.desk)[-1]

    def to_secrets(self) -> str:
        self.ask()
        return self.post("/activate/code", code=self.code())

    def activate(self) -> str:
        self.to_secrets()
        return self.post("/activate/secrets", **SECRETS)

    def log_in(self, password: str = PASSWORD) -> str:
        return self.post("/login", number=NUMBER, password=password)


@contextmanager
def citizen_of(place: Place) -> Iterator[CitizenBrowser]:
    with place.browser() as browser:
        yield CitizenBrowser(place, browser.client)
