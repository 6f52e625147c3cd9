"""Which passwords and passcodes are accepted; the reasons say which rule was broken, never by which value.

Sources: the app's own rules (R-050 to R-052), NIST SP 800-63B-4 §3.1.1.2 and OWASP ASVS 5.0 §6.2 (S-15, S-17, S-18).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.personal_words import (
    Person,
    birth_forms,
    birth_slices,
    folded,
    name_words,
    number_slices,
    place_words,
)
from cccd_nfc.sentences import Said, joined

PASSCODE_DIGITS = 6
_OUR_WORDS = ("vneid", "cccd")
_UNREADABLE = frozenset(("Cc", "Cs", "Cn"))
_AS_LETTERS = str.maketrans("013457@$!|", "oieastasil")
"""Digits and signs that stand for letters: p@ssw0rd."""

_ENDINGS = (r"[^a-z0-9]+[0-9]*[^a-z0-9]*$", r"[0-9]?[^a-z0-9]+$")
"""What people add to a word so that it fits the rule: a sign and a year, a digit and a sign."""


@dataclass(frozen=True, slots=True)
class Profile:
    """shortest, longest: code points after NFC, both included.  classes: one of each kind of character is wanted."""

    shortest: int
    longest: int
    classes: bool


VNEID = Profile(shortest=8, longest=20, classes=True)
"""For owners, as the national app has it (R-050, R-051)."""
NIST = Profile(shortest=15, longest=64, classes=False)
"""For officers, whose password may be all that stands before an account (S-15)."""


class Reason(StrEnum):
    """Which rule a secret breaks, in words for its owner."""

    TOO_SHORT = "too few characters"
    TOO_LONG = "too many characters"
    UNREADABLE = "characters that cannot be typed"
    NO_DIGIT = "no digit"
    NO_CAPITAL = "no capital letter"
    NO_SMALL = "no small letter"
    NO_SIGN = "no special character"
    COMMON = "one of the most common passwords"
    REPEATED = "the same few characters again and again"
    NAME = "the owner's name"
    BIRTH_DATE = "the owner's date of birth"
    NUMBER = "digits of the personal number or of the phone number"
    OUR_WORD = "the name of the card or of the app"
    PLACE = "the name of a province"
    NOT_SIX_DIGITS = "not six digits from 0 to 9"
    ALL_EQUAL = "six equal digits"
    RUN = "digits in a row, up or down"


def normalised(secret: str) -> str:
    """The secret as it is judged and hashed: NFC, whole, blanks and all."""
    return unicodedata.normalize("NFC", secret)


def check_password(password: str, person: Person, profile: Profile = VNEID) -> str:
    """The password normalised; UsageError with every reason against it."""
    return _accepted(Said("the password is not accepted: "), password, password_reasons(password, person, profile))


def check_passcode(passcode: str, person: Person) -> str:
    """The passcode; UsageError with every reason against it."""
    return _accepted(Said("the passcode is not accepted: "), passcode, passcode_reasons(passcode, person))


def _accepted(beginning: Said, secret: str, reasons: tuple[Reason, ...]) -> str:
    if reasons:
        said = joined(Said(reason.value) for reason in reasons)
        raise UsageError(Said("{beginning}{reasons}", beginning=beginning, reasons=said))
    return normalised(secret)


# --- password ---------------------------------------------------------------------------------------------------------


def password_reasons(password: str, person: Person, profile: Profile) -> tuple[Reason, ...]:
    """Every rule that the password breaks."""
    whole = normalised(password)
    reasons = (*_length(whole, profile), *(_classes(whole) if profile.classes else ()))
    return (*reasons, *_guessable(whole), *_personal(whole, person))


def _length(whole: str, profile: Profile) -> Iterator[Reason]:
    if len(whole) < profile.shortest:
        yield Reason.TOO_SHORT
    if len(whole) > profile.longest:
        yield Reason.TOO_LONG
    if any(unicodedata.category(char) in _UNREADABLE for char in whole):
        yield Reason.UNREADABLE


def _classes(whole: str) -> Iterator[Reason]:
    kinds = {unicodedata.category(char) for char in whole}
    yield from (why for kind, why in (("Nd", Reason.NO_DIGIT), ("Lu", Reason.NO_CAPITAL)) if kind not in kinds)
    if "Ll" not in kinds:
        yield Reason.NO_SMALL
    if not any(kind[0] in "PSZ" for kind in kinds):
        yield Reason.NO_SIGN


def _guessable(whole: str) -> Iterator[Reason]:
    if any(core in common_passwords() for core in _cores(whole)):
        yield Reason.COMMON
    if re.fullmatch(r"(.{1,4}?)\1{2,}.{0,3}", whole, re.DOTALL):
        yield Reason.REPEATED


def _cores(whole: str) -> Iterator[str]:
    """What is left when the dress is off: Monkey#2024, p@ssw0rd1! and Qwerty123! are three common passwords."""
    plain = folded(whole)
    bare = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    of_digits = "".join(re.findall(r"[a-z0-9]+", plain))
    undressed = (re.sub(end, "", plain) for end in _ENDINGS)
    for core in (plain, of_digits, bare, *undressed, plain.translate(_AS_LETTERS), bare.translate(_AS_LETTERS)):
        yield from (core, _unit(core))


def _unit(core: str) -> str:
    """What `core` repeats (passwordpassword), else itself."""
    again = (core + core).find(core, 1)
    return core[:again] if core else core


@cache
def common_passwords() -> frozenset[str]:
    """30,000 passwords that people choose most, in small letters; their origin stands in the file's head."""
    text = resources.files("cccd_nfc.registry").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("# "))


def _personal(whole: str, person: Person) -> Iterator[Reason]:
    plain = folded(whole)
    spellings = tuple("".join(re.findall(r"[a-z0-9]+", text)) for text in (plain, plain.translate(_AS_LETTERS)))
    digits = spellings[0]
    words: tuple[tuple[Reason, Iterable[str]], ...] = (
        (Reason.NAME, name_words(person.full_name)),
        (Reason.OUR_WORD, _OUR_WORDS),
        (Reason.PLACE, place_words()),
    )
    yield from (why for why, found in words if any(word in each for word in found for each in spellings))
    yield from (why for why, found in _digit_words(person) if any(word in digits for word in found))


def _digit_words(person: Person) -> tuple[tuple[Reason, frozenset[str]], ...]:
    return (Reason.BIRTH_DATE, birth_forms(person.birth_date)), (Reason.NUMBER, number_slices(person))


# --- passcode ---------------------------------------------------------------------------------------------------------


def passcode_reasons(passcode: str, person: Person) -> tuple[Reason, ...]:
    """Every rule that the passcode breaks."""
    if not re.fullmatch(r"[0-9]{6}", passcode):
        return (Reason.NOT_SIX_DIGITS,)
    return tuple(_simple_digits(passcode, person))


def _simple_digits(passcode: str, person: Person) -> Iterator[Reason]:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(passcode)}
    if steps == {0}:
        yield Reason.ALL_EQUAL
    if steps in ({1}, {9}):
        yield Reason.RUN
    if passcode in birth_slices(person.birth_date):
        yield Reason.BIRTH_DATE
    if passcode in number_slices(person):
        yield Reason.NUMBER
