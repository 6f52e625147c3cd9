"""Certificates, lists and security objects as states and projects published them, against an independent recomputation.

`expected.json` lies beside the data. Where it and OpenSSL differ, the test says which is right.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import CccdError, SignatureError
from cccd_nfc.lds.files import EF_SOD
from cccd_nfc.lds.sod import unwrap_sod
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import find_chain, issuing_path
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.ldif import read_ldif
from cccd_nfc.pki.passive_authentication import PassiveAuthentication, passive_authentication
from cccd_nfc.pki.profile import Role, deviations
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.signed_lists import parse_master_list
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import CheckName, Outcome, RemarkCode

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PKD = "pkd/icaopkd-003-nonconformant-open.ldif"


@pytest.fixture(scope="module")
def expected(realdata: Path) -> Any:
    return json.loads((realdata / "expected.json").read_text())


@pytest.fixture(scope="module")
def every_state(realdata: Path) -> TrustStore:
    """All CSCA certificates of all lists, as if somebody had compared them: 594 anchors and 283 links."""
    found: dict[bytes, Certificate] = {}
    for path in sorted((realdata / "masterlist").iterdir()):
        if path.suffix != ".cer" and "wrong" not in path.name:
            for each in parse_master_list(parse_signed_data(path.read_bytes()).content)[0]:
                found[each.raw] = each
    for path in [*(realdata / "edge_certs").rglob("*.cer"), *(realdata / "csca_idn").glob("*.cer")]:
        certificate = Certificate.parse(path.read_bytes())
        if certificate.is_self_signed or (certificate.basic_constraints and certificate.basic_constraints.is_ca):
            found[certificate.raw] = certificate
    anchors = tuple(each for each in found.values() if each.is_self_signed)
    return TrustStore(anchors, links=tuple(each for each in found.values() if each not in set(anchors)))


def outcome(result: PassiveAuthentication, name: CheckName) -> Outcome:
    return next(check.outcome for check in result.checks if check.name == name)


def remarks(result: PassiveAuthentication) -> set[RemarkCode]:
    return {remark.code for check in result.checks for remark in check.remarks}


# --- certificates -----------------------------------------------------------------------------------------------------


def test_every_certificate_verifies_under_the_issuer_that_was_recomputed(realdata: Path, expected: Any) -> None:
    found = {}
    for path in [*(realdata / "edge_certs").rglob("*.cer"), *(realdata / "csca_idn").glob("*.cer")]:
        certificate = Certificate.parse(path.read_bytes())
        found[certificate.fingerprint] = certificate
    lonely = []
    for name, facts in expected["certificates"].items():
        certificate = Certificate.parse((realdata / name).read_bytes())
        issuer = found.get(facts["issuer_sha256"] or "")
        if issuer is None:
            lonely.append(name)
            continue
        certificate.verify_signed_by(issuer)
        assert certificate.is_self_signed or not facts["self_signed"], name
    assert lonely == ["edge_certs/81a46f683b0e1772.cer"], "the link certificate whose issuer is in no list"


def test_every_document_signer_of_the_directory_has_its_chain(realdata: Path, every_state: TrustStore) -> None:
    """ICAO keeps these 254 apart because they differ from the profile; all of them are genuine."""
    signers = [Certificate.parse(each.raw) for each in read_ldif((realdata / PKD).read_bytes())]
    outcomes = Counter(find_chain(signer, every_state).finding.outcome for signer in signers)
    assert outcomes == {Outcome.PASSED: 254}


def test_document_signers_of_real_documents_have_their_chain(realdata: Path, every_state: TrustStore) -> None:
    paths = sorted((realdata / "dsc").glob("*.cer"))
    assert len(paths) == 9
    for path in paths:
        finding = find_chain(Certificate.parse(path.read_bytes()), every_state).finding
        assert finding.outcome is Outcome.PASSED, path.name


def test_of_all_link_certificates_five_lead_nowhere(every_state: TrustStore) -> None:
    lonely = [link for link in every_state.links if not issuing_path(link, every_state)]
    assert len(every_state.links) > 280
    assert len(lonely) == 5


def test_what_the_directory_says_of_its_signers_is_what_our_rules_say(realdata: Path) -> None:
    """Each conformance code that ICAO's own check gave to a document signer is among ours: 532 of 532."""
    agreed = 0
    for each in read_ldif((realdata / PKD).read_bytes()):
        theirs = {code.partition(":DSC.")[2] for code in each.conformance if ":DSC." in code}
        ours = {rule.code for rule in deviations(Certificate.parse(each.raw), Role.DOCUMENT_SIGNER)}
        assert theirs <= ours, (each.dn, theirs - ours)
        agreed += len(theirs)
    assert agreed > 500


