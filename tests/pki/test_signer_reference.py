"""How lists name a signer, and the structures that they share."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki.signer_reference import (
    SignerReference,
    encode_issuer_and_serial,
    encode_set_of,
    parse_algorithm,
    parse_integer,
    parse_issuer_and_serial,
    readable,
)
from pki.issuing import csca, document_signer

SIGNER = document_signer(csca(), 50).parsed
DIGEST = hashlib.sha256(SIGNER.raw).digest()
SHA256 = "2.16.840.1.101.3.4.2.1"


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        (SignerReference(SIGNER.issuer, SIGNER.serial), True),
        (SignerReference(SIGNER.issuer, SIGNER.serial, digest=DIGEST), True),
        (SignerReference(key_identifier=SIGNER.subject_key_identifier, digest=DIGEST), True),
        (SignerReference(digest=DIGEST), True),
        (SignerReference(SIGNER.issuer, SIGNER.serial + 1, digest=DIGEST), False),
        (SignerReference(SIGNER.issuer, None), False),
        (SignerReference(SIGNER.subject, SIGNER.serial), False),
        (SignerReference(SIGNER.issuer, SIGNER.serial, digest=bytes(32)), False),
        (SignerReference(key_identifier=b"\x01", digest=DIGEST), False),
        (SignerReference(), False),
    ],
)
def test_a_reference_names_what_all_of_it_fits(reference: SignerReference, meant: bool) -> None:
    assert reference.names(SIGNER, "sha256") is meant


def test_a_digest_of_an_unknown_hash_decides_nothing() -> None:
    assert not SignerReference(digest=DIGEST).names(SIGNER, "")
    assert SignerReference(SIGNER.issuer, SIGNER.serial, digest=b"\x01").names(SIGNER, "")


@given(st.integers(-(1 << 160), 1 << 160))
def test_issuer_and_serial_come_back_from_their_encoding_under_any_tag(serial: int) -> None:
    reference = SignerReference(SIGNER.issuer, serial)
    for tag in (0x30, 0xA1):
        assert parse_issuer_and_serial(tlv.parse_one(encode_issuer_and_serial(tag, reference))) == (
            SIGNER.issuer,
            serial,
        )


@given(st.lists(st.binary(max_size=4).map(lambda value: tlv.encode(0x04, value)), max_size=5))
def test_a_set_of_does_not_depend_on_the_order_of_its_members(members: list[bytes]) -> None:
    assert encode_set_of(0x31, members) == encode_set_of(0x31, reversed(members))


def test_numbers_may_be_enumerated_and_negative_and_not_without_end() -> None:
    assert parse_integer(tlv.parse_one(b"\x0a\x01\x03")) == 3
    assert parse_integer(tlv.parse_one(b"\x02\x01\xff")) == -1
    for wrong in (b"\x02\x00", b"\x04\x01\x03", tlv.encode(0x02, bytes(65))):
        with pytest.raises(EncodingError):
            parse_integer(tlv.parse_one(wrong))


def test_an_algorithm_may_stand_alone_or_with_parameters() -> None:
    for raw in (
        encode_oid(SHA256),
        tlv.encode(0x30, encode_oid(SHA256)),
        tlv.encode(0x30, encode_oid(SHA256), b"\5\0"),
    ):
        assert parse_algorithm(tlv.parse_one(raw)) == SHA256
    for wrong in (b"\x05\x00", b"\x30\x00", tlv.encode(0x30, b"\x02\x01\x00")):
        with pytest.raises(EncodingError):
            parse_algorithm(tlv.parse_one(wrong))


def test_what_cannot_be_read_is_skipped_by_its_number() -> None:
    skipped: list[str] = []
    rows = tlv.parse_one(tlv.encode(0x31, b"\x02\x01\x07", b"\x04\x00", b"\x02\x01\x09"))
    assert readable("number", rows, parse_integer, skipped) == (7, 9)
    assert skipped == ["number 2: a number that is none, or an overlong one"]
