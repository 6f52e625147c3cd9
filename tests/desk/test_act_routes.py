"""Unlink, lock and unlock by the card (F5), the account's page, and the overview."""

from __future__ import annotations

import pytest

from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.states import AccountState
from desk.support import Browser, Place
from desk.test_device_routes import bound
from registry_support import card

NUMBER = card().secrets.number


def done(officer: Browser, kind: str, **fields: str) -> str:
    """The receipt of an act with the card that lies there, or the panel that says why not."""
    officer.read()
    assert "Để thẻ nằm trên đầu đọc" in officer.post("/act", kind=kind)
    officer.post("/act/do", **fields)
    return officer.sees("Biên nhận")


def test_a_phone_is_unlinked_with_the_card(officer: Browser) -> None:
    bound(officer, Phone.new())
    panel = done(officer, "unlink")
    assert "Đã hủy liên kết điện thoại" in panel
    assert officer.client.get("/receipt.pdf").content.startswith(b"%PDF")


def test_an_account_is_locked_and_unlocked_with_the_card(officer: Browser) -> None:
    bound(officer, Phone.new())
    assert "Đã khóa tài khoản" in done(officer, "lock", reason=LockReason.LOST_DEVICE.value)
    staff = officer.place.staff
    assert staff
    assert staff.logged_in("lan").account(NUMBER).state is AccountState.LOCKED
    assert "Đã ghi nhận mở khóa" in done(officer, "unlock", same_person="yes")
    assert staff.logged_in("lan").account(NUMBER).state is AccountState.ACTIVE


@pytest.mark.row("R-058")
def test_nothing_is_unlocked_before_the_person_was_looked_at(officer: Browser) -> None:
    bound(officer, Phone.new())
    done(officer, "lock", reason=LockReason.LOST_DEVICE.value)
    officer.read()
    officer.post("/act", kind="unlock")
    officer.post("/act/do")
    assert "đối chiếu người với ảnh" in officer.sees('role="alert"')
    assert "Mở khóa tài khoản" in officer.post("/device/back")


def test_the_accounts_page_lists_devices_and_locks(officer: Browser) -> None:
    phone = Phone.new()
    bound(officer, phone)
    done(officer, "lock", reason=LockReason.OTHER.value)
    officer.read()
    page = officer.client.get("/account").text
    assert f"…{phone.public.thumbprint[-4:]}" in page
    assert "chủ tài khoản yêu cầu" in page
    assert NUMBER not in page


def test_without_a_card_there_is_no_accounts_page(officer: Browser) -> None:
    assert officer.client.get("/account").headers["location"] == "/"


def test_the_overview_shows_what_waits_and_the_logs_head(office: Place) -> None:
    assert office.staff
    office.staff.hire("truong", OfficerRole.UNIT_HEAD)
    with office.browser() as browser:
        browser.log_in("truong")
        page = browser.client.get("/overview").text
        assert "Không có đề nghị nào đang chờ" in page
        assert "Gốc cây băm" in page


def test_a_role_that_sees_no_requests_gets_none(office: Place) -> None:
    assert office.staff
    office.staff.hire("nhap", OfficerRole.IMPORTER)
    with office.browser() as browser:
        browser.log_in("nhap")
        assert "/overview" not in browser.client.get("/").text
        assert browser.client.get("/overview").status_code == 403
