"""Where an account's owner is reached, how that changes, and the way to say "that was not me"."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class Contact(Base):
    """What is known of an account's addresses, which are the account's own fields. Times are 0 where there are none.

    phone_changed_at: the last change here, by the owner.  sim_changed_at: of SIM or operator, as those tell it (S-10).
    phone_verified_at: a code that went to the number came back.  results_by: the owner's choice (L-22).
    """

    __tablename__ = "contact"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    phone_changed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    phone_verified_at: Mapped[int] = mapped_column(BigInteger, default=0)
    sim_changed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    email_changed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    results_by: Mapped[str] = mapped_column(String(16), default="sim")


class NotMe(Base):
    """A token, hashed, by which a notice's reader says once that the event was not theirs (S-24)."""

    __tablename__ = "not_me"

    hashed: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    event: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int] = mapped_column(BigInteger, default=0)
