"""What the phone's page asks of the desk: drawings, six letters for a key, and a confirmation for who waits (F4)."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from joserfc.jwk import ECKey

from cccd_nfc.desk.binding import Binding
from cccd_nfc.desk.offers import CODE_LENGTH, LETTERS, OFFER_LIFE
from cccd_nfc.desk.visits import MOST
from cccd_nfc.registry.phone import Phone
from desk.support import OURS, Browser, Place
from registry_support import card


def jwk(phone: Phone) -> str:
    return json.dumps(ECKey.import_key(phone.public.pem).as_dict(private=False))


class PhonesBrowser:
    """Another browser at the same desk, on the phone's page."""

    def __init__(self, officer: Browser) -> None:
        from starlette.testclient import TestClient

        app = officer.client.app
        self.client = TestClient(app, base_url=str(officer.client.base_url), follow_redirects=False)
        found = re.search(r'name="csrf" content="([^"]+)"', self.client.get("/phone").text)
        assert found
        self.csrf = found[1]

    def post(self, path: str, **fields: str) -> Any:
        answer = self.client.post(path, data={"csrf": self.csrf, **fields}, headers=OURS)
        return answer.json() | {"status": answer.status_code}

    def offer(self, phone: Phone, label: str = "") -> str:
        return str(self.post("/phone/keys", key=jwk(phone), label=label)["code"])


@pytest.fixture
def phones(officer: Browser) -> PhonesBrowser:
    return PhonesBrowser(officer)


def waiting(officer: Browser) -> Binding:
    (binding,) = officer.client.app.state.desk.visits.bindings()  # type: ignore[attr-defined]
    return binding


def to_code(officer: Browser, key: str) -> str:
    officer.read()
    officer.post("/device")
    officer.post("/device/key", key=key)
    return officer.sees('id="confirmation"')