def test_mock_signers_that_share_one_issuer_name_find_the_right_csca(realdata: Path, expected: Any) -> None:
    """33 CSCAs under one name: only the signature tells them apart."""
    paths = sorted((realdata / "mock_certs").rglob("mock_csca.pem"))
    trust = TrustStore(tuple(dict.fromkeys(Certificate.parse(path.read_bytes()) for path in paths)))
    for path, issuer in expected["mock_dsc_issuer"].items():
        chain = find_chain(Certificate.parse((realdata / path).read_bytes()), trust)
        assert chain.finding.outcome is Outcome.PASSED, path
        assert chain.anchor == Certificate.parse((realdata / issuer).read_bytes()), path


# --- security objects -------------------------------------------------------------------------------------------------

DISPROVED = {
    "sod/modified/ct_1.2.840.113549.1.8.2.bin": "no SignedData",
    "sod/modified/ct_pkcs7_4.bin": "no SignedData",
    "sod/modified/dg14hash.bin": "the content was changed",
    "sod/modified/ect_id-data.bin": "the attribute names another content type",
    "sod/modified/lso_ver-1.bin": "the content was changed",
    "sod/modified/lso_ver2.bin": "the content was changed",
    "sod/modified/sig_lastbyte.bin": "the signature was changed",
    "sod/synthetic_quirks/two_signers_second_bad.bin": "one of two signers did not sign",
}
"""sdver1 is not among them: only the envelope's version was changed, which nobody signs; OpenSSL verifies it too."""

MOCK = {RemarkCode.OTHER_SIGNER_NAME, RemarkCode.ENVELOPE}
"""The signer by a key identifier that its certificate does not have, in an envelope of another version."""

STRANGE = {
    "sod/synthetic_quirks/sid_issuer_reencoded.bin": {RemarkCode.OTHER_SIGNER_NAME},
    "sod/modified/sdver1.bin": {RemarkCode.ENVELOPE},
    "sod/synthetic/sha1_ecdsa_brainpoolP256r1.bin": {RemarkCode.SHA_1},
    "sod/zkr_mock/john-miller-smith-rsa-2048-sha256.sod": MOCK,
    "sod/zkr_mock/johnny-silverhand-ecdsa-p256-sha256.sod": MOCK,
    "sod/zkr_mock/johnny-silverhand-rsa-4096-sha512.sod": {*MOCK, RemarkCode.OTHER_ALGORITHM},
    "sod/bsi_2008/EF_SOD.bin": {RemarkCode.SHA_1},
}
"""What is said beside the answer; of other objects nothing of this kind is."""

WATCHED = {
    RemarkCode.ENVELOPE,
    RemarkCode.SHA_1,
    RemarkCode.OTHER_SIGNER_NAME,
    RemarkCode.OTHER_ALGORITHM,
}


def alone(realdata: Path, path: str) -> PassiveAuthentication:
    return passive_authentication({EF_SOD.name: (realdata / path).read_bytes()}, {}, TrustStore.empty(), NOW)


def test_every_security_object_gets_the_verdict_of_its_signature(realdata: Path, expected: Any) -> None:
    results = {path: alone(realdata, path) for path in expected["sod"]}
    wrong = {
        path: outcome(result, CheckName.SOD_SIGNATURE)
        for path, result in results.items()
        if outcome(result, CheckName.SOD_SIGNATURE) is not (Outcome.FAILED if path in DISPROVED else Outcome.PASSED)
    }
    assert wrong == {}
    assert len(results) == 48
    for path, result in results.items():
        if path not in DISPROVED:
            assert remarks(result) & WATCHED == STRANGE.get(path, set()), path


def files_of(folder: Path, sod: Path) -> dict[str, bytes]:
    files = {f"EF.DG{n}": folder / f"EF_DG{n}.bin" for n in (1, 2, 14, 15)}
    return {EF_SOD.name: sod.read_bytes(), **{name: path.read_bytes() for name, path in files.items()}}


