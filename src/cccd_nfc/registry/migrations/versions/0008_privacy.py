"""Personal data are sealed under keys of their persons, in the transaction of the migration: whole, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cccd_nfc.errors import CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.policy import FIELD
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.vault import CORE, USE, Vault, key_label, seal_fields

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _new_tables()
    op.add_column("account", sa.Column("number_index", sa.String(length=64), nullable=True))
    op.add_column("account", sa.Column("phone_index", sa.String(length=64), server_default="", nullable=False))
    op.add_column("account", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("sealed_recipient", sa.LargeBinary(), nullable=True))
    op.add_column("message", sa.Column("recipient_index", sa.String(length=64), server_default="", nullable=False))
    op.add_column("evidence", sa.Column("owner", sa.String(length=64), server_default="", nullable=False))
    op.add_column("evidence", sa.Column("generation", sa.Integer(), server_default="0", nullable=False))
    _seal_what_is_there(op.get_bind())
    with op.batch_alter_table("account") as table:
        table.alter_column("number_index", existing_type=sa.String(length=64), nullable=False)
        table.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
        table.create_unique_constraint("one_account_per_number", ["number_index"])
        for name in ("number", "full_name", "birth_date", "phone"):
            table.drop_column(name)
    with op.batch_alter_table("message") as table:
        table.alter_column("sealed_recipient", existing_type=sa.LargeBinary(), nullable=False)
        table.drop_column("recipient")
    op.create_index("ix_account_phone_index", "account", ["phone_index"])
    op.create_index("ix_message_recipient_index", "message", ["recipient_index"])
    op.create_index("ix_evidence_owner", "evidence", ["owner"])


def _new_tables() -> None:
    op.create_table(
        "person_key",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "kind", "generation"),
    )
    op.create_table(
        "key_generation",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.String(length=43), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "generation"),
    )
    op.create_table(
        "sensitive_read",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("officer", sa.String(length=32), nullable=False),
        sa.Column("station", sa.String(length=32), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("reads_of_an_account", "sensitive_read", ["account_id", "read_at"])
    op.create_table(
        "subject_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_due", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("finish_due", sa.BigInteger(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


# --- what is there ----------------------------------------------------------------------------------------------------


def _seal_what_is_there(connection: sa.Connection) -> None:
    accounts = _all(connection, "SELECT id, number, full_name, birth_date, phone FROM account")
    messages = _all(connection, "SELECT id, recipient FROM message")
    evidence = _all(connection, "SELECT id, digest, sealed FROM evidence")
    if not (accounts or messages or evidence):
        return
    vault = Vault(op.get_context().config.attributes["keys"]())  # type: ignore[union-attr]
    for account_id, *personal in accounts:
        _seal_account(connection, vault, account_id, *personal)
    for message_id, recipient in messages:
        _seal_message(connection, vault, message_id, recipient)
    keys: dict[str, bytes] = {}
    for evidence_id, digest, sealed in evidence:
        _seal_evidence(connection, vault, keys, evidence_id, digest, bytes(sealed))


def _all(connection: sa.Connection, query: str) -> list[Any]:
    return [tuple(row) for row in connection.execute(sa.text(query))]


def _seal_account(
    connection: sa.Connection, vault: Vault, account_id: str, number: str, name: str, born: str, phone: str
) -> None:
    owner = vault.number_index(number)
    key = _new_key(connection, vault, owner, CORE)
    fields = {"number": number, "full_name": name, "birth_date": born, "phone": phone}
    connection.execute(
        sa.text("UPDATE account SET number_index = :owner, phone_index = :phone, sealed = :sealed WHERE id = :id"),
        {
            "owner": owner,
            "phone": vault.phone_index(phone) if phone else "",
            "sealed": seal_fields(key, f"account {account_id}", fields),
            "id": account_id,
        },
    )


def _new_key(connection: sa.Connection, vault: Vault, owner: str, kind: str) -> bytes:
    key, wrapped = vault.new_key(key_label(owner, kind, 1))
    connection.execute(
        sa.text("INSERT INTO person_key (owner, kind, generation, wrapped) VALUES (:owner, :kind, 1, :wrapped)"),
        {"owner": owner, "kind": kind, "wrapped": wrapped},
    )
    return key


def _seal_message(connection: sa.Connection, vault: Vault, message_id: str, recipient: str) -> None:
    sealed = seal(vault.keys.outbox, recipient.encode(), f"recipient {message_id}")
    index = vault.phone_index(recipient) if recipient.startswith("+") else ""
    connection.execute(
        sa.text("UPDATE message SET sealed_recipient = :sealed, recipient_index = :index WHERE id = :id"),
        {"sealed": sealed, "index": index, "id": message_id},
    )


def _seal_evidence(
    connection: sa.Connection, vault: Vault, keys: dict[str, bytes], evidence_id: str, digest: str, sealed: bytes
) -> None:
    """Under the person's key; where the evidence does not say whose it is, it stays under the registry's."""
    content = unseal(vault.keys.evidence, sealed, digest)
    number = _number_in(content)
    if not number:
        return
    owner = vault.number_index(number)
    if owner not in keys:
        keys[owner] = _new_key(connection, vault, owner, USE)
    connection.execute(
        sa.text("UPDATE evidence SET owner = :owner, generation = 1, sealed = :sealed WHERE id = :id"),
        {"owner": owner, "sealed": seal(keys[owner], content, digest), "id": evidence_id},
    )


def _number_in(content: bytes) -> str:
    """The personal number that the evidence names; it was verified when it was stored."""
    try:
        evidence = Evidence.from_bytes(content)
        identity = verify(evidence, TrustStore.empty(), FIELD, now=datetime.now(UTC)).identity
    except CccdError:
        return ""
    return identity.personal_number if identity else ""
