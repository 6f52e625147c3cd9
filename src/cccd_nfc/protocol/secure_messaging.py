"""Secure messaging, the terminal's side (ICAO 9303-11 §9.8, 8th ed.): a flow goes in, a protected flow comes out.

No response is believed before its MAC. Whatever is wrong with one ends the session: the counters of the two sides are
out of step from then on, and going on would only invite guessing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cccd_nfc.crypto.ciphers import MAC_SIZE, CipherSuite, pad, unpad
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.errors import CccdError, EncodingError, SecureMessagingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import EXTENDED_MAX_NE, SHORT_MAX_NC, SHORT_MAX_NE, CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, Reset, Step, through
from cccd_nfc.sentences import Said

T = TypeVar("T")

DO_PLAIN_ODD, DO_CRYPTOGRAM, DO_NE, DO_SW, DO_MAC = 0x85, 0x87, 0x97, 0x99, 0x8E
_CONTENT_INDICATOR = b"\x01"
_CLA_SECURED = 0x0C


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """KS_Enc and KS_MAC, each of the suite's key length."""

    suite: CipherSuite
    ks_enc: bytes = field(repr=False)
    ks_mac: bytes = field(repr=False)

    @classmethod
    def derive(cls, shared_secret: bytes, suite: CipherSuite) -> SessionKeys:
        """KDF(K, 1) and KDF(K, 2) of the shared secret K (§9.7.4)."""
        return cls(suite, derive_key(shared_secret, Counter.ENC, suite), derive_key(shared_secret, Counter.MAC, suite))


