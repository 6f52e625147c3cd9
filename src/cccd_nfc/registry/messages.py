"""What the registry says to people: texts, the outbox, and the gateways that carry them away.

A message is written in the act's own transaction and sent after it. A gateway that fails leaves it for the next time.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from cccd_nfc.errors import RegistryError, RegistryUnavailableError
from cccd_nfc.registry.clock import moment_of, stamp
from cccd_nfc.registry.database import Database
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.lock_grounds import LockGround
from cccd_nfc.registry.models import Message
from cccd_nfc.sentences import Said

HOTLINE = "19000368"
SIM, DEVICE, POST = "sim", "device", "post"
_NOTICE_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message on its way. channel: "sim", "device" or "post".  recipient: E.164, a thumbprint, an agency."""

    kind: str
    channel: str
    recipient: str
    text: str
    created_at: datetime

    def __repr__(self) -> str:
        return f"Letter(kind={self.kind!r}, channel={self.channel!r})"


class Gateway(Protocol):
    """Carries a message away; raises RegistryError when it could not."""

    def send(self, letter: Letter) -> None: ...


class FileGateway:
    """A local outbox: each message a file of its own, readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, letter: Letter) -> None:
        name = f"{letter.created_at:%Y%m%dT%H%M%S%f}-{letter.kind}-{secrets.token_hex(2)}.json"
        content = {"kind": letter.kind, "channel": letter.channel, "to": letter.recipient, "text": letter.text}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary = self._folder / f".{name}"
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, ensure_ascii=False)
            temporary.replace(self._folder / name)
        except OSError as error:
            raise RegistryError(Said("the outbox cannot be written: {reason}", reason=error.strerror)) from error


def code_text(code: str, reference: str, device: str, minutes: int) -> str:
    """The OTP message, at most 160 characters of GSM: what it does, for which device, and who never asks."""
    return (
        f"Ma {reference}: {code} de kich hoat thiet bi {device} cho tai khoan dinh danh. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def bound_text(device: str, replaced: str) -> str:
    """The notice after a binding, to every address (S-24)."""
    ended = f" Thiet bi cu {replaced} da bi huy." if replaced else ""
    return f"Tai khoan dinh danh vua kich hoat tren thiet bi {device}.{ended} Neu khong phai ban, goi ngay {HOTLINE}."


def unlinked_text(device: str) -> str:
    return f"Da huy lien ket thiet bi {device} voi tai khoan dinh danh. Neu khong phai ban, goi ngay {HOTLINE}."


LOCKED_WHY: Mapping[LockGround, str] = {
    LockGround.OWNER_REQUEST: "chu tai khoan yeu cau",
    LockGround.TERMS_VIOLATION: "vi pham dieu khoan su dung",
    LockGround.CARD_REVOKED_OR_HELD: "the can cuoc bi thu hoi hoac bi giu",
    LockGround.AUTHORITY_REQUEST: "yeu cau cua co quan co tham quyen",
    LockGround.CARD_EXPIRED: "the can cuoc het han",
    LockGround.SERVICE_PARTY_REQUEST: "yeu cau cua ben su dung dich vu",
    LockGround.TRAVEL_DOCUMENT_EXPIRED: "ho chieu hoac giay to di lai het han",
    LockGround.RESIDENCE_EXPIRED: "het thoi han cu tru",
}
"""Of a death nobody is told (L-16)."""


def locked_text(ground: LockGround) -> str:
    """The notice after a lock, at most 160 characters of GSM."""
    return f"Tai khoan dinh danh da bi khoa: {LOCKED_WHY[ground]}. Neu khong dung, goi ngay {HOTLINE}."


def cleared_text(ground: LockGround, still_locked: bool) -> str:
    """The notice after a ground has ended: the account is free again, or others still lock it."""
    now = "van dang bi khoa vi ly do khac" if still_locked else "da duoc mo khoa"
    return f"Het ly do khoa ({LOCKED_WHY[ground]}). Tai khoan dinh danh {now}. Neu khong dung, goi ngay {HOTLINE}."


def decision_letter(document: str, day: str, kind: str, refusal: str) -> str:
    """The written answer to an authority; it names the request and never the person (R-088, R-089, L-17)."""
    wanted = "khóa" if kind == "lock" else "mở khóa"
    answer = f"không được chấp thuận. Lý do: {refusal}" if refusal else "đã được chấp thuận và thực hiện."
    return f"Trả lời văn bản số {document} ngày {day}: yêu cầu {wanted} tài khoản định danh điện tử {answer}"


def post(
    session: Session, key: bytes, kind: str, channel: str, recipient: str, text: str, now: datetime,
    expires_at: datetime | None = None,
) -> None:  # fmt: skip
    """Puts a message into the outbox, its text sealed."""
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


def deliver(database: Database, key: bytes, gateway: Gateway, now: datetime) -> int:
    """Sends what waits, each message in a transaction of its own; gives how many were sent.

    One that cannot go stays for the next time and holds up no other; its error is raised when all have been tried.
    """
    with database.write() as session:
        unsent = select(Message.id).where(Message.sent_at.is_(None)).order_by(Message.created_at)
        waiting = session.scalars(unsent).all()
    sent, failure = 0, None
    for message_id in waiting:
        try:
            with database.write() as session:
                sent += _send(session, message_id, key, gateway, now)
        except RegistryUnavailableError:
            raise
        except RegistryError as error:
            failure = failure or error
    if failure:
        raise failure
    return sent


def _send(session: Session, message_id: str, key: bytes, gateway: Gateway, now: datetime) -> bool:
    """Whether the message went. Its text goes with the sending, and an old code is not sent at all (S-08)."""
    message = session.scalar(select(Message).where(Message.id == message_id, Message.sent_at.is_(None)))
    if message is None:
        return False  # another process was faster
    fresh = message.sealed is not None and stamp(now) < message.expires_at
    if fresh and message.sealed is not None:
        text = unseal(key, message.sealed, message.id).decode()
        gateway.send(Letter(message.kind, message.channel, message.recipient, text, moment_of(message.created_at)))
    message.sent_at, message.sealed = stamp(now), None
    return fresh
