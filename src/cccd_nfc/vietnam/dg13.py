"""EF.DG13 of the CCCD: the citizen's data in Vietnamese, as sixteen numbered items, any of which may be missing.

Structure, seen on cards: 6D { SEQUENCE { INTEGER 1, OID 1.0.10646.1.0.8, SET { SEQUENCE { INTEGER n, value } .. } } }.
The SET is not in DER order, and lengths may be long: items are found by their number, never by place or pattern.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import data_group
from cccd_nfc.sentences import Said

UTF8_TEXT = bytes.fromhex("28D316010008")  # 1.0.10646.1.0.8

_INTEGER, _OID, _UTF8, _PRINTABLE, _SEQUENCE, _SET = 0x02, 0x06, 0x0C, 0x13, 0x30, 0x31

FIELDS: Mapping[int, str] = {
    1: "personal_number",
    2: "full_name",
    3: "birth_date",
    4: "sex",
    5: "nationality",
    6: "ethnicity",
    7: "religion",
    8: "place_of_origin",
    9: "residence",
    10: "identifying_features",
    11: "issue_date",
    12: "expiry_date",
    13: "parents",
    14: "spouse",
    15: "old_number",
    16: "chip_serial",
}
PARENTS, SPOUSE = 13, 14
_PRINTABLE_FIELDS = (1, 3, 11, 15, 16)


@dataclass(frozen=True, slots=True)
class CitizenData:
    """The items by field name, in NFC; dates and all else as printed on the card ("01/02/1999", "Không thời hạn").

    father, mother, spouse: empty where missing.  unknown: items of other numbers, number -> bytes behind the number.
    """

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    father: str = field(default="", repr=False)
    mother: str = field(default="", repr=False)
    spouse: str = field(default="", repr=False)
    unknown: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str:
        """The item called `name` in FIELDS, or an empty string."""
        return self.texts.get(name, "")

    def day(self, name: str) -> date | None:
        """The item as a date, or None where it is missing or says something in words."""
        return parse_day(self.text(name))


_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def parse_day(text: str) -> date | None:
    """The date in "dd/mm/yyyy", or None."""
    read = _DAY.fullmatch(text)
    try:
        return date(int(read[3]), int(read[2]), int(read[1])) if read else None
    except ValueError:
        return None


def parse_dg13(raw: bytes) -> CitizenData:
    """The citizen's data; EncodingError for another issuer's EF.DG13, or broken bytes."""
    file = data_group(13)
    outer = tlv.parse_one(raw, tag=file.tag, name=file.name)
    parts = tlv.parse_one(outer.value, tag=_SEQUENCE, name=file.name).children()
    coding = tlv.require(parts, _OID, name=file.name)
    if coding.value != UTF8_TEXT:
        raise EncodingError(Said("{file}: not the layout of the CCCD", file=file.name))
    texts: dict[str, str] = {}
    people: dict[int, list[str]] = {}
    unknown: dict[int, bytes] = {}
    for item in tlv.require(parts, _SET, name=file.name).children():
        number, values = _split(item)
        if number in (PARENTS, SPOUSE):
            people[number] = [text for value in values for text in _strings(value)]
        elif number in FIELDS:
            texts[FIELDS[number]] = _text(values[0]) if values else ""
        else:
            unknown[number] = b"".join(value.raw for value in values)
    father, mother, *_ = [*people.get(PARENTS, []), "", ""]
    spouse, *_ = [*people.get(SPOUSE, []), ""]
    return CitizenData(texts, father, mother, spouse, unknown)


def _split(item: tlv.DataObject) -> tuple[int, tuple[tlv.DataObject, ...]]:
    parts = item.children() if item.tag == _SEQUENCE else ()
    if not parts or parts[0].tag != _INTEGER or not parts[0].value:
        raise EncodingError("EF.DG13: an item without its number")
    return int.from_bytes(parts[0].value, "big", signed=True), parts[1:]


def _strings(value: tlv.DataObject) -> list[str]:
    """The strings in a value: itself, or those in its SEQUENCE (one each for father and mother, or one with both)."""
    if value.tag == _SEQUENCE:
        return [text for inner in value.children() for text in _strings(inner)] or [""]
    return [_text(value)]


def _text(value: tlv.DataObject) -> str:
    if value.tag not in (_UTF8, _PRINTABLE):
        template = "EF.DG13: a value of the type {tag} where a string is expected"
        raise EncodingError(Said(template, tag=f"{value.tag:02X}"))
    try:
        return unicodedata.normalize("NFC", value.value.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise EncodingError("EF.DG13: a string that is not UTF-8") from error


def encode_dg13(citizen: CitizenData) -> bytes:
    """EF.DG13 as cards have it: items 1 to 16 in that order, each with the string type seen on cards."""
    items = [_encode_item(number, citizen) for number in FIELDS]
    body = tlv.encode(_SEQUENCE, _integer(1), tlv.encode(_OID, UTF8_TEXT), tlv.encode(_SET, *items))
    return tlv.encode(data_group(13).tag, body)


def _encode_item(number: int, citizen: CitizenData) -> bytes:
    if number == PARENTS:
        values = [tlv.encode(_SEQUENCE, _string(_UTF8, name)) for name in (citizen.father, citizen.mother)]
    elif number == SPOUSE:
        values = [tlv.encode(_SEQUENCE, _string(_UTF8, citizen.spouse))] if citizen.spouse else []
    else:
        kind = _PRINTABLE if number in _PRINTABLE_FIELDS else _UTF8
        values = [_string(kind, citizen.text(FIELDS[number]))]
    return tlv.encode(_SEQUENCE, _integer(number), *values)


def _integer(number: int) -> bytes:
    return tlv.encode(_INTEGER, bytes((number,)))


def _string(kind: int, text: str) -> bytes:
    return tlv.encode(kind, text.encode("utf-8"))
