"""Messages to people, on their way: by which channel each may go, and what puts it into the outbox.

A message is written in the act's own transaction and sent after it (`outbox`). A gateway that fails leaves it for the
next time.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.gateways import DEVICE, EMAIL, POST, SIM, FileGateway, Gateway, Letter
from cccd_nfc.registry.keys import seal
from cccd_nfc.registry.models import Message

__all__ = ["DEVICE", "EMAIL", "POST", "SIM", "CodeChannel", "FileGateway", "Gateway", "Letter", "post"]

_NOTICE_LIFE = timedelta(days=7)


class CodeChannel(StrEnum):
    """The ways by which a code reaches a person: no e-mail and no letter among them (S-09).

    SIM: the registered number, by a restricted channel (SMS).  DEVICE: fetched by the new device, and proof of nothing
    but that device (A3, A9).  SCREEN: shown once at a desk, to the person who sits there.
    """

    SIM = "sim"
    DEVICE = "device"
    SCREEN = "screen"


def post(
    session: Session, key: bytes, kind: str, channel: str, recipient: str, text: str, now: datetime,
    expires_at: datetime | None = None,
) -> None:  # fmt: skip
    """Puts a message into the outbox, its text sealed. RefusedError for a code by e-mail or letter (S-09)."""
    if kind == "otp" and channel not in (SIM, DEVICE):
        raise RefusedError("a code goes to the number or to the device, and never by e-mail or letter")
    message_id = secrets.token_hex(16)
    session.add(
        Message(
            id=message_id,
            kind=kind,
            channel=channel,
            recipient=recipient,
            sealed=seal(key, text.encode(), message_id),
            created_at=stamp(now),
            expires_at=stamp(expires_at or now + _NOTICE_LIFE),
        )
    )
