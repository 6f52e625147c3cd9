"""Passive authentication on chains built here. Each docstring draws the chain and says what is wrong with it.

CSCA (key 1) --signs--> document signer (key 50) --signs--> EF.SOD over EF.DG1, EF.DG2, EF.DG14
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from cryptography import x509

from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT, LDSSecurityObject, encode_lds_security_object, unwrap_sod
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.passive_authentication import PassiveAuthentication, passive_authentication
from cccd_nfc.pki.signed_data import CONTENT_TYPE
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import CheckName, Outcome, RemarkCode
from pki.issuing import (
    FILES,
    NOW,
    SIGNED_AT,
    Holder,
    attribute,
    content_of,
    crl,
    csca,
    digest_attribute,
    document_signer,
    key_usage,
    name,
    sod,
    year,
)

CSCA = csca()
SIGNER = document_signer(CSCA)
SOD = sod(SIGNER)

SIGNATURE, CHAIN = CheckName.SOD_SIGNATURE, CheckName.DOCUMENT_SIGNER_CHAIN
VALIDITY, REVOCATION, HASHES = CheckName.DOCUMENT_SIGNER_VALIDITY, CheckName.REVOCATION, CheckName.DATA_GROUP_HASHES


def judge(
    ef_sod: bytes = SOD,
    *anchors: Holder,
    files: Mapping[str, bytes] = FILES,
    crls: Sequence[CertificateRevocationList] = (),
    now: datetime = NOW,
) -> PassiveAuthentication:
    trust = TrustStore(tuple(anchor.parsed for anchor in anchors or (CSCA,)), tuple(crls))
    return passive_authentication({**files, "EF.SOD": ef_sod}, {}, trust, now)


def outcome(result: PassiveAuthentication, check: CheckName) -> Outcome:
    return next(each.outcome for each in result.checks if each.name == check)


def detail(result: PassiveAuthentication, check: CheckName) -> str:
    return next(each.detail for each in result.checks if each.name == check)


def remarks(result: PassiveAuthentication, check: CheckName) -> set[RemarkCode]:
    return {remark.code for each in result.checks if each.name == check for remark in each.remarks}


def test_a_sound_chain_passes_all_five_checks_and_vouches_for_each_file() -> None:
    """CSCA -> signer -> EF.SOD, with a fresh revocation list of the CSCA that does not list the signer."""
    result = judge(crls=[crl(CSCA)])
    assert [check.outcome for check in result.checks] == [Outcome.PASSED] * 5
    assert result.authentic == set(FILES)
    assert (result.signer, result.anchor) == (SIGNER.parsed, CSCA.parsed)


def test_nothing_is_vouched_for_without_a_trusted_csca() -> None:
    """(unknown) -> signer -> EF.SOD: the signature is right, whose it is cannot be told."""
    result = passive_authentication({**FILES, "EF.SOD": SOD}, {}, TrustStore.empty(), NOW)
    assert outcome(result, SIGNATURE) is outcome(result, HASHES) is Outcome.PASSED
    assert {outcome(result, each) for each in (CHAIN, VALIDITY, REVOCATION)} == {Outcome.INDETERMINATE}
    assert result.authentic == frozenset()


def test_no_check_passes_without_a_security_object() -> None:
    result = passive_authentication(FILES, {}, TrustStore((CSCA.parsed,)), NOW)
    assert Outcome.PASSED not in {check.outcome for check in result.checks}
    assert result.authentic == frozenset()


@pytest.mark.parametrize("broken", [b"", b"\x77\x00", b"\x77", SOD[:-1], SOD[1:], SOD.replace(b"\x30", b"\x31", 1)])
def test_a_broken_security_object_fails(broken: bytes) -> None:
    result = judge(broken)
    assert outcome(result, SIGNATURE) is Outcome.FAILED
    assert result.authentic == frozenset()


# --- the chain --------------------------------------------------------------------------------------------------------


def test_another_csca_of_the_same_name_is_no_anchor() -> None:
    """CSCA' (same name, key 2) is trusted; the signer is of CSCA (key 1). A renewal looks the same: cannot be told."""
    result = judge(SOD, csca(2))
    assert outcome(result, CHAIN) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()


