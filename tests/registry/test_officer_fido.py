"""FIDO2 keys of officers: real registrations and logins of a key in software, and every answer that is not right."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cccd_nfc.errors import ConflictError, NotFoundError, RefusedError, UsageError
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import DeviceKey
from cccd_nfc.registry.service import Registry
from cccd_nfc.registry.states import Purpose
from cccd_nfc.registry.webauthn_keys import RelyingParty
from officer_support import Staff
from registry_support import Desk
from software_authenticator import PRESENT, VERIFIED, SoftwareAuthenticator

PARTY = RelyingParty("desk.example", "A desk", "https://desk.example")


@pytest.fixture
def key(desk: Desk, staff: Staff) -> SoftwareAuthenticator:
    """A key that is registered for the officer binh."""
    staff.hire("binh", OfficerRole.RECEIVING)
    key = SoftwareAuthenticator(PARTY.origin)
    register(staff.logged_in("binh"), key)
    return key


def register(mine: Registry, key: SoftwareAuthenticator) -> str:
    fido = mine.fido(PARTY)
    begun = fido.registration()
    return fido.register(begun.id, key.register(begun.options), "yellow key")


def login(desk: Desk, key: SoftwareAuthenticator, name: str = "binh") -> Registry:
    fido = desk.registry.fido(PARTY)
    begun = fido.challenge(name)
    return desk.registry.acting_as(fido.login(begun.id, key.login(begun.options)).token)


@pytest.mark.row("S-32")
def test_s32_a_registered_key_logs_its_officer_in(desk: Desk, key: SoftwareAuthenticator) -> None:
    for _ in range(2):
        assert login(desk, key).begin(Purpose.ENROL)
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    found = [entry for entry in entries if entry["act"] == "officer-logged-in" and entry["method"] == "fido2"]
    assert len(found) == 2
    assert desk.place.ask("SELECT sign_count FROM officer_key") == [(2,)]


@pytest.mark.row("S-32")
def test_s32_what_the_key_is_asked_names_host_and_pin(desk: Desk, staff: Staff, key: SoftwareAuthenticator) -> None:
    asked = json.loads(desk.registry.fido(PARTY).challenge("binh").options)
    assert (asked["rpId"], asked["userVerification"]) == (PARTY.id, "required")
    assert len(asked["allowCredentials"]) == 1
    assert len(asked["challenge"]) == 43, "256 bit"
    begun = json.loads(staff.logged_in("binh").fido(PARTY).registration().options)
    assert begun["excludeCredentials"][0]["id"] == asked["allowCredentials"][0]["id"]


@pytest.mark.parametrize("wrong", ["origin", "party", "no pin", "nobody there", "other key", "torn signature"])
@pytest.mark.row("S-32")
def test_s32_an_answer_that_is_not_right_is_refused(desk: Desk, key: SoftwareAuthenticator, wrong: str) -> None:
    fido = desk.registry.fido(PARTY)
    begun = fido.challenge("binh")
    options = begun.options
    bad = key
    if wrong == "origin":
        bad = replace(key, origin="https://desk.example.evil")
    elif wrong == "party":
        options = json.dumps({**json.loads(options), "rpId": "evil.example"})
    elif wrong == "no pin":
        bad = replace(key, flags=PRESENT)
    elif wrong == "nobody there":
        bad = replace(key, flags=VERIFIED)
    elif wrong == "other key":
        bad = replace(SoftwareAuthenticator(PARTY.origin), id=key.id)
    answer = json.loads(bad.login(options))
    if wrong == "torn signature":
        answer["response"]["signature"] = "AAAA"
    with pytest.raises(RefusedError):
        fido.login(begun.id, json.dumps(answer))
    entries = [json.loads(content) for (content,) in desk.place.ask("SELECT content FROM audit ORDER BY seq")]
    assert (entries[-1]["act"], entries[-1]["method"]) == ("officer-login-refused", "fido2")
    with pytest.raises(RefusedError, match="was used"):
        fido.login(begun.id, key.login(begun.options))


@pytest.mark.row("S-32")
def test_s32_a_challenge_serves_once_for_five_minutes_and_for_its_purpose(
    desk: Desk, staff: Staff, key: SoftwareAuthenticator
) -> None:
    fido = desk.registry.fido(PARTY)
    begun = fido.challenge("binh")
    answer = key.login(begun.options)
    assert fido.login(begun.id, answer).token
    with pytest.raises(RefusedError, match="was used"):
        fido.login(begun.id, answer)
    other = fido.challenge("binh")
    with pytest.raises(RefusedError):
        fido.login(other.id, answer)
    late = fido.challenge("binh")
    desk.clock.go(minutes=5)
    with pytest.raises(RefusedError, match="expired"):
        fido.login(late.id, key.login(late.options))
    mine = staff.logged_in("binh").fido(PARTY)
    with pytest.raises(RefusedError, match="was used"):
        fido.login(mine.registration().id, answer)
    with pytest.raises(RefusedError, match="was used"):
        mine.register("no ceremony", answer)


@pytest.mark.row("S-32")
def test_s32_a_copied_key_is_noticed_by_its_counter(desk: Desk, key: SoftwareAuthenticator) -> None:
    copy = replace(key)
    login(desk, key)
    with pytest.raises(RefusedError):
        login(desk, copy)
    assert login(desk, key), "the real one goes on"


@pytest.mark.row("S-32")
def test_s32_a_key_logs_in_nobody_else(desk: Desk, staff: Staff, key: SoftwareAuthenticator) -> None:
    staff.hire("chi", OfficerRole.UNIT_HEAD)
    with pytest.raises(RefusedError):
        login(desk, key, "chi")
    with pytest.raises(RefusedError):
        login(desk, SoftwareAuthenticator(PARTY.origin))
    fido, token = desk.registry.fido(PARTY), staff.token("chi")
    begun = fido.challenge("binh")
    with pytest.raises(RefusedError):
        fido.step_up(token, begun.id, key.login(begun.options))


@pytest.mark.row("S-32")
def test_s32_a_key_steps_a_session_up(desk: Desk, staff: Staff, key: SoftwareAuthenticator) -> None:
    desk.enrol()
    token = staff.token("binh")
    desk.clock.go(minutes=10)
    fido = desk.registry.fido(PARTY)
    begun = fido.challenge("binh")
    fresh = fido.step_up(token, begun.id, key.login(begun.options)).token
    with pytest.raises(RefusedError, match="session has ended"):
        desk.registry.acting_as(token)
    assert desk.registry.acting_as(fresh).fido(PARTY).registration()


def test_for_a_name_that_nobody_has_the_question_looks_the_same(desk: Desk, key: SoftwareAuthenticator) -> None:
    fido = desk.registry.fido(PARTY)
    known, unknown, again = (json.loads(fido.challenge(name).options) for name in ("binh", "nobody", "nobody"))
    assert known.keys() == unknown.keys()
    assert len(unknown["allowCredentials"][0]["id"]) == len(known["allowCredentials"][0]["id"])
    assert unknown["allowCredentials"] == again["allowCredentials"]


def test_a_registration_needs_a_fresh_login_and_serves_its_own_officer(
    desk: Desk, staff: Staff, key: SoftwareAuthenticator
) -> None:
    staff.hire("chi", OfficerRole.UNIT_HEAD)
    new = SoftwareAuthenticator(PARTY.origin)
    with pytest.raises(RefusedError, match="log in first"):
        desk.registry.fido(PARTY).registration()
    mine = staff.logged_in("binh").fido(PARTY)
    begun = mine.registration()
    with pytest.raises(RefusedError, match="was used"):
        staff.logged_in("chi").fido(PARTY).register(begun.id, new.register(begun.options))
    with pytest.raises(RefusedError):
        mine.register(begun.id, replace(new, origin="https://evil.example").register(begun.options))
    again = mine.registration()
    for torn in ("{", "[]"):
        with pytest.raises(UsageError, match="JSON"):
            mine.register(mine.registration().id, torn)
    with pytest.raises(RefusedError):
        mine.register(again.id, "{}")
    with pytest.raises(ConflictError):
        register(staff.logged_in("chi"), key)
    idle = staff.logged_in("chi").fido(PARTY)
    desk.clock.go(minutes=6)
    with pytest.raises(RefusedError, match="last five minutes"):
        idle.registration()


def test_a_key_that_was_ended_logs_nobody_in(desk: Desk, staff: Staff, key: SoftwareAuthenticator) -> None:
    mine = staff.logged_in("binh")
    second = SoftwareAuthenticator(PARTY.origin)
    name = register(mine, second)
    with pytest.raises(NotFoundError):
        staff.logged_in("admin").fido(PARTY).end_key(name)
    mine.fido(PARTY).end_key(name)
    with pytest.raises(RefusedError):
        login(desk, second)
    assert login(desk, key)


@pytest.mark.row("DS-10")
def test_a12_ds10_an_officers_fido2_key_is_never_an_accounts_device(desk: Desk, key: SoftwareAuthenticator) -> None:
    with pytest.raises(RefusedError, match="A12"):
        desk.registry.begin(Purpose.ACTIVATE, DeviceKey.parse(key.pem))


def test_the_key_of_a_disabled_officer_logs_nobody_in(desk: Desk, staff: Staff, key: SoftwareAuthenticator) -> None:
    staff.logged_in("admin").officers.disable("binh")
    with pytest.raises(RefusedError):
        login(desk, key)
