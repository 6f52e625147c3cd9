"""NIST's Public Key Interoperability Test Suite for path validation (PKITS, RFC 5280), as far as we ask its questions.

Trust Anchor --signs--> the CAs of the test --sign--> end entity, which stands for a document signer.

Each test is valid or invalid by the name of its end entity. The archive has the first edition: RSA of 1024 bits, SHA-1,
valid from April 2001 to April 2011. Our answer is three outcomes: of the chain, of the validity, of revocation.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import Chain, find_chain
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.pki.validity import check_validity
from cccd_nfc.report import Outcome, RemarkCode

pytestmark = pytest.mark.realdata

NOW = datetime(2010, 6, 1, tzinfo=UTC)

# Section | tests | ours: + passed, - failed, ? indeterminate | end entity | CAs | lists, beside the root's and the CAs'
TABLE = """
4.1 | 1 | +++ | ValidCertificatePath | GoodCA
4.1 | 2 | -?? | InvalidCASignature | BadSignedCA
4.1 | 3 | ??? | InvalidEESignature | GoodCA

4.2 | 1 | +-+ | InvalidCAnotBeforeDate | BadnotBeforeDateCA
4.2 | 2 | +-+ | InvalidEEnotBeforeDate | GoodCA
4.2 | 3 | +++ | Validpre2000UTCnotBeforeDate | GoodCA
4.2 | 4 | +++ | ValidGeneralizedTimenotBeforeDate | GoodCA
4.2 | 5 | +-+ | InvalidCAnotAfterDate | BadnotAfterDateCA
4.2 | 6 | +-+ | InvalidEEnotAfterDate | GoodCA
4.2 | 7 | +-+ | Invalidpre2000UTCEEnotAfterDate | GoodCA
4.2 | 8 | +++ | ValidGeneralizedTimenotAfterDate | GoodCA

4.3 | 1 | ??? | InvalidNameChaining | GoodCA
4.3 | 2 | +++ | InvalidNameChainingOrder | NameOrderingCA | NameOrderCA
4.3 | 3 4 | +++ | ValidNameChainingWhitespace | GoodCA
4.3 | 5 | +++ | ValidNameChainingCapitalization | GoodCA
4.3 | 6 | +++ | ValidNameUIDs | UIDCA
4.3 | 7 | +++ | ValidRFC3280MandatoryAttributeTypes | RFC3280MandatoryAttributeTypesCA
4.3 | 8 | +++ | ValidRFC3280OptionalAttributeTypes | RFC3280OptionalAttributeTypesCA
4.3 | 9 | +++ | ValidUTF8StringEncodedNames | UTF8StringEncodedNamesCA
4.3 | 10 | +++ | ValidRolloverfromPrintableStringtoUTF8String | RolloverfromPrintableStringtoUTF8StringCA
4.3 | 11 | +++ | ValidUTF8StringCaseInsensitiveMatch | UTF8StringCaseInsensitiveMatchCA

4.4 | 1 | ++? | InvalidMissingCRL | NoCRLCA
4.4 | 2 | ++- | InvalidRevokedCA | GoodCA RevokedsubCA
4.4 | 3 | ++- | InvalidRevokedEE | GoodCA
4.4 | 4 | ++? | InvalidBadCRLSignature | BadCRLSignatureCA
4.4 | 5 | ++? | InvalidBadCRLIssuerName | BadCRLIssuerNameCA
4.4 | 6 | ++? | InvalidWrongCRL | WrongCRLCA
4.4 | 7 | +++ | ValidTwoCRLs | TwoCRLsCA | TwoCRLsCAGood TwoCRLsCABad
4.4 | 8 | ++- | InvalidUnknownCRLEntryExtension | UnknownCRLEntryExtensionCA
4.4 | 9 | ++- | InvalidUnknownCRLExtension | UnknownCRLExtensionCA
4.4 | 10 | ++? | InvalidUnknownCRLExtension | UnknownCRLExtensionCA
4.4 | 11 | ++? | InvalidOldCRLnextUpdate | OldCRLnextUpdateCA
4.4 | 12 | ++? | Invalidpre2000CRLnextUpdate | pre2000CRLnextUpdateCA
4.4 | 13 | +++ | ValidGeneralizedTimeCRLnextUpdate | GeneralizedTimeCRLnextUpdateCA
4.4 | 14 | +++ | ValidNegativeSerialNumber | NegativeSerialNumberCA
4.4 | 15 | ++- | InvalidNegativeSerialNumber | NegativeSerialNumberCA
4.4 | 16 17 | +++ | ValidLongSerialNumber | LongSerialNumberCA
4.4 | 18 | ++- | InvalidLongSerialNumber | LongSerialNumberCA
4.4 | 19 | +++ | Valid{keys} | {keys}CertificateSigningCA {keys}CRLSigning | {keys}
4.4 | 20 | ++- | Invalid{keys} | {keys}CertificateSigningCA {keys}CRLSigning | {keys}
4.4 | 21 | ++? | Invalid{keys} | {keys}CA2CertificateSigningCA {keys}CA2CRLSigning | {keys}CA2

