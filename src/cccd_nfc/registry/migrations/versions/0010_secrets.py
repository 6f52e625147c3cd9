"""Passwords, passcodes and answers of owners, their sessions, and web activations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "account_secrets",
        _account(),
        _text("password"),
        _moment("password_set_at"),
        _count("failed_logins"),
        _moment("hold_until"),
        _text("passcode"),
        _moment("passcode_set_at"),
        _count("failed_passcodes"),
        _count("failed_answers"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "security_answer",
        _account(),
        _count("position"),
        sa.Column("question", sa.String(length=32), nullable=False),
        _text("answer"),
        _moment("set_at"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id", "position"),
    )
    _create_sessions()
    op.create_table(
        "web_request",
        sa.Column("transaction_id", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _moment("asked_at"),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("grant_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["transaction_id"], ["transaction_.id"]),
        sa.PrimaryKeyConstraint("transaction_id"),
    )
    nobody = op.create_table("nobody", _count("id"), _moment("tries"), sa.PrimaryKeyConstraint("id"))
    op.bulk_insert(nobody, [{"id": 1, "tries": 0}])


def _create_sessions() -> None:
    op.create_table(
        "owner_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        _account(),
        sa.Column("device_id", sa.String(length=32), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        _moment("opened_at"),
        _moment("used_at"),
        _moment("expires_at"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        _text("end_reason"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("sessions_of_an_account", "owner_session", ["account_id"])


def _account() -> sa.Column[str]:
    return sa.Column("account_id", sa.String(length=32), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, autoincrement=False)
