"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The one model; `migrations/` brings a database to it."""


class Identity(Base):
    """The one row that says which keys this registry was begun with (S-37).

    head_key: the public key of the audit log's heads; None until a registry of an earlier version is opened.
    """

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    keys: Mapped[str] = mapped_column(String(64))
    head_key: Mapped[str | None] = mapped_column(String(43))

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class Account(Base):
    """One citizen, one account; the personal number is the key (R-001). `version` guards every change (S-31)."""

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
            sqlite_where=text("state = 'ACTIVE'"),
            postgresql_where=text("state = 'ACTIVE'"),
        ),
    )


class Transaction(Base):
    """One attempt to do something that needs the card: its chip challenge is bound to purpose and device (S-27)."""

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

    __table_args__ = (CheckConstraint("tries_left >= 0", name="tries_are_not_negative"),)


class StoredEvidence(Base):
    """What a decision rested on, encrypted; its digest is unique, so that a recording serves once (S-29)."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    grade: Mapped[str] = mapped_column(String(1))
    trust_digest: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[int] = mapped_column(BigInteger)


class Message(Base):
    """The outbox: written in the act's own transaction, sent after it; the text goes when it has been sent (S-08)."""

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    recipient: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)


class AuditEntry(Base):
    """One act, in canonical JSON, chained by hash to the one before (S-34)."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))


class AuditNode(Base):
    """A complete subtree of the Merkle tree over the audit log, level 1 and above; it never changes again."""

    __tablename__ = "audit_node"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
