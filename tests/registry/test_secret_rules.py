"""Which passwords and passcodes are accepted, rule by rule."""

from __future__ import annotations

import unicodedata

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.registry.personal_words import Person, birth_forms, name_words
from cccd_nfc.registry.secret_rules import (
    NIST,
    VNEID,
    Profile,
    Reason,
    _classes,
    _length,
    check_passcode,
    check_password,
    common_passwords,
    passcode_reasons,
    password_reasons,
)

PERSON = Person("Nguyễn Văn Mẫu", "1990-02-01", "079090001234", "+84912345678")
GOOD = "Trăng-sáng 47"


def reasons(password: str, profile: Profile = VNEID) -> set[Reason]:
    return set(password_reasons(password, PERSON, profile))


@pytest.mark.row("R-050", "S-15")
@pytest.mark.parametrize(
    ("length", "broken"), [(7, {Reason.TOO_SHORT}), (8, set()), (20, set()), (21, {Reason.TOO_LONG})]
)
def test_r050_a_password_has_8_to_20_characters(length: int, broken: set[Reason]) -> None:
    password = "xK7-qTzWbR4+mJvPdH9=L"[:length]
    assert (len(password), reasons(password)) == (length, broken)


@pytest.mark.row("R-051", "S-15")
@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("xKq-qTzWb", Reason.NO_DIGIT),
        ("xk7-qtzwb", Reason.NO_CAPITAL),
        ("XK7-QTZWB", Reason.NO_SMALL),
        ("xK7vqTzWb", Reason.NO_SIGN),
    ],
)
def test_r051_each_of_the_four_kinds_of_character_is_wanted(password: str, broken: Reason) -> None:
    assert reasons(password) == {broken}


@pytest.mark.row("S-15")
def test_s15_a_vietnamese_letter_counts_once_however_it_was_typed() -> None:
    composed = unicodedata.normalize("NFC", "Ữ-ằmzq7k")
    decomposed = unicodedata.normalize("NFD", composed)
    assert (len(composed), len(decomposed)) == (8, 12)
    assert check_password(decomposed, PERSON) == check_password(composed, PERSON) == composed
    assert reasons(unicodedata.normalize("NFD", "Ữ-ằmzq7")) == {Reason.TOO_SHORT}


@pytest.mark.row("S-15")
def test_s15_blanks_at_the_ends_are_part_of_the_password() -> None:
    assert check_password(f" {GOOD} ", PERSON) == f" {GOOD} "


@pytest.mark.row("S-15")
@pytest.mark.parametrize("sign", ["\n", "\x00", "\ud800"])
def test_s15_what_nobody_can_type_is_refused(sign: str) -> None:
    assert reasons(f"xK7-qTzWb{sign}") == {Reason.UNREADABLE}


@pytest.mark.row("S-15")
def test_s15_officers_have_long_passwords_without_kinds() -> None:
    assert reasons("ghế mây bên hồ", NIST) == {Reason.TOO_SHORT}
    assert reasons("ghế mây bên hồ xa", NIST) == set()
    assert reasons("ghế mây bên hồ xa".ljust(64, "q"), NIST) == set()
    assert reasons("ghế mây bên hồ xa".ljust(65, "q"), NIST) == {Reason.TOO_LONG}
    assert Reason.COMMON in reasons("passwordpassword", NIST)


@pytest.mark.row("S-17")
def test_s17_more_than_3000_common_passwords_that_fit_the_rule_are_refused() -> None:
    words = sorted(word for word in common_passwords() if word.isalnum() and word[:2].isalpha())
    for ending in ("1!", "@123", "#2024"):
        dressed = [word.capitalize() + ending for word in words if 8 <= len(word + ending) <= 20]
        allowed_by_its_shape = [each for each in dressed if not {*_length(each, VNEID), *_classes(each)}]
        assert len(allowed_by_its_shape) >= 3000
        assert all(Reason.COMMON in password_reasons(each, Person(), VNEID) for each in allowed_by_its_shape[::10])


