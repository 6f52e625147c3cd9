"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.log import AuditEntry, AuditNode, Identity, Message
from cccd_nfc.registry.models.secrets import AccountSecrets, Nobody, OwnerSession, SecurityAnswer, WebRequest

__all__ = [
    "Account",
    "AccountLock",
    "AccountSecrets",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Device",
    "Identity",
    "LockRequest",
    "Message",
    "Nobody",
    "OneTimePassword",
    "OwnerSession",
    "SecurityAnswer",
    "StoredEvidence",
    "Transaction",
    "WebRequest",
]
