"""Deviation lists: what a description says, and bytes that issuers, or others, may send."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki.deviation_encoding import encode_description
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

SIGNER = document_signer(csca(), 50).parsed
FACTS = DocumentFacts(SIGNER, "P<", "X1234567<", date(2022, 5, 17))
DG_MALFORMED = DeviationDescription(DeviationType.DG_MALFORMED, "DG3 has two sizes", b"\x02\x01\x03")
IN_2022 = IssuancePeriod(datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 12, 31, 23, 59, 59, tzinfo=UTC))
BY_NAME, BY_KEY = SignerReference(SIGNER.issuer, SIGNER.serial), SignerReference(key_identifier=b"\x01\x02\x03")
SHA256, SHA384 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2"


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
    assert parse_deviation_list(raw) == parse_deviation_list(content(about()))


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


# --- any bytes -------------------------------------------------------------------------------------------------------


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


def test_deep_nesting_is_an_error_of_ours() -> None:
    with pytest.raises(EncodingError):
        parse_deviation_list(b"\x30\x80" * 100_000)
    read_all(content(about(b"\xa1\x80" * 100_000)))
