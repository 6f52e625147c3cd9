"""The simulated chip on vsmartcard's virtual PC/SC reader, over the protocol that vpcd speaks with card programs.

Each message is a length of two bytes and that many bytes; a message of one byte is a control: 00 power off, 01 power
on, 02 reset, 04 asks for the ATR.
"""

from __future__ import annotations

import socket
import threading

from cccd_nfc.errors import CardLostError, ReaderUnavailableError
from cccd_nfc.sentences import Said
from cccd_nfc.simulator.chip import Chip

_OFF, _ON, _RESET, _ATR = 0x00, 0x01, 0x02, 0x04
_POLL_SECONDS = 0.2


class VpcdCard:
    """A chip that lies on the virtual reader while `serve` runs."""

    def __init__(self, chip: Chip, host: str, port: int) -> None:
        self._chip, self._address = chip, (host, port)

    def serve(self, stop: threading.Event) -> None:
        """Answers until `stop` is set or the reader goes away.

        Raises ReaderUnavailableError when no vpcd listens there, CardLostError when it closes the connection.
        """
        with self._connect() as connection:
            connection.settimeout(_POLL_SECONDS)
            while not stop.is_set():
                message = _receive(connection, stop)
                if message is None:
                    return
                answer = self._answer(message)
                if answer is not None:
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)

    def _connect(self) -> socket.socket:
        try:
            connection = socket.create_connection(self._address, timeout=5)
        except OSError as error:
            host, port = self._address
            raise ReaderUnavailableError(
                Said(
                    "no virtual reader listens on {host}:{port}; is pcscd running, with vsmartcard-vpcd installed?",
                    host=host,
                    port=port,
                )
            ) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _answer(self, message: bytes) -> bytes | None:
        if len(message) != 1:
            return self._chip.transmit(message)
        if message[0] == _ATR:
            return self._chip.atr
        if message[0] in (_OFF, _ON, _RESET):
            self._chip.reset()
        return None


def _receive(connection: socket.socket, stop: threading.Event) -> bytes | None:
    """The next message, or None when `stop` was set first."""
    head = _exactly(connection, 2, stop)
    return None if head is None else _exactly(connection, int.from_bytes(head, "big"), stop)


def _exactly(connection: socket.socket, size: int, stop: threading.Event) -> bytes | None:
    data = b""
    while len(data) < size:
        _acknowledge_quickly(connection)
        try:
            part = connection.recv(size - len(data))
        except TimeoutError:
            if stop.is_set():
                return None
            continue
        except OSError as error:
            raise CardLostError("the virtual reader closed the connection") from error
        if not part:
            raise CardLostError("the virtual reader closed the connection")
        data += part
    return data


def _acknowledge_quickly(connection: socket.socket) -> None:
    """vpcd sends length and data apart; without this each message waits 40 ms for a delayed acknowledgement."""
    if hasattr(socket, "TCP_QUICKACK"):  # Linux only, and to be said again before every receive
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
