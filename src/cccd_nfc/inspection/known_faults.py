"""What issuing states have said of faulty documents, applied to a report (ICAO 9303-12 §10; BSI TR-03129-2 ch. 7).

A state's list speaks of its own documents only. What it explains is no longer disproved, and not shown either: a failed
check becomes indeterminate, and says why. What it warns of, a compromised key, is no longer shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cccd_nfc.pki.defect_list import DefectType
from cccd_nfc.pki.deviation_list import DeviationType
from cccd_nfc.pki.document_criteria import DocumentFacts
from cccd_nfc.pki.trust_store import TrustStore, of_state
from cccd_nfc.report import Check, CheckName, Outcome, Remark, RemarkCode
from cccd_nfc.sentences import Said, joined


@dataclass(frozen=True, slots=True)
class Fault:
    """check: which it concerns.  becomes: what turns into what when it holds; an outcome not named stays."""

    check: CheckName
    becomes: Mapping[Outcome, Outcome]
    remark: Remark


_EXPLAINS = {Outcome.FAILED: Outcome.INDETERMINATE}
_WARNS = {Outcome.PASSED: Outcome.INDETERMINATE}
_CONVICTS = {Outcome.PASSED: Outcome.FAILED, Outcome.INDETERMINATE: Outcome.FAILED}
_SAYS: Mapping[Outcome, Outcome] = {}

_Effect = tuple[CheckName, Mapping[Outcome, Outcome]]

DEVIATIONS: Mapping[str, _Effect] = {
    DeviationType.DS_SIGNATURE: (CheckName.DOCUMENT_SIGNER_CHAIN, _EXPLAINS),
    DeviationType.DS_ENCODING: (CheckName.DOCUMENT_SIGNER_CHAIN, _EXPLAINS),
    DeviationType.CSCA_ENCODING: (CheckName.DOCUMENT_SIGNER_CHAIN, _EXPLAINS),
    DeviationType.AA_KEY_COMPROMISED: (CheckName.ACTIVE_AUTHENTICATION, _WARNS),
    DeviationType.DG_MALFORMED: (CheckName.IDENTITY_CONSISTENCY, _EXPLAINS),
    DeviationType.DG_HASH_WRONG: (CheckName.DATA_GROUP_HASHES, _EXPLAINS),
    DeviationType.SOD_SIGNATURE_WRONG: (CheckName.SOD_SIGNATURE, _EXPLAINS),
    DeviationType.COM_INCONSISTENT: (CheckName.DATA_GROUP_HASHES, _SAYS),
    DeviationType.MRZ_WRONG_DATA: (CheckName.IDENTITY_CONSISTENCY, _EXPLAINS),
    DeviationType.MRZ_WRONG_CHECK_DIGIT: (CheckName.IDENTITY_CONSISTENCY, _EXPLAINS),
    DeviationType.CHIP: (CheckName.ACCESS_CONTROL, _SAYS),
}

DEFECTS: Mapping[str, _Effect] = {
    DefectType.CERT_REVOKED: (CheckName.REVOCATION, _CONVICTS),
    DefectType.CERT_REPLACED: (CheckName.DOCUMENT_SIGNER_CHAIN, _SAYS),
    DefectType.CHIP_AUTH_KEY_REVOKED: (CheckName.CHIP_AUTHENTICATION, _WARNS),
    DefectType.ACTIVE_AUTH_KEY_REVOKED: (CheckName.ACTIVE_AUTHENTICATION, _WARNS),
    DefectType.EPASSPORT_DG_MALFORMED: (CheckName.IDENTITY_CONSISTENCY, _EXPLAINS),
    DefectType.SOD_INVALID: (CheckName.SOD_SIGNATURE, _EXPLAINS),
    DefectType.CARD_SECURITY_MALFORMED: (CheckName.CARD_ACCESS_AUTHENTICITY, _SAYS),
}


_OTHER: _Effect = (CheckName.DATA_GROUP_HASHES, _SAYS)
"""Of a type that is not known, or says nothing of a check: it is said where the document's data are judged."""


def apply_known_faults(checks: tuple[Check, ...], facts: DocumentFacts, trust: TrustStore) -> tuple[Check, ...]:
    """The checks with what the trust store's lists say of the document that `facts` describe."""
    faults = list(_faults(facts, trust))
    return tuple(_applied(check, [fault for fault in faults if fault.check == check.name]) for check in checks)


def _faults(facts: DocumentFacts, trust: TrustStore) -> Iterator[Fault]:
    if facts.signer is None:
        return  # whose document it is, and so whose list speaks of it, is not known
    for deviations in of_state(trust.deviation_lists, facts.signer.country):
        for described in deviations.descriptions_for(facts):
            name, becomes = DEVIATIONS.get(described.deviation_type, _OTHER)
            stated = (described.label, described.concerns, Said("{text}", text=described.description))
            what = joined((part for part in stated if part), " ")
            said = Said("the issuing state has said of such documents: {what}", what=what)
            yield Fault(name, becomes, Remark(RemarkCode.KNOWN_DEVIATION, said))
    for defects in of_state(trust.defect_lists, facts.signer.country):
        for defect in defects.defects_of(facts.signer):
            name, becomes = DEFECTS.get(defect.defect_type, _OTHER)
            said = Said("the issuing state has said of this signer's documents: {what}", what=defect.label)
            yield Fault(name, becomes, Remark(RemarkCode.KNOWN_DEFECT, said))


def _applied(check: Check, faults: list[Fault]) -> Check:
    for fault in faults:
        outcome = fault.becomes.get(check.outcome, check.outcome)
        detail = check.detail
        if outcome is not check.outcome:
            detail = Said("{before}; but {why}", before=check.detail, why=fault.remark.text)
        check = check._replace(outcome=outcome, detail=detail, remarks=(*check.remarks, fault.remark))
    return check
