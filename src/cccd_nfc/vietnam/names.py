"""Vietnamese names with and without their marks, as the card has both."""

from __future__ import annotations

import re
import unicodedata


def without_marks(name: str) -> str:
    """`name` in capitals without diacritics; Đ becomes D, never DD."""
    decomposed = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).upper()


def mrz_names(full_name: str) -> str:
    """The name as line 3 of the MRZ has it: the first word as surname, "NGUYEN<<VAN<MAU"."""
    surname, *given = re.findall(r"[A-Z0-9]+", without_marks(full_name))
    return f"{surname}<<{'<'.join(given)}" if given else surname
