"""Certificate revocation lists (RFC 5280 §5; ICAO 9303-12 §7.1.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cccd_nfc.crypto.signatures import signature_scheme, verify
from cccd_nfc.errors import EncodingError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki.certificates import CRL_SIGN, Certificate, bit_string, parse_extensions, parse_time, unarmour

_SEQUENCE, _INTEGER = 0x30, 0x02
_TIMES = (0x17, 0x18)
_EXTENSIONS = 0xA0
_DELTA, _ISSUING_POINT = "2.5.29.27", "2.5.29.28"
_KNOWN_CRITICAL = frozenset({"2.5.29.35", "2.5.29.20"})


@dataclass(frozen=True, slots=True)
class CertificateRevocationList:
    """issuer: exact DER.  next_update: None when the list names none.  revoked: serial numbers."""

    raw: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    this_update: datetime
    next_update: datetime | None
    revoked: frozenset[int] = field(repr=False)
    signature_algorithm: bytes = field(repr=False)
    inner_algorithm: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    critical: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, raw: bytes) -> CertificateRevocationList:
        """The list in DER or PEM; EncodingError when it is none."""
        outer = tlv.parse_one(unarmour(raw), tag=_SEQUENCE, name="CRL")
        parts = outer.children()
        if len(parts) != 3 or parts[0].tag != _SEQUENCE:
            raise EncodingError("CRL: fields are missing")
        fields = list(parts[0].children())
        if fields and fields[0].tag == _INTEGER:
            fields.pop(0)
        if len(fields) < 3 or fields[2].tag not in _TIMES:
            raise EncodingError("CRL: fields are missing")
        algorithm, issuer, this_update, *rest = fields
        next_update = parse_time(rest.pop(0)) if rest and rest[0].tag in _TIMES else None
        rows = rest.pop(0).children() if rest and rest[0].tag == _SEQUENCE else ()
        return cls(
            raw=outer.raw,
            tbs=parts[0].raw,
            issuer=issuer.raw,
            this_update=parse_time(this_update),
            next_update=next_update,
            revoked=frozenset(_serial(row) for row in rows),
            signature_algorithm=parts[1].raw,
            inner_algorithm=algorithm.raw,
            signature=bit_string(parts[2]),
            critical=_critical(rest),
        )

    def verify_signed_by(self, issuer: Certificate) -> None:
        """SignatureError when `issuer` did not sign it, UnsupportedError for what cannot be judged."""
        if issuer.key_usage(CRL_SIGN) is False:
            raise UnsupportedError("the CSCA's key is not for signing revocation lists")
        if self.signature_algorithm != self.inner_algorithm:
            raise UnsupportedError("the CRL names two different signature algorithms")
        verify(issuer.public_key, signature_scheme(self.signature_algorithm), self.signature, self.tbs)

    def unusable_because(self, now: datetime) -> str:
        """Why the list cannot be used at `now`, or an empty string."""
        if self.this_update > now:
            return "the CRL is dated in the future"
        if self.next_update is None or self.next_update < now:
            return "the CRL is out of date"
        if self.critical - _KNOWN_CRITICAL:
            return "the CRL has a critical extension that is not known (a partial list, perhaps)"
        return ""


def _serial(row: tlv.DataObject) -> int:
    parts = row.children()
    if not parts or parts[0].tag != _INTEGER:
        raise EncodingError("CRL: an entry without its serial number")
    return int.from_bytes(parts[0].value, "big", signed=True)


def _critical(rest: list[tlv.DataObject]) -> frozenset[str]:
    """The critical extensions of the list itself; a delta or partial list counts as critical however it is marked."""
    wrapped = next((part for part in rest if part.tag == _EXTENSIONS), None)
    if wrapped is None:
        return frozenset()
    relabelled = tlv.DataObject(0xA3, wrapped.value, wrapped.raw)
    values, critical = parse_extensions([relabelled])
    return critical | (values.keys() & {_DELTA, _ISSUING_POINT})
