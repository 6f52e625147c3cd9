"""EF.DG15: the public key of Active Authentication (ICAO 9303-10, 8th ed., §4.7.15)."""

from __future__ import annotations

from cccd_nfc.crypto.public_keys import PublicKey, encode_subject_public_key_info, parse_subject_public_key_info
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import data_group


def parse_dg15(raw: bytes) -> PublicKey:
    """The key; EncodingError for broken bytes, UnsupportedError for a kind that is not known."""
    file = data_group(15)
    return parse_subject_public_key_info(tlv.parse_one(raw, tag=file.tag, name=file.name).value)


def encode_dg15(key: PublicKey, *, explicit_parameters: bool = False) -> bytes:
    spki = encode_subject_public_key_info(key, explicit_parameters=explicit_parameters)
    return tlv.encode(data_group(15).tag, spki)
