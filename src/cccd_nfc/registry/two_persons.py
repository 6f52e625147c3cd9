"""Acts that one person may not do alone (S-33): two names, and not the same one twice."""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

from cccd_nfc.errors import RefusedError
from cccd_nfc.log_masking import masked_text

Approvers: TypeAlias = tuple[str, str]
"""Ids of two officers of this registry, or what they are called where it has none."""


def approved(by: Approvers) -> str:
    """Both names, as the audit log says them, numbers masked; RefusedError for fewer than two, or one under two
    spellings."""
    names = [masked_text(" ".join(unicodedata.normalize("NFC", name).split())) for name in by]
    if len(names) != 2 or not all(names) or names[0].casefold() == names[1].casefold():
        raise RefusedError("this needs two persons, each by the own name")
    return ", ".join(sorted(names))
