"""X.509 certificates, read tolerantly: what the field issues and strict libraries refuse (RFC 5280; ICAO 9303-12 §7.1).

Explicit curve parameters, zero and negative serial numbers, NULL parameters, broken extensions: the parts that matter
are read one by one from their exact bytes, and what cannot be read is absent rather than fatal.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from cccd_nfc.crypto.public_keys import PublicKey, parse_subject_public_key_info
from cccd_nfc.crypto.signatures import SignatureScheme, signature_scheme, verify
from cccd_nfc.errors import CardError, CccdError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.pki.names import country_of, name_text

_SEQUENCE, _INTEGER, _BIT_STRING, _OID, _BOOLEAN = 0x30, 0x02, 0x03, 0x06, 0x01
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18

SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"
KEY_USAGE = "2.5.29.15"
BASIC_CONSTRAINTS = "2.5.29.19"
PRIVATE_KEY_USAGE_PERIOD = "2.5.29.16"
CRL_DISTRIBUTION_POINTS = "2.5.29.31"
EXTENDED_KEY_USAGE = "2.5.29.37"

KEY_CERT_SIGN, CRL_SIGN, DIGITAL_SIGNATURE = 5, 6, 0
"""Bits of KeyUsage."""


@dataclass(frozen=True, eq=False)
class Certificate:
    """A certificate as its bytes say. subject, issuer: the exact DER of the names.  extensions: OID -> value bytes.

    serial: may be negative.  not_before, not_after: UTC.  critical: OIDs of the critical extensions.
    """

    raw: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    serial: int
    subject: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    not_before: datetime
    not_after: datetime
    subject_public_key_info: bytes = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    extensions: Mapping[str, bytes] = field(repr=False)
    critical: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, raw: bytes) -> Certificate:
        """The certificate in DER, PEM, or bare base64; EncodingError when there is none."""
        der = unarmour(raw)
        outer = tlv.parse_one(der, tag=_SEQUENCE, name="certificate")
        tbs, algorithm, signature = _parts(outer, 3, "certificate")[:3]
        parts = list(_parts(tbs, 6, "TBSCertificate"))
        if parts[0].tag == _VERSION:
            parts.pop(0)
        if len(parts) < 6 or parts[0].tag != _INTEGER:
            raise EncodingError("certificate: fields are missing")
        serial, _, issuer, validity, subject, spki = parts[:6]
        begin, end = _parts(validity, 2, "validity")[:2]
        extensions, critical = parse_extensions(parts[6:])
        return cls(
            raw=outer.raw,
            tbs=tbs.raw,
            serial=int.from_bytes(serial.value, "big", signed=True),
            subject=subject.raw,
            issuer=issuer.raw,
            not_before=parse_time(begin),
            not_after=parse_time(end),
            subject_public_key_info=spki.raw,
            signature_algorithm=algorithm.raw,
            signature=bit_string(signature),
            extensions=extensions,
            critical=critical,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)

    @cached_property
    def public_key(self) -> PublicKey:
        """Raises UnsupportedError or EncodingError for a key that cannot be used."""
        return parse_subject_public_key_info(self.subject_public_key_info)

    @cached_property
    def scheme(self) -> SignatureScheme:
        """How the issuer signed; UnsupportedError when that is not accepted."""
        return signature_scheme(self.signature_algorithm)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the certificate, in hex: what a person compares."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def subject_key_identifier(self) -> bytes:
        value = self._inner(SUBJECT_KEY_IDENTIFIER)
        return value.value if value else b""

    @cached_property
    def authority_key_identifier(self) -> bytes:
        """The keyIdentifier [0] of the extension, or nothing."""
        value = self._inner(AUTHORITY_KEY_IDENTIFIER)
        try:
            found = tlv.find(value.children(), 0x80) if value else None
        except CardError:
            return b""
        return found.value if found else b""

    @property
    def is_self_issued(self) -> bool:
        return self.subject == self.issuer

    @cached_property
    def country(self) -> str:
        """countryName of the subject in capitals, or of the issuer, or nothing."""
        return (country_of(self.subject) or country_of(self.issuer)).upper()

    @cached_property
    def subject_text(self) -> str:
        """The subject for people."""
        return name_text(self.subject)

    def key_usage(self, bit: int) -> bool | None:
        """Whether KeyUsage sets `bit`; None when the extension is absent or broken."""
        value = self._inner(KEY_USAGE)
        if value is None or value.tag != _BIT_STRING or len(value.value) < 2:
            return None
        return bool(value.value[1 + bit // 8] >> (7 - bit % 8) & 1) if 1 + bit // 8 < len(value.value) else False

    @cached_property
    def is_ca(self) -> bool | None:
        """cA of BasicConstraints; None when the extension is absent or broken."""
        value = self._inner(BASIC_CONSTRAINTS)
        if value is None:
            return None
        try:
            flag = tlv.find(value.children(), _BOOLEAN)
        except CardError:
            return None
        return bool(flag and flag.value != b"\x00")

    @cached_property
    def extended_key_usage(self) -> frozenset[str]:
        """Purposes that the key is limited to; none when it is not limited. EncodingError when that is broken."""
        if EXTENDED_KEY_USAGE not in self.extensions:
            return frozenset()
        return frozenset(
            dotted_oid(each.value) for each in tlv.parse_one(self.extensions[EXTENDED_KEY_USAGE]).children()
        )

    def verify_signed_by(self, issuer: Certificate) -> None:
        """Returns when `issuer`'s key made the signature; SignatureError when not, UnsupportedError when unknown."""
        verify(issuer.public_key, self.scheme, self.signature, self.tbs)

    def _inner(self, oid: str) -> tlv.DataObject | None:
        """The data object in an extension's value; None where it is absent or broken."""
        try:
            return tlv.parse_one(self.extensions[oid]) if oid in self.extensions else None
        except CardError:
            return None


