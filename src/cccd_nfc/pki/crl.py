"""Certificate revocation lists (RFC 5280 §5; ICAO 9303-12, 8th ed., §7.1.4, tables 9 and 10)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cccd_nfc.crypto.signatures import signature_scheme, verify
from cccd_nfc.errors import CardError, EncodingError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.armour import unarmour
from cccd_nfc.pki.certificates import Certificate, bit_string
from cccd_nfc.pki.extensions import Extensions, parse_extensions
from cccd_nfc.pki.names import name_text
from cccd_nfc.pki.times import TIMES, parse_time
from cccd_nfc.report import spelled_fact
from cccd_nfc.sentences import Said

_SEQUENCE, _INTEGER, _DIRECTORY_NAME = 0x30, 0x02, 0xA4
_EXTENSIONS = 0xA0
NUMBER, DELTA, ISSUING_POINT = "2.5.29.20", "2.5.29.27", "2.5.29.28"
REASON, CERTIFICATE_ISSUER = "2.5.29.21", "2.5.29.29"

_UNDERSTOOD = frozenset({ext.AUTHORITY_KEY_IDENTIFIER, NUMBER, ext.ISSUER_ALTERNATIVE_NAME})
_UNDERSTOOD_OF_ENTRIES = frozenset({REASON, "2.5.29.24"})
_REMOVED = b"\x08"
_REASONS = {1: "keyCompromise", 2: "cACompromise", 3: "affiliationChanged", 4: "superseded", 5: "cessationOfOperation",
            6: "certificateHold", 9: "privilegeWithdrawn", 10: "aACompromise"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Revocation:
    """revoked_at: when, as the list says.  reason: in the words of RFC 5280 §5.3.1, or empty."""

    revoked_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CertificateRevocationList:
    """version: 1 or 2.  issuer: exact DER.  next_update: None when the list names none.  revoked: by serial number.

    other_names: further names under which the issuer certified (§7.1.4 note 1), exact DER.  number: CRL number or None.
    partial: whether an entry or the list speaks of some certificates only, or of another issuer's.
    """

    raw: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    version: int
    issuer: bytes = field(repr=False)
    this_update: datetime
    next_update: datetime | None
    revoked: Mapping[int, Revocation] = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    inner_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    extensions: Extensions = field(repr=False)
    partial: bool = False

    @classmethod
    def parse(cls, raw: bytes) -> CertificateRevocationList:
        """The list in DER or PEM; EncodingError when it is none."""
        outer = tlv.parse_one(unarmour(raw), tag=_SEQUENCE, name="CRL")
        parts = outer.children()
        if len(parts) != 3 or parts[0].tag != _SEQUENCE:
            raise EncodingError("CRL: fields are missing")
        fields = list(parts[0].children())
        version = int.from_bytes(fields.pop(0).value[:2], "big") + 1 if fields and fields[0].tag == _INTEGER else 1
        if len(fields) < 3 or fields[2].tag not in TIMES:
            raise EncodingError("CRL: fields are missing")
        algorithm, issuer, this_update, *rest = fields
        next_update = parse_time(rest.pop(0)) if rest and rest[0].tag in TIMES else None
        rows = rest.pop(0).children() if rest and rest[0].tag == _SEQUENCE else ()
        extensions = parse_extensions(tuple(rest), _EXTENSIONS)
        revoked, partial = _entries(rows)
        return cls(
            raw=outer.raw,
            tbs=parts[0].raw,
            version=version,
            issuer=issuer.raw,
            this_update=parse_time(this_update),
            next_update=next_update,
            revoked=revoked,
            signature_algorithm=parts[1].raw,
            inner_algorithm=algorithm.raw,
            signature=bit_string(parts[2]),
            extensions=extensions,
            partial=partial or not {DELTA, ISSUING_POINT}.isdisjoint(extensions.values),
        )

    def __str__(self) -> str:
        """For people: its date, and its SHA-256."""
        return f"of {spelled_fact(self.this_update)}; SHA-256 {self.fingerprint}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the list, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def issuer_text(self) -> str:
        """The issuer for people."""
        return name_text(self.issuer)

    @property
    def authority_key_identifier(self) -> bytes:
        """keyIdentifier of the key that signed, or nothing."""
        value = self.extensions.values.get(ext.AUTHORITY_KEY_IDENTIFIER)
        try:
            return b"" if value is None else ext.key_identifier(value)
        except CardError:
            return b""

    @property
    def other_names(self) -> tuple[bytes, ...]:
        """The directory names of IssuerAltName: those of a CSCA before its name changed (9303-12 §7.1.4, note 1)."""
        value = self.extensions.values.get(ext.ISSUER_ALTERNATIVE_NAME)
        try:
            found = tlv.parse_one(value).children() if value is not None else ()
        except CardError:
            return ()
        return tuple(each.value for each in found if each.tag == _DIRECTORY_NAME)

    def verify_signed_by(self, issuer: Certificate) -> None:
        """SignatureError when `issuer` did not sign it, UnsupportedError for what cannot be judged."""
        if issuer.key_usage is not None and ext.CRL_SIGN not in issuer.key_usage:
            raise UnsupportedError("the CSCA's key is not for signing revocation lists")
        if self.signature_algorithm != self.inner_algorithm:
            raise UnsupportedError("the CRL names two different signature algorithms")
        verify(issuer.public_key, signature_scheme(self.signature_algorithm), self.signature, self.tbs)

    def unusable_because(self, now: datetime) -> Said | None:
        """Why the list cannot be used at `now`, or None."""
        if self.this_update > now:
            return Said("the CRL is dated in the future")
        if self.next_update is None:
            return Said("the CRL does not say until when it holds")
        if self.next_update < now:
            return Said("the CRL is out of date since {day}", day=self.next_update.date())
        if self.partial:
            return Said("the CRL speaks of some certificates only")
        if self.extensions.critical - _UNDERSTOOD:
            return Said("the CRL has a critical extension that is not known")
        return None


def _entries(rows: tuple[tlv.DataObject, ...]) -> tuple[dict[int, Revocation], bool]:
    """(serial number -> what is said of it, whether an entry says something critical that is not understood).

    From an entry that names another issuer on, serial numbers are that issuer's (RFC 5280 §5.3.3): none of ours.
    """
    revoked: dict[int, Revocation] = {}
    partial = False
    for row in rows:
        parts = row.children()
        if len(parts) < 2 or parts[0].tag != _INTEGER:
            raise EncodingError("CRL: an entry without its serial number or date")
        stated = parse_extensions((tlv.DataObject(0xA3, parts[2].raw, parts[2].raw),)) if len(parts) > 2 else None
        reason = stated.values.get(REASON, b"")[-1:] if stated else b""
        if stated and CERTIFICATE_ISSUER in stated.values:
            return revoked, True
        partial = partial or bool(stated and stated.critical - _UNDERSTOOD_OF_ENTRIES)
        if reason != _REMOVED:
            name = _REASONS.get(int.from_bytes(reason, "big"), "")
            revoked[int.from_bytes(parts[0].value, "big", signed=True)] = Revocation(parse_time(parts[1]), name)
    return revoked, partial
