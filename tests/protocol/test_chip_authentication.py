"""Chip Authentication on every curve with every cipher, inside a session, with the simulated chip's half beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point, curve_by_parameter_id
from cccd_nfc.crypto.public_keys import ECPublicKey, RSAPublicKey
from cccd_nfc.errors import AuthenticationError, SecureMessagingError, UnsupportedError
from cccd_nfc.evidence import ChipAuthenticationRecord
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, run
from cccd_nfc.iso7816.oid import oid_value
from cccd_nfc.lds.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    SecurityInfos,
    parse_dg14,
)
from cccd_nfc.protocol.chip_authentication import (
    DEFAULT_PROTOCOL,
    chip_authentication,
    confirm_chip_authentication,
    general_authenticate,
)
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from cccd_nfc.simulator.secure_messaging import ChipSession
from conftest import load_vector
from support import AnsweringCard, given_random

ROWS = [row for row in load_vector("ca_v1_derived")["vectors"] if (row["parameter_id"] or 0) >= 8]
AES128 = "0.4.0.127.0.7.2.2.3.2.2"
AES256 = "0.4.0.127.0.7.2.2.3.2.4"
ROW = next(row for row in ROWS if row["oid"] == AES128 and row["parameter_id"] == 13)
READ = CommandAPDU(0x00, 0xB0, 0x9E, 0x00, ne=8, name="READ BINARY EF.COM at 0")


def key_of(row: dict[str, Any]) -> ECPublicKey:
    return ECPublicKey(Point.decode(curve_by_parameter_id(row["parameter_id"]), bytes.fromhex(row["ic_pub"])))


def infos(
    *protocols: tuple[str, bytes], keys: Sequence[tuple[ECPublicKey | RSAPublicKey | None, bytes]]
) -> SecurityInfos:
    return SecurityInfos(
        b"",
        chip_authentication=tuple(ChipAuthenticationInfo(oid, 1, key_id) for oid, key_id in protocols),
        chip_authentication_public_keys=tuple(
            ChipAuthenticationPublicKeyInfo("0.4.0.127.0.7.2.2.1.2", key, key_id) for key, key_id in keys
        ),
    )


def infos_of(row: dict[str, Any]) -> SecurityInfos:
    if "ef_dg14" in row:
        return parse_dg14(bytes.fromhex(row["ef_dg14"]))
    return infos((row["oid"], b""), keys=[(key_of(row), b"")])


class Chip:
    """The chip's half of a session: answers every command with the next status word, then under the new keys."""

    def __init__(self, *sws: int, new: ChipSession | None = None) -> None:
        keys = old_keys()
        self.session = ChipSession(keys.suite, keys.ks_enc, keys.ks_mac)
        self.sws, self.new = list(sws), new
        self.commands: list[CommandAPDU] = []

    def transmit(self, command: bytes) -> bytes:
        self.commands.append(self.session.open(CommandAPDU.parse(command)))
        answer = self.session.seal(ResponseAPDU(b"", self.sws.pop(0))).encode()
        if not self.sws and self.new:
            self.session, self.sws, self.new = self.new, [0x9000], None
        return answer

    def reset(self) -> None: ...

    def close(self) -> None: ...


def old_keys() -> SessionKeys:
    return SessionKeys.derive(b"the session before", CipherSuite.AES128)


def authenticate(
    security_infos: SecurityInfos, chip: Chip, row: dict[str, Any] = ROW
) -> tuple[ChipAuthenticationRecord, Channel]:
    return run(chip_authentication(security_infos, Channel(old_keys()), given_random(row["ifd_eph_priv"])), chip)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['protocol']}-{row['parameter_id']}")