def certificate_blocks(raw: bytes) -> list[bytes]:
    """The PEM blocks of a file, each by itself; the file itself when it has none."""
    return re.findall(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", raw, re.DOTALL) or [raw]


def bit_string(found: tlv.DataObject) -> bytes:
    """The whole bytes of a BIT STRING; EncodingError for anything else."""
    if found.tag != _BIT_STRING or not found.value or found.value[0]:
        raise EncodingError("a signature that is no BIT STRING of whole bytes")
    return found.value[1:]


def parse_time(found: tlv.DataObject) -> datetime:
    """UTCTime or GeneralizedTime, whichever was used, in UTC (RFC 5280 §4.1.2.5)."""
    try:
        text = found.value.decode("ascii")
        if found.tag == _UTC_TIME:
            text = ("19" if text[:2] >= "50" else "20") + text
        elif found.tag != _GENERALIZED_TIME:
            raise EncodingError("a time of an unknown type")
        if len(text) == 13:
            text = text[:12] + "00Z"  # without seconds, as some old certificates have it
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise EncodingError("a time that is none") from error


def _parts(outer: tlv.DataObject, least: int, name: str) -> tuple[tlv.DataObject, ...]:
    parts = outer.children() if outer.tag == _SEQUENCE else ()
    if len(parts) < least:
        raise EncodingError(f"{name}: {len(parts)} fields where {least} are expected")
    return parts


def parse_extensions(rest: list[tlv.DataObject]) -> tuple[dict[str, bytes], frozenset[str]]:
    values: dict[str, bytes] = {}
    critical = set()
    wrapper = next((part for part in rest if part.tag == _EXTENSIONS), None)
    try:
        rows = tlv.parse_one(wrapper.value, tag=_SEQUENCE).children() if wrapper else ()
        for row in rows:
            parts = row.children()
            oid = dotted_oid(parts[0].value)
            values[oid] = parts[-1].value
            if len(parts) == 3 and parts[1].value != b"\x00":
                critical.add(oid)
    except (CccdError, IndexError) as error:
        raise EncodingError("certificate: extensions that cannot be read") from error
    return values, frozenset(critical)


def unarmour(raw: bytes) -> bytes:
    if raw[:1] == b"\x30":
        return raw
    body = re.sub(rb"-----[^-]+-----", b"", raw)
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise EncodingError("neither DER nor PEM") from error
