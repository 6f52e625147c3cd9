"""Answers in pieces: 61xx says that more waits, and GET RESPONSE fetches it (ISO/IEC 7816-4:2020 §5.3.4, §11.4)."""

from __future__ import annotations

from typing import TypeVar

from cccd_nfc.errors import CardError
from cccd_nfc.iso7816.apdu import EXTENDED_MAX_NE, SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, Step, through
from cccd_nfc.sentences import Said

T = TypeVar("T")

_MORE_DATA = 0x61


def with_get_response(flow: Flow[T]) -> Flow[T]:
    """`flow`, which then sees whole answers only; for the outermost layer, below secure messaging.

    Raises CardError inside the flow when a chip has more and more to say.
    """
    return (yield from through(flow, _whole))


def _whole(step: Step) -> Flow[ResponseAPDU]:
    answer = yield step
    if isinstance(step, CommandAPDU) and answer.sw >> 8 == _MORE_DATA:
        return (yield from _collect(answer, step))
    return answer


def _collect(answer: ResponseAPDU, command: CommandAPDU) -> Flow[ResponseAPDU]:
    data = answer.data
    while answer.sw >> 8 == _MORE_DATA:
        ne = answer.sw & 0xFF or SHORT_MAX_NE
        answer = yield CommandAPDU(0x00, 0xC0, 0x00, 0x00, ne=ne, name=f"GET RESPONSE to {command.name}")
        data += answer.data
        if not answer.data or len(data) > EXTENDED_MAX_NE:
            raise CardError(Said("{command}: the chip promises more and does not give it", command=command.name))
    return ResponseAPDU(data, answer.sw)
