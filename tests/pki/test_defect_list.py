"""Defect lists: what is known of a signer's documents, in a list as it was published and in lists made here."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CardError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.defect_list import (
    DEFECT_LIST,
    Defect,
    DefectList,
    DefectType,
    KnownDefect,
    encode_defect,
    encode_defect_list,
    encode_known_defect,
    parse_defect_list,
)
from cccd_nfc.pki.signer_reference import SignerReference
from pki.issuing import csca, document_signer

CSCA = csca()
SIGNER, OTHER = document_signer(CSCA, 50).parsed, document_signer(CSCA, 51).parsed
SHA256, SHA512, MD5 = "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.2.5"
REVOKED = KnownDefect(DefectType.CERT_REVOKED, b"\x0a\x01\x03")
BY_NAME = SignerReference(SIGNER.issuer, SIGNER.serial)


def listing(signer: SignerReference, *known: KnownDefect, algorithm: str = SHA256) -> DefectList:
    """A list with one signer, after it has been through its encoding."""
    listed = DefectList(0, algorithm, (Defect(signer, known or (REVOKED,)),))
    assert parse_defect_list(encode_defect_list(listed)) == listed
    return listed


def digest(certificate: Certificate, hash_name: str = "sha256") -> bytes:
    return hashlib.new(hash_name, certificate.raw).digest()


# --- whom a row means -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        BY_NAME,
        SignerReference(key_identifier=SIGNER.subject_key_identifier),
        SignerReference(SIGNER.issuer, SIGNER.serial, digest=digest(SIGNER)),
        SignerReference(key_identifier=SIGNER.subject_key_identifier, digest=digest(SIGNER)),
    ],
)
def test_a_signer_is_found_by_name_or_key_and_not_taken_for_another(reference: SignerReference) -> None:
    assert listing(reference).defects_of(SIGNER) == (REVOKED,)
    assert listing(reference).defects_of(OTHER) == ()


def test_the_same_issuer_and_serial_with_another_digest_is_another_certificate() -> None:
    assert listing(SignerReference(SIGNER.issuer, SIGNER.serial, digest=digest(OTHER))).defects_of(SIGNER) == ()


def test_the_digest_is_made_by_the_algorithm_of_the_list() -> None:
    reference = SignerReference(SIGNER.issuer, SIGNER.serial, digest=digest(SIGNER, "sha512"))
    assert listing(reference, algorithm=SHA512).defects_of(SIGNER) == (REVOKED,)
    assert listing(reference, algorithm=SHA256).defects_of(SIGNER) == ()


def test_issuer_and_serial_decide_alone_where_the_algorithm_is_not_known() -> None:
    reference = SignerReference(SIGNER.issuer, SIGNER.serial, digest=bytes(16))
    assert listing(reference, algorithm=MD5).defects_of(SIGNER) == (REVOKED,)
    assert listing(reference, algorithm=MD5).defects_of(OTHER) == ()


# --- what a row says ------------------------------------------------------------------------------------------------


def test_a_replaced_certificate_brings_the_one_in_its_place() -> None:
    known = KnownDefect(DefectType.CERT_REPLACED, OTHER.raw)
    assert listing(BY_NAME, known).defects_of(SIGNER)[0].replacement == OTHER
    assert KnownDefect(DefectType.CERT_REPLACED, b"\x30\x00").replacement is None
    assert KnownDefect(DefectType.CERT_REPLACED).replacement is None
    assert REVOKED.replacement is None


def test_a_replacement_has_the_defects_of_what_it_replaces() -> None:
    """One row means SIGNER by its digest alone and gives OTHER; a second row of the same reference is revoked."""
    reference = SignerReference(SIGNER.issuer, SIGNER.serial, digest=digest(SIGNER))
    replaced = KnownDefect(DefectType.CERT_REPLACED, OTHER.raw)
    listed = DefectList(defects=(Defect(reference, (replaced,)), Defect(reference, (REVOKED,))))
    assert listed.defects_of(OTHER) == listed.defects_of(SIGNER) == (replaced, REVOKED)
    assert listed.defects_of(document_signer(CSCA, 52).parsed) == ()


def test_the_replacement_of_a_certificate_is_another_certificate() -> None:
    listed = listing(BY_NAME, KnownDefect(DefectType.CERT_REPLACED, OTHER.raw))
    assert listed.replacement_of(SIGNER) == OTHER
    assert listed.replacement_of(OTHER) is None
    assert listed.replacements == (OTHER,)
    unreadable = listing(BY_NAME, KnownDefect(DefectType.CERT_REPLACED, b"\x30\x00"))
    assert unreadable.replacement_of(SIGNER) is None
    assert unreadable.replacements == ()


def test_a_revocation_may_say_why() -> None:
    assert REVOKED.status_code == 3
    assert KnownDefect(DefectType.CERT_REVOKED).status_code is None
    assert KnownDefect(DefectType.SOD_INVALID, b"\x0a\x01\x03").status_code is None


def test_malformed_data_groups_are_numbered() -> None:
    numbers = tlv.encode(0x31, b"\x02\x01\x0b", b"\x02\x01\x02")
    assert KnownDefect(DefectType.EPASSPORT_DG_MALFORMED, numbers).data_groups == (2, 11)
    assert KnownDefect(DefectType.EID_DG_MALFORMED, numbers).data_groups == (2, 11)
    assert KnownDefect(DefectType.EID_DG_MALFORMED, b"\x31\x03").data_groups == ()
    assert KnownDefect(DefectType.EID_INTEGRITY, numbers).data_groups == ()


def test_every_known_type_has_words_and_another_keeps_its_number() -> None:
    labels = [KnownDefect(kind).label for kind in DefectType]
    assert len(set(labels)) == len(DefectType) == 11
    assert not any(label.startswith(DEFECT_LIST) for label in labels)
    unknown = KnownDefect(f"{DEFECT_LIST}.2.3")
    assert listing(BY_NAME, unknown).defects_of(SIGNER) == (unknown,)
    assert unknown.label == f"{DEFECT_LIST}.2.3"


# --- encodings of others, and broken ones ---------------------------------------------------------------------------


def content(*rows: bytes, algorithm: bytes = encode_oid(SHA256)) -> bytes:
    return tlv.encode(0x30, b"\x02\x01\x00", algorithm, tlv.encode(0x31, *rows))


def row(identifier: bytes, *known: bytes) -> bytes:
    return tlv.encode(0x30, identifier, tlv.encode(0x31, *known))


GOOD = encode_defect(Defect(BY_NAME, (REVOKED,)))
NAMED = tlv.encode(0x30, SIGNER.issuer, tlv.encode(0x02, SIGNER.serial.to_bytes(2, "big")))


def test_the_hash_algorithm_may_be_a_whole_algorithm_identifier() -> None:
    algorithm = tlv.encode(0x30, encode_oid(SHA512), b"\x05\x00")
    assert parse_defect_list(content(GOOD, algorithm=algorithm)).hash_algorithm == SHA512


def test_the_key_identifier_may_come_under_an_explicit_tag() -> None:
    identifier = tlv.encode(0xA0, tlv.encode(0x04, SIGNER.subject_key_identifier))
    listed = parse_defect_list(content(row(identifier, encode_known_defect(REVOKED))))
    assert listed.defects_of(SIGNER) == (REVOKED,)


def test_parameters_may_come_under_a_tag_of_their_own() -> None:
    tagged = tlv.encode(0x30, encode_oid(REVOKED.defect_type), tlv.encode(0xA0, REVOKED.parameters))
    assert parse_defect_list(content(row(NAMED, tagged))).defects_of(SIGNER) == (REVOKED,)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (tlv.encode(0x02, b"\x01"), "no SEQUENCE"),
        (tlv.encode(0x30, NAMED), "no SEQUENCE of 2 fields"),
        (tlv.encode(0x30, NAMED, tlv.encode(0x04, bytes(32))), "the known defects are missing"),
        (row(tlv.encode(0x80)), "not identified"),
        (row(tlv.encode(0x30, SIGNER.issuer)), "not identified"),
        (row(tlv.encode(0x30, SIGNER.issuer, tlv.encode(0x02, bytes(65)))), "overlong"),
        (row(tlv.encode(0x04, b"\x01")), "not identified"),
    ],
)
def test_a_malformed_row_is_skipped_with_its_reason_and_the_others_stay(bad: bytes, reason: str) -> None:
    listed = parse_defect_list(content(GOOD, bad, GOOD))
    assert listed.defects_of(SIGNER) == (REVOKED, REVOKED)
    (skipped,) = listed.skipped
    assert skipped.startswith("defect 2: ")
    assert reason in skipped


def test_a_malformed_defect_does_not_hide_a_revocation_beside_it() -> None:
    nameless = tlv.encode(0x30, b"\x04\x01\x00")
    listed = parse_defect_list(content(row(NAMED, nameless, encode_known_defect(REVOKED))))
    assert listed.defects_of(SIGNER) == (REVOKED,)
    assert listed.skipped == ("known defect 1: a defect without its type",)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x30\x00",
        tlv.encode(0x30, b"\x02\x01\x00", encode_oid(SHA256)),
        tlv.encode(0x30, b"\x02\x01\x00", encode_oid(SHA256), tlv.encode(0x30)),
        tlv.encode(0x30, b"\x04\x01\x00", encode_oid(SHA256), tlv.encode(0x31)),
        content(GOOD, algorithm=tlv.encode(0x30)),
        content(GOOD, algorithm=b"\x05\x00"),
        content(GOOD)[:-1],
        b"\x30\x80" * 100_000,
    ],
)
def test_what_is_no_defect_list_is_refused(raw: bytes) -> None:
    with pytest.raises(EncodingError):
        parse_defect_list(raw)


# --- properties -----------------------------------------------------------------------------------------------------

OIDS = st.sampled_from([*map(str, DefectType), "1.3.6.1.4.1.99999.1", "2.999.3"])
PARAMETERS = st.just(b"") | st.builds(tlv.encode, st.sampled_from([0x0A, 0x31, 0x30]), st.binary(max_size=12))
DIGESTS = st.just(b"") | st.binary(min_size=20, max_size=64)
REFERENCES = st.one_of(
    st.builds(
        SignerReference, issuer=st.just(SIGNER.issuer), serial=st.integers(-(1 << 160), 1 << 160), digest=DIGESTS
    ),
    st.builds(SignerReference, key_identifier=st.binary(min_size=1, max_size=20), digest=DIGESTS),
)


def in_order(*, key: Any) -> Any:
    """A SET OF has no order of its own; its encoding has, and lists that are in it come back as they were."""
    return lambda members: tuple(sorted(members, key=key))


KNOWN = st.lists(st.builds(KnownDefect, OIDS, PARAMETERS), max_size=3).map(in_order(key=encode_known_defect))
DEFECTS = st.lists(st.builds(Defect, REFERENCES, KNOWN), max_size=3).map(in_order(key=encode_defect))
LISTS = st.builds(DefectList, st.integers(0, 300), st.sampled_from([SHA256, SHA512, MD5]), DEFECTS)


@given(LISTS)
def test_a_list_comes_back_from_its_encoding(listed: DefectList) -> None:
    assert parse_defect_list(encode_defect_list(listed)) == listed


def read_all(raw: bytes) -> None:
    """Parses, and asks everything that can be asked."""
    try:
        listed = parse_defect_list(raw)
    except CardError:
        return
    listed.defects_of(SIGNER)
    for known in (known for defect in listed.defects for known in defect.known_defects):
        assert known.replacement is None or known.replacement.raw
        assert known.status_code is None or isinstance(known.status_code, int)
        assert isinstance(known.data_groups, tuple)
    assert repr(listed)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_an_error_of_ours(raw: bytes) -> None:
    read_all(raw)
    read_all(content(tlv.encode(0x30, raw)))
    read_all(content(row(NAMED, tlv.encode(0x30, encode_oid(DefectType.CERT_REPLACED), raw))))


@given(LISTS, st.data())
def test_any_damage_ends_in_a_value_or_an_error_of_ours(listed: DefectList, data: st.DataObject) -> None:
    raw = bytearray(encode_defect_list(listed))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read_all(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    read_all(bytes(raw))


# --- as published ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(realdata: Path) -> bytes:
    signed = parse_signed_data((realdata / "defectlist" / "defectListWithCertReplaced.bin").read_bytes())
    assert signed.content_type == DEFECT_LIST
    return signed.content


@pytest.mark.realdata
def test_the_published_list_of_indefinite_length_reads_whole(published: bytes) -> None:
    listed = parse_defect_list(published)
    assert (listed.version, listed.hash_algorithm, listed.skipped) == (0, SHA256, ())
    assert [defect.signer.serial for defect in listed.defects] == [0x142, 0x4C5, 0x4C6, 0x411, 0x412]
    known = [defect.known_defects[0] for defect in listed.defects]
    assert [each.defect_type for each in known] == [DefectType.CERT_REPLACED] + [DefectType.CERT_REVOKED] * 4
    assert [each.status_code for each in known] == [None, 3, 3, 3, 3]


@pytest.mark.realdata
def test_the_malformed_signer_of_the_published_list_gets_its_replacement(realdata: Path, published: bytes) -> None:
    malformed = Certificate.parse((realdata / "edge_certs" / "de2343b97937dbc2.cer").read_bytes())
    (known,) = parse_defect_list(published).defects_of(malformed)
    assert known.replacement is not None
    assert known.replacement.serial == malformed.serial
    assert known.replacement.fingerprint != malformed.fingerprint
    assert parse_defect_list(published).replacement_of(malformed) == known.replacement
    assert parse_defect_list(published).replacement_of(known.replacement) is None


@pytest.mark.realdata
def test_the_published_list_survives_our_own_encoding(published: bytes) -> None:
    listed = parse_defect_list(published)
    again = parse_defect_list(encode_defect_list(listed))
    assert sorted(map(encode_defect, again.defects)) == sorted(map(encode_defect, listed.defects))


@pytest.mark.realdata
def test_no_damaged_byte_of_the_published_list_escapes_as_another_error(published: bytes) -> None:
    for at in range(len(published)):
        changed = bytearray(published)
        changed[at] ^= 0xFF
        read_all(bytes(changed))
