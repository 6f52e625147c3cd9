"""The tables of protocols are those of ICAO 9303-11 §4.4.3 and §6.2.3, name by name."""

from __future__ import annotations

from cccd_nfc.crypto.ciphers import CipherSuite
from cccd_nfc.protocol.object_identifiers import CA_PROTOCOLS, PACE_PROTOCOLS


def test_the_names_are_those_of_tables_2_and_3() -> None:
    ciphers = ("3DES-CBC-CBC", "AES-CBC-CMAC-128", "AES-CBC-CMAC-192", "AES-CBC-CMAC-256")
    families = ("DH-GM", "DH-IM", "ECDH-GM", "ECDH-IM")
    expected = {f"id-PACE-{family}-{cipher}" for family in families for cipher in ciphers}
    expected |= {f"id-PACE-ECDH-CAM-{cipher}" for cipher in ciphers[1:]}
    assert {protocol.name for protocol in PACE_PROTOCOLS.values()} == expected


def test_the_protocol_of_the_vietnamese_card_is_what_its_bytes_say() -> None:
    protocol = PACE_PROTOCOLS["0.4.0.127.0.7.2.2.4.2.2"]
    assert protocol.name == "id-PACE-ECDH-GM-AES-CBC-CMAC-128"
    assert CA_PROTOCOLS["0.4.0.127.0.7.2.2.3.2.2"].suite is protocol.suite is CipherSuite.AES128


def test_chip_authentication_has_four_ciphers_over_two_kinds_of_group() -> None:
    assert {(protocol.agreement, protocol.suite) for protocol in CA_PROTOCOLS.values()} == {
        (agreement, suite) for agreement in ("DH", "ECDH") for suite in CipherSuite
    }
    assert all(protocol.oid == oid for oid, protocol in CA_PROTOCOLS.items())
