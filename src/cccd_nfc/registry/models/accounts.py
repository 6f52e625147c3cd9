"""Accounts, what locks them, and what authorities ask."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class Account(Base):
    """One citizen, one account; the personal number is the key (R-001). `version` guards every change (S-31).

    card_expires: of the citizen's card, or of the foreigner's passport.  portrait: the hash of EF.DG2 that EF.SOD
    signs; the picture is in the sealed evidence `evidence_id`, where it was read.  noticed_at: when the owner was told
    of the issue.  station: where it was opened.
    """

    __tablename__ = "account"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[str] = mapped_column(String(12), unique=True)
    full_name: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[str] = mapped_column(String(10))
    phone: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[int] = mapped_column(BigInteger)
    failed_codes: Mapped[int] = mapped_column(default=0)
    hold_until: Mapped[int] = mapped_column(BigInteger, default=0)
    state_before_lock: Mapped[str] = mapped_column(String(16), default="", server_default="")
    card_expires: Mapped[str] = mapped_column(String(10), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(16), default="citizen", server_default="citizen")
    sex: Mapped[str] = mapped_column(String(1), default="", server_default="")
    portrait: Mapped[str] = mapped_column(String(128), default="", server_default="")
    evidence_id: Mapped[str] = mapped_column(String(32), default="", server_default="")
    noticed_at: Mapped[int | None] = mapped_column(BigInteger)
    station: Mapped[str] = mapped_column(String(32), default="", server_default="")
    residence_expires: Mapped[str] = mapped_column(String(10), default="", server_default="")

    __table_args__ = (CheckConstraint("level IN (1, 2)", name="level_is_1_or_2"),)


class AccountLock(Base):
    """One ground of a lock, with the law it was set under; the account is free when none is open. Never deleted."""

    __tablename__ = "account_lock"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    ground: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(String(32))
    clause: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16), default="", server_default="")
    set_at: Mapped[int] = mapped_column(BigInteger)
    cleared_by: Mapped[str] = mapped_column(String(16), default="")
    cleared_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        Index(
            "a_ground_is_open_once",
            "account_id",
            "ground",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
    )


class LockRequest(Base):
    """An authority's request to lock or unlock: who filed, forwarded, decided it, and by when (R-084, L-13)."""

    __tablename__ = "lock_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    agency: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    document_date: Mapped[str] = mapped_column(String(10))
    profile: Mapped[str] = mapped_column(String(32))
    filed_by: Mapped[str] = mapped_column(Text)
    filed_at: Mapped[int] = mapped_column(BigInteger)
    forwarded_by: Mapped[str] = mapped_column(Text, default="")
    forwarded_at: Mapped[int | None] = mapped_column(BigInteger)
    decided_by: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[int | None] = mapped_column(BigInteger)
    due_at: Mapped[int] = mapped_column(BigInteger)
    refusal: Mapped[str] = mapped_column(Text, default="")
