"""The MRZ of the CCCD: a TD1 whose optional data hold the whole number, with a check digit of the issuer's own.

Line 1: IDVNM, the last nine digits, their check digit, all twelve digits, two fillers, the check digit of the twelve.
"""

from __future__ import annotations

from datetime import date

from cccd_nfc.lds.mrz import MRZ, check_digit, encode_td1

ISSUER = "VNM"
NO_EXPIRY = "991231"
"""What stands for "Không thời hạn"; not a day of 1999."""


def make_mrz(number: str, birth: date, sex: str, expiry: date | None, names: str) -> tuple[str, str, str]:
    """The three lines. number: 12 digits.  sex: "M" or "F".  expiry: None for no expiry.  names: as `mrz_names`."""
    return encode_td1(
        document_code="ID",
        issuer=ISSUER,
        document_number=number[-9:],
        optional_data=f"{number}<<{check_digit(number)}",
        birth_date=f"{birth:%y%m%d}",
        sex=sex,
        expiry_date=f"{expiry:%y%m%d}" if expiry else NO_EXPIRY,
        nationality=ISSUER,
        names=names,
    )


def is_citizen_card(mrz: MRZ) -> bool:
    """Whether the MRZ has the shape of a CCCD, by which its optional data mean the personal number."""
    return mrz.format == "TD1" and mrz.issuer == ISSUER and mrz.optional_data[:12].isdigit()


def personal_number(mrz: MRZ) -> str:
    """The 12 digits, or an empty string on another document."""
    return mrz.optional_data[:12] if is_citizen_card(mrz) else ""


def number_digit_is_right(mrz: MRZ) -> bool:
    """Whether position 30 of line 1 is the check digit of the twelve digits."""
    return mrz.lines[0][29] == check_digit(personal_number(mrz))


def birth_date(yymmdd: str, *, today: date) -> date | None:
    """The day of birth: of the two centuries the one that is not in the future; None for unknown parts."""
    return _day(yymmdd, 2000, today) or _day(yymmdd, 1900, today)


def expiry_date(yymmdd: str) -> date | None:
    """The day of expiry, 1970 to 2069; None where it is unknown. A CCCD's 991231 means none and is asked before."""
    return _day(yymmdd, 2000 if yymmdd[:2] < "70" else 1900, None)


def _day(yymmdd: str, century: int, latest: date | None) -> date | None:
    try:
        day = date(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:6]))
    except ValueError:
        return None
    return None if latest and day > latest else day
