"""Signed lists of the invented state of `issuing`: master lists, deviation and defect lists, as a test wants them."""

from __future__ import annotations

from typing import Any

from cryptography import x509

from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.sod import unwrap_sod
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import MASTER_LIST_SIGNER
from cccd_nfc.pki.defect_list import Defect, DefectList, DefectType, KnownDefect, encode_defect_list
from cccd_nfc.pki.deviation_encoding import encode_deviation_list
from cccd_nfc.pki.deviation_list import Deviation, DeviationDescription, DeviationList, DeviationType
from cccd_nfc.pki.document_criteria import DeviationDocuments
from cccd_nfc.pki.signed_lists import MASTER_LIST
from cccd_nfc.pki.signer_reference import SignerReference
from cccd_nfc.pki.trust_store import Tier, TrustStore
from pki.issuing import Holder, document_signer, name, sod

CHIP_IS_ODD = DeviationDescription(DeviationType.CHIP, "it answers late")
DEVIATIONS = encode_deviation_list(DeviationList(deviations=(Deviation(DeviationDocuments(), (CHIP_IS_ODD,)),)))
DEFECTS = encode_defect_list(
    DefectList(defects=(Defect(SignerReference(key_identifier=b"\x01"), (KnownDefect(DefectType.CERT_REVOKED),)),))
)


def list_signer(issuer: Holder, number: int = 60, *, purpose: str = MASTER_LIST_SIGNER, **options: Any) -> Holder:
    """A signer of lists. purpose: its extended key usage, or nothing."""
    extra = [(x509.ExtendedKeyUsage([x509.ObjectIdentifier(purpose)]), True)] if purpose else []
    return document_signer(issuer, number, **{"subject": name("List Signer"), "extra": extra, **options})


def master_list_content(*rows: bytes) -> bytes:
    """A CscaMasterList whose rows are as given, which a SET OF in DER need not be."""
    return tlv.encode(0x30, b"\x02\x01\x00", tlv.encode(0x31, *rows))


def listed(*holders: Holder) -> bytes:
    return master_list_content(*(holder.parsed.raw for holder in holders))


def signed_list(signer: Holder, content: bytes, content_type: str = MASTER_LIST, **options: Any) -> bytes:
    """The list as CMS, in DER; options: those of `issuing.sod`."""
    return unwrap_sod(sod(signer, content=content, content_type=content_type, **options))


def trusting(*holders: Holder, tier: Tier = Tier.PINNED, **more: Any) -> TrustStore:
    """A store of these anchors, all of one tier."""
    anchors: tuple[Certificate, ...] = tuple(holder.parsed for holder in holders)
    tiers = {} if tier is Tier.PINNED else {anchor.fingerprint: tier for anchor in anchors}
    return TrustStore(anchors, tiers=tiers, **more)
