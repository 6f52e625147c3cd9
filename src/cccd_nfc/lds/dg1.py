"""EF.DG1: the machine readable zone (ICAO 9303-10, 8th ed., §4.7.1)."""

from __future__ import annotations

from collections.abc import Sequence

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import data_group
from cccd_nfc.lds.mrz import MRZ, parse_mrz

_MRZ_TAG = 0x5F1F
_SHORTEST = 72


def parse_dg1(raw: bytes) -> MRZ:
    value = _mrz(raw)
    if not value.isascii():
        raise EncodingError("EF.DG1: characters that no MRZ has")
    return parse_mrz(value.decode("ascii"))


def encode_dg1(lines: Sequence[str]) -> bytes:
    """95 bytes for a TD1, 93 for a TD3."""
    return tlv.encode(data_group(1).tag, tlv.encode(_MRZ_TAG, "".join(lines).encode("ascii")))


def _mrz(raw: bytes) -> bytes:
    """The bytes of the MRZ. The shape that all issuers write is taken apart here, any other by the general reader."""
    if raw[:1] == b"\x61" and raw[2:4] == b"\x5f\x1f" and len(raw) == raw[1] + 2 == raw[4] + 5 < 0x80:
        return raw[5:]
    file = data_group(1)
    objects = tlv.parse_one(raw, tag=file.tag, name=file.name).children()
    return tlv.require(objects, _MRZ_TAG, name=file.name).value


def document_of(raw: bytes) -> tuple[str, str]:
    """(document code, issuing state) as the MRZ begins with them in all its formats, without fillers."""
    value = _mrz(raw)
    if len(value) < _SHORTEST or not value.isascii():
        raise EncodingError("EF.DG1: no MRZ")
    return value[0:2].decode().rstrip("<"), value[2:5].decode().rstrip("<")
