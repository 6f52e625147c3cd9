"""EF.DG2: the face, as ISO/IEC 19794-5 records in CBEFF templates (ICAO 9303-10, 8th ed., §4.7.2).

The lengths inside the record are wrong on real documents by a byte or eight, and its width and height by far; so the
image is found by its own magic, ends where the record or the data object ends, and tells its size itself.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Literal

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import data_group
from cccd_nfc.sentences import Said

ImageFormat = Literal["jpeg", "jp2", "j2k"]

_GROUP_TEMPLATE, _TEMPLATE, _COUNT = 0x7F61, 0x7F60, 0x02
_HEADER_TEMPLATE, _DATA_BLOCKS = 0xA1, (0x5F2E, 0x7F2E)
_MAGIC: tuple[tuple[bytes, ImageFormat], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "j2k"),
)
_MAX_IMAGES = 8
_FACIAL_HEADER = struct.Struct(">4s4sIH")  # "FAC\0", "010\0", length of record, number of faces
_FACIAL_INFORMATION = struct.Struct(">IH14s")  # block length, feature points, then what nobody states
_IMAGE_INFORMATION = struct.Struct(">BBHHBBHH")  # types, width, height, colour, source, device, quality


@dataclass(frozen=True, slots=True)
class FaceImage:
    """format: by the image's own magic.  data: the image file as stored."""

    format: ImageFormat
    data: bytes = field(repr=False)


def parse_dg2(raw: bytes) -> tuple[FaceImage, ...]:
    """The images of the face, at least one; EncodingError when none can be found."""
    file = data_group(2)
    outer = tlv.parse_one(raw, tag=file.tag, name=file.name)
    group = tlv.require(outer.children(), _GROUP_TEMPLATE, name=file.name)
    templates = [each for each in group.children() if each.tag == _TEMPLATE][:_MAX_IMAGES]
    blocks = [_data_block(template) for template in templates]
    images = tuple(image for block in blocks if (image := _image(block)) is not None)
    if not images:
        raise EncodingError(Said("{file}: no image in a format that is known", file=file.name))
    return images


def _data_block(template: tlv.DataObject) -> bytes:
    for each in template.children():
        if each.tag in _DATA_BLOCKS:
            return each.value
    raise EncodingError("EF.DG2: a biometric template without its data")


def _image(block: bytes) -> FaceImage | None:
    found = sorted((at, form) for magic, form in _MAGIC if (at := block.find(magic)) >= 0)
    return FaceImage(found[0][1], block[found[0][0] :]) if found else None


def encode_dg2(image: bytes, *, width: int, height: int) -> bytes:
    """EF.DG2 with one JPEG, its CBEFF header as on the CCCD (A1 with version, type, owner 0101 and format 0008)."""
    block = _FACIAL_INFORMATION.size + _IMAGE_INFORMATION.size + len(image)
    body = _FACIAL_INFORMATION.pack(block, 0, bytes(14)) + _IMAGE_INFORMATION.pack(1, 0, width, height, 0, 0, 0, 0)
    body += image
    record = _FACIAL_HEADER.pack(b"FAC\0", b"010\0", _FACIAL_HEADER.size + len(body), 1) + body
    header = tlv.encode(
        _HEADER_TEMPLATE,
        tlv.encode(0x81, b"\x02"),
        tlv.encode(0x82, b"\x00"),
        tlv.encode(0x87, b"\x01\x01"),
        tlv.encode(0x88, b"\x00\x08"),
    )
    template = tlv.encode(_TEMPLATE, header, tlv.encode(_DATA_BLOCKS[0], record))
    group = tlv.encode(_GROUP_TEMPLATE, tlv.encode(_COUNT, b"\x01"), template)
    return tlv.encode(data_group(2).tag, group)
