"""Evidence to report: a pure function of (evidence, trust, policy, time).

It needs no card, and can be repeated on another machine and years later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from cccd_nfc.errors import CardError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.checks import (
    access_control,
    active_authentication,
    card_access_authenticity,
    chip_authentication,
    document_validity,
    identity_consistency,
)
from cccd_nfc.inspection.known_faults import apply_known_faults
from cccd_nfc.inspection.policy import FIELD, Policy
from cccd_nfc.lds.dg1 import parse_dg1
from cccd_nfc.lds.dg2 import parse_dg2
from cccd_nfc.lds.files import EF_CARD_SECURITY, data_group
from cccd_nfc.lds.mrz import MRZ
from cccd_nfc.lds.security_infos import SecurityInfos, parse_card_access, parse_dg14
from cccd_nfc.pki.document_criteria import DocumentFacts
from cccd_nfc.pki.passive_authentication import (
    PassiveAuthentication,
    authentic_card_security,
    passive_authentication,
)
from cccd_nfc.pki.profile import profile_remarks
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import Check, CheckName, Identity, InspectionReport, Outcome
from cccd_nfc.vietnam.dg13 import CitizenData, parse_dg13
from cccd_nfc.vietnam.identity import build_identity

T = TypeVar("T")


def verify(evidence: Evidence, trust: TrustStore, policy: Policy = FIELD, *, now: datetime) -> InspectionReport:
    """The report on `evidence` at the time `now` (aware). Broken bytes end in a check, not in an exception."""
    data = passive_authentication(evidence.files, evidence.unread, trust, now)
    infos = _authentic(evidence, data.authentic, 14, parse_dg14)
    country = data.signer.country if data.signer else ""
    mrz = _parsed(evidence.files, 1, parse_dg1)
    citizen = _parsed(evidence.files, 13, parse_dg13)
    checks = (
        access_control(evidence),
        card_access_authenticity(evidence, *_signed_copy(evidence, infos, country, trust, now)),
        *_with_profile(data),
        active_authentication(evidence, data.authentic, infos),
        chip_authentication(evidence, infos),
        document_validity(mrz, citizen, now),
        identity_consistency(evidence, mrz, citizen),
    )
    tampered = any(
        check.outcome is Outcome.FAILED
        for check in data.checks
        if check.name in (CheckName.SOD_SIGNATURE, CheckName.DATA_GROUP_HASHES)
    )
    checks = apply_known_faults(checks, _facts(data, mrz, citizen), trust)
    return InspectionReport(
        verdict=policy.verdict(checks),
        checks=checks,
        identity=None if tampered else _identity(evidence, mrz, citizen, now),
        access=evidence.access,
        phases=evidence.phases,
        policy=policy.to_json(),
        evidence_digest=evidence.digest(),
        verified_at=now,
    )


def _with_profile(data: PassiveAuthentication) -> tuple[Check, ...]:
    """The checks, with what in the chain's certificates differs from their profile: said, and no question of trust."""
    if data.signer is None or not data.path:
        return data.checks
    found = profile_remarks(data.signer, data.path)
    name = CheckName.DOCUMENT_SIGNER_CHAIN
    return tuple(
        check._replace(remarks=(*check.remarks, *found)) if check.name is name else check for check in data.checks
    )


def _facts(data: PassiveAuthentication, mrz: MRZ | None, citizen: CitizenData | None) -> DocumentFacts:
    """By what the lists of issuing states know a document."""
    issued = citizen.day("issue_date") if citizen else None
    return DocumentFacts(
        signer=data.signer,
        document_type=mrz.document_code if mrz else "",
        document_number=mrz.document_number if mrz else "",
        issued_on=issued or (data.signed_at.date() if data.signed_at else None),
    )


def _signed_copy(
    evidence: Evidence, infos: SecurityInfos | None, country: str, trust: TrustStore, now: datetime
) -> tuple[str, SecurityInfos | None]:
    """What EF.CardAccess must agree with, and in which file it stands: EF.DG14, when authentic (`infos`), or
    EF.CardSecurity, which chips with PACE-CAM or EAC 2 hold, when its issuer is trusted and of the same `country`.
    """
    content = None if infos else authentic_card_security(evidence.files, trust, now, country)
    try:
        return (data_group(14).name, infos) if content is None else (EF_CARD_SECURITY.name, parse_card_access(content))
    except CardError:
        return EF_CARD_SECURITY.name, None


def _identity(evidence: Evidence, mrz: MRZ | None, citizen: CitizenData | None, now: datetime) -> Identity | None:
    if mrz is None and citizen is None:
        return None
    faces = _parsed(evidence.files, 2, parse_dg2) or ()
    return build_identity(mrz, citizen, faces[0].data if faces else b"", today=now.date())


# --- helpers --------------------------------------------------------------------------------------------------------


def _parsed(files: Mapping[str, bytes], number: int, parse: Callable[[bytes], T]) -> T | None:
    raw = files.get(data_group(number).name)
    try:
        return None if raw is None else parse(raw)
    except CardError:
        return None


def _authentic(evidence: Evidence, authentic: frozenset[str], number: int, parse: Callable[[bytes], T]) -> T | None:
    """The data group as parsed, when signature, chain and hash vouch for its bytes."""
    return _parsed(evidence.files, number, parse) if data_group(number).name in authentic else None
