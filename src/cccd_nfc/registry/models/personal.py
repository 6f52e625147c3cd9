"""Keys of persons and of the registry, who read what of whom, and what persons ask of their data (§2.3, S-37)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class PersonKey(Base):
    """A key of a person, wrapped; `wrapped` is None once it was destroyed. The row stays.

    owner: the keyed hash of the number, so that evidence has a key before there is an account.  kind: core or use.
    """

    __tablename__ = "person_key"

    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)


class KeyGeneration(Base):
    """A key of the registry that took the place of the one before; those it was begun with have no row here.

    key_id: of a key that encrypts.  public_key, statement: of a key that signs, and what the old one signed about it.
    """

    __tablename__ = "key_generation"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key_id: Mapped[str] = mapped_column(String(16))
    public_key: Mapped[str] = mapped_column(String(43), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[int] = mapped_column(BigInteger)


class SensitiveRead(Base):
    """Who read which class of a person's sensitive data, and when (§2.3)."""

    __tablename__ = "sensitive_read"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    what: Mapped[str] = mapped_column(String(16))
    why: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(16))
    officer: Mapped[str] = mapped_column(String(32))
    station: Mapped[str] = mapped_column(String(32))
    read_at: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index("reads_of_an_account", "account_id", "read_at"),)


class SubjectRequest(Base):
    """What a person asks about the own data, with its clocks: answered, then finished, at most once extended."""

    __tablename__ = "subject_request"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(32))
    clause: Mapped[str] = mapped_column(Text)
    received_at: Mapped[int] = mapped_column(BigInteger)
    answer_due: Mapped[int] = mapped_column(BigInteger)
    answered_at: Mapped[int | None] = mapped_column(BigInteger)
    finish_due: Mapped[int] = mapped_column(BigInteger)
    extended: Mapped[bool] = mapped_column(Boolean)
    finished_at: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(16))
