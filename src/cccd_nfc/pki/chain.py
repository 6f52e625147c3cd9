"""From a signer's certificate to a trusted CSCA (ICAO 9303-12, 8th ed., §6.1, App. D; RFC 5280 §6.1).

    signer <- CSCA (anchor)                     the usual way
    signer <- CSCA' (link) <- CSCA (anchor)     a CSCA that changed its key or name, and certified the new by the old

Several CSCAs of a state may carry one name, and old and new keys certify each other in both directions. So each
candidate is tried, by key identifier first and then by name, and its signature decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cccd_nfc.crypto.strength import weaknesses
from cccd_nfc.errors import CardError
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.findings import Finding, failed, passed, remark, remark_weak, unknown
from cccd_nfc.pki.names import names_equal
from cccd_nfc.pki.trust_store import Tier, TrustStore
from cccd_nfc.report import Remark, RemarkCode
from cccd_nfc.sentences import Said, sentence_of

MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER = "2.23.136.1.1.3", "2.23.136.1.1.8"
DEFECT_LIST_SIGNER = "0.4.0.127.0.7.3.1.5.1"

_LIST_SIGNERS = frozenset({MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER})
"""Purposes of list signers (9303-12 §7.1.1.3), whom the same CSCA certifies: they sign no documents."""

_UNDERSTOOD = frozenset(
    {
        ext.KEY_USAGE, ext.BASIC_CONSTRAINTS, ext.EXTENDED_KEY_USAGE, ext.SUBJECT_KEY_IDENTIFIER,
        ext.AUTHORITY_KEY_IDENTIFIER, ext.PRIVATE_KEY_USAGE_PERIOD, ext.SUBJECT_ALTERNATIVE_NAME,
        ext.ISSUER_ALTERNATIVE_NAME, ext.CRL_DISTRIBUTION_POINTS, ext.DOCUMENT_TYPE_LIST, ext.NAME_CHANGE,
        "2.5.29.32",
    }
)  # fmt: skip
"""Extensions that may be critical; one that is not known fails the path (9303-12 App. D.1.1.3). Any policy will do."""

_MOST_LINKS = 8
_MOST_TRIES = 1000
"""Signatures looked at for one chain: links that all certify each other have a way for each order of their keys."""

_MOST_CHAINS = 4096


@dataclass(frozen=True, slots=True)
class Chain:
    """finding: what `document-signer-chain` says.  path: the issuers, from the signer's own to the anchor."""

    finding: Finding
    path: tuple[Certificate, ...] = ()

    @property
    def issuer(self) -> Certificate | None:
        """Whose key certified the signer."""
        return self.path[0] if self.path else None

    @property
    def anchor(self) -> Certificate | None:
        return self.path[-1] if self.path else None


@dataclass(slots=True)
class _Search:
    """What was learnt on the ways that led nowhere."""

    trust: TrustStore
    disproved: list[Finding] = field(default_factory=list)
    open: list[Finding] = field(default_factory=list)
    tries: int = 0

    def path(self, child: Certificate, below: tuple[Certificate, ...] = ()) -> tuple[Certificate, ...]:
        """The issuers of `child` up to an anchor, or nothing. below: the certificates from the signer to `child`."""
        way = (*below, child)
        for candidate in self.trust.issuers_of(child):
            if candidate in way or not self._signed(child, candidate) or not self._may_issue(candidate, child, way):
                continue
            if self.trust.is_anchor(candidate):
                return (candidate,)
            rest = self.path(candidate, way) if len(way) < _MOST_LINKS else ()
            if rest:
                return (candidate, *rest)
        return ()

    def _signed(self, child: Certificate, candidate: Certificate) -> bool:
        self.tries += 1
        if self.tries > _MOST_TRIES:
            return False
        try:
            if child.is_signed_by(candidate):
                return True
        except CardError as error:
            self.open.append(unknown(sentence_of(error)))
            return False
        if (
            self.trust.is_anchor(candidate)
            and candidate.subject_key_identifier
            and candidate.subject_key_identifier == child.authority_key_identifier
        ):
            self.disproved.append(failed(Said("the CSCA that the signer names did not sign its certificate")))
        return False

    def _may_issue(self, candidate: Certificate, child: Certificate, way: tuple[Certificate, ...]) -> bool:
        """Whether the profile lets `candidate` certify `child`, although its signature is right."""
        problem = _unfit_issuer(candidate, way, self.trust.is_anchor(candidate))
        if problem is None and not names_equal(candidate.subject, child.issuer):
            problem = unknown(Said("the signer's certificate names another issuer than the CSCA whose key signed it"))
        if problem is None:
            return True
        (self.disproved if problem.outcome == "failed" else self.open).append(problem)
        return False

    def why_not(self, signer: Certificate) -> Finding:
        """A CSCA renewed under its name explains a signature that fits no trusted key: that disproves nothing."""
        if self.disproved:
            return self.disproved[0]
        if self.open:
            return self.open[0]
        if not self.trust.issuers_of(signer):
            return unknown(Said("no trusted CSCA for {country}", country=signer.country or Said("this issuer")))
        return unknown(Said("the trusted CSCA of that name has another key than the signer's issuer"))


