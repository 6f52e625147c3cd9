"""The citizen's login on the web: devices, unlinking, another password, the lock, and the end by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cccd_nfc.desk.settings import IDLE
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState, DeviceState
from desk.citizen_support import NUMBER, STRANGER, CitizenBrowser, citizen_of
from desk.support import HTMX, Place
from registry_support import card
from secret_support import NEXT_PASSWORD, PASSWORD, activate_on_web


@pytest.fixture
def citizen(place: Place) -> Iterator[CitizenBrowser]:
    """A browser of somebody whose account is active and has a phone."""
    activate_on_web(place.desk, NUMBER)
    place.desk.bind(Phone.new(), card())
    with citizen_of(place) as made:
        yield made


@pytest.mark.row("R-003", "S-13")
def test_s13_a_login_that_is_refused_says_one_thing_whatever_is_wrong(citizen: CitizenBrowser) -> None:
    sent = [(NUMBER, "sai"), (STRANGER, PASSWORD), ("", "")]
    fields = [{"number": number, "password": password, "csrf": citizen.csrf()} for number, password in sent]
    answers = [citizen.client.post("/me/login", data=each, headers=HTMX) for each in fields]
    assert {answer.status_code for answer in answers} == {403}
    said = {answer.text.partition("number-said")[2].partition("</form>")[0] for answer in answers}
    assert len(said) == 1


@pytest.mark.row("R-016", "R-057")
def test_r016_the_owner_sees_masked_number_state_and_devices(citizen: CitizenBrowser) -> None:
    page = citizen.log_in()
    assert f"{NUMBER[:3]}*****{NUMBER[-4:]}" in page
    assert "test phone" in page and "đang dùng" in page and "đang hoạt động" in page


def test_a_login_gets_a_new_cookie(citizen: CitizenBrowser) -> None:
    citizen.csrf()
    before = citizen.client.cookies["me"]
    citizen.log_in()
    assert citizen.client.cookies["me"] != before


@pytest.mark.row("R-019", "DS-05")
def test_r019_the_device_ends_after_a_question_and_so_does_the_login(citizen: CitizenBrowser) -> None:
    citizen.log_in()
    assert "Hủy liên kết thiết bị này?" in citizen.get("/unlink")
    registry = citizen.place.desk.registry
    device = registry.devices(NUMBER)[0]
    assert device.state is DeviceState.ACTIVE
    assert "Xem lại danh sách" in citizen.post("/unlink", device="another")
    assert "Đã hủy liên kết" in citizen.post("/unlink", device=device.thumbprint)
    assert registry.devices(NUMBER)[0].state is DeviceState.UNLINKED
    assert citizen.client.get("/me/receipt.pdf").content.startswith(b"%PDF")
    assert citizen.client.get("/me/account").headers["location"] == "/me/login"


@pytest.mark.row("R-024")
def test_r024_logging_out_leaves_nothing(citizen: CitizenBrowser) -> None:
    citizen.log_in()
    cookie = citizen.client.cookies["me"]
    citizen.post("/logout")
    citizen.client.cookies.set("me", cookie)
    assert citizen.client.get("/me/account").headers["location"] == "/me/login"


def test_nobody_here_ends_the_login_too(citizen: CitizenBrowser) -> None:
    citizen.log_in()
    citizen.place.seconds += IDLE
    assert citizen.client.get("/me/account").headers["location"] == "/me/login"


@pytest.mark.row("R-024")
def test_a_login_that_the_registry_has_ended_leads_to_the_login(citizen: CitizenBrowser) -> None:
    citizen.log_in()
    citizen.place.desk.clock.go(hours=13)
    assert "Mật khẩu" in citizen.get("/account")
    assert citizen.client.get("/me/login").status_code == 200


@pytest.mark.row("AS-12")
def test_as12_the_password_is_changed_by_the_one_before(citizen: CitizenBrowser) -> None:
    citizen.log_in()
    rules = citizen.post("/password/rules", htmx=True, password="trăng")
    assert 'class="broken"' in rules
    assert 'id="old-said" class="wrong" data-for="old"><p' in citizen.post(
        "/password", old="sai", password=NEXT_PASSWORD
    )
    assert 'id="password-said" class="wrong" data-for="password"><p' in citizen.post(
        "/password", old=PASSWORD, password="trăng"
    )
    assert "Đã đổi mật khẩu" in citizen.post("/password", old=PASSWORD, password=NEXT_PASSWORD)
    citizen.post("/logout")
    assert "Tài khoản của bạn" in citizen.log_in(NEXT_PASSWORD)


@pytest.mark.row("R-073")
def test_r073_the_account_is_locked_by_number_and_password_from_any_browser(citizen: CitizenBrowser) -> None:
    assert "gọi ngay" in citizen.post("/lock", number=NUMBER, password="sai", reason="lost-device")
    registry = citizen.place.desk.registry
    assert registry.account(NUMBER).state is AccountState.ACTIVE
    page = citizen.post("/lock", number=NUMBER, password=PASSWORD, reason="lost-device")
    assert "Tài khoản đã khóa" in page and "công an" in page
    assert registry.account(NUMBER).state is AccountState.LOCKED
    assert registry.devices(NUMBER)[0].state is DeviceState.REVOKED
    assert "đăng nhập" in citizen.log_in().lower()
    assert citizen.client.get("/me/account").headers["location"] == "/me/login"


@pytest.mark.row("R-073", "DS-07")
def test_a_lock_without_a_reason_revokes_no_device(citizen: CitizenBrowser) -> None:
    assert '<option value="">' in citizen.get("/lock")
    citizen.post("/lock", number=NUMBER, password=PASSWORD)
    assert citizen.place.desk.registry.devices(NUMBER)[0].state is DeviceState.SUSPENDED


def test_the_front_without_its_stroke_leads_in(citizen: CitizenBrowser) -> None:
    assert "Khóa tài khoản ngay" in citizen.client.get("/me", follow_redirects=True).text


def test_what_is_not_there_is_said_on_a_citizens_page(citizen: CitizenBrowser) -> None:
    answer = citizen.client.get("/me/nothing")
    assert answer.status_code == 404
    assert 'href="/me/"' in answer.text