def word(officer: Browser, phone: Phone) -> dict[str, str]:
    pending = waiting(officer).pending
    assert pending
    signed = phone.confirm(pending.transaction_id, pending.reference)
    return {"transaction": pending.transaction_id, "confirmation": signed}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_needs_no_login_and_keeps_the_strict_policy(phones: PhonesBrowser) -> None:
    answer = phones.client.get("/phone")
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["permissions-policy"].startswith("camera=(self)")
    assert phones.client.get("/").headers["location"] == "/login"
    manifest = phones.client.get("/static/phone.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    for icon in manifest.json()["icons"]:
        assert phones.client.get(icon["src"]).headers["content-type"] == icon["type"]


@pytest.mark.row("S-39")
@pytest.mark.parametrize("path", ["/phone/qr", "/phone/keys", "/phone/confirmations", "/phone/language"])
def test_s39_each_act_needs_the_pages_token_and_origin(phones: PhonesBrowser, path: str) -> None:
    assert phones.client.post(path, data={"csrf": "wrong"}, headers=OURS).status_code == 403
    fields, elsewhere = {"csrf": phones.csrf}, {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert phones.client.post(path, data=fields, headers=elsewhere).status_code == 403


def test_a_drawing_is_of_a_short_text_alone(phones: PhonesBrowser) -> None:
    drawn = phones.post("/phone/qr", text=jwk(Phone.new()))
    assert drawn["side"] > 29
    assert set(drawn["path"]) <= set("Mhvz -0123456789")
    for text in ("", "x" * 1025, "chữ", "a\nb"):
        answer = phones.post("/phone/qr", text=text)
        assert (answer["status"], answer["error"]) == (422, "mã QR của trang điện thoại chứa 1 đến 1024 ký tự")


# --- six letters ------------------------------------------------------------------------------------------------------


def test_six_letters_bring_the_key_and_the_phones_name_to_the_desk(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    code = phones.offer(phone, "Máy của Thử")
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(LETTERS)
    panel = to_code(officer, f" {code[:3].lower()} {code[3:]} ")
    assert f"Khóa của điện thoại mới kết thúc bằng {phone.public.thumbprint[-4:]}" in panel
    binding = waiting(officer)
    assert (binding.device, binding.wishes.label) == (phone.public, "Máy của Thử")


def test_letters_of_nobody_are_refused_in_place_and_stay_in_the_field(officer: Browser, phones: PhonesBrowser) -> None:
    phones.offer(Phone.new())
    officer.read()
    officer.post("/device")
    panel = officer.post("/device/key", key="IIIOOO")
    assert "ông có điện thoại nào đang hiện sáu chữ cái này" in panel
    assert "IIIOOO</textarea>" in panel


def test_letters_are_good_for_ten_minutes_and_the_newest_alone(officer: Browser, phones: PhonesBrowser) -> None:
    first, second = phones.offer(Phone.new()), phones.offer(Phone.new())
    officer.read()
    officer.post("/device")
    assert "sáu chữ cái" in officer.post("/device/key", key=first)
    officer.place.desk.clock.go(seconds=OFFER_LIFE.total_seconds())
    assert "sáu chữ cái" in officer.post("/device/key", key=second)


@pytest.mark.parametrize("key", ["", "no key", "{}", "{" + " " * 600 + "}"])
def test_what_is_no_key_gets_no_letters(phones: PhonesBrowser, key: str) -> None:
    answer = phones.post("/phone/keys", key=key)
    assert answer["status"] == 422
    assert "P-256" in answer["error"]


def test_of_a_private_key_nothing_but_the_public_half_stays(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    phones.post("/phone/keys", key=phone.private_pem)
    (offer,) = officer.client.app.state.desk.visits.offers()  # type: ignore[attr-defined]
    assert offer.key == phone.public


def test_many_phones_cost_no_officer_the_work_under_way(officer: Browser, phones: PhonesBrowser) -> None:
    officer.read()
    officer.place.seconds += 1
    for _ in range(MOST + 1):
        PhonesBrowser(officer)
    assert "THẺ THẬT" in officer.panel()


# --- the confirmation -------------------------------------------------------------------------------------------------


def test_the_right_word_comes_to_the_page_that_waits(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    panel = to_code(officer, phone.public.pem)
    assert 'hx-get="/device/word"' in panel
    assert officer.client.get("/device/word").status_code == 204
    fields = word(officer, phone)
    assert phones.post("/phone/confirmations", **fields)["taken"] is True
    answer = officer.client.get("/device/word").text
    assert fields["confirmation"] in answer
    assert "Điện thoại mới đã ký xác nhận" in answer
    assert 'hx-get="/device/word"' not in answer + officer.panel()
    code = officer.place.desk.code()
    assert "Đã kích hoạt" in officer.post("/device/confirm", code=code, confirmation=fields["confirmation"])
    assert phones.post("/phone/confirmations", **fields)["taken"] is False


@pytest.mark.row("S-26")
def test_s26_a_word_of_another_key_or_transaction_is_not_taken(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    to_code(officer, phone.public.pem)
    right = word(officer, phone)
    stranger = word(officer, Phone.new())["confirmation"]
    other = phone.confirm(right["transaction"], "ZZZ")
    for wrong in (stranger, other, "", "a.b.c", "é" * 90, right["confirmation"] + "A"):
        assert phones.post("/phone/confirmations", **{**right, "confirmation": wrong})["taken"] is False
    assert phones.post("/phone/confirmations", **{**right, "transaction": "nobody's"})["taken"] is False
    assert not waiting(officer).came


def test_a_new_code_and_the_end_of_time_make_an_old_word_void(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    to_code(officer, phone.public.pem)
    old = word(officer, phone)
    assert phones.post("/phone/confirmations", **old)["taken"] is True
    officer.place.desk.clock.go(minutes=2)
    officer.post("/device/code")
    assert officer.client.get("/device/word").status_code == 204
    fields = word(officer, phone)
    officer.place.desk.clock.go(minutes=30)
    assert phones.post("/phone/confirmations", **fields)["taken"] is False


def test_nobody_but_the_officer_fetches_a_word(officer: Browser, phones: PhonesBrowser) -> None:
    phone = Phone.new()
    to_code(officer, phone.public.pem)
    phones.post("/phone/confirmations", **word(officer, phone))
    assert phones.client.get("/device/word").headers["location"] == "/login"


def test_the_desk_shows_a_phone_what_to_sign_as_an_address_where_a_phone_can_open_it(place: Place) -> None:
    from dataclasses import replace

    binding = Binding()
    with place.browser() as browser:
        to_code(browser, Phone.new().public.pem)
        binding = waiting(browser)
        panel = browser.panel()
        shown = re.search(r'id="to-scan">([^<]+)<', panel)
        assert shown
        assert unescape(shown[1]) == binding.to_scan()
        assert re.fullmatch(r"cccd-confirm:[\w-]+:[A-Z]+", binding.to_scan())
    assert binding.to_scan("https://desk.example") == f"https://desk.example/phone#{binding.to_scan()}"
    secure = replace(place.settings, base_url="https://desk.example")
    with place.browser(secure) as browser:
        assert "https://desk.example/phone" in browser_panel_of_phone(browser)


def browser_panel_of_phone(browser: Browser) -> str:
    """The step that asks for the phone's key, over https."""
    chosen = card()
    browser.place.reader.card = chosen
    headers = {"origin": "https://desk.example", "sec-fetch-site": "same-origin", "hx-request": "true"}
    fields = {"csrf": browser.csrf(), "number": chosen.secrets.number}
    browser.client.post("/card/read", data=fields, headers=headers)
    browser.sees('class="verdict')
    return browser.client.post("/device", data={"csrf": browser.csrf()}, headers=headers).text
