"""Who may have an account, what each level holds, and within which days: by the law in force on a day (L-01 to L-10).

One file for each law profile, in `law/accounts/`; every rule comes with the article that it rests on (R-013). A file
that is broken or missing ends in RulesUnavailableError (S-38).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from cccd_nfc.errors import RefusedError, RulesUnavailableError
from cccd_nfc.registry.lock_grounds import MOST_DAYS, profile_on
from cccd_nfc.sentences import Said

LEVELS = (1, 2)


class AccountKind(StrEnum):
    CITIZEN = "citizen"
    FOREIGNER = "foreigner"


class Rule(StrEnum):
    """What a law profile has an article for."""

    OPENING = "opening"
    CONTENTS = "contents"
    LEVEL_1 = "level_1"
    LEVEL_2 = "level_2"
    ISSUE_DAYS = "issue_days"
    ACTIVATION = "activation"
    CONSENT = "consent"
    LOCKS = "locks"


class Term(StrEnum):
    """For what the law sets a number of working days (L-08)."""

    LEVEL_1 = "level_1"
    LEVEL_2 = "level_2"
    LEVEL_2_WITH_CARD = "level_2_with_card"
    FOREIGNER_LEVEL_2 = "foreigner_level_2"


class AskedBy(StrEnum):
    OWNER = "OWNER"
    REPRESENTATIVE = "REPRESENTATIVE"


class LockingDesk(StrEnum):
    """Where an owner may have the account locked in person (R-076)."""

    ANY_DESK = "ANY_DESK"
    REGISTERING_DESK = "REGISTERING_DESK"


@dataclass(frozen=True, slots=True)
class AgeBand:
    """From which age, in whole years, which levels may be asked for, and by whom."""

    first: int
    levels: frozenset[int]
    asked_by: AskedBy


@dataclass(frozen=True, slots=True)
class AccountRules:
    """ages: by kind of account, the oldest band first.  issue_days: working days.  activation_days: calendar days from
    the notice.  consent_until_age: below it a representative consents to the use.  shows: level -> names of data.
    """

    profile: str
    ages: Mapping[AccountKind, tuple[AgeBand, ...]]
    issue_days: Mapping[Term, int]
    activation_days: int
    consent_until_age: int
    owner_locks_at: LockingDesk
    shows: Mapping[int, tuple[str, ...]]
    clauses: Mapping[Rule, str]

    def band(self, kind: AccountKind, age: int) -> AgeBand:
        """The band of this age; RefusedError when the law gives such a person no account."""
        for band in self.ages[kind]:
            if age >= band.first:
                return band
        raise RefusedError(Said("at this age the law gives no account ({clause})", clause=self.clauses[Rule.OPENING]))

    def check_opening(self, kind: AccountKind, born: date, day: date, level: int, *, represented: bool) -> None:
        """RefusedError unless somebody born on that day may have this level on `day`, asked for as it is asked for."""
        band, clause = self.band(kind, age_on(born, day)), self.clauses[Rule.OPENING]
        if level not in band.levels:
            raise RefusedError(Said("at this age the law gives no account of level {level} ({clause})", level=level,
                                    clause=clause))  # fmt: skip
        if band.asked_by is AskedBy.REPRESENTATIVE and not represented:
            raise RefusedError(Said("for a child, parent or guardian ask for the account ({clause})", clause=clause))


def age_on(born: date, day: date) -> int:
    """Whole years; who was born on 29 February is a year older on 1 March. RefusedError for a birth that is to come."""
    if born > day:
        raise RefusedError("the birth date is to come")
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def rules_on(day: date) -> AccountRules:
    """The rules in force on `day`, a day in Vietnam; RulesUnavailableError when none are known."""
    return rules_named(profile_on(day).id)


def rules_named(profile: str) -> AccountRules:
    try:
        return _built_in()[profile]
    except KeyError as error:
        raise RulesUnavailableError(Said("the rules on accounts of {profile} are missing", profile=profile)) from error


@cache
def _built_in() -> Mapping[str, AccountRules]:
    return load_rules(resources.files("cccd_nfc.registry").joinpath("law", "accounts"))


def load_rules(folder: Traversable) -> Mapping[str, AccountRules]:
    """The rules in a folder by their profile; RulesUnavailableError for a broken file."""
    try:
        files = [each for each in folder.iterdir() if each.name.endswith(".json")]
        found = [_rules(each) for each in files]
    except OSError as error:
        raise RulesUnavailableError("the rules on accounts cannot be read") from error
    return {each.profile: each for each in found}


def _rules(file: Traversable) -> AccountRules:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return AccountRules(
            profile=_text(content["profile"]),
            ages={kind: _bands(content[f"{kind}_ages"]) for kind in AccountKind},
            issue_days={term: _days(content["issue_days"][term]) for term in Term},
            activation_days=_days(content["activation_days"]),
            consent_until_age=_days(content["consent_until_age"]),
            owner_locks_at=LockingDesk(content["owner_locks_at"]),
            shows={level: tuple(_text(name) for name in content["shows"][str(level)]) for level in LEVELS},
            clauses={rule: _text(content["clauses"][rule]) for rule in Rule},
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RulesUnavailableError(Said("the rules on accounts in {file} are broken", file=file.name)) from error


def _bands(content: Any) -> tuple[AgeBand, ...]:
    bands = tuple(AgeBand(each["from"], frozenset(each["levels"]), AskedBy(each["asked_by"])) for each in content)
    falling = sorted({band.first for band in bands}, reverse=True)
    if not bands or [band.first for band in bands] != falling or not all(b.levels <= set(LEVELS) for b in bands):
        raise ValueError("bands of age, the oldest first")
    return bands


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text is wanted")
    return value


def _days(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MOST_DAYS:
        raise ValueError("a number is wanted")
    return value
