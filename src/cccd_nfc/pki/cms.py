"""CMS SignedData as EF.SOD, EF.CardSecurity and master lists carry it, in DER or BER (RFC 5652 §5).

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
from cccd_nfc.crypto.signatures import HASHERS, RSASSA_PSS, SignatureScheme, hash_name_of, signature_scheme, verify
from cccd_nfc.errors import CardError, EncodingError, SignatureError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.lds.sod import parse_lds_security_object, unwrap_sod
from cccd_nfc.pki.certificates import Certificate, known_certificate
from cccd_nfc.pki.names import names_equal
from cccd_nfc.pki.times import parse_time

_ID_DATA = "1.2.840.113549.1.7.1"
_NO_PARAMETERS = (b"", b"\x05\x00")

SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"

_SEQUENCE, _SET, _OCTETS, _OID, _INTEGER = 0x30, 0x31, 0x04, 0x06, 0x02
_CONSTRUCTED_OCTETS = 0x24
_CONTEXT_0, _CONTEXT_0_PRIMITIVE, _CONTEXT_1 = 0xA0, 0x80, 0xA1


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


def parse_signed_data(raw: bytes) -> SignedData:
    """The SignedData in a ContentInfo; EncodingError for anything else."""
    outer = tlv.parse_one(raw, tag=_SEQUENCE, name="CMS").children()
    if [each.tag for each in outer] != [_OID, _CONTEXT_0] or dotted_oid(outer[0].value) != SIGNED_DATA:
        raise EncodingError("CMS: no SignedData")
    parts = _only(outer[1], _SEQUENCE).children()
    if len(parts) < 4 or [part.tag for part in parts[:3]] != [_INTEGER, _SET, _SEQUENCE]:
        raise EncodingError("CMS: fields of SignedData are missing")
    content_type, content = _content(parts[2])
    certificates = tlv.find(parts[3:], _CONTEXT_0)
    signers = tlv.require(parts[3:], _SET, name="CMS signers")
    return SignedData(
        content_type,
        content,
        _readable(certificates.value) if certificates else (),
        tuple(_signer(each) for each in signers.children()),
        int.from_bytes(parts[0].value[:2], "big"),
        parts[1].value,
        len(parts) > (5 if certificates else 4),
    )


@lru_cache(maxsize=256)
def _algorithms(raw: bytes) -> frozenset[str]:
    """The digest algorithms that an envelope names; empty where one of them cannot be read or says more."""
    try:
        found = [parse_algorithm_identifier(each.raw) for each in tlv.parse_all(raw)]
    except CardError:
        return frozenset()
    return frozenset(oid for oid, _ in found) if all(rest in _NO_PARAMETERS for _, rest in found) else frozenset()


@lru_cache(maxsize=256)
def _readable(raw: bytes) -> tuple[Certificate, ...]:
    """Those of the certificates that can be read; remembered, since the documents of one signer bring the same."""
    certificates = []
    for each in tlv.parse_all(raw):
        try:
            certificates.append(known_certificate(each.raw))
        except CardError:
            continue  # a signer whose certificate cannot be read stays without one, and the check says so
    return tuple(certificates)


def _content(info: tlv.DataObject) -> tuple[str, bytes]:
    parts = info.children()
    if len(parts) < 2 or parts[0].tag != _OID or parts[1].tag != _CONTEXT_0:
        raise EncodingError("CMS: no content is enclosed")
    return dotted_oid(parts[0].value), _octets(_only(parts[1]))


def _only(found: tlv.DataObject, tag: int | None = None) -> tlv.DataObject:
    """What an explicit tag holds."""
    inner = found.children()
    if len(inner) != 1 or (tag is not None and inner[0].tag != tag):
        raise EncodingError("CMS: an explicit tag that does not hold what it should")
    return inner[0]


def _octets(found: tlv.DataObject) -> bytes:
    """The bytes of an OCTET STRING, whole or in the pieces of BER."""
    if found.tag == _OCTETS:
        return found.value
    if found.tag == _CONSTRUCTED_OCTETS:
        return b"".join(_octets(piece) for piece in found.children())
    raise EncodingError("CMS: the content is no OCTET STRING")


def _signer(info: tlv.DataObject) -> SignerInfo:
    parts = list(info.children())
    if info.tag != _SEQUENCE or len(parts) < 5 or parts[0].tag != _INTEGER:
        raise EncodingError("CMS: fields of SignerInfo are missing")
    issuer, serial, key_identifier = _signer_identifier(parts[1].raw)
    digest_algorithm, digest_parameters = parse_algorithm_identifier(parts[2].raw)
    attributes = parts.pop(3) if parts[3].tag == _CONTEXT_0 else None
    if len(parts) < 5 or parts[4].tag not in (_OCTETS, _CONSTRUCTED_OCTETS):
        raise EncodingError("CMS: fields of SignerInfo are missing")
    rows = attributes.children() if attributes else ()
    return SignerInfo(
        version=int.from_bytes(parts[0].value[:2], "big"),
        issuer=issuer,
        serial=serial,
        key_identifier=key_identifier,
        digest_algorithm=digest_algorithm,
        signature_algorithm=parts[3].raw,
        signature=_octets(parts[4]),
        signed_attributes=_in_der_order(rows) if attributes else b"",
        attributes=_attributes(rows),
        odd=len(parts) > 5 or digest_parameters not in _NO_PARAMETERS or _says_more(parts[3].raw),
    )


@lru_cache(maxsize=1024)
def _says_more(signature_algorithm: bytes) -> bool:
    """Whether an algorithm that has no parameters is given some."""
    oid, parameters = parse_algorithm_identifier(signature_algorithm)
    return oid != RSASSA_PSS and parameters not in _NO_PARAMETERS


@lru_cache(maxsize=1024)
def _signer_identifier(raw: bytes) -> tuple[bytes, int | None, bytes]:
    found = tlv.parse_one(raw)
    if found.tag in (_CONTEXT_0_PRIMITIVE, _CONTEXT_0):
        inner = found.value if found.tag == _CONTEXT_0_PRIMITIVE else b"".join(map(_octets, found.children()))
        if not inner:
            raise EncodingError("CMS: a signer that is not identified")
        return b"", None, inner
    parts = found.children() if found.tag == _SEQUENCE else ()
    if len(parts) != 2 or parts[1].tag != _INTEGER:
        raise EncodingError("CMS: a signer that is not identified")
    return parts[0].raw, int.from_bytes(parts[1].value, "big", signed=True), b""


def _in_der_order(attributes: tuple[tlv.DataObject, ...]) -> bytes:
    """The attributes under the tag of SET OF, sorted as DER demands: this is what RFC 5652 §5.4 has signed."""
    return tlv.encode(_SET, *sorted(each.raw for each in attributes))


def _attributes(found: tuple[tlv.DataObject, ...]) -> dict[str, tuple[tlv.DataObject, ...]]:
    values: dict[str, tuple[tlv.DataObject, ...]] = {}
    for attribute in found:
        parts = attribute.children()
        if len(parts) < 2:
            raise EncodingError("CMS: an attribute without a value")
        kind = dotted_oid(parts[0].value)
        values[kind] = values.get(kind, ()) + parts[1].children()
    return values


def signed_data_group_numbers(ef_sod: bytes) -> tuple[int, ...]:
    """Numbers of the data groups that EF.SOD lists, signature unverified: what a reader may ask the chip for."""
    return tuple(parse_lds_security_object(parse_signed_data(unwrap_sod(ef_sod)).content).hashes)
