"""Devices, and the attempts to bind one: transactions, codes, evidence."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class Device(Base):
    """A key pair on a phone. At most one is ACTIVE for an account, and a key for one account: by constraint (R-014)."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    thumbprint: Mapped[str] = mapped_column(String(64))
    public_key: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16))
    grade: Mapped[str] = mapped_column(String(1))
    evidence_id: Mapped[str] = mapped_column(ForeignKey("evidence.id"))
    bound_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    end_reason: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(16), default="", server_default="")
    station: Mapped[str] = mapped_column(String(32), default="", server_default="")
    officer: Mapped[str] = mapped_column(String(32), default="", server_default="")
    platform: Mapped[str] = mapped_column(String(32), default="", server_default="")
    client_version: Mapped[str] = mapped_column(String(32), default="", server_default="")
    last_used_at: Mapped[int | None] = mapped_column(BigInteger)
    wipe_told_at: Mapped[int | None] = mapped_column(BigInteger)
    shared: Mapped[int] = mapped_column(default=0, server_default="0")
    """1 where the registry lets a family share a phone: the key may then be active for more than one account."""
    attestation_format: Mapped[str] = mapped_column(String(16), default="", server_default="")
    attestation: Mapped[bytes | None] = mapped_column(LargeBinary)
    attestation_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    attestation_generation: Mapped[int] = mapped_column(default=0, server_default="0")
    """attestation: sealed under the key of use of its owner, the so manieth (S-26); digest: of what was sealed."""

    __table_args__ = (
        Index(
            "one_active_device_per_account",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'ACTIVE'"),
            postgresql_where=text("state = 'ACTIVE'"),
        ),
        Index(
            "one_account_per_active_key",
            "thumbprint",
            unique=True,
            sqlite_where=text("state = 'ACTIVE' AND shared = 0"),
            postgresql_where=text("state = 'ACTIVE' AND shared = 0"),
        ),
    )


class Transaction(Base):
    """One attempt to do something that needs the card: its chip challenge is bound to purpose and device (S-27).

    face_officer, face_at: who compared the person with the chip's portrait, and when (F4).
    """

    __tablename__ = "transaction_"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    thumbprint: Mapped[str] = mapped_column(String(64), default="")
    public_key: Mapped[str] = mapped_column(Text, default="")
    label: Mapped[str] = mapped_column(Text, default="")
    nonce: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    account_version: Mapped[int | None]
    device_id: Mapped[str | None] = mapped_column(ForeignKey("device.id"))
    opened_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    request_digest: Mapped[str] = mapped_column(String(64), default="")
    receipt: Mapped[str] = mapped_column(Text, default="")
    face_officer: Mapped[str] = mapped_column(String(32), default="", server_default="")
    face_at: Mapped[int | None] = mapped_column(BigInteger)
    attestation_format: Mapped[str] = mapped_column(String(16), default="", server_default="")
    attestation: Mapped[bytes | None] = mapped_column(LargeBinary)


class OneTimePassword(Base):
    """A code, hashed and bound to its transaction (S-04). consumed_at is set once, by what accepts it (S-03)."""

    __tablename__ = "one_time_password"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("transaction_.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(2))
    hashed: Mapped[str] = mapped_column(Text)
    tries_left: Mapped[int]
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    consumed_at: Mapped[int | None] = mapped_column(BigInteger)
    channel: Mapped[str] = mapped_column(String(16), default="sim", server_default="sim")

    __table_args__ = (CheckConstraint("tries_left >= 0", name="tries_are_not_negative"),)


class StoredEvidence(Base):
    """What a decision rested on, encrypted; its digest is unique, so that a recording serves once (S-29).

    owner, generation: under which person's key it is sealed.  sealed: empty once its term is over, or it was erased.
    """

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    grade: Mapped[str] = mapped_column(String(1))
    trust_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
