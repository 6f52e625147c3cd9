"""The desk before the real PC/SC service: a simulated card on its virtual reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cccd_nfc.desk.app import create_desk
from cccd_nfc.desk.watching import AddressedReader, PcscReader, Stage, Watch, reader_at
from cccd_nfc.errors import ReaderUnavailableError
from cccd_nfc.simulator.chip import Chip
from desk.support import Browser, Place, until
from pcsc_service import PcscService, card_on_reader
from registry_support import card


@pytest.mark.pcsc
def test_a_card_on_the_virtual_reader_is_read_as_it_comes(pcsc_service: PcscService, place: Place) -> None:
    app = create_desk(place.desk.registry, [PcscReader(pcsc_service.reader)], place.settings)
    with TestClient(app, base_url=place.settings.base_url, follow_redirects=False) as client:
        browser = Browser(place, client)
        browser.sees("Chưa có thẻ trên đầu đọc")
        browser.post("/card/read", number=card().secrets.number)
        with card_on_reader(pcsc_service, Chip(card())):
            until(lambda: "THẺ THẬT" in browser.panel())
        assert client.get("/card/portrait").status_code == 200


@pytest.mark.pcsc
def test_a_reader_that_is_not_there_is_said(pcsc_service: PcscService) -> None:
    with pytest.raises(ReaderUnavailableError):
        PcscReader("no such reader").look()


def test_a_service_that_is_gone_is_said_and_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    from cccd_nfc.transport import pcsc

    def gone() -> tuple[pcsc.ReaderInfo, ...]:
        raise ReaderUnavailableError("no PC/SC reader; plug one in")

    watch = Watch(PcscReader(), seconds=0.01)
    monkeypatch.setattr(pcsc, "list_readers", gone)
    watch.start()
    try:
        until(lambda: watch.stage is Stage.GONE and watch.trouble)
        monkeypatch.setattr(pcsc, "list_readers", lambda: (pcsc.ReaderInfo("any", True),))
        until(lambda: watch.stage is Stage.CARD and watch.trouble is None)
    finally:
        watch.stop()


def test_the_addresses_are_those_of_the_command_line(tmp_path: Path) -> None:
    assert reader_at("pcsc:ACR") == PcscReader("ACR")
    assert reader_at("pcsc").name == "PC/SC"
    folder = AddressedReader(f"sim:{tmp_path / 'card'}")
    assert reader_at(folder.address) == folder
    assert not folder.look()
    card().save(tmp_path / "card")
    assert folder.look()
    with folder.open() as opened:
        assert opened.transport
