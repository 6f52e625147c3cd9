"""Receipts: who did what, when, by which proof; signed, so that they can be checked anywhere without the registry.

A receipt carries its entry of the audit log and what leads from it to the log's root: whoever keeps a later head can
ask for the proof that the entry is still there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cccd_nfc.errors import EncodingError, SignatureError
from cccd_nfc.registry import merkle, signed
from cccd_nfc.registry.audit import Head, Inclusion

RECEIPT_TYPE = "cccd-receipt+jwt"


def sign_receipt(key: Ed25519PrivateKey, facts: Mapping[str, str], entry: Inclusion, now: datetime) -> str:
    """A compact JWS over `facts`, the time, and the act's entry in the audit log with its inclusion proof."""
    log = {"entry": entry.content, "size": entry.head.size, "root": entry.head.root, "path": list(entry.path)}
    return signed.sign(key, RECEIPT_TYPE, {**facts, "time": now.isoformat(), "audit": log})


def verify_receipt(token: str, public_key: str) -> dict[str, Any]:
    """What the receipt says; SignatureError when that key did not sign it, or when its entry is not in the log that it
    names; EncodingError when it is no receipt.
    """
    content = signed.verified(token, public_key, RECEIPT_TYPE)
    head = head_of(content)
    try:
        log = content["audit"]
        entry, path = log["entry"].encode(), [bytes.fromhex(part) for part in log["path"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EncodingError("a receipt without its entry of the audit log") from error
    if merkle.root_by_inclusion(merkle.leaf_hash(entry), head.size - 1, head.size, path).hex() != head.root:
        raise SignatureError("the receipt's entry is not in the audit log that it names")
    return content


def head_of(receipt: Mapping[str, Any]) -> Head:
    """The audit log's head when the receipt was made: its act was the last entry then."""
    try:
        return Head(int(receipt["audit"]["size"]), str(receipt["audit"]["root"]))
    except (KeyError, TypeError, ValueError) as error:
        raise EncodingError("a receipt without a head of the audit log") from error
