"""PEM: binary objects between lines that say what they are (RFC 7468)."""

from __future__ import annotations

import base64
import binascii
import re

from cccd_nfc.errors import EncodingError

_BEGINNING = re.compile(rb"(?=-----BEGIN [^-\n]+-----)")
_CERTIFICATE = (
    b"-----BEGIN CERTIFICATE-----",
    b"-----BEGIN X509 CERTIFICATE-----",
    b"-----BEGIN TRUSTED CERTIFICATE-----",
)


def pem_blocks(raw: bytes) -> list[bytes]:
    """The blocks of a file, each from its BEGIN up to the next, so that a torn one takes no other with it."""
    return [piece for piece in _BEGINNING.split(raw) if piece.startswith(b"-----BEGIN ")]


def certificate_blocks(raw: bytes) -> list[bytes]:
    """The blocks of a file that are certificates; the file itself when it has no blocks at all."""
    blocks = pem_blocks(raw)
    return [block for block in blocks if block.startswith(_CERTIFICATE)] if blocks else [raw]


def unarmour(raw: bytes) -> bytes:
    """DER from DER, PEM or bare base64; EncodingError for anything else."""
    if raw[:1] == b"\x30":
        return raw
    block = re.search(rb"-----BEGIN [^-]+-----(.+?)-----END", raw, re.DOTALL)
    body = block[1] if block else raw
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncodingError("neither DER nor PEM") from error
