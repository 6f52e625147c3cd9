"""Ages, levels and terms by the law of the day, as data; and nothing where a file is broken (L-02, L-08, R-013)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import RefusedError, RulesUnavailableError
from cccd_nfc.registry.account_rules import AccountKind, Rule, Term, age_on, load_rules, rules_named, rules_on

LAW = resources.files("cccd_nfc.registry").joinpath("law", "accounts")
OLD, NEW = date(2024, 6, 30), date(2024, 7, 1)
CITIZEN, FOREIGNER = AccountKind.CITIZEN, AccountKind.FOREIGNER


def born(day: date, age: int) -> date:
    return day.replace(year=day.year - age)


def may(day: date, kind: AccountKind, age: int, level: int, represented: bool) -> bool:
    try:
        rules_on(day).check_opening(kind, born(day, age), day, level, represented=represented)
    except RefusedError as error:
        assert rules_on(day).clauses[Rule.OPENING] in str(error)
        return False
    return True


@pytest.mark.row("L-02")
@pytest.mark.parametrize(
    ("day", "kind", "age", "alone", "represented"),
    [
        (NEW, CITIZEN, 14, {1, 2}, {1, 2}),
        (NEW, CITIZEN, 13, set(), {1, 2}),
        (NEW, CITIZEN, 6, set(), {1, 2}),
        (NEW, CITIZEN, 5, set(), {1}),
        (NEW, CITIZEN, 0, set(), {1}),
        (NEW, FOREIGNER, 14, {1, 2}, {1, 2}),
        (NEW, FOREIGNER, 6, set(), {1, 2}),
        (NEW, FOREIGNER, 5, set(), set()),
        (OLD, CITIZEN, 14, {1, 2}, {1, 2}),
        (OLD, CITIZEN, 13, set(), {1}),
        (OLD, CITIZEN, 5, set(), {1}),
    ],
)
def test_l02_at_which_age_who_may_ask_for_which_level(
    day: date, kind: AccountKind, age: int, alone: set[int], represented: set[int]
) -> None:
    for asked, levels in ((False, alone), (True, represented)):
        assert {level for level in (1, 2) if may(day, kind, age, level, asked)} == levels


@pytest.mark.row("L-02")
def test_l02_an_age_begins_on_the_birthday() -> None:
    assert age_on(date(2010, 7, 2), date(2024, 7, 1)) == 13
    assert age_on(date(2010, 7, 1), date(2024, 7, 1)) == 14
    assert (age_on(date(2012, 2, 29), date(2026, 2, 28)), age_on(date(2012, 2, 29), date(2026, 3, 1))) == (13, 14)
    with pytest.raises(RefusedError):
        age_on(date(2026, 1, 2), date(2026, 1, 1))


@pytest.mark.row("L-08")
@pytest.mark.parametrize(("day", "foreigner"), [(OLD, 7), (NEW, 3)])
def test_l08_the_terms_of_issue(day: date, foreigner: int) -> None:
    days = rules_on(day).issue_days
    assert (days[Term.LEVEL_1], days[Term.LEVEL_2], days[Term.LEVEL_2_WITH_CARD]) == (1, 3, 7)
    assert days[Term.FOREIGNER_LEVEL_2] == foreigner


@pytest.mark.row("R-013", "L-01")
def test_r013_every_rule_has_its_article_in_each_law() -> None:
    for day, name in ((OLD, "Decree 59/2022"), (NEW, "2024")):
        clauses = rules_on(day).clauses
        assert set(clauses) == set(Rule)
        assert all(name in clause for clause in clauses.values())
    assert rules_on(OLD).clauses[Rule.CONTENTS] == "Decree 59/2022 Arts 8, 9, 12"
    assert rules_on(OLD).clauses[Rule.LEVEL_2] == "Decree 59/2022 Art. 14(2)"


@pytest.mark.row("L-03", "R-008")
def test_l03_level_2_shows_more_than_level_1() -> None:
    for day in (OLD, NEW):
        shows = rules_on(day).shows
        assert shows[1] == ("number", "full_name", "birth_date", "sex", "portrait")
        assert {"fingerprints", "papers"} <= set(shows[2]) - set(shows[1])


BROKEN: dict[str, Callable[[dict[str, Any]], object]] = {
    "no article": lambda rules: rules["clauses"].update(opening=""),
    "missing article": lambda rules: rules["clauses"].pop("opening"),
    "no days": lambda rules: rules["issue_days"].update(level_1=0),
    "days as text": lambda rules: rules.update(activation_days="7"),
    "level 3": lambda rules: rules["citizen_ages"][0].update(levels=[3]),
    "bands upside down": lambda rules: rules["citizen_ages"].reverse(),
    "no bands": lambda rules: rules.update(citizen_ages=[]),
    "nobody asks": lambda rules: rules["citizen_ages"][0].update(asked_by="NEIGHBOUR"),
    "nothing shown": lambda rules: rules["shows"].pop("2"),
    "no desk": lambda rules: rules.update(owner_locks_at="HOME"),
}


@pytest.mark.row("S-38")
@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_s38_broken_rules_are_no_rules(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    rules = copy.deepcopy(json.loads(LAW.joinpath("law-26-2023.json").read_text(encoding="utf-8")))
    change(rules)
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(RulesUnavailableError, match=r"rules\.json are broken"):
        load_rules(tmp_path)


@pytest.mark.row("S-38")
def test_s38_a_profile_without_rules_is_an_error() -> None:
    with pytest.raises(RulesUnavailableError):
        rules_named("decree-0")
