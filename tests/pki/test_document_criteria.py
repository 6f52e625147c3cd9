"""Which documents a deviation is about: every criterion that is stated, and nothing that is guessed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cccd_nfc.pki.deviation_encoding import encode_deviation_list
from cccd_nfc.pki.deviation_list import (
    Deviation,
    DeviationDescription,
    DeviationList,
    DeviationType,
    parse_deviation_list,
)
from cccd_nfc.pki.document_criteria import DeviationDocuments, DocumentFacts, IssuancePeriod
from cccd_nfc.pki.signer_reference import SignerReference
from pki.issuing import csca, document_signer

CSCA = csca()
SIGNER, OTHER = document_signer(CSCA, 50).parsed, document_signer(CSCA, 51).parsed
FACTS = DocumentFacts(SIGNER, "P<", "X1234567<", date(2022, 5, 17))
DG_MALFORMED = DeviationDescription(DeviationType.DG_MALFORMED, "DG3 has two sizes", b"\x02\x01\x03")
IN_2022 = IssuancePeriod(datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 12, 31, 23, 59, 59, tzinfo=UTC))
BY_NAME, BY_KEY = SignerReference(SIGNER.issuer, SIGNER.serial), SignerReference(key_identifier=b"\x01\x02\x03")
SHA256, SHA384, MD5 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.2.5"


def listing(algorithm: str = "", **criteria: Any) -> DeviationList:
    """A list with one deviation, after it has been through its encoding."""
    listed = DeviationList(0, algorithm, (Deviation(DeviationDocuments(**criteria), (DG_MALFORMED,)),))
    assert parse_deviation_list(encode_deviation_list(listed)) == listed
    return listed


def affects(listed: DeviationList, **facts: Any) -> bool:
    return listed.descriptions_for(replace(FACTS, **facts)) == (DG_MALFORMED,)


def test_a_deviation_without_criteria_is_about_all_documents_of_the_state() -> None:
    assert affects(listing())
    assert affects(listing(), signer=None, document_type="", document_number="", issued_on=None)


@pytest.mark.parametrize("stated", ["P", "P<", "P ", "p<"])
def test_a_document_type_matches_whatever_fills_it(stated: str) -> None:
    assert affects(listing(document_type=stated))
    assert affects(listing(document_type=stated), document_type="P")
    assert not affects(listing(document_type=stated), document_type="PD")
    assert not affects(listing(document_type=stated), document_type="")


def test_an_empty_document_type_matches_nothing() -> None:
    assert not affects(listing(document_type=""))
    assert not affects(listing(document_type="<<"), document_type="<<")


def test_issuer_and_serial_name_the_signer() -> None:
    assert affects(listing(signer=BY_NAME))
    assert not affects(listing(signer=BY_NAME), signer=OTHER)
    assert not affects(listing(signer=replace(BY_NAME, issuer=SIGNER.subject)))


def test_an_issuer_that_is_spelled_in_other_letters_is_the_same() -> None:
    spelled = SIGNER.issuer.replace(b"CSCA Utopia", b"Csca UTOPIA")
    assert spelled != SIGNER.issuer
    assert affects(listing(signer=replace(BY_NAME, issuer=spelled)))


def test_the_key_identifier_names_the_signer() -> None:
    listed = listing(signer=SignerReference(key_identifier=SIGNER.subject_key_identifier))
    assert affects(listed)
    assert not affects(listed, signer=OTHER)


@pytest.mark.parametrize(("algorithm", "hash_name"), [("", "sha256"), (SHA256, "sha256"), (SHA384, "sha384")])
def test_the_digest_names_the_signer(algorithm: str, hash_name: str) -> None:
    listed = listing(algorithm, signer=SignerReference(digest=hashlib.new(hash_name, SIGNER.raw).digest()))
    assert affects(listed)
    assert not affects(listed, signer=OTHER)


def test_a_digest_by_an_unknown_algorithm_matches_nothing() -> None:
    assert not affects(listing(MD5, signer=SignerReference(digest=hashlib.sha256(SIGNER.raw).digest())))


@pytest.mark.parametrize("stated", [BY_NAME, BY_KEY, SignerReference(digest=bytes(32))])
def test_an_unknown_signer_meets_no_criterion_about_signers(stated: SignerReference) -> None:
    assert not affects(listing(signer=stated), signer=None)


@pytest.mark.parametrize(
    ("day", "meant"),
    [
        (date(2021, 12, 31), False),
        (date(2022, 1, 1), True),
        (date(2022, 12, 31), True),
        (date(2023, 1, 1), False),
        (None, False),
    ],
)
def test_the_period_of_issuance_includes_its_ends_and_no_unknown_day(day: date | None, meant: bool) -> None:
    assert affects(listing(issued=IN_2022), issued_on=day) is meant


def test_a_document_number_must_be_among_those_stated() -> None:
    listed = listing(document_numbers=frozenset({"X1234567", "X7654321"}))
    assert affects(listed)
    assert not affects(listed, document_number="X1234568")
    assert not affects(listed, document_number="")
    assert not affects(listing(document_numbers=frozenset()))


@pytest.mark.parametrize(
    "wrong", [{"document_type": "ID"}, {"signer": OTHER}, {"issued_on": None}, {"document_number": "Y"}]
)
def test_every_criterion_that_is_stated_must_be_met(wrong: dict[str, Any]) -> None:
    numbers = frozenset({"X1234567"})
    listed = listing(document_type="P", signer=BY_NAME, issued=IN_2022, document_numbers=numbers)
    assert affects(listed)
    assert not affects(listed, **wrong)
