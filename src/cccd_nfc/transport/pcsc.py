"""Readers of the operating system: PC/SC by pyscard (PC/SC Workgroup, Interoperability Specification, part 5).

The card is ours alone from the opening to the closing, so that no other program's command comes in between: a single
foreign SELECT would end the session with the chip.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cccd_nfc.errors import CardAbsentError, CardLostError, ReaderUnavailableError, TransportError
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.sentences import Said
from cccd_nfc.transport.t0 import exchange_t0

_LOOK_SECONDS = 0.5  # a wait inside the service cannot be interrupted by the keyboard, so it is cut in pieces

# Return values that say the card has gone or was reset, by PC/SC part 5.
_UNRESPONSIVE, _UNPOWERED, _RESET, _REMOVED, _NO_CARD = 0x80100066, 0x80100067, 0x80100068, 0x80100069, 0x8010000C
_GONE = (_UNRESPONSIVE, _UNPOWERED, _RESET, _REMOVED, _NO_CARD)
_SHARING_VIOLATION = 0x8010000B
_NOT_TRANSACTED, _COMMUNICATION = 0x80100016, 0x80100013
_NO_READERS = 0x8010002E
_NO_SERVICE = (0x8010001D, 0x8010001E)

_REFUSED_AS_TOO_LONG = b"\x67\x00"


@dataclass(frozen=True, slots=True)
class ReaderInfo:
    """A reader by its name in PC/SC; atr: of the card on it, empty without one."""

    name: str
    card_present: bool
    atr: bytes = b""


def list_readers() -> tuple[ReaderInfo, ...]:
    """All readers there are; ReaderUnavailableError, which says what is missing, when PC/SC itself is not there."""
    service = _Service.open()
    try:
        return service.readers()
    finally:
        service.release()


class PcscTransport:
    """A card on a PC/SC reader, in one transaction from `open` to `close`."""

    def __init__(self, service: _Service, card: _Card, reader: str) -> None:
        self._service, self._card, self.reader = service, card, reader

    @classmethod
    def open(cls, name_part: str = "", *, wait_seconds: float = 30.0) -> PcscTransport:
        """The first card on a reader whose name contains `name_part` (any reader for an empty one).

        Raises ReaderUnavailableError without service or such a reader, CardAbsentError when no card comes in
        `wait_seconds`, or another program does not let go of it.
        """
        service = _Service.open()
        try:
            reader, card = service.wait_for_card(name_part, time.monotonic() + wait_seconds)
            return cls(service, card, reader)
        except BaseException:
            service.release()
            raise

    def transmit(self, command: bytes) -> bytes:
        """The card's response. CardLostError when the card has gone, TransportError when the reader has failed."""
        if self._card.speaks_t0:
            return exchange_t0(command, self._card.transmit)
        return self._card.transmit(command)

    def reset(self) -> None:
        """A cold start of the card: power off and on."""
        self._card.restart()

    def close(self) -> None:
        self._card.disconnect()
        self._service.release()


@dataclass(frozen=True, slots=True)
class _Seen:
    """A reader and its state as the service told it, which is what to hand in when the next change is waited for."""

    name: str
    state: int
    atr: bytes = b""


@dataclass(slots=True)
class _Service:
    """A context with the PC/SC service. scard: pyscard's own naked interface, untyped, which stays in this module."""

    scard: Any
    context: Any

    @classmethod
    def open(cls) -> _Service:
        scard = _scard()
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if _unsigned(code):
            raise ReaderUnavailableError(
                Said("the PC/SC service does not answer ({code}); start pcscd", code=_spelled(code))
            )
        return cls(scard, context)

    def release(self) -> None:
        self.scard.SCardReleaseContext(self.context)

    def readers(self) -> tuple[ReaderInfo, ...]:
        return tuple(ReaderInfo(seen.name, self._has_card(seen), seen.atr) for seen in self._look(self._names(), 0.0))

    def wait_for_card(self, name_part: str, until: float) -> tuple[str, _Card]:
        """(reader, card in a transaction); looks at least once."""
        seen = self._look(self._matching(name_part), 0.0)
        while True:
            with_card = [each.name for each in seen if self._has_card(each)]
            for name in with_card:
                card = self._connect(name)
                if card is not None:
                    return name, card
            left = until - time.monotonic()
            if left <= 0 and with_card:
                raise CardAbsentError(
                    Said("the card on {reader} does not answer, or another program holds it", reader=with_card[0])
                )
            if left <= 0:
                raise CardAbsentError("no card came to the reader; put it on and hold it still")
            seen = self._look(seen, min(left, _LOOK_SECONDS))

    def _names(self) -> tuple[_Seen, ...]:
        code, names = self.scard.SCardListReaders(self.context, [])
        if _unsigned(code) == _NO_READERS:
            return ()
        _check(code, Said("listing the readers"), ReaderUnavailableError)
        return tuple(_Seen(name, self.scard.SCARD_STATE_UNAWARE) for name in names)

    def _matching(self, name_part: str) -> tuple[_Seen, ...]:
        present = self._names()
        found = tuple(reader for reader in present if name_part.lower() in reader.name.lower())
        if found:
            return found
        if not present:
            raise ReaderUnavailableError("no PC/SC reader; plug one in")
        names = ", ".join(reader.name for reader in present)
        template = "no PC/SC reader whose name contains {part}; there are: {names}"
        raise ReaderUnavailableError(Said(template, part=repr(name_part), names=names))

    def _look(self, known: tuple[_Seen, ...], seconds: float) -> tuple[_Seen, ...]:
        """The same readers as soon as the state of one is not as `known`, at the latest after `seconds`."""
        if not known:
            return ()
        asked = [(reader.name, reader.state) for reader in known]
        code, found = self.scard.SCardGetStatusChange(self.context, int(1000 * seconds), asked)
        if _unsigned(code) != _unsigned(self.scard.SCARD_E_TIMEOUT):
            _check(code, Said("looking for a card"), ReaderUnavailableError)
        return tuple(_Seen(name, state, bytes(atr)) for name, state, atr in found)

    def _has_card(self, reader: _Seen) -> bool:
        return bool(reader.state & self.scard.SCARD_STATE_PRESENT)

    def _connect(self, name: str) -> _Card | None:
        """The card on the reader `name`, in a transaction; None while it cannot be had.

        Exclusive where possible. Desktop programs often keep a connection that they do not use; beside one of those a
        transaction on a shared connection does the same.
        """
        scard = self.scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        for share in (scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_SHARE_SHARED):
            code, handle, protocol = scard.SCardConnect(self.context, name, share, protocols)
            if _unsigned(code) != _SHARING_VIOLATION:
                break
        if _unsigned(code) in (*_GONE, _SHARING_VIOLATION):
            return None
        _check(code, Said("connecting to the card on {reader}", reader=name), CardAbsentError)
        card = _Card(scard, handle, protocol, share)
        try:
            _check(scard.SCardBeginTransaction(handle), Said("reserving the card"), CardLostError)
        except CardLostError:
            card.disconnect()
            return None
        return card


