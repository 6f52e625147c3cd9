"""Deviation lists there and back: any list comes back from its encoding, and no damage to one surprises."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CardError
from cccd_nfc.pki.deviation_encoding import encode_description, encode_deviation, encode_deviation_list
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

SIGNER = document_signer(csca(), 50).parsed
FACTS = DocumentFacts(SIGNER, "P<", "X1234567<", date(2022, 5, 17))
SHA256, SHA384, MD5 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.2.5"

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


@given(LISTS)
def test_what_is_read_from_any_list_can_be_asked_of_it(listed: DeviationList) -> None:
    for deviation in listed.deviations:
        assert isinstance(deviation.documents.match(FACTS, "sha256"), bool)
        assert all(isinstance(described.concerns, str) for described in deviation.descriptions)
    assert "X1234567" not in repr(listed)


def read_all(raw: bytes) -> None:
    """Parses, and asks everything that can be asked."""
    try:
        listed = parse_deviation_list(raw)
    except CardError:
        return
    listed.descriptions_for(FACTS)
    assert repr(listed)


@given(LISTS, st.data())
def test_any_damage_ends_in_a_value_or_an_error_of_ours(listed: DeviationList, data: st.DataObject) -> None:
    raw = bytearray(encode_deviation_list(listed))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    read_all(bytes(raw))
