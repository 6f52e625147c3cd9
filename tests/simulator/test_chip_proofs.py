"""The chip's proofs that it is no copy, and what a clone makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cccd_nfc.crypto.curves import curve_by_parameter_id
from cccd_nfc.errors import EncodingError, SignatureError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU
from cccd_nfc.iso7816.flow import run
from cccd_nfc.iso7816.oid import encode_oid, oid_value
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.lds.security_infos import (
    ChipAuthenticationInfo,
    encode_chip_authentication_info,
    encode_dg14,
    parse_dg14,
)
from cccd_nfc.protocol.active_authentication import active_authentication, verify_active_authentication
from cccd_nfc.protocol.chip_authentication import chip_authentication
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS
from cccd_nfc.simulator.card import CardData, ChipKeys
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import Choices, personalise
from cccd_nfc.simulator.proofs import agree
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.status import Refusal
from conftest import load_vector
from simulator_support import SELECT_APPLICATION, TODAY, Terminal, card_of

ROWS = [row for row in load_vector("ca_v1_derived")["vectors"] if (row["parameter_id"] or 0) >= 8]
ECDH = [oid for oid, protocol in CA_PROTOCOLS.items() if protocol.agreement == "ECDH"]
DES3, AES128 = ECDH[:2]
CHALLENGE = bytes(range(8))
INTERNAL_AUTHENTICATE = f"0088000008{CHALLENGE.hex()}00"
READ_COM = "00B09E0000"
POINT = curve_by_parameter_id(13).generator.encode()
GENERAL_AUTHENTICATE = CommandAPDU(0, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x80, POINT)), ne=256)


def set_at(oid: str, key_id: bytes | None = None) -> CommandAPDU:
    reference = b"" if key_id is None else tlv.encode(0x84, key_id)
    return CommandAPDU(0, 0x22, 0x41, 0xA4, tlv.encode(0x80, oid_value(oid)) + reference)


def set_kat(key: bytes) -> CommandAPDU:
    return CommandAPDU(0, 0x22, 0x41, 0xA6, tlv.encode(0x91, key))


def pkcs8(row: dict[str, Any]) -> bytes:
    curve = curve_by_parameter_id(row["parameter_id"])
    private = tlv.encode(
        0x30, b"\x02\x01\x01", tlv.encode(0x04, bytes.fromhex(row["ic_priv"]).rjust(curve.order_size, b"\0"))
    )
    algorithm = tlv.encode(0x30, encode_oid("1.2.840.10045.2.1"), encode_oid(curve.oid))
    return tlv.encode(0x30, b"\x02\x01\x00", algorithm, tlv.encode(0x04, private))


def card_with(**choices: Any) -> CardData:
    return personalise("cccd-2021", seed=1, today=TODAY, choices=Choices(**choices))


# --- Chip Authentication ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['oid'][-1]}-{row['parameter_id']}-{row['ic_pub'][:8]}")
def test_the_keys_are_those_of_the_row(row: dict[str, Any]) -> None:
    session = agree(pkcs8(row), bytes.fromhex(row["ifd_eph_pub"]), CA_PROTOCOLS[row["oid"]], SeededBytes(1))
    assert session.ks_enc.hex().upper() == row["ks_enc"]
    assert session.ks_mac.hex().upper() == row["ks_mac"]
    assert session.ssc == 0


@pytest.mark.parametrize("oid", ECDH)
@pytest.mark.parametrize("opening", [Terminal.open_by_can, Terminal.open_by_mrz])
def test_the_new_keys_hold_from_the_next_command_on(oid: str, opening: Callable[[Terminal], Terminal]) -> None:
    terminal = opening(Terminal(card_with(ca_protocol=oid, aa=None)))
    assert terminal.channel is not None
    infos = parse_dg14(terminal.card.files["EF.DG14"])
    record, terminal.channel = run(chip_authentication(infos, terminal.channel, terminal.random), terminal)
    assert record.sw == 0x9000
    for _ in range(3):
        assert terminal.ask_protected(READ_COM).data == terminal.card.files["EF.COM"]


def test_a_long_key_may_come_in_a_chain() -> None:
    terminal = Terminal(card_with(ca_curve="secp521r1", aa=None)).open_by_can()
    infos = parse_dg14(terminal.card.files["EF.DG14"])
    assert terminal.ask_protected(set_at(AES128)).is_ok
    point = infos.chip_authentication_public_keys[0].public_key.point.encode()  # type: ignore[union-attr]
    data = tlv.encode(0x7C, tlv.encode(0x80, point))
    assert terminal.ask_protected(CommandAPDU(0x10, 0x86, 0, 0, data[:50])).sw == 0x9000
    assert terminal.ask_protected(CommandAPDU(0x10, 0x86, 0, 0, data[50:90])).sw == 0x9000
    answer = terminal.ask_protected(CommandAPDU(0x00, 0x86, 0, 0, data[90:], ne=256))
    assert (answer.data, answer.sw) == (b"\x7c\x00", 0x9000)


def test_a_chain_without_an_end_is_given_up() -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(set_at(AES128)).is_ok
    answers = [terminal.ask_protected(CommandAPDU(0x10, 0x86, 0, 0, bytes(200))).sw for _ in range(20)]
    assert answers[0] == 0x9000
    assert 0x6700 in answers
    assert terminal.ask_protected(READ_COM).is_ok


@pytest.mark.parametrize(
    ("commands", "sw"),
    [
        ([GENERAL_AUTHENTICATE], 0x6985),
        ([set_at(AES128), CommandAPDU(0, 0xB0, 0x9E, 0, ne=8), GENERAL_AUTHENTICATE], 0x6985),
        ([set_at(ECDH[2])], 0x6A80),
        ([set_at("0.4.0.127.0.7.2.2.3.1.2")], 0x6A80),
        ([set_at("1.2.3")], 0x6A80),
        ([CommandAPDU(0, 0x22, 0x41, 0xA4, b"\x80\x05\x01")], 0x6A80),
        ([set_at(AES128, b"\x07")], 0x6A88),
        ([set_kat(POINT)], 0x6A80),
        ([set_at(AES128), CommandAPDU(0, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x80, POINT[:-1])), ne=256)], 0x6A80),
        ([set_at(AES128), CommandAPDU(0, 0x86, 0, 0, tlv.encode(0x7C), ne=256)], 0x6A80),
        ([set_at(AES128), CommandAPDU(0, 0x86, 0, 0, b"\x7c\x05\x80", ne=256)], 0x6A80),
        ([CommandAPDU(0, 0x22, 0x81, 0xB6, b"\x83\x01\x01")], 0x6A86),
    ],
    ids=lambda value: f"{value:04X}" if isinstance(value, int) else "",
)
def test_what_is_wrong_is_refused_and_the_old_session_lives_on(commands: list[CommandAPDU], sw: int) -> None:
    terminal = Terminal().open_by_can()
    assert [terminal.ask_protected(command).sw for command in commands][-1] == sw
    assert terminal.ask_protected(READ_COM).data == terminal.card.files["EF.COM"]


def test_a_wrong_key_by_kat_is_refused_and_the_old_session_lives_on() -> None:
    terminal = Terminal(card_with(ca_protocol=DES3, aa=None)).open_by_can()
    for data in (b"", b"\x91", tlv.encode(0x91, POINT[:-1]), tlv.encode(0x91, b""), tlv.encode(0x84, b"\x01")):
        assert terminal.ask_protected(CommandAPDU(0, 0x22, 0x41, 0xA6, data)).sw == 0x6A80
    assert terminal.ask_protected(READ_COM).is_ok
    assert terminal.ask_protected(set_kat(POINT)).is_ok


def test_a_chip_whose_dg14_names_no_protocol_means_3des() -> None:
    card = card_with(ca_protocol=DES3, aa=None)
    named = encode_chip_authentication_info(ChipAuthenticationInfo(DES3, 1))
    content = tlv.parse_one(tlv.parse_one(card.files["EF.DG14"]).value).value
    assert named in content
    unnamed = encode_dg14([content.replace(named, b"")])
    terminal = Terminal(replace(card, files={**card.files, "EF.DG14": unnamed})).open_by_can()
    assert terminal.channel is not None
    _, terminal.channel = run(chip_authentication(parse_dg14(unnamed), terminal.channel, terminal.random), terminal)
    assert terminal.ask_protected(READ_COM).is_ok


def test_without_a_session_there_is_no_chip_authentication() -> None:
    assert Terminal().sw(SELECT_APPLICATION, set_at(AES128).encode().hex()) == 0x6982


@pytest.mark.parametrize("content", [b"", b"\x6e\x00", b"\x6e\x05\x31\x84"])
def test_a_chip_with_a_broken_dg14_offers_no_chip_authentication(content: bytes) -> None:
    card = card_of()
    terminal = Terminal(replace(card, files={**card.files, "EF.DG14": content})).open_by_can()
    assert terminal.ask_protected(set_at(AES128)).sw in (0x6A80, 0x6A88)
    assert terminal.ask_protected(READ_COM).is_ok


def test_a_clone_takes_any_key_and_is_found_out_by_the_next_answer() -> None:
    terminal = Terminal(replace(card_of(), keys=ChipKeys())).open_by_can()
    assert terminal.channel is not None
    infos = parse_dg14(terminal.card.files["EF.DG14"])
    record, channel = run(chip_authentication(infos, terminal.channel, terminal.random), terminal)
    assert record.sw == 0x9000
    answer = terminal.transmit(channel.protect(CommandAPDU(0, 0xB0, 0x9E, 0, ne=8)).encode())
    assert answer == b"\x69\x88"


def test_an_active_key_is_no_key_for_chip_authentication() -> None:
    card = card_of()
    rsa = card.keys.active_authentication
    with pytest.raises(EncodingError):
        Chip(replace(card, keys=ChipKeys(chip_authentication=rsa)))
    with pytest.raises(Refusal):
        agree(rsa, POINT, CA_PROTOCOLS[AES128], SeededBytes(1))


@pytest.mark.parametrize("name", ["active_authentication", "chip_authentication"])
@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"nonsense", bytes(100)])
def test_a_card_with_a_broken_private_key_is_no_card(name: str, der: bytes) -> None:
    with pytest.raises(EncodingError):
        Chip(replace(card_of(), keys=replace(card_of().keys, **{name: der})))


# --- Active Authentication --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["cccd-2021", "cccd-2021-short"])
def test_an_rsa_signature_is_of_256_bytes_and_over_the_challenge(profile: str) -> None:
    terminal = Terminal(card_of(profile)).open_by_can()
    assert terminal.channel is not None
    terminal.channel.extended = profile == "cccd-2021"
    key = parse_dg15(terminal.card.files["EF.DG15"])
    answer = terminal.ask_protected(INTERNAL_AUTHENTICATE)
    assert len(answer.data) == 256
    record = run(terminal.channel.secure(active_authentication(CHALLENGE, key.size)), _pieces(terminal))
    assert verify_active_authentication(record, key, None).description == "RSA-2048, ISO 9796-2, SHA-1"
    with pytest.raises(SignatureError):
        verify_active_authentication(replace(record, challenge=bytes(8)), key, None)


def _pieces(terminal: Terminal) -> Any:
    """`terminal`, putting answers in pieces together."""

    class Collecting:
        def transmit(self, command: bytes) -> bytes:
            answer = terminal.transmit(command)
            data = answer[:-2]
            while answer[-2] == 0x61:
                answer = terminal.transmit(bytes.fromhex("00C00000") + answer[-1:])
                data += answer[:-2]
            return data + answer[-2:]

        def reset(self) -> None: ...

        def close(self) -> None: ...

    return Collecting()


@pytest.mark.parametrize("curve", ["secp192r1", "brainpoolP256r1", "secp521r1"])
def test_an_ecdsa_signature_is_r_and_s_side_by_side(curve: str) -> None:
    terminal = Terminal(card_with(aa=curve)).open_by_can()
    assert terminal.channel is not None
    key, infos = parse_dg15(terminal.card.files["EF.DG15"]), parse_dg14(terminal.card.files["EF.DG14"])
    record = run(terminal.channel.secure(active_authentication(CHALLENGE, key.size)), terminal)
    assert len(record.signature) == key.size
    answer = verify_active_authentication(record, key, infos.active_authentication)
    assert answer.hash_name == "sha256"


@pytest.mark.parametrize("size", [1, 7, 9, 16])
def test_a_challenge_has_eight_bytes(size: int) -> None:
    terminal = Terminal().open_by_can()
    assert terminal.ask_protected(CommandAPDU(0, 0x88, 0, 0, bytes(size), ne=256)).sw == 0x6700


def test_active_authentication_needs_access_and_a_key_in_dg15() -> None:
    assert Terminal().sw(SELECT_APPLICATION, INTERNAL_AUTHENTICATE) == 0x6982
    assert Terminal(card_with(aa=None)).open_by_can().ask_protected(INTERNAL_AUTHENTICATE).sw == 0x6A88


def test_a_clone_bluffs_with_bytes_of_the_right_length_that_do_not_verify() -> None:
    terminal = Terminal(replace(card_of(), keys=ChipKeys())).open_by_can()
    assert terminal.channel is not None
    key = parse_dg15(terminal.card.files["EF.DG15"])
    record = run(terminal.channel.secure(active_authentication(CHALLENGE, key.size)), terminal)
    assert (record.sw, len(record.signature)) == (0x9000, 256)
    with pytest.raises(SignatureError):
        verify_active_authentication(record, key, None)
