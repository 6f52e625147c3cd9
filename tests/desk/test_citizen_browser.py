"""The citizen's pages in a real browser: from the activation to the login, to the unlinking, to the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cccd_nfc.desk.settings import IDLE
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState
from desk.citizen_support import NUMBER
from desk.support import Place
from desk.test_browser import refuse_barriers
from registry_support import PHONE_NUMBER
from secret_support import ANSWERS, NEXT_PASSWORD, PASSCODE, PASSWORD, activate_on_web, otp_codes

Picture = Callable[[Any, str], None]


@pytest.fixture
def address(page: Any, place: Place) -> Iterator[str]:
    with place.served() as url:
        yield url
        page.goto("about:blank")


def heading(page: Any, name: str) -> None:
    page.get_by_role("heading", name=name).wait_for()
    refuse_barriers(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def to_secrets(page: Any, place: Place) -> None:
    page.get_by_label("Số định danh").fill(NUMBER)
    page.get_by_label("Số điện thoại").fill(PHONE_NUMBER)
    page.get_by_role("button", name="Gửi yêu cầu").click()
    heading(page, "Nhập mã OTP")
    page.get_by_label("Mã OTP").fill(otp_codes(place.desk)[-1])
    page.keyboard.press("Enter")
    heading(page, "Đặt mật khẩu, passcode và câu hỏi")


def log_in(page: Any) -> None:
    page.get_by_label("Số định danh").fill(NUMBER)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    heading(page, "Tài khoản của bạn")


@pytest.mark.row("R-042", "R-043", "R-044", "R-049", "R-057", "R-019", "R-073")
def test_f3_from_the_activation_to_the_login_to_the_unlinking_to_the_lock(
    page: Any, place: Place, address: str, picture: Picture
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/me")
    heading(page, "Tài khoản định danh")
    picture(page, "me-doors")
    page.get_by_role("link", name="Kích hoạt tài khoản").click()
    heading(page, "Kích hoạt tài khoản")
    to_secrets(page, place)

    page.get_by_label("Mật khẩu", exact=True).press_sequentially("trăng")
    page.locator("#password-rules .broken", has_text="8 đến 20 ký tự").wait_for()
    refuse_barriers(page)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.locator("#password-rules .broken").first.wait_for(state="detached")
    page.get_by_label("Passcode").fill("123456")
    page.locator("#passcode-rules .broken").first.wait_for()
    for n, (question, answer) in enumerate(ANSWERS, 1):
        page.get_by_label(f"Câu hỏi {n}", exact=True).select_option(question)
        page.get_by_label(f"Trả lời câu hỏi {n}").fill(answer)
    page.get_by_role("button", name="Kích hoạt tài khoản").click()
    page.locator("#passcode-said p").wait_for()
    page.wait_for_function("document.activeElement.id === 'passcode'")
    refuse_barriers(page)
    picture(page, "me-secrets")
    page.get_by_label("Passcode").fill(PASSCODE)
    page.get_by_role("button", name="Kích hoạt tài khoản").click()
    heading(page, "Tài khoản đã được kích hoạt")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_text("Biên nhận", exact=True).click()
    page.get_by_role("img", name="Mã QR của biên nhận").first.wait_for()
    refuse_barriers(page)

    place.desk.bind(Phone.new())
    page.get_by_role("link", name="Đăng nhập").click()
    log_in(page)
    picture(page, "me-account")
    page.get_by_role("link", name="Hủy liên kết").click()
    heading(page, "Hủy liên kết thiết bị này?")
    page.get_by_role("button", name="Hủy liên kết ngay").click()
    heading(page, "Đã hủy liên kết")

    page.goto(f"{address}/me/lock")
    heading(page, "Khóa tài khoản ngay")
    page.get_by_label("Số định danh").fill(NUMBER)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_label("Lý do").select_option("lost-card")
    page.get_by_role("button", name="Khóa tài khoản ngay").click()
    heading(page, "Tài khoản đã khóa")
    assert place.desk.registry.account(NUMBER).state is AccountState.LOCKED
    assert NUMBER not in page.url


def test_the_keyboard_alone_leads_to_the_account(page: Any, place: Place, address: str) -> None:
    activate_on_web(place.desk, NUMBER)
    page.goto(f"{address}/me/")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    page.wait_for_function("document.activeElement.id === 'number'")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tài khoản của bạn").wait_for()


def test_the_same_in_english_and_another_password(page: Any, place: Place, address: str) -> None:
    activate_on_web(place.desk, NUMBER)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/me/login")
    page.get_by_role("button", name="English").click()
    heading(page, "Log in")
    page.get_by_label("Personal number").fill(NUMBER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    heading(page, "Your account")
    page.get_by_role("link", name="Change the password").click()
    heading(page, "Change the password")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").press_sequentially("moon")
    page.get_by_text("still to be kept").wait_for()
    page.get_by_label("New password").fill(NEXT_PASSWORD)
    page.get_by_text("All are kept.").wait_for()
    page.get_by_role("button", name="Change the password").click()
    page.get_by_role("status").get_by_text("The password is changed").wait_for()
    heading(page, "Your account")
    page.goto(f"{address}/me/lock")
    heading(page, "Lock the account now")


@pytest.mark.row("S-39")
def test_s39_nobody_here_empties_the_screen_and_ends_the_login(page: Any, place: Place, address: str) -> None:
    activate_on_web(place.desk, NUMBER)
    page.clock.install()
    page.goto(f"{address}/me/login")
    log_in(page)
    page.clock.fast_forward(1000 * IDLE + 2000)
    page.get_by_role("heading", name="Màn hình đã khóa").wait_for()
    page.go_back()
    page.get_by_role("heading", name="Đăng nhập").wait_for()
    assert "Tài khoản của bạn" not in page.content()
    assert place.desk.place.ask("SELECT count(*) FROM owner_session WHERE ended_at IS NULL") == [(0,)]
