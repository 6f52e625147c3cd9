"""Gateways against services on loopback that look at what really arrives."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import RegistryError, UsageError
from cccd_nfc.registry.gateway_choice import gateway_for
from cccd_nfc.registry.gateway_http import HttpGateway
from cccd_nfc.registry.gateway_smpp import SmppGateway
from cccd_nfc.registry.gateways import ConsoleGateway, FileGateway, Letter

SECRET = "s3cret"
LETTER = Letter("otp", "sim", "+84912345678", "Ma AB: 123456", datetime(2026, 6, 1, tzinfo=UTC), "id1", 0)


def says_nothing(error: RegistryError) -> bool:
    whole = f"{error!r} {error.__cause__!r}"
    return not any(part in whole for part in ("123456", "912345", SECRET))


# --- HTTP -------------------------------------------------------------------------------------------------------------


@contextmanager
def http_service(status: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    taken: list[dict[str, Any]] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken.append({"headers": dict(self.headers), "body": body, "path": self.path})
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sms", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_http_posts_json_with_the_messages_id_as_idempotency_key() -> None:
    with http_service(202) as (url, taken):
        HttpGateway(url, SECRET).send(LETTER)
    ((request),) = taken
    assert request["body"] == {"id": "id1", "channel": "sim", "to": LETTER.recipient, "text": LETTER.text}
    assert request["headers"]["Idempotency-Key"] == "id1"
    assert request["headers"]["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.row("S-08")
@pytest.mark.parametrize("status", [302, 307, 400, 401, 429, 500])
def test_http_what_is_not_taken_is_an_error_that_tells_nothing_and_no_redirect_is_followed(status: int) -> None:
    with http_service(status) as (url, taken), pytest.raises(RegistryError, match=f"HTTP {status}") as caught:
        HttpGateway(url, SECRET).send(LETTER)
    assert says_nothing(caught.value)
    assert [request["path"] for request in taken] == ["/sms"]


def test_http_a_service_that_is_not_there_is_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(RegistryError, match="cannot be reached") as caught:
        HttpGateway(f"http://127.0.0.1:{port}/", SECRET).send(LETTER)
    assert says_nothing(caught.value)


def test_http_a_service_without_tls_behind_https_is_not_spoken_to() -> None:
    with http_service(200) as (url, taken), pytest.raises(RegistryError, match="cannot be reached"):
        HttpGateway(url.replace("http:", "https:"), SECRET).send(LETTER)
    assert taken == []


# --- SMPP -------------------------------------------------------------------------------------------------------------

BIND, SUBMIT, UNBIND, ENQUIRE, RESPONSE = 0x02, 0x04, 0x06, 0x15, 0x80000000


class Operator(threading.Thread):
    """An SMPP 3.4 service for one connection after another: it parses what comes by the specification's layout."""

    def __init__(self, *, bind_status: int = 0, submit_status: int = 0, asks: bool = False) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.bind_status, self.submit_status, self.asks = bind_status, submit_status, asks
        self.seen: list[int] = []
        self.bound: list[bytes] = []
        self.submitted: list[dict[str, Any]] = []
        self.start()

    def run(self) -> None:
        connection, _ = self.listener.accept()
        connection.settimeout(10)
        with connection, connection.makefile("rb") as stream:
            while header := stream.read(16):
                length, command, _, sequence = struct.unpack(">IIII", header)
                self._answer(connection, command, sequence, stream.read(length - 16))

    def _answer(self, connection: socket.socket, command: int, sequence: int, body: bytes) -> None:
        self.seen.append(command)
        status, content = 0, b""
        if command == BIND:
            self.bound, status, content = body.split(b"\0")[:2], self.bind_status, b"operator\0"
        elif command == SUBMIT:
            self.submitted.append(_submit(body))
            status, content = self.submit_status, b"1\0"
            if self.asks:
                connection.sendall(struct.pack(">IIII", 16, ENQUIRE, 0, 77))
        elif command & RESPONSE:
            return
        content = b"" if status else content
        connection.sendall(struct.pack(">IIII", 16 + len(content), command | RESPONSE, status, sequence) + content)

    def close(self) -> None:
        self.join(10)
        self.listener.close()


