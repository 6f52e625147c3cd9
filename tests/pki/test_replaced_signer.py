"""A signer's certificate that a defect list has replaced (BSI TR-03129-2 ch. 7). Each docstring draws the case.

CSCA (key 1) --signs--> RIGHT (key 50) --signs--> EF.SOD, in which stands WRONG in the place of RIGHT
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cccd_nfc.errors import CardError
from cccd_nfc.pki import security_object
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.defect_list import Defect, DefectList, DefectType, KnownDefect
from cccd_nfc.pki.passive_authentication import PassiveAuthentication, passive_authentication
from cccd_nfc.pki.signer_reference import SignerReference
from cccd_nfc.pki.trust_store import StateList, TrustStore
from cccd_nfc.report import Check, CheckName, Outcome, RemarkCode
from pki.issuing import FILES, NOW, Holder, csca, document_signer, sod

CSCA = csca()
RIGHT = document_signer(CSCA, 50, serial=77)
WRONG = document_signer(CSCA, 51, serial=77)
OTHER_NAME = document_signer(CSCA, 52, serial=78)
SIGNATURE, CHAIN = CheckName.SOD_SIGNATURE, CheckName.DOCUMENT_SIGNER_CHAIN


def replacing(replaced: Holder, replacement: Holder, country: str = "UT") -> StateList[DefectList]:
    """A defect list of `country` that names one certificate, by its digest too, and gives another for it."""
    old = replaced.parsed
    reference = SignerReference(old.issuer, old.serial, digest=bytes.fromhex(old.fingerprint))
    known = KnownDefect(DefectType.CERT_REPLACED, replacement.parsed.raw)
    return StateList(country, b"", DefectList(defects=(Defect(reference, (known,)),)))


def judge(
    ef_sod: bytes, *lists: StateList[DefectList], anchors: Sequence[Holder] = (CSCA,), signers: Sequence[Holder] = ()
) -> PassiveAuthentication:
    trust = TrustStore(
        anchors=tuple(each.parsed for each in anchors),
        signers=tuple(each.parsed for each in signers),
        defect_lists=lists,
    )
    return passive_authentication({**FILES, "EF.SOD": ef_sod}, {}, trust, NOW)


def check(result: PassiveAuthentication, name: CheckName) -> Check:
    return next(each for each in result.checks if each.name == name)


def codes(result: PassiveAuthentication, name: CheckName) -> set[RemarkCode]:
    return {remark.code for remark in check(result, name).remarks}


def test_the_replacement_verifies_and_its_chain_counts() -> None:
    """EF.SOD has WRONG (another key); the list of the state gives RIGHT for it."""
    ef_sod = sod(RIGHT, certificates=[WRONG])
    assert check(judge(ef_sod), SIGNATURE).outcome is Outcome.FAILED
    result = judge(ef_sod, replacing(WRONG, RIGHT))
    assert check(result, SIGNATURE).outcome is check(result, CHAIN).outcome is Outcome.PASSED
    assert codes(result, SIGNATURE) == {RemarkCode.KNOWN_DEFECT}
    assert result.signer == RIGHT.parsed
    assert result.authentic == set(FILES)


def test_a_certificate_of_another_name_is_replaced_by_the_one_that_the_signer_names() -> None:
    """EF.SOD has OTHER_NAME alone, which its signer does not name: the oddity is gone with the certificate."""
    ef_sod = sod(RIGHT, certificates=[OTHER_NAME])
    assert check(judge(ef_sod), SIGNATURE).outcome is Outcome.INDETERMINATE
    result = judge(ef_sod, replacing(OTHER_NAME, RIGHT))
    assert check(result, SIGNATURE).outcome is Outcome.PASSED
    assert codes(result, SIGNATURE) == {RemarkCode.KNOWN_DEFECT}


def test_a_certificate_that_cannot_be_read_at_all_is_replaced_by_the_name_that_its_signer_states() -> None:
    """EF.SOD has bytes that are no certificate where RIGHT stood."""
    raw = RIGHT.parsed.raw
    broken = raw.replace(RIGHT.parsed.validity, b"\x04" + RIGHT.parsed.validity[1:])
    with pytest.raises(CardError):
        Certificate.parse(broken)
    ef_sod = sod(RIGHT).replace(raw, broken)
    assert check(judge(ef_sod), SIGNATURE).outcome is Outcome.INDETERMINATE
    result = judge(ef_sod, replacing(RIGHT, OTHER_NAME), replacing(WRONG, RIGHT))
    assert result.signer == RIGHT.parsed
    assert result.authentic == set(FILES)
    assert check(judge(ef_sod, replacing(WRONG, RIGHT, "XX")), SIGNATURE).outcome is Outcome.INDETERMINATE
    assert check(judge(ef_sod, replacing(WRONG, OTHER_NAME)), SIGNATURE).outcome is Outcome.INDETERMINATE


def test_a_signer_from_the_trust_store_is_replaced_too() -> None:
    """EF.SOD brings no certificate, and the store holds WRONG."""
    ef_sod = sod(RIGHT, certificates=[])
    assert check(judge(ef_sod, signers=[WRONG]), SIGNATURE).outcome is Outcome.FAILED
    result = judge(ef_sod, replacing(WRONG, RIGHT), signers=[WRONG])
    assert check(result, SIGNATURE).outcome is Outcome.PASSED
    assert codes(result, SIGNATURE) == {RemarkCode.KNOWN_DEFECT}


@pytest.mark.parametrize("country", ["XX", ""])
def test_the_list_of_another_country_replaces_nothing(country: str) -> None:
    ef_sod = sod(RIGHT, certificates=[WRONG])
    assert check(judge(ef_sod, replacing(WRONG, RIGHT, country)), SIGNATURE).outcome is Outcome.FAILED
    result = judge(sod(RIGHT), replacing(RIGHT, WRONG, country))
    assert check(result, SIGNATURE).outcome is Outcome.PASSED
    assert codes(result, SIGNATURE) == set()


def test_a_replacement_is_believed_by_its_own_chain_only() -> None:
    """Forger (key 9, the CSCA's name) -> FORGED -> EF.SOD with RIGHT in it; a list gives FORGED for RIGHT."""
    forged = document_signer(csca(9), 60, serial=77)
    result = judge(sod(forged, certificates=[RIGHT]), replacing(RIGHT, forged))
    assert check(result, SIGNATURE).outcome is Outcome.PASSED
    assert check(result, CHAIN).outcome is not Outcome.PASSED
    assert result.authentic == frozenset()


def test_a_certificate_that_was_replaced_verifies_no_longer() -> None:
    """EF.SOD has WRONG, whose key signed it; the state says that RIGHT, another key, is this signer's."""
    ef_sod = sod(WRONG)
    assert check(judge(ef_sod), SIGNATURE).outcome is Outcome.PASSED
    result = judge(ef_sod, replacing(WRONG, RIGHT))
    assert check(result, SIGNATURE).outcome is Outcome.FAILED
    assert result.authentic == frozenset()


def test_a_document_that_brings_the_replacement_itself_needs_none() -> None:
    result = judge(sod(RIGHT), replacing(WRONG, RIGHT))
    assert check(result, SIGNATURE).outcome is Outcome.PASSED
    assert codes(result, SIGNATURE) == set()


def test_a_replacement_that_cannot_be_read_replaces_nothing() -> None:
    reference = SignerReference(RIGHT.parsed.issuer, RIGHT.parsed.serial)
    known = (KnownDefect(DefectType.CERT_REPLACED, b"\x30\x00"), KnownDefect(DefectType.SOD_INVALID))
    listed = StateList("UT", b"", DefectList(defects=(Defect(reference, known),)))
    assert check(judge(sod(RIGHT), listed), SIGNATURE).outcome is Outcome.PASSED


def test_nothing_is_looked_up_without_defect_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(security_object, "_replacement")
    assert judge(sod(RIGHT)).authentic == set(FILES)
