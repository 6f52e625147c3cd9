"""What the registry says and writes down: its identity, the outbox, the audit log."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Connection, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.sealed import SealedField, SealedRow
from cccd_nfc.registry.vault import Vault


class Identity(Base):
    """The one row that says which keys this registry was begun with (S-37).

    head_key: the public key of the audit log's heads.  later_keys: which keys came with later versions. Both are None
    until a registry of an earlier version is opened.
    """

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    keys: Mapped[str] = mapped_column(String(64))
    head_key: Mapped[str | None] = mapped_column(String(43))
    later_keys: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)


class Message(SealedRow, Base):
    """The outbox: written in the act's own transaction, sent after it; the text goes when it has been sent (S-08).

    recipient: sealed, since it is a phone number.  recipient_index: of a phone number, by which its owner
    is found, and of an e-mail address; a device's thumbprint as it is.
    sent_at: also of one that was given up, whose last_error says so.  claimed_until: a process is sending it.
    last_error: the class of the last failure, never its text.
    """

    __tablename__ = "message"

    recipient = SealedField()

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    sealed_recipient: Mapped[bytes] = mapped_column(LargeBinary)
    recipient_index: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    sent_at: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    claimed_until: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    last_error: Mapped[str] = mapped_column(String(64), default="", server_default="")

    def _is_stored(self) -> bool:
        return bool(self.sealed_recipient)

    def _mark(self) -> None:
        self.sealed_recipient = b""

    def _unsealed_fields(self, vault: Vault) -> dict[str, str]:
        return {"recipient": unseal(vault.keys.outbox, self.sealed_recipient, recipient_label(self.id)).decode()}

    def _seal_into(self, vault: Vault, connection: Connection) -> None:
        index = {"sim": vault.phone_index, "email": vault.email_index}.get(self.channel)
        at_device = self.recipient if self.channel == "device" else ""
        self.recipient_index = index(self.recipient) if index else at_device
        self.sealed_recipient = seal(vault.keys.outbox, self.recipient.encode(), recipient_label(self.id))


def recipient_label(message_id: str) -> str:
    return f"recipient {message_id}"


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
