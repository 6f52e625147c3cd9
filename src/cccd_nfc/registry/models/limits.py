"""What is counted, so that all processes together keep to a limit."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class LimitCount(Base):
    """How often something was done within a window. key: an id, or a keyed hash; never a number (S-36).

    window: its beginning. Counters are no record: what no limit looks back on is deleted.
    """

    __tablename__ = "limit_count"

    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int]

    __table_args__ = (CheckConstraint("count > 0", name="counts_are_positive"),)
