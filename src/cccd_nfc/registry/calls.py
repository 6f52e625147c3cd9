"""What is kept of calls goes when it can no longer be shown again (S-29, S-30)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import IdempotencyKey, ProofId


def sweep(session: Session, now: datetime) -> int:
    """Deletes the proofs that are too old and the answers whose day is over; gives how many rows."""
    over = (delete(table).where(table.expires_at <= stamp(now)) for table in (ProofId, IdempotencyKey))
    return sum(session.execute(each).rowcount for each in over)  # type: ignore[attr-defined]  # a DELETE has it
