"""Puts a card that others wrote on the virtual reader: `vicc.py ePass|nPA FOLDER [--vpcd HOST:PORT] [--without-do99]`.

It runs until the reader goes away or it is ended, and prints one line when the card lies on the reader. Nothing of
cccd_nfc is in here, so that a mistake of ours cannot be made twice.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from card_folder import CardFolder
from mending import mend
from programs import identity_card, passport

_LIBEAC = Path(__file__).resolve().parents[2] / ".cache" / "peers" / "libeac"
_OFF, _ON, _RESET, _ATR = 0x00, 0x01, 0x02, 0x04


def main() -> int:
    options = _options()
    mend(protected_status=not options.without_do99)
    sys.path.insert(0, str(_LIBEAC))
    card = CardFolder.load(options.folder)
    make = passport if options.program == "ePass" else identity_card
    host, _, port = options.vpcd.rpartition(":")
    with socket.create_connection((host, int(port))) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _serve(link, lambda: make(card))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A card program of vicc on the virtual reader, with any card's files.")
    parser.add_argument("program", choices=("ePass", "nPA"))
    parser.add_argument("folder", type=Path, help="COM.bin SOD.bin DG1.bin ... CardAccess.bin secrets.json")
    parser.add_argument("--vpcd", default="127.0.0.1:35963", metavar="HOST:PORT")
    parser.add_argument(
        "--without-do99", action="store_true", help="answers without a protected status word, as shipped"
    )
    return parser.parse_args()


def _serve(link: socket.socket, make: Callable[[], Any]) -> None:
    card = make()
    print("on the reader", flush=True)
    while message := _receive(link):
        if len(message) > 1:
            _send(link, card.execute(message))
        elif message[0] == _ATR:
            _send(link, card.getATR())
        elif message[0] in (_OFF, _ON, _RESET):
            card = make()  # a cold start, since these programs keep their session over a loss of power


def _send(link: socket.socket, message: bytes) -> None:
    link.sendall(len(message).to_bytes(2, "big") + message)


def _receive(link: socket.socket) -> bytes:
    """The next message; empty when the reader has gone."""
    return _exactly(link, int.from_bytes(_exactly(link, 2), "big"))


def _exactly(link: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        # The reader sends length and message apart; without this a delayed acknowledgement costs 40 ms each time.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = link.recv(size - len(data))
        if not part:
            return b""
        data += part
    return data


if __name__ == "__main__":
    sys.exit(main())
