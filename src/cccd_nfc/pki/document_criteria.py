"""Which documents a deviation is about: criteria of a list, and facts of a document (ICAO 9303-12, 8th ed., §10).

A criterion narrows: what is not known of a document meets none, so that a fault is never excused by guessing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.signer_reference import SignerReference


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What is known of one document. signer, issued_on: None when not known; the texts are empty then."""

    signer: Certificate | None
    document_type: str = field(repr=False)
    document_number: str = field(repr=False)
    issued_on: date | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuancePeriod:
    """From the first to the last issued document, both included; UTC."""

    first_issued: datetime
    last_issued: datetime

    def covers(self, day: date | None) -> bool:
        return day is not None and self.first_issued.date() <= day <= self.last_issued.date()


@dataclass(frozen=True, slots=True)
class DeviationDocuments:
    """Which documents are affected: those that meet every criterion stated; None is a criterion that is not."""

    document_type: str | None = None
    signer: SignerReference | None = None
    issued: IssuancePeriod | None = None
    document_numbers: frozenset[str] | None = field(default=None, repr=False)

    def match(self, document: DocumentFacts, hash_name: str) -> bool:
        """Whether `document` is among them. What cannot be judged, an unknown date of issue say, does not match."""
        if self.document_type is not None and not _among([self.document_type], document.document_type):
            return False
        if self.document_numbers is not None and not _among(self.document_numbers, document.document_number):
            return False
        if self.issued and not self.issued.covers(document.issued_on):
            return False
        return not self.signer or bool(document.signer and self.signer.names(document.signer, hash_name))


def _among(stated: Iterable[str], known: str) -> bool:
    """Whether `known` is among `stated`, fillers aside: "P<" of an MRZ and "P" of a list are the same type."""
    bare = _bare(known)
    return bool(bare) and any(bare == _bare(each) for each in stated)


def _bare(text: str) -> str:
    return text.strip(" <").upper()