4.5 | 1 | +++ | Valid{self}OldWithNew | {self}NewKeyCA {self}NewKeyOldWithNewCA
4.5 | 2 | ++- | Invalid{self}OldWithNew | {self}NewKeyCA {self}NewKeyOldWithNewCA
4.5 | 3 4 | +++ | Valid{self}NewWithOld | {self}OldKeyCA {self}OldKeyNewWithOldCA | {self}OldKeySelfIssuedCert
4.5 | 5 | ++- | Invalid{self}NewWithOld | {self}OldKeyCA {self}OldKeyNewWithOldCA | {self}OldKeySelfIssuedCert
4.5 | 6 | +++ | Valid{self}CRLSigningKey | {self}CRLSigningKeyCA {self}CRLSigningKeyCRL | {self}CRLSigningKeyCRLCert
4.5 | 7 | ++- | Invalid{self}CRLSigningKey | {self}CRLSigningKeyCA {self}CRLSigningKeyCRL | {self}CRLSigningKeyCRLCert
4.5 | 8 | -?? | Invalid{self}CRLSigningKey | {self}CRLSigningKeyCA {self}CRLSigningKeyCRL | {self}CRLSigningKeyCRLCert

4.6 | 1 | -?? | InvalidMissingbasicConstraints | MissingbasicConstraintsCA
4.6 | 2 | -?? | InvalidcAFalse | basicConstraintsCriticalcAFalseCA
4.6 | 3 | -?? | InvalidcAFalse | basicConstraintsNotCriticalcAFalseCA
4.6 | 4 | +++ | ValidbasicConstraintsNotCritical | basicConstraintsNotCriticalCA
4.6 | 5 6 | -?? | Invalid{path} | {path}0CA {path}0subCA
4.6 | 7 | +++ | Valid{path} | {path}0CA
4.6 | 9 10 | -?? | Invalid{path} | {path}6CA {path}6subCA0 {path}6subsubCA00
4.6 | 11 12 | -?? | Invalid{path} | {path}6CA {path}6subCA1 {path}6subsubCA11 {path}6subsubsubCA11X
4.6 | 13 | +++ | Valid{path} | {path}6CA {path}6subCA4 {path}6subsubCA41 {path}6subsubsubCA41X
4.6 | 15 | +++ | ValidSelfIssued{path} | {path}0CA {path}0SelfIssuedCA
4.6 | 16 | -?? | InvalidSelfIssued{path} | {path}0CA {path}0SelfIssuedCA {path}0subCA2
4.6 | 17 | +++ | ValidSelfIssued{path} | {path}1CA {path}1SelfIssuedCA {path}1subCA {path}1SelfIssuedsubCA

4.7 | 1 | -?? | InvalidkeyUsageCriticalkeyCertSignFalse | keyUsageCriticalkeyCertSignFalseCA
4.7 | 2 | -?? | InvalidkeyUsageNotCriticalkeyCertSignFalse | keyUsageNotCriticalkeyCertSignFalseCA
4.7 | 3 | +++ | ValidkeyUsageNotCritical | keyUsageNotCriticalCA
4.7 | 4 | ++? | InvalidkeyUsageCriticalcRLSignFalse | keyUsageCriticalcRLSignFalseCA
4.7 | 5 | ++? | InvalidkeyUsageNotCriticalcRLSignFalse | keyUsageNotCriticalcRLSignFalseCA

