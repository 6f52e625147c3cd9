"""Opening the chip: EF.CardAccess wherever it lies, then PACE or BAC (ICAO 9303-11 §4.2).

PACE is used whenever the chip offers it. BAC takes its place only where the caller allows it, or where the chip offers
no PACE that we know; the record says which, and why.
"""

from __future__ import annotations

from cccd_nfc.errors import AccessDeniedError, CardError, CccdError, UnsupportedError
from cccd_nfc.evidence import AccessRecord
from cccd_nfc.inspection.request import Request
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.files import Manner, read_file, select_application, select_master_file
from cccd_nfc.iso7816.flow import Flow, Phase, RandomBytes, Reset
from cccd_nfc.lds.files import EF_CARD_ACCESS, EMRTD_AID
from cccd_nfc.lds.security_infos import PACEInfo, parse_card_access
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.pace import pace, preferred
from cccd_nfc.protocol.passwords import PasswordKind
from cccd_nfc.protocol.secure_messaging import Channel
from cccd_nfc.sentences import Said

CCCD_PACE_INFO = PACEInfo(protocol="0.4.0.127.0.7.2.2.4.2.2", version=2, parameter_id=13)
"""What every CCCD seen offers: ECDH, generic mapping, AES-128, brainpoolP256r1. Used only where EF.CardAccess cannot be
read and the password opens nothing but PACE; EF.DG14, which is signed, must say the same afterwards."""

PACE_FAILED = Said("PACE failed")
NO_PACE_KNOWN = Said("the chip offers only PACE of a kind not known here")
"""Why PACE was not used, as the evidence records it."""


def open_chip(
    request: Request, manner: Manner, files: dict[str, bytes], random_bytes: RandomBytes
) -> Flow[tuple[AccessRecord, Channel]]:
    """The record of the access protocol and the channel it gave, with the eMRTD application selected in it.

    Puts EF.CardAccess into `files` when the chip gives it, and sets `manner` to what fits a protected answer.
    Raises AccessDeniedError for a wrong password, UnsupportedError when password and chip have no protocol in common.
    """
    yield Phase(EF_CARD_ACCESS.name)
    found_by = yield from _read_card_access(manner, files)
    offered = _offered(files.get(EF_CARD_ACCESS.name))
    info, fallback = _choose(request, offered)
    if info is not None:
        try:
            channel = yield from _by_pace(info, offered or (), request, random_bytes)
        except (CardError, AccessDeniedError) as error:
            if not (request.allow_bac and request.password.kind is PasswordKind.MRZ):
                raise
            fallback = f"{PACE_FAILED} ({type(error).__name__})"
            yield Reset()  # a failed PACE leaves some chips in a state in which BAC fails too
        else:
            _fit(manner, channel, request)
            found_by = found_by or "known"
            record = AccessRecord("PACE", request.password.kind.value, info.protocol, info.parameter_id, found_by)
            return record, channel
    channel = yield from _by_bac(request, random_bytes)
    _fit(manner, channel, request)
    return AccessRecord("BAC", request.password.kind.value, card_access=found_by, fallback=fallback), channel


def _choose(request: Request, offered: tuple[PACEInfo, ...] | None) -> tuple[PACEInfo | None, str]:
    """(the PACEInfo to use, or None for BAC; why an offered PACE is not used)."""
    by_mrz = request.password.kind is PasswordKind.MRZ
    if offered is None:
        return (None, "") if by_mrz else (CCCD_PACE_INFO, "")
    info = preferred(offered)
    if info is None and not by_mrz:
        raise UnsupportedError("the chip offers no PACE that this program knows; try the MRZ, which opens BAC")
    return info, NO_PACE_KNOWN if offered and info is None else ""


def _offered(card_access: bytes | None) -> tuple[PACEInfo, ...] | None:
    """What EF.CardAccess offers, or None when it could not be read at all."""
    try:
        return None if card_access is None else parse_card_access(card_access).pace
    except CccdError:
        return ()  # EF.CardAccess is not signed; a broken one is compared with EF.DG14 by the verification


def _by_pace(
    info: PACEInfo, offered: tuple[PACEInfo, ...], request: Request, random_bytes: RandomBytes
) -> Flow[Channel]:
    yield Phase("PACE")
    channel = yield from pace(info, request.password, random_bytes, offered=offered)
    command = select_application(EMRTD_AID)
    (yield from channel.secure(one(command))).expect_ok(command)
    return channel


def _by_bac(request: Request, random_bytes: RandomBytes) -> Flow[Channel]:
    if request.password.kind is not PasswordKind.MRZ:
        raise UnsupportedError("BAC needs the data of the MRZ: document number, birth date, expiry date")
    yield Phase("BAC")
    command = select_application(EMRTD_AID)
    (yield command).expect_ok(command)
    return (yield from basic_access_control(request.password, random_bytes))


def _fit(manner: Manner, channel: Channel, request: Request) -> None:
    """Sets the block sizes to the most plain bytes whose protected answer still fits."""
    manner.short_block = channel.max_plain(SHORT_MAX_NE)
    extended = manner.block > SHORT_MAX_NE
    channel.extended = extended
    manner.block = channel.max_plain(request.max_response) if extended else manner.short_block


def _read_card_access(manner: Manner, files: dict[str, bytes]) -> Flow[str]:
    """How EF.CardAccess was found: "sfi", "ef", "mf", or "" when it was not (CCCDs answer 6D00 to SELECT MF).

    Being in the clear, this first read is also where an extended length can be tried without a session to lose.
    """
    trial = Manner(block=manner.block)
    content = yield from _try_to_read(trial)
    how = "sfi" if trial.by_sfi else "ef"
    if content is None:
        yield select_master_file()  # whatever it answers: some chips refuse the MF and yet are in it
        trial, how = Manner(block=manner.block, by_sfi=False), "mf"
        content = yield from _try_to_read(trial)
    if content is None:
        return ""
    manner.block = trial.block
    files[EF_CARD_ACCESS.name] = content
    return how


def _try_to_read(manner: Manner) -> Flow[bytes | None]:
    try:
        return (yield from read_file(EF_CARD_ACCESS, manner))
    except CardError:
        return None


def one(command: CommandAPDU) -> Flow[ResponseAPDU]:
    """The smallest flow: one command, its answer."""
    return (yield command)
