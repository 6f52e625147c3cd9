"""The verdict and what it rests on: checks with more than two outcomes, and the one way to a verified identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from cccd_nfc.errors import NotVerifiedError
from cccd_nfc.evidence import AccessRecord, PhaseCount
from cccd_nfc.sentences import Said, joined


class Outcome(StrEnum):
    """passed: shown. failed: disproved. indeterminate: cannot be known here. not-performed: there was no occasion."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    NOT_PERFORMED = "not-performed"


class CheckName(StrEnum):
    """Every check, in the order in which a report lists them."""

    ACCESS_CONTROL = "access-control"
    CARD_ACCESS_AUTHENTICITY = "card-access-authenticity"
    SOD_SIGNATURE = "sod-signature"
    DOCUMENT_SIGNER_CHAIN = "document-signer-chain"
    DOCUMENT_SIGNER_VALIDITY = "document-signer-validity"
    REVOCATION = "revocation"
    DATA_GROUP_HASHES = "data-group-hashes"
    ACTIVE_AUTHENTICATION = "active-authentication"
    CHIP_AUTHENTICATION = "chip-authentication"
    DOCUMENT_VALIDITY = "document-validity"
    IDENTITY_CONSISTENCY = "identity-consistency"


class RemarkCode(StrEnum):
    """What a check found on its way that a policy may mind; `inspection.policy` says which do."""

    SHA_1 = "sha-1"
    SHORT_RSA = "rsa-below-2048"
    SHORT_CURVE = "curve-p192"
    SHA_1_OF_CHIP = "chip-answers-with-sha-1"
    SIGNER_EXPIRED = "signer-expired"
    CSCA_EXPIRED = "csca-expired"
    OUTSIDE_USAGE_PERIOD = "outside-private-key-usage-period"
    NO_SIGNING_TIME = "no-signing-time"
    PROFILE = "certificate-profile"
    CRL_PROFILE = "crl-profile"
    LINK = "link-certificate"
    ANCHOR_UNSIGNED = "anchor-unsigned"
    DOCUMENT_TYPE = "document-type-not-listed"
    OTHER_ALGORITHM = "signed-with-other-algorithm"
    OTHER_SIGNER_NAME = "signer-named-otherwise"
    ENVELOPE = "signature-envelope"
    SIGNER_FROM_STORE = "signer-from-trust-store"
    LDS_VERSION = "lds-version"
    NOT_READ = "signed-but-not-read"
    SPECIMEN = "specimen"
    KNOWN_DEVIATION = "known-deviation"
    KNOWN_DEFECT = "known-defect"


