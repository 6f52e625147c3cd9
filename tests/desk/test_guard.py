"""Who may call the desk (S-39): its own pages, under its own name, with the token that they bear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cccd_nfc.desk.guard import HEADERS
from desk.support import OURS, Browser, Place


@pytest.mark.row("S-39")
@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:80", "127.0.0.1.evil.example:8711", ""])
def test_s39_a_name_that_is_pointed_here_gets_nothing(browser: Browser, host: str) -> None:
    answer = browser.client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("host", ["localhost:8711", "127.0.0.1:8711", "[::1]:8711"])
def test_this_machine_may_be_called_by_each_of_its_names(browser: Browser, host: str) -> None:
    assert browser.client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.row("S-39")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:9999"},
        {"origin": "https://localhost:8711"},
        {**OURS, "sec-fetch-site": "cross-site"},
        {**OURS, "sec-fetch-site": "same-site"},
    ],
    ids=["none", "null", "other", "other port", "other scheme", "cross-site", "same-site"],
)
def test_s39_an_act_of_another_origin_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    fields = {"csrf": browser.csrf(), "lang": "en"}
    answer = browser.client.post("/language", data=fields, headers=headers)
    assert answer.status_code == 403
    assert "lang" not in answer.headers.get("set-cookie", "")


def test_another_page_may_not_show_what_is_here(browser: Browser) -> None:
    elsewhere = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
    assert browser.client.get("/static/icon.svg", headers=elsewhere).status_code == 403
    walked = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert browser.client.get("/", headers=walked).status_code == 200
    framed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert browser.client.get("/", headers=framed).status_code == 403


@pytest.mark.row("S-39")
@pytest.mark.parametrize("token", ["", "wrong", "another's"])
def test_s39_an_act_needs_the_token_of_its_own_page(browser: Browser, place: Place, token: str) -> None:
    if token == "another's":
        with place.browser() as other:
            token = other.csrf()
    browser.csrf()
    answer = browser.client.post("/language", data={"csrf": token, "lang": "en"}, headers=OURS)
    assert answer.status_code == 403
    assert "Trang này đã cũ" in answer.text


def test_the_token_may_come_in_a_header(browser: Browser) -> None:
    answer = browser.client.post("/here", headers={**OURS, "x-csrf": browser.csrf()})
    assert answer.status_code == 204


@pytest.mark.row("S-39")
@pytest.mark.parametrize("path", ["/", "/idle", "/nowhere", "/panel", "/static/desk.js"])
def test_s39_every_answer_bears_the_headers(browser: Browser, path: str) -> None:
    answer = browser.client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_the_visits_cookie_is_for_this_page_alone(browser: Browser, place: Place) -> None:
    cookie = browser.client.get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    secure = replace(place.settings, base_url="https://desk.example")
    with place.browser(secure) as other:
        answer = other.client.get("/")
        assert answer.headers["set-cookie"].startswith("__Host-desk=")
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


def test_a_body_that_is_too_large_is_not_taken_in(browser: Browser) -> None:
    answer = browser.client.post("/card/read", data={"csrf": browser.csrf(), "number": "1" * 100_000}, headers=OURS)
    assert answer.status_code == 413


def test_no_template_bears_a_script_or_a_style(browser: Browser) -> None:
    from cccd_nfc.desk.pages import HERE

    for path in (HERE / "templates").rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        assert "style=" not in text and "<style" not in text, path
        assert " on" not in text.replace("content", "") or "onclick" not in text, path
        assert "http://" not in text and "https://" not in text, path