def test_every_curve_with_every_cipher_gives_the_keys_of_its_row(row: dict[str, Any]) -> None:
    by_kat = "3DES" in row["protocol"]
    chip = Chip(*([0x9000] if by_kat else [0x9000, 0x9000]))
    record, channel = authenticate(infos_of(row), chip, row)
    assert channel.keys.ks_enc.hex().upper() == row["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == row["ks_mac"]
    assert (channel.ssc, channel.answers_verified) == (0, 0)
    assert (record.oid, record.sw, record.proven) == (row["oid"], 0x9000, False)
    assert record.chip_public_key.hex().upper() == row["ic_pub"]
    assert curve_by_parameter_id(row["parameter_id"]).name in confirm_chip_authentication(record, infos_of(row))
    key = bytes.fromhex(row["ifd_eph_pub"])
    if by_kat:
        expected = [("41A6", tlv.encode(0x91, key))]
    else:
        expected = [
            ("41A4", tlv.encode(0x80, oid_value(row["oid"]))),
            ("0000", tlv.encode(0x7C, tlv.encode(0x80, key))),
        ]
    assert [(f"{sent.p1:02X}{sent.p2:02X}", sent.data) for sent in chip.commands] == expected


def test_the_rows_cover_all_curves_and_all_ciphers() -> None:
    assert {row["parameter_id"] for row in ROWS} == set(range(8, 19))
    assert len({row["protocol"] for row in ROWS}) == 4


def test_mse_set_kat_is_that_of_the_published_reference_key() -> None:
    row = next(row for row in ROWS if "mse_set_kat_cmd" in row)
    chip = Chip(0x9000)
    authenticate(infos_of(row), chip, row)
    assert chip.commands[0].encode().hex().upper() == row["mse_set_kat_cmd"]


# --- what proves the chip ---------------------------------------------------------------------------------------------


def reading() -> Flow[ResponseAPDU]:
    return (yield READ)


def test_the_first_answer_under_the_new_keys_is_the_proof() -> None:
    new = ChipSession(CipherSuite.AES128, bytes.fromhex(ROW["ks_enc"]), bytes.fromhex(ROW["ks_mac"]))
    chip = Chip(0x9000, 0x9000, new=new)
    _, channel = authenticate(infos_of(ROW), chip)
    assert run(channel.secure(reading()), chip).is_ok
    assert channel.answers_verified == 1


def test_a_clone_that_says_9000_cannot_answer_under_the_new_keys() -> None:
    chip = Chip(0x9000, 0x9000)
    _, channel = authenticate(infos_of(ROW), chip)
    with pytest.raises(SecureMessagingError):
        run(channel.secure(reading()), AnsweringCard(["990290008E080102030405060708" + "9000"]))
    assert channel.answers_verified == 0


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0, 1])
@pytest.mark.parametrize("sw", [0x6300, 0x63C1, 0x6982, 0x6A80, 0x6A88, 0x6983, 0x6FFF])
def test_a_refusal_at_any_step_is_recorded_and_leaves_the_old_session(step: int, sw: int) -> None:
    chip = Chip(*[0x9000] * step, sw, 0x9000)
    old = Channel(old_keys())
    record, channel = run(chip_authentication(infos_of(ROW), old, given_random(ROW["ifd_eph_priv"])), chip)
    assert channel is old
    assert (record.sw, record.proven) == (sw, False)
    assert len(chip.commands) == step + 1
    assert run(channel.secure(reading()), chip).is_ok


@pytest.mark.parametrize("answer", ["9000", "6988", "6A80"])
def test_an_unprotected_answer_ends_the_session(answer: str) -> None:
    flow = chip_authentication(infos_of(ROW), Channel(old_keys()), given_random(ROW["ifd_eph_priv"]))
    with pytest.raises(SecureMessagingError):
        run(flow, AnsweringCard([answer]))


# --- which protocol and key -------------------------------------------------------------------------------------------


def chosen(security_infos: SecurityInfos) -> ChipAuthenticationRecord:
    return authenticate(security_infos, Chip(0x6A80))[0]


def test_the_strongest_protocol_is_taken() -> None:
    key = (key_of(ROW), b"")
    assert chosen(infos((DEFAULT_PROTOCOL.oid, b""), (AES256, b""), (AES128, b""), keys=[key])).oid == AES256


def test_a_key_without_a_protocol_means_3des_by_mse_set_kat() -> None:
    chip = Chip(0x9000)
    record, channel = authenticate(infos(keys=[(key_of(ROW), b"")]), chip)
    assert record.oid == DEFAULT_PROTOCOL.oid
    assert channel.keys.suite is CipherSuite.DES3
    assert [command.p2 for command in chip.commands] == [0xA6]
    assert confirm_chip_authentication(record, infos(keys=[(key_of(ROW), b"")]))


