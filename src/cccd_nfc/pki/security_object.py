"""EF.SOD and EF.CardSecurity: who signed, and whether the signature is right (ICAO 9303-10 §4.6.2, 9303-11 §5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from cccd_nfc.crypto.signatures import SignatureScheme
from cccd_nfc.crypto.strength import weaknesses
from cccd_nfc.errors import CardError, SignatureError, UnsupportedError
from cccd_nfc.lds.files import EF_CARD_SECURITY, EF_SOD
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT, unwrap_sod
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.findings import Finding, failed, passed, remark, remark_weak, unknown
from cccd_nfc.pki.signed_data import SignedData, SignerInfo
from cccd_nfc.pki.trust_store import TrustStore, of_state
from cccd_nfc.report import Remark, RemarkCode
from cccd_nfc.sentences import Said, sentence_of

SECURITY_INFOS = "0.4.0.127.0.7.3.2.1"
"""id-SecurityObject of BSI TR-03110, which EF.CardSecurity encloses."""

_ID_DATA = "1.2.840.113549.1.7.1"
_SOD_TYPES = frozenset({LDS_SECURITY_OBJECT, _ID_DATA})
"""What EF.SOD encloses: the LDSSecurityObject, which old documents call id-data."""


def parse_sod(raw: bytes) -> SignedData:
    """The SignedData of EF.SOD; EncodingError for broken bytes, UnsupportedError for content of another kind."""
    return _of_type(parse_signed_data(unwrap_sod(raw)), _SOD_TYPES, EF_SOD.name)


def parse_card_security(raw: bytes) -> SignedData:
    """The SignedData of EF.CardSecurity, whose content are SecurityInfos; errors as those of `parse_sod`."""
    return _of_type(parse_signed_data(raw), frozenset({SECURITY_INFOS}), EF_CARD_SECURITY.name)


def _of_type(signed: SignedData, types: frozenset[str], name: str) -> SignedData:
    if signed.content_type not in types:
        raise UnsupportedError(Said("{name}: signed content of the kind {oid}", name=name, oid=signed.content_type))
    return signed


class Signature(NamedTuple):
    """finding: what `sod-signature` says.  signer_info, signer: who signed; None when nobody known did."""

    finding: Finding
    signer_info: SignerInfo | None = None
    signer: Certificate | None = None


def check_signature(signed: SignedData, trust: TrustStore) -> Signature:
    """Of several signers one with a right signature suffices; a wrong one among them is a failure all the same."""
    if not signed.signers:
        return Signature(failed(Said("the security object is not signed")))
    found: Signature | None = None
    problem: Signature | None = None
    for signer_info in signed.signers:
        judged = _judge(signed, signer_info, trust)
        if judged.finding.outcome == "failed":
            return judged
        if judged.signer is not None:
            found = found or judged
        else:
            problem = problem or judged
    return found or problem or Signature(unknown(Said("the security object has no signer that is known")))


def _judge(signed: SignedData, signer_info: SignerInfo, trust: TrustStore) -> Signature:
    """What one SignerInfo shows. Only the certificate that it names can disprove it."""
    certificate, remarks = _certificate_of(signer_info, signed, trust)
    if certificate is None:
        return Signature(unknown(Said("the document signer's certificate is not in the security object")))
    try:
        scheme, agreed = signed.verify_signer(signer_info, certificate.public_key)
    except SignatureError as error:
        if signer_info.names(certificate):
            facts = {"signer": certificate}
            return Signature(failed(sentence_of(error), facts), signer_info, certificate)
        return Signature(unknown(Said("the certificate that is there is not the one that its signer names")))
    except CardError as error:
        return Signature(unknown(sentence_of(error)))
    if not agreed:
        text = "the signer states {stated}, and signs with {used}"
        stated = signer_info.scheme.description
        remarks.append(remark(RemarkCode.OTHER_ALGORITHM, text, stated=stated, used=scheme.description))
    if signed.envelope_is_odd(signer_info):
        remarks.append(remark(RemarkCode.ENVELOPE, "what lies around the signature is not as RFC 5652 has it"))
    finding = _right(certificate, scheme)
    return Signature(finding.with_remarks(*remarks) if remarks else finding, signer_info, certificate)


@lru_cache(maxsize=1024)
def _right(certificate: Certificate, scheme: SignatureScheme) -> Finding:
    """What a right signature of this signer shows; the same for all its documents."""
    key = certificate.public_key
    remarks = [remark_weak(weak) for weak in weaknesses(scheme, key)]
    return passed(
        Said("{scheme}, {key}", scheme=scheme.description, key=key.description), remarks, {"signer": certificate}
    )


def _certificate_of(
    signer: SignerInfo, signed: SignedData, trust: TrustStore
) -> tuple[Certificate | None, list[Remark]]:
    """The certificate to verify with: the one that is stated, unless a list of its state has replaced it."""
    certificate, remarks = _stated_certificate(signer, signed, trust)
    replacement = _replacement(signer, certificate, trust) if trust.defect_lists else None
    if replacement is None:
        return certificate, remarks
    text = "the signer's certificate is malformed, and was replaced by the one in a defect list of its state"
    return replacement, [remark(RemarkCode.KNOWN_DEFECT, text)]


def _stated_certificate(
    signer: SignerInfo, signed: SignedData, trust: TrustStore
) -> tuple[Certificate | None, list[Remark]]:
    """By name and serial, or key identifier; else the only one there: some issuers spell themselves differently.

    Where the security object brings none, a document signer that the trust store happens to hold is taken.
    """
    for certificate in signed.certificates:
        if signer.names_to_the_byte(certificate):
            return certificate, []
    spelled_otherwise = [each for each in signed.certificates if signer.names(each)]
    if spelled_otherwise or len(signed.certificates) == 1:
        text = "the signer is named otherwise than its certificate"
        return (spelled_otherwise or signed.certificates)[0], [remark(RemarkCode.OTHER_SIGNER_NAME, text)]
    for certificate in trust.signers:
        if signer.names(certificate):
            text = "the signer's certificate is not in the security object, and came from the trust store"
            return certificate, [remark(RemarkCode.SIGNER_FROM_STORE, text)]
    return None, []


def _replacement(signer: SignerInfo, certificate: Certificate | None, trust: TrustStore) -> Certificate | None:
    """What a defect list puts in the place of `certificate`, or of one so malformed that it could not be read.

    A state speaks of its own signers only. The replacement is believed no more than what it replaces: its chain to a
    trusted CSCA decides (BSI TR-03129-2 ch. 7).
    """
    if certificate is not None:
        found = (each.replacement_of(certificate) for each in of_state(trust.defect_lists, certificate.country))
        return next((each for each in found if each is not None), None)
    given = ((listed.country, each) for listed in trust.defect_lists for each in listed.content.replacements)
    return next((each for country, each in given if each.country == country and signer.names(each)), None)
