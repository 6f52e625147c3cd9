"""What is kept of calls: the ids of proofs, and requests with their first answers."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cccd_nfc.registry.models.base import Base


class ProofId(Base):
    """The id of a proof that a device has shown, hashed with its key; kept until the proof is too old (S-29)."""

    __tablename__ = "proof_id"

    hashed: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class IdempotencyKey(Base):
    """A request that bears a key, and its first answer, sealed; none while it is still running (S-30)."""

    __tablename__ = "idempotency_key"

    hashed: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(String(64))
    claim: Mapped[str] = mapped_column(String(32))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    claimed_until: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
