"""The simulated chip as a contactless card, type A, in the field of nfcpy's UDP driver (`nfc:udp:127.0.0.1:PORT`).

The driver puts each frame into a datagram, as text: "106A" and the bytes in hex; "RFOFF" when the field goes. This is
the other end of it, on the loopback address alone: anticollision and activation (ISO/IEC 14443-3 §6, 14443-4 §5), and
the block protocol with requests for more time.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from functools import reduce
from operator import xor

from cccd_nfc.errors import ReaderUnavailableError
from cccd_nfc.sentences import Said
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.iso_dep import DESELECT, FRAME_SIZES, WTX, BlockProtocol, Complete

PORT = 54321
"""nfcpy's own."""

_LOOPBACK = "127.0.0.1"
_UID = bytes.fromhex("08CCCD01")  # 08: not unique, as the UIDs of eMRTDs are not
_REQUESTS = (b"\x26", b"\x52")
_ATQA, _SAK = b"\x01\x01", b"\x20"
_ANTICOLLISION, _SELECT, _RATS = b"\x93\x20", b"\x93\x70", 0xE0

_FORMAT = bytes((0x78, 0x80, 0xC0, 0x00))
"""T0 with FSCI 8, then TA, TB and TC, all of them, since nfcpy takes them from fixed places: one bit rate; FWI 12 and
no guard time; neither CID nor NAD."""
_FWT_SECONDS = 256 * 16 / 13.56e6 * 2**12  # 1.24: long enough that no late answer is taken for that to the next command

_POLL_SECONDS = 0.2
_DATAGRAM = 16_384

_Address = tuple[str, int]
_Arrived = tuple[bytes, _Address]
"""(a frame, its sender); the empty frame is the loss of the field."""


class NfcCard:
    """A chip that lies in the driver's field while `serve` runs. port 0 takes any that is free; `path` names it.

    patience: seconds of computing after which the card asks the reader for more time.
    Raises ReaderUnavailableError when the port is taken.
    """

    def __init__(self, chip: Chip, port: int = PORT, *, patience: float = 0.4) -> None:
        self._chip, self._patience = chip, patience
        self._reader: _Address | None = None
        self._blocks: BlockProtocol | None = None
        self._backlog: deque[_Arrived] = deque()
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._socket = _bind(port)

    @property
    def path(self) -> str:
        """What nfcpy calls this place."""
        return f"udp:{_LOOPBACK}:{self._socket.getsockname()[1]}"

    def serve(self, stop: threading.Event) -> None:
        """Answers until `stop` is set; the port is free again afterwards."""
        with self._socket, self._worker:
            while not stop.is_set():
                arrived = self._receive(_POLL_SECONDS)
                if arrived is not None:
                    self._handle(*arrived)

    def _handle(self, frame: bytes, sender: _Address) -> None:
        if frame in _REQUESTS:
            self._enter_field(sender)
            self._send(_ATQA)
        elif sender != self._reader:
            return
        elif not frame:
            self._enter_field(None)
        elif frame == _ANTICOLLISION:
            self._send(_with_check(_UID))
        elif frame == _SELECT + _with_check(_UID):
            self._send(_SAK)
        elif frame[0] == _RATS and len(frame) == 2:
            self._blocks = BlockProtocol(FRAME_SIZES[min(frame[1] >> 4, len(FRAME_SIZES) - 1)])
            self._send(_answer_to_select(self._chip.atr))
        elif frame[0] == DESELECT:
            self._chip.reset()
            self._blocks = None
            self._send(frame)
        elif self._blocks is not None:
            self._react(self._blocks, frame)

    def _enter_field(self, reader: _Address | None) -> None:
        """The field of another reader, or of the same once more, or none: the chip loses its power in between."""
        self._chip.reset()
        self._reader, self._blocks = reader, None

    def _react(self, blocks: BlockProtocol, frame: bytes) -> None:
        step = blocks.receive(frame)
        if isinstance(step, Complete):
            step = self._execute(blocks, step.command)
        if step is not None:
            self._send(step)

    def _execute(self, blocks: BlockProtocol, command: bytes) -> bytes | None:
        """The first block of the chip's answer; None when the reader has gone meanwhile."""
        computing = self._worker.submit(self._chip.transmit, command)
        while True:
            done, _ = wait([computing], self._patience)
            if done:
                # What has queued up meanwhile a real card would not have heard. Answered now, each repetition would put
                # every later exchange one answer behind.
                return None if self._reader_has_gone(0) else blocks.answer(computing.result())
            if not self._gets_more_time():
                wait([computing])
                return None

    def _gets_more_time(self) -> bool:
        """Asks by S(WTX) for one more waiting time."""
        self._send(bytes((WTX, 1)))
        until = time.monotonic() + _FWT_SECONDS
        while (left := until - time.monotonic()) > 0:
            arrived = self._receive(left)
            if arrived is None or self._is_farewell(arrived):
                return False
            if arrived[1] == self._reader and arrived[0][0] == WTX:
                return True
        return False

    def _reader_has_gone(self, seconds: float) -> bool:
        """Empties the queue; True when the field has gone, or another reader calls."""
        while (arrived := self._receive(seconds)) is not None:
            if self._is_farewell(arrived):
                return True
        return False

    def _is_farewell(self, arrived: _Arrived) -> bool:
        """Whether it ends this activation; it is then kept for `serve`."""
        frame, sender = arrived
        found = frame in _REQUESTS or (not frame and sender == self._reader)
        if found:
            self._backlog.append(arrived)
        return found

    def _receive(self, seconds: float) -> _Arrived | None:
        """The next frame of type A, or None when none comes in time."""
        if self._backlog:
            return self._backlog.popleft()
        until = time.monotonic() + seconds
        while select.select([self._socket], [], [], max(0.0, until - time.monotonic()))[0]:
            datagram, sender = self._socket.recvfrom(_DATAGRAM)
            frame = _frame(datagram)
            if frame is not None:
                return frame, sender
        return None

    def _send(self, frame: bytes) -> None:
        if self._reader is not None:
            self._socket.sendto(b"106A " + frame.hex().encode("ascii"), self._reader)


def _bind(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        bound.bind((_LOOPBACK, port))
    except OSError as error:
        bound.close()
        raise ReaderUnavailableError(
            Said("the card cannot be put at {host}:{port} ({reason})", host=_LOOPBACK, port=port, reason=error.strerror)
        ) from error
    return bound


def _frame(datagram: bytes) -> bytes | None:
    """The frame in it: empty when the field goes, None when it is no frame of type A."""
    if datagram.startswith(b"RFOFF"):
        return b""
    technology, _, digits = datagram.partition(b" ")
    try:
        return bytes.fromhex(digits.decode("ascii")) or None if technology == b"106A" else None
    except ValueError:
        return None


def _with_check(uid: bytes) -> bytes:
    return uid + bytes((reduce(xor, uid),))


def _answer_to_select(atr: bytes) -> bytes:
    """The ATS, with the historical bytes of the ATR that PC/SC makes of it (3B 8n 80 01 H1 .. Hn TCK)."""
    historical = atr[4:-1] if atr[2:4] == b"\x80\x01" else b""
    content = _FORMAT + historical
    return bytes((1 + len(content),)) + content
