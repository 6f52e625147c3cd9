"""Which countries' certificates vouch for which state's documents (ICAO 9303-3 §5; ISO 3166-1)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

UTOPIA = "UTO"
"""The state of specimens, which anybody's test certificates sign."""


@cache
def _states() -> Mapping[str, frozenset[str]]:
    text = resources.files("cccd_nfc.pki").joinpath("states.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["mrz_code"]: frozenset(row["certificate_countries"].split()) for row in rows}


def countries_of(state: str) -> frozenset[str] | None:
    """The countries (two letters) that certificates of the state with this code of the MRZ name; None if unknown."""
    return _states().get(state)
