"""The card on the reader: read as it comes, lost and found again, shown masked, and gone when it is put away."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from PIL import Image

from cccd_nfc.desk.reading import Reading
from cccd_nfc.desk.watching import MOST_ATTEMPTS
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.simulator.card import CardData, ChipKeys
from cccd_nfc.simulator.personalisation import Choices
from desk.support import Browser, until
from registry_support import card

NUMBER = card().secrets.number


def clone(chosen: CardData) -> CardData:
    """The same data without the private keys."""
    return replace(chosen, keys=ChipKeys())


def test_a_card_that_is_put_on_is_read_within_a_second(browser: Browser) -> None:
    assert "Đang chờ thẻ" in browser.post("/card/read", number=NUMBER)
    browser.place.reader.card = card()
    until(lambda: "THẺ THẬT" in browser.panel(), seconds=2)


def test_what_the_cards_qr_code_says_is_taken_as_the_number(browser: Browser) -> None:
    browser.place.reader.card = card()
    browser.post("/card/read", number=f"{NUMBER}|123456789|Võ Thanh Thử|28121958|Nữ|")
    browser.sees("THẺ THẬT")


def test_a_number_that_is_none_is_said_in_place_and_not_repeated(browser: Browser) -> None:
    panel = browser.post("/card/read", number="01234567890")
    assert "12 chữ số" in panel
    assert "01234567890" not in panel


def test_the_number_is_masked_until_it_is_asked_for(browser: Browser) -> None:
    panel = browser.read()
    assert NUMBER not in panel
    assert f"{NUMBER[:3]}*****{NUMBER[-4:]}" in panel
    assert NUMBER in browser.post("/card/number", shown="yes")
    assert NUMBER not in browser.post("/card/number", shown="no")
    assert NUMBER not in browser.panel()


def test_the_portrait_is_a_png_that_no_cache_keeps(browser: Browser) -> None:
    browser.read()
    answer = browser.client.get("/card/portrait")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert Image.open(io.BytesIO(answer.content)).format == "PNG"


def test_a_card_that_is_put_away_is_gone(browser: Browser) -> None:
    browser.read()
    assert "Đặt thẻ lên đầu đọc" in browser.post("/card/away")
    assert browser.client.get("/card/portrait").status_code == 404


def test_a_clone_is_not_genuine_and_leads_nowhere(browser: Browser) -> None:
    panel = browser.read(clone(card()))
    assert "KHÔNG HỢP LỆ" in panel
    assert "Kích hoạt điện thoại mới" not in panel
    assert "không dùng để kích hoạt điện thoại" in panel


def test_a_card_of_an_unknown_issuer_leaves_it_open_and_says_what_to_do(browser: Browser) -> None:
    panel = browser.read(card(9))
    assert "CHƯA KẾT LUẬN ĐƯỢC" in panel
    assert "cccd trust pin" in panel


def test_a_card_that_has_run_out_says_so(browser: Browser) -> None:
    panel = browser.read(card(1, Choices(expired=True)))
    assert "KHÔNG HỢP LỆ" in panel
    assert "đổi thẻ mới" in panel


def test_a_wrong_number_opens_nothing(browser: Browser) -> None:
    browser.place.reader.card = card()
    browser.post("/card/read", number="001099000001")
    panel = browser.sees('role="alert"')
    assert "Không thử quá vài lần" in panel
    assert "Đặt thẻ lên đầu đọc" in browser.post("/card/away")


def test_a_card_that_is_lifted_too_soon_is_read_when_it_is_back(browser: Browser) -> None:
    browser.place.reader.card, browser.place.reader.lift_after = card(), 12
    browser.post("/card/read", number=NUMBER)
    panel = browser.sees("Thẻ đã bị nhấc ra quá sớm")
    assert "<svg" in panel
    browser.place.reader.card = card()
    browser.sees("THẺ THẬT")


def test_another_card_in_its_place_is_not_taken_for_it(browser: Browser) -> None:
    browser.place.reader.card, browser.place.reader.lift_after = card(), 12
    browser.post("/card/read", number=NUMBER)
    browser.sees("Thẻ đã bị nhấc ra quá sớm")
    browser.place.reader.card = card(2)
    browser.sees("xem có đúng thẻ đó không")


def test_a_reader_that_is_unplugged_says_so_and_goes_on_when_it_is_back(browser: Browser) -> None:
    reader = browser.place.reader
    reader.plugged = False
    browser.sees("Không thấy đầu đọc")
    assert "Cắm lại cáp" in browser.post("/card/read", number=NUMBER)
    reader.plugged, reader.card = True, card()
    browser.sees("THẺ THẬT")


def test_a_card_that_is_lost_again_and_again_waits_for_a_person(browser: Browser) -> None:
    reader = browser.place.reader
    reader.card = card()
    browser.post("/card/away")

    def never(reading: Reading, *_: object) -> None:
        from cccd_nfc.errors import CardLostError

        reading.attempts += 1
        raise CardLostError("the card went while it was computing; put it back and try again")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reading, "carry_out", never)
        browser.post("/card/read", number=NUMBER)
        panel = browser.sees("Không đọc được thẻ")
    assert "Đọc lại" in panel
    assert reader.opened == MOST_ATTEMPTS
    browser.post("/card/again")
    browser.sees("THẺ THẬT")


def test_what_a_library_stumbles_over_ends_the_reading_and_not_the_watch(browser: Browser) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reading, "carry_out", broken)
        browser.place.reader.card = card()
        browser.post("/card/read", number=NUMBER)
        browser.sees("không lường trước")
    browser.post("/card/again")
    browser.sees("THẺ THẬT")


def test_a_reading_that_nobody_waits_for_shows_nothing(browser: Browser) -> None:
    browser.place.reader.card, browser.place.reader.slow = card(), 0.05
    browser.post("/card/read", number=NUMBER)
    browser.sees("Đang đọc thẻ")
    browser.post("/card/away")
    until(lambda: browser.place.reader.opened and browser.client.app.state.desk.watches[0]._reading.done > 5000)
    assert "verdict" not in browser.panel()


def test_progress_counts_bytes_and_ends_at_all_of_them() -> None:
    from datetime import UTC, datetime

    from cccd_nfc.readers import OpenReader
    from cccd_nfc.simulator.chip import Chip
    from cccd_nfc.simulator.transport import SimulatedTransport

    taken = []
    reading = Reading(Password.can(card().secrets.can), taken.append, lambda: datetime.now(UTC))
    expected = reading.total
    reading.carry_out(OpenReader(SimulatedTransport(Chip(card()))))
    assert expected > 0
    assert reading.done == reading.total == sum(map(len, taken[0].files.values()))


def test_the_page_hears_of_the_panel_the_reader_and_the_bytes(browser: Browser) -> None:
    from cccd_nfc.desk.card_routes import _state
    from cccd_nfc.desk.seats import Seat

    browser.read()
    desk = browser.client.app.state.desk
    (visit,) = desk.visits._found.values()
    state = json.loads(json.dumps(_state(Seat(desk, visit, "vi"))))
    assert state["panel"].startswith("card.done.")
    assert state["reader"] == "card"
    assert state["done"] > 10_000
    assert NUMBER not in json.dumps(state)
