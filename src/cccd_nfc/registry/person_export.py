"""Everything about one person as signed JSON: by `law/personal/person-export-1.schema.json`, and checkable anywhere.

Every table that refers to an account is in it, whichever part of the registry it belongs to. Left out are what only
proves something to the registry (hashes of codes, passwords and answers, nonces) and what is sealed; of evidence there
is what it is about and not its bytes, which `Privacy.evidence` gives.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, select
from sqlalchemy.orm import Session

from cccd_nfc.registry import addresses, person_keys, signed
from cccd_nfc.registry.clock import moment_of
from cccd_nfc.registry.models import Account, AuditEntry, Base, Message, StoredEvidence
from cccd_nfc.registry.office import Office

EXPORT_TYPE = "cccd-person-export+jwt"
SCHEMA = "cccd-person-export-1"
_SECRET = ("hash", "secret", "nonce", "digest", "password", "passcode", "answer", "seed", "token", "verifier", "salt")
_STATEMENTS_OF_TIME = ("_at", "_until", "_due")


def signed_export(office: Office, session: Session, account: Account, now: datetime) -> str:
    """A compact JWS, by the key of receipts."""
    content = {
        "schema": SCHEMA,
        "time": now.isoformat(),
        "account": _account(account),
        "tables": {table.name: _rows(session, table, account) for table in _tables_about_accounts()},
        "evidence": _evidence(session, account),
        "messages": _messages(session, account),
        "audit": _audit(session, office.keys.account_reference(account.id)),
    }
    return signed.sign(office.keys.receipt, EXPORT_TYPE, content)


def verified_export(token: str, public_key: str) -> dict[str, Any]:
    """What was exported; SignatureError when that key did not sign it, EncodingError when it is no export."""
    return signed.verified(token, public_key, EXPORT_TYPE)


def _account(account: Account) -> dict[str, Any]:
    personal = {name: getattr(account, name) for name in ("number", "full_name", "birth_date", "phone", "email")}
    return personal | _plain(Account.metadata.tables[Account.__tablename__], account.__dict__)


def _tables_about_accounts() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if "account_id" in table.columns]


def _rows(session: Session, table: Table, account: Account) -> list[dict[str, Any]]:
    mine = select(table).where(table.columns.account_id == account.id)
    found = [_plain(table, dict(row)) for row in session.execute(mine).mappings()]
    return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))


def _plain(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row without what is sealed or secret; times as text."""
    shown = (
        column for column in table.columns if not _hidden(column.name) and not isinstance(column.type, LargeBinary)
    )
    return {column.name: _value(column.name, row.get(column.name)) for column in shown}


def _hidden(name: str) -> bool:
    return name.endswith("_index") or any(part in name for part in _SECRET)


def _value(name: str, value: Any) -> Any:
    if type(value) is int and value > 0 and name.endswith(_STATEMENTS_OF_TIME):
        return moment_of(value).isoformat()
    return value


def _evidence(session: Session, account: Account) -> list[dict[str, Any]]:
    mine = select(StoredEvidence).where(StoredEvidence.owner.in_(person_keys.owners_of(session, account)))
    return [
        {
            "digest": each.digest,
            "grade": each.grade,
            "stored_at": moment_of(each.stored_at).isoformat(),
            "kept": bool(each.sealed),
        }
        for each in session.scalars(mine.order_by(StoredEvidence.stored_at, StoredEvidence.id))
    ]


def _messages(session: Session, account: Account) -> list[dict[str, Any]]:
    """Those that went to the person's number or e-mail; of their texts nothing is left once they have gone."""
    mine: ColumnElement[bool] = Message.recipient_index.in_(addresses.indexes_of(session, account))
    return [
        {
            "kind": each.kind,
            "channel": each.channel,
            "to": each.recipient,
            "created_at": moment_of(each.created_at).isoformat(),
            "sent_at": moment_of(each.sent_at).isoformat() if each.sent_at else None,
        }
        for each in session.scalars(select(Message).where(mine).order_by(Message.created_at, Message.id))
    ]


def _audit(session: Session, reference: str) -> list[dict[str, Any]]:
    named = AuditEntry.content.contains(f'"account":"{reference}"', autoescape=True)
    entries = session.scalars(select(AuditEntry.content).where(named).order_by(AuditEntry.seq))
    return [json.loads(content) for content in entries]
