"""Has a certificate of the chain been revoked? (ICAO 9303-12, 8th ed., §4.1.5, App. D.3; RFC 5280 §6.3)

A CSCA signs one list with its newest key for all it ever certified, so a list counts for a certificate when it bears
the issuer's name and any trusted key of that name signed it. Only a list that is whole, signed and of this time shows
that a certificate is *not* revoked; a signed list that names it convicts it whenever it was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cccd_nfc.errors import CardError, SignatureError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import issuing_path
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.findings import Finding, failed, passed, remark, spelled_certificate, spelled_time, unknown
from cccd_nfc.pki.names import names_equal
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import RemarkCode, Said


def check_revocation(
    signer: Certificate | None, path: tuple[Certificate, ...], trust: TrustStore, now: datetime
) -> Finding:
    """What `revocation` says of the signer and of the CSCA certificates above it."""
    if signer is None or not path:
        return unknown(Said("there is no chain to ask about"))
    heard = _hear(signer, path[0].subject, trust, now)
    for who, certificate in (("document signer", signer), *(("CSCA", each) for each in path)):
        found = heard if certificate is signer else _hear(certificate, certificate.issuer, trust, now)
        if found.convicted:
            return _revoked(who, certificate, found.convicted)
    if heard.latest is None:
        return unknown(heard.why)
    return _not_revoked(signer, heard.latest)


@dataclass(slots=True)
class _Heard:
    """What the lists of an issuer say: the one that names the certificate, else the latest that is fit to clear it."""

    convicted: CertificateRevocationList | None = None
    latest: CertificateRevocationList | None = None
    why: Said = field(default_factory=lambda: Said("no revocation list of this CSCA is at hand"))


def _hear(certificate: Certificate, issuer: bytes, trust: TrustStore, now: datetime) -> _Heard:
    heard = _Heard()
    for crl in trust.crls:
        names = (crl.issuer, *crl.other_names)
        if not any(names_equal(name, wanted) for name in names for wanted in {issuer, certificate.issuer}):
            continue
        unsigned = no_trusted_signature(crl, trust)
        if unsigned is None and certificate.serial in crl.revoked:
            heard.convicted = crl
            return heard
        unusable = unsigned or crl.unusable_because(now)
        if unusable is not None:
            heard.why = unusable
        elif heard.latest is None or crl.this_update > heard.latest.this_update:
            heard.latest = crl
    return heard


def no_trusted_signature(crl: CertificateRevocationList, trust: TrustStore) -> Said | None:
    """Why no trusted key of the CSCA vouches for the list, or None. Its latest key may sign (App. D.1.2.3)."""
    why = Said("the revocation list was not signed by this CSCA")
    for issuer in trust.named(crl.issuer):
        try:
            crl.verify_signed_by(issuer)
        except SignatureError:
            continue
        except CardError as error:
            why = Said("{reason}", reason=error)
            continue
        if issuing_path(issuer, trust):
            return None
    return why


def _revoked(who: str, certificate: Certificate, crl: CertificateRevocationList) -> Finding:
    stated = crl.revoked[certificate.serial]
    facts = {"revoked": spelled_certificate(certificate), "list": _spelled(crl)}
    template = "the certificate of the {who} has been revoked, on {day}"
    said = Said(template, who=who, day=f"{stated.revoked_at:%Y-%m-%d}")
    return failed(Said("{said} ({reason})", said=said, reason=stated.reason) if stated.reason else said, facts)


def _not_revoked(signer: Certificate, crl: CertificateRevocationList) -> Finding:
    old = [remark(RemarkCode.CRL_PROFILE, "the CRL is of version 1, without the extensions of its profile")]
    facts = {"asked": spelled_certificate(signer), "list": _spelled(crl)}
    day = f"{crl.this_update:%Y-%m-%d}"
    return passed(Said("not on the list of {day}", day=day), old if crl.version == 1 else (), facts)


def _spelled(crl: CertificateRevocationList) -> str:
    return f"of {spelled_time(crl.this_update)}; SHA-256 {crl.fingerprint}"
