"""What the object identifiers of the chip protocols stand for (ICAO 9303-11 §9.2, BSI TR-03110-3 A.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cccd_nfc.crypto.ciphers import CipherSuite

Mapping = Literal["GM", "IM", "CAM"]
Agreement = Literal["DH", "ECDH"]

_PACE = "0.4.0.127.0.7.2.2.4"
_CA = "0.4.0.127.0.7.2.2.3"

SUITES = {1: CipherSuite.DES3, 2: CipherSuite.AES128, 3: CipherSuite.AES192, 4: CipherSuite.AES256}

_PACE_FAMILIES: dict[int, tuple[Agreement, Mapping]] = {
    1: ("DH", "GM"),
    2: ("ECDH", "GM"),
    3: ("DH", "IM"),
    4: ("ECDH", "IM"),
    6: ("ECDH", "CAM"),
}

_CA_FAMILIES: dict[int, Agreement] = {1: "DH", 2: "ECDH"}

CA_DH_KEY, CA_ECDH_KEY = "0.4.0.127.0.7.2.2.1.1", "0.4.0.127.0.7.2.2.1.2"
"""id-PK-DH, id-PK-ECDH."""


@dataclass(frozen=True, slots=True)
class PACEProtocol:
    """One row of 9303-11 §9.2.1; `name` as the standard spells it."""

    oid: str
    agreement: Agreement
    mapping: Mapping
    suite: CipherSuite

    @property
    def name(self) -> str:
        mac = "CBC-CBC" if self.suite is CipherSuite.DES3 else "CBC-CMAC"
        family, _, size = self.suite.label.partition("-")
        parts = ("id-PACE", self.agreement, self.mapping, family, mac, size)
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class CAProtocol:
    """One row of 9303-11 §9.2.5."""

    oid: str
    agreement: Agreement
    suite: CipherSuite


PACE_PROTOCOLS = {
    f"{_PACE}.{family}.{cipher}": PACEProtocol(f"{_PACE}.{family}.{cipher}", agreement, mapping, suite)
    for family, (agreement, mapping) in _PACE_FAMILIES.items()
    for cipher, suite in SUITES.items()
    if not (mapping == "CAM" and suite is CipherSuite.DES3)
}

CA_PROTOCOLS = {
    f"{_CA}.{family}.{cipher}": CAProtocol(f"{_CA}.{family}.{cipher}", agreement, suite)
    for family, agreement in _CA_FAMILIES.items()
    for cipher, suite in SUITES.items()
}
