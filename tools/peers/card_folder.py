"""A card's folder, as any card program may serve it: raw files and what opens them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

EMRTD_AID = bytes.fromhex("A0000002471001")

PLACES = {
    "COM.bin": (0x011E, 0x1E),
    "SOD.bin": (0x011D, 0x1D),
    **{f"DG{number}.bin": (0x0100 + number, number) for number in range(1, 17)},
}
"""Of the files inside the application (ICAO 9303-10 §4.7): identifier and short identifier."""

CARD_ACCESS_PLACE = (0x011C, 0x1C)

_TD1_LINE, _TD3_LINE = 30, 44


@dataclass(frozen=True)
class CardFolder:
    """files: those inside the application, by name.  card_access: EF.CardAccess, empty without one.

    mrz: its lines, one after another without a break.
    """

    files: dict[str, bytes] = field(repr=False)
    card_access: bytes = field(repr=False)
    can: str = field(repr=False)
    mrz: str = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> CardFolder:
        secrets = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
        card_access = folder / "CardAccess.bin"
        return cls(
            {name: (folder / name).read_bytes() for name in PLACES if (folder / name).exists()},
            card_access.read_bytes() if card_access.exists() else b"",
            secrets["can"],
            "".join(secrets["mrz"].split()),
        )

    @property
    def mrz_information(self) -> str:
        """Document number, birth date and expiry date, each with its check digit (9303-11 §9.7.2)."""
        if len(self.mrz) == 3 * _TD1_LINE:
            second = self.mrz[_TD1_LINE:]
            return self.mrz[5:15] + second[0:7] + second[8:15]
        second = self.mrz[len(self.mrz) // 2 :]
        return second[0:10] + second[13:20] + second[21:28]

    @property
    def mrz_as_td1(self) -> str:
        """An MRZ of three lines with the same fields, which is where libeac looks for them in any MRZ."""
        if len(self.mrz) == 3 * _TD1_LINE:
            return self.mrz
        second = self.mrz[len(self.mrz) // 2 :]
        first_line = "I<" + self.mrz[2:5] + second[0:10]
        second_line = second[13:20] + second[20] + second[21:28]
        return first_line.ljust(_TD1_LINE, "<") + second_line.ljust(_TD1_LINE, "<") + "<" * _TD1_LINE
