"""Whom a person has decided to trust: CSCA certificates and revocation lists in a folder, or a file.

Nothing is trusted that was not put there on purpose. A bad entry is skipped with a record and never sinks the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cccd_nfc.errors import CardError, UsageError
from cccd_nfc.pki.certificates import Certificate, certificate_blocks
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.names import names_equal

CERTIFICATE_SUFFIXES = (".cer", ".crt", ".der", ".pem")
CRL_SUFFIX = ".crl"
_MAX_FILE = 64 << 20


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the store that could not be used, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrustStore:
    """anchors: the trusted CSCA certificates.  crls: revocation lists, believed only by their own signatures."""

    anchors: tuple[Certificate, ...] = ()
    crls: tuple[CertificateRevocationList, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @classmethod
    def empty(cls) -> TrustStore:
        return cls()

    @classmethod
    def load(cls, path: Path) -> TrustStore:
        """The store in `path`: a folder of .cer, .crt, .der, .pem and .crl files, or one such file.

        Raises UsageError when the path itself cannot be read.
        """
        try:
            files = sorted(filter(_is_entry, path.iterdir())) if path.is_dir() else [path]
            contents = [(file, file.read_bytes()) for file in files]
        except OSError as error:
            raise UsageError(f"cannot read the trust store {path}: {error.strerror}") from error
        return _build(contents)

    def candidates(self, issuer: bytes, key_identifier: bytes) -> tuple[Certificate, ...]:
        """The anchors that may have issued: by key identifier or by name; the signature decides between them."""
        named = [anchor for anchor in self.anchors if names_equal(anchor.subject, issuer)]
        keyed = [a for a in self.anchors if key_identifier and a.subject_key_identifier == key_identifier]
        return tuple(dict.fromkeys((*keyed, *named)))

    def crls_of(self, anchor: Certificate) -> tuple[CertificateRevocationList, ...]:
        return tuple(crl for crl in self.crls if names_equal(crl.issuer, anchor.subject))

    def digest(self) -> bytes:
        """SHA-256 over all entries, 32 bytes: names the store that a decision was made with."""
        raws = [anchor.raw for anchor in self.anchors] + [crl.raw for crl in self.crls]
        rows = sorted(hashlib.sha256(raw).digest() for raw in raws)
        return hashlib.sha256(b"".join(rows)).digest()


def _is_entry(file: Path) -> bool:
    known = file.suffix.lower() in (*CERTIFICATE_SUFFIXES, CRL_SUFFIX)
    return known and file.is_file() and file.stat().st_size <= _MAX_FILE


def _build(contents: list[tuple[Path, bytes]]) -> TrustStore:
    anchors: dict[bytes, Certificate] = {}
    crls: list[CertificateRevocationList] = []
    skipped: list[Skipped] = []
    for file, raw in contents:
        try:
            if file.suffix.lower() == CRL_SUFFIX:
                crls.append(CertificateRevocationList.parse(raw))
            else:
                for block in certificate_blocks(raw):
                    _add(block, file.name, anchors, skipped)
        except CardError as error:
            skipped.append(Skipped(file.name, str(error)))
    return TrustStore(tuple(anchors.values()), tuple(crls), tuple(skipped))


def _add(block: bytes, name: str, anchors: dict[bytes, Certificate], skipped: list[Skipped]) -> None:
    try:
        anchor = Certificate.parse(block)
        anchors[anchor.raw] = anchor
    except CardError as error:
        skipped.append(Skipped(name, str(error)))
