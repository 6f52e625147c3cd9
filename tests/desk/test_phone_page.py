"""The phone's page in a real browser, beside the desk's in another: a key that never leaves it, and its word (F4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey

from cccd_nfc.registry.phone import DeviceKey, check_confirmation, confirmation_payload
from desk.conftest import _note_stranger
from desk.support import Place, until
from desk.test_browser import log_in, refuse_barriers, type_number
from registry_support import card

Picture = Callable[..., None]

EXPORTED = """async () => {
  const { pair } = await keptKey();
  const tries = ["jwk", "pkcs8", "raw", "spki"].map((form) => crypto.subtle.exportKey(form, pair.privateKey));
  return [pair.privateKey.extractable, (await Promise.allSettled(tries)).map((each) => each.status)];
}"""


CAMERA = """
  window.BarcodeDetector = class {
    async detect() { return window.codes.map((rawValue) => ({ rawValue })); }
  };
  window.codes = [];
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    const paint = canvas.getContext("2d");
    setInterval(() => paint.fillRect(0, 0, Math.random() * 90, 90), 40);
    return window.stream = canvas.captureStream(25);
  };
"""
"""Stands for a camera, and for a browser that reads QR codes."""


@pytest.fixture
def phone(chromium: Any) -> Iterator[Any]:
    """A phone of 390 pixels' width, with a browser of its own; its console must stay empty."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: _note_stranger(asked.url, wrong))
    page.wrong = wrong
    yield page
    context.close()
    assert wrong == []


@pytest.fixture
def url(phone: Any, page: Any, office: Place) -> Iterator[str]:
    with office.served() as address:
        yield address
        page.goto("about:blank")
        phone.goto("about:blank")


def make_key(phone: Any, url: str, name: str = "Máy của Thử") -> DeviceKey:
    phone.goto(f"{url}/phone")
    phone.get_by_label("Tên gọi điện thoại").fill(name)
    phone.get_by_role("button", name="Tạo khóa").click()
    phone.locator("#public-qr svg").wait_for()
    return DeviceKey.parse(phone.locator("#public").input_value())


def to_phone_step(page: Any, office: Place, url: str) -> None:
    log_in(page, office, url)
    office.reader.card = card()
    type_number(page)
    page.get_by_role("button", name="Kích hoạt điện thoại mới").click()
    page.get_by_label("Khóa công khai").wait_for()


def sign(phone: Any, asked: str) -> None:
    phone.get_by_label("Dòng chữ hoặc mã QR").fill(asked)
    phone.get_by_role("button", name="Xem trước khi ký").click()
    phone.get_by_role("button", name="Đồng ý và ký").click()
    phone.locator("#said").wait_for()


def test_a_phone_beside_the_desk_goes_from_its_key_to_the_receipt(
    page: Any, phone: Any, office: Place, url: str, picture: Picture
) -> None:
    key = make_key(phone, url)
    refuse_barriers(phone)
    phone.get_by_role("button", name="Lấy mã 6 chữ cái").click()
    phone.locator("#letters-shown", has_text=" ").wait_for()
    letters = phone.locator("#letters-shown").text_content()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    refuse_barriers(phone)
    picture(phone, "phone-key")

    to_phone_step(page, office, url)
    refuse_barriers(page)
    page.get_by_label("Khóa công khai").fill(letters)
    page.get_by_role("button", name="Tiếp tục với thẻ").click()
    page.get_by_text(f"kết thúc bằng {key.thumbprint[-4:]}").wait_for()
    assert phone.locator("#ends").text_content() == key.thumbprint[-4:]
    refuse_barriers(page)
    page.get_by_label("Mã OTP").fill(office.desk.code())

    phone.get_by_label("Dòng chữ hoặc mã QR").fill(page.locator("#to-scan").text_content())
    phone.get_by_role("button", name="Xem trước khi ký").click()
    phone.get_by_role("dialog").wait_for()
    assert phone.locator("#sure-reference").text_content() in page.locator(".lead").text_content()
    refuse_barriers(phone)
    picture(phone, "phone-sign", whole=False)
    phone.get_by_role("button", name="Đồng ý và ký").click()
    phone.get_by_role("status").get_by_text("Đã ký và gửi đến quầy").wait_for()

    page.get_by_text("Điện thoại mới đã ký xác nhận").wait_for()
    refuse_barriers(page)
    assert page.get_by_label("Mã OTP").input_value() == office.desk.code()
    page.get_by_role("button", name="Kích hoạt điện thoại này").click()
    page.get_by_role("heading", name="Đã kích hoạt điện thoại").wait_for()
    page.get_by_text(key.thumbprint).wait_for()


