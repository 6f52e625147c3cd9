"""AlgorithmIdentifier (RFC 5280 §4.1.1.2): which algorithm, and its parameters as they came."""

from __future__ import annotations

from functools import lru_cache

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid

_SEQUENCE, _OID = 0x30, 0x06


@lru_cache(maxsize=1024)
def parse_algorithm_identifier(der: bytes) -> tuple[str, bytes]:
    """(dotted OID, exact bytes of the parameters or nothing); EncodingError for anything else."""
    outer = tlv.parse_one(der, tag=_SEQUENCE, name="AlgorithmIdentifier")
    parts = outer.children()
    if not 1 <= len(parts) <= 2 or parts[0].tag != _OID or len(outer.raw) != len(der):
        raise EncodingError("a broken AlgorithmIdentifier")
    return dotted_oid(parts[0].value), parts[1].raw if len(parts) == 2 else b""
