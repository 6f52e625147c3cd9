"""EF.COM: versions, and the data groups that are said to be there; unsigned (ICAO 9303-10, 8th ed., §4.6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import EF_COM, data_group, data_group_of_tag
from cccd_nfc.sentences import Said

_LDS_VERSION, _UNICODE_VERSION, _TAG_LIST = 0x5F01, 0x5F36, 0x5C


@dataclass(frozen=True, slots=True)
class CommonData:
    """lds_version: "0107".  unicode_version: "040000".  tags: as listed, in the order of the file."""

    lds_version: str
    unicode_version: str
    tags: tuple[int, ...]

    @property
    def data_groups(self) -> tuple[int, ...]:
        """Numbers of the listed data groups; tags that mean none are left out (some chips list up to DG19)."""
        return tuple(number for tag in self.tags if (number := data_group_of_tag(tag)) is not None)


def parse_com(raw: bytes) -> CommonData:
    """What EF.COM says; EncodingError for anything else."""
    objects = tlv.parse_one(raw, tag=EF_COM.tag, name=EF_COM.name).children()
    tags = tlv.require(objects, _TAG_LIST, name=EF_COM.name).value
    return CommonData(_digits(objects, _LDS_VERSION), _digits(objects, _UNICODE_VERSION), tuple(tags))


def _digits(objects: tuple[tlv.DataObject, ...], tag: int) -> str:
    value = tlv.require(objects, tag, name=EF_COM.name).value
    if not value.isdigit():
        raise EncodingError(
            Said("{file}: the version in {tag} is not made of digits", file=EF_COM.name, tag=f"{tag:04X}")
        )
    return value.decode("ascii")


def encode_com(numbers: Sequence[int], *, lds_version: str = "0107", unicode_version: str = "040000") -> bytes:
    """EF.COM that lists the data groups `numbers` in that order; 26 bytes for six of them."""
    return tlv.encode(
        EF_COM.tag,
        tlv.encode(_LDS_VERSION, lds_version.encode()),
        tlv.encode(_UNICODE_VERSION, unicode_version.encode()),
        tlv.encode(_TAG_LIST, bytes(data_group(number).tag for number in numbers)),
    )
