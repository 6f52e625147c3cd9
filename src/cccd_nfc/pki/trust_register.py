"""The register of the trust store: `trust.json`, one file, readable by hand, replaced whole or not at all.

Each entry keeps where it came from, when, and by which signature, since a decision to trust is only as good as its
reason. What people read in it (subject, validity) is for them: what counts are the bytes and their SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cccd_nfc.errors import CccdError, EncodingError, UsageError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.defect_list import parse_defect_list
from cccd_nfc.pki.deviation_list import parse_deviation_list
from cccd_nfc.pki.names import country_of
from cccd_nfc.pki.trust_store import Skipped, StateList, Tier, TrustStore
from cccd_nfc.report import spelled_fact
from cccd_nfc.sentences import Said, sentence_of

REGISTER_NAME = "trust.json"
FORMAT, VERSION = "cccd-nfc-trust", 1


class Kind(StrEnum):
    """CSCA: an anchor.  LINK: a CSCA certificate that only an anchor's signature makes count."""

    CSCA = "csca"
    LINK = "link"
    SIGNER = "document-signer"
    CRL = "crl"
    DEVIATION_LIST = "deviation-list"
    DEFECT_LIST = "defect-list"


CSCA_KINDS = frozenset({Kind.CSCA, Kind.LINK})
"""What master lists hold."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry came from. source: a file's name.  signed_by: the list's signer and its SHA-256, or empty.

    list_of: whose list it was ("DE"), or empty.  signed_at, added_at: ISO 8601 in UTC, or empty.
    """

    tier: Tier
    source: str
    added_at: str = ""
    signed_by: str = ""
    list_of: str = ""
    signed_at: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """raw: the certificate or list, in DER.  origins: all that have brought it, the first one first."""

    kind: Kind
    raw: bytes = field(repr=False)
    origins: tuple[Origin, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def tier(self) -> Tier:
        """The best of its origins."""
        return min((origin.tier for origin in self.origins), key=list(Tier).index)

    def describe(self) -> dict[str, str]:
        """What a person reads in the register; empty where it cannot be read."""
        try:
            return _DESCRIBED.get(self.kind, _nothing)(self.raw)
        except CccdError:
            return {}


def _nothing(_raw: bytes) -> dict[str, str]:
    return {}


def _of_certificate(raw: bytes) -> dict[str, str]:
    certificate = Certificate.parse(raw)
    valid = f"{certificate.not_before:%Y-%m-%d} / {certificate.not_after:%Y-%m-%d}"
    return {"country": certificate.country, "subject": certificate.subject_text, "valid": valid}


def _of_crl(raw: bytes) -> dict[str, str]:
    crl = CertificateRevocationList.parse(raw)
    until = f"{crl.next_update:%Y-%m-%d}" if crl.next_update else ""
    return {"country": country_of(crl.issuer).upper(), "valid": f"{crl.this_update:%Y-%m-%d} / {until}"}


_DESCRIBED: Mapping[Kind, Callable[[bytes], dict[str, str]]] = {
    Kind.CSCA: _of_certificate,
    Kind.LINK: _of_certificate,
    Kind.SIGNER: _of_certificate,
    Kind.CRL: _of_crl,
}


@dataclass(frozen=True, slots=True)
class Register:
    """entries: by SHA-256, in the order in which they came.  skipped: those that could not be read, and why.

    unread: these as they stood in the file, to which they go back: a later program may read them.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict)
    skipped: tuple[Skipped, ...] = ()
    unread: tuple[Any, ...] = ()

    def with_entries(self, entries: Iterable[Entry]) -> Register:
        """The register with these too; an entry that is there already gains their origins."""
        merged = dict(self.entries)
        for entry in entries:
            known = merged.get(entry.sha256)
            origins = (*known.origins, *entry.origins) if known else entry.origins
            merged[entry.sha256] = replace(entry, origins=_newest(origins))
        return replace(self, entries=merged)

    def without(self, sha256: str) -> Register:
        return replace(self, entries={key: entry for key, entry in self.entries.items() if key != sha256})

    def without_older_lists(self, kinds: frozenset[Kind], list_of: str) -> Register:
        """The register without what only older lists of the same issuer had: a list replaces the one before."""
        listed = [entry for entry in self.entries.values() if entry.kind in kinds]
        newest = max((o.signed_at for each in listed for o in each.origins if o.list_of == list_of), default="")
        kept = {}
        for key, entry in self.entries.items():
            old = entry.kind in kinds
            origins = tuple(o for o in entry.origins if not (old and o.list_of == list_of and o.signed_at < newest))
            if origins:
                kept[key] = replace(entry, origins=origins)
        return replace(self, entries=kept)

    def find(self, prefix: str) -> Entry:
        """The entry whose SHA-256 begins so; UsageError when there is none, or more than one."""
        wanted = prefix.lower().replace(":", "").replace(" ", "")
        found = [entry for key, entry in self.entries.items() if wanted and key.startswith(wanted)]
        if len(found) != 1:
            raise not_one(len(found), prefix)
        return found[0]

    def to_store(self) -> TrustStore:
        """What it holds, parsed; what cannot be read is skipped with a record."""
        return _Parsed(self).store()

    def to_bytes(self) -> bytes:
        rows = [_entry_to_json(key, entry) for key, entry in self.entries.items()]
        content = {"format": FORMAT, "version": VERSION, "entries": [*rows, *self.unread]}
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> Register:
        """The register that `to_bytes` wrote, with what can be read of it; EncodingError for another file."""
        try:
            content = json.loads(raw)
            if content["format"] != FORMAT or content["version"] != VERSION:
                raise EncodingError("a trust register of another kind or version")
            rows = list(content["entries"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise EncodingError("the trust register cannot be read") from error
        return _from_rows(rows)


def not_one(count: int, prefix: str) -> UsageError:
    """What is wrong with the beginning of a SHA-256 that none, or more than one, of the entries has."""
    template = "{count} entries of the trust store have a SHA-256 that begins with {prefix}"
    return UsageError(Said(template, count=count, prefix=prefix))


def _newest(origins: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """Each once; what came again from the same place or list counts by its last coming."""
    last = {(o.tier, o.list_of or o.source, o.signed_at): o for o in origins}
    return tuple(last.values())


def _entry_to_json(sha256: str, entry: Entry) -> dict[str, Any]:
    origins = [{key: str(value) for key, value in asdict(origin).items() if value} for origin in entry.origins]
    data = base64.b64encode(entry.raw).decode()
    return {"sha256": sha256, "kind": entry.kind.value, **entry.describe(), "origins": origins, "data": data}


def _from_rows(rows: list[Any]) -> Register:
    entries: dict[str, Entry] = {}
    skipped: list[Skipped] = []
    unread: list[Any] = []
    for row in rows:
        name = str(row.get("sha256", "?"))[:16] if isinstance(row, dict) else "?"
        try:
            entry = _entry_from_json(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = Said("an entry that cannot be read ({error})", error=type(error).__name__)
            skipped.append(Skipped(f"{REGISTER_NAME}: {name}", reason))
            unread.append(row)
            continue
        if entry.sha256 != row.get("sha256"):
            reason = Said("an entry whose bytes are not those of its SHA-256")
            skipped.append(Skipped(f"{REGISTER_NAME}: {name}", reason))
            unread.append(row)
            continue
        entries[entry.sha256] = entry
    return Register(entries, tuple(skipped), tuple(unread))


def _entry_from_json(row: dict[str, Any]) -> Entry:
    origins = tuple(_origin_from_json(origin) for origin in row["origins"])
    if not origins:
        raise ValueError("an entry that came from nowhere")
    return Entry(Kind(row["kind"]), base64.b64decode(row["data"], validate=True), origins)


def _origin_from_json(row: dict[str, Any]) -> Origin:
    texts = {name: str(row.get(name, "")) for name in ("source", "added_at", "signed_by", "list_of", "signed_at")}
    return Origin(tier=Tier(row["tier"]), **texts)


class _Parsed:
    """The entries of a register as what they are."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._skipped = list(register.skipped)

    def store(self) -> TrustStore:
        anchors = self._all(Kind.CSCA, _certificate)
        entries = self._register.entries
        return TrustStore(
            anchors=anchors,
            crls=self._all(Kind.CRL, lambda entry: CertificateRevocationList.parse(entry.raw)),
            links=self._all(Kind.LINK, _certificate),
            signers=self._all(Kind.SIGNER, _certificate),
            deviation_lists=self._all(Kind.DEVIATION_LIST, lambda entry: _state_list(entry, parse_deviation_list)),
            defect_lists=self._all(Kind.DEFECT_LIST, lambda entry: _state_list(entry, parse_defect_list)),
            tiers={anchor.fingerprint: entries[anchor.fingerprint].tier for anchor in anchors},
            skipped=tuple(self._skipped),
        )

    def _all(self, kind: Kind, parse: Callable[[Entry], Any]) -> tuple[Any, ...]:
        found = []
        for sha256, entry in self._register.entries.items():
            if entry.kind is kind:
                try:
                    found.append(parse(entry))
                except CccdError as error:
                    self._skipped.append(Skipped(f"{REGISTER_NAME}: {sha256[:16]}", sentence_of(error)))
        return tuple(found)


def _certificate(entry: Entry) -> Certificate:
    certificate = Certificate.parse(entry.raw)
    if certificate.raw != entry.raw:
        raise EncodingError("more than a certificate in DER")
    return certificate


def _state_list(entry: Entry, parse: Callable[[bytes], Any]) -> StateList[Any]:
    """A list as its signer's state is said to have made it; its signature was verified when it came."""
    return StateList(entry.origins[-1].list_of, entry.raw, parse(parse_signed_data(entry.raw).content))


def pinned(certificate: Certificate, source: str, now: datetime) -> Entry:
    """An entry for a certificate whose SHA-256 a person has compared; UsageError for one that is no CSCA's."""
    if not certificate.is_self_signed:
        raise UsageError("only a CSCA's self-signed certificate can be pinned; a link certificate is imported")
    origin = Origin(Tier.PINNED, source, spelled_fact(now))
    return Entry(Kind.CSCA, certificate.raw, (origin,))
