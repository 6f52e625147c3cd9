"""EF.SOD and the LDSSecurityObject inside its signature (ICAO 9303-10, 8th ed., §4.6.2, Appendix D)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from asn1crypto import algos, core

from cccd_nfc.crypto.signatures import HASH_OIDS, hash_name_of
from cccd_nfc.errors import EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import EF_SOD

LDS_SECURITY_OBJECT = "2.23.136.1.1.1"

_MAX_DATA_GROUP = 16


@dataclass(frozen=True, slots=True)
class LDSSecurityObject:
    """The signed hashes.

    version: 0, or 1 with LDS 1.8, which then states lds_version and unicode_version.  hashes: number -> digest.
    repeated: data groups that stand in the list more than once, with whatever digests.
    """

    version: int
    hash_name: str
    hashes: Mapping[int, bytes]
    lds_version: str = ""
    unicode_version: str = ""
    repeated: tuple[int, ...] = ()


class _DataGroupHash(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [("number", core.Integer), ("value", core.OctetString)]


class _DataGroupHashes(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _DataGroupHash


class _LDSVersionInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("lds_version", core.PrintableString), ("unicode_version", core.PrintableString)]


class _LDSSecurityObject(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("hash_algorithm", algos.DigestAlgorithm),
        ("hashes", _DataGroupHashes),
        ("version_info", _LDSVersionInfo, {"optional": True}),
    ]


def unwrap_sod(raw: bytes) -> bytes:
    """The CMS ContentInfo inside EF.SOD."""
    return tlv.parse_one(raw, tag=EF_SOD.tag, name=EF_SOD.name).value


def wrap_sod(content_info: bytes) -> bytes:
    return tlv.encode(EF_SOD.tag, content_info)


def parse_lds_security_object(der: bytes) -> LDSSecurityObject:
    """The signed list of hashes; EncodingError for broken bytes, UnsupportedError for an unknown digest algorithm."""
    try:
        parsed = _LDSSecurityObject.load(der, strict=True)
        rows = [(int(row["number"].native), bytes(row["value"].native)) for row in parsed["hashes"]]
        version, info = int(parsed["version"].native), parsed["version_info"]
        oid = str(parsed["hash_algorithm"]["algorithm"].dotted)
        versions = (str(info["lds_version"].native), str(info["unicode_version"].native)) if info else ("", "")
    except (ValueError, TypeError, KeyError) as error:
        raise EncodingError("EF.SOD: the signed content is no LDSSecurityObject") from error
    # China lists groups beyond 16; there is no file to compare such a hash with.
    rows = [(number, value) for number, value in rows if 1 <= number <= _MAX_DATA_GROUP]
    numbers = [number for number, _ in rows]
    repeated = tuple(sorted({number for number in numbers if numbers.count(number) > 1}))
    return LDSSecurityObject(version, hash_name_of(oid), dict(rows), *versions, repeated)


def encode_lds_security_object(content: LDSSecurityObject) -> bytes:
    """The DER of `content`; the digest algorithm carries NULL parameters, as on the cards."""
    oid = next(oid for oid, name in HASH_OIDS.items() if name == content.hash_name)
    fields = {
        "version": content.version,
        "hash_algorithm": {"algorithm": oid, "parameters": core.Null()},
        "hashes": [{"number": number, "value": value} for number, value in content.hashes.items()],
    }
    if content.version:
        fields["version_info"] = {"lds_version": content.lds_version, "unicode_version": content.unicode_version}
    return bytes(_LDSSecurityObject(fields).dump())
