"""What a person's secrets must not be made of: the person's own data, as anybody who knows them would write it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise

from cccd_nfc.vietnam.names import without_marks
from cccd_nfc.vietnam.personal_number import places

SHORTEST_PART = 3
"""Letters of a name or place that are looked for inside a password: shorter ones are in every other word."""
SLICE = 6
"""Digits in a row of a personal or phone number that give it away."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whose secret it is. birth_date: ISO, or empty.  phone: E.164, or empty."""

    full_name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


def folded(text: str) -> str:
    """`text` in small letters without marks: how words are compared."""
    return without_marks(text).casefold()


def name_words(full_name: str) -> frozenset[str]:
    """The parts of a name, and each two neighbours joined."""
    parts = re.findall(r"[a-z0-9]+", folded(full_name))
    joined = {first + second for first, second in pairwise(parts)}
    return frozenset(word for word in (*parts, *joined) if len(word) >= SHORTEST_PART)


@cache
def place_words() -> frozenset[str]:
    """Provinces of Vietnam, before and after July 2025, written as one word."""
    names = {place.name for place in places().values()} | {place.name_after_2025 for place in places().values()}
    return frozenset(word for word in ("".join(folded(name).split()) for name in names) if len(word) > SHORTEST_PART)


def birth_forms(birth_date: str) -> frozenset[str]:
    """The day of birth in digits: 010290, 900201, 02011990 ..., with and without leading zeros; six digits or more."""
    try:
        day = date.fromisoformat(birth_date)
    except ValueError:
        return frozenset()
    return frozenset(form for form in _forms(day) if len(form) >= SLICE)


def _forms(day: date) -> Iterator[str]:
    for year in (f"{day:%Y}", f"{day:%y}"):
        for d, m in ((f"{day:%d}", f"{day:%m}"), (str(day.day), str(day.month))):
            yield from (d + m + year, m + d + year, year + m + d, year + d + m)


def birth_slices(birth_date: str) -> frozenset[str]:
    """Every six digits in a row of a form of the birth date."""
    return frozenset(part for form in birth_forms(birth_date) for part in _slices(form))


def number_slices(person: Person) -> frozenset[str]:
    """Every six digits in a row of the personal number, and of the phone number as people write it."""
    phone = re.sub(r"[^0-9]", "", person.phone)
    written = (person.number, phone, f"0{phone[2:]}" if phone.startswith("84") else phone)
    return frozenset(part for digits in written for part in _slices(digits))


def _slices(digits: str) -> Iterator[str]:
    return (digits[start : start + SLICE] for start in range(len(digits) - SLICE + 1))
