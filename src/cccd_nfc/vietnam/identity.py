"""Who the card says it belongs to, and whether its sources agree with each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cccd_nfc.lds.mrz import MRZ
from cccd_nfc.report import Identity
from cccd_nfc.sentences import Said
from cccd_nfc.vietnam import card_mrz
from cccd_nfc.vietnam.dg13 import CitizenData
from cccd_nfc.vietnam.expiry import expiry_of
from cccd_nfc.vietnam.names import mrz_names
from cccd_nfc.vietnam.personal_number import parse_personal_number

_SEXES = {"NAM": "M", "NỮ": "F"}
_SHOWN_APART = ("personal_number", "full_name", "birth_date", "sex", "nationality", "issue_date", "expiry_date")
_LINE_3 = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold. severity "failed" ends trust in the identity; a "warning" is for a person to weigh.

    detail: which sources disagree, without saying what they hold.
    """

    rule: str
    severity: Literal["failed", "warning"]
    detail: Said


def build_identity(mrz: MRZ | None, citizen: CitizenData | None, portrait: bytes, *, today: date) -> Identity:
    """The identity by EF.DG1 and, on a CCCD, EF.DG13, which has the name with its marks.

    today: settles the century of the birth date, which has two digits.
    """
    citizen = citizen or CitizenData()
    if mrz is None:
        return _by_citizen_data_alone(citizen, portrait)
    no_expiry = card_mrz.is_citizen_card(mrz) and mrz.expiry_date == card_mrz.NO_EXPIRY
    return Identity(
        document_number=mrz.document_number,
        personal_number=card_mrz.personal_number(mrz) or citizen.text("personal_number"),
        full_name=citizen.text("full_name"),
        latin_name=f"{mrz.surname} {mrz.given_names}".strip(),
        birth_date=card_mrz.birth_date(mrz.birth_date, today=today),
        sex=mrz.sex if mrz.sex in "MF" else "",
        nationality=mrz.nationality,
        issuer=mrz.issuer,
        expiry_date=None if no_expiry else card_mrz.expiry_date(mrz.expiry_date),
        no_expiry=no_expiry,
        issue_date=citizen.day("issue_date"),
        portrait=portrait,
        other=_others(citizen),
    )


def _by_citizen_data_alone(citizen: CitizenData, portrait: bytes) -> Identity:
    return Identity(
        personal_number=citizen.text("personal_number"),
        full_name=citizen.text("full_name"),
        birth_date=citizen.day("birth_date"),
        sex=_SEXES.get(citizen.text("sex").upper(), ""),
        expiry_date=citizen.day("expiry_date"),
        issue_date=citizen.day("issue_date"),
        portrait=portrait,
        other=_others(citizen),
    )


def _others(citizen: CitizenData) -> dict[str, str]:
    people = {"father": citizen.father, "mother": citizen.mother, "spouse": citizen.spouse}
    texts = {name: text for name, text in citizen.texts.items() if name not in _SHOWN_APART}
    return {name: text for name, text in {**texts, **people}.items() if text}


def consistency(mrz: MRZ, citizen: CitizenData | None) -> list[Finding]:
    """Every rule that does not hold between and inside EF.DG1 and EF.DG13; empty when all do."""
    findings = list(_of_mrz(mrz))
    if citizen is not None:
        findings += _between(mrz, citizen)
        findings += _hints(mrz, citizen)
    return findings


def _of_mrz(mrz: MRZ) -> Iterator[Finding]:
    for name in mrz.problems:
        yield Finding("check-digit", "failed", Said("EF.DG1: the check digit of {field} is wrong", field=Said(name)))
    if card_mrz.is_citizen_card(mrz):
        if not card_mrz.number_digit_is_right(mrz):
            yield Finding("number-digit", "warning", Said("EF.DG1: the check digit of the 12-digit number is wrong"))
        if card_mrz.personal_number(mrz)[-9:] != mrz.document_number:
            yield Finding("number-tail", "failed", Said("EF.DG1: document number and 12-digit number disagree"))


def _between(mrz: MRZ, citizen: CitizenData) -> Iterator[Finding]:
    """EF.DG13 against EF.DG1; what EF.DG13 leaves out is not held against it."""
    comparisons = (
        (Said("number"), citizen.text("personal_number"), card_mrz.personal_number(mrz)),
        (Said("birth date"), _yymmdd(citizen.day("birth_date")), mrz.birth_date),
        (Said("sex"), _SEXES.get(unicodedata.normalize("NFC", citizen.text("sex")).upper(), ""), mrz.sex),
    )
    for what, said, printed in comparisons:
        if said and said != printed:
            detail = Said("EF.DG1 and EF.DG13 disagree on the {field}", field=what)
            yield Finding(what.replace(" ", "-"), "failed", detail)
    if not _names_agree(mrz, citizen.text("full_name")):
        yield Finding("name", "failed", Said("EF.DG1 and EF.DG13 disagree on the name"))
    said_expiry = citizen.text("expiry_date")
    day = citizen.day("expiry_date")
    expected = _yymmdd(day) if day else card_mrz.NO_EXPIRY
    if said_expiry and expected != mrz.expiry_date:
        yield Finding("expiry", "failed", Said("EF.DG1 and EF.DG13 disagree on the expiry date"))


def _names_agree(mrz: MRZ, full_name: str) -> bool:
    """Word by word without marks; a name cut at the end of line 3 agrees with the whole name that it begins."""
    if not full_name.strip():
        return True
    whole = mrz_names(full_name)
    printed = mrz.lines[-1].rstrip("<") if mrz.format == "TD1" else whole
    return printed == whole or (len(mrz.lines[-1].rstrip("<")) == _LINE_3 and whole.startswith(printed))


def _hints(mrz: MRZ, citizen: CitizenData) -> Iterator[Finding]:
    """The number's digits and the expiry rule: genuine cards exist that fit neither, so these only warn."""
    number = card_mrz.personal_number(mrz)
    birth, issued = citizen.day("birth_date"), citizen.day("issue_date")
    if number:
        told = parse_personal_number(number)
        if told.place is None:
            yield Finding("number-place", "warning", Said("the number begins with no known place"))
        if mrz.sex in ("M", "F") and told.sex != mrz.sex:
            yield Finding("number-sex", "warning", Said("the number's fourth digit stands for the other sex"))
        if birth and told.birth_year != birth.year:
            yield Finding("number-year", "warning", Said("the number's digits stand for another year of birth"))
    if birth and issued:
        rule = expiry_of(birth, issued)
        if (_yymmdd(rule) if rule else card_mrz.NO_EXPIRY) != mrz.expiry_date:
            yield Finding("expiry-rule", "warning", Said("the expiry date is not the one that the law gives"))


def _yymmdd(day: date | None) -> str:
    return f"{day:%y%m%d}" if day else ""
