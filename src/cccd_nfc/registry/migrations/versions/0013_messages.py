"""Limits that processes share, addresses of owners, and an outbox that tries again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for name in ("attempts", "next_try_at", "claimed_until"):
        kind = sa.Integer() if name == "attempts" else sa.BigInteger()
        op.add_column("message", sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("message", sa.Column("last_error", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("one_time_password", sa.Column("channel", sa.String(length=16), nullable=False, server_default="sim"))
    op.create_table(
        "limit_count",
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name="counts_are_positive"),
        sa.PrimaryKeyConstraint("scope", "key", "window"),
    )
    op.create_table(
        "contact",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("phone_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("phone_verified_at", sa.BigInteger(), nullable=False),
        sa.Column("sim_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("email_changed_at", sa.BigInteger(), nullable=False),
        sa.Column("results_by", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "not_me",
        sa.Column("hashed", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("hashed"),
    )
