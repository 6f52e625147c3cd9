"""What the service is told when it begins."""

from __future__ import annotations

from dataclasses import dataclass

from cccd_nfc.errors import UsageError

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes; evidence with a photo is about 80 kB."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Settings:
    """base_url: how callers reach the service, without a slash at its end: device proofs name it (RFC 9449 §4.2)."""

    base_url: str = "http://127.0.0.1:8710"
    largest_body: int = LARGEST_BODY


def refuse_open_door(host: str, certificate: object, key: object) -> None:
    """UsageError for a service that others can reach and that has no certificate (S-39), or one without its key."""
    if (certificate is None) != (key is None):
        raise UsageError("a certificate and its key go together: say --tls-cert and --tls-key")
    if host not in LOOPBACK and certificate is None:
        raise UsageError("beyond this machine the service needs TLS: say --tls-cert and --tls-key")
