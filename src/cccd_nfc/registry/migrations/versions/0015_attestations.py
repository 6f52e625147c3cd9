"""The attestation of a device's key, with the transaction that brings it and the device that it is of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for table in ("transaction_", "device"):
        op.add_column(table, sa.Column("attestation_format", sa.String(length=16), nullable=False, server_default=""))
        op.add_column(table, sa.Column("attestation", sa.LargeBinary(), nullable=True))
    op.add_column("device", sa.Column("attestation_digest", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("device", sa.Column("attestation_generation", sa.Integer(), nullable=False, server_default="0"))
