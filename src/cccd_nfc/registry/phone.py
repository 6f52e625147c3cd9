"""The phone's side: a key pair that never leaves it, and the signature that confirms an activation (S-26).

This is the reference for what an app does, and what tests and the demo use. The registry sees the public key only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, import_key

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.sentences import Said

ALGORITHM = "ES256"
CONFIRMATION_TYPE = "cccd-activation+jwt"
PROOF_TYPE = "dpop+jwt"
STATEMENT_TYPE = "cccd-statement+jwt"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A device's public key. thumbprint: RFC 7638, base64url, 43 characters.  pem: SubjectPublicKeyInfo."""

    thumbprint: str
    pem: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> DeviceKey:
        """From PEM or a JWK; only the public half is kept. UsageError for anything but a key on P-256."""
        key = _ec_key(text)
        return cls(key.thumbprint(), key.as_pem(private=False).decode())


def _ec_key(text: str) -> ECKey:
    try:
        key: Any = import_key(text if not text.lstrip().startswith("{") else _json(text), "EC")
        if isinstance(key, ECKey) and key.curve_name == "P-256":
            return key
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise UsageError("not a device's key: P-256 in PEM or as a JWK is needed") from error
    raise UsageError("a device's key must be on P-256")


def _json(text: str) -> dict[str, Any]:
    parsed = json.loads(text)
    if not isinstance(parsed, dict):
        raise ValueError("no JWK")
    return parsed


@dataclass(frozen=True, slots=True)
class Phone:
    """A simulated phone: its private key, in PKCS #8 PEM."""

    private_pem: str = field(repr=False)

    @classmethod
    def new(cls) -> Phone:
        return cls(ECKey.generate_key("P-256").as_pem(private=True).decode())

    @classmethod
    def load(cls, path: Path) -> Phone:
        try:
            text = path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(Said("cannot read the device's key {path}", path=path)) from error
        if not _ec_key(text).is_private:
            raise UsageError(Said("{path} holds no private key", path=path))
        return cls(text)

    def save(self, folder: Path) -> None:
        """Writes public.pem and, with mode 0600, private.pem."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "public.pem").write_text(self.public.pem, encoding="ascii")
            (folder / "private.pem").touch(mode=0o600)
            (folder / "private.pem").write_text(self.private_pem, encoding="ascii")
        except OSError as error:
            raise UsageError(
                Said("cannot write the device's key to {path}: {reason}", path=folder, reason=error.strerror)
            ) from error

    @property
    def public(self) -> DeviceKey:
        return DeviceKey.parse(self.private_pem)

    def confirm(self, transaction_id: str, reference: str) -> str:
        """The signed confirmation of the OTP `reference` in a transaction: a compact JWS."""
        header = {"alg": ALGORITHM, "typ": CONFIRMATION_TYPE}
        payload = confirmation_payload(transaction_id, reference)
        return jws.serialize_compact(header, payload, _ec_key(self.private_pem), algorithms=[ALGORITHM])

    def prove(self, method: str, url: str, now: datetime, *, nonce: str = "", access_token: str = "") -> str:
        """The proof that goes with one call (RFC 9449 §4.2). now: by the phone's clock.  nonce: the registry's last."""
        header = {"typ": PROOF_TYPE, "alg": ALGORITHM, "jwk": _ec_key(self.private_pem).as_dict(private=False)}
        claims: dict[str, object] = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": url}
        claims["iat"] = int(now.timestamp())
        claims |= {"nonce": nonce} if nonce else {}
        if access_token:
            digest = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return jws.serialize_compact(header, json.dumps(claims), _ec_key(self.private_pem), algorithms=[ALGORITHM])

    def state(self, purpose: str, **facts: str) -> str:
        """A signed statement for one purpose: a compact JWS over the facts."""
        header = {"alg": ALGORITHM, "typ": STATEMENT_TYPE}
        payload = statement_payload(purpose, facts)
        return jws.serialize_compact(header, payload, _ec_key(self.private_pem), algorithms=[ALGORITHM])


def statement_payload(purpose: str, facts: Mapping[str, str]) -> bytes:
    return rfc8785.dumps({"purpose": purpose, **facts})


def check_statement(token: str, device: DeviceKey, purpose: str, **facts: str) -> None:
    """Returns when the key of `device` signed these facts for this purpose; RefusedError otherwise."""
    try:
        found = jws.deserialize_compact(token, _ec_key(device.pem), algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("this was not signed by the device that it is about") from error
    if found.payload != statement_payload(purpose, facts) or found.headers().get("typ") != STATEMENT_TYPE:
        raise RefusedError("what the device signed is for something else")


def confirmation_payload(transaction_id: str, reference: str) -> bytes:
    """What the device signs: purpose, transaction and the reference of the code."""
    return f'{{"purpose":"activate","reference":"{reference}","transaction":"{transaction_id}"}}'.encode()


def check_confirmation(token: str, device: DeviceKey, transaction_id: str, reference: str) -> None:
    """Returns when the key of `device` signed this confirmation; RefusedError otherwise."""
    try:
        found = jws.deserialize_compact(token, _ec_key(device.pem), algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise RefusedError("the confirmation was not signed by the new device") from error
    right = found.payload == confirmation_payload(transaction_id, reference)
    if not right or found.headers().get("typ") != CONFIRMATION_TYPE:
        raise RefusedError("the confirmation is for another transaction")
