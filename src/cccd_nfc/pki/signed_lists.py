"""Lists that a state or ICAO signs: master lists, deviation lists, defect lists (ICAO 9303-12, 8th ed., §9, §10).

A list is worth what its signer is: its certificate must be for this purpose and come from a CSCA that is trusted
already, or be that CSCA itself, as old lists have it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cccd_nfc.errors import CardError, CccdError, EncodingError, SignatureError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import DEFECT_LIST_SIGNER, DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER, issuing_path
from cccd_nfc.pki.defect_list import DEFECT_LIST
from cccd_nfc.pki.deviation_list import DEVIATION_LIST
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.security_object import check_signature
from cccd_nfc.pki.signed_data import SignedData
from cccd_nfc.pki.trust_store import Skipped, Tier, TrustStore
from cccd_nfc.report import Outcome
from cccd_nfc.sentences import Said, sentence_of

MASTER_LIST = "2.23.136.1.1.2"

_PURPOSES: Mapping[str, frozenset[str]] = {
    MASTER_LIST: frozenset({MASTER_LIST_SIGNER}),
    DEVIATION_LIST: frozenset({DEVIATION_LIST_SIGNER}),
    # Germany's defect list is signed under a certificate for master lists.
    DEFECT_LIST: frozenset({DEFECT_LIST_SIGNER, DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER}),
}
"""Content type -> the extended key usages of whoever signs it."""

_UNITED_NATIONS = "UN"
_SEQUENCE, _SET, _INTEGER = 0x30, 0x31, 0x02


@dataclass(frozen=True, slots=True)
class ListSigner:
    """Who vouches for a list. country: two letters.  signed_at: UTC, None when it does not say."""

    certificate: Certificate
    anchor: Certificate
    signed_at: datetime | None

    @property
    def country(self) -> str:
        return self.certificate.country

    @property
    def tier(self) -> Tier:
        """What the list makes of the certificates in it."""
        return Tier.ICAO if self.country == _UNITED_NATIONS else Tier.NATIONAL


def verify_list(signed: SignedData, trust: TrustStore, now: datetime) -> ListSigner:
    """The signer of a list whose signature, purpose and chain are right.

    Raises SignatureError when one of them is wrong, UnsupportedError when the question cannot be answered, as when the
    CSCA behind the signer is not trusted yet; the message names its SHA-256.
    """
    signature = check_signature(signed, trust)
    signer = signature.signer
    if signature.finding.outcome is Outcome.FAILED:
        raise SignatureError(Said("the list's signature is wrong: {reason}", reason=signature.finding.detail))
    if signer is None:
        raise UnsupportedError(Said("the list's signature cannot be judged: {reason}", reason=signature.finding.detail))
    path = _path_of(signer, signed, trust)
    _check_purpose(signer, signed.content_type, path)
    signed_at = signature.signer_info.signing_time if signature.signer_info else None
    _check_times(signer, signed_at, now)
    if not signer.country or signer.country != path[-1].country:
        raise SignatureError("the list's signer is not of the country of its CSCA")
    if check_revocation(signer, path, trust, now).outcome is Outcome.FAILED:
        raise SignatureError("the list signer's certificate has been revoked")
    return ListSigner(signer, path[-1], signed_at)


def _whom_to_pin(signer: Certificate, signed: SignedData) -> Said:
    """The CSCA that the list brings along for its signer, by the SHA-256 that a person must compare."""
    for each in signed.certificates:
        try:
            if each != signer and signer.is_signed_by(each):
                return Said("{subject}, SHA-256 {digest}", subject=each.subject_text, digest=each.fingerprint)
        except CccdError:
            continue
    return Said("it is {subject}", subject=signer.subject_text)


def _path_of(signer: Certificate, signed: SignedData, trust: TrustStore) -> tuple[Certificate, ...]:
    """From the signer up to an anchor that may vouch for such a list.

    A master list makes other states' CSCAs anchors, so its own must be one that a person compared, or be linked to one:
    else any state on one list could add to what is trusted of all the others. The other lists speak of their own state.
    """
    vouching = {Tier.PINNED} if signed.content_type == MASTER_LIST else {Tier.PINNED, Tier.NATIONAL, Tier.ICAO}
    anchors = tuple(each for each in trust.anchors if trust.tier_of(each) in vouching)
    path = issuing_path(signer, replace(trust, anchors=anchors))
    if path:
        return path
    unfit = issuing_path(signer, trust)
    if unfit:
        raise UnsupportedError(Said("the CSCA of the list's signer is not pinned: {anchor}", anchor=str(unfit[-1])))
    template = "the list's signer has no trusted CSCA: {whom}"
    raise UnsupportedError(Said(template, whom=_whom_to_pin(signer, signed)))


def _check_purpose(signer: Certificate, content_type: str, path: tuple[Certificate, ...]) -> None:
    wanted = _PURPOSES.get(content_type)
    if wanted is None:
        raise UnsupportedError(Said("a list of the kind {oid}", oid=content_type))
    if signer in path:
        return  # signed by the CSCA itself: Germany's list of 2019
    if not wanted & signer.extended_key_usage:
        raise SignatureError("the signer's certificate is not for signing such lists")


def _check_times(signer: Certificate, signed_at: datetime | None, now: datetime) -> None:
    if signed_at is not None and signed_at > now:
        raise UnsupportedError("the list says that it was signed at a time to come")
    moment = signed_at or now
    if not signer.not_before <= moment <= signer.not_after:
        raise SignatureError("the list signer's certificate was not valid when the list was signed")


def parse_master_list(content: bytes) -> tuple[list[Certificate], list[Skipped]]:
    """The certificates of a CscaMasterList (§9.2), each once, and what of it could not be read."""
    parts = tlv.parse_one(content, tag=_SEQUENCE, name="master list").children()
    if [part.tag for part in parts[:2]] != [_INTEGER, _SET]:
        raise EncodingError("master list: version and certificates are not where they should be")
    found: dict[bytes, Certificate] = {}
    skipped = []
    for number, row in enumerate(parts[1].children(), 1):
        try:
            found.setdefault(row.raw, Certificate.parse(row.raw))
        except CardError as error:
            skipped.append(Skipped(f"certificate {number}", sentence_of(error)))
    return list(found.values()), skipped
