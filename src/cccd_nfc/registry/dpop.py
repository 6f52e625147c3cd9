"""Proof of possession: every call of a device is signed by its key, for this method, address and moment (S-26).

RFC 9449 (September 2023), with the nonce of the server required (§8) and without anything but ES256 on P-256. What is
signed serves once: `remember` keeps its id for as long as it could be shown again (S-29, §11.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from cccd_nfc.errors import NonceNeededError, RefusedError, UsageError
from cccd_nfc.registry.clock import stamp
from cccd_nfc.registry.models import ProofId
from cccd_nfc.registry.phone import ALGORITHM, PROOF_TYPE, DeviceKey

PROOF_LIFE = timedelta(seconds=60)
"""How old a proof may be; its nonce bounds it as well."""

CLOCK_AHEAD = timedelta(seconds=10)
"""How far a phone's clock may be ahead of ours."""

NONCE_LIFE = timedelta(minutes=5)

_LONGEST = 4096
_ID = re.compile(r"[A-Za-z0-9_-]{16,128}")
_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_PORTS = {"https": 443, "http": 80}
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_PUBLIC = {"kty", "crv", "x", "y", "kid", "use", "alg", "key_ops"}


@dataclass(frozen=True, slots=True)
class Nonces:
    """Nonces that this registry can tell as its own without keeping them: time, 8 bytes of chance, and an HMAC."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Nonces:
        """With a key drawn from `secret`, so that neither stands in for the other."""
        return cls(hmac.new(secret, b"cccd_nfc proof nonce 1", hashlib.sha256).digest())

    def issue(self, now: datetime) -> str:
        """32 bytes in base64url, 43 characters; good for five minutes."""
        said = stamp(now).to_bytes(8, "big") + secrets.token_bytes(8)
        return _b64(said + self._mac(said))

    def is_good(self, nonce: str, now: datetime) -> bool:
        """Whether it is one of ours and not too old; a nonce from a later time is none."""
        try:
            raw = base64.b64decode(nonce + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        said, mac = raw[:16], raw[16:]
        age = stamp(now) - int.from_bytes(said[:8], "big")
        fresh = 0 <= age < NONCE_LIFE // timedelta(microseconds=1)
        return len(raw) == 32 and _b64(raw) == nonce and hmac.compare_digest(mac, self._mac(said)) and fresh

    def _mac(self, said: bytes) -> bytes:
        return hmac.new(self.key, said, hashlib.sha256).digest()[:16]


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof that holds. key: whose it is.  proof_id: the digest of key and jti.  expires_at: when it is too old."""

    key: DeviceKey
    proof_id: str
    expires_at: datetime


def verify(proof: str, htm: str, htu: str, nonces: Nonces, now: datetime, *, access_token: str = "") -> Proof:
    """Whose key signed `proof` for this method and address (RFC 9449 §4.3); it is not yet known to be new.

    access_token: what the call shows besides; the proof must then name its hash (ath), and else must name none.
    Raises NonceNeededError, with a nonce to use, for a missing or stale one; RefusedError for anything else.
    """
    key, claims = _signed(proof)
    if claims.get("htm") != htm:
        raise RefusedError("the proof is for another method")
    if not isinstance(claims.get("htu"), str) or _address(claims["htu"]) != _address(htu):
        raise RefusedError("the proof is for another address")
    expires_at = _expiry(claims.get("iat"), now)
    proof_id = claims.get("jti")
    if not isinstance(proof_id, str) or not _ID.fullmatch(proof_id):
        raise RefusedError("the proof has no id of its own")
    _check_token(claims.get("ath"), access_token)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonces.is_good(nonce, now):
        raise NonceNeededError("the proof needs a fresh nonce of the registry", nonce=nonces.issue(now))
    hashed = hashlib.sha256(f"{key.thumbprint}.{proof_id}".encode()).hexdigest()
    return Proof(key, hashed, expires_at)


