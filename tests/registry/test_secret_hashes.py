"""Argon2id over a keyed hash: the library's own vector, and what a stored hash is right for."""

from __future__ import annotations

import pytest
from argon2.low_level import ARGON2_VERSION, Type, core, ffi, lib

from cccd_nfc.registry.secret_hashes import PASSCODE, PASSWORD, SecretHasher
from cccd_nfc.registry.secret_policy import HashParameters, SecretPolicy

QUICK = HashParameters(memory=64, passes=1, lanes=1)
HASHER = SecretHasher(b"k" * 32, QUICK)


@pytest.mark.row("S-16")
def test_s16_the_library_computes_the_vector_of_rfc_9106_section_5_3() -> None:
    out = ffi.new("uint8_t[]", 32)
    parts = [ffi.new("uint8_t[]", content) for content in (b"\1" * 32, b"\2" * 16, b"\3" * 8, b"\4" * 12)]
    password, salt, secret, ad = parts
    context = ffi.new(
        "argon2_context *",
        {
            "version": ARGON2_VERSION,
            "out": out,
            "outlen": 32,
            "pwd": password,
            "pwdlen": 32,
            "salt": salt,
            "saltlen": 16,
            "secret": secret,
            "secretlen": 8,
            "ad": ad,
            "adlen": 12,
            "t_cost": 3,
            "m_cost": 32,
            "lanes": 4,
            "threads": 4,
            "flags": lib.ARGON2_DEFAULT_FLAGS,
            "allocate_cbk": ffi.NULL,
            "free_cbk": ffi.NULL,
        },
    )
    assert core(context, Type.ID.value) == lib.ARGON2_OK
    assert bytes(out).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


@pytest.mark.row("S-16")
def test_s16_the_parameters_are_those_of_rfc_9106_and_stand_in_the_hash() -> None:
    stored = SecretHasher(b"k" * 32, SecretPolicy().hashing).hash(PASSWORD, "a", "x")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.row("S-16")
def test_s16_a_hash_is_right_for_one_secret_of_one_account_of_one_kind_under_one_key() -> None:
    stored = HASHER.hash(PASSWORD, "a", "secret")
    assert HASHER.is_right(stored, PASSWORD, "a", "secret")
    assert not HASHER.is_right(stored, PASSWORD, "a", "Secret")
    assert not HASHER.is_right(stored, PASSWORD, "b", "secret")
    assert not HASHER.is_right(stored, PASSCODE, "a", "secret")
    assert not SecretHasher(b"l" * 32, QUICK).is_right(stored, PASSWORD, "a", "secret")
    assert not HASHER.is_right("", PASSWORD, "a", "secret")
    assert not HASHER.is_right("$argon2id$broken", PASSWORD, "a", "secret")


@pytest.mark.row("S-15", "S-16")
def test_s15_nothing_is_cut_off_before_it_is_hashed() -> None:
    stored = HASHER.hash(PASSWORD, "a", "q" * 200)
    assert not HASHER.is_right(stored, PASSWORD, "a", "q" * 199)
    assert HASHER.hash(PASSWORD, "a", "ab") != HASHER.hash(PASSWORD, "a", "ab")


@pytest.mark.row("S-16")
def test_s16_other_parameters_make_a_hash_outdated() -> None:
    stored = HASHER.hash(PASSWORD, "a", "x")
    stronger = SecretHasher(b"k" * 32, HashParameters(memory=128, passes=2, lanes=1))
    assert (HASHER.is_outdated(stored), stronger.is_outdated(stored)) == (False, True)
    assert stronger.is_right(stored, PASSWORD, "a", "x")


def test_the_key_is_not_shown() -> None:
    assert "kkk" not in repr(HASHER)
