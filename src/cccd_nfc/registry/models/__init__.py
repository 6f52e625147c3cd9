"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.log import AuditEntry, AuditNode, Identity, Message
from cccd_nfc.registry.models.officers import (
    Officer,
    OfficerChallenge,
    OfficerKey,
    OfficerSession,
    Proposal,
    ReservedKey,
    Station,
    Unit,
)

__all__ = [
    "Account",
    "AccountLock",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Device",
    "Identity",
    "LockRequest",
    "Message",
    "Officer",
    "OfficerChallenge",
    "OfficerKey",
    "OfficerSession",
    "OneTimePassword",
    "Proposal",
    "ReservedKey",
    "Station",
    "StoredEvidence",
    "Transaction",
    "Unit",
]
