"""A receipt in QR codes: all that is needed to check it without the registry and without a network.

The compact JWS is taken apart: its header is always the same and stays out, payload and signature go in as bytes, the
payload deflated with a dictionary of the words that every receipt has. What comes out is written in base45 (RFC 9285),
whose letters a QR code holds in its alphanumeric mode at 8.25 bits a byte. A receipt fills one to three codes, and each
says which of how many it is, since few scanners join codes by themselves.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterable

import segno

from cccd_nfc.errors import EncodingError
from cccd_nfc.registry.receipts import RECEIPT_TYPE
from cccd_nfc.registry.signed import ALGORITHM
from cccd_nfc.sentences import Said

PART_BYTES = 480
"""At most, in one code. With its frame that is 731 letters: version 17 at level M, 85 modules, 0.43 mm each on 40 mm
with the quiet zone. A receipt of a small registry is one code, one of a log of a million entries three.
"""

MOST_PARTS = 9
_SIGNATURE_BYTES = 64
_MOST_PAYLOAD_BYTES = 1 << 16
_HEADER = f'{{"alg":"{ALGORITHM}","typ":"{RECEIPT_TYPE}"}}'.encode()
_PART = re.compile(r"CCCDR1:([1-9])/([1-9]):([0-9A-Z $%*+\-./:]*)\.")
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_WORDS = (
    b'"device_label":"","device_row":"DS-07","profile":"law-26-2023","clause":"Law 26/2023 Art. 34(1)(a)","actor":"'
    b'OWNER"law":"Decree 69/2024 Art. 14(1)","grounds":"OWNER_REQUEST","ground":"act":"account-locked","act":"device-'
    b'unlinked{"account":"*****","act":"device-bound","audit":{"entry":"{\\"account\\":\\"","\\"act\\":\\"device-bound\\",'
    b'\\"channel\\":\\"desk\\",\\"device\\":\\"\\",\\"previous\\":\\"\\",\\"replaced\\":\\"\\",\\"row\\":\\"DS-03\\",'
    b'\\"seq\\":,\\"time\\":17}","path":["","","root":"","size":},"device":"","grade":"B","replaced":"","time":"2026-'
    b'T00:00:00+00:00","transaction":"'
)
"""The dictionary of version 1. It never changes: papers that were printed with it could not be read any more."""


def qr_texts(token: str) -> tuple[str, ...]:
    """What the QR codes of a receipt say, in order; EncodingError when the token is no receipt, or too large."""
    packed = _packed(token)
    count = -(-len(packed) // PART_BYTES)
    if count > MOST_PARTS:
        raise EncodingError("the receipt is too large for QR codes")
    each = -(-len(packed) // count)  # all of the same size: none is finer than it need be
    parts = [packed[start : start + each] for start in range(0, len(packed), each)]
    return tuple(f"CCCDR1:{number}/{len(parts)}:{_to_base45(part)}." for number, part in enumerate(parts, 1))


def receipt_in(texts: Iterable[str]) -> str:
    """The receipt, a compact JWS, from what a scanner typed: one line a code, in any order, some of them twice.

    Raises EncodingError for lines that are no receipt's, or that do not belong together or are not all there. What
    it gives is not verified.
    """
    found: dict[int, str] = {}
    totals = set()
    for line in texts:
        if not line.strip():
            continue
        part = _PART.fullmatch(line.strip())
        if part is None or found.setdefault(int(part[1]), part[3]) != part[3]:
            raise EncodingError("a line that is no QR code of this receipt")
        totals.add(int(part[2]))
    if len(totals) != 1 or max(found) > max(totals):
        raise EncodingError("QR codes of different receipts, or none")
    missing = sorted(set(range(1, totals.pop() + 1)) - set(found))
    if missing:
        raise EncodingError(Said("QR codes of the receipt are missing: {which}", which=", ".join(map(str, missing))))
    return _unpacked(b"".join(_from_base45(found[number]) for number in sorted(found)))


def modules_of(text: str) -> tuple[tuple[bool, ...], ...]:
    """The QR code of a text at level M, row by row, without its quiet zone; True is dark."""
    code = segno.make_qr(text, error="m", boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


# --- parts ------------------------------------------------------------------------------------------------------------


def _packed(token: str) -> bytes:
    """64 bytes of signature, then the payload, deflated."""
    try:
        header, payload, signature = (_from_base64url(part) for part in token.strip().split("."))
    except ValueError as error:
        raise EncodingError("not a receipt") from error
    if header != _HEADER or len(signature) != _SIGNATURE_BYTES:
        raise EncodingError("not a receipt")
    deflating = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _WORDS)
    return signature + deflating.compress(payload) + deflating.flush()


def _unpacked(packed: bytes) -> str:
    signature, deflated = packed[:_SIGNATURE_BYTES], packed[_SIGNATURE_BYTES:]
    inflating = zlib.decompressobj(-15, _WORDS)
    try:
        payload = inflating.decompress(deflated, _MOST_PAYLOAD_BYTES)
    except zlib.error as error:
        raise EncodingError("the QR codes hold no receipt") from error
    if not inflating.eof or inflating.unused_data:
        raise EncodingError("the QR codes hold no receipt")
    return ".".join(_to_base64url(part) for part in (_HEADER, payload, signature))


def _from_base64url(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _to_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _to_base45(content: bytes) -> str:
    """RFC 9285 §4: two bytes are three letters, the least significant first; a last single byte is two."""
    letters = []
    for start in range(0, len(content), 2):
        pair = content[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, digit = divmod(value, 45)
            letters.append(_BASE45[digit])
    return "".join(letters)


def _from_base45(text: str) -> bytes:
    content = b""
    for start in range(0, len(text), 3):
        letters = text[start : start + 3]
        value = sum(_BASE45.index(letter) * 45**power for power, letter in enumerate(letters))
        if len(letters) == 1 or value >= 1 << 8 * (len(letters) - 1):
            raise EncodingError("the QR codes hold no receipt")
        content += value.to_bytes(len(letters) - 1, "big")
    return content
