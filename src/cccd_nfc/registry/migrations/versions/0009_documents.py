"""Heads that were published, and what a request's form says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "published_head",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("size"),
    )
    op.add_column("lock_request", sa.Column("unit", sa.Text(), nullable=False, server_default=""))
    op.add_column("lock_request", sa.Column("channel", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("lock_request", sa.Column("form", sa.LargeBinary(), nullable=True))
