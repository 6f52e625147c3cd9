"""What a phone's platform says of a device's key: recorded with the device, so that it can be checked (S-26).

The toolkit records and does NOT yet verify attestations: neither their signatures nor their certificate chains, nor
that they speak of this key. That one is there, shows only that the app has sent one. It may name a phone,
and so is sealed: under the registry's key while nobody knows whose it is, then under its owner's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.orm import Session

from cccd_nfc.errors import RefusedError, UsageError
from cccd_nfc.registry import person_keys
from cccd_nfc.registry.keys import seal, unseal
from cccd_nfc.registry.models import Account, Device, StoredEvidence, Transaction
from cccd_nfc.registry.office import Office

MOST = 16 * 1024
"""Bytes; chains of platforms are 2 to 6 KiB."""


class AttestationFormat(StrEnum):
    """NONE: there is none, as WebAuthn's `none` says. The names are those of WebAuthn §8 where it has them."""

    ANDROID_KEY = "android-key"
    APPLE_APPATTEST = "apple-appattest"
    WEBAUTHN = "webauthn"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Attestation:
    """content: as the platform made it, 1 to 16384 bytes; empty for NONE. UsageError for another size."""

    format: AttestationFormat
    content: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if bool(self.content) is (self.format is AttestationFormat.NONE) or len(self.content) > MOST:
            raise UsageError("an attestation has 1 to 16384 bytes, and none for the format none")

    @property
    def digest(self) -> str:
        """SHA-256, hex; empty for NONE."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def keep_begun(office: Office, transaction: Transaction, attestation: Attestation | None) -> None:
    """With the transaction, until its card says whose the device is."""
    if attestation is None:
        return
    transaction.attestation_format = attestation.format
    if attestation.content:
        transaction.attestation = seal(office.keys.evidence, attestation.content, _label(transaction))


def hand_on(office: Office, session: Session, transaction: Transaction, device: Device) -> None:
    """From the transaction to the device, sealed from now on under the key of use of the person who showed the card."""
    device.attestation_format, sealed = transaction.attestation_format, transaction.attestation
    if sealed is None:
        return
    content = unseal(office.keys.evidence, sealed, _label(transaction))
    key, device.attestation_generation = person_keys.use_key(session, _owner(session, device))
    device.attestation, device.attestation_digest = (
        seal(key, content, _label(device)),
        hashlib.sha256(content).hexdigest(),
    )
    transaction.attestation = None


def opened(session: Session, device: Device) -> bytes:
    """The attestation of a device; NotFoundError where there is none, or its owner's data were erased."""
    owner, generation = _owner(session, device), device.attestation_generation
    return person_keys.open_sealed(session, owner, generation, device.attestation or b"", _label(device))


def refuse_missing(office: Office, account: Account, format_: str) -> None:
    """RefusedError for a device without an attestation, where devices.json wants one at the account's level."""
    least = office.devices.attestation_required_at_level
    if least and account.level >= least and format_ in ("", AttestationFormat.NONE):
        raise RefusedError("at this level a device is bound with an attestation of its key only")


def facts(device: Device) -> dict[str, str]:
    """What the audit says of it: the format, and the digest of what was kept."""
    if not device.attestation_format:
        return {}
    found = {"attestation_format": device.attestation_format}
    return found | ({"attestation": device.attestation_digest} if device.attestation_digest else {})


def _owner(session: Session, device: Device) -> str:
    return session.get_one(StoredEvidence, device.evidence_id).owner


def _label(row: Transaction | Device) -> str:
    return f"attestation {row.id}"