@dataclass(slots=True)
class _Card:
    """A connected card. protocol, share: how it is connected, as PC/SC numbers it.

    carries_extended: whether the reader has let an extended command through.
    """

    scard: Any
    handle: Any
    protocol: int
    share: int
    carries_extended: bool = False

    @property
    def speaks_t0(self) -> bool:
        return bool(self.protocol == self.scard.SCARD_PROTOCOL_T0)

    def transmit(self, command: bytes) -> bytes:
        pci = self.scard.SCARD_PCI_T0 if self.speaks_t0 else self.scard.SCARD_PCI_T1
        code, answer = self.scard.SCardTransmit(self.handle, pci, list(command))
        if _unsigned(code) == _NOT_TRANSACTED and self._cannot_carry(command):
            return _REFUSED_AS_TOO_LONG
        if _unsigned(code) in (_NOT_TRANSACTED, _COMMUNICATION):
            raise CardLostError(
                Said("the card does not answer any more ({code}); put it back and try again", code=_spelled(code))
            )
        _check(code, Said("sending a command"), TransportError)
        if len(answer) < 2:
            # Seen with virtual readers: success, and nothing in it, when the card goes while it computes.
            raise CardLostError("the card went while it was computing; put it back and try again")
        self.carries_extended = self.carries_extended or CommandAPDU.parse(command).is_extended
        return bytes(answer)

    def _cannot_carry(self, command: bytes) -> bool:
        """Whether the reader, not the card, refused: some let nothing longer than a short command through (ACR1281).

        Nothing went on the air then, so that the answer is the one of a card that knows short commands only. A reader
        that has carried an extended command before is not one of them: there the card has gone.
        """
        code = self.scard.SCardStatus(self.handle)[0]
        return not _unsigned(code) and not self.carries_extended and CommandAPDU.parse(command).is_extended

    def restart(self) -> None:
        scard = self.scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, protocol = scard.SCardReconnect(self.handle, self.share, protocols, scard.SCARD_UNPOWER_CARD)
        _check(code, Said("restarting the card"), CardLostError)
        self.protocol = protocol

    def disconnect(self) -> None:
        """Ends transaction and connection; the card is powered down, so that no open session is left on it."""
        self.scard.SCardEndTransaction(self.handle, self.scard.SCARD_LEAVE_CARD)
        self.scard.SCardDisconnect(self.handle, self.scard.SCARD_UNPOWER_CARD)


def _scard() -> Any:
    try:
        from smartcard import scard
    except ImportError as error:
        raise ReaderUnavailableError("pyscard is not installed; install cccd-nfc[pcsc]") from error
    return scard


def _unsigned(code: int) -> int:
    """The return value as the specification prints it; some systems give it as a negative number."""
    return code & 0xFFFFFFFF


def _spelled(code: int) -> str:
    return f"{_unsigned(code):08X}"


def _check(code: int, doing: Said, error: Callable[[str], TransportError]) -> None:
    value = _unsigned(code)
    if not value:
        return
    spelled = _spelled(code)
    if value in _GONE:
        template = "{doing}: the card is gone, or was reset by another program ({code})"
        raise CardLostError(Said(template, doing=doing, code=spelled))
    if value in _NO_SERVICE:
        template = "{doing}: the PC/SC service has ended ({code}); start pcscd"
        raise ReaderUnavailableError(Said(template, doing=doing, code=spelled))
    raise error(Said("{doing}: PC/SC answers {code}", doing=doing, code=spelled))
