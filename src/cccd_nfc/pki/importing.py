"""What is in a file that somebody wants to import, and what of it may enter the trust store.

Certificates, master lists, revocation lists, deviation and defect lists, the directory of the ICAO PKD: told apart by
their bytes, whatever the file is called. Nothing is changed here: a plan says what would be, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cccd_nfc.errors import CardError, CccdError, EncodingError, UsageError
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.armour import pem_blocks, unarmour
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import issuing_path
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.defect_list import DEFECT_LIST, parse_defect_list
from cccd_nfc.pki.deviation_list import DEVIATION_LIST, parse_deviation_list
from cccd_nfc.pki.ldif import LdifObject, read_ldif
from cccd_nfc.pki.revocation import no_trusted_signature
from cccd_nfc.pki.signed_data import SignedData
from cccd_nfc.pki.signed_lists import MASTER_LIST, ListSigner, parse_master_list, verify_list
from cccd_nfc.pki.trust_register import CSCA_KINDS, Entry, Kind, Origin, Register
from cccd_nfc.pki.trust_store import Skipped, Tier, TrustStore
from cccd_nfc.report import spelled_fact
from cccd_nfc.sentences import Said, sentence_of


@dataclass(frozen=True, slots=True)
class Options:
    """unsigned: whether lists that no trusted key signed are taken, in the lowest tier.  signers: whether document
    signers are kept, for security objects that bring none.
    """

    now: datetime
    unsigned: bool = False
    signers: bool = False


@dataclass(slots=True)
class Plan:
    """What would enter the store.

    lists: (kinds of entries, whose list) of those that take an older list's place.  skipped: what cannot be read.
    refused: what can be read, and may not enter.  left_out: document signers that were not asked for.
    """

    entries: list[Entry] = field(default_factory=list)
    lists: list[tuple[frozenset[Kind], str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    refused: list[Skipped] = field(default_factory=list)
    left_out: int = 0

    def apply(self, register: Register) -> Register:
        """The register with the plan carried out: of several lists of one issuer only the newest counts."""
        register = register.with_entries(self.entries)
        for kinds, list_of in self.lists:
            register = register.without_older_lists(kinds, list_of)
        return register


def plan_import(name: str, raw: bytes, trust: TrustStore, options: Options) -> Plan:
    """What of the file may enter. UsageError when the file is none that is known."""
    return _Importer(name, trust, options).take(raw)


class _Importer:
    """One file, on its way into a plan."""

    def __init__(self, name: str, trust: TrustStore, options: Options) -> None:
        self._name, self._trust, self._options = name, trust, options
        self._plan = Plan()

    def take(self, raw: bytes) -> Plan:
        if _looks_like_ldif(raw):
            self._take_ldif(raw)
        elif len(blocks := pem_blocks(raw)) > 1:
            for number, block in enumerate(blocks, 1):
                self._take_block(block, f"{self._name}, block {number}")
        else:
            self._take_der(_unarmoured(raw, self._name), self._name)
        return self._plan

    def _take_block(self, block: bytes, name: str) -> None:
        self._guarded(name, lambda: self._take_der(_unarmoured(block, name), name))

    def _take_der(self, der: bytes, name: str) -> None:
        """The first reading that the bytes bear; UsageError when they bear none."""
        readings: tuple[Callable[[bytes], object], ...] = (
            lambda der: self._signed(parse_signed_data(der), der, name),
            self._certificate,
            self._crl,
            lambda der: self._bare_list(der, name),
        )
        for reading in readings:
            try:
                reading(der)
                return
            except EncodingError:
                continue
            except CardError as error:
                self._plan.refused.append(Skipped(name, sentence_of(error)))
                return
        raise _unknown(name)

    def _take_ldif(self, raw: bytes) -> None:
        reader = read_ldif(raw)
        for found in reader:
            self._guarded(f"{self._name}, line {found.line}", lambda found=found: self._ldif_object(found))  # type: ignore[misc]
        skipped = (Skipped(f"{self._name}, line {each.line}", each.reason) for each in reader.skipped)
        self._plan.skipped.extend(skipped)

    def _ldif_object(self, found: LdifObject) -> None:
        self._take_der(found.raw, f"{self._name}, line {found.line}")

    def _guarded(self, name: str, act: Callable[[], None]) -> None:
        """One object of many: what cannot be read is recorded, and the others go on."""
        try:
            act()
        except CccdError as error:
            self._plan.skipped.append(Skipped(name, sentence_of(error)))

    # What each kind of object needs to enter

    def _certificate(self, der: bytes) -> None:
        certificate = Certificate.parse(der)
        constraints = certificate.basic_constraints
        is_ca = constraints is not None and constraints.is_ca
        signs_certificates = certificate.key_usage is not None and ext.KEY_CERT_SIGN in certificate.key_usage
        if not (is_ca or signs_certificates or certificate.is_self_signed):
            self._document_signer(certificate)
            return
        kind = Kind.CSCA if certificate.is_self_signed else Kind.LINK
        self._enter(kind, certificate.raw, self._origin(Tier.UNSIGNED))

    def _document_signer(self, certificate: Certificate) -> None:
        if self._options.signers:
            self._enter(Kind.SIGNER, certificate.raw, self._origin(Tier.UNSIGNED))
        else:
            self._plan.left_out += 1

    def _crl(self, der: bytes) -> None:
        """Revocation lists enter as they are: each is judged by its own signature whenever it is asked.

        One that a trusted key signed takes the place of an older one of the same issuer.
        """
        crl = CertificateRevocationList.parse(der)
        origin = self._origin(Tier.UNSIGNED)
        if no_trusted_signature(crl, self._trust) is None:
            origin = replace(origin, list_of=crl.issuer_text, signed_at=spelled_fact(crl.this_update))
            self._plan.lists.append((frozenset({Kind.CRL}), origin.list_of))
        self._enter(Kind.CRL, crl.raw, origin)

    def _signed(self, signed: SignedData, der: bytes, name: str) -> None:
        try:
            signer = verify_list(signed, self._trust, self._options.now)
        except CccdError as error:
            if self._options.unsigned and signed.content_type == MASTER_LIST:
                self._master_list(signed.content, self._origin(Tier.UNSIGNED), name)
            else:
                self._plan.refused.append(Skipped(name, sentence_of(error)))
            return
        origin = self._origin(signer.tier, signer)
        if signed.content_type == MASTER_LIST:
            self._master_list(signed.content, origin, name)
            self._plan.lists.append((CSCA_KINDS, origin.list_of))
            return
        parse, kind = _STATE_LISTS[signed.content_type]
        parse(signed.content)
        self._enter(kind, der, origin)
        self._plan.lists.append((frozenset({kind}), origin.list_of))

    def _bare_list(self, der: bytes, name: str) -> None:
        """A CscaMasterList without the signature around it: worth no more than a bundle."""
        certificates, _ = parse_master_list(der)
        if not certificates:
            raise EncodingError("an empty list")
        if self._options.unsigned:
            self._master_list(der, self._origin(Tier.UNSIGNED), name)
        else:
            self._plan.refused.append(Skipped(name, Said("a master list without its signature")))

    def _master_list(self, content: bytes, origin: Origin, name: str) -> None:
        certificates, skipped = parse_master_list(content)
        self._plan.skipped.extend(Skipped(f"{name}, {each.name}", each.reason) for each in skipped)
        for certificate in certificates:
            kind = Kind.CSCA if certificate.is_self_signed else Kind.LINK
            self._enter(kind, certificate.raw, origin)

    def _origin(self, tier: Tier, signer: ListSigner | None = None) -> Origin:
        return Origin(
            tier=tier,
            source=self._name,
            added_at=spelled_fact(self._options.now),
            signed_by=str(signer.certificate) if signer else "",
            list_of=signer.country if signer else "",
            signed_at=spelled_fact(signer.signed_at) if signer and signer.signed_at else "",
        )

    def _enter(self, kind: Kind, raw: bytes, origin: Origin) -> None:
        self._plan.entries.append(Entry(kind, raw, (origin,)))


_STATE_LISTS: Mapping[str, tuple[Callable[[bytes], object], Kind]] = {
    DEVIATION_LIST: (parse_deviation_list, Kind.DEVIATION_LIST),
    DEFECT_LIST: (parse_defect_list, Kind.DEFECT_LIST),
}


_LDIF = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|#[^\n]*\n)*+(?:version|dn):", re.IGNORECASE)
"""What an LDIF file begins with, comments left out."""


def _looks_like_ldif(raw: bytes) -> bool:
    return _LDIF.match(raw) is not None


def _unarmoured(raw: bytes, name: str) -> bytes:
    try:
        return unarmour(raw)
    except EncodingError as error:
        raise _unknown(name) from error


def _unknown(name: str) -> UsageError:
    return UsageError(Said("{name} is no certificate, signed list, revocation list or LDIF file", name=name))


def only_vouched(plan: Plan, trust: TrustStore) -> Plan:
    """The plan without what nothing trusted vouches for: new roots that somebody must pin, links and CRLs of nobody."""
    anchors = tuple(each for each in trust.anchors if trust.tier_of(each) is not Tier.UNSIGNED)
    trusted = replace(trust, anchors=anchors)
    kept, refused = [], list(plan.refused)
    for entry in plan.entries:
        reason = _why_not(entry, trusted)
        if reason is None:
            kept.append(entry)
        else:
            refused.append(Skipped(entry.origins[0].source, reason))
    return replace(plan, entries=kept, refused=refused)


def _why_not(entry: Entry, trust: TrustStore) -> Said | None:
    if entry.kind is Kind.CRL:
        return no_trusted_signature(CertificateRevocationList.parse(entry.raw), trust)
    if entry.kind not in CSCA_KINDS or entry.tier is not Tier.UNSIGNED or _is_vouched(entry, trust):
        return None
    return Said("nothing trusted vouches for it; pin SHA-256 {sha256}", sha256=entry.sha256)


def _is_vouched(entry: Entry, trust: TrustStore) -> bool:
    certificate = Certificate.parse(entry.raw)
    return trust.is_anchor(certificate) or (entry.kind is Kind.LINK and bool(issuing_path(certificate, trust)))


def merge(plans: Iterable[Plan]) -> Plan:
    """One plan of several."""
    whole = Plan()
    for plan in plans:
        whole.entries += plan.entries
        whole.lists += plan.lists
        whole.skipped += plan.skipped
        whole.refused += plan.refused
        whole.left_out += plan.left_out
    return whole
