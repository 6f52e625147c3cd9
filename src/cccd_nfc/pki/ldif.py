"""LDIF files as the ICAO PKD hands them out: certificates, master lists, revocation and deviation lists (RFC 2849).

Entries are read one after another, so that a file of many megabytes costs the memory of its greatest entry. A value
that is no base64 is skipped with a record and never sinks the file. What the objects are worth, their readers say.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from cccd_nfc.sentences import Said

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANKS = b" \t"
_CONFORMANCE = "pkdconformancecode"


class ObjectKind(StrEnum):
    CERTIFICATE = "certificate"
    CSCA_CERTIFICATE = "csca-certificate"
    MASTER_LIST = "master-list"
    CRL = "crl"
    DEVIATION_LIST = "deviation-list"


_KINDS = {
    "usercertificate": ObjectKind.CERTIFICATE,
    "cacertificate": ObjectKind.CSCA_CERTIFICATE,
    "certificaterevocationlist": ObjectKind.CRL,
    "authorityrevocationlist": ObjectKind.CRL,
    "cscamasterlistdata": ObjectKind.MASTER_LIST,
    "pkdmasterlistcontent": ObjectKind.MASTER_LIST,
    "deviationlistdata": ObjectKind.DEVIATION_LIST,
    "pkddeviationlistcontent": ObjectKind.DEVIATION_LIST,
}
"""Attributes in small letters and without options -> what their values are."""


@dataclass(frozen=True, slots=True)
class LdifObject:
    """One object. dn: of its entry.  line: where its value begins, from 1.  conformance: pkdConformanceCode values."""

    kind: ObjectKind
    dn: str
    raw: bytes = field(repr=False)
    line: int
    conformance: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkippedValue:
    """A value that could not be decoded, and why."""

    dn: str
    line: int
    reason: Said


@dataclass(slots=True)
class _Entry:
    """What has been read of one entry. removing: within the values that a change record takes away."""

    dn: str = ""
    objects: list[tuple[ObjectKind, bytes, int]] = field(default_factory=list)
    conformance: list[str] = field(default_factory=list)
    skipped: list[tuple[int, Said]] = field(default_factory=list)
    removing: bool = False

    def add(self, line: int, text: bytes) -> None:
        """Takes one logical line: an attribute with its value, "-", or a comment."""
        name, _, value = text.partition(b":")
        attribute = name.split(b";")[0].strip(_BLANKS).lower().decode("latin-1")
        if attribute in _KINDS:
            if not self.removing:
                self._add_object(_KINDS[attribute], line, value)
        elif attribute == "dn":
            self.dn = _text(value)
        elif attribute == _CONFORMANCE:
            self.conformance.append(_text(value))
        elif attribute in ("delete", "add", "replace", "-"):
            self.removing = attribute == "delete"

    def _add_object(self, kind: ObjectKind, line: int, value: bytes) -> None:
        if value[:1] == b"<":
            self.skipped.append((line, Said("a value that lies in another file")))
            return
        try:
            raw = _base64(value)
        except ValueError:
            self.skipped.append((line, Said("a value that is no base64")))
            return
        if raw:
            self.objects.append((kind, raw, line))
        else:
            self.skipped.append((line, Said("a value that is empty")))


@dataclass(slots=True)
class LdifReader:
    """The objects of an LDIF file, in its order: iterate over it. skipped: grows as that goes on."""

    raw: bytes = field(repr=False)
    skipped: list[SkippedValue] = field(default_factory=list)

    def __iter__(self) -> Iterator[LdifObject]:
        self.skipped.clear()
        for entry in _entries(self.raw):
            self.skipped.extend(SkippedValue(entry.dn, line, reason) for line, reason in entry.skipped)
            codes = tuple(entry.conformance)
            for kind, raw, line in entry.objects:
                yield LdifObject(kind, entry.dn, raw, line, codes)


def read_ldif(raw: bytes) -> LdifReader:
    """The PKI objects in an LDIF file. Raises nothing: bytes that are no LDIF have no objects."""
    return LdifReader(raw)


def _entries(raw: bytes) -> Iterator[_Entry]:
    """The entries; a second dn begins one even where the empty line before it is missing."""
    entry = _Entry()
    for line, text in _logical_lines(raw):
        if not text or (entry.dn and text[:3].lower() == b"dn:"):
            yield entry
            entry = _Entry()
        entry.add(line, text)
    yield entry


def _logical_lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, text) of each line, what was folded put together again; empty between entries."""
    start, pieces = 1, [b""]
    for number, line in enumerate(io.BytesIO(raw), 1):
        if line[:1] == b" " and pieces[0]:
            pieces.append(line[1:].rstrip(b"\r\n"))
            continue
        yield start, b"".join(pieces)
        text = line.rstrip(b"\r\n")
        start, pieces = number, [text.removeprefix(_BYTE_ORDER_MARK) if number == 1 else text]
    yield start, b"".join(pieces)


def _base64(value: bytes) -> bytes:
    """The bytes of ":" base64, or of base64 behind a single colon, as some files have it. Raises ValueError."""
    return base64.b64decode(value.removeprefix(b":").translate(None, _BLANKS), validate=True)


def _text(value: bytes) -> str:
    """A value for people: base64 where it is marked so and is so, else as it stands."""
    if value[:1] == b":":
        try:
            value = _base64(value)
        except ValueError:
            value = value[1:]
    return value.strip(_BLANKS).decode("utf-8", "replace")
