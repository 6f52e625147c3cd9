"""Project Wycheproof's attacks on signatures: every valid one is accepted, every invalid one refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.crypto.public_keys import ECPublicKey, parse_subject_public_key_info
from cccd_nfc.crypto.signatures import HASHES, SignatureScheme, verify
from cccd_nfc.errors import CccdError

pytestmark = pytest.mark.realdata

ECDSA = (
    "ecdsa_brainpoolP256r1_sha256_p1363",
    "ecdsa_brainpoolP256r1_sha256",
    "ecdsa_brainpoolP320r1_sha384",
    "ecdsa_brainpoolP384r1_sha384_p1363",
    "ecdsa_secp192r1_sha256",
    "ecdsa_secp256r1_sha256",
)
RSA = ("rsa_pss_2048_sha256_mgf1_0", "rsa_pss_4096_sha512_mgf1_64", "rsa_pss_misc", "rsa_signature_3072_sha384")


def groups(realdata: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((realdata / "wycheproof" / f"{name}_test.json").read_text())["testGroups"]
    return found


def hash_name(text: str) -> str:
    return text.lower().replace("-", "")


def scheme_of(group: dict[str, Any]) -> SignatureScheme:
    if "sLen" in group:
        return SignatureScheme("rsa-pss", hash_name(group["sha"]), hash_name(group["mgfSha"]), group["sLen"])
    if "keySize" in group:
        return SignatureScheme("rsa-pkcs1", hash_name(group["sha"]))
    return SignatureScheme("ecdsa", hash_name(group["sha"]))


def accepted(key_der: bytes, scheme: SignatureScheme, test: dict[str, Any]) -> bool:
    try:
        verify(parse_subject_public_key_info(key_der), scheme, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    except CccdError:
        return False
    return True


@pytest.mark.parametrize("name", ECDSA + RSA)
def test_valid_is_accepted_and_invalid_refused(realdata: Path, name: str) -> None:
    wrong, judged = [], 0
    for group in groups(realdata, name):
        scheme = scheme_of(group)
        if scheme.hash_name not in HASHES or scheme.mgf_hash_name not in (*HASHES, ""):
            continue  # SHA-3 and truncated SHA-512 are not in 9303-12
        key = bytes.fromhex(group["publicKeyDer"])
        for test in group["tests"]:
            if test["result"] == "acceptable" or _other_form(key, name, test):
                continue
            judged += 1
            if accepted(key, scheme, test) != (test["result"] == "valid"):
                wrong.append((test["tcId"], test["comment"], test["result"]))
    assert wrong == []
    assert judged > 80


def _other_form(key: bytes, name: str, test: dict[str, Any]) -> bool:
    """A DER signature that happens to be as long as r || s is read as r || s, and the other way: not what is tested."""
    parsed = parse_subject_public_key_info(key)
    if not isinstance(parsed, ECPublicKey):
        return False
    plain_length = len(test["sig"]) // 2 == parsed.size
    return plain_length != name.endswith("p1363")


def test_aes_cmac(realdata: Path) -> None:
    from cccd_nfc.crypto.ciphers import CipherSuite

    suites = {128: CipherSuite.AES128, 192: CipherSuite.AES192, 256: CipherSuite.AES256}
    cases = [
        (suites[group["keySize"]], test)
        for group in groups(realdata, "aes_cmac")
        if group["keySize"] in suites and group["tagSize"] == 128
        for test in group["tests"]
        if test["result"] == "valid"
    ]
    assert len(cases) > 50
    for suite, test in cases:
        assert suite.mac(bytes.fromhex(test["key"]), bytes.fromhex(test["msg"])) == bytes.fromhex(test["tag"])[:8]
