"""Key derivation, MACs, curves and ISO/IEC 9796-2 against the standards' worked examples."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.crypto.ciphers import CipherSuite, pad, unpad
from cccd_nfc.crypto.curves import (
    CURVES,
    Point,
    curve_by_name,
    curve_by_parameter_id,
    curve_from_explicit,
    random_scalar,
)
from cccd_nfc.crypto.iso9796 import sign_iso9796, verify_iso9796
from cccd_nfc.crypto.kdf import Counter, derive_key
from cccd_nfc.crypto.public_keys import (
    ECPublicKey,
    RSAPublicKey,
    encode_subject_public_key_info,
    parse_subject_public_key_info,
)
from cccd_nfc.crypto.signatures import verify_ecdsa
from cccd_nfc.errors import CardError, CccdError, EncodingError, SignatureError, UnsupportedError

Vector = Callable[[str], Any]
SUITES = {
    "3DES": CipherSuite.DES3,
    "AES-128": CipherSuite.AES128,
    "AES-192": CipherSuite.AES192,
    "AES-256": CipherSuite.AES256,
}


def test_keys_are_derived_as_in_9303_11(vector: Vector) -> None:
    cases = vector("kdf_9303-11_9.7")["vectors"]
    for case in cases:
        key = derive_key(bytes.fromhex(case["secret"]), Counter(case["counter"]), SUITES[case["cipher"]])
        assert key.hex().upper() == case["key"], case["source"]
    assert len(cases) == 13


def test_macs_are_those_of_the_examples(vector: Vector) -> None:
    cases = vector("mac_vectors")
    for case in cases["aes_cmac"]:
        mac = SUITES[case["cipher"]].mac(bytes.fromhex(case["key"]), bytes.fromhex(case["message"]))
        assert mac.hex().upper() == case["mac"][:16], case["source"]
    for case in cases["retail_mac"]:
        mac = CipherSuite.DES3.mac(bytes.fromhex(case["key"]), bytes.fromhex(case["message"]))
        assert mac.hex().upper() == case["mac"], case["source"]


def test_the_curves_are_those_of_table_12(vector: Vector) -> None:
    rows = [row for row in vector("domain_parameters_9303-11_table12")["sets"] if row["type"] == "ECP"]
    assert len(rows) == len(CURVES) == 11
    for row in rows:
        curve = curve_by_parameter_id(row["id"])
        for name in ("p", "a", "b", "gx", "gy", "n"):
            assert getattr(curve, name) == int(row[name], 16), (row["name"], name)
        assert curve.oid == row["oid"]


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_point_arithmetic_agrees_with_itself(curve: Any) -> None:
    g = curve.generator
    assert (g * 2) + g == g * 3
    assert Point.decode(curve, (g * 12345).encode()) == g * 12345
    with pytest.raises(CardError):
        g * curve.n


def test_explicit_parameters_are_known_by_value_only() -> None:
    curve = curve_by_name("brainpoolP256r1")
    generator = curve.generator.encode()
    assert curve_from_explicit(curve.p, curve.a, curve.b, generator, curve.n, 1) is curve
    other = (curve.generator * 2).encode()
    for arguments in (
        (curve.p, curve.a, curve.b, other, curve.n, 1),
        (curve.p, curve.a, curve.b, generator, curve.n - 2, 1),
        (curve.p, curve.a, curve.b, generator, curve.n, 4),
        (curve.p, curve.a, curve.b + 1, generator, curve.n, 1),
        (0, 0, 0, b"", 0, None),
    ):
        with pytest.raises(UnsupportedError):
            curve_from_explicit(*arguments)


def test_points_off_the_curve_or_at_infinity_are_refused() -> None:
    curve = curve_by_name("secp256r1")
    good = curve.generator.encode()
    for raw in (b"", b"\x00", good[:-1], b"\x02" + good[1:33], good[:-1] + bytes((good[-1] ^ 1,)), b"\x04" + bytes(64)):
        with pytest.raises(EncodingError):
            Point.decode(curve, raw)


def test_a_worked_examples_key_comes_back_from_its_randomness() -> None:
    curve = curve_by_name("brainpoolP256r1")
    assert random_scalar(curve, lambda size: (4711).to_bytes(size, "big")) == 4711
    with pytest.raises(CardError, match="randomness"):
        random_scalar(curve, bytes)


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
def test_ec_keys_survive_their_encoding(curve: Any, explicit: bool) -> None:
    key = ECPublicKey(curve.generator * 7)
    assert parse_subject_public_key_info(encode_subject_public_key_info(key, explicit_parameters=explicit)) == key


def test_rsa_keys_survive_their_encoding() -> None:
    key = RSAPublicKey((1 << 2047) + 12345, 65537)
    assert parse_subject_public_key_info(encode_subject_public_key_info(key)) == key


@given(st.binary(max_size=150))
def test_any_bytes_are_a_key_or_an_error_of_ours(raw: bytes) -> None:
    with contextlib.suppress(CccdError):
        parse_subject_public_key_info(raw)


@given(st.data())
def test_any_changed_byte_of_a_key_is_a_key_or_an_error_of_ours(data: st.DataObject) -> None:
    raw = bytearray(encode_subject_public_key_info(ECPublicKey(CURVES[5].generator), explicit_parameters=True))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CccdError):
        parse_subject_public_key_info(bytes(raw))


def test_active_authentication_signatures_of_every_trailer(vector: Vector) -> None:
    cases = vector("aa_vectors")["rsa"]
    verdicts = []
    for case in cases:
        key = RSAPublicKey(int(case["modulus"], 16), int(case["exponent"], 16))
        arguments = (key, bytes.fromhex(case["signature"]), bytes.fromhex(case["rnd_ifd"]))
        if case["valid"]:
            assert verify_iso9796(*arguments) == case["hash"], case["source"]
        else:
            with pytest.raises(SignatureError):
                verify_iso9796(*arguments)
        verdicts.append(case["valid"])
    assert verdicts.count(True) >= 7
    assert verdicts.count(False) >= 5


def test_active_authentication_by_ecdsa(vector: Vector) -> None:
    import hashlib

    for case in vector("aa_vectors")["ecdsa"]:
        curve = curve_by_parameter_id(case["parameter_id"])
        key = ECPublicKey(Point.decode(curve, bytes.fromhex(case["public_key"])))
        digest = hashlib.new(case["hash"], bytes.fromhex(case["rnd_ifd"])).digest()
        plain = bytes.fromhex(case["signature_plain"])
        verify_ecdsa(key, plain, digest, case["hash"])
        with pytest.raises(SignatureError):
            verify_ecdsa(key, plain[:-1] + bytes((plain[-1] ^ 1,)), digest, case["hash"])


@pytest.mark.parametrize("hash_name", ["sha1", "sha224", "sha256", "sha384", "sha512"])
def test_the_chips_signature_verifies_and_no_changed_bit_does(hash_name: str) -> None:
    from Crypto.PublicKey import RSA

    pair = RSA.generate(1024)
    challenge = bytes(range(8))
    key = RSAPublicKey(pair.n, pair.e)
    signature = sign_iso9796(pair.n, pair.d, challenge, hash_name, bytes)
    assert verify_iso9796(key, signature, challenge) == hash_name
    for bit in range(0, 1024, 7):
        flipped = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(128, "big")
        with pytest.raises(SignatureError):
            verify_iso9796(key, flipped, challenge)
    with pytest.raises(SignatureError):
        verify_iso9796(key, signature, bytes(8))


@given(st.binary(max_size=64), st.sampled_from([8, 16]))
def test_padding_comes_off_again(data: bytes, block_size: int) -> None:
    padded = pad(data, block_size)
    assert len(padded) % block_size == 0
    assert unpad(padded) == data


@pytest.mark.parametrize("raw", ["", "00", "0000000000000000", "80aa", "ff"])
def test_missing_padding_is_an_error(raw: str) -> None:
    with pytest.raises(EncodingError):
        unpad(bytes.fromhex(raw))


@pytest.mark.parametrize("suite", list(CipherSuite), ids=lambda suite: suite.label)
def test_what_is_encrypted_is_decrypted_and_torn_blocks_are_refused(suite: CipherSuite) -> None:
    key = bytes(range(suite.key_length))
    data = bytes(suite.block_size * 3)
    assert suite.decrypt(key, suite.encrypt(key, data)) == data
    with pytest.raises(EncodingError):
        suite.decrypt(key, data[:-1])