4.14 | 1 4 | ++? | ValiddistributionPoint | distributionPoint1CA
4.14 | 2 | ++- | InvaliddistributionPoint | distributionPoint1CA
4.14 | 3 | ++? | InvaliddistributionPoint | distributionPoint1CA
4.14 | 5 7 | ++? | ValiddistributionPoint | distributionPoint2CA
4.14 | 6 | ++- | InvaliddistributionPoint | distributionPoint2CA
4.14 | 8 9 | ++? | InvaliddistributionPoint | distributionPoint2CA
4.14 | 10 | +++ | ValidNoissuingDistributionPoint | NoissuingDistributionPointCA
4.14 | 12 | ++? | InvalidonlyContainsCACerts | onlyContainsCACertsCA
4.14 | 14 | ++? | InvalidonlyContainsAttributeCerts | onlyContainsAttributeCertsCA
4.14 | 15 16 | ++- | Invalid{some} | {some}CA1 | {some}CA1compromise {some}CA1otherreasons
4.14 | 17 | ++? | Invalid{some} | {some}CA2 | {some}CA2CRL1 {some}CA2CRL2
4.14 | 18 | ++? | Valid{some} | {some}CA3 | {some}CA3compromise {some}CA3otherreasons
4.14 | 19 | ++? | Valid{some} | {some}CA4 | {some}CA4compromise {some}CA4otherreasons
4.14 | 20 21 | ++- | Invalid{some} | {some}CA4 | {some}CA4compromise {some}CA4otherreasons
4.14 | 22 | ++? | ValidIDPwithindirectCRL | indirectCRLCA1
4.14 | 23 | ++- | InvalidIDPwithindirectCRL | indirectCRLCA1
4.14 | 24 25 | ++? | ValidIDPwithindirectCRL | indirectCRLCA1 indirectCRLCA2
4.14 | 26 | ++? | InvalidIDPwithindirectCRL | indirectCRLCA1 indirectCRLCA2
4.14 | 27 | ++? | InvalidcRLIssuer | indirectCRLCA2 | GoodCA
4.14 | 28 29 | ++? | ValidcRLIssuer | indirectCRLCA3 indirectCRLCA3cRLIssuer
4.14 | 30 | ++? | ValidcRLIssuer | indirectCRLCA4 indirectCRLCA4cRLIssuer
4.14 | 31 32 | ++? | InvalidcRLIssuer | indirectCRLCA5 indirectCRLCA6
4.14 | 33 | ++? | ValidcRLIssuer | indirectCRLCA5 indirectCRLCA6
4.14 | 34 35 | ++? | InvalidcRLIssuer | indirectCRLCA5

4.15 | 1 | ++? | InvaliddeltaCRLIndicatorNoBase | deltaCRLIndicatorNoBaseCA
4.15 | 2 7 | +++ | ValiddeltaCRL | deltaCRLCA1 | deltaCRLCA1delta
4.15 | 3 4 6 | ++- | InvaliddeltaCRL | deltaCRLCA1 | deltaCRLCA1delta
4.15 | 5 | ++- | ValiddeltaCRL | deltaCRLCA1 | deltaCRLCA1delta
4.15 | 8 | +++ | ValiddeltaCRL | deltaCRLCA2 | deltaCRLCA2delta
4.15 | 9 | ++- | InvaliddeltaCRL | deltaCRLCA2 | deltaCRLCA2delta
4.15 | 10 | ++? | InvaliddeltaCRL | deltaCRLCA3 | deltaCRLCA3delta