def test_a_key_id_is_sent_in_the_bytes_that_the_chip_gave() -> None:
    other = next(row for row in ROWS if row["parameter_id"] == 12)
    keys = [(key_of(other), b"\x01"), (key_of(ROW), b"\x00\x01")]
    chip = Chip(0x9000, 0x9000)
    record, _ = authenticate(infos((AES128, b"\x00\x01"), keys=keys), chip)
    assert record.key_id == b"\x00\x01"
    assert record.chip_public_key == key_of(ROW).point.encode()
    assert tlv.require(tlv.parse_all(chip.commands[0].data), 0x84, name="MSE").value == b"\x00\x01"


@pytest.mark.parametrize(("of_protocol", "of_key"), [(b"\x05", b""), (b"", b"\x05")])
def test_with_a_single_key_one_of_the_two_may_lack_its_id(of_protocol: bytes, of_key: bytes) -> None:
    assert chosen(infos((AES128, of_protocol), keys=[(key_of(ROW), of_key)])).key_id == b"\x05"


@pytest.mark.parametrize(
    "unusable",
    [
        infos(keys=[]),
        infos((AES128, b""), keys=[]),
        infos((AES128, b""), keys=[(None, b"")]),
        infos(keys=[(None, b"")]),
        infos((AES128, b"\x01"), keys=[(key_of(ROW), b"\x02")]),
        infos(("0.4.0.127.0.7.2.2.3.1.2", b""), keys=[(key_of(ROW), b"")]),
        infos(("0.4.0.127.0.7.2.2.3.9.9", b""), keys=[(key_of(ROW), b"")]),
        replace(
            infos(keys=[(key_of(ROW), b"")]), chip_authentication=(ChipAuthenticationInfo(AES128, 2),)
        ),  # version 2 is another protocol
    ],
)
def test_what_is_not_known_is_refused_before_anything_is_sent(unusable: SecurityInfos) -> None:
    chip = Chip()
    with pytest.raises(UnsupportedError):
        authenticate(unusable, chip)
    assert chip.commands == []


# --- confirmation against the signed file -----------------------------------------------------------------------------


def test_a_key_that_is_not_in_the_signed_file_is_not_confirmed() -> None:
    record = chosen(infos_of(ROW))
    other = next(row for row in ROWS if row["parameter_id"] == 12)
    with pytest.raises(AuthenticationError, match="key"):
        confirm_chip_authentication(record, infos((AES128, b""), keys=[(key_of(other), b"")]))
    with pytest.raises(AuthenticationError, match="key"):
        confirm_chip_authentication(record, infos((AES128, b""), keys=[(None, b"")]))


@pytest.mark.parametrize("oid", [AES256, DEFAULT_PROTOCOL.oid, "1.2.3", ""])
def test_a_protocol_that_is_not_in_the_signed_file_is_not_confirmed(oid: str) -> None:
    with pytest.raises(AuthenticationError, match="protocol"):
        confirm_chip_authentication(replace(chosen(infos_of(ROW)), oid=oid), infos_of(ROW))


# --- chaining ---------------------------------------------------------------------------------------------------------


def test_a_long_key_is_sent_in_a_chain_of_short_commands() -> None:
    data = bytes(range(256)) + b"12345678"
    chip = Chip(0x9000, 0x9000)
    run(Channel(old_keys()).secure(general_authenticate(data)), chip)
    assert b"".join(command.data for command in chip.commands) == data
    assert [command.cla for command in chip.commands] == [0x10, 0x00]


@pytest.mark.parametrize("size", [1, 222, 223, 224, 446, 600])
@pytest.mark.parametrize("suite", list(CipherSuite))
def test_no_link_of_the_chain_needs_extended_length(size: int, suite: CipherSuite) -> None:
    keys = SessionKeys.derive(b"any", suite)
    session, wires = ChipSession(suite, keys.ks_enc, keys.ks_mac), []

    class Card(AnsweringCard):
        def transmit(self, command: bytes) -> bytes:
            wires.append(CommandAPDU.parse(command))
            session.open(wires[-1])
            return session.seal(ResponseAPDU(b"", 0x9000)).encode()

    run(Channel(keys).secure(general_authenticate(bytes(size))), Card([]))
    assert all(not wire.is_extended for wire in wires)


def test_a_refusal_inside_the_chain_ends_it() -> None:
    chip = Chip(0x6A80)
    assert run(Channel(old_keys()).secure(general_authenticate(bytes(300))), chip).sw == 0x6A80
    assert len(chip.commands) == 1
