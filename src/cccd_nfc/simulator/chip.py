"""A chip that speaks the card's side: files, access control, secure messaging, proofs (ICAO 9303-10, 9303-11).

Whatever bytes come in, an answer with a status word goes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from cccd_nfc.errors import CccdError
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.lds.files import EF_CARD_ACCESS, EMRTD_AID, data_group
from cccd_nfc.lds.security_infos import SecurityInfos, parse_card_access, parse_dg14
from cccd_nfc.simulator.access import PACERun, Passwords, bac_session, start_pace
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.files import FileSystem
from cccd_nfc.simulator.proofs import (
    ChipAuthenticationRun,
    agree_by_template,
    check_keys,
    named_protocol,
    sign_challenge,
)
from cccd_nfc.simulator.secure_messaging import BadProtection, ChipSession
from cccd_nfc.simulator.status import Refusal

OK = 0x9000
_MORE_DATA, _GET_RESPONSE = 0x61, 0xC0
_EXTERNAL_AUTHENTICATE, _GENERAL_AUTHENTICATE = 0x82, 0x86
_UNKNOWN_CLASS, _CHAINED, _SECURED, _CHANNEL = 0xE0, 0x10, 0x0C, 0x03
_NONCE = 8
_LONGEST_RESPONSE = 65_533  # what vpcd's two bytes of length can say of it and its status word


class Chip:
    """One card in the field. `transmit` answers a command; `reset` is the loss of the field.

    Raises EncodingError when the card's secrets or private keys are none.
    """

    def __init__(self, card: CardData, random_bytes: RandomBytes = os.urandom) -> None:
        self.card = card
        self.random_bytes = random_bytes
        check_keys(card.keys)
        self._passwords = Passwords.of(card.secrets)
        self._card_access = _infos(card, EF_CARD_ACCESS.name, parse_card_access)
        self._infos = _infos(card, data_group(14).name, parse_dg14)
        self.reset()

    @property
    def atr(self) -> bytes:
        return self.card.behaviour.atr

    def reset(self) -> None:
        """Forgets everything: selection, session, protocols under way."""
        self.files = FileSystem(self.card.files)
        self.session: ChipSession | None = None
        self._next_session: ChipSession | None = None
        self._waiting = b""
        self._final_sw = OK
        self._interrupt(0)

    def _interrupt(self, ins: int) -> None:
        """Gives up what is under way, unless `ins` is what goes on with it."""
        if ins != _GENERAL_AUTHENTICATE:
            self._run: PACERun | ChipAuthenticationRun | None = None
        if ins != _EXTERNAL_AUTHENTICATE:
            self._rnd_ic = b""

    def transmit(self, raw: bytes) -> bytes:
        """The response to any bytes."""
        try:
            command = CommandAPDU.parse(raw)
            self._check_form(command, raw)
        except (CccdError, Refusal) as error:
            return self._out_of_order(error.sw if isinstance(error, Refusal) else 0x6700).encode()
        if command.ins == _GET_RESPONSE and command.cla == 0 and self._waiting:
            return self._hand_out(self._waiting, command.ne or SHORT_MAX_NE)
        self._waiting = b""
        response = self._protected(command) if command.cla & _SECURED else self._plain(command)
        return self._within_ne(response, command)

    def _check_form(self, command: CommandAPDU, raw: bytes) -> None:
        is_extended = len(raw) > 5 and raw[4] == 0  # by its form, however little it asks for
        if is_extended and not self.card.behaviour.extended_length:
            raise Refusal(0x6700)
        if command.cla & _UNKNOWN_CLASS:
            raise Refusal(0x6E00)
        if command.cla & _CHANNEL:
            raise Refusal(0x6881)
        if command.cla & _SECURED not in (0, _SECURED):
            raise Refusal(0x6882)
        if command.cla & _CHAINED and command.ins != _GENERAL_AUTHENTICATE:
            raise Refusal(0x6884)

    def _plain(self, command: CommandAPDU) -> ResponseAPDU:
        self.session = None  # a command in the clear ends the session
        return self._succeeded(self._execute(command))

    def _protected(self, command: CommandAPDU) -> ResponseAPDU:
        session = self.session
        if session is None:
            return self._out_of_order(0x6988)
        try:
            response = session.seal(self._execute(session.open(command)))
        except BadProtection as wrong:
            return self._out_of_order(wrong.sw)
        return self._succeeded(response)

    def _out_of_order(self, sw: int) -> ResponseAPDU:
        """`sw`, in the clear, and the end of the session and of whatever is under way."""
        self.session, self._waiting = None, b""
        self._interrupt(0)
        return ResponseAPDU(b"", sw)

    def _succeeded(self, response: ResponseAPDU) -> ResponseAPDU:
        """`response`, after which the session that its command has opened begins: it is itself outside of that."""
        if self._next_session is not None:
            self.session, self._next_session = self._next_session, None
        return response

    def _execute(self, command: CommandAPDU) -> ResponseAPDU:
        self._interrupt(command.ins)
        try:
            return ResponseAPDU(self._handler(command)(command), OK)
        except Refusal as refusal:
            return ResponseAPDU(b"", refusal.sw)
        except CccdError:  # what this card's own files and keys do not allow
            return ResponseAPDU(b"", 0x6F00)

    def _handler(self, command: CommandAPDU) -> Callable[[CommandAPDU], bytes]:
        handlers: dict[int, Callable[[CommandAPDU], bytes]] = {
            0xA4: self._select,
            0xB0: self._read_binary,
            0xB1: self._read_binary_odd,
            0x84: self._get_challenge,
            _EXTERNAL_AUTHENTICATE: self._external_authenticate,
            0x22: self._manage_security_environment,
            _GENERAL_AUTHENTICATE: self._general_authenticate,
            0x88: self._internal_authenticate,
        }
        if command.ins == _GET_RESPONSE:
            raise Refusal(0x6985)
        if command.ins not in handlers:
            raise Refusal(0x6D00)
        return handlers[command.ins]

    # --- files ------------------------------------------------------------------------------------------------------

    def _select(self, command: CommandAPDU) -> bytes:
        if (command.p1, command.data) == (0x04, EMRTD_AID):
            self.files.select_application()
        elif command.p1 == 0x00 and command.data in (b"", b"\x3f\x00"):
            if self.card.behaviour.select_mf_sw != OK:
                raise Refusal(self.card.behaviour.select_mf_sw)
            self.files.select_master_file()
        elif command.p1 == 0x02 and len(command.data) == 2:
            self.files.select_file(int.from_bytes(command.data, "big"), has_access=self.session is not None)
        else:
            raise Refusal(0x6A82 if command.p1 in (0x00, 0x02, 0x04) else 0x6A86)
        return b""

    def _read_binary(self, command: CommandAPDU) -> bytes:
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            self.files.select_short(command.p1 & 0x1F, has_access=self.session is not None)
            offset = command.p2
        return self.files.read(offset, self._room(command), has_access=self.session is not None)

    def _read_binary_odd(self, command: CommandAPDU) -> bytes:
        """P1-P2 is 0 for the current file, or a short identifier."""
        if command.p1:
            raise Refusal(0x6A86)
        if command.p2:
            self.files.select_short(command.p2, has_access=self.session is not None)
        return self.files.read_object(command.data, self._room(command), has_access=self.session is not None)

    def _room(self, command: CommandAPDU) -> int:
        """The most plain bytes that this command wants and the chip's answer can carry."""
        longest = min(self.card.behaviour.max_response, _LONGEST_RESPONSE)
        room = min(command.ne, self.session.room(longest) if self.session else longest)
        if room <= 0:
            raise Refusal(0x6700)
        return room

    # --- access control ---------------------------------------------------------------------------------------------

    def _get_challenge(self, command: CommandAPDU) -> bytes:
        if not self.card.behaviour.bac or not self.files.in_application or self.session:
            raise Refusal(0x6985)
        if command.ne < _NONCE:
            raise Refusal(0x6C00 | _NONCE if command.ne else 0x6700)
        self._rnd_ic = self.random_bytes(_NONCE)
        return self._rnd_ic

    def _external_authenticate(self, command: CommandAPDU) -> bytes:
        if not self._rnd_ic or self.session:
            raise Refusal(0x6985)
        rnd_ic, self._rnd_ic = self._rnd_ic, b""
        answer, self._next_session = bac_session(self._passwords, rnd_ic, command.data, self.random_bytes)
        return answer

    def _manage_security_environment(self, command: CommandAPDU) -> bytes:
        purpose = (command.p1, command.p2)
        if purpose == (0xC1, 0xA4):
            self._set_pace(command)
        elif purpose in ((0x41, 0xA4), (0x41, 0xA6)):
            self._set_chip_authentication(command)
        else:
            raise Refusal(0x6A86)
        return b""

    def _set_pace(self, command: CommandAPDU) -> None:
        if self.session:
            raise Refusal(0x6985)
        if not self.card.behaviour.pace or self._card_access is None:
            raise Refusal(0x6A88)
        self._run = start_pace(self._card_access.pace, self._passwords, command.data, self.random_bytes)

    def _general_authenticate(self, command: CommandAPDU) -> bytes:
        run, self._run = self._run, None  # whatever is refused ends it
        if run is None:
            raise Refusal(0x6985)
        answer = run.step(command.data, last=not command.cla & _CHAINED)
        if run.session is None:
            self._run = run
        self._next_session = run.session
        return answer

    # --- proofs -----------------------------------------------------------------------------------------------------

    def _internal_authenticate(self, command: CommandAPDU) -> bytes:
        name = data_group(15).name
        if self.session is None:
            raise Refusal(0x6982)
        if name not in self.card.files:
            raise Refusal(0x6A88)
        size = parse_dg15(self.card.files[name]).size
        return sign_challenge(self.card.keys.active_authentication, command.data, size, self.random_bytes)

    def _set_chip_authentication(self, command: CommandAPDU) -> None:
        if self.session is None:
            raise Refusal(0x6982)
        if self._infos is None:
            raise Refusal(0x6A88)
        key = self.card.keys.chip_authentication
        if command.p2 == 0xA4:
            self._run = ChipAuthenticationRun(named_protocol(self._infos, command.data), key, self.random_bytes)
        else:
            self._next_session = agree_by_template(self._infos, key, command.data, self.random_bytes)

    # --- answers longer than the terminal can take ------------------------------------------------------------------

    def _within_ne(self, response: ResponseAPDU, command: CommandAPDU) -> bytes:
        ne = command.ne or SHORT_MAX_NE  # some terminals, and T=0, leave Le out
        if len(response.data) <= ne:
            return response.encode()
        self._final_sw = response.sw
        return self._hand_out(response.data, ne)

    def _hand_out(self, data: bytes, ne: int) -> bytes:
        part, self._waiting = data[:ne], data[ne:]
        if not self._waiting:
            return part + _sw(self._final_sw)
        return part + bytes((_MORE_DATA, len(self._waiting) if len(self._waiting) < SHORT_MAX_NE else 0))


def _sw(sw: int) -> bytes:
    return sw.to_bytes(2, "big")


def _infos(card: CardData, name: str, parse: Callable[[bytes], SecurityInfos]) -> SecurityInfos | None:
    try:
        return parse(card.files[name]) if name in card.files else None
    except CccdError:
        return None
