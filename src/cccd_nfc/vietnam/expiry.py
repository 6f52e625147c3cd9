"""How long a card is valid: to the birthday at 14 (since July 2024), 25, 40 or 60, or without end.

Law on Citizen Identification 2014 Art. 21; Law on Identification 26/2023/QH15 Art. 21. A card issued within two years
before a milestone runs to the next one.
"""

from __future__ import annotations

from datetime import date

NEW_LAW = date(2024, 7, 1)


def birthday(birth: date, age: int) -> date:
    """The birthday at `age`; that of 29 February is kept on 28 February in common years, for want of a rule."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return birth.replace(year=birth.year + age, day=28)


def expiry_of(birth: date, issued: date) -> date | None:
    """The last day of validity of a card issued on `issued`; None for no expiry."""
    milestones = (14, 25, 40, 60) if issued >= NEW_LAW else (25, 40, 60)
    for age in milestones:
        if issued < birthday(birth, age - 2):
            return birthday(birth, age)
    return None
