"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.contacts import (
    AccountChange,
    DeviceContact,
    HandOver,
    IdempotencyKey,
    OfflineRecord,
    ProofId,
)
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.log import AuditEntry, AuditNode, Identity, Message

__all__ = [
    "Account",
    "AccountChange",
    "AccountLock",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Device",
    "DeviceContact",
    "HandOver",
    "IdempotencyKey",
    "Identity",
    "LockRequest",
    "Message",
    "OfflineRecord",
    "OneTimePassword",
    "ProofId",
    "StoredEvidence",
    "Transaction",
]