4.16 | 1 | +++ | ValidUnknownNotCriticalCertificateExtension |
4.16 | 2 | ?++ | InvalidUnknownCriticalCertificateExtension |
"""
LONG_NAMES = {
    "keys": "SeparateCertificateandCRLKeys", "self": "BasicSelfIssued", "path": "pathLenConstraint",
    "some": "onlySomeReasons",
}  # fmt: skip

PARTIAL = "a list of some certificates or reasons only shows nothing, so what it does not name stays open"
DIFFERENT = {
    "4.3.2": "many states write one name in two orders (Italy, Belgium, Hungary, Macao): the signature decides",
    **{f"4.14.{n}": PARTIAL for n in (1, 4, 5, 7, 18, 19, 22, 24, 25, 28, 29, 30, 33)},
    "4.15.5": "an entry convicts though a delta list takes it back: a CSCA issues no delta lists (9303-12 §7.1.4)",
}
"""Where our answer is not that of PKITS, and why."""

_DSA = "signed with DSA and SHA-1, which `crypto.signatures` refuses"
_CA = "its end entity is a CA, which signs no documents"
LEFT_OUT = {
    "4.1.4": ("ValidDSASignatures", _DSA),
    "4.1.5": ("ValidDSAParameterInheritance", _DSA),
    "4.1.6": ("InvalidDSASignature", _DSA),
    "4.6.8": ("ValidpathLenConstraint", _CA),
    "4.6.14": ("ValidpathLenConstraint", _CA),
    "4.14.11": ("InvalidonlyContainsUserCerts", _CA),
    "4.14.13": ("ValidonlyContainsCACerts", _CA),
}

_POLICIES = "certificates of the profile name policies for the reader only (9303-12 table 6); any will do"
_CONSTRAINTS = "the profile forbids the extension (9303-12 table 6); one that is critical leaves the chain open"
LEFT_OUT_SECTIONS = {
    "4.8": (r"(All|Different|Overlapping|AnyPolicy|UserNotice|CPSPointer).*", 19, _POLICIES),
    "4.9": (r".*requireExplicitPolicy", 8, _CONSTRAINTS),
    "4.10": (r"(Inv|V)alid(PolicyMapping|Mapping(From|To)anyPolicy)", 14, _CONSTRAINTS),
    "4.11": (r".*inhibitPolicyMapping", 11, _CONSTRAINTS),
    "4.12": (r".*inhibitAnyPolicy", 10, _CONSTRAINTS),
    "4.13": (r".*nameConstraints", 38, _CONSTRAINTS),
}
"""End entities, how many there are, and why not. 4.8 has one test more: its first is about the end entity of 4.1.1."""

TESTS = {"4.1": 6, "4.2": 8, "4.3": 11, "4.4": 21, "4.5": 8, "4.6": 17, "4.7": 5, "4.14": 35, "4.15": 10, "4.16": 2}
OUTCOMES = {"+": Outcome.PASSED, "-": Outcome.FAILED, "?": Outcome.INDETERMINATE}


@dataclass(frozen=True)
class Case:
    """ours: what we answer.  entity, cas, crls: the files' names without `EE`, `Cert` and `CRL`."""

    number: str
    ours: tuple[Outcome, ...]
    entity: str
    cas: tuple[str, ...]
    crls: tuple[str, ...]

    @property
    def is_valid(self) -> bool:
        return self.entity.startswith("Valid")


def _cases() -> Iterator[Case]:
    for line in filter(None, TABLE.splitlines()):
        section, tests, ours, entity, *rest = (each.strip().format(**LONG_NAMES) for each in line.split("|"))
        cas, crls = (tuple(each.split()) for each in (*rest, "")[:2])
        for test in tests.split():
            outcomes = tuple(OUTCOMES[each] for each in ours)
            yield Case(f"{section}.{test}", outcomes, f"{entity}Test{test}", cas, ("TrustAnchorRoot", *cas, *crls))


CASES = {case.number: case for case in _cases()}


@dataclass(frozen=True)
class Archive:
    """certificates, crls: all that were published, by file name without ending."""

    certificates: dict[str, Certificate]
    crls: dict[str, CertificateRevocationList]

    def store(self, case: Case) -> TrustStore:
        """The root as anchor, and of the rest what the test brings."""
        links = tuple(self.certificates[f"{each}Cert"] for each in case.cas)
        crls = tuple(self.crls[f"{each}CRL"] for each in case.crls if f"{each}CRL" in self.crls)
        return TrustStore(anchors=(self.certificates["TrustAnchorRootCertificate"],), links=links, crls=crls)

    def whole_store(self) -> TrustStore:
        """The root as anchor, with every CA and every list of all tests."""
        links = tuple(each for name, each in self.certificates.items() if name.endswith("Cert"))
        anchors = (self.certificates["TrustAnchorRootCertificate"],)
        return TrustStore(anchors=anchors, links=links, crls=tuple(self.crls.values()))

    def entities(self) -> set[str]:
        return {name.removesuffix("EE") for name in self.certificates if name.endswith("EE")}


@pytest.fixture(scope="module")
def pkits(realdata: Path) -> Archive:
    """The archive, read in memory."""
    certificates, crls = {}, {}
    with tarfile.open(realdata / "crl" / "nist_pkits.tar.gz") as archive:
        for member in archive.getmembers():
            path, file = Path(member.name), archive.extractfile(member)
            if file is not None and path.suffix == ".crt":
                certificates[path.stem] = Certificate.parse(file.read())
            elif file is not None and path.suffix == ".crl":
                crls[path.stem] = CertificateRevocationList.parse(file.read())
    return Archive(certificates, crls)


