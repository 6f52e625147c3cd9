"""Heads of the audit log that were published, and how far they have been carried away."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class PublishedHead(Base):
    """A signed head of the audit log (S-34). kept_at: when it was copied away, None before."""

    __tablename__ = "published_head"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(Text)
    published_at: Mapped[int] = mapped_column(BigInteger)
    kept_at: Mapped[int | None] = mapped_column(BigInteger)
