"""Has a certificate of the chain been revoked? (ICAO 9303-12, 8th ed., §4.1.5, App. D.3; RFC 5280 §6.3)

A CSCA signs one list with its newest key for all it ever certified, so a list counts for a certificate when it bears
the issuer's name and any trusted key of that name signed it. Only a list that is whole, signed and of this time shows
that a certificate is *not* revoked; a signed list that names it convicts it whenever it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cccd_nfc.errors import CardError, SignatureError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import issuing_path
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.findings import CSCA, SIGNER, Finding, failed, passed, remark, unknown
from cccd_nfc.pki.names import country_of, names_equal
from cccd_nfc.pki.trust_store import Tier, TrustStore
from cccd_nfc.report import RemarkCode
from cccd_nfc.sentences import Said, sentence_of


def check_revocation(
    signer: Certificate | None, path: tuple[Certificate, ...], trust: TrustStore, now: datetime
) -> Finding:
    """What `revocation` says of the signer and of the CSCA certificates above it."""
    if signer is None or not path:
        return unknown(Said("there is no chain to ask about"))
    if not trust.crls:
        return _NOTHING_AT_HAND
    heard = [_hear(signer, path[0].subject, trust, now), *(_hear(each, each.issuer, trust, now) for each in path)]
    for who, certificate, found in zip((SIGNER, *(CSCA,) * len(path)), (signer, *path), heard, strict=True):
        if found.convicted:
            return _revoked(who, certificate, found.convicted)
    # The anchor is trusted for itself: of it only what is known against it counts.
    doubt = next((found.why for found in heard[:-1] if found.latest is None), None)
    latest = heard[0].latest
    return _not_revoked(signer, latest) if latest and doubt is None else unknown(doubt or _NONE)


_NONE = Said("no revocation list of this CSCA is at hand")
_NOTHING_AT_HAND = unknown(_NONE)


@dataclass(slots=True)
class _Heard:
    """What the lists of an issuer say: the one that names the certificate, else the latest that is fit to clear it."""

    convicted: CertificateRevocationList | None = None
    latest: CertificateRevocationList | None = None
    why: Said = _NONE


def _hear(certificate: Certificate, issuer: bytes, trust: TrustStore, now: datetime) -> _Heard:
    heard = _Heard()
    for crl in trust.crls:
        if not _speaks_of(crl, issuer, certificate.issuer):
            continue
        ways, unsigned = _ways(crl, trust)
        if ways and certificate.serial in crl.revoked:
            heard.convicted = crl
            return heard
        unusable = (None if ways else unsigned) or crl.unusable_because(now) or _disowned(ways, trust)
        if unusable is not None:
            heard.why = unusable
        elif heard.latest is None or crl.this_update > heard.latest.this_update:
            heard.latest = crl
    return heard


def _speaks_of(crl: CertificateRevocationList, *issuers: bytes) -> bool:
    """Whether the list is one of the issuer's. Its further names count within its own state alone."""
    country = country_of(crl.issuer)
    names = (crl.issuer, *(name for name in crl.other_names if country_of(name) == country))
    return any(names_equal(name, issuer) for name in names for issuer in issuers)


def no_trusted_signature(crl: CertificateRevocationList, trust: TrustStore) -> Said | None:
    """Why no trusted key of the CSCA vouches for the list, or None. Its latest key may sign (App. D.1.2.3)."""
    ways, why = _ways(crl, trust)
    return None if ways else why


def _ways(crl: CertificateRevocationList, trust: TrustStore) -> tuple[list[tuple[Certificate, ...]], Said]:
    """From each certificate whose key signed the list up to an anchor; and why there is none."""
    ways = []
    why = Said("the revocation list was not signed by this CSCA")
    for issuer in trust.named(crl.issuer):
        try:
            crl.verify_signed_by(issuer)
        except SignatureError:
            continue
        except CardError as error:
            why = sentence_of(error)
            continue
        path = issuing_path(issuer, trust)
        if path and trust.tier_of(path[-1]) is not Tier.UNSIGNED:
            ways.append((issuer, *path))
    return ways, why


def _disowned(ways: list[tuple[Certificate, ...]], trust: TrustStore) -> Said | None:
    """A list by a revoked key clears nobody (RFC 5280 §6.3.3 f); what it says against a certificate counts."""
    if all(any(_is_listed(each, trust) for each in way) for way in ways):
        return Said("the key that signed the revocation list has been revoked")
    return None


def _is_listed(certificate: Certificate, trust: TrustStore) -> bool:
    return any(
        certificate.serial in crl.revoked
        and _speaks_of(crl, certificate.issuer)
        and no_trusted_signature(crl, trust) is None
        for crl in trust.crls
    )


def _revoked(who: Said, certificate: Certificate, crl: CertificateRevocationList) -> Finding:
    stated = crl.revoked[certificate.serial]
    facts = {"revoked": certificate, "list": crl}
    template = "the certificate of the {who} has been revoked, on {day}"
    said = Said(template, who=who, day=stated.revoked_at.date())
    return failed(Said("{said} ({reason})", said=said, reason=stated.reason) if stated.reason else said, facts)


def _not_revoked(signer: Certificate, crl: CertificateRevocationList) -> Finding:
    old = [remark(RemarkCode.CRL_PROFILE, "the CRL is of version 1, without the extensions of its profile")]
    facts = {"asked": signer, "list": crl}
    day = crl.this_update.date()
    return passed(Said("not on the list of {day}", day=day), old if crl.version == 1 else (), facts)