def test_the_right_one_of_several_cscas_of_one_name_is_found() -> None:
    """CSCA', CSCA, CSCA'' carry one name; only the middle one signed."""
    result = judge(SOD, csca(2), CSCA, csca(3))
    assert outcome(result, CHAIN) is Outcome.PASSED
    assert result.anchor == CSCA.parsed


def test_a_csca_without_key_identifiers_is_found_by_name_and_signature() -> None:
    """CSCA (no SKI) -> signer (no AKI)."""
    anchor = csca(ski=b"", aki=b"")
    assert outcome(judge(sod(document_signer(anchor, aki=b"")), csca(2), anchor), CHAIN) is Outcome.PASSED


def test_a_signer_that_claims_the_trusted_csca_is_refused() -> None:
    """Forger (same name, key 9) -> signer whose AKI is that of the trusted CSCA: the trusted key disproves it."""
    forged = document_signer(csca(9), aki=CSCA.parsed.subject_key_identifier)
    result = judge(sod(forged))
    assert outcome(result, SIGNATURE) is Outcome.PASSED
    assert outcome(result, CHAIN) is Outcome.FAILED
    assert result.authentic == frozenset()


def test_a_self_issued_signer_proves_nothing() -> None:
    """signer (self-signed, by its own key) -> EF.SOD, under the CSCA's name."""
    lone = csca(9, usage=key_usage("digital_signature"), is_ca=None)
    result = judge(sod(lone))
    assert outcome(result, CHAIN) is not Outcome.PASSED
    assert result.authentic == frozenset()


def test_a_document_signer_in_the_trust_store_is_no_anchor() -> None:
    """The signer's own certificate was put among the anchors: only a CSCA vouches for a document."""
    result = judge(SOD, SIGNER)
    assert outcome(result, CHAIN) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()


PROFILE_BREACHES = {
    "a CA as document signer": lambda: (CSCA, document_signer(CSCA, is_ca=True)),
    "a signer's key that is not for signatures": lambda: (
        CSCA,
        document_signer(CSCA, usage=key_usage("key_agreement")),
    ),
    "another country than the CSCA's": lambda: (CSCA, document_signer(CSCA, subject=name("Document Signer", "XX"))),
    "a CSCA's key that is not for certificates": lambda: _under(csca(usage=key_usage("crl_sign"))),
}


def _under(anchor: Holder) -> tuple[Holder, Holder]:
    return anchor, document_signer(anchor)


@pytest.mark.parametrize("breach", PROFILE_BREACHES)
def test_certificates_that_break_the_profile_are_refused_though_signed(breach: str) -> None:
    """CSCA -> signer -> EF.SOD with right signatures throughout, and an extension that forbids the use."""
    anchor, signer = PROFILE_BREACHES[breach]()
    result = judge(sod(signer), anchor)
    assert outcome(result, SIGNATURE) is Outcome.PASSED
    assert outcome(result, CHAIN) is Outcome.FAILED
    assert result.authentic == frozenset()


# --- validity ---------------------------------------------------------------------------------------------------------


def validity(signer: Holder, anchor: Holder = CSCA, *, signed: datetime | None = SIGNED_AT) -> PassiveAuthentication:
    return judge(sod(signer, signing_time=signed), anchor)


def test_a_signer_expired_since_signing_passes_and_is_said() -> None:
    result = validity(document_signer(CSCA, years=(2021, 2024)))
    assert outcome(result, VALIDITY) is Outcome.PASSED
    assert RemarkCode.SIGNER_EXPIRED in remarks(result, VALIDITY)


