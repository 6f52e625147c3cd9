"""A chip that speaks the card's side: files, access control, secure messaging, proofs (ICAO 9303-10, 9303-11).

Whatever bytes come in, an answer with a status word goes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from cccd_nfc.errors import CccdError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import RandomBytes
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.lds.files import EF_CARD_ACCESS, EMRTD_AID, data_group
from cccd_nfc.lds.security_infos import SecurityInfos, parse_card_access, parse_dg14
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, CAProtocol
from cccd_nfc.simulator.access import PACERun, bac_session, start_pace
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.files import FileSystem
from cccd_nfc.simulator.proofs import agree, named_protocol, sign_challenge
from cccd_nfc.simulator.secure_messaging import BadProtection, ChipSession
from cccd_nfc.simulator.status import Refusal

OK = 0x9000
_MORE_DATA, _GET_RESPONSE = 0x61, 0xC0
_CHAINED, _SECURED = 0x10, 0x0C


class Chip:
    """One card in the field. `transmit` answers a command; `reset` is the loss of the field."""

    def __init__(self, card: CardData, random_bytes: RandomBytes = os.urandom) -> None:
        self.card = card
        self.random_bytes = random_bytes
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
        self._rnd_ic = b""
        self._pace: PACERun | None = None
        self._ca: CAProtocol | None = None
        self._chained = b""
        self._waiting = b""
        self._final_sw = OK

    def transmit(self, raw: bytes) -> bytes:
        """The response to any bytes."""
        try:
            command = CommandAPDU.parse(raw)
        except CccdError:
            return _sw(0x6700)
        if command.is_extended and not self.card.behaviour.extended_length:
            self.session = None
            return _sw(0x6700)
        if command.ins == _GET_RESPONSE and self._waiting:
            return self._hand_out(self._waiting, command.ne)
        self._waiting = b""
        response = self._protected(command) if command.cla & _SECURED == _SECURED else self._plain(command)
        return self._within_ne(response, command)

    def _plain(self, command: CommandAPDU) -> ResponseAPDU:
        self.session = None  # a command in the clear ends the session
        return self._execute(command)

    def _protected(self, command: CommandAPDU) -> ResponseAPDU:
        session = self.session
        if session is None:
            return ResponseAPDU(b"", 0x6988)
        try:
            response = session.seal(self._execute(session.open(command)))
        except BadProtection as wrong:
            self.session = None
            return ResponseAPDU(b"", wrong.sw)
        if self._next_session is not None:  # Chip Authentication: its own answer is still under the old keys
            self.session, self._next_session = self._next_session, None
        return response

    def _execute(self, command: CommandAPDU) -> ResponseAPDU:
        try:
            return ResponseAPDU(self._handler(command)(command), OK)
        except Refusal as refusal:
            return ResponseAPDU(b"", refusal.sw)

    def _handler(self, command: CommandAPDU) -> Callable[[CommandAPDU], bytes]:
        handlers: dict[int, Callable[[CommandAPDU], bytes]] = {
            0xA4: self._select,
            0xB0: self._read_binary,
            0xB1: self._read_binary_odd,
            0x84: self._get_challenge,
            0x82: self._external_authenticate,
            0x22: self._manage_security_environment,
            0x86: self._general_authenticate,
            0x88: self._internal_authenticate,
        }
        if command.cla & 0xE0:
            raise Refusal(0x6E00)
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
        try:
            offset = int.from_bytes(tlv.parse_one(command.data, tag=0x54).value, "big")
        except CccdError as error:
            raise Refusal(0x6A80) from error
        room = self._room(command) - 8
        return tlv.encode(0x53, self.files.read(offset, room, has_access=self.session is not None))

    def _room(self, command: CommandAPDU) -> int:
        """The most plain bytes that this command wants and the chip's answer can carry."""
        longest = self.card.behaviour.max_response
        longest = self.session.room(longest) if self.session else longest
        if command.ne == 0:
            raise Refusal(0x6700)
        return min(command.ne, longest)

    # --- access control ---------------------------------------------------------------------------------------------

    def _get_challenge(self, command: CommandAPDU) -> bytes:
        if not self.card.behaviour.bac or not self.files.in_application:
            raise Refusal(0x6985)
        self._rnd_ic = self.random_bytes(8)
        return self._rnd_ic

    def _external_authenticate(self, command: CommandAPDU) -> bytes:
        if not self._rnd_ic:
            raise Refusal(0x6985)
        rnd_ic, self._rnd_ic = self._rnd_ic, b""
        answer, self.session = bac_session(self.card.secrets, rnd_ic, command.data, self.random_bytes)
        return answer

    def _manage_security_environment(self, command: CommandAPDU) -> bytes:
        if (command.p1, command.p2) == (0xC1, 0xA4) and self.card.behaviour.pace and self._card_access:
            self._pace = start_pace(self._card_access.pace, self.card.secrets, command.data, self.random_bytes)
        elif (command.p1, command.p2) == (0x41, 0xA4) and self.session and self._infos:
            self._ca, self._chained = named_protocol(self._infos, command.data), b""
        elif (command.p1, command.p2) == (0x41, 0xA6) and self.session and self._infos:
            self._key_agreement_template(command)
        else:
            raise Refusal(0x6A88)
        return b""

    def _general_authenticate(self, command: CommandAPDU) -> bytes:
        if self._pace is not None:
            return self._pace_step(command)
        if self._ca is None:
            raise Refusal(0x6985)
        self._chained += command.data
        if command.cla & _CHAINED:
            return b""
        return self._agree_on_keys()

    def _pace_step(self, command: CommandAPDU) -> bytes:
        run = self._pace
        assert run is not None
        try:
            answer = run.step(command.data)
        except Refusal:
            self._pace = None
            raise
        if not command.cla & _CHAINED:
            self._pace, self.session = None, run.session
        return answer

    # --- proofs -----------------------------------------------------------------------------------------------------

    def _internal_authenticate(self, command: CommandAPDU) -> bytes:
        name = data_group(15).name
        if self.session is None or name not in self.card.files:
            raise Refusal(0x6982)
        size = parse_dg15(self.card.files[name]).size
        return sign_challenge(self.card.keys.active_authentication, command.data, size, self.random_bytes)

    def _key_agreement_template(self, command: CommandAPDU) -> None:
        """MSE:Set KAT: the whole of Chip Authentication with 3DES."""
        assert self._infos is not None
        protocol = next((p for p in _protocols(self._infos) if p.oid.endswith(".1")), None)
        try:
            key = {each.tag: each.value for each in tlv.parse_all(command.data)}.get(0x91)
        except CccdError as error:
            raise Refusal(0x6A80) from error
        if protocol is None or key is None:
            raise Refusal(0x6A80)
        self._next_session = agree(self.card.keys.chip_authentication, key, protocol, self.random_bytes)

    def _agree_on_keys(self) -> bytes:
        protocol, self._ca = self._ca, None
        assert protocol is not None
        try:
            key = tlv.require(tlv.parse_one(self._chained, tag=0x7C).children(), 0x80, name="key").value
        except CccdError as error:
            raise Refusal(0x6A80) from error
        self._next_session = agree(self.card.keys.chip_authentication, key, protocol, self.random_bytes)
        return tlv.encode(0x7C)

    # --- answers longer than the terminal can take ------------------------------------------------------------------

    def _within_ne(self, response: ResponseAPDU, command: CommandAPDU) -> bytes:
        if len(response.data) <= max(command.ne, SHORT_MAX_NE if not command.is_extended else 0):
            return response.encode()
        self._final_sw = response.sw
        return self._hand_out(response.data, command.ne or SHORT_MAX_NE)

    def _hand_out(self, data: bytes, ne: int) -> bytes:
        part, self._waiting = data[:ne], data[ne:]
        if not self._waiting:
            return part + _sw(self._final_sw)
        return part + bytes((_MORE_DATA, len(self._waiting) if len(self._waiting) < SHORT_MAX_NE else 0))


def _sw(sw: int) -> bytes:
    return sw.to_bytes(2, "big")


def _protocols(infos: SecurityInfos) -> list[CAProtocol]:
    return [CA_PROTOCOLS[info.protocol] for info in infos.chip_authentication if info.protocol in CA_PROTOCOLS]


def _infos(card: CardData, name: str, parse: Callable[[bytes], SecurityInfos]) -> SecurityInfos | None:
    try:
        return parse(card.files[name]) if name in card.files else None
    except CccdError:
        return None
