"""Opening by the law: consents, representatives, level 2, papers, foreigners; where a lock's ground came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ACCOUNT = (
    ("kind", 16, "citizen"),
    ("sex", 1, ""),
    ("portrait", 128, ""),
    ("evidence_id", 32, ""),
    ("station", 32, ""),
    ("residence_expires", 10, ""),
)


def upgrade() -> None:
    for name, length, default in _ACCOUNT:
        op.add_column("account", sa.Column(name, sa.String(length=length), server_default=default, nullable=False))
    op.add_column("account", sa.Column("noticed_at", sa.BigInteger(), nullable=True))
    _sources()
    _consents()
    _applications()
    _papers()
    _status()


def _sources() -> None:
    op.add_column("account_lock", sa.Column("source", sa.String(length=16), server_default="", nullable=False))
    op.execute(
        "UPDATE account_lock SET source = CASE WHEN ground = 'OWNER_REQUEST' THEN 'declaration' "
        "WHEN ground IN ('AUTHORITY_REQUEST', 'SERVICE_PARTY_REQUEST') THEN 'request' ELSE 'data-update' END"
    )


def _consents() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("application_id", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("text_version", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("given_by", sa.String(length=32), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("evidence_id", sa.String(length=32), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
    )
    _one("one_open_consent_to_the_use", "consent", ["account_id"], "purpose = 'use' AND revoked_at IS NULL")
    op.create_table(
        "representation",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("representative_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("kinship", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )


def _applications() -> None:
    op.create_table(
        "level_application",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("evidence_id", sa.String(length=32), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("edited", "papers")),
        *(sa.Column(name, sa.String(length=80), nullable=False) for name in ("portrait", "fingerprints")),
        sa.Column("no_card", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("match_reference", "refusal")),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        *(sa.Column(name, sa.String(length=32), nullable=False) for name in ("officer", "station")),
        sa.Column("unit", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("received_at", "due_at")),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("notice_channel", sa.String(length=16), nullable=False),
    )
    _one("one_open_application_for_a_person", "level_application", ["person"], "decided_at IS NULL")


def _papers() -> None:
    op.create_table(
        "integrated_paper",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
    )
    _one("one_paper_of_a_kind", "integrated_paper", ["account_id", "kind"], "replaced_at IS NULL")
    op.create_table(
        "travel_document",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("evidence_id", sa.String(length=32), nullable=False),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=True),
    )
    _one("one_account_for_a_travel_document", "travel_document", ["reference"], "replaced_at IS NULL")


def _status() -> None:
    op.create_table(
        "imported_status",
        sa.Column("digest", sa.String(length=64), primary_key=True),
        sa.Column("account_id", sa.String(length=32), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
    )


def _one(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)
