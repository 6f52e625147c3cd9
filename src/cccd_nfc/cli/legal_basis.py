"""The law that a receipt's act rests on, by the day of the act (R-071)."""

from __future__ import annotations

from datetime import date, datetime

from cccd_nfc.registry.clock import day_in_vietnam

NEW_LAW = date(2024, 7, 1)
"""From this day on Law 26/2023 and Decree 69/2024 stand in the place of Decree 59/2022."""

_LOCKS = ("account-locked", "account-unlocked")


def basis_on(act: str, moment: datetime) -> str:
    """The reference that is printed: R-071's until 30 June 2024, that of the later law since."""
    new = day_in_vietnam(moment) >= NEW_LAW
    if act in _LOCKS:
        return "Law 26/2023 Art. 34(1)" if new else "Decree 59/2022 Art. 19(1)"
    return "Law 26/2023; Decree 69/2024 Art. 14" if new else "Decree 59/2022 Art. 14(2)"
