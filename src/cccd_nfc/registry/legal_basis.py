"""The law that a receipt names (R-071): by the act and the day, from `law/basis.csv`.

An act that the law has no clause of its own for has the decree on electronic identification as a whole. A day without
a law is RulesUnavailableError and never a guess (S-38).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.sentences import Said

_ANY_ACT = "*"
_CLAUSE = re.compile(r"(Law|Decree) (\d+/\d{4})(?: Art\. (\d+))?(?:\((\d+)\))?(?:\((\w)\))?")
_KINDS = {"Law": ("Luật", "QH15"), "Decree": ("Nghị định", "NĐ-CP")}


@dataclass(frozen=True, slots=True)
class Basis:
    """One line of the table; last: None while it is in force."""

    act: str
    first: date
    last: date | None
    clause: str

    def holds(self, act: str, day: date) -> bool:
        return self.act == act and self.first <= day and (self.last is None or day <= self.last)


def basis_of(act: str, day: date) -> str:
    """The clause for an act on a day in Vietnam, as "Decree 59/2022 Art. 14(2)"; RulesUnavailableError for none."""
    for wanted in (act, _ANY_ACT):
        for each in _table():
            if each.holds(wanted, day):
                return each.clause
    raise RulesUnavailableError(Said("no law on electronic identification is known for {day}", day=day))


@cache
def _table() -> tuple[Basis, ...]:
    try:
        file = resources.files("cccd_nfc.registry").joinpath("law", "basis.csv")
        return parse_basis(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RulesUnavailableError("the table of legal bases cannot be read") from error


def parse_basis(text: str) -> tuple[Basis, ...]:
    """The table of lines "act,from,until,clause"; RulesUnavailableError when it is broken, or one names no law."""
    try:
        rows = [_basis(row) for row in csv.DictReader(text.splitlines(), strict=True)]
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise RulesUnavailableError("the table of legal bases is broken") from error
    if not any(row.act == _ANY_ACT for row in rows):
        raise RulesUnavailableError("the table of legal bases is broken")
    return tuple(rows)


def _basis(row: dict[str, str]) -> Basis:
    if not row["act"] or not _CLAUSE.fullmatch(row["clause"]):
        raise ValueError("no act, or no clause")
    last = date.fromisoformat(row["until"]) if row["until"] else None
    return Basis(row["act"], date.fromisoformat(row["from"]), last, row["clause"])


def in_vietnamese(clause: str) -> str:
    """A clause as Vietnamese papers write it, "Khoản 2 Điều 14 Nghị định 59/2022/NĐ-CP"; another form stays so."""
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return clause
    kind, number, article, paragraph, point = found.groups()
    name, series = _KINDS[kind]
    parts = [f"điểm {point}" if point else "", f"khoản {paragraph}" if paragraph else ""]
    parts += [f"Điều {article}" if article else "", f"{name} {number}/{series}"]
    said = " ".join(part for part in parts if part)
    return said[0].upper() + said[1:]