@dataclass(slots=True)
class Channel:
    """One session: its keys and its send sequence counter, which starts as given (§9.8.2; one block of the cipher).

    ended: set by whatever puts the two sides out of step; nothing can be sent or believed afterwards.
    answers_verified: responses whose MAC was right, which is what proves that the chip has the keys.
    extended: whether the chip takes extended length; without it long answers come in pieces (61xx).
    """

    keys: SessionKeys
    ssc: int = 0
    answers_verified: int = 0
    ended: bool = False
    extended: bool = True

    def secure(self, flow: Flow[T]) -> Flow[T]:
        """`flow` with its commands protected and the responses unprotected; notices go through as they are."""
        return (yield from through(flow, self._exchange))

    def _exchange(self, step: Step) -> Flow[ResponseAPDU]:
        if not isinstance(step, CommandAPDU):
            self.ended = self.ended or isinstance(step, Reset)
            return (yield step)
        protected = self.protect(step)
        try:
            response = yield protected
        except CccdError:
            self.ended = True  # whether the chip has counted this command cannot be known
            raise
        return self.unprotect(response, step)

    def protect(self, command: CommandAPDU) -> CommandAPDU:
        """The protected command: DO'87' (or '85'), DO'97', DO'8E' as far as they apply (§9.8.4, Figure 5)."""
        self._must_live(command.name)
        self._count()
        header = bytes((command.cla | _CLA_SECURED, command.ins, command.p1, command.p2))
        body = self._cryptogram(command) + _expected_length(command)
        # Without data objects the header is all that is MACed, and gets no second block of padding.
        mac = self._mac(pad(header, self.keys.suite.block_size) + body if body else header)
        data = body + tlv.encode(DO_MAC, mac)
        return replace(command, cla=header[0], data=data, ne=self._outer_ne(command, len(data)))

    def unprotect(self, response: ResponseAPDU, command: CommandAPDU | None = None) -> ResponseAPDU:
        """The plain response: MAC first, then the status word in DO'99', then the cryptogram (§9.8.4, Figure 6).

        Raises SecureMessagingError, after which the session has ended, for everything that is not as it must be.
        """
        name = command.name if command else "response"
        self._must_live(name)
        try:
            return self._open(response, name)
        except EncodingError as error:
            self.ended = True
            template = "{command}: a protected answer that is malformed ({reason})"
            raise SecureMessagingError(Said(template, command=name, reason=error)) from error
        except SecureMessagingError:
            self.ended = True
            raise

    def _must_live(self, name: str) -> None:
        if self.ended:
            raise SecureMessagingError(Said("{command}: the session with the chip has ended", command=name))

    def _open(self, response: ResponseAPDU, name: str) -> ResponseAPDU:
        if not response.data:
            template = "{command}: the chip ended the session ({sw})"
            raise SecureMessagingError(Said(template, command=name, sw=f"{response.sw:04X}"))
        self._count()
        objects = tlv.parse_all(response.data, name=name)
        mac = tlv.require(objects, DO_MAC, name=name)
        signed = b"".join(each.raw for each in objects[:-1])
        if objects[-1] is not mac or not hmac.compare_digest(self._mac(signed), mac.value):
            raise SecureMessagingError(Said("{command}: the answer's MAC is wrong", command=name))
        sw = tlv.require(objects, DO_SW, name=name).value
        if sw != response.sw.to_bytes(2, "big"):
            raise SecureMessagingError(
                Said("{command}: the status word outside is not the protected one", command=name)
            )
        self.answers_verified += 1
        return ResponseAPDU(self._decrypt(objects), response.sw)

    def _decrypt(self, objects: tuple[tlv.DataObject, ...]) -> bytes:
        suite = self.keys.suite
        found = tlv.find(objects, DO_CRYPTOGRAM)
        if found is not None:
            if found.value[:1] != _CONTENT_INDICATOR:
                raise EncodingError("an unknown padding indicator")
            return unpad(suite.decrypt(self.keys.ks_enc, found.value[1:], self._iv()))
        odd = tlv.find(objects, DO_PLAIN_ODD)
        return unpad(suite.decrypt(self.keys.ks_enc, odd.value, self._iv())) if odd else b""

    def _cryptogram(self, command: CommandAPDU) -> bytes:
        if not command.data:
            return b""
        suite = self.keys.suite
        encrypted = suite.encrypt(self.keys.ks_enc, pad(command.data, suite.block_size), self._iv())
        if command.ins & 1:
            return tlv.encode(DO_PLAIN_ODD, encrypted)
        return tlv.encode(DO_CRYPTOGRAM, _CONTENT_INDICATOR + encrypted)

    def _iv(self) -> bytes:
        """Zeros for 3DES; for AES the encrypted counter, fresh for every message (§9.8.7.1)."""
        suite = self.keys.suite
        if suite is CipherSuite.DES3:
            return bytes(suite.block_size)
        return suite.encrypt_block(self.keys.ks_enc, self._counter())

    def _counter(self) -> bytes:
        return self.ssc.to_bytes(self.keys.suite.block_size, "big")

    def _count(self) -> None:
        self.ssc = (self.ssc + 1) % (1 << 8 * self.keys.suite.block_size)

    def _mac(self, data: bytes) -> bytes:
        """8 bytes over SSC || data, padded to whole blocks; the retail MAC of 3DES pads by itself."""
        content = self._counter() + data
        suite = self.keys.suite
        return suite.mac(self.keys.ks_mac, content if suite is CipherSuite.DES3 else pad(content, suite.block_size))

    def _outer_ne(self, command: CommandAPDU, data_length: int) -> int:
        """Room for the protected answer: 256 while both directions are short, else as long as it can get.

        Chosen per command, and short wherever that suffices: there are chips that refuse what is longer than needed.
        """
        longest = self._protected_length(command.expected or command.ne)
        if data_length <= SHORT_MAX_NC and (longest <= SHORT_MAX_NE or not self.extended):
            return SHORT_MAX_NE
        return min(max(longest, SHORT_MAX_NE), EXTENDED_MAX_NE)

    def _protected_length(self, plain: int) -> int:
        """Bytes of the response data field that carries `plain` bytes."""
        rest = len(tlv.encode(DO_SW, bytes(2))) + len(tlv.encode(DO_MAC, bytes(MAC_SIZE)))
        if not plain:
            return rest
        padded = plain + 1 + -(plain + 1) % self.keys.suite.block_size
        return rest + len(tlv.encode(DO_CRYPTOGRAM, bytes(1 + padded)))

    def max_plain(self, wire_length: int) -> int:
        """The most plain bytes whose protected response data field has at most `wire_length` bytes: 223 (AES) or 231
        (3DES) in 256, 2,015 (AES) in 2,048."""
        plain = wire_length
        while plain and self._protected_length(plain) > wire_length:
            plain -= 1
        return plain


def _expected_length(command: CommandAPDU) -> bytes:
    if not command.ne:
        return b""
    size = 1 if command.ne <= SHORT_MAX_NE and command.nc <= SHORT_MAX_NC else 2
    return tlv.encode(DO_NE, (command.ne % (1 << 8 * size)).to_bytes(size, "big"))
