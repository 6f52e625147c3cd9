"""Owners who have set their secrets on the web, for tests of what they do then."""

from __future__ import annotations

import re

from cccd_nfc.registry.account_secrets import NewSecrets
from cccd_nfc.registry.web_activation import WebTicket
from cccd_nfc.simulator.card import CardData
from registry_support import PHONE_NUMBER, Desk

PASSWORD, PASSCODE = "Trăng-sáng 47", "593817"
NEXT_PASSWORD, NEXT_PASSCODE = "Gió+mùa/82x", "260471"
ANSWERS = (("first-school", "Trường làng"), ("first-pet", "Con Vện"), ("first-job", "thợ mộc"))
CHOSEN = NewSecrets(PASSWORD, PASSCODE, ANSWERS)


def otp_codes(desk: Desk) -> list[str]:
    """Every code that was sent, the oldest first."""
    texts = [text["text"] for text in desk.texts() if text["kind"] == "otp"]
    return [found[1] for found in (re.search(r": (\d{6}) de ", text) for text in texts) if found]


def asked(desk: Desk, number: str) -> tuple[WebTicket, str]:
    """A web activation and its code."""
    desk.clock.go(seconds=61)
    ticket = desk.registry.web.begin(number, PHONE_NUMBER)
    return ticket, otp_codes(desk)[-1]


def activate_on_web(desk: Desk, number: str, chosen: NewSecrets = CHOSEN) -> str:
    """The receipt of a whole web activation."""
    ticket, code = asked(desk, number)
    accepted = desk.registry.web.enter_code(ticket.transaction_id, code)
    return desk.registry.web.finish(ticket.transaction_id, accepted.grant, chosen)


def owner(desk: Desk, card: CardData | None = None) -> str:
    """The number of an account that was activated on the web."""
    number = desk.enrol(card)
    activate_on_web(desk, number)
    return number


def wrong_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"
