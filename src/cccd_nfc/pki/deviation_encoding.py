"""Deviation lists in DER, as an issuing State writes them (ICAO 9303-12, 8th ed., §10): `deviation_list`, the way back.

Each SET OF stands in the order of its encodings, and what is IMPLICIT in the standard's ASN.1 is written so.
"""

from __future__ import annotations

import string
from datetime import datetime

from cccd_nfc.crypto.public_keys import encode_integer
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki.deviation_list import Deviation, DeviationDescription, DeviationList
from cccd_nfc.pki.document_criteria import DeviationDocuments
from cccd_nfc.pki.signer_reference import SignerReference, encode_issuer_and_serial, encode_set_of

_SEQUENCE, _SET = 0x30, 0x31
_GENERALIZED_TIME, _UTF8, _PRINTABLE = 0x18, 0x0C, 0x13
_TYPE, _ISSUER, _KEY, _DIGEST, _ISSUED, _NUMBERS = 0x80, 0xA1, 0x82, 0x83, 0xA4, 0xA5
_PARAMETERS, _NATIONAL_USE = 0xA0, 0xA1
_PRINTABLE_LETTERS = frozenset(string.ascii_letters + string.digits + " '()+,-./:=?")


def encode_deviation_list(listed: DeviationList) -> bytes:
    """The content of the CMS message. `skipped` is not written."""
    algorithm = tlv.encode(_SEQUENCE, encode_oid(listed.digest_algorithm)) if listed.digest_algorithm else b""
    deviations = encode_set_of(_SET, map(encode_deviation, listed.deviations))
    return tlv.encode(_SEQUENCE, encode_integer(listed.version), algorithm, deviations)


def encode_deviation(deviation: Deviation) -> bytes:
    descriptions = encode_set_of(_SET, map(encode_description, deviation.descriptions))
    return tlv.encode(_SEQUENCE, _encode_documents(deviation.documents), descriptions)


def encode_description(described: DeviationDescription) -> bytes:
    text = _encode_text(described.description) if described.description else b""
    parameters = tlv.encode(_PARAMETERS, described.parameters) if described.parameters else b""
    national_use = tlv.encode(_NATIONAL_USE, described.national_use) if described.national_use else b""
    return tlv.encode(_SEQUENCE, text, encode_oid(described.deviation_type), parameters, national_use)


def _encode_documents(documents: DeviationDocuments) -> bytes:
    parts = [tlv.encode(_TYPE, documents.document_type.encode())] if documents.document_type is not None else []
    parts += [_encode_signer(documents.signer)] if documents.signer else []
    if documents.issued:
        ends = (documents.issued.first_issued, documents.issued.last_issued)
        parts.append(tlv.encode(_ISSUED, *map(_encode_time, ends)))
    if documents.document_numbers is not None:
        parts.append(encode_set_of(_NUMBERS, map(_encode_text, documents.document_numbers)))
    return tlv.encode(_SEQUENCE, *parts)


def _encode_signer(signer: SignerReference) -> bytes:
    if signer.digest:
        return tlv.encode(_DIGEST, signer.digest)
    if signer.key_identifier:
        return tlv.encode(_KEY, signer.key_identifier)
    return encode_issuer_and_serial(_ISSUER, signer)


def _encode_text(text: str) -> bytes:
    """PrintableString, or UTF8String for letters that it lacks."""
    return tlv.encode(_PRINTABLE if _PRINTABLE_LETTERS.issuperset(text) else _UTF8, text.encode())


def _encode_time(moment: datetime) -> bytes:
    return tlv.encode(_GENERALIZED_TIME, f"{moment.year:04}{moment:%m%d%H%M%S}Z".encode())
