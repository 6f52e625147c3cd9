"""The machine readable zone: TD1, TD2 and TD3 (ICAO 9303-3 §4, 9303-4, -5, -6, 8th ed.)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.sentences import Said

_WEIGHTS = (7, 3, 1)
_ALPHABET = re.compile(r"[0-9A-Z<]*")
_SHAPES = {90: ("TD1", 30), 72: ("TD2", 36), 88: ("TD3", 44)}


def check_digit(text: str) -> str:
    """The check digit of `text` by the weights 7, 3, 1 (9303-3 §4.9). Vectors: 9303-3 Appendix A.

    Raises UsageError, which does not repeat the text, for characters that no MRZ has.
    """
    if not _ALPHABET.fullmatch(text):
        raise UsageError("an MRZ has the characters 0-9, A-Z and < only")
    values = (0 if char == "<" else int(char, 36) for char in text)
    return str(sum(value * _WEIGHTS[index % 3] for index, value in enumerate(values)) % 10)


@dataclass(frozen=True, slots=True)
class MRZ:
    """The fields as printed, fillers taken off; dates as YYMMDD; `problems` names the check digits that are wrong."""

    format: str
    lines: tuple[str, ...] = field(repr=False)
    document_code: str
    issuer: str
    document_number: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str
    expiry_date: str
    nationality: str
    surname: str = field(repr=False)
    given_names: str = field(repr=False)
    optional_data: str = field(default="", repr=False)
    optional_data_2: str = field(default="", repr=False)
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Checks:
    """Collects the names of fields whose check digit is wrong."""

    wrong: list[str] = field(default_factory=list)

    def digit(self, name: str, text: str, printed: str, *, optional: bool = False) -> None:
        empty = optional and not text.strip("<")
        if printed != check_digit(text) and not (empty and printed in "<0"):
            self.wrong.append(name)


def parse_mrz(text: str) -> MRZ:
    """The MRZ in `text`, with or without line breaks; a wrong check digit is a problem noted, not an error.

    Raises EncodingError when it has the length or the characters of no MRZ.
    """
    joined = "".join(text.split())
    if len(joined) not in _SHAPES or not _ALPHABET.fullmatch(joined):
        raise EncodingError(Said("no MRZ: {size} characters; TD1 has 90, TD2 72, TD3 88", size=len(joined)))
    form, width = _SHAPES[len(joined)]
    lines = tuple(joined[at : at + width] for at in range(0, len(joined), width))
    return _td1(lines) if form == "TD1" else _two_lines(form, lines)


def _td1(lines: tuple[str, ...]) -> MRZ:
    one, two, three = lines
    checks = _Checks()
    number, optional = _document_number(one[5:14], one[14], one[15:30], checks)
    checks.digit("birth date", two[0:6], two[6])
    checks.digit("expiry date", two[8:14], two[14])
    checks.digit("composite", one[5:30] + two[0:7] + two[8:15] + two[18:29], two[29])
    surname, given = _names(three)
    return MRZ(
        format="TD1",
        lines=lines,
        document_code=one[0:2].rstrip("<"),
        issuer=one[2:5].rstrip("<"),
        document_number=number,
        birth_date=two[0:6],
        sex=two[7],
        expiry_date=two[8:14],
        nationality=two[15:18].rstrip("<"),
        surname=surname,
        given_names=given,
        optional_data=optional,
        optional_data_2=two[18:29].rstrip("<"),
        problems=tuple(checks.wrong),
    )


def _two_lines(form: str, lines: tuple[str, ...]) -> MRZ:
    """TD2 and TD3 have the same second line, but for the optional data: 7 characters, or 14 with a check digit."""
    one, two = lines
    checks = _Checks()
    if form == "TD2":
        number, optional = _document_number(two[0:9], two[9], two[28:35], checks)
    else:
        number, optional = two[0:9].rstrip("<"), two[28:42].rstrip("<")
        checks.digit("document number", two[0:9], two[9])
        checks.digit("optional data", two[28:42], two[42], optional=True)
    checks.digit("birth date", two[13:19], two[19])
    checks.digit("expiry date", two[21:27], two[27])
    checks.digit("composite", two[0:10] + two[13:20] + two[21 : len(two) - 1], two[-1])
    surname, given = _names(one[5:])
    return MRZ(
        format=form,
        lines=lines,
        document_code=one[0:2].rstrip("<"),
        issuer=one[2:5].rstrip("<"),
        document_number=number,
        birth_date=two[13:19],
        sex=two[20],
        expiry_date=two[21:27],
        nationality=two[10:13].rstrip("<"),
        surname=surname,
        given_names=given,
        optional_data=optional,
        problems=tuple(checks.wrong),
    )


def _document_number(nine: str, digit: str, optional: str, checks: _Checks) -> tuple[str, str]:
    """(number, optional data). Where the digit's place holds <, the number goes on behind it (9303-5 §4.2.4)."""
    rest, _, behind = optional.partition("<")
    if digit == "<" and "<" not in nine and len(rest) >= 2:
        number = nine + rest[:-1]
        checks.digit("document number", number, rest[-1])
        return number, behind.rstrip("<")
    checks.digit("document number", nine, digit)
    return nine.rstrip("<"), optional.rstrip("<")