def test_pasting_alone_suffices_where_the_desk_is_out_of_reach(page: Any, phone: Any, office: Place, url: str) -> None:
    key = make_key(phone, url)
    to_phone_step(page, office, url)
    page.get_by_label("Khóa công khai").fill(phone.locator("#public").input_value())
    page.get_by_role("button", name="Tiếp tục với thẻ").click()
    asked = page.locator("#to-scan").text_content()
    phone.route("**/phone/*", lambda route: route.abort())
    sign(phone, asked)
    phone.get_by_text("Không liên lạc được với quầy").wait_for()
    word = phone.locator("#word").input_value()
    _, transaction, reference = asked.split(":")
    check_confirmation(word, key, transaction, reference)
    page.get_by_label("Xác nhận do điện thoại ký").fill(word)
    page.get_by_label("Mã OTP").fill(office.desk.code())
    page.get_by_role("button", name="Kích hoạt điện thoại này").click()
    page.get_by_role("heading", name="Đã kích hoạt điện thoại").wait_for()
    phone.wrong.clear()  # the browser notes each request that was stopped


def test_what_the_browser_signs_passes_the_registrys_own_check(phone: Any, url: str) -> None:
    """JOSE's r || s in base64url, the registry's header and payload, for each way to ask."""
    key = make_key(phone, url)
    for asked in (
        "cccd-confirm:abc-_1:QK",
        "https://desk.example/phone#cccd-confirm:abc-_1:QK",
        confirmation_payload("abc-_1", "QK").decode(),
    ):
        sign(phone, asked)
        phone.locator("#word-qr svg").wait_for()
        word = phone.locator("#word").input_value()
        check_confirmation(word, key, "abc-_1", "QK")
        assert len(word.split(".")[2]) == 86
        phone.get_by_role("status").get_by_text("Quầy này không chờ").wait_for()
    refuse_barriers(phone)


@pytest.mark.parametrize(
    "asked", ["hello", "cccd-confirm:a", 'cccd-confirm:a":QK', "cccd-hand-over:a:b:c", '{"purpose":"unlink"}']
)
def test_what_is_no_request_is_not_signed(phone: Any, url: str, asked: str) -> None:
    make_key(phone, url)
    phone.get_by_label("Dòng chữ hoặc mã QR").fill(asked)
    phone.get_by_role("button", name="Xem trước khi ký").click()
    phone.get_by_role("alert").get_by_text("không phải yêu cầu").wait_for()
    assert not phone.locator("#word").is_visible()


def test_without_a_yes_nothing_is_signed(phone: Any, url: str) -> None:
    make_key(phone, url)
    for say_no in (lambda: phone.keyboard.press("Escape"), phone.get_by_role("button", name="Không ký").click):
        phone.get_by_label("Dòng chữ hoặc mã QR").fill("cccd-confirm:abc:QK")
        phone.get_by_role("button", name="Xem trước khi ký").click()
        phone.get_by_role("dialog").wait_for()
        say_no()
        phone.get_by_role("dialog").wait_for(state="hidden")
        assert phone.locator("#word").input_value() == ""


@pytest.mark.row("S-26")
def test_s26_the_private_key_cannot_be_read_and_survives_a_reload(phone: Any, url: str) -> None:
    key = make_key(phone, url, "<b>Máy</b>")
    assert phone.evaluate(EXPORTED) == [False, ["rejected"] * 4]
    shown = json.loads(phone.locator("#public").input_value())
    assert set(shown) == {"crv", "kty", "x", "y"}
    assert ECKey.import_key(shown).thumbprint() == key.thumbprint
    phone.reload()
    phone.locator("#public-qr svg").wait_for()
    assert DeviceKey.parse(phone.locator("#public").input_value()) == key
    assert phone.locator("#named").text_content() == "<b>Máy</b>"
    assert phone.evaluate(EXPORTED) == [False, ["rejected"] * 4]


