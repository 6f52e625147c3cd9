"""What a reading is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from cccd_nfc.protocol.passwords import Password

DEFAULT_MAX_RESPONSE = 2048
"""Bytes of a whole protected answer: what CCCD readers in the field are known to use."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to read, and with what.

    challenge: RND.IFD for Active Authentication, 8 bytes; whoever wants a proof bound to a purpose derives it.
    max_response: bytes of the longest answer to ask for; 256 where reader or card know short APDUs only.
    allow_bac: whether BAC may follow when the chip offers PACE and PACE fails.
    """

    password: Password = field(repr=False)
    challenge: bytes
    photo: bool = True
    max_response: int = DEFAULT_MAX_RESPONSE
    allow_bac: bool = False
