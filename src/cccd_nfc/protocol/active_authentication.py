"""Active Authentication: the chip signs our challenge by a key that never leaves it (ICAO 9303-11 §6.1, 8th ed.)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cccd_nfc.crypto.iso9796 import verify_iso9796
from cccd_nfc.crypto.public_keys import ECPublicKey, PublicKey, RSAPublicKey
from cccd_nfc.crypto.signatures import ECDSA_OIDS, HASHES, SHORTEST_RSA, spelled, verify_ecdsa
from cccd_nfc.errors import SignatureError, UnsupportedError
from cccd_nfc.evidence import ActiveAuthenticationRecord
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, SW_OK, CommandAPDU
from cccd_nfc.iso7816.flow import Flow
from cccd_nfc.lds.security_infos import ActiveAuthenticationInfo
from cccd_nfc.sentences import Said

_DER_HEADERS = 9
"""Bytes by which r and s in DER, as some chips send them, are longer than r || s."""

_PERMITTED = tuple(name for name in HASHES if name != "sha1")
"""§6.1.2.3 forbids SHA-1 with ECDSA, so it is not guessed; where a chip states it, it is taken at its word."""


def active_authentication(challenge: bytes, signature_length: int) -> Flow[ActiveAuthenticationRecord]:
    """The chip's answer to `challenge` (8 bytes), as it came; a refusal is recorded with its status word.

    signature_length: bytes of a plain signature by the key in EF.DG15. Le is chosen for this command alone: some chips
    cut their answer, or give none, where more is asked for than they have.
    """
    ne = max(SHORT_MAX_NE, signature_length)
    expected = min(signature_length + _DER_HEADERS, ne)
    command = CommandAPDU(0x00, 0x88, 0x00, 0x00, challenge, ne=ne, name="INTERNAL AUTHENTICATE", expected=expected)
    response = yield command
    return ActiveAuthenticationRecord(challenge, response.data if response.sw == SW_OK else b"", response.sw)


@dataclass(frozen=True, slots=True)
class VerifiedAnswer:
    """What was verified. scheme: "ISO 9796-2" or "ECDSA".  hash_name: as `hashlib` has it."""

    key: PublicKey
    scheme: str
    hash_name: str

    @property
    def description(self) -> str:
        return f"{self.key.description}, {self.scheme}, {spelled(self.hash_name)}"


def verify_active_authentication(
    record: ActiveAuthenticationRecord, key: PublicKey, info: ActiveAuthenticationInfo | None
) -> VerifiedAnswer:
    """What was verified; it needs no card and can be done by anybody.

    Raises SignatureError when the chip refused, or answered with what is no signature over the challenge;
    UnsupportedError for an algorithm that is not known.
    """
    if record.sw != SW_OK:
        raise SignatureError(Said("the chip refused to sign our challenge ({sw})", sw=f"{record.sw:04X}"))
    if isinstance(key, RSAPublicKey):
        if key.modulus.bit_length() < SHORTEST_RSA:
            raise UnsupportedError(Said("signatures by a key of {key} are not accepted", key=key.description))
        return VerifiedAnswer(key, "ISO 9796-2", verify_iso9796(key, record.signature, record.challenge))
    return VerifiedAnswer(key, "ECDSA", _verify_ecdsa(record, key, info))


def _verify_ecdsa(record: ActiveAuthenticationRecord, key: ECPublicKey, info: ActiveAuthenticationInfo | None) -> str:
    """The hash that fits: the stated one, or any allowed where the chip states none (seen on a Portuguese card)."""
    if info is not None and info.signature_algorithm not in ECDSA_OIDS:
        raise UnsupportedError(Said("the signature algorithm {oid} is not known", oid=info.signature_algorithm))
    stated = ECDSA_OIDS[info.signature_algorithm] if info else None
    for hash_name in (stated,) if stated else _PERMITTED:
        digest = hashlib.new(hash_name, record.challenge).digest()
        try:
            verify_ecdsa(key, record.signature, digest, hash_name)
        except SignatureError:
            continue
        return hash_name
    raise SignatureError("the chip's answer is no signature over our challenge")