def _unfit_issuer(issuer: Certificate, way: tuple[Certificate, ...], is_anchor: bool) -> Finding | None:
    """What forbids `issuer` to certify the last of `way`; an anchor's own constraints do not (RFC 5280 §6.1)."""
    if issuer.key_usage is not None and ext.KEY_CERT_SIGN not in issuer.key_usage:
        return failed(Said("the CSCA's key is not for signing certificates"))
    if is_anchor:
        return None
    constraints = issuer.basic_constraints
    if constraints is None or not constraints.is_ca:
        return failed(Said("a certificate of the chain is not that of a CA"))
    links = sum(not names_equal(each.subject, each.issuer) for each in way[1:])
    if constraints.path_length is not None and links > constraints.path_length:
        return failed(Said("the chain is longer than one of its certificates allows"))
    if issuer.extensions.critical - _UNDERSTOOD:
        return unknown(Said("a certificate of the chain has a critical extension that is not known"))
    if issuer.extensions.repeated:
        return unknown(Said("a certificate of the chain has an extension twice"))
    return None


def chain_of(signer: Certificate, trust: TrustStore) -> Chain:
    """`find_chain`, remembered: it depends on signer and store alone, and thousands of documents share a signer."""
    found = trust.chains.get(signer.raw)
    if found is None:
        if len(trust.chains) >= _MOST_CHAINS:
            trust.chains.clear()
        found = trust.chains[signer.raw] = find_chain(signer, trust)
    return found


def find_chain(signer: Certificate, trust: TrustStore) -> Chain:
    """The document signer's chain, and whether both ends and what lies between keep the rules."""
    if trust.is_anchor(signer):
        return Chain(unknown(Said("the document signer is itself in the trust store; only a CSCA vouches for it")))
    search = _Search(trust)
    path = search.path(signer)
    if not path:
        return Chain(search.why_not(signer), ())
    problem = _unfit_signer(signer, path[-1])
    return Chain(problem or _found(signer, path, trust), path)


def issuing_path(certificate: Certificate, trust: TrustStore) -> tuple[Certificate, ...]:
    """The issuers of any certificate up to an anchor, or nothing; an anchor's own path is itself."""
    return (certificate,) if trust.is_anchor(certificate) else _Search(trust).path(certificate)


def _unfit_signer(signer: Certificate, anchor: Certificate) -> Finding | None:
    """What the signer's own extensions must not say (9303-12 §7.1.1)."""
    if signer.key_usage is not None and ext.DIGITAL_SIGNATURE not in signer.key_usage:
        return failed(Said("the document signer's key is not for signing documents"))
    if signer.basic_constraints is not None and signer.basic_constraints.is_ca:
        return failed(Said("the document signer's certificate is that of a CA"))
    if signer.country != anchor.country and anchor.country:
        return failed(Said("the document signer and its CSCA are of different countries"))
    try:
        if signer.extended_key_usage & _LIST_SIGNERS:
            return failed(Said("the document signer's key is for signing lists, not documents"))
    except CardError as error:
        return unknown(sentence_of(error))
    if signer.extensions.critical - _UNDERSTOOD:
        return unknown(Said("the document signer's certificate has a critical extension that is not known"))
    if signer.extensions.repeated:
        return unknown(Said("the document signer's certificate has an extension twice"))
    return None


def _found(signer: Certificate, path: tuple[Certificate, ...], trust: TrustStore) -> Finding:
    *links, anchor = path
    tier = trust.tier_of(anchor)
    remarks = _weak(signer, path)
    if links:
        remarks.append(remark(RemarkCode.LINK, "by {count} link certificate(s) of the CSCA", count=len(links)))
    if tier is Tier.UNSIGNED:
        remarks.append(remark(RemarkCode.ANCHOR_UNSIGNED, "the CSCA came from a list that nobody known has signed"))
    facts = {"signer": signer, "anchor": anchor, "trusted": tier.value}
    for number, link in enumerate(links, 1):
        facts[f"link {number}"] = link
    detail = Said("{subject}, SHA-256 {digest}…", subject=anchor.subject_text, digest=anchor.fingerprint[:16])
    return passed(detail, remarks, facts)


def _weak(signer: Certificate, path: tuple[Certificate, ...]) -> list[Remark]:
    """Weaknesses of the signatures in the chain; the anchor's own signature shows nothing, so it does not count."""
    issued = zip((signer, *path[:-1]), path, strict=True)
    return [remark_weak(each) for child, issuer in issued for each in weaknesses(child.scheme, issuer.public_key)]
