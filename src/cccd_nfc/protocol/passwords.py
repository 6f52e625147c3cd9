"""The passwords that open a chip, and the key seeds made from them (ICAO 9303-11 §9.7.2, §9.7.3, 8th ed.)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.lds.mrz import mrz_information, parse_mrz
from cccd_nfc.sentences import sentence_of


class PasswordKind(StrEnum):
    MRZ = "mrz"
    CAN = "can"
    PIN = "pin"
    PUK = "puk"

    @property
    def reference(self) -> int:
        """The number of the password in DO'83' of MSE:Set AT."""
        return {"mrz": 1, "can": 2, "pin": 3, "puk": 4}[self.value]


@dataclass(frozen=True, slots=True)
class Password:
    """A password and its kind. secret: the MRZ information with check digits, or the digits; it does not print.

    The makers raise UsageError, which never repeats what was typed.
    """

    kind: PasswordKind
    secret: bytes = field(repr=False)

    @classmethod
    def mrz(cls, document_number: str, birth_date: str, expiry_date: str) -> Password:
        """From the three fields, dates as YYMMDD."""
        if not document_number.strip(" <"):
            raise UsageError("the document number is missing")
        return cls(PasswordKind.MRZ, mrz_information(document_number, birth_date, expiry_date).encode("ascii"))

    @classmethod
    def from_mrz(cls, text: str) -> Password:
        """From all lines of a TD1, TD2 or TD3 MRZ."""
        try:
            found = parse_mrz(text)
        except EncodingError as error:
            raise UsageError(sentence_of(error)) from error
        return cls.mrz(found.document_number, found.birth_date, found.expiry_date)

    @classmethod
    def can(cls, digits: str) -> Password:
        """Card Access Number: six digits on a CCCD, up to 16 characters elsewhere."""
        if not re.fullmatch(r"[0-9]{6,16}", digits):
            raise UsageError("a CAN has six digits; on a CCCD the last six of the number on the card")
        return cls(PasswordKind.CAN, digits.encode("ascii"))

    @classmethod
    def from_number(cls, number: str) -> Password:
        """The CAN of a CCCD from its 12-digit number, of which it is the last six."""
        if not re.fullmatch(r"[0-9]{12}", number.replace(" ", "")):
            raise UsageError("the number on the card has 12 digits")
        return cls.can(number.replace(" ", "")[-6:])

    @classmethod
    def pin(cls, text: str) -> Password:
        return cls(PasswordKind.PIN, _plain(text))

    @classmethod
    def puk(cls, text: str) -> Password:
        return cls(PasswordKind.PUK, _plain(text))

    def bac_key_seed(self) -> bytes:
        """K_seed of BAC, 16 bytes: the first half of SHA-1 over the MRZ information."""
        if self.kind is not PasswordKind.MRZ:
            raise UsageError("BAC needs the data of the MRZ")
        return hashlib.sha1(self.secret).digest()[:16]

    def pace_key_seed(self) -> bytes:
        """f(pi), of which K_pi is derived: SHA-1 over the MRZ information (20 bytes), or the characters as they are."""
        return hashlib.sha1(self.secret).digest() if self.kind is PasswordKind.MRZ else self.secret


def _plain(text: str) -> bytes:
    if not re.fullmatch(r"[\x21-\x7e]{4,32}", text):
        raise UsageError("a PIN or PUK has 4 to 32 printable characters")
    return text.encode("latin-1")
