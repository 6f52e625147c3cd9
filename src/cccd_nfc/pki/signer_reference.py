"""How signed lists name a document signer, and the small structures that deviation and defect lists share.

ICAO 9303-12 (8th ed.) §10 and BSI TR-03129-2 ch. 7 agree in these; what differs stands in `deviation_list` and
`defect_list`. Everything here is read in DER or BER, and written in DER.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import dotted_oid
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.names import names_equal
from cccd_nfc.sentences import Said

_SEQUENCE, _INTEGER, _OID, _ENUMERATED = 0x30, 0x02, 0x06, 0x0A
_MAX_INTEGER = 64

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SignerReference:
    """A document signer's certificate by issuer (exact DER) and serial, by its key, by its digest; else empty."""

    issuer: bytes = field(default=b"", repr=False)
    serial: int | None = None
    key_identifier: bytes = b""
    digest: bytes = b""

    def names(self, certificate: Certificate, hash_name: str) -> bool:
        """Whether all that is stated fits `certificate`. hash_name: of the digest, as `hashlib` spells it.

        A digest whose hash is not known (hash_name is empty) decides nothing, neither for nor against.
        """
        answers = []
        if self.issuer:
            answers.append(self.serial == certificate.serial and names_equal(self.issuer, certificate.issuer))
        if self.key_identifier:
            answers.append(self.key_identifier == certificate.subject_key_identifier)
        if self.digest and hash_name:
            answers.append(self.digest == hashlib.new(hash_name, certificate.raw).digest())
        return bool(answers) and all(answers)


# --- reading --------------------------------------------------------------------------------------------------------


def readable(name: str, rows: tlv.DataObject, read: Callable[[tlv.DataObject], T], skipped: list[str]) -> tuple[T, ...]:
    """The members of a SET OF that `read` can read; of each other one the reason is added to `skipped`."""
    values = []
    for number, row in enumerate(rows.children(), 1):
        try:
            values.append(read(row))
        except CardError as error:
            skipped.append(f"{name} {number}: {error}")
    return tuple(values)


def sequence_of(found: tlv.DataObject, least: int, name: str) -> tuple[tlv.DataObject, ...]:
    """The fields of a SEQUENCE, `least` or more; EncodingError for anything else."""
    fields = found.children() if found.tag == _SEQUENCE else ()
    if found.tag != _SEQUENCE or len(fields) < least:
        raise EncodingError(Said("{name}: no SEQUENCE of {least} fields", name=Said(name), least=least))
    return fields


def parse_integer(found: tlv.DataObject) -> int:
    """An INTEGER or ENUMERATED of at most 64 bytes; EncodingError for anything else."""
    if found.tag not in (_INTEGER, _ENUMERATED) or not 0 < len(found.value) <= _MAX_INTEGER:
        raise EncodingError("a number that is none, or an overlong one")
    return int.from_bytes(found.value, "big", signed=True)


def parse_algorithm(found: tlv.DataObject) -> str:
    """The OID of an AlgorithmIdentifier, or of what is an OID alone."""
    named = sequence_of(found, 1, "algorithm")[0] if found.tag == _SEQUENCE else found
    if named.tag != _OID:
        raise EncodingError("an algorithm that is not named")
    return dotted_oid(named.value)


def parse_issuer_and_serial(found: tlv.DataObject) -> tuple[bytes, int]:
    """IssuerAndSerialNumber (RFC 5652 §10.2.4) under whatever tag it came: the issuer's exact DER, and the serial."""
    fields = found.children() if found.is_constructed else ()
    if len(fields) < 2 or fields[0].tag != _SEQUENCE:
        raise EncodingError("a signer that is not identified")
    return fields[0].raw, parse_integer(fields[1])


# --- the way back ---------------------------------------------------------------------------------------------------


def encode_set_of(tag: int, members: Iterable[bytes]) -> bytes:
    """A SET OF as DER wants it: its members in the order of their encodings."""
    return tlv.encode(tag, *sorted(members))


def encode_issuer_and_serial(tag: int, signer: SignerReference) -> bytes:
    """IssuerAndSerialNumber under `tag`. Certificates in the field have negative serials, so lists may too."""
    serial = signer.serial or 0
    shortest = (serial + (serial < 0)).bit_length() // 8 + 1
    return tlv.encode(tag, signer.issuer, tlv.encode(_INTEGER, serial.to_bytes(shortest, "big", signed=True)))
