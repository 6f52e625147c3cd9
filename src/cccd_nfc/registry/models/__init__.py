"""What the registry keeps. Times are UTC, in whole microseconds since 1970: every database compares them alike."""

from cccd_nfc.registry.models.accounts import Account, AccountLock, LockRequest
from cccd_nfc.registry.models.addresses import Contact, NotMe
from cccd_nfc.registry.models.base import Base
from cccd_nfc.registry.models.calls import IdempotencyKey, ProofId
from cccd_nfc.registry.models.device_contacts import AccountChange, DeviceContact, HandOver, OfflineRecord
from cccd_nfc.registry.models.devices import Device, OneTimePassword, StoredEvidence, Transaction
from cccd_nfc.registry.models.documents import PublishedHead
from cccd_nfc.registry.models.levels import (
    Consent,
    ImportedStatus,
    IntegratedPaper,
    LevelApplication,
    Representation,
    TravelDocument,
)
from cccd_nfc.registry.models.limits import LimitCount
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
from cccd_nfc.registry.models.personal import KeyGeneration, PersonKey, SensitiveRead, SubjectRequest
from cccd_nfc.registry.models.secrets import AccountSecrets, Nobody, OwnerSession, SecurityAnswer, WebRequest

__all__ = [
    "Account",
    "AccountChange",
    "AccountLock",
    "AccountSecrets",
    "AuditEntry",
    "AuditNode",
    "Base",
    "Consent",
    "Contact",
    "Device",
    "DeviceContact",
    "HandOver",
    "IdempotencyKey",
    "Identity",
    "ImportedStatus",
    "IntegratedPaper",
    "KeyGeneration",
    "LevelApplication",
    "LimitCount",
    "LockRequest",
    "Message",
    "Nobody",
    "NotMe",
    "Officer",
    "OfficerChallenge",
    "OfficerKey",
    "OfficerSession",
    "OfflineRecord",
    "OneTimePassword",
    "OwnerSession",
    "PersonKey",
    "ProofId",
    "Proposal",
    "PublishedHead",
    "Representation",
    "ReservedKey",
    "SecurityAnswer",
    "SensitiveRead",
    "Station",
    "StoredEvidence",
    "SubjectRequest",
    "Transaction",
    "TravelDocument",
    "Unit",
    "WebRequest",
]