def remember(session: Session, proof: Proof) -> None:
    """The proof has served; RefusedError when it has served before. A constraint decides between two at once."""
    if session.get(ProofId, proof.proof_id) is not None:
        raise RefusedError("this proof was shown before")
    session.add(ProofId(hashed=proof.proof_id, expires_at=stamp(proof.expires_at)))
    session.flush()


def token_hash(access_token: str) -> str:
    """ath: SHA-256 of the token, base64url (RFC 9449 §4.2)."""
    return _b64(hashlib.sha256(access_token.encode()).digest())


def _signed(proof: str) -> tuple[DeviceKey, dict[str, Any]]:
    """The key that the proof carries and has signed with, and what it says."""
    if len(proof) > _LONGEST or not proof.isascii():
        raise RefusedError("not a proof of a device's key")
    try:
        header = jws.extract_compact(proof.encode()).headers()
        if header.get("typ") != PROOF_TYPE or header.get("alg") != ALGORITHM or set(header) - {"typ", "alg", "jwk"}:
            raise RefusedError("a proof is of the type dpop+jwt, and signed by ES256")
        jwk = _public(header.get("jwk"))
        key = DeviceKey.parse(json.dumps(jwk))
        found = jws.deserialize_compact(proof, ECKey.import_key(jwk), algorithms=[ALGORITHM])
        claims = json.loads(found.payload)
    except (JoseError, UsageError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise RefusedError("not a proof of a device's key") from error
    if not isinstance(claims, dict):
        raise RefusedError("not a proof of a device's key")
    return key, claims


def _public(jwk: object) -> dict[str, Any]:
    """The public key of the header; one with a private part is given away, and refused."""
    if not isinstance(jwk, dict) or jwk.get("kty") != "EC" or set(jwk) - _PUBLIC:
        raise RefusedError("the proof carries no public key on P-256")
    return jwk


def _expiry(issued: object, now: datetime) -> datetime:
    """When the proof is too old; RefusedError when it is already, or comes from the future."""
    if isinstance(issued, bool) or not isinstance(issued, int | float) or not abs(issued) < 1e11:
        raise RefusedError("the proof says no time")
    age = now.timestamp() - issued
    if not -CLOCK_AHEAD.total_seconds() <= age <= PROOF_LIFE.total_seconds():
        raise RefusedError("the proof is too old, or the phone's clock is wrong")
    return now + PROOF_LIFE - timedelta(seconds=age) + CLOCK_AHEAD


def _check_token(said: object, access_token: str) -> None:
    if not access_token and said is None:
        return
    named = said if isinstance(said, str) and said.isascii() else ""
    if not access_token or not hmac.compare_digest(named, token_hash(access_token)):
        raise RefusedError("the proof is for another token")


def _address(htu: str) -> str:
    """Scheme, host, port and path in one spelling; query and fragment do not count (RFC 9449 §4.3, RFC 3986 §6.2)."""
    try:
        parts = urlsplit(htu)
        port = parts.port
    except ValueError as error:
        raise RefusedError("the proof is for another address") from error
    scheme, host = parts.scheme.lower(), _host(parts)
    if scheme not in _PORTS or not host or parts.username is not None or not htu.isascii() or not htu.isprintable():
        raise RefusedError("the proof is for another address")
    named = "" if port in (None, _PORTS[scheme]) else f":{port}"
    return f"{scheme}://{host}{named}{_path(parts.path)}"


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    return host if _HOST.fullmatch(host) else ""


def _path(path: str) -> str:
    """Escapes in capitals, and none where none is needed; `.` and `..` are left, and match nothing but themselves."""

    def escape(found: re.Match[str]) -> str:
        character = chr(int(found[1], 16))
        return character if character in _UNRESERVED else found[0].upper()

    return re.sub(r"%([0-9A-Fa-f]{2})", escape, path) or "/"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
