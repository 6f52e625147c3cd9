"""The card's side of the half-duplex block protocol, ISO-DEP, without I/O (ISO/IEC 14443-4:2018 §7).

Blocks are PCB and INF: no CID, no NAD, and no checksum, which belongs to the medium. The rules are those of §7.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cccd_nfc.iso7816.apdu import EXTENDED_MAX_NC

FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)
"""FSD and FSC by FSDI and FSCI."""

DESELECT, WTX = 0xC2, 0xF2

_I, _R = 0x02, 0xA2
_KIND = 0xEE  # the PCB without its two variable bits; a block with the CID or NAD bit is none that this card knows
_MORE = _NAK = 0x10
_NUMBER = 0x01
_PROLOGUE_AND_CHECKSUM = 3
_LONGEST_COMMAND = EXTENDED_MAX_NC + 9


@dataclass(frozen=True, slots=True)
class Complete:
    """A whole command has come in; its answer goes out by `BlockProtocol.answer`."""

    command: bytes = field(repr=False)


@dataclass(slots=True)
class BlockProtocol:
    """One activation. frame_size: FSD, bytes of the longest frame that the reader takes.

    number: the card's block number; it starts at 1, so that the first block sent has number 0 (rule C).
    """

    frame_size: int
    number: int = 1
    _command: bytes = field(default=b"", repr=False)
    _waiting: bytes = field(default=b"", repr=False)
    _last: bytes = field(default=b"", repr=False)

    def receive(self, block: bytes) -> bytes | Complete | None:
        """What to do about `block`: send one, execute a command, or None: stay silent, as at everything wrong."""
        pcb = block[0] if block else 0
        if pcb & _KIND == _I:
            return self._information(block[1:], more=bool(pcb & _MORE))
        if pcb & _KIND == _R and len(block) == 1:
            return self._acknowledgement(pcb & _NUMBER, refused=bool(pcb & _NAK))
        return None

    def answer(self, response: bytes) -> bytes:
        """The first block of the answer to the command that was complete."""
        self._waiting = response
        return self._next()

    def _information(self, part: bytes, *, more: bool) -> bytes | Complete | None:
        self.number ^= _NUMBER  # rule D: whatever the number of the block received
        self._command, self._waiting = self._command + part, b""
        if len(self._command) > _LONGEST_COMMAND:
            self._command = b""
            return None
        if more:
            return self._send(bytes((_R | self.number,)))
        command, self._command = self._command, b""
        return Complete(command)

    def _acknowledgement(self, number: int, *, refused: bool) -> bytes | None:
        if number == self.number:
            return self._last or None  # rule 11: the last block once more
        if refused:
            return bytes((_R | self.number,))  # rule 12: the reader's own block has not come
        if not self._waiting:
            return None
        self.number ^= _NUMBER  # rules E and 13: the chain goes on
        return self._next()

    def _next(self) -> bytes:
        room = self.frame_size - _PROLOGUE_AND_CHECKSUM
        part, self._waiting = self._waiting[:room], self._waiting[room:]
        return self._send(bytes((_I | (_MORE if self._waiting else 0) | self.number,)) + part)

    def _send(self, block: bytes) -> bytes:
        self._last = block
        return block
