"""The 12-digit personal number (số định danh cá nhân): what its digits say, as hints and never as a gate.

Source: Decree 137/2015/NĐ-CP Art. 13, Circular 59/2021/TT-BCA Art. 4. The rule's legal base has lapsed and genuine
cards exist that do not fit it, so nothing here may refuse a card. A prefix means the table of before July 2025.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from cccd_nfc.errors import UsageError


@dataclass(frozen=True, slots=True)
class Place:
    """kind: "province" or "country".  name_after_2025: the unit that took it over, or empty."""

    code: str
    kind: str
    name: str
    name_after_2025: str


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """birth_year: 1900 to 2399.  sex: "M" or "F".  place: None for a prefix that the table does not have."""

    number: str = field(repr=False)
    birth_year: int = field(repr=False)
    sex: str
    place: Place | None


def parse_personal_number(text: str) -> PersonalNumber:
    """What the 12 digits say; UsageError, without repeating them, when there are not 12 digits."""
    if not re.fullmatch(r"[0-9]{12}", text):
        raise UsageError("a personal number has 12 digits")
    century = int(text[3])
    year = 1900 + 100 * (century // 2) + int(text[4:6])
    return PersonalNumber(text, year, "F" if century % 2 else "M", places().get(text[:3]))


@cache
def places() -> dict[str, Place]:
    """Prefix of three digits -> place of birth registration: 63 provinces, and countries."""
    table = resources.files("cccd_nfc.vietnam").joinpath("provinces.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return {row["code"]: Place(row["code"], row["kind"], row["name_vi"], row["name_after_2025"]) for row in rows}
