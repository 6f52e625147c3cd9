"""Receipts: who did what, when, by which proof; signed, so that they can be checked anywhere without the registry."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cccd_nfc.errors import EncodingError, SignatureError
from cccd_nfc.registry.audit import Head

ALGORITHM = "Ed25519"
RECEIPT_TYPE = "cccd-receipt+jwt"


def sign_receipt(key: Ed25519PrivateKey, facts: Mapping[str, str], head: Head, now: datetime) -> str:
    """A compact JWS over `facts`, the time, and the head of the audit log that holds the act."""
    payload = {**facts, "time": now.isoformat(), "audit_size": head.size, "audit_hash": head.hash}
    content = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    header = {"alg": ALGORITHM, "typ": RECEIPT_TYPE}
    return jws.serialize_compact(header, content, _private(key), algorithms=[ALGORITHM])


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public key that receipts are checked with: 32 bytes in base64url."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def verify_receipt(token: str, public_key: str) -> dict[str, Any]:
    """What the receipt says; SignatureError when that key did not sign it, EncodingError when it is no receipt."""
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public_key.strip()})
        found = jws.deserialize_compact(token.strip(), key, algorithms=[ALGORITHM])
        if found.headers().get("typ") != RECEIPT_TYPE:
            raise SignatureError("signed, but not a receipt")
        content = json.loads(found.payload)
    except JoseError as error:
        raise SignatureError("the receipt was not signed by this registry") from error
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("not a receipt, or not the key of a registry") from error
    if not isinstance(content, dict):
        raise EncodingError("not a receipt")
    return content


def _private(key: Ed25519PrivateKey) -> OKPKey:
    return OKPKey.import_key(key)