def test_a_deleted_key_is_gone_after_a_second_question(phone: Any, url: str) -> None:
    key = make_key(phone, url)
    phone.get_by_role("button", name="Xóa khóa này").click()
    refuse_barriers(phone)
    phone.get_by_role("button", name="Giữ lại").click()
    assert phone.locator("#ends").text_content() == key.thumbprint[-4:]
    phone.get_by_role("button", name="Xóa khóa này").click()
    phone.get_by_role("button", name="Xóa", exact=True).click()
    phone.get_by_role("status").get_by_text("Đã xóa khóa").wait_for()
    assert phone.evaluate("keptKey()") is None
    phone.reload()
    phone.get_by_role("button", name="Tạo khóa").wait_for()
    assert make_key(phone, url) != key


def test_the_same_in_english_with_what_the_desk_asks_in_the_address(phone: Any, url: str) -> None:
    phone.goto(f"{url}/phone")
    phone.get_by_role("button", name="English").click()
    phone.get_by_role("heading", name="This phone's key").wait_for()
    assert phone.locator("html").get_attribute("lang") == "en"
    refuse_barriers(phone)
    phone.get_by_label("Name of the phone").fill("Test")
    phone.get_by_role("button", name="Make the key").click()
    phone.get_by_role("button", name="Get six letters").wait_for()
    phone.goto(f"{url}/phone#cccd-confirm:abc:QK")
    phone.get_by_role("button", name="Look at it").click()
    assert phone.url == f"{url}/phone"
    phone.get_by_role("button", name="Yes, sign").click()
    phone.get_by_role("status").get_by_text("did not take it by the line").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    refuse_barriers(phone)


def test_a_page_that_was_open_for_long_takes_a_new_token_by_itself(phone: Any, office: Place, url: str) -> None:
    make_key(phone, url)
    office.seconds += 3600
    phone.get_by_role("button", name="Lấy mã 6 chữ cái").click()
    phone.locator("#letters-shown", has_text=" ").wait_for()
    assert len(phone.wrong) == 1  # the 403, as the browser notes it
    phone.wrong.clear()


def test_the_camera_takes_what_a_desk_asks_and_nothing_else(phone: Any, url: str) -> None:
    phone.add_init_script(CAMERA)
    make_key(phone, url)
    phone.get_by_role("button", name="Quét bằng máy ảnh").click()
    phone.locator("#seen").wait_for()
    phone.evaluate("window.codes = ['https://evil.example', 'cccd-confirm:abc:QK']")
    phone.locator("#seen").wait_for(state="hidden")
    assert phone.locator("#asked").input_value() == "cccd-confirm:abc:QK"
    assert phone.evaluate("window.stream.getTracks().map((each) => each.readyState)") == ["ended"]
    phone.evaluate("window.codes = []")
    phone.get_by_role("button", name="Quét bằng máy ảnh").click()
    phone.locator("#seen").wait_for()
    phone.get_by_role("button", name="Quét bằng máy ảnh").click()
    phone.locator("#seen").wait_for(state="hidden")
    until(lambda: phone.evaluate("window.stream.getTracks()[0].readyState") == "ended")
    assert phone.locator("#asked").input_value() == "cccd-confirm:abc:QK"


def test_without_a_camera_the_text_is_pasted(phone: Any, url: str) -> None:
    phone.add_init_script(CAMERA)
    make_key(phone, url)
    phone.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no')); }")
    phone.get_by_role("button", name="Quét bằng máy ảnh").click()
    phone.get_by_role("alert").get_by_text("Không mở được máy ảnh").wait_for()


def test_the_page_can_be_installed(phone: Any, url: str) -> None:
    phone.goto(f"{url}/phone")
    devtools = phone.context.new_cdp_session(phone)
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/phone"
    found = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [each["errorId"] for each in found if each["errorId"] != "in-incognito"] == []
