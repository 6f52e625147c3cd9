"""What lists of faulty documents make of a report: a fault explains, warns or convicts, and lets nothing pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest

from cccd_nfc.errors import NotVerifiedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.known_faults import DEFECTS, DEVIATIONS, apply_known_faults
from cccd_nfc.inspection.policy import FIELD, STRICT, Policy
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.defect_list import Defect, DefectList, DefectType, KnownDefect
from cccd_nfc.pki.deviation_list import Deviation, DeviationDescription, DeviationList, DeviationType
from cccd_nfc.pki.document_criteria import DeviationDocuments, DocumentFacts
from cccd_nfc.pki.security_object import parse_sod
from cccd_nfc.pki.signer_reference import SignerReference
from cccd_nfc.pki.trust_store import StateList, TrustStore
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import Check, CheckName, InspectionReport, Outcome, RemarkCode
from cccd_nfc.sentences import Said
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import CCCD, Choices, personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from pki.issuing import csca, document_signer, name

SIGNER = document_signer(csca()).parsed
FACTS = DocumentFacts(SIGNER, "P", "X1234567", date(2022, 5, 17))
FAILED, PASSED, INDETERMINATE = Outcome.FAILED, Outcome.PASSED, Outcome.INDETERMINATE
DEVIATION, DEFECT = RemarkCode.KNOWN_DEVIATION, RemarkCode.KNOWN_DEFECT

EXPLAINS = {FAILED: INDETERMINATE}
WARNS = {PASSED: INDETERMINATE}
CONVICTS = {PASSED: FAILED, INDETERMINATE: FAILED}
SAYS: dict[Outcome, Outcome] = {}

CHAIN, HASHES, CONSISTENCY = (
    CheckName.DOCUMENT_SIGNER_CHAIN,
    CheckName.DATA_GROUP_HASHES,
    CheckName.IDENTITY_CONSISTENCY,
)
EXPECTED_OF_DEVIATIONS: Mapping[str, tuple[CheckName, Mapping[Outcome, Outcome]]] = {
    DeviationType.DS_SIGNATURE: (CHAIN, EXPLAINS),
    DeviationType.DS_ENCODING: (CHAIN, EXPLAINS),
    DeviationType.CSCA_ENCODING: (CHAIN, EXPLAINS),
    DeviationType.AA_KEY_COMPROMISED: (CheckName.ACTIVE_AUTHENTICATION, WARNS),
    DeviationType.DG_MALFORMED: (CONSISTENCY, EXPLAINS),
    DeviationType.DG_HASH_WRONG: (HASHES, EXPLAINS),
    DeviationType.SOD_SIGNATURE_WRONG: (CheckName.SOD_SIGNATURE, EXPLAINS),
    DeviationType.COM_INCONSISTENT: (HASHES, SAYS),
    DeviationType.MRZ_WRONG_DATA: (CONSISTENCY, EXPLAINS),
    DeviationType.MRZ_WRONG_CHECK_DIGIT: (CONSISTENCY, EXPLAINS),
    DeviationType.CHIP: (CheckName.ACCESS_CONTROL, SAYS),
    DeviationType.NATIONAL_USE: (HASHES, SAYS),
    "2.23.136.1.1.7.9": (HASHES, SAYS),
}
EXPECTED_OF_DEFECTS: Mapping[str, tuple[CheckName, Mapping[Outcome, Outcome]]] = {
    DefectType.CERT_REVOKED: (CheckName.REVOCATION, CONVICTS),
    DefectType.CERT_REPLACED: (CHAIN, SAYS),
    DefectType.CHIP_AUTH_KEY_REVOKED: (CheckName.CHIP_AUTHENTICATION, WARNS),
    DefectType.ACTIVE_AUTH_KEY_REVOKED: (CheckName.ACTIVE_AUTHENTICATION, WARNS),
    DefectType.EPASSPORT_DG_MALFORMED: (CONSISTENCY, EXPLAINS),
    DefectType.SOD_INVALID: (CheckName.SOD_SIGNATURE, EXPLAINS),
    DefectType.EID_DG_MALFORMED: (HASHES, SAYS),
    DefectType.EID_INTEGRITY: (HASHES, SAYS),
    DefectType.CARD_SECURITY_MALFORMED: (CheckName.CARD_ACCESS_AUTHENTICITY, SAYS),
    DefectType.CHIP_SECURITY_MALFORMED: (HASHES, SAYS),
    DefectType.POWER_DOWN_REQ: (HASHES, SAYS),
    "0.4.0.127.0.7.3.1.5.9": (HASHES, SAYS),
}


def deviations(kind: str, country: str = "UT", **criteria: Any) -> TrustStore:
    deviation = Deviation(DeviationDocuments(**criteria), (DeviationDescription(kind),))
    listed = DeviationList(deviations=(deviation,))
    return TrustStore(deviation_lists=(StateList(country, b"", listed),))


def defects(kind: str, country: str = "UT", signer: Certificate = SIGNER, parameters: bytes = b"") -> TrustStore:
    reference = SignerReference(signer.issuer, signer.serial)
    listed = DefectList(defects=(Defect(reference, (KnownDefect(kind, parameters),)),))
    return TrustStore(defect_lists=(StateList(country, b"", listed),))


def checks(outcome: Outcome) -> tuple[Check, ...]:
    return tuple(Check(name, outcome, Said("so it is"), "a clause") for name in CheckName)


def applied(outcome: Outcome, trust: TrustStore, facts: DocumentFacts = FACTS) -> dict[CheckName, Check]:
    return {check.name: check for check in apply_known_faults(checks(outcome), facts, trust)}


# --- every row of the tables ----------------------------------------------------------------------------------------

Listing = Callable[[str], TrustStore]
Row = tuple[Listing, RemarkCode, str, CheckName, Mapping[Outcome, Outcome]]

ROWS: list[Row] = [(deviations, DEVIATION, kind, *row) for kind, row in EXPECTED_OF_DEVIATIONS.items()]
ROWS += [(defects, DEFECT, kind, *row) for kind, row in EXPECTED_OF_DEFECTS.items()]


@pytest.mark.parametrize("before", Outcome)
@pytest.mark.parametrize(("listing", "code", "kind", "at", "becomes"), ROWS, ids=[str(row[2]) for row in ROWS])
def test_a_fault_changes_its_check_as_its_type_wants_and_is_said_there(
    listing: Listing, code: RemarkCode, kind: str, at: CheckName, becomes: Mapping[Outcome, Outcome], before: Outcome
) -> None:
    after = applied(before, listing(kind))
    assert after[at].outcome is becomes.get(before, before)
    assert [remark.code for remark in after[at].remarks] == [code]
    said = str(after[at].remarks[0].text)
    assert after[at].detail == (f"so it is; but {said}" if before in becomes else "so it is")
    untouched = [check for check in checks(before) if check.name is not at]
    assert [after[check.name] for check in untouched] == untouched


def test_no_row_is_missing_here_and_none_makes_anything_pass() -> None:
    assert DEVIATIONS.keys() <= EXPECTED_OF_DEVIATIONS.keys() >= set(DeviationType)
    assert DEFECTS.keys() <= EXPECTED_OF_DEFECTS.keys() >= set(DefectType)
    for _, becomes in (*DEVIATIONS.values(), *DEFECTS.values()):
        assert PASSED not in becomes.values()
        assert Outcome.NOT_PERFORMED not in becomes


def test_several_faults_of_one_check_are_all_said_and_none_undoes_another() -> None:
    """Two lists warn of the same key, and a third revokes the signer."""
    warned, revoked = defects(DefectType.ACTIVE_AUTH_KEY_REVOKED), defects(DefectType.CERT_REVOKED)
    both = replace(
        deviations(DeviationType.AA_KEY_COMPROMISED), defect_lists=(*warned.defect_lists, *revoked.defect_lists)
    )
    after = applied(PASSED, both)
    aa = after[CheckName.ACTIVE_AUTHENTICATION]
    assert (aa.outcome, [remark.code for remark in aa.remarks]) == (INDETERMINATE, [DEVIATION, DEFECT])
    assert after[CheckName.REVOCATION].outcome is FAILED


def test_what_the_state_writes_is_said_with_the_data_group_that_it_means() -> None:
    described = DeviationDescription(DeviationType.DG_HASH_WRONG, "first series {0}", b"\x02\x01\x02")
    listed = DeviationList(deviations=(Deviation(DeviationDocuments(), (described,)),))
    after = applied(FAILED, TrustStore(deviation_lists=(StateList("UT", b"", listed),)))
    assert "the hash of a data group is wrong EF.DG2 first series {0}" in after[HASHES].detail


# --- whose documents a list speaks of -------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["XX", "", "ut"])
def test_the_list_of_another_country_does_nothing(country: str) -> None:
    for kind in DeviationType:
        assert tuple(applied(FAILED, deviations(kind, country)).values()) == checks(FAILED)
    for defect in DefectType:
        assert tuple(applied(PASSED, defects(defect, country)).values()) == checks(PASSED)


@pytest.mark.parametrize("country", ["UT", ""])
def test_no_list_speaks_of_a_document_whose_signer_is_not_known(country: str) -> None:
    """Nor does one that came without its country: two unknown states are not the same state."""
    unsigned = replace(FACTS, signer=None)
    trust = replace(
        deviations(DeviationType.SOD_SIGNATURE_WRONG, country),
        defect_lists=defects(DefectType.SOD_INVALID, country).defect_lists,
    )
    assert tuple(applied(FAILED, trust, unsigned).values()) == checks(FAILED)


def test_no_list_speaks_of_the_documents_of_a_signer_without_a_country() -> None:
    stateless = document_signer(csca(subject=name("CSCA", "")), subject=name("Signer", "")).parsed
    assert stateless.country == ""
    facts = replace(FACTS, signer=stateless)
    assert tuple(applied(FAILED, deviations(DeviationType.DG_HASH_WRONG, ""), facts).values()) == checks(FAILED)
    revoked = defects(DefectType.CERT_REVOKED, "", stateless)
    assert tuple(applied(PASSED, revoked, facts).values()) == checks(PASSED)


@pytest.mark.parametrize(
    "criteria",
    [
        {"document_type": "V"},
        {"document_numbers": frozenset({"X7654321"})},
        {"signer": SignerReference(SIGNER.issuer, SIGNER.serial + 1)},
        {"document_type": "P", "document_numbers": frozenset()},
    ],
)
def test_a_document_that_a_criterion_leaves_out_is_untouched(criteria: dict[str, Any]) -> None:
    trust = deviations(DeviationType.DG_HASH_WRONG, **criteria)
    assert tuple(applied(FAILED, trust).values()) == checks(FAILED)


def test_the_defects_of_another_signer_are_not_this_ones() -> None:
    other = document_signer(csca(), 51).parsed
    assert tuple(applied(PASSED, defects(DefectType.CERT_REVOKED, signer=other)).values()) == checks(PASSED)


# --- policies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trust", [deviations(DeviationType.CHIP), defects(DefectType.POWER_DOWN_REQ)])
def test_a_fault_that_changes_no_check_stops_the_strict_policy_and_not_that_of_the_field(trust: TrustStore) -> None:
    after = tuple(applied(PASSED, trust).values())
    assert {check.outcome for check in after} == {PASSED}
    assert FIELD.verdict(after) is PASSED
    assert STRICT.verdict(after) is INDETERMINATE


# --- the whole way, with a simulated card ---------------------------------------------------------------------------

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


@cache
def card_of(choices: Choices = CCCD) -> CardData:
    return personalise("cccd-2021", seed=1, today=NOW.date(), choices=choices)


def read_card(card: CardData) -> Evidence:
    chip = SimulatedTransport(Chip(card, SeededBytes(7, "chip")))
    request = Request(Password.can(card.secrets.can), bytes(range(8)))
    return read(request, chip, random_bytes=SeededBytes(8, "terminal"), now=NOW)


def signer_of(card: CardData) -> Certificate:
    return parse_sod(card.files["EF.SOD"]).certificates[0]


def inspect(card: CardData, lists: TrustStore, policy: Policy = FIELD) -> InspectionReport:
    """The report on `card` by a store that trusts its CSCA, and holds `lists` besides."""
    anchor = Certificate.parse(card.trust["csca.cer"])
    crl = CertificateRevocationList.parse(card.trust["csca.crl"])
    return verify(read_card(card), replace(lists, anchors=(anchor,), crls=(crl,)), policy, now=NOW)


def of_vietnam(kind: str, card: CardData) -> TrustStore:
    return defects(kind, "VN", signer_of(card))


def refused(report: InspectionReport) -> bool:
    try:
        report.verified_identity()
    except NotVerifiedError:
        return True
    return False


def with_other_portrait(card: CardData) -> CardData:
    """The card with one bit of EF.DG2 changed since it was signed."""
    raw = card.files["EF.DG2"]
    changed = raw[:5000] + bytes((raw[5000] ^ 1,)) + raw[5001:]
    return replace(card, files={**card.files, "EF.DG2": changed})


def test_a_data_group_whose_wrong_hash_is_known_is_neither_disproved_nor_shown_and_gives_no_identity() -> None:
    changed = with_other_portrait(card_of())
    assert inspect(changed, TrustStore()).verdict is FAILED
    report = inspect(changed, deviations(DeviationType.DG_HASH_WRONG, "VN"))
    assert report.check(HASHES).outcome is report.verdict is INDETERMINATE
    assert "changed since they were signed: EF.DG2; but the issuing state has said" in report.check(HASHES).detail
    assert [remark.code for remark in report.check(HASHES).remarks] == [DEVIATION]
    assert report.identity is None
    assert refused(report)


def test_the_list_of_another_state_does_not_excuse_a_changed_data_group() -> None:
    report = inspect(with_other_portrait(card_of()), deviations(DeviationType.DG_HASH_WRONG, "UT"))
    assert report.verdict is FAILED


def test_a_deviation_of_other_documents_does_not_excuse_a_changed_data_group() -> None:
    trust = deviations(DeviationType.DG_HASH_WRONG, "VN", document_numbers=frozenset({"000000000"}))
    assert inspect(with_other_portrait(card_of()), trust).verdict is FAILED


def test_a_signer_that_a_defect_list_revokes_is_revoked_whatever_the_crl_says() -> None:
    report = inspect(card_of(), of_vietnam(DefectType.CERT_REVOKED, card_of()))
    assert report.check(CheckName.REVOCATION).outcome is report.verdict is FAILED
    assert refused(report)


@pytest.mark.parametrize("by", ["deviation list", "defect list"])
def test_a_chip_whose_only_proof_is_by_a_compromised_key_proves_nothing(by: str) -> None:
    card = card_of(Choices(ca_protocol=None))
    assert inspect(card, TrustStore()).verified_identity().grade == "B"
    warning = deviations(DeviationType.AA_KEY_COMPROMISED, "VN")
    if by == "defect list":
        warning = of_vietnam(DefectType.ACTIVE_AUTH_KEY_REVOKED, card)
    report = inspect(card, warning)
    assert report.check(CheckName.ACTIVE_AUTHENTICATION).outcome is report.verdict is INDETERMINATE
    assert report.identity is not None
    assert refused(report)


def test_chip_authentication_still_proves_a_chip_whose_other_key_is_compromised() -> None:
    """The two keys are independent, and a copy made with the one that leaked lacks the other: grade C, not B."""
    report = inspect(card_of(), deviations(DeviationType.AA_KEY_COMPROMISED, "VN"))
    assert report.check(CheckName.ACTIVE_AUTHENTICATION).outcome is INDETERMINATE
    assert report.verdict is PASSED
    assert report.verified_identity().grade == "C"
    assert inspect(card_of(), deviations(DeviationType.AA_KEY_COMPROMISED, "VN"), STRICT).verdict is INDETERMINATE


def test_active_authentication_still_proves_a_chip_whose_other_key_is_compromised() -> None:
    report = inspect(card_of(), of_vietnam(DefectType.CHIP_AUTH_KEY_REVOKED, card_of()))
    assert report.check(CheckName.CHIP_AUTHENTICATION).outcome is INDETERMINATE
    assert report.verified_identity().grade == "B"


def test_a_copy_made_with_the_compromised_key_does_not_pass() -> None:
    """The copy has EF.SOD, all files and the private key of active authentication; that of EF.DG14 it lacks."""
    card = card_of()
    copy = replace(card, keys=replace(card.keys, chip_authentication=None))
    report = inspect(copy, deviations(DeviationType.AA_KEY_COMPROMISED, "VN"))
    assert report.verdict is not PASSED
    hidden = replace(copy, files={name: raw for name, raw in card.files.items() if name != "EF.DG14"})
    assert inspect(hidden, deviations(DeviationType.AA_KEY_COMPROMISED, "VN")).verdict is not PASSED


@pytest.mark.parametrize("by", ["deviation list", "defect list"])
def test_a_genuine_card_with_a_known_oddity_passes_in_the_field_and_not_strictly(by: str) -> None:
    trust = deviations(DeviationType.CHIP, "VN")
    if by == "defect list":
        trust = of_vietnam(DefectType.POWER_DOWN_REQ, card_of())
    assert inspect(card_of(), trust).verdict is PASSED
    assert inspect(card_of(), TrustStore(), STRICT).verdict is PASSED
    assert inspect(card_of(), trust, STRICT).verdict is INDETERMINATE


# --- a signer's certificate that was replaced -----------------------------------------------------------------------


def with_malformed_signer(card: CardData) -> tuple[CardData, TrustStore]:
    """The card with a signer's certificate whose key is broken, and the defect list that has the right one."""
    right = signer_of(card)
    spki = right.subject_public_key_info
    malformed = Certificate.parse(right.raw.replace(spki, spki[:-8] + bytes(8)))
    ef_sod = card.files["EF.SOD"].replace(right.raw, malformed.raw)
    reference = SignerReference(malformed.issuer, malformed.serial, digest=bytes.fromhex(malformed.fingerprint))
    known = (KnownDefect(DefectType.CERT_REPLACED, right.raw),)
    trust = TrustStore(defect_lists=(StateList("VN", b"", DefectList(defects=(Defect(reference, known),))),))
    return replace(card, files={**card.files, "EF.SOD": ef_sod}), trust


def test_a_card_with_a_malformed_signer_passes_by_the_replacement_and_says_so() -> None:
    card, trust = with_malformed_signer(card_of())
    assert inspect(card, TrustStore()).verdict is not PASSED
    report = inspect(card, trust)
    assert report.verdict is PASSED
    assert "replaced" in report.check(CheckName.SOD_SIGNATURE).remarks[0].text
    assert [remark.code for remark in report.check(CHAIN).remarks if remark.code is DEFECT] == [DEFECT]
    assert inspect(card, trust, STRICT).verdict is INDETERMINATE


def test_what_else_is_known_of_a_replaced_signer_holds_whichever_certificate_the_chip_brings() -> None:
    """Nobody signs the certificate in EF.SOD: a copy could bring the replacement to shake off the defects."""
    card, trust = with_malformed_signer(card_of())
    (listed,) = trust.defect_lists
    (defect,) = listed.content.defects
    revoked = Defect(defect.signer, (KnownDefect(DefectType.CERT_REVOKED),))
    both = TrustStore(defect_lists=(replace(listed, content=DefectList(defects=(defect, revoked))),))
    for brought in (card, card_of()):
        assert inspect(brought, both).check(CheckName.REVOCATION).outcome is FAILED
