"""Were the certificates valid when the document was signed, and are they now? (ICAO 9303-12 §4.1, §7.1; RFC 5280 §6.1)

A document outlives the key that signed it, so what counts is the time of signing; an expiry since then is said. That
time is the signer's own word: a stolen key may lie about it, which is what revocation is for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.findings import CSCA, SIGNER, Finding, failed, passed, remark, unknown
from cccd_nfc.report import Remark, RemarkCode
from cccd_nfc.sentences import Said


def check_validity(
    signer: Certificate | None, path: tuple[Certificate, ...], signed_at: datetime | None, now: datetime
) -> Finding:
    """What `document-signer-validity` says. path: the signer's issuers.  signed_at: as EF.SOD states it, or None."""
    if signer is None:
        return unknown(Said("there is no document signer"))
    facts: dict[str, object] = {"now": now, "signed": signed_at or "", "document signer": signer.period}
    if not path:
        problem = _problem(((SIGNER, signer),), path, signed_at, now)
        return (problem or unknown(Said("the CSCA is not known")))._replace(facts=facts)
    facts["CSCA"] = path[0].period
    if signed_at and len(path) == 1 and _is_usual(signer, path[0], signed_at, now):
        return passed(_until(signer.not_after), (), facts)
    certificates = ((SIGNER, signer), *((CSCA, issuer) for issuer in path))
    problem = _problem(certificates, path, signed_at, now)
    if problem is not None:
        return problem._replace(facts=facts)
    return passed(_until(signer.not_after), _remarks(signer, path, signed_at, now), facts)


def _is_usual(signer: Certificate, issuer: Certificate, signed_at: datetime, now: datetime) -> bool:
    """Whether all lies inside all periods, as for nearly every document: then there is nothing more to ask."""
    begin, end = _common_period(signer, issuer)
    return begin <= signed_at <= end and signed_at <= now <= min(signer.not_after, issuer.not_after)


@lru_cache(maxsize=1024)
def _common_period(signer: Certificate, issuer: Certificate) -> tuple[datetime, datetime]:
    """When the signer could sign with everything in order; empty (its end first) when nothing it signed is."""
    begin, end = max(signer.not_before, issuer.not_before), min(signer.not_after, issuer.not_after)
    if _outside(issuer, signer.not_before):
        return end, begin
    period = signer.private_key_usage_period
    if period is None:
        return begin, end
    return max(begin, period.begin or begin), min(end, period.end or end)


@lru_cache(maxsize=1024)
def _until(moment: datetime) -> Said:
    return Said("until {day}", day=moment.date())


def _problem(
    certificates: tuple[tuple[Said, Certificate], ...], path: tuple[Certificate, ...], signed_at: datetime | None,
    now: datetime,
) -> Finding | None:  # fmt: skip
    for name, certificate in certificates:
        if now < certificate.not_before:
            return failed(Said("the certificate of the {who} is not valid yet", who=name))
    if signed_at and signed_at > now:
        return unknown(Said("EF.SOD says that it was signed at a time to come"))
    for name, certificate in certificates[:2]:
        if signed_at and not certificate.not_before <= signed_at <= certificate.not_after:
            return failed(Said("the certificate of the {who} was not valid when the document was signed", who=name))
        if now > certificate.not_after and signed_at is None:
            template = "the certificate of the {who} has expired, and EF.SOD does not say when it was signed"
            return unknown(Said(template, who=name))
    for child, issuer in itertools.pairwise(path):
        if not issuer.not_before <= child.not_before <= issuer.not_after:
            return failed(Said("a CSCA certified another outside its own validity"))
    return None


def _remarks(
    signer: Certificate, path: tuple[Certificate, ...], signed_at: datetime | None, now: datetime
) -> Iterator[Remark]:
    if now > signer.not_after:
        day = signer.not_after.date()
        text = "the document signer's certificate has expired since, on {day}"
        yield remark(RemarkCode.SIGNER_EXPIRED, text, day=day)
    if now > path[0].not_after:
        day = path[0].not_after.date()
        yield remark(RemarkCode.CSCA_EXPIRED, "the CSCA's certificate has expired since, on {day}", day=day)
    if signed_at is None:
        yield remark(RemarkCode.NO_SIGNING_TIME, "EF.SOD does not say when it was signed")
    elif _outside(signer, signed_at):
        text = "signed outside the document signer's private key usage period"
        yield remark(RemarkCode.OUTSIDE_USAGE_PERIOD, text)
    if _outside(path[0], signer.not_before):
        text = "the document signer was certified outside the CSCA's private key usage period"
        yield remark(RemarkCode.OUTSIDE_USAGE_PERIOD, text)


def _outside(certificate: Certificate, moment: datetime) -> bool:
    """Whether the certificate says that its private key was not to be used at `moment`."""
    period = certificate.private_key_usage_period
    return period is not None and not period.covers(moment)
