"""The trust store on disk: a folder, or one file.

A folder holds what a person put there: certificates (.cer, .crt, .der, .pem), which are anchors by that act, revocation
lists (.crl), and `trust.json`, the register that `cccd trust` keeps. A bad entry is skipped with a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cccd_nfc.atomic_file import write_atomically
from cccd_nfc.errors import CardError, EncodingError, UsageError
from cccd_nfc.pki.armour import certificate_blocks
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.trust_register import REGISTER_NAME, Register
from cccd_nfc.pki.trust_store import Skipped, Tier, TrustStore
from cccd_nfc.sentences import Said, sentence_of

CERTIFICATE_SUFFIXES = (".cer", ".crt", ".der", ".pem")
CRL_SUFFIX = ".crl"
_MAX_FILE = 64 << 20
_PATIENCE_SECONDS = 30


def load_trust_store(path: Path) -> TrustStore:
    """The store in `path`: a folder, a register (.json), a certificate or bundle, or a revocation list.

    Raises UsageError when the path itself cannot be read.
    """
    try:
        files = sorted(filter(_is_entry, path.iterdir())) if path.is_dir() else [path]
        contents = [(file, file.read_bytes() if file.stat().st_size <= _MAX_FILE else None) for file in files]
    except OSError as error:
        raise UsageError(
            Said("cannot read the trust store {path}: {reason}", path=path, reason=error.strerror)
        ) from error
    return _Builder().build(contents)


def _is_entry(file: Path) -> bool:
    known = file.suffix.lower() in (*CERTIFICATE_SUFFIXES, CRL_SUFFIX) or file.name == REGISTER_NAME
    return known and file.is_file()


class _Builder:
    """Puts a store together, file by file."""

    def __init__(self) -> None:
        self.anchors: dict[bytes, Certificate] = {}
        self.crls: list[CertificateRevocationList] = []
        self.skipped: list[Skipped] = []
        self.register = Register()

    def build(self, contents: list[tuple[Path, bytes | None]]) -> TrustStore:
        """contents: the files, without the bytes of one that is too large."""
        for file, raw in contents:
            try:
                if raw is None:
                    raise EncodingError("a file that is larger than any trust store")
                self._take(file, raw)
            except CardError as error:
                self.skipped.append(Skipped(file.name, sentence_of(error)))
        kept = self.register.to_store()
        tiers = {name: tier for name, tier in kept.tiers.items() if name not in self._by_hand()}
        return TrustStore(
            anchors=tuple(dict.fromkeys((*self.anchors.values(), *kept.anchors))),
            crls=tuple({crl.raw: crl for crl in (*self.crls, *kept.crls)}.values()),
            skipped=(*self.skipped, *kept.skipped),
            links=kept.links,
            signers=kept.signers,
            deviation_lists=kept.deviation_lists,
            defect_lists=kept.defect_lists,
            tiers={name: tier for name, tier in tiers.items() if tier is not Tier.PINNED},
        )

    def _by_hand(self) -> set[str]:
        return {anchor.fingerprint for anchor in self.anchors.values()}

    def _take(self, file: Path, raw: bytes) -> None:
        if file.suffix.lower() == ".json":
            self.register = Register.from_bytes(raw)
        elif file.suffix.lower() == CRL_SUFFIX:
            self.crls.append(CertificateRevocationList.parse(raw))
        else:
            for anchor in self._certificates(file, raw):
                self.anchors.setdefault(anchor.raw, anchor)

    def _certificates(self, file: Path, raw: bytes) -> Iterator[Certificate]:
        for block in certificate_blocks(raw):
            try:
                yield Certificate.parse(block)
            except CardError as error:
                self.skipped.append(Skipped(file.name, sentence_of(error)))


def read_register(folder: Path) -> Register:
    """The register in `folder`; an empty one where there is none yet. UsageError when it cannot be read."""
    path = folder / REGISTER_NAME
    try:
        return Register.from_bytes(path.read_bytes()) if path.exists() else Register()
    except OSError as error:
        raise UsageError(Said("cannot read {path}: {reason}", path=path, reason=error.strerror)) from error


def edit_register(folder: Path, change: Callable[[Register], Register]) -> Register:
    """The register as `change` makes it, written whole; two who edit at once do so one after the other."""
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / f".{REGISTER_NAME}.lock", timeout=_PATIENCE_SECONDS):
            changed = change(read_register(folder))
            write_atomically(folder / REGISTER_NAME, changed.to_bytes())
        return changed
    except Timeout as error:
        raise UsageError(Said("the trust store in {path} is being edited by another process", path=folder)) from error
    except OSError as error:
        raise UsageError(
            Said("cannot write the trust store in {path}: {reason}", path=folder, reason=error.strerror)
        ) from error
