"""X.509 certificates, read tolerantly: what the field issues and strict libraries refuse (RFC 5280; ICAO 9303-12 §7.1).

Explicit curve parameters, zero and negative serial numbers, NULL parameters, broken extensions: the parts that matter
are read one by one from their exact bytes, and what cannot be read is absent rather than fatal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TypeVar

from cccd_nfc.crypto.public_keys import PublicKey, parse_subject_public_key_info
from cccd_nfc.crypto.signatures import SignatureScheme, signature_scheme, verify
from cccd_nfc.errors import CardError, CccdError, EncodingError, SignatureError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.armour import unarmour
from cccd_nfc.pki.extensions import BasicConstraints, Extensions, UsagePeriod
from cccd_nfc.pki.names import country_of, name_text
from cccd_nfc.pki.times import parse_time
from cccd_nfc.sentences import Said

T = TypeVar("T")

_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03
_VERSION, _UNIQUE_IDS = 0xA0, (0x81, 0x82)


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate as its bytes say. subject, issuer, validity: their exact DER.  serial: may be negative.

    version: 1 to 3.  not_before, not_after: UTC.  inner_algorithm: the signature algorithm as the signed part has it.
    """

    raw: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    version: int
    serial: int
    subject: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    validity: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    subject_public_key_info: bytes = field(repr=False)
    inner_algorithm: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    extensions: Extensions = field(repr=False)
    has_unique_ids: bool = field(default=False, repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> Certificate:
        """The certificate in DER, PEM, or bare base64; EncodingError when there is none."""
        outer = tlv.parse_one(unarmour(raw), tag=_SEQUENCE, name="certificate")
        tbs, algorithm, signature = _parts(outer, 3, "certificate")[:3]
        parts = _parts(tbs, 6, "TBSCertificate")
        version = 1
        if parts[0].tag == _VERSION:
            version, parts = _small(parts[0].value) + 1, parts[1:]
        if len(parts) < 6 or parts[0].tag != _INTEGER:
            raise EncodingError("certificate: fields are missing")
        serial, inner, issuer, validity, subject, spki, *rest = parts
        begin, end = _parts(validity, 2, "validity")[:2]
        return cls(
            raw=outer.raw,
            tbs=tbs.raw,
            version=version,
            serial=int.from_bytes(serial.value, "big", signed=True),
            subject=subject.raw,
            issuer=issuer.raw,
            validity=validity.raw,
            not_before=parse_time(begin),
            not_after=parse_time(end),
            subject_public_key_info=spki.raw,
            inner_algorithm=inner.raw,
            signature_algorithm=algorithm.raw,
            signature=bit_string(signature),
            extensions=ext.parse_extensions(tuple(rest)),
            has_unique_ids=any(each.tag in _UNIQUE_IDS for each in rest),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    def __str__(self) -> str:
        """For people: the subject, and the SHA-256 that they compare."""
        return f"{self.subject_text}; SHA-256 {self.fingerprint}"

    @property
    def period(self) -> tuple[datetime, datetime]:
        """From when until when it is valid."""
        return self.not_before, self.not_after

    @cached_property
    def public_key(self) -> PublicKey:
        """Raises UnsupportedError or EncodingError for a key that cannot be used."""
        return parse_subject_public_key_info(self.subject_public_key_info)

    @cached_property
    def scheme(self) -> SignatureScheme:
        """How the issuer signed; UnsupportedError when that is not accepted, or stated in two ways."""
        if self.inner_algorithm != self.signature_algorithm:
            raise UnsupportedError("the certificate names two different signature algorithms")
        return signature_scheme(self.signature_algorithm)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate, in hex: what a person compares."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def subject_key_identifier(self) -> bytes:
        found = self._read(ext.SUBJECT_KEY_IDENTIFIER, tlv.parse_one)
        return found.value if found else b""

    @cached_property
    def authority_key_identifier(self) -> bytes:
        """The keyIdentifier [0] of the extension, or nothing."""
        return self._read(ext.AUTHORITY_KEY_IDENTIFIER, ext.key_identifier) or b""

    @property
    def is_self_issued(self) -> bool:
        return self.subject == self.issuer

    @cached_property
    def is_self_signed(self) -> bool:
        """Whether its own key made its signature; False also where that cannot be judged."""
        try:
            self.verify_signed_by(self)
        except CccdError:
            return False
        return True

    @cached_property
    def country(self) -> str:
        """countryName of the subject in capitals, or of the issuer, or nothing."""
        return (country_of(self.subject) or country_of(self.issuer)).upper()

    @cached_property
    def mrz_codes(self) -> frozenset[str]:
        """The codes of the issuing state as its MRZs have them; none where the certificate does not say."""
        return self._read(ext.SUBJECT_ALTERNATIVE_NAME, ext.mrz_codes) or frozenset()

    @cached_property
    def subject_text(self) -> str:
        """The subject for people."""
        return name_text(self.subject)

    @cached_property
    def key_usage(self) -> frozenset[int] | None:
        """The bits that are set; None when the extension is absent or broken."""
        return self._read(ext.KEY_USAGE, ext.key_usage)

    @cached_property
    def basic_constraints(self) -> BasicConstraints | None:
        """None when the extension is absent or broken."""
        return self._read(ext.BASIC_CONSTRAINTS, ext.basic_constraints)

    @cached_property
    def extended_key_usage(self) -> frozenset[str]:
        """Purposes that the key is limited to; none when it is not limited. EncodingError when that is broken."""
        value = self.extensions.values.get(ext.EXTENDED_KEY_USAGE)
        return frozenset() if value is None else ext.purposes(value)

    @cached_property
    def private_key_usage_period(self) -> UsagePeriod | None:
        """When its private key signs; None when the extension is absent or broken."""
        return self._read(ext.PRIVATE_KEY_USAGE_PERIOD, ext.private_key_usage_period)

    @cached_property
    def document_types(self) -> frozenset[str] | None:
        """The types of the MRZ that its key signs; None when it does not say."""
        return self._read(ext.DOCUMENT_TYPE_LIST, ext.document_types)

    def verify_signed_by(self, issuer: Certificate) -> None:
        """Returns when `issuer`'s key made the signature; SignatureError when not, UnsupportedError when unknown."""
        verify(issuer.public_key, self.scheme, self.signature, self.tbs)

    def is_signed_by(self, issuer: Certificate) -> bool:
        """Whether `issuer`'s key made the signature; CardError where that cannot be judged."""
        try:
            self.verify_signed_by(issuer)
        except SignatureError:
            return False
        return True

    def _read(self, oid: str, reader: Callable[[bytes], T]) -> T | None:
        """What an extension says; None where it is absent or broken."""
        value = self.extensions.values.get(oid)
        try:
            return None if value is None else reader(value)
        except CardError:
            return None


@lru_cache(maxsize=1024)
def known_certificate(der: bytes) -> Certificate:
    """`Certificate.parse`, which remembers: thousands of documents carry the same signer."""
    return Certificate.parse(der)


def bit_string(found: tlv.DataObject) -> bytes:
    """The whole bytes of a BIT STRING; EncodingError for anything else."""
    if found.tag != _BIT_STRING or not found.value or found.value[0]:
        raise EncodingError("a signature that is no BIT STRING of whole bytes")
    return found.value[1:]


def _small(value: bytes) -> int:
    number = tlv.parse_one(value, tag=_INTEGER, name="version").value
    return int.from_bytes(number[:2], "big")


def _parts(outer: tlv.DataObject, least: int, name: str) -> tuple[tlv.DataObject, ...]:
    parts = outer.children() if outer.tag == _SEQUENCE else ()
    if len(parts) < least:
        template = "{name}: {count} fields where {least} are expected"
        raise EncodingError(Said(template, name=Said(name), count=len(parts), least=least))
    return parts