@pytest.mark.row("S-17")
@pytest.mark.parametrize(
    "password", ["P@ssw0rd1!", "Monkey#2024", "Qwerty123!", "Abc12345!", "Anhyeuem1!", "Matkhau@123"]
)
def test_s17_a_common_password_stays_one_in_its_sunday_dress(password: str) -> None:
    assert Reason.COMMON in reasons(password)


@pytest.mark.row("S-17")
@pytest.mark.parametrize("password", ["Aa1!Aa1!Aa1!", "A1!a" * 5])
def test_s17_the_same_few_characters_again_are_refused(password: str) -> None:
    assert Reason.REPEATED in reasons(password)


@pytest.mark.row("S-17")
@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("kq7-Nguyễn-x", Reason.NAME),
        ("kq7-NguyenVan", Reason.NAME),
        ("kq7-M4u+zzt", Reason.NAME),
        ("kQ-01021990x", Reason.BIRTH_DATE),
        ("kQ-01/02/90x", Reason.BIRTH_DATE),
        ("kQ-1990-02-01x", Reason.BIRTH_DATE),
        ("kQ-079090x+", Reason.NUMBER),
        ("kQ-001234x+", Reason.NUMBER),
        ("kQ-0912345x", Reason.NUMBER),
        ("xX-VNeID-77k", Reason.OUR_WORD),
        ("xX-cccd-77kq", Reason.OUR_WORD),
        ("xX-Hà Nội-77", Reason.PLACE),
        ("xX-H4N0i-77k", Reason.PLACE),
    ],
)
def test_s17_what_others_know_of_the_owner_is_no_password(password: str, broken: Reason) -> None:
    assert reasons(password) == {broken}


@pytest.mark.row("S-17")
def test_s17_the_reason_is_told_and_never_the_value() -> None:
    with pytest.raises(UsageError) as refused:
        check_password("Nguyen#01021990", PERSON)
    said = str(refused.value)
    assert (Reason.NAME.value in said, Reason.BIRTH_DATE.value in said) == (True, True)
    assert not any(value in said.casefold() for value in ("nguyen#", "01021990"))
    assert "Nguy" not in repr(PERSON)


def test_a_good_password_is_accepted() -> None:
    assert check_password(GOOD, PERSON) == GOOD


@pytest.mark.row("R-052", "S-18")
@pytest.mark.parametrize(
    "passcode", ["59381", "5938170", "59381a", "", "５９３８１７", "٥٩٣٨١٧", " 593817", "593817\n", "-93817"]
)
def test_r052_a_passcode_is_exactly_six_ascii_digits(passcode: str) -> None:
    assert passcode_reasons(passcode, PERSON) == (Reason.NOT_SIX_DIGITS,)


@pytest.mark.row("R-052")
def test_r052_a_leading_zero_is_kept() -> None:
    assert check_passcode("059317", PERSON) == "059317"


@pytest.mark.row("S-18")
@pytest.mark.parametrize(
    ("passcode", "broken"),
    [
        ("777777", Reason.ALL_EQUAL),
        ("123456", Reason.RUN),
        ("456789", Reason.RUN),
        ("789012", Reason.RUN),
        ("654321", Reason.RUN),
        ("210987", Reason.RUN),
        ("010290", Reason.BIRTH_DATE),
        ("900201", Reason.BIRTH_DATE),
        ("020190", Reason.BIRTH_DATE),
        ("010219", Reason.BIRTH_DATE),
        ("021990", Reason.BIRTH_DATE),
        ("199002", Reason.BIRTH_DATE),
        ("121990", Reason.BIRTH_DATE),
        ("079090", Reason.NUMBER),
        ("001234", Reason.NUMBER),
        ("912345", Reason.NUMBER),
        ("091234", Reason.NUMBER),
        ("849123", Reason.NUMBER),
    ],
)
def test_s18_simple_and_personal_digits_are_no_passcode(passcode: str, broken: Reason) -> None:
    assert broken in passcode_reasons(passcode, PERSON)
    with pytest.raises(UsageError) as refused:
        check_passcode(passcode, PERSON)
    assert passcode not in str(refused.value)


def test_a_person_of_whom_little_is_known_has_few_words() -> None:
    assert (birth_forms(""), name_words("An"), passcode_reasons("593817", Person())) == (frozenset(), frozenset(), ())
