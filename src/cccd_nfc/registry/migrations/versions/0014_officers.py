"""Units, officers, stations, proposals; who has compared the face in a transaction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(length=32), primary_key=True)


def _time(name: str, *, always: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=not always)


def _text(name: str, length: int | None = None, *, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length) if length else sa.Text(), nullable=False, unique=unique)


def _of(table: str, name: str = "", *, always: bool = True) -> sa.Column[str]:
    return sa.Column(name or f"{table}_id", sa.String(length=32), sa.ForeignKey(f"{table}.id"), nullable=not always)


def upgrade() -> None:
    _desks()
    _logins()
    _pairs()
    op.add_column("transaction_", sa.Column("face_officer", sa.String(length=32), nullable=False, server_default=""))
    op.add_column("transaction_", sa.Column("face_at", sa.BigInteger(), nullable=True))


def _desks() -> None:
    op.create_table("unit", _id(), _text("code", 32, unique=True), _text("name"), _text("kind", 16), _time("added_at"))
    op.create_table(
        "station",
        _id(),
        _text("name"),
        _of("unit"),
        _text("thumbprint", 64, unique=True),
        _text("public_key"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _time("added_at"),
    )
    op.create_table(
        "reserved_key",
        sa.Column("thumbprint", sa.String(length=64), primary_key=True),
        _text("kind", 16),
        _text("holder", 32),
        _time("added_at"),
    )


def _logins() -> None:
    op.create_table(
        "officer",
        _id(),
        _text("login", 32, unique=True),
        _text("name"),
        _of("unit"),
        _text("roles"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _text("password"),
        sa.Column("totp_seed", sa.LargeBinary(), nullable=False),
        _time("totp_last_step"),
        sa.Column("failed_logins", sa.Integer(), nullable=False),
        _time("hold_until"),
        _time("added_at"),
    )
    op.create_table(
        "officer_key",
        sa.Column("id", sa.String(length=1366), primary_key=True),
        _of("officer"),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        _time("sign_count"),
        _text("label"),
        _time("added_at"),
        _time("ended_at", always=False),
    )
    op.create_table(
        "officer_challenge",
        _id(),
        _of("officer", always=False),
        _text("purpose", 16),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        _time("expires_at"),
        _time("used_at", always=False),
    )
    op.create_table(
        "officer_session",
        sa.Column("id", sa.String(length=64), primary_key=True),
        _of("officer"),
        _of("station", always=False),
        _text("method", 16),
        _time("started_at"),
        _time("strong_at"),
        _time("seen_at"),
        _time("ended_at", always=False),
    )


def _pairs() -> None:
    op.create_table(
        "proposal",
        _id(),
        _text("kind", 32),
        _of("account", always=False),
        _text("subject"),
        _text("reason"),
        _text("state", 16),
        _of("officer", "proposed_by"),
        _time("proposed_at"),
        _time("expires_at"),
        _of("officer", "decided_by", always=False),
        _time("decided_at", always=False),
        _time("spent_at", always=False),
    )
