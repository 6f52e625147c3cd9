"""SecurityInfos: what EF.CardAccess and EF.DG14 say of the protocols and keys of the chip (ICAO 9303-11 §9.2, 8th ed.).

The SET is walked by object identifier, never by position: the PACEInfo is the third of three on the CCCD and one of
seven elsewhere. Values are read from their exact bytes; a key id is a byte string, not a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from asn1crypto import core

from cccd_nfc.crypto.public_keys import PublicKey, encode_subject_public_key_info, parse_subject_public_key_info
from cccd_nfc.errors import EncodingError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.lds.files import EF_CARD_ACCESS, data_group
from cccd_nfc.sentences import Said

ID_PACE = "0.4.0.127.0.7.2.2.4."
ID_CA = "0.4.0.127.0.7.2.2.3."
ID_PK = "0.4.0.127.0.7.2.2.1."
ID_TA = "0.4.0.127.0.7.2.2.2"
ID_AA = "2.23.136.1.1.5"

_SET, _SEQUENCE, _INTEGER, _OID = 0x31, 0x30, 0x02, 0x06
_WRAPPERS = (0x42, 0x62)  # application class tags that some chips put around the SET
_MAX_INFOS = 64


@dataclass(frozen=True, slots=True)
class PACEInfo:
    """protocol: dotted OID.  parameter_id: of 9303-11 table 12, or None when the chip leaves it out."""

    protocol: str
    version: int
    parameter_id: int | None


@dataclass(frozen=True, slots=True)
class ChipAuthenticationInfo:
    """key_id: the value bytes of its INTEGER, empty when the chip has one key only."""

    protocol: str
    version: int
    key_id: bytes = b""


@dataclass(frozen=True, slots=True)
class ChipAuthenticationPublicKeyInfo:
    """public_key: None when it is of a kind that is not known; subject_public_key_info keeps its bytes."""

    protocol: str
    public_key: PublicKey | None
    key_id: bytes = b""
    subject_public_key_info: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ActiveAuthenticationInfo:
    """signature_algorithm: dotted OID; only chips that sign by ECDSA need to state it."""

    version: int
    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class SecurityInfos:
    raw: bytes = field(repr=False)
    pace: tuple[PACEInfo, ...] = ()
    chip_authentication: tuple[ChipAuthenticationInfo, ...] = ()
    chip_authentication_public_keys: tuple[ChipAuthenticationPublicKeyInfo, ...] = ()
    active_authentication: ActiveAuthenticationInfo | None = None
    terminal_authentication: bool = False
    unknown: tuple[str, ...] = ()


def parse_card_access(raw: bytes) -> SecurityInfos:
    """The SecurityInfos of EF.CardAccess, which nobody signed."""
    return parse_security_infos(raw, name=EF_CARD_ACCESS.name)


def parse_dg14(raw: bytes) -> SecurityInfos:
    file = data_group(14)
    return parse_security_infos(tlv.parse_one(raw, tag=file.tag, name=file.name).value, name=file.name)


def parse_security_infos(raw: bytes, *, name: str) -> SecurityInfos:
    """Every SecurityInfo of the SET `raw`, unknown ones by their OID; EncodingError for broken bytes."""
    outer = tlv.parse_one(raw, name=name)
    if outer.tag in _WRAPPERS:
        outer = tlv.parse_one(outer.value, name=name)
    if outer.tag not in (_SET, _SEQUENCE):
        raise EncodingError(Said("{name}: tag {tag} where a SET is expected", name=name, tag=f"{outer.tag:02X}"))
    rows = [_split(info, name) for info in outer.children()[:_MAX_INFOS]]
    active = [_active_authentication(oid, rest, name) for oid, rest in rows if oid == ID_AA]
    return SecurityInfos(
        raw=raw,
        pace=tuple(_pace(oid, rest, name) for oid, rest in rows if _is_pace_info(oid)),
        chip_authentication=tuple(_chip_authentication(oid, rest, name) for oid, rest in rows if _is_ca_info(oid)),
        chip_authentication_public_keys=tuple(_public_key(o, rest, name) for o, rest in rows if o.startswith(ID_PK)),
        active_authentication=active[0] if active else None,
        terminal_authentication=any(oid == ID_TA or oid.startswith(ID_TA + ".") for oid, _ in rows),
        unknown=tuple(oid for oid, _ in rows if not _is_known(oid)),
    )


def _is_pace_info(oid: str) -> bool:
    """Mapping and cipher (two more numbers) make a PACEInfo; without the cipher it is a PACEDomainParameterInfo."""
    return oid.startswith(ID_PACE) and oid.removeprefix(ID_PACE).count(".") == 1


def _is_ca_info(oid: str) -> bool:
    """Agreement and cipher likewise; without the cipher it is a ChipAuthenticationDomainParameterInfo of EAC 2."""
    return oid.startswith(ID_CA) and oid.removeprefix(ID_CA).count(".") == 1


def _is_known(oid: str) -> bool:
    return _is_pace_info(oid) or _is_ca_info(oid) or oid.startswith((ID_PK, ID_TA)) or oid == ID_AA


def _split(info: tlv.DataObject, name: str) -> tuple[str, tuple[tlv.DataObject, ...]]:
    parts = info.children() if info.tag == _SEQUENCE else ()
    if not parts or parts[0].tag != _OID:
        raise EncodingError(Said("{name}: an element that is no SecurityInfo", name=name))
    try:
        return str(core.ObjectIdentifier.load(parts[0].raw).dotted), parts[1:]
    except (ValueError, TypeError) as error:
        raise EncodingError(Said("{name}: a broken object identifier", name=name)) from error


def _small_integer(parts: tuple[tlv.DataObject, ...], index: int, name: str) -> int:
    if index >= len(parts) or parts[index].tag != _INTEGER or not 1 <= len(parts[index].value) <= 4:
        raise EncodingError(Said("{name}: a SecurityInfo without its number", name=name))
    return int.from_bytes(parts[index].value, "big", signed=True)


def _pace(oid: str, rest: tuple[tlv.DataObject, ...], name: str) -> PACEInfo:
    return PACEInfo(oid, _small_integer(rest, 0, name), _small_integer(rest, 1, name) if len(rest) > 1 else None)


def _chip_authentication(oid: str, rest: tuple[tlv.DataObject, ...], name: str) -> ChipAuthenticationInfo:
    return ChipAuthenticationInfo(oid, _small_integer(rest, 0, name), _key_id(rest, 1))


def _public_key(oid: str, rest: tuple[tlv.DataObject, ...], name: str) -> ChipAuthenticationPublicKeyInfo:
    if not rest or rest[0].tag != _SEQUENCE:
        raise EncodingError(Said("{name}: a ChipAuthenticationPublicKeyInfo without a key", name=name))
    try:
        key = parse_subject_public_key_info(rest[0].raw)
    except UnsupportedError:
        key = None
    return ChipAuthenticationPublicKeyInfo(oid, key, _key_id(rest, 1), rest[0].raw)


def _active_authentication(oid: str, rest: tuple[tlv.DataObject, ...], name: str) -> ActiveAuthenticationInfo:
    if len(rest) < 2 or rest[1].tag != _OID:
        raise EncodingError(Said("{name}: an ActiveAuthenticationInfo without its algorithm", name=name))
    algorithm = str(core.ObjectIdentifier.load(rest[1].raw).dotted)
    return ActiveAuthenticationInfo(_small_integer(rest, 0, name), algorithm)


def _key_id(rest: tuple[tlv.DataObject, ...], index: int) -> bytes:
    return rest[index].value if index < len(rest) and rest[index].tag == _INTEGER else b""


# --- encoders -------------------------------------------------------------------------------------------------------


def encode_security_infos(infos: Iterable[bytes]) -> bytes:
    """The SET of `infos`, in the order given: chips do not sort theirs."""
    return tlv.encode(_SET, *infos)


def encode_dg14(infos: Iterable[bytes]) -> bytes:
    return tlv.encode(data_group(14).tag, encode_security_infos(infos))


def encode_pace_info(info: PACEInfo) -> bytes:
    numbers = [info.version] if info.parameter_id is None else [info.version, info.parameter_id]
    return _encode(info.protocol, *(_integer(number) for number in numbers))


def encode_chip_authentication_info(info: ChipAuthenticationInfo) -> bytes:
    key_id = [tlv.encode(_INTEGER, info.key_id)] if info.key_id else []
    return _encode(info.protocol, _integer(info.version), *key_id)


def encode_chip_authentication_public_key_info(protocol: str, key: PublicKey, key_id: bytes = b"") -> bytes:
    """With explicit domain parameters, as every CCCD has them."""
    encoded = encode_subject_public_key_info(key, explicit_parameters=True)
    return _encode(protocol, encoded, *([tlv.encode(_INTEGER, key_id)] if key_id else []))


def encode_terminal_authentication_info() -> bytes:
    return _encode(ID_TA, _integer(1))


def encode_active_authentication_info(signature_algorithm: str) -> bytes:
    return _encode(ID_AA, _integer(1), bytes(core.ObjectIdentifier(signature_algorithm).dump()))


def _encode(oid: str, *parts: bytes) -> bytes:
    return tlv.encode(_SEQUENCE, bytes(core.ObjectIdentifier(oid).dump()), *parts)


def _integer(number: int) -> bytes:
    return bytes(core.Integer(number).dump())
