"""Codes by RFC 4226 and RFC 6238, each step once (S-19); passwords and seeds that the database alone does not give."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b32encode
from datetime import UTC, datetime

import pyotp
import pytest

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry import officer_secrets
from cccd_nfc.registry.officer_secrets import NEUTRAL
from cccd_nfc.registry.permissions import OfficerRole
from conftest import PROJECT
from officer_support import PASSWORD, Staff
from registry_processes import race
from registry_support import Desk

VECTORS = json.loads((PROJECT / "tests/vectors/otp_rfc4226_rfc6238.json").read_text(encoding="utf-8"))
SECRET = VECTORS["hotp"]["secret"].encode()


@pytest.mark.row("S-19")
@pytest.mark.parametrize(("counter", "truncated", "code"), VECTORS["hotp"]["cases"])
def test_s19_codes_by_counter_are_those_of_rfc_4226(counter: int, truncated: str, code: str) -> None:
    assert pyotp.HOTP(b32encode(SECRET).decode()).at(counter) == code
    digest = hmac.new(SECRET, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    found = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    assert (f"{found:08x}", f"{found % 10**6:06d}") == (truncated, code)


@pytest.mark.row("S-19")
@pytest.mark.parametrize("case", VECTORS["totp"]["cases"])
def test_s19_codes_by_time_are_those_of_rfc_6238(case: list[int | str]) -> None:
    moment, *codes = case
    assert isinstance(moment, int)
    for code, digest, length in zip(codes, (hashlib.sha1, hashlib.sha256, hashlib.sha512), (20, 32, 64), strict=True):
        seed = b32encode((SECRET * 4)[:length]).decode()
        totp = pyotp.TOTP(seed, digits=8, digest=digest)
        assert totp.at(datetime.fromtimestamp(moment, UTC)) == code
        assert totp.verify_and_get_timecode(str(code), for_time=moment, valid_window=1) == moment // 30


@pytest.mark.row("S-19")
def test_s19_the_seed_has_160_bit_and_lies_sealed(desk: Desk, staff: Staff) -> None:
    seed = staff.seeds["admin"]
    assert len(seed) * 5 == 160
    ((sealed, password),) = desk.place.ask("SELECT totp_seed, password FROM officer")
    assert seed.encode() not in bytes(sealed)
    assert password.startswith("$argon2id$")
    assert PASSWORD not in str(desk.place.rows())


@pytest.mark.row("S-19")
@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_s19_one_step_before_and_after_is_right_and_no_more(desk: Desk, staff: Staff, steps: int, right: bool) -> None:
    desk.clock.go(minutes=10)
    code = pyotp.TOTP(staff.seeds["admin"]).at(desk.clock(), counter_offset=steps)
    if right:
        assert desk.registry.officer_logins.login("admin", PASSWORD, code).token
        return
    with pytest.raises(RefusedError):
        desk.registry.officer_logins.login("admin", PASSWORD, code)


@pytest.mark.row("S-19")
def test_s19_a_step_is_accepted_once_and_an_earlier_one_never_again(desk: Desk, staff: Staff) -> None:
    desk.clock.go(minutes=10)
    totp = pyotp.TOTP(staff.seeds["admin"])
    earlier, now = totp.at(desk.clock(), counter_offset=-1), totp.at(desk.clock())
    assert desk.registry.officer_logins.login("admin", PASSWORD, now).token
    for code in (now, earlier):
        with pytest.raises(RefusedError, match="was used"):
            desk.registry.officer_logins.login("admin", PASSWORD, code)


@pytest.mark.row("S-19")
def test_s19_of_eight_logins_at_once_with_one_code_one_succeeds(desk: Desk, staff: Staff) -> None:
    code = staff.code("admin")
    finishes = race(
        desk.place, desk.clock, [lambda registry: registry.officer_logins.login("admin", PASSWORD, code).officer] * 8
    )
    assert len([finish for finish in finishes if finish.error is None]) == 1
    assert {type(finish.error) for finish in finishes if finish.error} == {RefusedError}


@pytest.mark.row("S-15")
@pytest.mark.parametrize(
    ("password", "why"),
    [
        *(("", "too few"), ("mot mat khau 1", "too few"), ("mot mat khau kha dai " * 4, "too many")),
        *(
            ("passwordpassword", "most common"),
            ("abcabcabcabcabcabc", "again and again"),
            ("binhbinh la toi day", "name"),
        ),
    ],
)
def test_s15_an_officers_password_is_of_the_profile_for_officers(staff: Staff, password: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        staff.logged_in("admin").officers.add("binhbinh", "Bình", "C06", [OfficerRole.AUDITOR], password)


def test_the_same_password_typed_in_another_form_of_unicode_is_the_same(desk: Desk) -> None:
    office = desk.registry._office
    kept = officer_secrets.hash_password(office, "one", "An", "mật khẩu khá là dài")
    assert officer_secrets.is_password(office, "one", kept, "mật khẩu khá là dài")
    assert not officer_secrets.is_password(office, "two", kept, "mật khẩu khá là dài"), "it is bound to its officer"
    assert not officer_secrets.is_password(office, "one", "torn", "mật khẩu khá là dài")


@pytest.mark.parametrize("wrong", ["login", "password", "code", "disabled"])
def test_whatever_is_wrong_with_a_login_the_answer_is_the_same(desk: Desk, staff: Staff, wrong: str) -> None:
    staff.hire("binh", OfficerRole.RECEIVING)
    if wrong == "disabled":
        staff.logged_in("admin").officers.disable("binh")
    code = staff.code("binh")
    said = {"login": "binh", "password": PASSWORD, "code": code}
    if wrong != "disabled":
        said[wrong] = {"login": "nobody", "password": PASSWORD + "x", "code": f"{(int(code) + 1) % 10**6:06d}"}[wrong]
    with pytest.raises(RefusedError) as refused:
        desk.registry.officer_logins.login(**said)
    assert str(refused.value) == NEUTRAL


def test_ten_failures_hold_the_login_and_only_a_success_sets_them_back(desk: Desk, staff: Staff) -> None:
    for _ in range(10):
        with pytest.raises(RefusedError):
            desk.registry.officer_logins.login("admin", "wrong", "000000")
    with pytest.raises(RefusedError):
        desk.registry.officer_logins.login(
            "admin", PASSWORD, pyotp.TOTP(staff.seeds["admin"]).at(desk.clock(), counter_offset=1)
        )
    assert staff.token("admin"), "thirty seconds later the right login is right again"
    assert desk.place.ask("SELECT failed_logins, hold_until FROM officer") == [(0, 0)]
