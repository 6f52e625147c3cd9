"""The key seeds of every kind of password, by the examples of ICAO 9303-11 D.2; and what is no password."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from cccd_nfc.errors import UsageError
from cccd_nfc.protocol.passwords import Password, PasswordKind
from conftest import load_vector

D2 = load_vector("bac_9303-11_D")["d2"]


@pytest.mark.parametrize("case", D2["cases"], ids=lambda case: f"{case['format']}, {case['case']}")
def test_the_lines_and_the_fields_of_an_mrz_give_the_same_information(case: dict[str, Any]) -> None:
    from_lines = Password.from_mrz("\n".join(case["mrz"]))
    from_fields = Password.mrz(case["document_number"], case["date_of_birth"], case["date_of_expiry"])
    assert from_lines == from_fields
    assert from_lines.secret.decode("ascii") == case["mrz_information"]


def test_the_mrz_makes_the_key_seed_of_d2() -> None:
    password = Password.mrz("L898902C", "690806", "940623")
    assert password.bac_key_seed().hex().upper() == D2["k_seed"]
    assert password.pace_key_seed()[:16] == password.bac_key_seed()
    assert len(password.pace_key_seed()) == hashlib.sha1().digest_size


def test_the_digits_of_a_can_are_its_seed() -> None:
    assert Password.can("001234").pace_key_seed() == b"001234"


def test_the_number_on_the_card_holds_its_can() -> None:
    assert Password.from_number("001 099 123456") == Password.can("123456")


def test_the_references_are_those_of_the_standard() -> None:
    assert [kind.reference for kind in PasswordKind] == [1, 2, 3, 4]


@pytest.mark.parametrize("make", [Password.pin, Password.puk])
def test_pin_and_puk_are_taken_as_typed(make: Callable[[str], Password]) -> None:
    assert make("12345678").pace_key_seed() == b"12345678"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Password.can("12345"),
        lambda: Password.can("12345x"),
        lambda: Password.can("१२३४५६"),
        lambda: Password.from_number("12345"),
        lambda: Password.from_number("00109912345x"),
        lambda: Password.mrz("L898902C", "6908", "940623"),
        lambda: Password.mrz("L898902C é", "690806", "940623"),
        lambda: Password.mrz("", "690806", "940623"),
        lambda: Password.from_mrz("no mrz"),
        lambda: Password.pin(""),
        lambda: Password.puk("12\n345"),
    ],
)
def test_what_cannot_be_a_password_is_refused_without_repeating_it(make: Callable[[], Password]) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert not any(secret in str(caught.value) for secret in ("12345", "L898902C", "no mrz", "690806"))


def test_a_can_does_not_open_bac() -> None:
    with pytest.raises(UsageError, match="MRZ"):
        Password.can("123456").bac_key_seed()


def test_a_password_does_not_print() -> None:
    assert "123456" not in repr(Password.can("123456"))
