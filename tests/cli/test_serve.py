"""`cccd serve`: the service as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from cli.running import Run


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.row("S-39")
def test_the_service_answers_on_this_machine_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    url = f"sqlite:///{tmp_path / 'registry' / 'registry.db'}"
    command = [sys.executable, "-m", "cccd_nfc", "--lang", "en", "serve", "--registry", url, "--port", str(port)]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as served:
        try:
            assert served.stderr is not None
            assert f"http://127.0.0.1:{port}" in "".join(served.stderr.readline() for _ in range(2))
            assert answered(f"http://127.0.0.1:{port}/v1/health") == {"status": "ok"}
        finally:
            served.send_signal(signal.SIGINT)
            assert served.wait(20) == 0


def answered(url: str) -> object:
    """What the service says when it has come up, within ten seconds."""
    for _ in range(100):
        try:
            return httpx2.get(url).json()
        except httpx2.ConnectError:
            time.sleep(0.1)
    return None


@pytest.mark.row("S-39")
def test_s39_no_door_is_opened_to_others_without_tls(cccd: Run, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'r' / 'registry.db'}"
    refused = cccd("--lang", "vi", "serve", "--registry", url, "--host", "0.0.0.0")
    assert refused.code == 2
    assert "TLS" in refused.err