def _names(text: str) -> tuple[str, str]:
    surname, _, given = text.rstrip("<").partition("<<")
    return surname.replace("<", " ").strip(), given.replace("<", " ").strip()


def mrz_information(document_number: str, birth_date: str, expiry_date: str) -> str:
    """What the access keys are made of (9303-11 §9.7.2): number, birth date, expiry date, each with its check digit.

    Dates as YYMMDD. Raises UsageError for values that cannot stand in an MRZ.
    """
    number = document_number.upper().ljust(9, "<")
    for day in (birth_date, expiry_date):
        if not re.fullmatch(r"[0-9<]{6}", day):
            raise UsageError("a date of an MRZ has six digits, YYMMDD")
    return "".join(part + check_digit(part) for part in (number, birth_date, expiry_date))


# --- encoders -------------------------------------------------------------------------------------------------------


def encode_td1(
    *,
    document_code: str,
    issuer: str,
    document_number: str,
    optional_data: str = "",
    birth_date: str,
    sex: str,
    expiry_date: str,
    nationality: str,
    optional_data_2: str = "",
    names: str,
) -> tuple[str, str, str]:
    """Three lines of 30. `names` is "SURNAME<<GIVEN<NAMES", cut where it is too long."""
    if len(document_number) > 9:
        digit, number = "<", document_number[:9]
        optional_data = document_number[9:] + check_digit(document_number) + "<" + optional_data
    else:
        number = document_number.ljust(9, "<")
        digit = check_digit(number)
    one = _fill(document_code, 2) + _fill(issuer, 3) + number + digit + _fill(optional_data, 15)
    two = birth_date + check_digit(birth_date) + (sex or "<") + expiry_date + check_digit(expiry_date)
    two += _fill(nationality, 3) + _fill(optional_data_2, 11)
    two += check_digit(one[5:30] + two[0:7] + two[8:15] + two[18:29])
    return one, two, _fill(names[:30], 30)


def encode_td3(
    *,
    document_code: str,
    issuer: str,
    document_number: str,
    birth_date: str,
    sex: str,
    expiry_date: str,
    nationality: str,
    optional_data: str = "",
    names: str,
) -> tuple[str, str]:
    """Two lines of 44."""
    one = _fill(document_code, 2) + _fill(issuer, 3) + _fill(names[:39], 39)
    number, optional = _fill(document_number, 9), _fill(optional_data, 14)
    two = number + check_digit(number) + _fill(nationality, 3) + birth_date + check_digit(birth_date)
    two += (sex or "<") + expiry_date + check_digit(expiry_date) + optional + check_digit(optional)
    return one, two + check_digit(two[0:10] + two[13:20] + two[21:43])


def _fill(text: str, width: int) -> str:
    if len(text) > width:
        raise EncodingError(Said("{size} characters do not fit a field of {width}", size=len(text), width=width))
    return text.ljust(width, "<")
