"""Signed heads of the audit log and the proofs between them (RFC 9162 §2.1, §4.10): kept elsewhere, they show a log
that was cut, changed, or shown differently to two parties.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cccd_nfc.errors import EncodingError, SignatureError
from cccd_nfc.registry import merkle, signed
from cccd_nfc.registry.audit import Head, Inclusion

HEAD_TYPE = "cccd-log-head+jwt"


def sign_head(key: Ed25519PrivateKey, head: Head, now: datetime) -> str:
    """A compact JWS over size, root and time."""
    return signed.sign(key, HEAD_TYPE, {"size": head.size, "root": head.root, "time": now.isoformat()})


def verify_head(token: str, public_key: str) -> Head:
    """The head; SignatureError when that key did not sign it, EncodingError when it is none."""
    content = signed.verified(token, public_key, HEAD_TYPE)
    try:
        return Head(int(content["size"]), bytes.fromhex(content["root"]).hex())
    except (KeyError, TypeError, ValueError) as error:
        raise EncodingError("not the head of an audit log") from error


def verify_head_by_any(token: str, public_keys: Iterable[str]) -> Head:
    """The same, signed by whichever of the keys; SignatureError when by none."""
    for each in public_keys:
        try:
            return verify_head(token, each)
        except SignatureError:
            continue
    raise SignatureError("it was not signed by this registry")


def inclusion_proof(entry: Inclusion, number: int, head: str) -> str:
    """The proof, as JSON, that entry `number` is in the log of the signed head."""
    return _text({"proves": "inclusion", "number": number, "entry": entry.content, "path": entry.path, "head": head})


def consistency_proof(earlier: str, path: tuple[str, ...], head: str) -> str:
    """The proof, as JSON, that the log of `head` goes on from that of `earlier`; both are signed heads."""
    return _text({"proves": "consistency", "earlier": earlier, "path": path, "head": head})


def _text(proof: Mapping[str, object]) -> str:
    return json.dumps(proof, ensure_ascii=False, indent=2)


def check_proof(text: str, public_key: str) -> dict[str, Any]:
    """What is proved: `proves`, `size` of the log, and `entry` or the `earlier` size.

    It needs the key of the log's heads only. Raises SignatureError for a proof that does not hold, EncodingError for
    what is none.
    """
    try:
        proof = json.loads(text)
        path = [bytes.fromhex(part) for part in proof["path"]]
        kind, head = proof["proves"], verify_head(proof["head"], public_key)
        if kind == "inclusion":
            return {"proves": kind, "size": head.size, "entry": _included(proof, path, head)}
        if kind == "consistency":
            return {"proves": kind, "size": head.size, "earlier": _continued(proof, path, head, public_key)}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise EncodingError("not a proof of an audit log") from error
    raise EncodingError("a proof of an unknown kind")


def _included(proof: Mapping[str, Any], path: list[bytes], head: Head) -> str:
    entry = str(proof["entry"])
    leaf = merkle.leaf_hash(entry.encode())
    if merkle.root_by_inclusion(leaf, int(proof["number"]) - 1, head.size, path).hex() != head.root:
        raise SignatureError("the entry is not in the log of this head")
    return entry


def _continued(proof: Mapping[str, Any], path: list[bytes], head: Head, public_key: str) -> int:
    earlier = verify_head(proof["earlier"], public_key)
    roots = bytes.fromhex(earlier.root), bytes.fromhex(head.root)
    merkle.check_consistency(earlier.size, roots[0], head.size, roots[1], path)
    return earlier.size
