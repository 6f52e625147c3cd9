"""Which keys came with later versions, and where a device was bound from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("identity", sa.Column("later_keys", sa.String(length=64), nullable=True))
    for name, length in (("channel", 16), ("station", 32), ("officer", 32)):
        op.add_column("device", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
