"""What a person agrees to: a text with a version, by a method, at a time; and never by default (R-068)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import Consent as ConsentRow

OWNER = "owner"
"""Who gave a consent, when it is not a representative, who is named by the account's id."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "2026-1": {
        "vi": "Tôi đồng ý để cơ quan Công an tạo tài khoản định danh điện tử cho tôi và xử lý số định danh, họ tên, "
        "ngày sinh, giới tính, ảnh khuôn mặt và số điện thoại của tôi (mức 2: cả vân tay) cho việc định danh và xác "
        "thực điện tử. Tôi có quyền rút lại sự đồng ý này.",
        "en": "I agree that the police create an electronic identity account for me and process my personal number, "
        "name, birth date, sex, portrait and phone number (for level 2 also my fingerprints) for identification and "
        "authentication. I may withdraw this consent.",
    },
}
"""Version -> the text in each language. A text that anybody has agreed to is never changed: another gets a version."""

CURRENT = "2026-1"


class ConsentMethod(StrEnum):
    """How it was given: on the signed form, by word at the desk, or in the app."""

    SIGNED_FORM = "signed-form"
    SPOKEN_AT_DESK = "spoken-at-desk"
    IN_APP = "in-app"


class ConsentPurpose(StrEnum):
    ACCOUNT = "account"
    LEVEL_2 = "level-2"
    USE = "use"


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody has said yes to; there is no consent without naming text and method. UsageError for others."""

    text_version: str
    method: ConsentMethod

    def __post_init__(self) -> None:
        if self.text_version not in TEXTS:
            raise UsageError("this text of the consent is not known")
        if not isinstance(self.method, ConsentMethod):
            raise UsageError("say how the consent was given")


def keep(
    session: Session, consent: Consent, purpose: ConsentPurpose, now: datetime, *, account_id: str | None = None,
    application_id: str | None = None, given_by: str = OWNER, evidence_id: str = "",
) -> None:  # fmt: skip
    """Keeps that it was given, with what it was given for."""
    session.add(
        ConsentRow(
            id=secrets.token_hex(16),
            account_id=account_id,
            application_id=application_id,
            purpose=purpose,
            text_version=consent.text_version,
            method=consent.method,
            given_by=given_by,
            given_at=stamp(now),
            evidence_id=evidence_id,
        )
    )
    session.flush()
