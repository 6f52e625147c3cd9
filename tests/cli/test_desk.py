"""`cccd desk`: the pages as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from cli.running import Run
from cli.test_serve import free_port


def page_at(url: str) -> httpx2.Response:
    """The page, as soon as the desk has come up, within ten seconds."""
    for _ in range(100):
        try:
            return httpx2.get(url)
        except httpx2.ConnectError:
            time.sleep(0.1)
    raise AssertionError("the desk did not come up")


@pytest.mark.row("S-39")
def test_the_desk_opens_on_this_machine_and_stops_when_told(made: Path, tmp_path: Path) -> None:
    port = free_port()
    url = f"sqlite:///{tmp_path / 'registry' / 'registry.db'}"
    command = [
        *(sys.executable, "-m", "cccd_nfc", "--lang", "vi", "desk", "--registry", url, "--no-browser"),
        *("--reader", f"sim:{made}", "--trust", str(made / "trust"), "--port", str(port)),
    ]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as served:
        try:
            assert served.stderr is not None
            assert f"http://localhost:{port}" in served.stderr.readline()
            page = page_at(f"http://localhost:{port}/")
            assert page.status_code == 200
            assert "Đặt thẻ lên đầu đọc" in page.text
            assert httpx2.get(f"http://localhost:{port}/", headers={"host": "evil.example"}).status_code == 421
        finally:
            served.send_signal(signal.SIGINT)
            assert served.wait(20) == 0
        assert served.stderr.read() == ""


@pytest.mark.row("S-39")
def test_s39_no_desk_is_opened_to_others_without_tls(cccd: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r' / 'registry.db'}"
    refused = cccd("--lang", "vi", "desk", "--registry", url, "--host", "0.0.0.0", "--no-browser")
    assert refused.code == 2
    assert "TLS" in refused.err


def test_a_station_and_its_key_go_together(cccd: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r' / 'registry.db'}"
    refused = cccd("desk", "--registry", url, "--station", "0" * 32, "--no-browser")
    assert refused.code == 2
    assert "--station-key" in refused.err
