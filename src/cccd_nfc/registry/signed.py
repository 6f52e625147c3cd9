"""What the registry signs and gives away: compact JWS by Ed25519, whose type keeps one use from passing for another."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from cccd_nfc.errors import EncodingError, SignatureError

ALGORITHM = "Ed25519"


def sign(key: Ed25519PrivateKey, kind: str, content: Mapping[str, object]) -> str:
    """A compact JWS over the content, of the type `kind`."""
    payload = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    header = {"alg": ALGORITHM, "typ": kind}
    return jws.serialize_compact(header, payload, OKPKey.import_key(key), algorithms=[ALGORITHM])


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public key: 32 bytes in base64url, 43 characters."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def verified(token: str, public_key: str, kind: str) -> dict[str, Any]:
    """What was signed; SignatureError when that key did not sign it, or as another kind; EncodingError for no JWS."""
    try:
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public_key.strip()})
        found = jws.deserialize_compact(token.strip(), key, algorithms=[ALGORITHM])
        if found.headers().get("typ") != kind:
            raise SignatureError("signed by this registry, but as something else")
        content = json.loads(found.payload)
    except JoseError as error:
        raise SignatureError("it was not signed by this registry") from error
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("not signed by a registry, or not the key of one") from error
    if not isinstance(content, dict):
        raise EncodingError("not what a registry signs")
    return content
