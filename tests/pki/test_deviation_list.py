"""Deviation lists: which documents a deviation is about, and bytes that issuers, or others, may send."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki.deviation_encoding import encode_description, encode_deviation, encode_deviation_list
from cccd_nfc.pki.deviation_list import (
    DEVIATION_LIST,
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


# --- criteria -------------------------------------------------------------------------------------------------------


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


def test_descriptions_come_in_the_order_of_the_list() -> None:
    chip = DeviationDescription(DeviationType.CHIP)
    everywhere, nowhere = DeviationDocuments(), DeviationDocuments(document_type="ID")
    listed = DeviationList(
        deviations=(Deviation(everywhere, (chip,)), Deviation(nowhere, (chip,)), Deviation(everywhere, (DG_MALFORMED,)))
    )
    assert listed.descriptions_for(FACTS) == (chip, DG_MALFORMED)


# --- descriptions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "parameters", "concerns"),
    [
        (DeviationType.DS_ENCODING, b"\x02\x01\x05", "validity"),
        (DeviationType.CSCA_ENCODING, encode_oid("2.5.29.16"), "2.5.29.16"),
        (DeviationType.DG_MALFORMED, b"\x02\x01\x10", "EF.DG16"),
        (DeviationType.DG_HASH_WRONG, b"\x02\x01\x14", "EF.SOD"),
        (DeviationType.DG_HASH_WRONG, b"\x02\x01\x15", "EF.COM"),
        (DeviationType.DG_HASH_WRONG, b"\x02\x01\x11", "field 17"),
        (DeviationType.MRZ_WRONG_DATA, b"\x02\x01\x03", "personName"),
        (DeviationType.MRZ_WRONG_CHECK_DIGIT, b"\x02\x01\x08", "dateOfExpiry"),
        (DeviationType.MRZ_WRONG_DATA, b"", ""),
        (DeviationType.MRZ_WRONG_DATA, b"\x02\x05", ""),
        (DeviationType.MRZ_WRONG_DATA, b"\x04\x01\x03", ""),
        (DeviationType.CHIP, b"\x02\x01\x03", ""),
    ],
)
def test_a_description_says_what_it_concerns(kind: DeviationType, parameters: bytes, concerns: str) -> None:
    assert DeviationDescription(kind, parameters=parameters).concerns == concerns


def test_every_defined_type_has_words_and_another_keeps_its_number() -> None:
    labels = [DeviationDescription(kind).label for kind in DeviationType]
    assert len(set(labels)) == len(DeviationType) == 12
    assert not any(label.startswith(DEVIATION_LIST) for label in labels)
    assert DeviationDescription("2.23.136.1.1.7.9").label == "2.23.136.1.1.7.9"


# --- other issuers' encodings ---------------------------------------------------------------------------------------


def content(*deviations: bytes, algorithm: bytes = b"") -> bytes:
    return tlv.encode(0x30, b"\x02\x01\x00", algorithm, tlv.encode(0x31, *deviations))


def about(*criteria: bytes) -> bytes:
    """A deviation of the documents that meet `criteria`."""
    return tlv.encode(0x30, tlv.encode(0x30, *criteria), tlv.encode(0x31, encode_description(DG_MALFORMED)))


TIMES = tlv.encode(0x18, b"20220101000000Z") + tlv.encode(0x18, b"20221231235959Z")
NAMED = SIGNER.issuer + tlv.encode(0x02, SIGNER.serial.to_bytes(2, "big"))


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (tlv.encode(0xA0, tlv.encode(0x13, b"P<")), DeviationDocuments("P<")),
        (tlv.encode(0xA1, NAMED), DeviationDocuments(signer=BY_NAME)),
        (tlv.encode(0xA1, tlv.encode(0x30, NAMED)), DeviationDocuments(signer=BY_NAME)),
        (tlv.encode(0xA2, tlv.encode(0x04, b"\x01\x02\x03")), DeviationDocuments(signer=BY_KEY)),
        (tlv.encode(0xA3, tlv.encode(0x04, b"\x07")), DeviationDocuments(signer=SignerReference(digest=b"\x07"))),
        (tlv.encode(0xA4, tlv.encode(0x30, TIMES)), DeviationDocuments(issued=IN_2022)),
        (tlv.encode(0xA5, tlv.encode(0x13, b"A1")), DeviationDocuments(document_numbers=frozenset({"A1"}))),
        (
            tlv.encode(0xA5, tlv.encode(0x31, tlv.encode(0x13, b"A1"))),
            DeviationDocuments(document_numbers=frozenset({"A1"})),
        ),
    ],
)
def test_a_criterion_may_come_under_an_explicit_tag(criterion: bytes, expected: DeviationDocuments) -> None:
    listed = parse_deviation_list(content(about(criterion)))
    assert listed.skipped == ()
    assert listed.deviations == (Deviation(expected, (DG_MALFORMED,)),)


def test_parameters_may_come_under_an_implicit_tag() -> None:
    described = tlv.encode(0x30, encode_oid(DeviationType.DG_MALFORMED), tlv.encode(0x80, b"\x02"))
    row = tlv.encode(0x30, tlv.encode(0x30), tlv.encode(0x31, described))
    (deviation,) = parse_deviation_list(content(row)).deviations
    assert deviation.descriptions[0].concerns == "EF.DG2"


def test_lengths_may_be_indefinite() -> None:
    row = b"\x30\x80" + tlv.parse_one(about()).value + b"\x00\x00"
    raw = b"\x30\x80\x02\x01\x00" + tlv.encode(0x31, row) + b"\x00\x00"
    assert parse_deviation_list(raw) == listing()


@pytest.mark.parametrize(
    "algorithm",
    [encode_oid(SHA384), tlv.encode(0x30, encode_oid(SHA384)), tlv.encode(0x30, encode_oid(SHA384), b"\5\0")],
)
def test_the_digest_algorithm_is_read_with_and_without_parameters(algorithm: bytes) -> None:
    assert parse_deviation_list(content(about(), algorithm=algorithm)).digest_algorithm == SHA384


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (about(tlv.encode(0x86, b"P")), "a criterion 86 that is not known"),
        (about(tlv.encode(0x80, b"P"), tlv.encode(0x80, b"I")), "twice"),
        (about(tlv.encode(0x82, b"\x01"), tlv.encode(0x83, b"\x02")), "in two ways"),
        (about(tlv.encode(0x82)), "not identified"),
        (about(tlv.encode(0xA1, SIGNER.issuer)), "not identified"),
        (about(tlv.encode(0x80, b"\xff\xfe")), "a text that cannot be read"),
        (about(tlv.encode(0xA0, tlv.encode(0x30))), "wrongly tagged"),
        (about(tlv.encode(0xA4, TIMES[:17])), "two ends"),
        (about(tlv.encode(0xA4, tlv.encode(0x18, b"2022") * 2)), "a time"),
        (tlv.encode(0x30, tlv.encode(0x30)), "no SEQUENCE of 2 fields"),
        (tlv.encode(0x30, tlv.encode(0x30), tlv.encode(0x30)), "the descriptions are missing"),
        (tlv.encode(0x30, tlv.encode(0x30), tlv.encode(0x31, tlv.encode(0x30, b"\x13\x01A"))), "without its type"),
        (tlv.encode(0x02, b"\x01"), "no SEQUENCE"),
    ],
)
def test_a_malformed_deviation_is_skipped_with_its_reason_and_the_others_stay(row: bytes, reason: str) -> None:
    listed = parse_deviation_list(content(about(), row, about(tlv.encode(0x80, b"P"))))
    assert len(listed.deviations) == 2
    (skipped,) = listed.skipped
    assert skipped.startswith("deviation 2: ")
    assert reason in skipped


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        b"\x31\x00",
        tlv.encode(0x30, b"\x02\x01\x00"),
        tlv.encode(0x30, tlv.encode(0x31), tlv.encode(0x31)),
        tlv.encode(0x30, b"\x02\x01\x00", tlv.encode(0x30), tlv.encode(0x31)),
        tlv.encode(0x30, b"\x02\x01\x00", encode_oid(SHA256)),
        tlv.encode(0x30, tlv.encode(0x02, bytes(65)), tlv.encode(0x31)),
        content(about())[:-1],
        content(b"\x30\x05\x00"),
    ],
)
def test_what_is_no_deviation_list_is_refused(raw: bytes) -> None:
    with pytest.raises(EncodingError):
        parse_deviation_list(raw)


# --- properties -----------------------------------------------------------------------------------------------------

OIDS = st.sampled_from([*map(str, DeviationType), "1.3.6.1.4.1.99999.1", "2.999.3"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))
REFERENCES = st.one_of(
    st.builds(SignerReference, issuer=st.just(SIGNER.issuer), serial=st.integers(-(1 << 160), 1 << 160)),
    st.builds(SignerReference, key_identifier=st.binary(min_size=1, max_size=20)),
    st.builds(SignerReference, digest=st.binary(min_size=1, max_size=64)),
)
DOCUMENTS = st.builds(
    DeviationDocuments,
    st.none() | st.sampled_from(["P", "P<", "ID", "V "]),
    st.none() | REFERENCES,
    st.none() | st.builds(IssuancePeriod, MOMENTS, MOMENTS),
    st.none() | st.frozensets(TEXTS, max_size=3),
)
DESCRIPTIONS = st.builds(DeviationDescription, OIDS, TEXTS, st.binary(max_size=12), st.binary(max_size=12))


def in_order(*, key: Any) -> Any:
    """A SET OF has no order of its own; its encoding has, and lists that are in it come back as they were."""
    return lambda members: tuple(sorted(members, key=key))


DEVIATIONS = st.builds(Deviation, DOCUMENTS, st.lists(DESCRIPTIONS, max_size=3).map(in_order(key=encode_description)))
LISTS = st.builds(
    DeviationList,
    st.integers(0, 300),
    st.sampled_from(["", SHA256, SHA384, MD5]),
    st.lists(DEVIATIONS, max_size=3).map(in_order(key=encode_deviation)),
)


@given(LISTS)
def test_a_list_comes_back_from_its_encoding(listed: DeviationList) -> None:
    assert parse_deviation_list(encode_deviation_list(listed)) == listed


def read_all(raw: bytes) -> None:
    """Parses, and asks everything that can be asked."""
    try:
        listed = parse_deviation_list(raw)
    except CardError:
        return
    for description in listed.descriptions_for(FACTS):
        assert isinstance(description.concerns, str)
    assert repr(listed)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_an_error_of_ours(raw: bytes) -> None:
    read_all(raw)
    read_all(content(tlv.encode(0x30, raw)))
    read_all(content(about(raw)))


@given(LISTS, st.data())
def test_any_damage_ends_in_a_value_or_an_error_of_ours(listed: DeviationList, data: st.DataObject) -> None:
    raw = bytearray(encode_deviation_list(listed))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    read_all(bytes(raw))


def test_deep_nesting_is_an_error_of_ours() -> None:
    with pytest.raises(EncodingError):
        parse_deviation_list(b"\x30\x80" * 100_000)
    read_all(content(about(b"\xa1\x80" * 100_000)))
