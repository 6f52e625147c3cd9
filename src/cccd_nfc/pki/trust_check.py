"""What a trust store should be looked at for: expired or superseded anchors, links to nowhere, twins, old lists.

None of it makes a card pass or fail by itself; it tells whoever keeps the store what to mend before a card shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cccd_nfc.crypto.strength import weaknesses
from cccd_nfc.errors import CccdError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import issuing_path
from cccd_nfc.pki.names import folded_name
from cccd_nfc.pki.profile import Role, deviations
from cccd_nfc.pki.revocation import no_trusted_signature
from cccd_nfc.pki.trust_store import Tier, TrustStore
from cccd_nfc.sentences import Said, sentence_of


class TroubleKind(StrEnum):
    """What kind of attention an entry wants; NOTE wants none."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    SUPERSEDED = "superseded"
    BROKEN_LINK = "broken-link"
    DUPLICATE = "duplicate"
    UNSIGNED = "unsigned"
    UNUSABLE = "unusable"
    WEAK = "weak"
    OLD_LIST = "old-list"
    SKIPPED = "skipped"
    NOTE = "differs-from-profile"


WANTS_MENDING = frozenset(
    {
        TroubleKind.BROKEN_LINK,
        TroubleKind.DUPLICATE,
        TroubleKind.UNSIGNED,
        TroubleKind.UNUSABLE,
        TroubleKind.OLD_LIST,
        TroubleKind.SKIPPED,
    }
)
"""What somebody can mend. Expired, superseded and weak anchors stay: their documents are still about."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """sha256: of the entry, or its name where it could not be read.  who: its subject or issuer, for people."""

    kind: TroubleKind
    sha256: str
    who: str
    text: Said


def troubles(trust: TrustStore, now: datetime) -> Iterator[Trouble]:
    """Everything that is to be said of the store at the time `now`, entry by entry."""
    newest = _newest_of_each_name(trust)
    keys = Counter((each.subject_public_key_info, folded_name(each.subject)) for each in trust.anchors)
    for anchor in trust.anchors:
        yield from _of_certificate(anchor, now)
        yield from _of_anchor(anchor, trust, newest[folded_name(anchor.subject)])
        if keys[(anchor.subject_public_key_info, folded_name(anchor.subject))] > 1:
            yield _of(TroubleKind.DUPLICATE, anchor, Said("another anchor has the same name and key"))
    for link in trust.links:
        yield from _of_certificate(link, now)
        if not issuing_path(link, trust):
            yield _of(TroubleKind.BROKEN_LINK, link, Said("no trusted CSCA has signed this link certificate"))
    yield from _of_lists(trust, now)
    for skipped in trust.skipped:
        yield Trouble(TroubleKind.SKIPPED, skipped.name, "", skipped.reason)


def _newest_of_each_name(trust: TrustStore) -> dict[object, Certificate]:
    newest: dict[object, Certificate] = {}
    for anchor in sorted(trust.anchors, key=lambda each: each.not_before):
        newest[folded_name(anchor.subject)] = anchor
    return newest


def _of(kind: TroubleKind, certificate: Certificate, text: Said) -> Trouble:
    return Trouble(kind, certificate.fingerprint, certificate.subject_text, text)


def _of_certificate(certificate: Certificate, now: datetime) -> Iterator[Trouble]:
    if now > certificate.not_after:
        day = certificate.not_after.date()
        yield _of(TroubleKind.EXPIRED, certificate, Said("expired on {day}", day=day))
    if now < certificate.not_before:
        day = certificate.not_before.date()
        yield _of(TroubleKind.NOT_YET_VALID, certificate, Said("not valid before {day}", day=day))
    try:
        key = certificate.public_key
        weak = weaknesses(certificate.scheme, key)
    except CccdError as error:
        yield _of(TroubleKind.UNUSABLE, certificate, sentence_of(error))
        return
    if weak:
        yield _of(TroubleKind.WEAK, certificate, Said("weak: {what}", what=", ".join(weak)))


def _of_anchor(anchor: Certificate, trust: TrustStore, newest: Certificate) -> Iterator[Trouble]:
    if newest is not anchor and newest.subject_public_key_info != anchor.subject_public_key_info:
        template = "superseded by SHA-256 {digest}…, valid from {day}; documents that it vouched for still need it"
        said = Said(template, digest=newest.fingerprint[:16], day=newest.not_before.date())
        yield _of(TroubleKind.SUPERSEDED, anchor, said)
    if trust.tier_of(anchor) is Tier.UNSIGNED:
        said = Said("came from a list that nobody known has signed; pin it when you have compared its SHA-256")
        yield _of(TroubleKind.UNSIGNED, anchor, said)
    codes = ", ".join(rule.code for rule in deviations(anchor, Role.CSCA))
    if codes:
        yield _of(TroubleKind.NOTE, anchor, Said("differs from the profile of 9303-12 ({codes})", codes=codes))


def _of_lists(trust: TrustStore, now: datetime) -> Iterator[Trouble]:
    for crl in trust.crls:
        reason = no_trusted_signature(crl, trust) or crl.unusable_because(now)
        if reason is not None:
            yield Trouble(TroubleKind.OLD_LIST, crl.fingerprint, crl.issuer_text, reason)
