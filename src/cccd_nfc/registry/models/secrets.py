"""What only the owner knows, hashed; and the logins that it opens."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class AccountSecrets(Base):
    """Password and passcode of an account, each with its own count of failures (S-06, S-18); empty when not set."""

    __tablename__ = "account_secrets"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    password: Mapped[str] = mapped_column(Text, default="")
    password_set_at: Mapped[int] = mapped_column(BigInteger, default=0)
    failed_logins: Mapped[int] = mapped_column(default=0)
    hold_until: Mapped[int] = mapped_column(BigInteger, default=0)
    passcode: Mapped[str] = mapped_column(Text, default="")
    passcode_set_at: Mapped[int] = mapped_column(BigInteger, default=0)
    failed_passcodes: Mapped[int] = mapped_column(default=0)
    failed_answers: Mapped[int] = mapped_column(default=0)


class SecurityAnswer(Base):
    """The hashed answer to one question of the list (R-054)."""

    __tablename__ = "security_answer"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(String(32))
    answer: Mapped[str] = mapped_column(Text)
    set_at: Mapped[int] = mapped_column(BigInteger)


class OwnerSession(Base):
    """A login; its token is kept as a hash. device_id: None for a browser. Never deleted, only ended."""

    __tablename__ = "owner_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    device_id: Mapped[str | None] = mapped_column(ForeignKey("device.id"))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    end_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("sessions_of_an_account", "account_id"),)


class WebRequest(Base):
    """A web activation that was asked for. sealed: number and phone as typed, until they were looked at (S-13).

    grant_hash: of the token that the right code was answered with, by which the secrets may be set.
    """

    __tablename__ = "web_request"

    transaction_id: Mapped[str] = mapped_column(ForeignKey("transaction_.id"), primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[int] = mapped_column(BigInteger)
    looked_at: Mapped[int | None] = mapped_column(BigInteger)
    grant_hash: Mapped[str] = mapped_column(String(64), default="")


class Nobody(Base):
    """One row, which is written where an account that does not exist would be: both cost the disk the same (S-13)."""

    __tablename__ = "nobody"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tries: Mapped[int] = mapped_column(BigInteger, default=0)
