"""Command and response APDUs and their bytes on the wire (ISO/IEC 7816-4:2020 §5.1, §5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cccd_nfc.errors import EncodingError, StatusWordError
from cccd_nfc.sentences import Said

SHORT_MAX_NC = 255
SHORT_MAX_NE = 256
EXTENDED_MAX_NC = 65_535
EXTENDED_MAX_NE = 65_536

SW_OK = 0x9000


@dataclass(frozen=True, slots=True)
class CommandAPDU:
    """A command: header, `data` (Nc = 0 to 65,535 bytes), and `ne`, the most bytes wanted back (0 none, up to 65,536).

    `name` is what logs, traces and errors call the command; it never holds contents.
    `expected` is the most bytes that the answer can have, where that is known to be less than `ne` (Le 00 asks for all
    there is), else 0; secure messaging leaves room for so many.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    ne: int = 0
    name: str = field(default="", compare=False)
    expected: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if len(self.data) > EXTENDED_MAX_NC or not 0 <= self.ne <= EXTENDED_MAX_NE:
            template = "{command}: Nc {nc} or Ne {ne} is out of range"
            raise EncodingError(Said(template, command=self.name or "APDU", nc=len(self.data), ne=self.ne))

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2, 4 bytes."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def nc(self) -> int:
        return len(self.data)

    @property
    def is_extended(self) -> bool:
        """Whether Nc or Ne need the extended form of the length fields."""
        return self.nc > SHORT_MAX_NC or self.ne > SHORT_MAX_NE

    def encode(self) -> bytes:
        """The bytes on the wire: cases 1 to 4, with short length fields wherever they suffice."""
        return self.header + (self._extended_body() if self.is_extended else self._short_body())

    def _short_body(self) -> bytes:
        lc = bytes((self.nc,)) + self.data if self.data else b""
        le = bytes((self.ne % SHORT_MAX_NE,)) if self.ne else b""
        return lc + le

    def _extended_body(self) -> bytes:
        lc = b"\x00" + self.nc.to_bytes(2, "big") + self.data if self.data else b""
        le = (self.ne % EXTENDED_MAX_NE).to_bytes(2, "big") if self.ne else b""
        return lc + (le if lc or not le else b"\x00" + le)

    @classmethod
    def parse(cls, raw: bytes) -> CommandAPDU:
        """The command that `raw` encodes, in any of the seven forms of §5.1; EncodingError otherwise."""
        if len(raw) < 4:
            raise EncodingError(Said("a command of {size} bytes has no header", size=len(raw)))
        header, body = raw[:4], raw[4:]
        data, ne = _parse_body(body)
        return cls(header[0], header[1], header[2], header[3], data, ne)


def _parse_body(body: bytes) -> tuple[bytes, int]:
    if not body:
        return b"", 0
    if len(body) == 1:
        return b"", body[0] or SHORT_MAX_NE
    if body[0] != 0:
        return _split_data(body, lc=body[0], at=1, le_size=1, le_of_zero=SHORT_MAX_NE)
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or EXTENDED_MAX_NE
    if len(body) < 3:
        raise EncodingError("a command with a torn length field")
    return _split_data(body, lc=int.from_bytes(body[1:3], "big"), at=3, le_size=2, le_of_zero=EXTENDED_MAX_NE)


def _split_data(body: bytes, *, lc: int, at: int, le_size: int, le_of_zero: int) -> tuple[bytes, int]:
    data, le = body[at : at + lc], body[at + lc :]
    if lc == 0 or len(data) != lc or len(le) not in (0, le_size):
        raise EncodingError(Said("a command whose Lc says {lc} bytes carries {size}", lc=lc, size=len(body) - at))
    return data, (int.from_bytes(le, "big") or le_of_zero) if le else 0


@dataclass(frozen=True, slots=True)
class ResponseAPDU:
    """A response: `data` (0 to 65,536 bytes) and the status word `sw`."""

    data: bytes = field(repr=False)
    sw: int

    @property
    def is_ok(self) -> bool:
        return self.sw == SW_OK

    def encode(self) -> bytes:
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def parse(cls, raw: bytes) -> ResponseAPDU:
        """The response in `raw`; EncodingError when there are not even the two bytes of a status word."""
        if len(raw) < 2:
            raise EncodingError(Said("a response of {size} bytes has no status word", size=len(raw)))
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))

    def expect_ok(self, command: CommandAPDU) -> bytes:
        """The data of a 9000 response; StatusWordError, which names the command, for any other status word."""
        if not self.is_ok:
            raise StatusWordError(command.name or f"INS {command.ins:02X}", self.sw)
        return self.data
