"""Flow F4 at the desk: from the card to the receipt, and every way in which it goes wrong in place."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from cccd_nfc.registry.phone import DeviceKey, Phone
from cccd_nfc.registry.states import DeviceState
from desk.support import Browser
from officer_support import PASSWORD
from registry_support import card

NUMBER = card().secrets.number


def to_code(browser: Browser, phone: Phone, **fields: str) -> str:
    """The panel that asks for the code."""
    browser.read()
    assert "Điện thoại mới" in browser.post("/device")
    browser.post("/device/key", key=phone.public.pem, label="Máy của Thử", **fields)
    return browser.sees('id="confirmation"')


def confirmation(panel: str, phone: Phone) -> str:
    """What the phone gives back for the QR code on the screen."""
    found = re.search(r'id="to-sign">([^<]+)<', panel)
    assert found
    asked = json.loads(unescape(found[1]))
    return phone.confirm(asked["transaction"], asked["reference"])


def bound(browser: Browser, phone: Phone, **fields: str) -> str:
    panel = to_code(browser, phone, **fields)
    code = browser.place.desk.code()
    return browser.post("/device/confirm", code=code, confirmation=confirmation(panel, phone))


def test_a_phone_is_bound_from_the_card_to_the_receipt(officer: Browser) -> None:
    phone = Phone.new()
    panel = bound(officer, phone, same_person="yes", channel="sim")
    assert "Đã kích hoạt điện thoại" in panel
    assert phone.public.thumbprint in panel
    assert NUMBER not in panel
    staff = officer.place.staff
    assert staff
    device = staff.logged_in("lan").devices(NUMBER)[0]
    assert (device.state, device.grade, device.station) == (DeviceState.ACTIVE, "A", staff.station_id)


def test_the_receipt_is_a_pdf_and_a_qr_code(officer: Browser) -> None:
    panel = bound(officer, Phone.new())
    assert 'aria-label="Mã QR của biên nhận"' in panel
    answer = officer.client.get("/receipt.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF")
    officer.post("/card/away")
    assert officer.client.get("/receipt.pdf").status_code == 404


def test_the_key_may_be_a_jwk(officer: Browser) -> None:
    from joserfc.jwk import ECKey

    phone = Phone.new()
    officer.read()
    officer.post("/device")
    officer.post("/device/key", key=json.dumps(ECKey.import_key(phone.public.pem).as_dict(private=False)))
    panel = officer.sees('id="confirmation"')
    assert DeviceKey.parse(phone.public.pem) == phone.public
    code = officer.place.desk.code()
    assert "Đã kích hoạt" in officer.post("/device/confirm", code=code, confirmation=confirmation(panel, phone))


def test_what_is_no_key_is_said_in_place_and_stays_in_the_field(officer: Browser) -> None:
    officer.read()
    officer.post("/device")
    panel = officer.post("/device/key", key="no key at all")
    assert "P-256" in panel
    assert "no key at all</textarea>" in panel


def test_a_wrong_code_says_how_many_tries_are_left_and_the_right_one_still_works(officer: Browser) -> None:
    phone = Phone.new()
    panel = to_code(officer, phone)
    code, word = officer.place.desk.code(), confirmation(panel, phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "4" in re.findall(r"còn (\d) lần", officer.post("/device/confirm", code=wrong, confirmation=word))
    assert "Đã kích hoạt" in officer.post("/device/confirm", code=code, confirmation=word)


@pytest.mark.row("S-05")
def test_after_five_wrong_codes_the_panel_says_what_to_do(officer: Browser) -> None:
    phone = Phone.new()
    panel = to_code(officer, phone)
    code, word = officer.place.desk.code(), confirmation(panel, phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        panel = officer.post("/device/confirm", code=wrong, confirmation=word)
    panel = officer.post("/device/confirm", code=code, confirmation=word)
    assert 'role="alert"' in panel
    assert "Đã kích hoạt" not in panel


def test_another_phones_word_is_refused(officer: Browser) -> None:
    panel = to_code(officer, Phone.new())
    word = confirmation(panel, Phone.new())
    said = officer.post("/device/confirm", code=officer.place.desk.code(), confirmation=word)
    assert 'role="alert"' in said
    assert "Đã kích hoạt" not in said


def test_the_card_of_another_person_is_refused_while_the_phone_is_bound(officer: Browser) -> None:
    officer.read()
    officer.post("/device")
    officer.place.reader.card = card(2)
    officer.post("/device/key", key=Phone.new().public.pem)
    assert "xem có đúng thẻ đó không" in officer.sees('role="alert"')


def test_a_card_without_an_account_is_said(officer: Browser) -> None:
    officer.read(card(2))
    officer.post("/device")
    officer.post("/device/key", key=Phone.new().public.pem)
    panel = officer.sees('role="alert"')
    assert "có thể chưa có tài khoản" in panel


def test_a_locked_account_is_said(officer: Browser) -> None:
    from cccd_nfc.registry.lock_effects import LockReason
    from cccd_nfc.registry.lock_grounds import LockGround, Role

    staff = officer.place.staff
    assert staff
    staff.logged_in("lan").lock(NUMBER, LockGround.OWNER_REQUEST, Role.OFFICER, LockReason.LOST_DEVICE)
    officer.read()
    officer.post("/device")
    officer.post("/device/key", key=Phone.new().public.pem)
    assert "khóa" in officer.sees('role="alert"')


@pytest.mark.row("S-31")
def test_s31_a_desk_that_was_faster_is_named(officer: Browser) -> None:
    phone, faster = Phone.new(), Phone.new()
    panel = to_code(officer, phone)
    code, word = officer.place.desk.code(), confirmation(panel, phone)
    staff = officer.place.staff
    assert staff
    with officer.place.browser() as other:
        other.log_in()
        officer.place.desk.clock.go(seconds=60)
        assert "Đã kích hoạt" in bound(other, faster)
    said = officer.post("/device/confirm", code=code, confirmation=word)
    assert "Bàn khác đã làm trước" in said
    assert staff.station_id in said


def test_a_code_for_the_screen_is_shown_this_once(officer: Browser) -> None:
    phone = Phone.new()
    officer.read()
    officer.post("/device")
    officer.post("/device/key", key=phone.public.pem, channel="screen")
    officer.sees('class="code"')
    officer.place.seconds += 5
    assert 'class="code"' not in officer.panel()
    officer.place.desk.clock.go(seconds=60)
    panel = officer.post("/device/code")
    shown = re.search(r'class="code">(\d{6})<', panel)
    assert shown
    officer.place.seconds += 5
    assert shown[1] not in officer.panel()
    word = confirmation(panel, phone)
    assert "Đã kích hoạt" in officer.post("/device/confirm", code=shown[1], confirmation=word)


def test_the_old_phone_is_named_before_it_is_replaced(officer: Browser) -> None:
    old = Phone.new()
    bound(officer, old)
    officer.place.desk.clock.go(seconds=60)
    assert f"Điện thoại cũ …{old.public.thumbprint[-4:]}" in to_code(officer, Phone.new())


@pytest.mark.row("S-32")
def test_s32_an_old_login_is_made_fresh_in_the_same_form(officer: Browser) -> None:
    phone = Phone.new()
    officer.read()
    officer.post("/device")
    officer.place.desk.clock.go(minutes=6)
    officer.client.get("/")
    officer.post("/device/key", key=phone.public.pem)
    panel = officer.sees('id="confirmation"')
    assert 'name="totp"' in panel
    code, word = officer.place.desk.code(), confirmation(panel, phone)
    staff = officer.place.staff
    assert staff
    said = officer.post("/device/confirm", code=code, confirmation=word)
    assert "năm phút" in said
    fields = {"code": code, "confirmation": word, "password": PASSWORD, "totp": staff.code("lan")}
    assert "Đã kích hoạt" in officer.post("/device/confirm", **fields)


def test_the_card_lifted_while_it_signs_goes_on_when_it_is_back(officer: Browser) -> None:
    officer.read()
    officer.post("/device")
    officer.place.reader.lift_after = 10
    officer.post("/device/key", key=Phone.new().public.pem)
    officer.sees("Thẻ đã bị nhấc ra quá sớm")
    officer.place.reader.card = card()
    officer.sees('id="confirmation"')


def test_without_officers_the_phone_is_bound_and_nobody_is_said_to_have_compared(browser: Browser) -> None:
    phone = Phone.new()
    browser.read()
    assert 'name="same_person"' not in browser.post("/device")
    assert "Đã kích hoạt" in bound(browser, phone)
    assert browser.place.desk.registry.devices(NUMBER)[0].grade == "B"


def test_stopping_leads_back_to_the_card(officer: Browser) -> None:
    to_code(officer, Phone.new())
    assert "THẺ THẬT" in officer.post("/device/stop")
