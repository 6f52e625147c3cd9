"""BAC, PACE, secure messaging and Chip Authentication against the worked examples, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.crypto.curves import Point, curve_by_parameter_id
from cccd_nfc.crypto.public_keys import ECPublicKey
from cccd_nfc.errors import (
    AccessDeniedError,
    CccdError,
    EncodingError,
    SecureMessagingError,
    StatusWordError,
    UsageError,
)
from cccd_nfc.iso7816.apdu import CommandAPDU, ResponseAPDU
from cccd_nfc.iso7816.flow import Flow, run
from cccd_nfc.lds.security_infos import (
    ChipAuthenticationInfo,
    ChipAuthenticationPublicKeyInfo,
    PACEInfo,
    SecurityInfos,
    parse_dg14,
)
from cccd_nfc.protocol.bac import basic_access_control
from cccd_nfc.protocol.chip_authentication import chip_authentication, confirm_chip_authentication
from cccd_nfc.protocol.object_identifiers import PACE_PROTOCOLS
from cccd_nfc.protocol.pace import is_supported, pace, preferred
from cccd_nfc.protocol.passwords import Password, PasswordKind
from cccd_nfc.protocol.secure_messaging import Channel, SessionKeys
from conftest import load_vector
from support import ScriptedCard, given_random

Vector = Callable[[str], Any]

D = load_vector("bac_9303-11_D")
G1 = load_vector("pace_ecdh_gm_9303-11_G1")
SUITES = {
    "3DES": CipherSuite.DES3,
    "AES-128": CipherSuite.AES128,
    "AES-192": CipherSuite.AES192,
    "AES-256": CipherSuite.AES256,
}
MRZ_PASSWORD = Password.mrz("L898902C", "690806", "940623")


# --- BAC (9303-11 D.3) ----------------------------------------------------------------------------------------------


def bac_lines(answer: str = D["d3"]["ext_auth_rsp"] + "9000") -> list[tuple[str, str]]:
    d3 = D["d3"]
    answer = answer.removesuffix("90009000") + "9000" if answer.endswith("90009000") else answer
    return [(d3["get_challenge_cmd"], d3["get_challenge_rsp"]), (d3["ext_auth_cmd"], answer)]


def run_bac(answer: str) -> Channel:
    card = ScriptedCard(bac_lines(answer))
    return run(basic_access_control(MRZ_PASSWORD, given_random(D["d3"]["rnd_ifd"], D["d3"]["k_ifd"])), card)


BAC_ANSWER = D["d3"]["ext_auth_rsp"].removesuffix("9000")


def test_the_mrz_makes_the_key_seed_of_d2() -> None:
    assert MRZ_PASSWORD.bac_key_seed().hex().upper() == D["d2"]["k_seed"]


def test_bac_gives_the_session_of_d3() -> None:
    channel = run_bac(BAC_ANSWER + "9000")
    assert channel.keys.ks_enc.hex().upper() == D["d3"]["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == D["d3"]["ks_mac"]
    assert channel.ssc == int(D["d3"]["ssc"], 16)


@given(st.integers(0, len(BAC_ANSWER) * 4 - 1))
def test_every_flipped_bit_of_the_bac_answer_is_refused(bit: int) -> None:
    size = len(BAC_ANSWER) // 2
    flipped = (int(BAC_ANSWER, 16) ^ 1 << bit).to_bytes(size, "big").hex()
    with pytest.raises(CccdError):
        run_bac(flipped + "9000")


@pytest.mark.parametrize("sw", ["6300", "63C2", "6982", "6985", "6988", "6A88"])
def test_a_wrong_mrz_is_access_denied(sw: str) -> None:
    with pytest.raises(AccessDeniedError, match="MRZ"):
        run_bac(sw)


@pytest.mark.parametrize(
    ("answer", "error"), [("6F00", StatusWordError), ("9000", EncodingError), ("00" * 39 + "9000", EncodingError)]
)
def test_other_answers_to_bac_are_named(answer: str, error: type[CccdError]) -> None:
    with pytest.raises(error):
        run_bac(answer)


# --- secure messaging (9303-11 D.4; AES from published sessions) ------------------------------------------------------


def d4_channel() -> Channel:
    d4 = D["d4"]
    keys = SessionKeys(CipherSuite.DES3, bytes.fromhex(d4["ks_enc"]), bytes.fromhex(d4["ks_mac"]))
    return Channel(keys, int(d4["ssc"], 16))


def test_secure_messaging_is_that_of_d4() -> None:
    channel = d4_channel()
    for row in D["d4"]["exchanges"]:
        plain = CommandAPDU.parse(bytes.fromhex(row["cmd"]))
        assert channel.protect(plain).encode().hex().upper() == row["protected_cmd"], row["name"]
        answer = channel.unprotect(ResponseAPDU.parse(bytes.fromhex(row["protected_rsp"])), plain)
        assert answer.encode().hex().upper() == row["rsp"].upper(), row["name"]
    assert channel.answers_verified == len(D["d4"]["exchanges"])


def test_aes_commands_are_protected_as_in_published_sessions(vector: Vector) -> None:
    cases = vector("sm_aes")["vectors"]
    for case in cases:
        keys = SessionKeys(SUITES[case["cipher"]], bytes.fromhex(case["ks_enc"]), bytes.fromhex(case["ks_mac"]))
        command = Channel(keys, case["ssc_after_increment"] - 1).protect(
            CommandAPDU.parse(bytes.fromhex(case["command"]))
        )
        expected = CommandAPDU.parse(bytes.fromhex(case["protected"]))
        assert (command.header, command.data) == (expected.header, expected.data), case["name"]
    assert len(cases) == 12


ROW = D["d4"]["exchanges"][1]


@given(st.integers(0, len(ROW["protected_rsp"]) * 4 - 1))
def test_every_flipped_bit_of_a_protected_answer_is_refused_and_ends_the_session(bit: int) -> None:
    channel = after_first_exchange()
    raw = (int(ROW["protected_rsp"], 16) ^ 1 << bit).to_bytes(len(ROW["protected_rsp"]) // 2, "big")
    with pytest.raises(SecureMessagingError):
        channel.unprotect(ResponseAPDU.parse(raw))
    with pytest.raises(SecureMessagingError, match="ended"):
        channel.protect(CommandAPDU(0, 0xB0, 0, 0, ne=1))


@pytest.mark.parametrize("cut", range(2, len(ROW["protected_rsp"]) // 2))
def test_every_cut_of_a_protected_answer_is_refused(cut: int) -> None:
    channel = after_first_exchange()
    with pytest.raises(SecureMessagingError):
        channel.unprotect(ResponseAPDU.parse(bytes.fromhex(ROW["protected_rsp"])[:cut]))


def after_first_exchange() -> Channel:
    channel = d4_channel()
    first = D["d4"]["exchanges"][0]
    channel.protect(CommandAPDU.parse(bytes.fromhex(first["cmd"])))
    channel.unprotect(ResponseAPDU.parse(bytes.fromhex(first["protected_rsp"])))
    channel.protect(CommandAPDU.parse(bytes.fromhex(ROW["cmd"])))
    return channel


@pytest.mark.parametrize("answer", ["9000", "6982", "6A82", "990290009000", "8E0800000000000000009000"])
def test_an_answer_without_its_protection_ends_the_session(answer: str) -> None:
    channel = after_first_exchange()
    with pytest.raises(SecureMessagingError):
        channel.unprotect(ResponseAPDU.parse(bytes.fromhex(answer)))
    assert channel.ended


@pytest.mark.parametrize(
    ("suite", "wire", "plain"),
    [(CipherSuite.AES128, 256, 223), (CipherSuite.DES3, 256, 231), (CipherSuite.AES256, 2048, 2015)],
)
def test_the_largest_plain_answer_that_fits(suite: CipherSuite, wire: int, plain: int) -> None:
    assert Channel(SessionKeys(suite, b"", b"")).max_plain(wire) == plain


# --- PACE (9303-11 G.1, and the matrix of curves and ciphers) ---------------------------------------------------------


def hexed(name: str) -> str:
    return str(G1[name])


def g1_lines() -> list[tuple[str, str]]:
    pairs = [("mse_cmd", "mse_rsp"), *((f"ga{n}_cmd", f"ga{n}_rsp") for n in range(1, 5))]
    return [(G1[command], G1[response]) for command, response in pairs]


def run_pace(info: PACEInfo, password: Password, lines: list[tuple[str, str]], *secrets: str) -> Channel:
    return run(pace(info, password, given_random(*secrets)), ScriptedCard(lines))


G1_INFO = PACEInfo(G1["oid"], 2, 13)
G1_PASSWORD = Password.mrz("T22000129", "640812", "101031")


def run_g1(lines: list[tuple[str, str]]) -> Channel:
    return run_pace(G1_INFO, G1_PASSWORD, lines, G1["map_ifd_priv"], G1["ka_ifd_priv"])


def with_le(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """GENERAL AUTHENTICATE ends with Le 00, whether or not the document prints it."""
    shaped = []
    for command, response in lines:
        parsed = CommandAPDU.parse(bytes.fromhex(command))
        if parsed.ins == 0x86 and not parsed.ne:
            command += "00"
        shaped.append((command, response))
    return shaped


def test_pace_is_the_conversation_of_g1() -> None:
    channel = run_g1(with_le(g1_lines()))
    assert channel.keys.ks_enc.hex().upper() == G1["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == G1["ks_mac"]
    assert channel.ssc == 0


@pytest.mark.parametrize("step", [1, 2, 3, 4])
@given(data=st.data())
def test_every_flipped_bit_of_the_chips_answers_is_refused(step: int, data: st.DataObject) -> None:
    lines = with_le(g1_lines())
    command, response = lines[step]
    raw = bytearray.fromhex(response)
    raw[data.draw(st.integers(0, len(raw) - 3))] ^= 1 << data.draw(st.integers(0, 7))
    lines[step] = (command, raw.hex())
    with pytest.raises((CccdError, AssertionError)):  # the card of the script knows no other than the right next line
        run_g1(lines)


@pytest.mark.parametrize("step", range(5))
@pytest.mark.parametrize("sw", ["6300", "6982", "6A80", "6A88", "6983", "6FFF", ""])
def test_a_refusal_at_each_step_ends_pace_with_our_error(step: int, sw: str) -> None:
    class Refusing:
        at = -1

        def transmit(self, command: bytes) -> bytes:
            self.at += 1
            lines = with_le(g1_lines())
            return bytes.fromhex(sw) if self.at >= step else bytes.fromhex(lines[self.at][1])

        def reset(self) -> None: ...
        def close(self) -> None: ...

    secrets = given_random(G1["map_ifd_priv"], G1["ka_ifd_priv"])
    with pytest.raises(CccdError):
        run(pace(G1_INFO, G1_PASSWORD, secrets), Refusing())


@pytest.mark.parametrize(("sw", "tries"), [("6300", None), ("63C1", 1), ("63C0", 0)])
def test_a_wrong_password_comes_to_light_at_the_token(sw: str, tries: int | None) -> None:
    lines = with_le(g1_lines())
    lines[4] = (lines[4][0], sw)
    with pytest.raises(AccessDeniedError) as caught:
        run_g1(lines)
    assert caught.value.tries_left == tries


def test_an_echoed_mapping_key_is_refused() -> None:
    lines = with_le(g1_lines())
    echoed = "7C438241" + G1["map_ifd_pub"] + "9000"
    lines[2] = (lines[2][0], echoed)
    with pytest.raises(CccdError, match="echoes"):
        run_g1(lines)


def test_domain_parameters_are_named_when_the_chip_insists() -> None:
    mse, answer = g1_lines()[0]
    named = mse[:8] + f"{int(mse[8:10], 16) + 3:02X}" + mse[10:] + "84010D"
    lines = [(mse, "6A88"), (named, answer), *with_le(g1_lines())[1:]]
    assert run_g1(lines).keys.ks_enc.hex().upper() == G1["ks_enc"]


MATRIX = [row for row in load_vector("pace_gm_matrix")["vectors"] if row["parameter_id"] >= 8]
OIDS = {protocol.name: oid for oid, protocol in PACE_PROTOCOLS.items()}


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: f"{row['protocol']}-{row['parameter_id']}")
def test_pace_on_every_curve_with_every_cipher(row: dict[str, Any]) -> None:
    class MatrixCard:
        """The chip of the matrix: its answers do not depend on what it is sent, which the keys then show."""

        def __init__(self) -> None:
            self.answers = [
                "9000",
                do7c("80", row["nonce_z"]),
                do7c("82", row["map_ic_pub"]),
                do7c("84", row["ka_ic_pub"]),
                do7c("86", row["t_ic"]),
            ]
            self.tokens: list[bytes] = []

        def transmit(self, command: bytes) -> bytes:
            self.tokens.append(CommandAPDU.parse(command).data)
            return bytes.fromhex(self.answers.pop(0))

        def reset(self) -> None: ...
        def close(self) -> None: ...

    card = MatrixCard()
    info = PACEInfo(OIDS[row["protocol"]], 2, row["parameter_id"])
    channel = run(pace(info, Password.can(row["can"]), given_random(row["map_ifd_priv"], row["ka_ifd_priv"])), card)
    assert channel.keys.ks_enc.hex().upper() == row["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == row["ks_mac"]
    assert card.tokens[-1].hex().upper().endswith(row["t_ifd"])


def do7c(tag: str, value: str) -> str:
    from cccd_nfc.iso7816 import tlv

    return tlv.encode(0x7C, tlv.encode(int(tag, 16), bytes.fromhex(value))).hex() + "9000"


def test_the_matrix_has_all_eleven_curves_and_four_ciphers() -> None:
    assert {row["parameter_id"] for row in MATRIX} == set(range(8, 19))
    assert len({row["protocol"] for row in MATRIX}) == 4


def test_the_strongest_supported_pace_is_preferred() -> None:
    weak, strong = PACEInfo("0.4.0.127.0.7.2.2.4.2.1", 2, 12), PACEInfo("0.4.0.127.0.7.2.2.4.2.4", 2, 16)
    other = PACEInfo("0.4.0.127.0.7.2.2.4.4.4", 2, 18)  # integrated mapping
    assert preferred([weak, other, strong]) == strong
    assert preferred([other]) is None
    assert not is_supported(PACEInfo("0.4.0.127.0.7.2.2.4.2.2", 2, None))


# --- Chip Authentication ----------------------------------------------------------------------------------------------


def infos_of(row: dict[str, Any]) -> SecurityInfos:
    if "ef_dg14" in row:
        return parse_dg14(bytes.fromhex(row["ef_dg14"]))
    key = ECPublicKey(Point.decode(curve_by_parameter_id(row["parameter_id"]), bytes.fromhex(row["ic_pub"])))
    info = ChipAuthenticationInfo(row["oid"], 1)
    return SecurityInfos(
        b"",
        chip_authentication=(info,),
        chip_authentication_public_keys=(ChipAuthenticationPublicKeyInfo("0.4.0.127.0.7.2.2.1.2", key),),
    )


CA_ROWS = [row for row in load_vector("ca_v1_derived")["vectors"] if row["parameter_id"] and row["parameter_id"] >= 8]


@pytest.mark.parametrize("row", CA_ROWS, ids=lambda row: f"{row['protocol']}-{row['parameter_id']}")
def test_chip_authentication_on_every_curve_with_every_cipher(row: dict[str, Any]) -> None:
    infos = infos_of(row)
    sent: list[CommandAPDU] = []

    class PlainChannel:
        """Stands for the old session: what is protected is not what is tested here."""

        def secure(self, flow: Flow[Any]) -> Flow[Any]:
            step = next(flow)
            try:
                while True:
                    sent.append(step)  # type: ignore[arg-type]
                    step = flow.send(ResponseAPDU(b"", 0x9000))
            except StopIteration as stop:
                return stop.value
            yield  # a flow that yields nothing

    flow = chip_authentication(infos, PlainChannel(), given_random(row["ifd_eph_priv"]))  # type: ignore[arg-type]
    record, channel = run(flow, ScriptedCard([]))
    assert channel.keys.ks_enc.hex().upper() == row["ks_enc"]
    assert channel.keys.ks_mac.hex().upper() == row["ks_mac"]
    assert channel.ssc == 0
    assert not record.proven
    assert confirm_chip_authentication(record, infos)
    if "mse_set_kat_cmd" in row and "3DES" in row["protocol"]:
        expected = CommandAPDU.parse(bytes.fromhex(row["mse_set_kat_cmd"]))
        assert (sent[0].header, sent[0].data) == (expected.header, expected.data)
    else:
        assert [command.ins for command in sent] == [0x22, *[0x86] * (len(sent) - 1)]
        assert (len(sent) == 1) == ("3DES" in row["protocol"])
        assert b"".join(command.data for command in sent).hex().upper().endswith(row["ifd_eph_pub"])


def test_there_are_rows_for_ecdh_with_every_cipher() -> None:
    assert len(CA_ROWS) >= 11
    assert len({row["protocol"] for row in CA_ROWS}) == 4


# --- passwords --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: Password.can("12345"),
        lambda: Password.can("12345x"),
        lambda: Password.from_number("12345"),
        lambda: Password.mrz("L898902C", "6908", "940623"),
        lambda: Password.mrz("L898902C é", "690806", "940623"),
        lambda: Password.from_mrz("no mrz"),
        lambda: Password.pin(""),
    ],
)
def test_what_cannot_be_a_password_is_refused_without_repeating_it(make: Callable[[], Password]) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert not any(secret in str(caught.value) for secret in ("12345", "L898902C", "no mrz"))


def test_the_number_on_the_card_holds_its_can() -> None:
    password = Password.from_number("001099000001")
    assert (password.kind, password.secret) == (PasswordKind.CAN, b"000001")
    assert "000001" not in repr(password)
