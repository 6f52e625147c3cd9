"""Is the document of the state whose CSCA vouches for it? Passports built here, with a real MRZ in EF.DG1.

CSCA (key 1) --signs--> document signer (key 50) --signs--> EF.SOD over EF.DG1; all of the state that the test names.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.dg1 import encode_dg1
from cccd_nfc.lds.mrz import encode_td3
from cccd_nfc.pki.extensions import DOCUMENT_TYPE_LIST
from cccd_nfc.pki.passive_authentication import PassiveAuthentication, passive_authentication
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import Check, CheckName, Outcome, RemarkCode
from pki.issuing import NOW, csca, document_signer, name, sod

PASSED, FAILED, INDETERMINATE = Outcome.PASSED, Outcome.FAILED, Outcome.INDETERMINATE

Extensions = Sequence[tuple[x509.ExtensionType, bool]]


def dg1(issuer: str, document_code: str = "P") -> bytes:
    return encode_dg1(
        encode_td3(
            document_code=document_code,
            issuer=issuer,
            document_number="L898902C3",
            birth_date="740812",
            sex="F",
            expiry_date="320415",
            nationality=issuer,
            names="ERIKSSON<<ANNA<MARIA",
        )
    )


def inspect(
    state: str, country: str, *, extra: Extensions = (), document_code: str = "P"
) -> tuple[PassiveAuthentication, Check]:
    """A passport of `state` (MRZ) that CSCA and signer of `country` (certificate) vouch for, and its chain's check."""
    anchor = csca(subject=name("CSCA", country))
    signer = document_signer(anchor, subject=name("Document Signer", country), extra=extra)
    files = {"EF.DG1": dg1(state, document_code)}
    found = passive_authentication({**files, "EF.SOD": sod(signer, files)}, {}, TrustStore((anchor.parsed,)), NOW)
    return found, next(each for each in found.checks if each.name is CheckName.DOCUMENT_SIGNER_CHAIN)


def codes(check: Check) -> set[RemarkCode]:
    return {each.code for each in check.remarks}


@pytest.mark.parametrize(
    ("state", "country"),
    [("VNM", "VN"), ("VNM", "vn"), ("D", "DE"), ("GBD", "GB"), ("CHN", "HK"), ("CHN", "MO"), ("CHN", "CN")],
)
def test_a_document_of_its_signer_s_state_passes(state: str, country: str) -> None:
    """MRZ: the state's code there, Germany's D among them; certificates: the country's two letters."""
    found, chain = inspect(state, country)
    assert chain.outcome is PASSED
    assert found.authentic == {"EF.DG1"}


@pytest.mark.parametrize(("state", "country"), [("VNM", "FR"), ("D", "AT"), ("FRA", "DE"), ("HKG", "CN")])
def test_a_document_of_another_state_than_its_signer_s_fails_and_is_not_authentic(state: str, country: str) -> None:
    """The chain is sound, and leads to the trusted CSCA of a state that is not the one in the MRZ."""
    found, chain = inspect(state, country)
    assert chain.outcome is FAILED
    assert state in str(chain.detail)
    assert country in str(chain.detail)
    assert found.authentic == frozenset()


def test_a_document_of_an_unknown_state_leaves_the_chain_open() -> None:
    """MRZ: XQZ, which is no state of 9303-3 §5."""
    found, chain = inspect("XQZ", "FR")
    assert chain.outcome is INDETERMINATE
    assert found.authentic == frozenset()


def test_a_document_of_utopia_passes_and_is_said_to_be_a_specimen() -> None:
    found, chain = inspect("UTO", "FR")
    assert chain.outcome is PASSED
    assert RemarkCode.SPECIMEN in codes(chain)
    assert RemarkCode.SPECIMEN not in codes(inspect("FRA", "FR")[1])
    assert found.authentic == {"EF.DG1"}


def test_what_is_not_signed_says_nothing_of_the_state() -> None:
    """EF.DG1 of VNM was exchanged for one of FRA: the hashes fail, and the state in it is not the signer's either."""
    anchor = csca(subject=name("CSCA", "VN"))
    signer = document_signer(anchor, subject=name("Document Signer", "VN"))
    files = {"EF.DG1": dg1("FRA"), "EF.SOD": sod(signer, {"EF.DG1": dg1("VNM")})}
    outcomes = {c.name: c.outcome for c in passive_authentication(files, {}, TrustStore((anchor.parsed,)), NOW).checks}
    assert outcomes[CheckName.DATA_GROUP_HASHES] is FAILED
    assert outcomes[CheckName.DOCUMENT_SIGNER_CHAIN] is FAILED


def alternative_name(kind: x509.ObjectIdentifier, code: str) -> Extensions:
    """SubjectAltName with a directory name, as 9303-12 §7.1.1.2 has it."""
    return [(x509.SubjectAlternativeName([x509.DirectoryName(x509.Name([x509.NameAttribute(kind, code)]))]), False)]


@pytest.mark.parametrize("kind", [NameOID.LOCALITY_NAME, NameOID.STATE_OR_PROVINCE_NAME])
@pytest.mark.parametrize("state", ["XOM", "XQZ"])
def test_the_signer_s_alternative_name_says_whose_documents_it_signs(kind: x509.ObjectIdentifier, state: str) -> None:
    """CSCA of FR -> signer of FR, whose SubjectAltName has the code of the MRZ: a known one, and one of no state."""
    assert inspect(state, "FR", extra=alternative_name(kind, state))[1].outcome is PASSED


def test_an_alternative_name_of_another_code_does_not_disown_the_signer_s_own_state() -> None:
    """CSCA of DE -> signer of DE, SubjectAltName: DEU, where MRZs of Germany have D."""
    named = alternative_name(NameOID.LOCALITY_NAME, "DEU")
    assert inspect("D", "DE", extra=named)[1].outcome is PASSED
    assert inspect("VNM", "DE", extra=named)[1].outcome is FAILED


def document_types(*types: str) -> Extensions:
    texts = [tlv.encode(0x13, each.encode()) for each in types]
    value = tlv.encode(0x30, b"\x02\x01\x00", tlv.encode(0x31, *texts))
    return [(x509.UnrecognizedExtension(ObjectIdentifier(DOCUMENT_TYPE_LIST), value), False)]


@pytest.mark.parametrize(
    ("types", "document_code", "said"),
    [
        (("P",), "P", False),
        (("P",), "PD", False),
        (("ID", "PD"), "PD", False),
        (("P<",), "P", False),
        (("PD",), "P", True),
        (("ID", "V"), "P", True),
        ((), "P", False),
    ],
)
def test_a_type_of_document_that_the_signer_does_not_list_is_said(
    types: tuple[str, ...], document_code: str, said: bool
) -> None:
    """DocumentTypeList of the signer against the MRZ's first two characters (9303-12 §7.1.1.6): said, and passed."""
    _, chain = inspect("FRA", "FR", extra=document_types(*types), document_code=document_code)
    assert chain.outcome is PASSED
    assert (RemarkCode.DOCUMENT_TYPE in codes(chain)) is said
