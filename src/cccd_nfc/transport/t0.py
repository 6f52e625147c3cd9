"""Commands for a card that speaks T=0, which knows five bytes of header and one direction of data at a time.

Source: ISO/IEC 7816-3:2006 §12.2. What waits on the card after a command with data both ways is announced by 61xx and
fetched by GET RESPONSE one layer above, since that is an exchange of its own.
"""

from __future__ import annotations

from collections.abc import Callable

from cccd_nfc.errors import UnsupportedError
from cccd_nfc.iso7816.apdu import SHORT_MAX_NC, SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.sentences import Said

_WRONG_LE = 0x6C


def exchange_t0(command: bytes, send: Callable[[bytes], bytes]) -> bytes:
    """The response to `command`, which `send` carries as a T=0 header with its data; 6Cxx is obeyed.

    Raises UnsupportedError for more than 255 bytes of data, which would need ENVELOPE.
    """
    parsed = CommandAPDU.parse(command)
    if parsed.nc > SHORT_MAX_NC:
        raise UnsupportedError(
            Said("T=0 carries {most} bytes of data in a command, not {size}", most=SHORT_MAX_NC, size=parsed.nc)
        )
    if parsed.data:
        # Cases 3 and 4: the Le is left out; 61xx will say what there is to fetch.
        return send(parsed.header + bytes((parsed.nc,)) + parsed.data)
    # Cases 1 and 2: P3 is the Le; an extended one becomes 256, and 61xx announces the rest.
    le = min(parsed.ne, SHORT_MAX_NE) % SHORT_MAX_NE
    answer = send(parsed.header + bytes((le,)))
    status = ResponseAPDU.parse(answer).sw
    if parsed.ne and status >> 8 == _WRONG_LE and status & 0xFF != le:
        answer = send(parsed.header + bytes((status & 0xFF,)))
    return answer