NO_FACTS: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth saying that does not decide its check."""

    code: RemarkCode
    text: Said


class Check(NamedTuple):
    """One question and its answer.

    detail: a sentence without personal data.  source: the clause that asks, and so the rule that was used.
    remarks: what a policy may mind.  facts: which certificate, list or time the answer rests on, by name.
    """

    name: CheckName
    outcome: Outcome
    detail: Said
    source: str
    remarks: tuple[Remark, ...] = ()
    facts: Mapping[str, object] = NO_FACTS

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name.value,
            "outcome": self.outcome.value,
            "detail": str(self.detail),
            "source": self.source,
            "remarks": [{"code": remark.code.value, "text": str(remark.text)} for remark in self.remarks],
            "facts": {name: spelled_fact(value) for name, value in self.facts.items()},
        }


def spelled_fact(value: object) -> str:
    """A fact as it is printed: moments as ISO 8601 in UTC, a span as its two ends, certificates and lists as they spell
    themselves.
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, tuple):
        return " / ".join(spelled_fact(each) for each in value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the card says it belongs to, as read: not yet believed. Empty or None where the card does not say.

    expiry_date: None with `no_expiry` for a card without an end.  portrait: JPEG or JPEG 2000 bytes as stored.
    other: the further fields of EF.DG13 by name (place of origin, residence, parents ...).
    """

    document_number: str = field(default="", repr=False)
    personal_number: str = field(default="", repr=False)
    full_name: str = field(default="", repr=False)
    latin_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: str = ""
    nationality: str = ""
    issuer: str = ""
    expiry_date: date | None = None
    no_expiry: bool = False
    issue_date: date | None = None
    portrait: bytes = field(default=b"", repr=False)
    other: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, Any]:
        """JSON values; of the portrait only its size in bytes, since a face is not for a terminal's history."""
        return {
            "document_number": self.document_number,
            "personal_number": self.personal_number,
            "full_name": self.full_name,
            "latin_name": self.latin_name,
            "birth_date": _iso(self.birth_date),
            "sex": self.sex,
            "nationality": self.nationality,
            "issuer": self.issuer,
            "issue_date": _iso(self.issue_date),
            "expiry_date": _iso(self.expiry_date),
            "no_expiry": self.no_expiry,
            "portrait_bytes": len(self.portrait),
            "other": dict(self.other),
        }


@dataclass(frozen=True, slots=True)
class VerifiedIdentity:
    """An identity that the card proved. Only `InspectionReport.verified_identity` makes one.

    grade: "B" signed data and Active Authentication, "C" signed data and Chip Authentication, which only the terminal
    saw.  evidence_digest: 32 bytes, names the evidence it was drawn from.
    """

    identity: Identity
    grade: str
    evidence_digest: bytes
    verified_at: datetime
    _proof: object = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._proof is not _MADE_BY_A_REPORT:
            raise NotVerifiedError("a verified identity comes from an inspection report only")


_MADE_BY_A_REPORT = object()


@dataclass(frozen=True, slots=True)
class InspectionReport:
    """The answer to "is this card genuine, and whose is it"."""

    verdict: Outcome
    checks: tuple[Check, ...]
    identity: Identity | None
    access: AccessRecord
    phases: tuple[PhaseCount, ...]
    policy: Mapping[str, Any]
    evidence_digest: bytes
    verified_at: datetime

    def check(self, name: CheckName) -> Check:
        return next(check for check in self.checks if check.name == name)

    def passed(self, name: CheckName) -> bool:
        return self.check(name).outcome is Outcome.PASSED

    def verified_identity(self) -> VerifiedIdentity:
        """The identity, when the verdict is passed; NotVerifiedError, which names what is missing, otherwise."""
        if self.verdict is not Outcome.PASSED or self.identity is None:
            open_checks = [
                Said(check.name.value)
                for check in self.checks
                if check.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)
            ]
            why = joined(open_checks, ", ") or Said("no proof")
            raise NotVerifiedError(
                Said("the card is not verified ({verdict}: {why})", verdict=Said(self.verdict.value), why=why)
            )
        grade = "B" if self.passed(CheckName.ACTIVE_AUTHENTICATION) else "C"
        return VerifiedIdentity(self.identity, grade, self.evidence_digest, self.verified_at, _MADE_BY_A_REPORT)

    def to_json(self) -> dict[str, Any]:
        """The object that `cccd verify --json` prints."""
        return {
            "verdict": self.verdict.value,
            "checks": [check.to_json() for check in self.checks],
            "identity": self.identity.to_json() if self.identity else None,
            "access": {
                "protocol": self.access.protocol,
                "parameter_id": self.access.parameter_id,
                "password": self.access.password,
                "oid": self.access.oid,
                "fallback": self.access.fallback,
            },
            "chip": _chip_to_json(self.phases),
            "policy": dict(self.policy),
            "verified_at": self.verified_at.isoformat(),
        }


def _chip_to_json(phases: tuple[PhaseCount, ...]) -> dict[str, Any]:
    return {
        "exchanges": sum(phase.exchanges for phase in phases),
        "bytes_sent": sum(phase.sent for phase in phases),
        "bytes_received": sum(phase.received for phase in phases),
        "milliseconds": round(sum(phase.milliseconds for phase in phases), 1),
        "phases": [
            {
                "name": phase.name,
                "exchanges": phase.exchanges,
                "bytes_sent": phase.sent,
                "bytes_received": phase.received,
                "milliseconds": round(phase.milliseconds, 1),
            }
            for phase in phases
        ],
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