def judge(entity: Certificate, trust: TrustStore) -> tuple[Chain, tuple[Outcome, ...]]:
    chain = find_chain(entity, trust)
    validity = check_validity(entity, chain.path, NOW, NOW)
    revocation = check_revocation(entity, chain.path, trust, NOW)
    return chain, (chain.finding.outcome, validity.outcome, revocation.outcome)


@pytest.mark.parametrize("number", CASES)
def test_each_path_of_pkits_is_judged_as_the_table_has_it(pkits: Archive, number: str) -> None:
    """Trust Anchor -> the CAs of the test -> end entity, with the lists of the test."""
    case = CASES[number]
    chain, outcomes = judge(pkits.certificates[f"{case.entity}EE"], pkits.store(case))
    assert outcomes == case.ours, [str(chain.finding.detail)]
    if chain.path:
        assert chain.anchor == pkits.certificates["TrustAnchorRootCertificate"]


def test_a_store_with_all_certificates_and_lists_of_all_tests_changes_no_answer(pkits: Archive) -> None:
    trust = pkits.whole_store()
    answers = {each.number: judge(pkits.certificates[f"{each.entity}EE"], trust)[1] for each in CASES.values()}
    assert answers == {each.number: each.ours for each in CASES.values()}


def test_our_answers_are_those_of_pkits_but_where_a_reason_is_written() -> None:
    """Valid is three times passed; invalid is never that."""
    differ = {each.number for each in CASES.values() if each.is_valid is not (set(each.ours) == {Outcome.PASSED})}
    assert differ == set(DIFFERENT)


def test_whatever_a_list_of_its_issuer_names_fails(pkits: Archive) -> None:
    """A list that bears the issuer's name has the serial of the end entity, or of a CA above it."""
    for case in CASES.values():
        entity, trust = pkits.certificates[f"{case.entity}EE"], pkits.store(case)
        path = find_chain(entity, trust).path
        for child in (entity, *path[:-1]) if path else ():
            listed = [each for each in trust.crls if child.serial in each.revoked and each.issuer == child.issuer]
            assert not listed or case.ours[2] is Outcome.FAILED, case.number


def test_each_weak_signature_of_a_path_that_passes_is_named(pkits: Archive) -> None:
    """All of PKITS is signed with SHA-1 and RSA of 1024 bits."""
    for case in CASES.values():
        chain, outcomes = judge(pkits.certificates[f"{case.entity}EE"], pkits.store(case))
        if outcomes[0] is Outcome.PASSED:
            codes = {each.code for each in chain.finding.remarks}
            assert {RemarkCode.SHA_1, RemarkCode.SHORT_RSA} <= codes, case.number
            assert (RemarkCode.LINK in codes) is (len(chain.path) > 1), case.number


@pytest.mark.parametrize("section", [each for each in LEFT_OUT_SECTIONS if each != "4.8"])
def test_constraints_that_we_do_not_follow_leave_the_chain_open(pkits: Archive, section: str) -> None:
    """Trust Anchor -> CA with critical constraints on names or policies -> end entity, valid or not."""
    pattern, _, _ = LEFT_OUT_SECTIONS[section]
    trust = pkits.whole_store()
    for name in filter(re.compile(rf"{pattern}Test\d+").fullmatch, pkits.entities()):
        chain, _ = judge(pkits.certificates[f"{name}EE"], trust)
        assert chain.finding.outcome is Outcome.INDETERMINATE, name


def test_each_test_of_pkits_is_in_the_table_or_left_out_for_a_written_reason(pkits: Archive) -> None:
    for section, count in TESTS.items():
        numbers = [each for each in (*CASES, *LEFT_OUT) if each.rpartition(".")[0] == section]
        assert sorted(numbers) == sorted(f"{section}.{n}" for n in range(1, count + 1))
    known = {case.entity for case in CASES.values()}
    known |= {f"{name}Test{number.rpartition('.')[2]}" for number, (name, _) in LEFT_OUT.items()}
    assert len(known) == len(CASES) + len(LEFT_OUT)
    for pattern, count, _ in LEFT_OUT_SECTIONS.values():
        names = {each for each in pkits.entities() if re.fullmatch(rf"{pattern}Test\d+", each)}
        assert len(names) == count
        assert not names & known
        known |= names
    assert known == pkits.entities()
    assert sum(TESTS.values()) + sum(count for _, count, _ in LEFT_OUT_SECTIONS.values()) + 1 == 224
