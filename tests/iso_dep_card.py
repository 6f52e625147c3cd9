"""A card over nfcpy's UDP driver: ISO/IEC 14443-3 selection, -4 blocks, on the loopback alone, with faults to order."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import TracebackType

UID = bytes.fromhex("08A1B2C3")
ATS = bytes.fromhex("057880C002")  # frames of 256 bytes; 1.2 s to answer
BLOCK = 253


class IsoDepCard:
    """Answers commands by `answer`, in blocks.

    ats: its answer to select.  more_time_at: numbers of the answer's blocks before which it asks for more time.
    mute_after: commands after which it says nothing any more.
    """

    def __init__(
        self,
        answer: Callable[[bytes], bytes],
        *,
        ats: bytes = ATS,
        more_time_at: tuple[int, ...] = (),
        mute_after: int = 1 << 30,
    ) -> None:
        self._answer, self._ats, self._more_time_at, self._left = answer, ats, more_time_at, mute_after
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.activations = 0
        self._forget()

    @property
    def path(self) -> str:
        """For nfcpy."""
        return f"udp:127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> IsoDepCard:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stopper:
            stopper.sendto(b"STOP", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _forget(self) -> None:
        self._number, self._command, self._blocks = 1, b"", list[bytes]()
        self._sent, self._last = 0, b""

    def _serve(self) -> None:
        while True:
            datagram, sender = self._socket.recvfrom(1024)
            kind, _, frame = datagram.partition(b" ")
            if kind == b"STOP":
                return
            response = self._respond(bytes.fromhex(frame.decode())) if kind == b"106A" else b""
            if response:
                self._socket.sendto(b"106A " + response.hex().encode(), sender)

    def _respond(self, frame: bytes) -> bytes:
        checked_uid = UID + bytes((UID[0] ^ UID[1] ^ UID[2] ^ UID[3],))
        selection = {b"\x26": b"\x01\x01", b"\x93\x20": checked_uid, b"\x93\x70" + checked_uid: b"\x20"}
        if frame in selection:
            return selection[frame]
        if frame[0] == 0xE0:
            self._forget()
            self.activations += 1
            return self._ats
        return self._block(frame)

    def _block(self, frame: bytes) -> bytes:
        pcb = frame[0]
        if pcb & 0xE2 == 0x02:
            return self._command_block(pcb, frame[1:])
        if pcb & 0xFE == 0xF2:
            return self._last
        if pcb & 1 == self._number:
            return self._last
        if pcb & 0x10:
            return bytes((0xA2 | self._number,))
        self._number ^= 1
        return self._next_block()

    def _command_block(self, pcb: int, content: bytes) -> bytes:
        self._number ^= 1
        self._command += content
        if pcb & 0x10:
            self._last = bytes((0xA2 | self._number,))
            return self._last
        command, self._command = self._command, b""
        self._left -= 1
        if self._left < 0:
            return b""
        answer = self._answer(command)
        self._blocks = [answer[at : at + BLOCK] for at in range(0, len(answer), BLOCK)] or [b""]
        self._sent = 0
        return self._next_block()

    def _next_block(self) -> bytes:
        more = 0x10 if len(self._blocks) > 1 else 0
        self._last = bytes((0x02 | more | self._number,)) + self._blocks.pop(0)
        self._sent += 1
        return b"\xf2\x05" if self._sent - 1 in self._more_time_at else self._last
