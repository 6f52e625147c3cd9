"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.levels import (
    Consent,
    ImportedStatus,
    IntegratedPaper,
    LevelApplication,
    Representation,
    TravelDocument,
)
from cccd_nfc.registry.models.log import AuditEntry, AuditNode, Identity, Message

__all__ = [
    "Account",
    "AccountLock",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Consent",
    "Device",
    "Identity",
    "ImportedStatus",
    "IntegratedPaper",
    "LevelApplication",
    "LockRequest",
    "Message",
    "OneTimePassword",
    "Representation",
    "StoredEvidence",
    "Transaction",
    "TravelDocument",
]
