"""Sentences that keep what they were made from, through all that is done to a report on its way."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable

import pytest

from cccd_nfc.errors import EncodingError, StatusWordError
from cccd_nfc.report import Check, CheckName, Outcome
from cccd_nfc.sentences import Said, joined, sentence_of

SIMPLE = Said("not on the list of {day}", day="2026-05-30")
NESTED = Said("{before}; but {why}", before=SIMPLE, why=Said("{count} of {all}", count=2, all=3))

KEEPING: dict[str, Callable[[Said], Said]] = {
    "pickle": lambda said: pickle.loads(pickle.dumps(said)),
    "old pickle": lambda said: pickle.loads(pickle.dumps(said, 0)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def test_a_sentence_is_the_text_that_its_values_make() -> None:
    assert SIMPLE == "not on the list of 2026-05-30"
    assert hash(SIMPLE) == hash("not on the list of 2026-05-30")
    assert isinstance(SIMPLE, str)
    assert (SIMPLE.template, SIMPLE.values) == ("not on the list of {day}", {"day": "2026-05-30"})


def test_a_sentence_does_all_that_a_text_does() -> None:
    assert f"{SIMPLE}!" == SIMPLE + "!" == "not on the list of 2026-05-30!"
    assert SIMPLE[:3] == "not"
    assert "list" in SIMPLE
    assert "not on the list of 2026-05-30" in {SIMPLE}
    assert sorted([SIMPLE, Said("a")]) == ["a", SIMPLE]
    assert json.dumps({"detail": SIMPLE}) == '{"detail": "not on the list of 2026-05-30"}'
    assert type(str(SIMPLE)) is str


def test_a_template_without_values_is_said_as_it_stands() -> None:
    assert Said("a brace { alone, and {name}") == "a brace { alone, and {name}"
    assert Said("").values == {}


def test_braces_in_a_value_are_not_filled_again() -> None:
    """Texts of a certificate or a list come in as values: what they say must not reach into the sentence."""
    said = Said("the issuing state has said: {what}", what="{0.__class__} {secret}")
    assert said == "the issuing state has said: {0.__class__} {secret}"
    assert Said("{before}; but {why}", before=said, why="so") == f"{said}; but so"


def test_a_value_may_be_a_sentence_and_stays_one() -> None:
    assert NESTED == "not on the list of 2026-05-30; but 2 of 3"
    inner = NESTED.values["why"]
    assert isinstance(inner, Said)
    assert inner.values == {"count": 2, "all": 3}


@pytest.mark.parametrize("way", KEEPING)
@pytest.mark.parametrize("said", [SIMPLE, NESTED, Said("plain"), Said("")], ids=["simple", "nested", "plain", "empty"])
def test_template_and_values_come_along(way: str, said: Said) -> None:
    again = KEEPING[way](said)
    assert type(again) is Said
    assert again == said
    assert (again.template, again.values) == (said.template, said.values)
    assert [type(value) for value in again.values.values()] == [type(value) for value in said.values.values()]


def test_of_an_exception_the_text_is_kept_and_not_the_frames_that_it_holds() -> None:
    said = Said("EF.SOD is broken: {reason}", reason=StatusWordError("READ BINARY", 0x6F00))
    assert said == "EF.SOD is broken: READ BINARY: the card answered 6F00"
    assert said.values == {"reason": "READ BINARY: the card answered 6F00"}
    assert pickle.loads(pickle.dumps(said)) == said


def test_of_an_exception_that_was_raised_with_a_sentence_that_one_is_kept() -> None:
    said = Said("EF.SOD is broken: {reason}", reason=EncodingError(NESTED))
    assert said.values["reason"] is NESTED
    assert said == f"EF.SOD is broken: {NESTED}"
    assert sentence_of(EncodingError("torn {")) == "torn {"
    assert sentence_of(EncodingError()) == ""


def test_nothing_joined_is_an_empty_sentence() -> None:
    assert joined([]) == ""
    assert isinstance(joined([]), Said)


def test_one_joined_is_itself() -> None:
    assert joined([SIMPLE]) is SIMPLE


def test_many_are_joined_in_their_order_and_can_each_be_said_again() -> None:
    whole = joined(each for each in (SIMPLE, Said("two"), Said("three")))
    assert whole == "not on the list of 2026-05-30; two; three"
    first = whole.values["first"]
    assert isinstance(first, Said)
    assert (first.values["first"], whole.values["second"]) == (SIMPLE, "three")
    assert isinstance(first.values["first"], Said)


def test_a_check_gives_json_plain_texts() -> None:
    content = Check(CheckName.REVOCATION, Outcome.PASSED, NESTED, "ICAO 9303-12").to_json()
    assert content["detail"] == NESTED
    assert type(content["detail"]) is str
