"""The elementary files of an eMRTD: identifiers, short identifiers, outermost tags (ICAO 9303-10, 8th ed., §3.10)."""

from __future__ import annotations

from dataclasses import dataclass

EMRTD_AID = bytes.fromhex("A0000002471001")
"""LDS1 eMRTD application, 7 bytes."""


@dataclass(frozen=True, slots=True)
class ElementaryFile:
    """fid: 2 bytes.  sfi: 5 bits.  tag: of the data object that the file holds.  dump_name: as raw files are called."""

    name: str
    fid: int
    sfi: int
    tag: int

    @property
    def dump_name(self) -> str:
        return f"{self.name.removeprefix('EF.')}.bin"


EF_CARD_ACCESS = ElementaryFile("EF.CardAccess", 0x011C, 0x1C, 0x31)
EF_CARD_SECURITY = ElementaryFile("EF.CardSecurity", 0x011D, 0x1D, 0x30)
EF_COM = ElementaryFile("EF.COM", 0x011E, 0x1E, 0x60)
EF_SOD = ElementaryFile("EF.SOD", 0x011D, 0x1D, 0x77)

_DATA_GROUP_TAGS = (0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70)

DATA_GROUPS = tuple(
    ElementaryFile(f"EF.DG{number}", 0x0100 + number, number, tag) for number, tag in enumerate(_DATA_GROUP_TAGS, 1)
)


def data_group(number: int) -> ElementaryFile:
    """EF.DG1 to EF.DG16."""
    return DATA_GROUPS[number - 1]


def data_group_of_tag(tag: int) -> int | None:
    """The number of the data group that EF.COM means by `tag`, or None."""
    return _DATA_GROUP_TAGS.index(tag) + 1 if tag in _DATA_GROUP_TAGS else None
