"""Acts that one person may not do alone (S-33), where the registry has no officers: two names, and not one twice.

Where it has officers, `four_eyes.of_two` asks for the permit that two of them have given.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from cccd_nfc.errors import RefusedError
from cccd_nfc.log_masking import masked_text


def approved(by: Sequence[str]) -> str:
    """Both names, as the audit log says them, numbers masked; RefusedError for fewer than two, or one under two
    spellings."""
    names = [masked_text(" ".join(unicodedata.normalize("NFC", name).split())) for name in by]
    if len(names) != 2 or not all(names) or names[0].casefold() == names[1].casefold():
        raise RefusedError("this needs two persons, each by the own name")
    return ", ".join(sorted(names))
