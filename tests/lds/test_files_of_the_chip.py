"""The elementary files, byte for byte where the card's bytes are known, and safe against any bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.curves import curve_by_name
from cccd_nfc.crypto.public_keys import ECPublicKey, RSAPublicKey
from cccd_nfc.errors import CccdError, EncodingError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.lds.com import encode_com, parse_com
from cccd_nfc.lds.dg1 import encode_dg1, parse_dg1
from cccd_nfc.lds.dg2 import encode_dg2, parse_dg2
from cccd_nfc.lds.dg15 import encode_dg15, parse_dg15
from cccd_nfc.lds.security_infos import (
    ChipAuthenticationInfo,
    PACEInfo,
    encode_chip_authentication_info,
    encode_chip_authentication_public_key_info,
    encode_dg14,
    encode_pace_info,
    encode_security_infos,
    encode_terminal_authentication_info,
    parse_card_access,
    parse_dg14,
)
from cccd_nfc.lds.sod import (
    LDSSecurityObject,
    encode_lds_security_object,
    parse_lds_security_object,
    unwrap_sod,
    wrap_sod,
)

PACE = PACEInfo("0.4.0.127.0.7.2.2.4.2.2", 2, 13)
CA = ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.2", 1)
CARD_ACCESS = bytes.fromhex(
    "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F0007020204020202010202010D"
)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)


def security_infos() -> list[bytes]:
    return [encode_terminal_authentication_info(), encode_chip_authentication_info(CA), encode_pace_info(PACE)]


def test_card_access_has_the_54_bytes_of_the_cccd() -> None:
    assert encode_security_infos(security_infos()) == CARD_ACCESS
    parsed = parse_card_access(CARD_ACCESS)
    assert parsed.pace == (PACE,)
    assert parsed.chip_authentication == (CA,)
    assert parsed.terminal_authentication
    assert parsed.unknown == ()


def test_dg14_of_the_cccd_is_386_bytes_and_keeps_its_key() -> None:
    key = ECPublicKey(curve_by_name("brainpoolP256r1").generator * 5)
    raw = encode_dg14([*security_infos(), encode_chip_authentication_public_key_info("0.4.0.127.0.7.2.2.1.2", key)])
    assert len(raw) == 386
    (info,) = parse_dg14(raw).chip_authentication_public_keys
    assert (info.public_key, info.key_id) == (key, b"")


def test_key_ids_are_byte_strings_of_any_width() -> None:
    info = ChipAuthenticationInfo("0.4.0.127.0.7.2.2.3.2.4", 1, b"\x00\x00\x81")
    assert parse_card_access(encode_security_infos([encode_chip_authentication_info(info)])).chip_authentication == (
        info,
    )


@pytest.mark.parametrize("wrapped", [tlv.encode(0x42, CARD_ACCESS), b"\x30" + CARD_ACCESS[1:]])
def test_wrappers_seen_in_the_field_are_read_through(wrapped: bytes) -> None:
    assert parse_card_access(wrapped).pace == (PACE,)


@pytest.mark.parametrize("oid", ["0.4.0.127.0.7.2.2.3.2", "0.4.0.127.0.7.2.2.4.2"])
def test_domain_parameters_of_an_eid_are_no_protocol_and_sink_nothing(oid: str) -> None:
    """ChipAuthenticationDomainParameterInfo and that of PACE: an algorithm where the protocols have their version."""
    algorithm = tlv.encode(0x30, encode_oid("0.4.0.127.0.7.1.2"), b"\x02\x01\x0d")
    domain = tlv.encode(0x30, encode_oid(oid), algorithm, b"\x02\x01\x41")
    parsed = parse_card_access(encode_security_infos([*security_infos(), domain]))
    assert (parsed.pace, parsed.chip_authentication, parsed.unknown) == ((PACE,), (CA,), (oid,))


def test_com_of_the_cccd_is_known_byte_for_byte() -> None:
    raw = encode_com([1, 2, 3, 13, 15, 14])
    assert raw.hex().upper() == "60185F0104303130375F36063034303030305C066175636D6F6E"
    assert parse_com(raw).data_groups == (1, 2, 3, 13, 15, 14)


def test_dg1_is_95_bytes_for_a_card() -> None:
    lines = ("IDVNM0990000017001099000001<<8", "9902015M2402011VNM<<<<<<<<<<<8", "NGUYEN<<VAN<MAU<<<<<<<<<<<<<<<")
    raw = encode_dg1(lines)
    assert len(raw) == 95
    assert parse_dg1(raw).lines == lines


def test_the_portrait_is_found_whatever_the_record_says_of_its_length() -> None:
    raw = encode_dg2(JPEG, width=480, height=400)
    assert parse_dg2(raw)[0].data == JPEG
    lying = raw.replace((14 + 32 + len(JPEG)).to_bytes(4, "big"), (7).to_bytes(4, "big"), 1)
    assert lying != raw
    assert parse_dg2(lying)[0].data == JPEG


@pytest.mark.parametrize(
    ("magic", "form"),
    [(b"\xff\xd8\xff\xdb", "jpeg"), (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"), (b"\xff\x4f\xff\x51", "j2k")],
)
def test_images_of_each_format_are_told_by_their_magic(magic: bytes, form: str) -> None:
    assert parse_dg2(encode_dg2(magic + bytes(50), width=1, height=1))[0].format == form


def test_a_dg2_without_an_image_is_an_error() -> None:
    with pytest.raises(EncodingError, match="no image"):
        parse_dg2(encode_dg2(bytes(60), width=1, height=1))


def test_keys_of_active_authentication_survive() -> None:
    rsa = RSAPublicKey((1 << 2047) + 9, 65537)
    assert len(encode_dg15(rsa)) == 298
    for key in (rsa, ECPublicKey(curve_by_name("secp256r1").generator)):
        assert parse_dg15(encode_dg15(key)) == key


hashes = st.dictionaries(st.integers(1, 16), st.binary(min_size=32, max_size=32), min_size=1)


@given(hashes, st.sampled_from([0, 1]))
def test_the_signed_hashes_survive(values: dict[int, bytes], version: int) -> None:
    versions = ("0108", "060000") if version else ("", "")
    content = LDSSecurityObject(version, "sha256", values, *versions)
    assert parse_lds_security_object(encode_lds_security_object(content)) == content


def test_the_cccds_lds_security_object_is_258_bytes() -> None:
    content = LDSSecurityObject(0, "sha256", dict.fromkeys((1, 2, 3, 13, 14, 15), bytes(32)))
    assert len(encode_lds_security_object(content)) == 258


def test_sod_is_unwrapped_as_it_was_wrapped() -> None:
    assert unwrap_sod(wrap_sod(b"\x30\x00")) == b"\x30\x00"


PARSERS = [
    parse_card_access,
    parse_com,
    parse_dg1,
    parse_dg2,
    parse_dg14,
    parse_dg15,
    parse_lds_security_object,
    unwrap_sod,
]
SAMPLES = [
    CARD_ACCESS,
    encode_com([1, 2]),
    encode_dg1(["A" * 90]),
    encode_dg2(JPEG, width=1, height=1),
    encode_dg14(
        [
            encode_chip_authentication_public_key_info(
                "0.4.0.127.0.7.2.2.1.2", ECPublicKey(curve_by_name("secp256r1").generator)
            )
        ]
    ),
    encode_dg15(RSAPublicKey((1 << 1023) + 9, 3)),
    encode_lds_security_object(LDSSecurityObject(1, "sha1", {1: bytes(20)}, "0108", "060000")),
    wrap_sod(b"\x30\x00"),
]


@pytest.mark.parametrize(("parse", "sample"), list(zip(PARSERS, SAMPLES, strict=True)))
@given(data=st.data())
def test_any_damage_ends_in_a_value_or_an_error_of_ours(
    parse: Callable[[bytes], Any], sample: bytes, data: st.DataObject
) -> None:
    raw = bytearray(sample)
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    for candidate in (bytes(raw), damaged, data.draw(st.binary(max_size=80))):
        try:
            parse(candidate)
        except CccdError:
            continue


@pytest.mark.realdata
def test_the_specimen_data_sets_of_the_bsi_parse(realdata: Path) -> None:
    reference, older = realdata / "sod" / "bsi_tr03105-5_reference", realdata / "sod" / "bsi_2008"
    assert parse_dg1((reference / "Datagroup1.bin").read_bytes()).problems == ()
    assert parse_dg1((older / "EF_DG1.bin").read_bytes()).issuer == "D"
    assert parse_dg2((reference / "Datagroup2.bin").read_bytes())
    assert parse_dg15((reference / "Datagroup15.bin").read_bytes()).size == 128
    for path in (reference / "Datagroup14.bin", older / "EF_DG14.bin"):
        assert parse_dg14(path.read_bytes()).chip_authentication_public_keys[0].public_key is not None
    for path in (reference / "EF_COM.bin", older / "EF_COM.bin"):
        assert 1 in parse_com(path.read_bytes()).data_groups
