"""Devices that are not bound, what changed an account last, and what offline desks hand in."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class DeviceContact(Base):
    """A device that logged in (SEEN) or carried another's transaction (READER). Kept for ever, and never bound: what
    is bound has a row of its own in `device` (DS-01, DS-10, S-21)."""

    __tablename__ = "device_contact"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    transaction_id: Mapped[str | None] = mapped_column(ForeignKey("transaction_.id"))
    thumbprint: Mapped[str] = mapped_column(String(64), default="")
    public_key: Mapped[str] = mapped_column(Text, default="")
    label: Mapped[str] = mapped_column(Text, default="")
    platform: Mapped[str] = mapped_column(String(32), default="")
    client_version: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[str] = mapped_column(String(16))
    first_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    end_reason: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(16), default="")
    station: Mapped[str] = mapped_column(String(32), default="")
    officer: Mapped[str] = mapped_column(String(32), default="")

    __table_args__ = (Index("contacts_of_an_account", "account_id"),)


class HandOver(Base):
    """A code that lets a borrowed phone carry a transaction: kept as its hash, for one use (S-25)."""

    __tablename__ = "hand_over"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("transaction_.id"))
    hashed: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    redeemed_at: Mapped[int | None] = mapped_column(BigInteger)
    reader_id: Mapped[str | None] = mapped_column(ForeignKey("device_contact.id"))
    code_shown_at: Mapped[int | None] = mapped_column(BigInteger)


class AccountChange(Base):
    """What gave an account its version: when, where, and by which entry of the audit log. One row an account."""

    __tablename__ = "account_change"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    version: Mapped[int]
    at: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16), default="")
    station: Mapped[str] = mapped_column(String(32), default="")


class OfflineRecord(Base):
    """A record of an offline desk as the registry received it; `received` is the order that counts (S-40)."""

    __tablename__ = "offline_record"

    received: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    journal: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    station: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text, default="")
    device_id: Mapped[str | None] = mapped_column(ForeignKey("device.id"))
    seen_entry: Mapped[int] = mapped_column(BigInteger, default=0)
    received_at: Mapped[int] = mapped_column(BigInteger)
    settled_at: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (Index("a_journals_record_comes_once", "journal", "number", unique=True),)
