"""Why an account may be locked, who decides it, and how long that may take: by the law in force on a day (L-01, L-11).

The profiles are files in `law/`, since grounds and clocks change by decree. Nothing is guessed: a file that is broken,
or a day without a law, ends in RulesUnavailableError (S-38).
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
from itertools import pairwise
from typing import Any

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.sentences import Said

MOST_DAYS = 30
"""More working days than any clock of these procedures has; a file that says more is wrong."""


class LockGround(StrEnum):
    OWNER_REQUEST = "OWNER_REQUEST"
    TERMS_VIOLATION = "TERMS_VIOLATION"
    CARD_REVOKED_OR_HELD = "CARD_REVOKED_OR_HELD"
    DECEASED = "DECEASED"
    AUTHORITY_REQUEST = "AUTHORITY_REQUEST"
    CARD_EXPIRED = "CARD_EXPIRED"
    SERVICE_PARTY_REQUEST = "SERVICE_PARTY_REQUEST"
    TRAVEL_DOCUMENT_EXPIRED = "TRAVEL_DOCUMENT_EXPIRED"
    RESIDENCE_EXPIRED = "RESIDENCE_EXPIRED"


ON_REQUEST = (LockGround.AUTHORITY_REQUEST, LockGround.SERVICE_PARTY_REQUEST)
"""Grounds that somebody else files and a head decides, within a clock: never by one person alone (R-087, S-33)."""


class LockSource(StrEnum):
    """What brought a lock: the owner's word, a change in the data, or an authority's request (R-083)."""

    DECLARATION = "declaration"
    DATA_UPDATE = "data-update"
    REQUEST = "request"


def source_of(ground: LockGround) -> LockSource:
    """Of a lock on this ground: what the owner does not say, and nobody has requested, the system has from data."""
    if ground is LockGround.OWNER_REQUEST:
        return LockSource.DECLARATION
    return LockSource.REQUEST if ground in ON_REQUEST else LockSource.DATA_UPDATE


class Role(StrEnum):
    """Who acts. UNIT_HEAD: of the receiving police unit.  AGENCY_HEAD: of the ministry's identity agency (L-14)."""

    OWNER = "OWNER"
    OFFICER = "OFFICER"
    UNIT_HEAD = "UNIT_HEAD"
    HOTLINE = "HOTLINE"
    SYSTEM = "SYSTEM"
    AGENCY_HEAD = "AGENCY_HEAD"


@dataclass(frozen=True, slots=True)
class GroundRule:
    """forward_days, decide_days: working days for a request to be forwarded, then decided; 0 and 0 is at once."""

    clause: str
    set_by: frozenset[Role]
    cleared_by: frozenset[Role]
    forward_days: int
    decide_days: int


@dataclass(frozen=True, slots=True)
class LawProfile:
    """first, last: the days in force, both included; no last while it is.  grounds: for citizens' accounts.

    foreign_grounds: for those of foreigners (L-20).
    """

    id: str
    name: str
    first: date
    last: date | None
    grounds: Mapping[LockGround, GroundRule]
    foreign_grounds: Mapping[LockGround, GroundRule]

    def grounds_of(self, kind: str) -> Mapping[LockGround, GroundRule]:
        """kind: of the account, "citizen" or "foreigner"."""
        return self.foreign_grounds if kind == "foreigner" else self.grounds

    def holds_on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def profile_on(day: date) -> LawProfile:
    """The law in force on `day`, a day in Vietnam; RulesUnavailableError when none is known."""
    for profile in _built_in():
        if profile.holds_on(day):
            return profile
    raise RulesUnavailableError(Said("no law on locking accounts is known for {day}", day=day))


def profile_named(name: str) -> LawProfile:
    """The profile under which a lock was set; RulesUnavailableError when it is no longer here."""
    for profile in _built_in():
        if profile.id == name:
            return profile
    raise RulesUnavailableError(Said("the law profile {name} is missing", name=name))


@cache
def _built_in() -> tuple[LawProfile, ...]:
    return load_profiles(resources.files("cccd_nfc.registry").joinpath("law"))


def load_profiles(folder: Traversable) -> tuple[LawProfile, ...]:
    """Every profile of a folder, the earliest first; RulesUnavailableError for none, a broken one, or an overlap."""
    try:
        files = sorted((each for each in folder.iterdir() if each.name.endswith(".json")), key=lambda each: each.name)
        found = [_profile(each) for each in files]
    except OSError as error:
        raise RulesUnavailableError("the law on locking accounts cannot be read") from error
    found.sort(key=lambda profile: profile.first)
    if not found:
        raise RulesUnavailableError("the law on locking accounts is missing")
    if any(before.last is None or before.last >= after.first for before, after in pairwise(found)):
        raise RulesUnavailableError("two laws on locking accounts claim the same day")
    return tuple(found)


_KEYS = ("id", "name", "from", "until", "grounds", "foreign_grounds")


def _profile(file: Traversable) -> LawProfile:
    try:
        content = _exactly(json.loads(file.read_text(encoding="utf-8")), *_KEYS)
        first, last = date.fromisoformat(content["from"]), content["until"] and date.fromisoformat(content["until"])
        grounds, foreign = _grounds(content["grounds"]), _grounds(content["foreign_grounds"])
        profile = LawProfile(_text(content["id"]), _text(content["name"]), first, last, grounds, foreign)
        if not (grounds and foreign) or (last is not None and last < first):
            raise ValueError("no grounds, or an end before the beginning")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RulesUnavailableError(Said("the law profile {name} is broken", name=file.name)) from error
    return profile


def _grounds(content: Any) -> Mapping[LockGround, GroundRule]:
    return {LockGround(name): _rule(rule) for name, rule in content.items()}


def _rule(content: Any) -> GroundRule:
    rule = _exactly(content, "clause", "set_by", "cleared_by", "forward_days", "decide_days")
    set_by, cleared_by = (frozenset(Role(name) for name in rule[key]) for key in ("set_by", "cleared_by"))
    if not set_by:
        raise ValueError("a ground that nobody may set")
    return GroundRule(
        _text(rule["clause"]), set_by, cleared_by, _days(rule["forward_days"]), _days(rule["decide_days"])
    )


def _exactly(content: Any, *keys: str) -> dict[str, Any]:
    if not isinstance(content, dict) or set(content) != set(keys):
        raise ValueError(f"exactly these are wanted: {', '.join(keys)}")
    return content


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a text is wanted")
    return value


def _days(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_DAYS:
        raise ValueError("a number of working days is wanted")
    return value
