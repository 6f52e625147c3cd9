"""The Merkle tree over the audit log (S-34), grown over the entries that are there; the key that signs its heads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cccd_nfc.registry import merkle

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("identity", sa.Column("head_key", sa.String(length=43), nullable=True))
    nodes = op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "position"),
    )
    connection, peaks = op.get_bind(), dict[int, bytes]()
    hashes = connection.execute(sa.text("SELECT hash FROM audit ORDER BY seq")).scalars().all()
    for index, hashed in enumerate(hashes):
        grown = merkle.completed(index, bytes.fromhex(hashed), lambda level, _: peaks[level])
        peaks.update({level: node for level, _, node in grown})
        for level, position, node in grown[1:]:
            connection.execute(nodes.insert().values(level=level, position=position, hash=node.hex()))
