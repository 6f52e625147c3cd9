"""LDIF files of the PKD: both shapes of values, folding, comments, change records, and bytes that are none of these."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.ldif import LdifObject, ObjectKind, SkippedValue, read_ldif
from pki.issuing import csca, document_signer

CSCA = csca()
SIGNER = document_signer(CSCA).parsed.raw
VALUE = base64.b64encode(SIGNER).decode()


def folded(line: str, width: int = 76) -> str:
    """`line` as LDIF folds it, the first piece and each further one `width` characters long."""
    pieces = [line[:width], *(line[at : at + width - 1] for at in range(width, len(line), width - 1))]
    return "\n ".join(pieces)


DN = "cn=Signer,o=dsc,c=UT,dc=data,dc=download,dc=pkd,dc=icao,dc=int"
ENTRY = f"dn: {DN}\nobjectClass: top\n" + folded(f"userCertificate;binary:: {VALUE}") + "\nsn: 1\n"


def read(text: str) -> list[LdifObject]:
    """The objects of a file in which every value can be decoded."""
    reader = read_ldif(text.encode())
    found = list(reader)
    assert reader.skipped == []
    return found


# --- shapes ---------------------------------------------------------------------------------------------------------


def test_a_folded_certificate_comes_with_its_name_and_line() -> None:
    found = read(f"version: 1\n\n{ENTRY}\n")
    assert found == [LdifObject(ObjectKind.CERTIFICATE, DN, SIGNER, 5)]


@pytest.mark.parametrize(
    ("attribute", "kind"),
    [
        ("userCertificate;binary", "certificate"),
        ("usercertificate", "certificate"),
        ("USERCERTIFICATE;BINARY", "certificate"),
        ("cACertificate;binary", "csca-certificate"),
        ("certificateRevocationList;binary", "crl"),
        ("CscaMasterListData", "master-list"),
        ("pkdMasterListContent", "master-list"),
        ("pkdMasterListContent;binary", "master-list"),
        ("pkdDeviationListContent;binary", "deviation-list"),
    ],
)
def test_attributes_are_known_in_any_letter_case_with_and_without_option(attribute: str, kind: str) -> None:
    (found,) = read(f"dn: {DN}\n{attribute}:: {VALUE}\n")
    assert (found.kind, found.raw) == (kind, SIGNER)


@pytest.mark.parametrize("separator", ["::", ":: ", "::   ", ":", ": "])
def test_base64_may_stand_behind_one_colon_or_two(separator: str) -> None:
    (found,) = read(f"dn: {DN}\nuserCertificate;binary{separator}{VALUE}\n")
    assert found.raw == SIGNER


def test_line_ends_byte_order_mark_and_a_missing_last_line_make_no_difference() -> None:
    for text in (ENTRY, ENTRY.replace("\n", "\r\n"), "\ufeff" + ENTRY, ENTRY.rstrip("\n"), "\n\n" + ENTRY + "\n\n\n"):
        (found,) = read(text)
        assert (found.dn, found.raw) == (DN, SIGNER)


def test_comments_are_left_out_even_when_folded() -> None:
    comment = (
        f"# userCertificate;binary:: AAAA\n#dn: cn=nobody\n# a long one\n that goes on\n userCertificate:: {VALUE}\n"
    )
    (found,) = read(f"{comment}\n{comment}dn: {DN}\n{comment}cACertificate:: {VALUE}\n{comment}")
    assert (found.kind, found.dn) == (ObjectKind.CSCA_CERTIFICATE, DN)


def test_a_folded_name_and_a_name_in_base64_are_read() -> None:
    (one,) = read(f"{folded(f'dn: {DN}', 20)}\nuserCertificate:: {VALUE}\n")
    encoded = base64.b64encode("cn=Krüger,c=UT".encode()).decode()
    (other,) = read(f"dn:: {encoded}\nuserCertificate:: {VALUE}\n")
    assert (one.dn, other.dn) == (DN, "cn=Krüger,c=UT")


def test_conformance_codes_go_with_every_object_of_their_entry_and_no_other() -> None:
    codes = "pkdConformanceCode: ERR:CSCA.BAC.25\nPKDCONFORMANCECODE: WARN:DSC.SUB.11\n"
    first = f"dn: {DN}\npkdConformanceText: long\nuserCertificate:: {VALUE}\n{codes}cACertificate:: {VALUE}\n"
    found = read(f"{first}\n{ENTRY}")
    expected = ("ERR:CSCA.BAC.25", "WARN:DSC.SUB.11")
    assert [each.conformance for each in found] == [expected, expected, ()]


def test_a_second_name_begins_an_entry_where_the_empty_line_is_missing() -> None:
    found = read(f"{ENTRY}pkdConformanceCode: A\ndn: cn=next\nuserCertificate:: {VALUE}\n")
    assert [(each.dn, each.conformance) for each in found] == [(DN, ("A",)), ("cn=next", ())]


def test_a_folded_line_after_an_empty_one_does_not_join_two_entries() -> None:
    (found,) = read(f"{ENTRY}\n folded from nothing\npkdConformanceCode: B\n")
    assert found.conformance == ()


def test_a_change_record_gives_what_it_adds_and_not_what_it_takes_away() -> None:
    change = (
        f"dn: {DN}\nchangetype: modify\n"
        f"delete: userCertificate;binary\nuserCertificate;binary:: {VALUE}\n-\n"
        f"add: cACertificate;binary\ncACertificate;binary:: {VALUE}\n-\n"
        f"replace: certificateRevocationList;binary\ncertificateRevocationList;binary:: {VALUE}\n-\n"
    )
    assert [each.kind for each in read(change)] == [ObjectKind.CSCA_CERTIFICATE, ObjectKind.CRL]


def test_a_removal_ends_with_its_entry() -> None:
    assert len(read(f"dn: {DN}\nchangetype: modify\ndelete: sn\n\n{ENTRY}")) == 1


# --- what cannot be read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (":: AAA", "no base64"),
        (":: not base64!", "no base64"),
        (":: ÄÖÜ=", "no base64"),
        (": \x00\x01", "no base64"),
        (":: ", "empty"),
        (":", "empty"),
        (":< file:///etc/certificate.der", "another file"),
    ],
)
def test_a_value_that_cannot_be_decoded_is_skipped_with_a_record_and_the_others_stay(value: str, reason: str) -> None:
    reader = read_ldif(f"version: 1\n\ndn: cn=bad\nuserCertificate{value}\nsn: 2\n\n{ENTRY}".encode())
    assert [each.raw for each in reader] == [SIGNER]
    (skipped,) = reader.skipped
    assert (skipped.dn, skipped.line) == ("cn=bad", 4)
    assert reason in skipped.reason


def test_reading_again_records_the_same_once() -> None:
    reader = read_ldif(b"dn: cn=bad\nuserCertificate:: ?\n")
    assert list(reader) == list(reader) == []
    assert reader.skipped == [SkippedValue("cn=bad", 2, "a value that is no base64")]


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b" ", b" folded from nothing", b":", b"::", b"-", b"\xef\xbb\xbf", b"\r\n\r"]
)
def test_what_is_no_ldif_has_no_objects(raw: bytes) -> None:
    reader = read_ldif(raw)
    assert (list(reader), reader.skipped) == ([], [])


# --- properties -----------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=4), st.integers(20, 100), st.booleans())
def test_values_come_back_however_they_are_folded(values: list[bytes], width: int, crlf: bool) -> None:
    lines = [folded(f"userCertificate;binary:: {base64.b64encode(value).decode()}", width) for value in values]
    text = "".join(f"dn: cn={number}\n{line}\n\n" for number, line in enumerate(lines))
    found = read(text.replace("\n", "\r\n") if crlf else text)
    assert [each.raw for each in found] == values
    assert [each.dn for each in found] == [f"cn={number}" for number in range(len(values))]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(raw: bytes) -> None:
    for text in (raw, ENTRY.encode() + raw, b"dn: " + raw + b"\nuserCertificate:" + raw):
        reader = read_ldif(text)
        assert all(each.raw and each.line > 0 for each in reader)


@given(st.lists(st.tuples(st.integers(0, len(ENTRY) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_damage_is_read_without_an_error(changes: list[tuple[int, int]]) -> None:
    raw = bytearray(ENTRY.encode() * 2)
    for at, byte in changes:
        raw[at] = byte
    reader = read_ldif(bytes(raw))
    # The second entry is whole, and whatever the first has become does not touch it.
    assert list(reader)[-1].raw == SIGNER


def test_a_large_file_is_read_in_a_few_seconds_and_entry_by_entry() -> None:
    raw = f"{ENTRY}\n".encode() * 20_000
    begin = time.monotonic()
    reader = iter(read_ldif(raw))
    assert next(reader).raw == SIGNER
    assert time.monotonic() - begin < 1
    assert sum(1 for _ in reader) == 19_999
    assert time.monotonic() - begin < 20


# --- as published ---------------------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_every_certificate_of_the_published_collection_is_read_with_its_codes(realdata: Path) -> None:
    raw = (realdata / "pkd" / "icaopkd-003-nonconformant-open.ldif").read_bytes()
    reader = read_ldif(raw)
    found = list(reader)
    assert reader.skipped == []
    assert len(found) == 254
    assert {each.kind for each in found} == {ObjectKind.CERTIFICATE}
    assert len({Certificate.parse(each.raw).fingerprint for each in found}) == 254
    assert sum(len(each.conformance) for each in found) == 1065
    assert all(each.conformance for each in found)
    lines = raw.splitlines()
    assert all(lines[each.line - 1].startswith(b"userCertificate;binary:: ") for each in found)


@pytest.mark.realdata
def test_the_names_of_the_published_collection_are_whole(realdata: Path) -> None:
    reader = read_ldif((realdata / "pkd" / "icaopkd-003-nonconformant-open.ldif").read_bytes())
    assert all(each.dn.endswith("dc=nc-data,dc=download,dc=pkd,dc=icao,dc=int") for each in reader)