def test_synthetic_security_objects_chain_to_their_csca_and_match_their_data(realdata: Path, expected: Any) -> None:
    """RSA 2048 to 4096 with e = 3 and 65537, PKCS #1 and PSS, ECDSA on nine curves, SHA-1 to SHA-512, LDS 0 and 1.8."""
    judged = 0
    for path, facts in expected["sod"].items():
        csca = facts.get("chain") or facts.get("signer_csca")
        if csca is None or path in DISPROVED:
            continue
        sod = realdata / path
        result = passive_authentication(files_of(sod.parent, sod), {}, load_trust_store(realdata / csca), NOW)
        assert outcome(result, CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.PASSED, path
        assert outcome(result, CheckName.REVOCATION) is Outcome.INDETERMINATE, path
        right = all(facts["dg_files_match"].values())
        assert outcome(result, CheckName.DATA_GROUP_HASHES) is (Outcome.PASSED if right else Outcome.FAILED), path
        assert bool(result.authentic) == right, path
        assert (RemarkCode.LDS_VERSION in remarks(result)) == ("lds" in path), path
        assert (RemarkCode.NO_SIGNING_TIME in remarks(result)) == ("no_signed_attrs" in path), path
        judged += 1
    assert judged == 34


def test_the_reference_data_set_of_the_bsi_verifies_up_to_its_missing_anchor(realdata: Path) -> None:
    folder = realdata / "sod" / "bsi_tr03105-5_reference"
    files = {f"EF.DG{n}": (folder / f"Datagroup{n}.bin").read_bytes() for n in (1, 2, 3, 4, 14)}
    files[EF_SOD.name] = (folder / "EF_SOD.bin").read_bytes()
    result = passive_authentication(files, {}, TrustStore.empty(), NOW)
    assert outcome(result, CheckName.SOD_SIGNATURE) is Outcome.PASSED
    assert outcome(result, CheckName.DATA_GROUP_HASHES) is Outcome.PASSED
    assert outcome(result, CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.INDETERMINATE
    assert result.authentic == frozenset()
    files["EF.DG15"] = (folder / "Datagroup15.bin").read_bytes()
    result = passive_authentication(files, {}, TrustStore.empty(), NOW)
    assert outcome(result, CheckName.DATA_GROUP_HASHES) is Outcome.INDETERMINATE, "EF.DG15 is not signed"


SAID = {RemarkCode.OTHER_SIGNER_NAME, RemarkCode.ENVELOPE, RemarkCode.OTHER_ALGORITHM}


@pytest.mark.parametrize("name", ["dg_unsorted.bin", "ecdsa_alg_null.bin", "pss_salt20.bin"])
def test_no_changed_bit_of_a_published_security_object_is_accepted(realdata: Path, name: str) -> None:
    """Every bit of EF.SOD. Where nobody signs, in the envelope, the signer's name and algorithm, the change is said,
    and `strict` stops at it; of what is signed no changed bit passes.
    """
    folder = realdata / "sod" / "synthetic_quirks"
    raw = (folder / name).read_bytes()
    trust = load_trust_store(folder)
    files = files_of(folder, folder / name)
    assert passive_authentication(files, {}, trust, NOW).authentic
    content = parse_signed_data(unwrap_sod(raw)).content
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        result = passive_authentication({**files, EF_SOD.name: bytes(changed)}, {}, trust, NOW)
        if result.authentic:
            assert parse_signed_data(unwrap_sod(bytes(changed))).content == content, bit
            assert remarks(result) & SAID, (bit, bit // 8)


# --- revocation lists -------------------------------------------------------------------------------------------------


def test_revocation_lists_verify_and_list_as_recomputed(realdata: Path, expected: Any) -> None:
    for path, facts in expected["crls"].items():
        crl = CertificateRevocationList.parse((realdata / path).read_bytes())
        issuer = Certificate.parse((realdata / facts["csca"]).read_bytes())
        signer = Certificate.parse((realdata / facts["dsc"]).read_bytes())
        assert (signer.serial in crl.revoked) == facts["revokes_dsc"], path
        if facts["signature_verifies"]:
            crl.verify_signed_by(issuer)
        else:
            with pytest.raises(SignatureError):
                crl.verify_signed_by(issuer)


def test_revocation_lists_decide_as_they_must(realdata: Path, expected: Any) -> None:
    """A signed list that names the signer convicts it, out of its time too; a forged one decides nothing."""
    for path, facts in expected["crls"].items():
        crl = CertificateRevocationList.parse((realdata / path).read_bytes())
        issuer = Certificate.parse((realdata / facts["csca"]).read_bytes())
        signer = Certificate.parse((realdata / facts["dsc"]).read_bytes())
        found = check_revocation(signer, (issuer,), TrustStore((issuer,), (crl,)), crl.this_update).outcome
        if not facts["signature_verifies"]:
            assert found is Outcome.INDETERMINATE, path
        else:
            assert found is (Outcome.FAILED if facts["revokes_dsc"] else Outcome.PASSED), path


@pytest.mark.parametrize(("name", "why"), [("quirk_expired", "out of date"), ("quirk_future", "future")])
def test_lists_out_of_their_time_cannot_be_used(realdata: Path, name: str, why: str) -> None:
    crl = CertificateRevocationList.parse((realdata / "crl" / "synthetic" / f"{name}.crl").read_bytes())
    assert why in str(crl.unusable_because(NOW))


# --- anything ---------------------------------------------------------------------------------------------------------


def test_any_file_of_the_collection_parses_or_raises_our_error(realdata: Path) -> None:
    for path in realdata.rglob("*"):
        if path.is_file() and path.stat().st_size < 20_000:
            for parse in (Certificate.parse, CertificateRevocationList.parse, parse_signed_data):
                try:
                    parse(path.read_bytes())
                except CccdError:
                    continue
