"""Officers at the desk (S-32): logging in and out, the fresh login, the idle lock, and which buttons roles show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cccd_nfc.desk.settings import IDLE
from cccd_nfc.registry.officer_sessions import IDLE as SESSION_IDLE
from cccd_nfc.registry.permissions import OfficerRole
from desk.support import HTMX, OURS, Browser, Place
from officer_support import PASSWORD
from registry_support import card


@pytest.mark.parametrize("path", ["/", "/panel", "/card/portrait", "/keys", "/receipt.pdf", "/step-up", "/events"])
def test_nothing_is_shown_before_the_login(office: Place, path: str) -> None:
    with office.browser() as browser:
        answer = browser.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        part = browser.client.get(path, headers=HTMX)
        assert (part.status_code, part.headers["hx-redirect"]) == (204, "/login")


def test_an_officer_logs_in_and_the_cookie_changes(office: Place) -> None:
    with office.browser() as browser:
        browser.csrf()
        before = browser.client.cookies["desk"]
        browser.log_in()
        assert browser.client.cookies["desk"] != before
        page = browser.client.get("/").text
        assert "Lan · P-DIEN-BIEN · tiếp nhận · bàn đã đăng ký" in page
        assert "chưa có cán bộ" not in page


@pytest.mark.parametrize("wrong", ["login", "password", "totp"])
def test_what_was_wrong_with_a_login_is_not_said(office: Place, wrong: str) -> None:
    with office.browser() as browser:
        assert office.staff
        fields = {"login": "lan", "password": PASSWORD, "totp": office.staff.code("lan"), wrong: "x y z 1"}
        answer = browser.client.post("/login", data={"csrf": browser.csrf(), **fields}, headers=OURS)
        assert answer.status_code == 403
        assert "không đúng hay đã dùng" in answer.text
        assert PASSWORD not in answer.text


def test_logging_out_ends_the_session_and_puts_the_card_away(officer: Browser) -> None:
    officer.read()
    cookie = officer.client.cookies["desk"]
    answer = officer.client.post("/logout", data={"csrf": officer.csrf()}, headers=OURS)
    assert answer.headers["location"] == "/login"
    officer.client.cookies.set("desk", cookie)
    assert officer.client.get("/card/portrait").status_code == 303


def test_an_officer_who_is_disabled_sees_nothing_from_the_next_click_on(officer: Browser) -> None:
    officer.read()
    staff = officer.place.staff
    assert staff
    staff.logged_in("admin").officers.disable("lan")
    assert officer.client.get("/card/portrait").headers["location"] == "/login"


def test_the_desk_locks_as_soon_as_the_registry_ends_a_session() -> None:
    assert SESSION_IDLE.total_seconds() == IDLE


@pytest.mark.row("S-39")
def test_s39_no_card_stays_after_the_idle_time(browser: Browser) -> None:
    browser.read()
    visit = next(iter(browser.client.app.state.desk.visits._found.values()))
    browser.place.seconds += IDLE
    assert "verdict" not in browser.panel()
    assert (visit.card, visit.reading, visit.binding) == (None, None, None)


def test_what_a_page_asks_for_by_itself_keeps_nobody_here(browser: Browser) -> None:
    browser.read()
    browser.place.seconds += IDLE / 2
    browser.panel()
    browser.client.get("/reader")
    browser.place.seconds += IDLE / 2
    assert "verdict" not in browser.panel()


def test_typing_does(browser: Browser) -> None:
    browser.read()
    csrf = browser.csrf()
    browser.place.seconds += IDLE / 2
    browser.client.post("/here", headers={**OURS, "x-csrf": csrf})
    browser.place.seconds += IDLE / 2
    assert "verdict" in browser.panel()


def test_after_a_lock_the_page_says_so(officer: Browser) -> None:
    answer = officer.client.post("/lock", headers={**OURS, "x-csrf": officer.csrf()})
    assert answer.headers["location"] == "/idle"
    assert "Màn hình đã khóa" in officer.client.get("/idle").text
    assert officer.client.get("/").headers["location"] == "/login"


@pytest.mark.parametrize(
    ("role", "shown"),
    [(OfficerRole.RECEIVING, True), (OfficerRole.UNIT_HEAD, True), (OfficerRole.AUDITOR, False)],
)
def test_roles_decide_which_buttons_there_are(office: Place, role: OfficerRole, shown: bool) -> None:
    assert office.staff
    office.staff.hire("khac", role)
    with office.browser() as browser:
        browser.log_in("khac")
        assert ("Kích hoạt điện thoại mới" in browser.read()) == shown


def test_the_registry_decides_also_where_a_button_was_pressed_that_is_not_there(office: Place) -> None:
    assert office.staff
    office.staff.hire("khac", OfficerRole.AUDITOR)
    from cccd_nfc.registry.phone import Phone

    with office.browser() as browser:
        browser.log_in("khac")
        browser.read()
        browser.post("/device")
        assert "không vai trò nào" in browser.post("/device/key", key=Phone.new().public.pem)


def test_a_fresh_login_keeps_the_page_and_what_is_on_it(officer: Browser) -> None:
    officer.read()
    staff = officer.place.staff
    assert staff
    fields = {"csrf": officer.csrf(), "password": PASSWORD, "totp": staff.code("lan")}
    assert officer.client.post("/step-up", data=fields, headers=OURS).headers["location"] == "/"
    assert "THẺ THẬT" in officer.panel()
    assert officer.csrf() == fields["csrf"]
    fields["totp"] = "000000"
    assert officer.client.post("/step-up", data=fields, headers=OURS).status_code == 403


def test_a_registry_without_officers_works_and_says_so(browser: Browser) -> None:
    assert "chưa có cán bộ" in browser.client.get("/").text
    assert browser.client.get("/login").headers["location"] == "/"
    assert "Kích hoạt điện thoại mới" in browser.read()


def test_the_language_is_kept_in_a_cookie(browser: Browser) -> None:
    answer = browser.client.post("/language", data={"csrf": browser.csrf(), "lang": "en"}, headers=OURS)
    assert answer.headers["location"] == "/"
    page = browser.client.get("/").text
    assert '<html lang="en">' in page
    assert "Put the card on the reader" in page
    assert "GENUINE" in browser.read()


def test_a_database_that_is_away_is_said_in_words(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from cccd_nfc.errors import RegistryUnavailableError
    from cccd_nfc.registry.officers import Officers

    def away(_: Officers) -> bool:
        raise RegistryUnavailableError("the database cannot be reached")

    monkeypatch.setattr(Officers, "exist", away)
    answer = browser.client.get("/")
    assert answer.status_code == 503
    assert "Không việc nào chỉ xong một nửa" in answer.text
    monkeypatch.undo()
    assert browser.client.get("/").status_code == 200


def test_what_nobody_foresaw_says_nothing_of_itself(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    from cccd_nfc.registry.officers import Officers

    def broken(_: Officers) -> bool:
        raise ValueError(card().secrets.number)

    monkeypatch.setattr(Officers, "exist", broken)
    answer = browser.client.get("/")
    assert answer.status_code == 500
    assert "không lường trước" in answer.text
    assert card().secrets.number not in answer.text


def test_no_more_browsers_are_kept_than_there_is_room_for(place: Place) -> None:
    from cccd_nfc.desk.visits import MOST, Visits

    visits = Visits(replace(place.settings).idle, lambda: 0.0)
    first = visits.begin()
    for _ in range(MOST):
        visits.begin()
    assert visits.find(first.id) is None


def test_many_strangers_push_no_officer_out(officer: Browser) -> None:
    from cccd_nfc.desk.visits import MOST

    visits = officer.client.app.state.desk.visits
    for _ in range(2 * MOST):
        visits.begin()
    assert officer.client.get("/").status_code == 200