def test_a_csca_expired_since_signing_passes_and_is_said() -> None:
    anchor = csca(years=(2019, 2024))
    result = validity(document_signer(anchor), anchor)
    assert outcome(result, VALIDITY) is Outcome.PASSED
    assert RemarkCode.CSCA_EXPIRED in remarks(result, VALIDITY)


@pytest.mark.parametrize(
    ("years", "signed"),
    [((2021, 2024), year(2025)), ((2022, 2031), SIGNED_AT), ((2027, 2031), year(2028)), ((2027, 2031), None)],
)
def test_a_signer_not_valid_at_signing_or_not_yet_valid_fails(years: tuple[int, int], signed: datetime | None) -> None:
    assert outcome(validity(document_signer(CSCA, years=years), signed=signed), VALIDITY) is Outcome.FAILED


def test_an_expired_signer_without_signing_time_cannot_be_judged() -> None:
    assert outcome(validity(document_signer(CSCA, years=(2021, 2024)), signed=None), VALIDITY) is Outcome.INDETERMINATE


# --- revocation -------------------------------------------------------------------------------------------------------


def revocation(*crls: CertificateRevocationList) -> Outcome:
    return outcome(judge(crls=crls), REVOCATION)


DELTA = x509.DeltaCRLIndicator(1)
PARTIAL = x509.IssuingDistributionPoint(
    [x509.UniformResourceIdentifier("http://crl.example/")], None, False, False, None, False, False
)

UNUSABLE = {
    "there is none": lambda: None,
    "of another country's CSCA": lambda: crl(csca(5, subject=name("CSCA Elsewhere", "XX"))),
    "by another key under the CSCA's name": lambda: crl(csca(9)),
    "out of date": lambda: crl(CSCA, next_update=NOW - timedelta(days=1)),
    "dated in the future": lambda: crl(CSCA, this_update=NOW + timedelta(days=1)),
    "of changes only": lambda: crl(CSCA, extra=[(DELTA, True)]),
    "of changes only, not marked critical": lambda: crl(CSCA, extra=[(DELTA, False)]),
    "of some certificates only": lambda: crl(CSCA, extra=[(PARTIAL, True)]),
}


@pytest.mark.parametrize("why", UNUSABLE)
def test_a_revocation_list_that_shows_nothing_leaves_the_question_open(why: str) -> None:
    """CSCA -> signer, and a list that is not there, not the CSCA's, not of this time, or not complete."""
    found = UNUSABLE[why]()
    assert revocation(*[found] if found else []) is Outcome.INDETERMINATE


def test_a_revoked_signer_fails_even_by_a_list_out_of_date() -> None:
    serial = SIGNER.parsed.serial
    assert revocation(crl(CSCA, 5, serial)) is Outcome.FAILED
    assert revocation(crl(CSCA, serial, next_update=NOW - timedelta(days=1))) is Outcome.FAILED


def test_a_forged_list_revokes_nobody() -> None:
    """A list under the CSCA's name by another key lists the signer: it may not fail a genuine document."""
    assert revocation(crl(csca(9), SIGNER.parsed.serial)) is Outcome.INDETERMINATE


# --- the signature on EF.SOD ------------------------------------------------------------------------------------------


def test_a_security_object_without_its_certificate_cannot_be_judged() -> None:
    result = judge(sod(SIGNER, certificates=[]))
    assert outcome(result, SIGNATURE) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()


def test_the_certificate_that_the_signer_names_is_chosen_among_others() -> None:
    others = [document_signer(CSCA, 60), SIGNER, CSCA]
    assert outcome(judge(sod(SIGNER, certificates=others)), SIGNATURE) is Outcome.PASSED


def test_an_unknown_digest_algorithm_cannot_be_judged() -> None:
    """MD5, which is not accepted on purpose."""
    result = judge(sod(SIGNER, digest_oid="1.2.840.113549.2.5"))
    assert outcome(result, SIGNATURE) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()


TYPE = attribute(CONTENT_TYPE, encode_oid(LDS_SECURITY_OBJECT))
DIGEST = digest_attribute(content_of(FILES))

