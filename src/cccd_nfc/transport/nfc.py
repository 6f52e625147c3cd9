"""Readers that nfcpy drives itself, without PC/SC: ISO-DEP over USB, serial line, or its own UDP driver for tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cccd_nfc.errors import CardAbsentError, CardLostError, ReaderUnavailableError
from cccd_nfc.sentences import Said

_FIELD_OFF_SECONDS = 0.05
_FWT_MAX = 4.949  # seconds; the longest frame waiting time, extended or not (ISO/IEC 14443-4:2018 §7.2)
_COMPUTING_SECONDS = 60.0
_WTX, _WTX_MASK = 0xF2, 0xFE


@dataclass(frozen=True, slots=True)
class NfcDevice:
    """A USB device that nfcpy has a driver for. path: what `NfcTransport.open` takes; name: of the driver."""

    path: str
    name: str


def list_devices() -> tuple[NfcDevice, ...]:
    """The USB devices that nfcpy knows, without touching them; ReaderUnavailableError when nfcpy is not installed."""
    _nfcpy()
    from nfc.clf.device import usb_device_map
    from nfc.clf.transport import USB
    from usb1 import USBError

    try:
        found = USB.find("usb") or ()
    except (OSError, USBError) as error:
        raise ReaderUnavailableError(Said("the USB devices cannot be listed ({reason})", reason=error)) from error
    known = ((usb_device_map.get((vendor, product)), bus, number) for vendor, product, bus, number in found)
    return tuple(NfcDevice(f"usb:{bus:03}:{number:03}", driver) for driver, bus, number in known if driver)


class NfcTransport:
    """A card on a reader that nfcpy drives."""

    def __init__(self, frontend: Any, tag: Any, path: str) -> None:
        self._frontend, self._tag, self._path = frontend, tag, path

    @classmethod
    def open(cls, path: str, *, wait_seconds: float = 30.0) -> NfcTransport:
        """The first ISO-DEP card, type A or B, on the reader at nfcpy's `path` ("usb", "tty:USB0:pn532", "udp:...").

        Raises ReaderUnavailableError without such a reader, CardAbsentError when no card comes in `wait_seconds`.
        """
        frontend = _nfcpy().ContactlessFrontend()
        from usb1 import USBError

        try:
            found = frontend.open(path)
        except (OSError, USBError) as error:
            raise ReaderUnavailableError(
                Said("the reader at {path} cannot be opened ({reason})", path=path, reason=error)
            ) from error
        except (ValueError, ImportError) as error:
            raise ReaderUnavailableError(Said("{path} is no path of nfcpy", path=repr(path))) from error
        if not found:
            raise ReaderUnavailableError(Said("no reader for nfcpy at {path}", path=path))
        try:
            return cls(frontend, _wait_for_card(frontend, time.monotonic() + wait_seconds), path)
        except BaseException:
            frontend.close()
            raise

    def transmit(self, command: bytes) -> bytes:
        """The card's response, of any length; CardLostError when the field or the card fails."""
        with _card_errors(Said("the card does not answer any more; put it back and try again")):
            answer = bytes(self._tag.transceive(bytearray(command)))
        if len(answer) < 2:
            raise CardLostError("the card's answer is torn; put it back and try again")
        return answer

    def reset(self) -> None:
        """Field off and on; CardLostError when the card does not come back."""
        with _card_errors(Said("the reader cannot switch its field off")):
            self._frontend.device.mute()
        time.sleep(_FIELD_OFF_SECONDS)
        tag = _find(self._frontend)
        if tag is None:
            raise CardLostError("the card did not come back after the field was switched off and on")
        self._tag = tag

    def close(self) -> None:
        self._frontend.close()


def _wait_for_card(frontend: Any, until: float) -> Any:
    while True:
        tag = _find(frontend)
        if tag is not None:
            return tag
        if time.monotonic() >= until:
            raise CardAbsentError("no chip card came to the reader; put it on and hold it still")


def _find(frontend: Any) -> Any:
    """The ISO-DEP card in the field, activated; None without one, or with a tag of another kind."""
    from nfc.clf import RemoteTarget
    from nfc.tag import activate
    from nfc.tag.tt4 import Type4Tag

    try:
        with _card_errors(Said("the card answers its selection wrongly")):
            target = frontend.sense(RemoteTarget("106A"), RemoteTarget("106B"))
            tag = activate(frontend, target) if target else None
    except CardLostError:
        return None
    if not isinstance(tag, Type4Tag):
        return None
    tag._dep.clf = _PatientFrontend(frontend, tag._dep.fwt)
    return tag


class _PatientFrontend:
    """What nfcpy's block protocol exchanges frames through; grants the card more time wherever it asks for it.

    nfcpy 1.0.4 knows S(WTX) before the first block of an answer only. Inside a chained answer it takes the request for
    data, and the answer comes back short and wrong without an error; here it never sees one.
    """

    def __init__(self, frontend: Any, fwt: float) -> None:
        self._frontend, self._fwt = frontend, fwt

    def exchange(self, frame: bytearray, timeout: float) -> bytearray:
        until = time.monotonic() + _COMPUTING_SECONDS
        answer: bytearray = self._frontend.exchange(frame, timeout)
        while answer and answer[0] & _WTX_MASK == _WTX:
            if time.monotonic() > until:
                raise CardLostError("the card asks for more time again and again")
            multiplier = answer[1] & 0x3F if len(answer) > 1 else 1
            answer = self._frontend.exchange(answer, min(multiplier * self._fwt, _FWT_MAX))
        return answer


@contextmanager
def _card_errors(said: Said) -> Iterator[None]:
    """All that nfcpy raises while it talks to a card, as CardLostError.

    IndexError, TypeError and ValueError among it: they come out of frames, and of an ATS, that are not what it expects.
    """
    from nfc.clf import Error
    from nfc.tag import TagCommandError

    try:
        yield
    except (Error, TagCommandError, IndexError, TypeError, ValueError) as error:
        raise CardLostError(said) from error
    except OSError as error:
        raise CardLostError(Said("the reader has gone: {reason}", reason=error.strerror)) from error


def _nfcpy() -> Any:
    try:
        import nfc
    except ImportError as error:
        raise ReaderUnavailableError("nfcpy is not installed; install cccd-nfc[nfc]") from error
    except OSError as error:
        raise ReaderUnavailableError("nfcpy cannot load libusb; install libusb-1.0") from error
    return nfc
