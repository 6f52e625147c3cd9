"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.contacts import Contact, NotMe, PhoneChange
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.limits import LimitCount
from cccd_nfc.registry.models.log import AuditEntry, AuditNode, Identity, Message

__all__ = [
    "Account",
    "AccountLock",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Contact",
    "Device",
    "Identity",
    "LimitCount",
    "LockRequest",
    "Message",
    "NotMe",
    "OneTimePassword",
    "PhoneChange",
    "StoredEvidence",
    "Transaction",
]