WRONG_ATTRIBUTES = {
    "no attribute at all in the set": [],
    "no messageDigest": [TYPE],
    "no contentType": [DIGEST],
    "the digest of other content": [TYPE, digest_attribute(b"other")],
    "two digests, one of them right": [TYPE, DIGEST, digest_attribute(b"other")],
    "another contentType": [attribute(CONTENT_TYPE, encode_oid("1.2.3")), DIGEST],
    "two contentTypes": [TYPE, attribute(CONTENT_TYPE, encode_oid("1.2.3")), DIGEST],
}


@pytest.mark.parametrize("wrong", WRONG_ATTRIBUTES)
def test_rightly_signed_attributes_that_do_not_fit_the_content_are_refused(wrong: str) -> None:
    result = judge(sod(SIGNER, attributes=WRONG_ATTRIBUTES[wrong]))
    assert outcome(result, SIGNATURE) is Outcome.FAILED
    assert result.authentic == frozenset()


# --- the data groups --------------------------------------------------------------------------------------------------


def test_a_changed_data_group_fails_and_takes_the_others_with_it() -> None:
    result = judge(files={**FILES, "EF.DG2": b"\x75\x03twO"})
    assert outcome(result, HASHES) is Outcome.FAILED
    assert "EF.DG2" in detail(result, HASHES)
    assert result.authentic == frozenset()


def test_exchanged_data_groups_fail() -> None:
    swapped = {**FILES, "EF.DG1": FILES["EF.DG2"], "EF.DG2": FILES["EF.DG1"]}
    assert outcome(judge(files=swapped), HASHES) is Outcome.FAILED


def test_a_data_group_that_nobody_signed_is_named_and_not_vouched_for() -> None:
    """A clone adds an EF.DG15 with its own key: the rest stays authentic, that file does not become so."""
    result = judge(files={**FILES, "EF.DG15": b"\x6f\x04fake"})
    assert outcome(result, HASHES) is Outcome.INDETERMINATE
    assert "EF.DG15" in detail(result, HASHES)
    assert result.authentic == set(FILES)


def test_a_signed_data_group_that_was_not_read_is_said() -> None:
    result = judge(files={"EF.DG1": FILES["EF.DG1"]})
    assert outcome(result, HASHES) is Outcome.PASSED
    assert "EF.DG2" in detail(result, HASHES)
    assert result.authentic == {"EF.DG1"}


def test_hashes_of_no_file_at_all_pass_nothing() -> None:
    result = judge(files={})
    assert outcome(result, HASHES) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()


def test_a_truncated_hash_in_the_list_matches_nothing() -> None:
    """The list holds the first 20 bytes of SHA-256 of EF.DG1, rightly signed."""
    short = encode_lds_security_object(LDSSecurityObject(0, "sha256", {1: bytes(20)}))
    assert outcome(judge(sod(SIGNER, content=short)), HASHES) is Outcome.FAILED


# --- changed bits -----------------------------------------------------------------------------------------------------


def test_no_changed_bit_of_a_data_group_is_accepted() -> None:
    for file, raw in FILES.items():
        for bit in range(8 * len(raw)):
            changed = {**FILES, file: flip(raw, bit)}
            assert judge(files=changed).authentic == frozenset(), (file, bit)


def test_no_changed_bit_of_content_attributes_or_signature_is_accepted() -> None:
    """Every bit of the LDSSecurityObject, of the signed attributes and of the signature, one after another."""
    (signer_info,) = parse_signed_data(unwrap_sod(SOD)).signers
    assert judge().authentic
    for part in (content_of(FILES), TYPE, DIGEST, signer_info.signature):
        begin = SOD.index(part)
        for bit in range(8 * begin, 8 * (begin + len(part))):
            assert judge(flip(SOD, bit)).authentic == frozenset(), bit


def flip(raw: bytes, bit: int) -> bytes:
    changed = bytearray(raw)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)
