"""Devices that are not bound, hand-overs, what changed an account, offline records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    for name in ("platform", "client_version"):
        op.add_column("device", sa.Column(name, sa.String(length=32), nullable=False, server_default=""))
    for name in ("last_used_at", "wipe_told_at"):
        op.add_column("device", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("device", sa.Column("shared", sa.Integer(), nullable=False, server_default="0"))
    op.drop_index("one_account_per_active_key", table_name="device")
    alone = sa.text("state = 'ACTIVE' AND shared = 0")
    op.create_index(
        "one_account_per_active_key", "device", ["thumbprint"], unique=True,
        sqlite_where=alone, postgresql_where=alone,
    )  # fmt: skip
    _contacts()
    _changes()
    _offline()


def _texts(length: int, *names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length=length), nullable=False) for name in names]


def _long_texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _times(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _contacts() -> None:
    op.create_table(
        "device_contact",
        *_texts(32, "id"),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("transaction_id", sa.String(length=32), nullable=True),
        *_texts(64, "thumbprint"),
        *_long_texts("public_key", "label"),
        *_texts(32, "platform", "client_version"),
        *_texts(16, "state"),
        *_times("first_at", "last_at"),
        *_times("expires_at", "ended_at", nullable=True),
        *_long_texts("end_reason"),
        *_texts(16, "channel"),
        *_texts(32, "station", "officer"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["transaction_id"], ["transaction_.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("contacts_of_an_account", "device_contact", ["account_id"])
    op.create_table(
        "hand_over",
        *_texts(32, "id", "transaction_id"),
        *_texts(64, "hashed"),
        *_times("created_at", "expires_at"),
        *_times("redeemed_at", nullable=True),
        sa.Column("reader_id", sa.String(length=32), nullable=True),
        *_times("code_shown_at", nullable=True),
        sa.ForeignKeyConstraint(["transaction_id"], ["transaction_.id"]),
        sa.ForeignKeyConstraint(["reader_id"], ["device_contact.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hashed"),
    )


def _changes() -> None:
    op.create_table(
        "account_change",
        *_texts(32, "account_id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_times("at", "entry"),
        *_texts(16, "channel"),
        *_texts(32, "station"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )


def _offline() -> None:
    op.create_table(
        "offline_record",
        *_times("received"),
        *_texts(32, "journal"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts(32, "station"),
        *_texts(64, "digest"),
        *_texts(16, "kind", "outcome"),
        *_long_texts("reason"),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        *_times("seen_entry", "received_at"),
        *_times("settled_at", nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("received"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("a_journals_record_comes_once", "offline_record", ["journal", "number"], unique=True)
