"""The machine readable zone against the documents of ICAO 9303, and against any text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, UsageError
from cccd_nfc.lds.mrz import check_digit, encode_td1, encode_td3, mrz_information, parse_mrz


def test_check_digits_of_the_standard(vector: Callable[[str], Any]) -> None:
    data = vector("mrz_check_digits")
    for case in data["simple"]:
        assert check_digit(case["value"]) == case["check_digit"], case["clause"]
    checked = 0
    for document in data["documents"]:
        for row in document["fields"]:
            checked += 1
            assert check_digit(row["value"]) == row["computed"], document["clause"]
    assert checked > 30


def test_the_standards_documents_parse_and_wrong_digits_are_named(vector: Callable[[str], Any]) -> None:
    parsed = 0
    for document in vector("mrz_check_digits")["documents"]:
        if document["format"] not in ("TD1", "TD2", "TD3"):
            continue  # visas have no chip
        if None in document["lines"]:
            continue  # the standard prints one line of it only
        mrz = parse_mrz("\n".join(document["lines"]))
        parsed += 1
        assert ("composite" in mrz.problems) == (not document["composite_valid"]), document["clause"]
    assert parsed >= 6


def test_long_document_numbers_go_on_in_the_optional_data() -> None:
    lines = encode_td1(
        document_code="ID", issuer="UTO", document_number="D23145890734", birth_date="340712", sex="M",
        expiry_date="950712", nationality="UTO", names="STEVENSON<<PETER",
    )  # fmt: skip
    mrz = parse_mrz("".join(lines))
    assert (mrz.document_number, mrz.problems) == ("D23145890734", ())
    assert mrz_information(mrz.document_number, mrz.birth_date, mrz.expiry_date) == "D23145890734934071279507122"


def test_td3_survives() -> None:
    lines = encode_td3(
        document_code="P", issuer="UTO", document_number="L898902C3", birth_date="740812", sex="F",
        expiry_date="300415", nationality="UTO", optional_data="ZE184226B", names="ERIKSSON<<ANNA<MARIA",
    )  # fmt: skip
    mrz = parse_mrz("\n".join(lines))
    assert (mrz.surname, mrz.given_names, mrz.optional_data, mrz.problems) == (
        "ERIKSSON",
        "ANNA MARIA",
        "ZE184226B",
        (),
    )


@pytest.mark.parametrize("at", [14, 36, 44, 59])
def test_a_wrong_check_digit_is_named_and_not_fatal(at: int) -> None:
    text = "IDVNM0990000017001099000001<<89902015M2402011VNM<<<<<<<<<<<8NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<"
    assert parse_mrz(text).problems == ()
    wrong = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
    assert parse_mrz(wrong).problems


@given(st.text(alphabet="0123456789ABCZ<", min_size=90, max_size=90) | st.text(max_size=95))
def test_any_text_is_an_mrz_or_an_error_of_ours(text: str) -> None:
    try:
        parse_mrz(text)
    except CccdError:
        return


def test_errors_do_not_repeat_what_was_typed() -> None:
    with pytest.raises(UsageError) as caught:
        check_digit("sécret")
    assert "cret" not in str(caught.value)
