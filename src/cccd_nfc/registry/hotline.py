"""Whom to call: the hotline's number, in this one place (R-075). CCCD_HOTLINE sets another, for another agency."""

from __future__ import annotations

import os
import re

from cccd_nfc.errors import UsageError

DEFAULT = "19000368"


def number_from(setting: str | None) -> str:
    """The number that `setting` says, its digits only; UsageError for anything that cannot be called."""
    digits = re.sub(r"[ .]", "", setting or DEFAULT)
    if not re.fullmatch(r"\+?[0-9]{3,12}", digits):
        raise UsageError("CCCD_HOTLINE must be a telephone number of 3 to 12 digits")
    return digits


def grouped(number: str) -> str:
    """1900.0368: as people read it."""
    return f"{number[:4]}.{number[4:]}" if len(number) == 8 else number


HOTLINE = number_from(os.environ.get("CCCD_HOTLINE"))
