"""Data objects: every form of tag and length, exact bytes kept, nothing but our own errors for broken ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, EncodingError
from cccd_nfc.iso7816 import tlv

tags = st.sampled_from([0x04, 0x30, 0x5C, 0x61, 0x6D, 0x5F36, 0x7F49, 0x5F2E, 0x7F61, 0x99])


@given(tags, st.binary(max_size=70_000))
def test_what_is_encoded_is_what_is_parsed(tag: int, value: bytes) -> None:
    found = tlv.parse_one(tlv.encode(tag, value))
    assert (found.tag, found.value, found.raw) == (tag, value, tlv.encode(tag, value))


@given(st.binary(max_size=200))
def test_any_bytes_parse_or_raise_an_error_of_ours(raw: bytes) -> None:
    try:
        objects = tlv.parse_all(raw)
    except CccdError:
        return
    assert b"".join(each.raw for each in objects) == raw


@pytest.mark.parametrize("raw", ["8103000102", "820003000102", "83000003000102", "8400000003000102"])
def test_lengths_may_be_longer_than_needed_and_keep_their_bytes(raw: str) -> None:
    whole = bytes.fromhex("04" + raw)
    found = tlv.parse_one(whole)
    assert found.value == bytes.fromhex("000102")
    assert found.raw == whole


def test_an_indefinite_length_ends_at_its_end_of_contents() -> None:
    raw = bytes.fromhex("3080 3080 040100 0000 020105 0000".replace(" ", ""))
    found = tlv.parse_one(raw + b"\xff")
    assert found.raw == raw
    assert [child.tag for child in found.children()] == [0x30, 0x02]


@pytest.mark.parametrize(
    "raw",
    ["", "30", "3005", "30050102", "1F", "1FFFFFFFFF0100", "3085000000000101", "0480040000", "308030800000"],
)
def test_torn_objects_are_refused(raw: str) -> None:
    with pytest.raises(EncodingError):
        tlv.parse_one(bytes.fromhex(raw))


def test_endless_nesting_of_indefinite_lengths_is_refused() -> None:
    with pytest.raises(EncodingError):
        tlv.parse_one(bytes.fromhex("3080") * 100_000)


def test_a_wrong_tag_is_named() -> None:
    with pytest.raises(EncodingError, match=r"EF\.COM: tag 61 where 60 is expected"):
        tlv.parse_one(bytes.fromhex("6100"), tag=0x60, name="EF.COM")


def test_the_header_alone_tells_the_length() -> None:
    assert tlv.parse_header(bytes.fromhex("758241A0")) == (0x75, 4, 0x41A0)
    assert tlv.parse_header(bytes.fromhex("3080")) == (0x30, 2, -1)
