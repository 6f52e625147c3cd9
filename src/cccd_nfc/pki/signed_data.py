"""What a CMS SignedData says, and who signed it (RFC 5652 §5.3 to §5.6).

Signed attributes are verified as what is signed: their SET in DER order, whatever order they came in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cccd_nfc.crypto.algorithm_identifiers import parse_algorithm_identifier
from cccd_nfc.crypto.public_keys import PublicKey
from cccd_nfc.crypto.signatures import HASHERS, SignatureScheme, hash_name_of, signature_scheme, verify
from cccd_nfc.errors import CardError, SignatureError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.names import names_equal
from cccd_nfc.pki.times import parse_time

_ID_DATA = "1.2.840.113549.1.7.1"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"

NO_PARAMETERS = (b"", b"\x05\x00")
"""What an algorithm without parameters has in their place."""


class SignerInfo(NamedTuple):
    """One signer. Either issuer (DER) and serial name its certificate, or key_identifier does.

    version: 1 with issuer and serial, 3 with key_identifier.  odd: whether it holds what nobody signs and RFC 5652
    does not have there.
    signed_attributes: the SET OF as it is signed, empty when there are none.  attributes: OID -> value objects.
    """

    version: int
    issuer: bytes
    serial: int | None
    key_identifier: bytes
    digest_algorithm: str
    signature_algorithm: bytes
    signature: bytes
    signed_attributes: bytes
    attributes: Mapping[str, tuple[tlv.DataObject, ...]]
    odd: bool = False

    def __repr__(self) -> str:
        return f"SignerInfo(serial={self.serial}, key_identifier={self.key_identifier.hex()})"

    @property
    def digest_name(self) -> str:
        return hash_name_of(self.digest_algorithm)

    @property
    def scheme(self) -> SignatureScheme:
        """As SignerInfo states it; where that names a key only, with the digest algorithm's hash."""
        return signature_scheme(self.signature_algorithm, digest_name_hint=self.digest_name)

    @property
    def signing_time(self) -> datetime | None:
        """What the signer says; None when it does not."""
        try:
            return parse_time(self.attributes[SIGNING_TIME][0]) if SIGNING_TIME in self.attributes else None
        except (CardError, IndexError):
            return None

    def names(self, certificate: Certificate) -> bool:
        """Whether this signer means `certificate`. Issuers re-encode their names, so spelling alone does not decide."""
        if self.key_identifier:
            return self.key_identifier == certificate.subject_key_identifier
        return self.serial == certificate.serial and names_equal(self.issuer, certificate.issuer)

    def names_to_the_byte(self, certificate: Certificate) -> bool:
        """Whether it means `certificate`, and spells its issuer as that does."""
        if self.key_identifier:
            return self.key_identifier == certificate.subject_key_identifier
        return self.serial == certificate.serial and self.issuer == certificate.issuer


class VerifiedSignature(NamedTuple):
    """How a signer signed. agreed: whether the hash of its signature algorithm is that of its digest algorithm."""

    scheme: SignatureScheme
    agreed: bool


class SignedData(NamedTuple):
    """content_type: dotted OID.  content: the signed bytes.  certificates: those that can be read.

    version, digest_algorithms (exact bytes), odd: of the envelope, which nobody signs.
    """

    content_type: str
    content: bytes
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerInfo, ...]
    version: int
    digest_algorithms: bytes
    odd: bool = False

    def __repr__(self) -> str:
        return f"SignedData({self.content_type}, {len(self.content)} bytes, {len(self.signers)} signers)"

    def envelope_is_odd(self, signer: SignerInfo) -> bool:
        """Whether something around the signature, which nobody signs, is not as RFC 5652 §5.1 and §5.3 have it."""
        return (
            self.odd
            or signer.odd
            or self.version not in ((1, 3) if self.content_type == _ID_DATA else (3,))
            or signer.version != (3 if signer.key_identifier else 1)
            or signer.digest_algorithm not in _algorithms(self.digest_algorithms)
        )

    def verify_signer(self, signer: SignerInfo, key: PublicKey) -> VerifiedSignature:
        """How `signer` signed the content by the private half of `key` (§5.4, §5.6).

        That is as SignerInfo states it, or else with the digest algorithm's hash, which some issuers use and do not
        write. Raises SignatureError when both are disproved, UnsupportedError when an algorithm is not known.
        """
        signed = self.content
        if signer.signed_attributes:
            self._check_attributes(signer)
            signed = signer.signed_attributes
        scheme, digest_name = signer.scheme, signer.digest_name
        agreed = scheme.hash_name == digest_name
        try:
            verify(key, scheme, signer.signature, signed)
        except SignatureError:
            if agreed:
                raise
            scheme = replace(scheme, hash_name=digest_name)
            verify(key, scheme, signer.signature, signed)
        return VerifiedSignature(scheme, agreed)

    def _check_attributes(self, signer: SignerInfo) -> None:
        digests = signer.attributes.get(MESSAGE_DIGEST, ())
        digest = HASHERS[signer.digest_name](self.content).digest()
        if len(digests) != 1 or digests[0].value != digest:
            raise SignatureError("the signed messageDigest is not that of the content")
        types = signer.attributes.get(CONTENT_TYPE, ())
        if len(types) != 1 or dotted_oid(types[0].value) != self.content_type:
            raise SignatureError("the signed contentType is not that of the content")


@lru_cache(maxsize=256)
def _algorithms(raw: bytes) -> frozenset[str]:
    """The digest algorithms that an envelope names; empty where one of them cannot be read or says more."""
    try:
        found = [parse_algorithm_identifier(each.raw) for each in tlv.parse_all(raw)]
    except CardError:
        return frozenset()
    return frozenset(oid for oid, _ in found) if all(rest in NO_PARAMETERS for _, rest in found) else frozenset()