def _submit(body: bytes) -> dict[str, Any]:
    _, rest = body.split(b"\0", 1)  # service_type
    source_ton, rest = rest[0], rest[2:]
    source, rest = rest.split(b"\0", 1)
    dest_ton, rest = rest[0], rest[2:]
    to, rest = rest.split(b"\0", 1)
    esm_class, rest = rest[0], rest[3:]
    _, _, rest = rest.split(b"\0", 2)  # schedule, validity
    coding, length = rest[2], rest[4]
    return {
        "from": source, "from_ton": source_ton, "to": to, "to_ton": dest_ton, "esm_class": esm_class,
        "coding": coding, "text": rest[5 : 5 + length],
    }  # fmt: skip


def smpp_send(operator: Operator, text: str) -> None:
    letter = Letter("otp", "sim", "+84912345678", text, datetime(2026, 6, 1, tzinfo=UTC), "id1", 0)
    try:
        SmppGateway("127.0.0.1", operator.port, "vneid", SECRET, "VNeID", timeout=5).send(letter)
    finally:
        operator.close()


def test_smpp_binds_as_transmitter_submits_in_gsm_and_unbinds() -> None:
    operator = Operator(asks=True)
    smpp_send(operator, "Ma AB: 123456 @")
    assert [command for command in operator.seen if command in (BIND, SUBMIT, UNBIND)] == [BIND, SUBMIT, UNBIND]
    assert operator.bound == [b"vneid", SECRET.encode()]
    (sent,) = operator.submitted
    assert (sent["from"], sent["from_ton"], sent["to"], sent["to_ton"]) == (b"VNeID", 5, b"84912345678", 1)
    assert (sent["coding"], sent["text"]) == (0, b"Ma AB: 123456 \x00"), "@ is 00 in GSM 03.38"


def test_smpp_marks_go_as_ucs2() -> None:
    operator = Operator()
    smpp_send(operator, "Mã AB: 123456, thẻ căn cước")
    (sent,) = operator.submitted
    assert (sent["coding"], sent["text"].decode("utf-16-be")) == (8, "Mã AB: 123456, thẻ căn cước")


def test_smpp_a_long_text_goes_in_parts_that_a_phone_joins() -> None:
    operator = Operator()
    smpp_send(operator, "a" * 200)
    assert [part["esm_class"] for part in operator.submitted] == [0x40, 0x40]
    assert b"".join(part["text"][6:] for part in operator.submitted) == b"a" * 200
    assert {part["text"][:3] for part in operator.submitted} == {b"\x05\x00\x03"}


@pytest.mark.row("S-08")
@pytest.mark.parametrize(("bind_status", "submit_status"), [(0x0E, 0), (0, 0x58), (0, 0x0B)])
def test_smpp_what_the_operator_does_not_take_is_an_error_that_tells_nothing(
    bind_status: int, submit_status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    operator = Operator(bind_status=bind_status, submit_status=submit_status)
    with pytest.raises(RegistryError, match="did not take") as caught:
        smpp_send(operator, LETTER.text)
    assert says_nothing(caught.value)
    assert not any(part in caplog.text for part in ("123456", SECRET))


def test_smpp_an_operator_that_is_not_there_is_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(RegistryError, match="cannot be reached"):
        SmppGateway("127.0.0.1", port, "vneid", SECRET, "VNeID", timeout=2).send(LETTER)


# --- the choice -------------------------------------------------------------------------------------------------------


def test_an_address_chooses_the_gateway_and_its_secret_comes_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    environment = {"CCCD_GATEWAY_SECRET_FILE": str(tmp_path / "secret")}
    assert gateway_for("", tmp_path, {}) == FileGateway(tmp_path)
    assert gateway_for("file:/srv/out", tmp_path, {}) == FileGateway(Path("/srv/out"))
    assert gateway_for("console:", tmp_path, {}) == ConsoleGateway()
    url = "https://sms.example.org/v1"
    assert gateway_for(url, tmp_path, environment) == HttpGateway(url, SECRET)
    found = gateway_for("smpp://vneid@10.0.0.1:2776?from=19000368", tmp_path, {"CCCD_GATEWAY_SECRET": SECRET})
    assert found == SmppGateway("10.0.0.1", 2776, "vneid", SECRET, "19000368")
    assert SECRET not in repr(found) + repr(gateway_for(url, tmp_path, environment))


@pytest.mark.parametrize(
    "address",
    ["http://sms.example.org/", "ftp://x", "smpp://host:2775", "smpp://a:b@host", "https://u:p@x.org", "smpp://a@h:x"],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        gateway_for(address, tmp_path, {})


def test_the_console_shows_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleGateway().send(LETTER)
    assert capsys.readouterr().err == "[sim otp] +84912345678: Ma AB: 123456\n"
