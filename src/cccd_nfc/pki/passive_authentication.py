"""Passive Authentication (ICAO 9303-11 §5.1, 8th ed.): are the data those that the issuer signed?

Five questions, each answered for itself: the signature on EF.SOD, the signer's chain to a trusted CSCA, the validity of
the certificates, revocation, and the hash of every file that was read. What cannot be known is indeterminate.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cccd_nfc.crypto.signatures import spelled
from cccd_nfc.errors import CardError, UnsupportedError
from cccd_nfc.lds.files import DATA_GROUPS, EF_CARD_SECURITY, EF_SOD, data_group
from cccd_nfc.lds.sod import LDSSecurityObject, parse_lds_security_object
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import chain_of
from cccd_nfc.pki.cms import SignedData
from cccd_nfc.pki.findings import Finding, failed, passed, remark, unknown
from cccd_nfc.pki.issuing_state import check_state
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.security_object import Signature, check_signature, parse_card_security, parse_sod
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.pki.validity import check_validity
from cccd_nfc.report import Check, CheckName, Outcome, Remark, RemarkCode, Said

_SOURCES = {
    CheckName.SOD_SIGNATURE: "ICAO 9303-11 §5.1, 9303-10 §4.6.2",
    CheckName.DOCUMENT_SIGNER_CHAIN: "ICAO 9303-11 §5.1, 9303-12 §6",
    CheckName.DOCUMENT_SIGNER_VALIDITY: "ICAO 9303-12 §7.1, RFC 5280 §6.1",
    CheckName.REVOCATION: "ICAO 9303-12 §7.1.4, RFC 5280 §6.3",
    CheckName.DATA_GROUP_HASHES: "ICAO 9303-11 §5.1",
}

_PROTECTED = (data_group(3).name, data_group(4).name)
"""Fingerprints and irises: readable after Terminal Authentication only."""

_NAMES = {number: data_group(number).name for number in range(1, 17)}


@dataclass(frozen=True, slots=True)
class PassiveAuthentication:
    """checks: the five, in the order of `_SOURCES`.  authentic: names of the files that signature, chain and hash prove
    to be the issuer's.  signer: the document signer's certificate.  anchor: its CSCA.  Each None when not found.
    signed: names of the data groups that EF.SOD lists.
    """

    checks: tuple[Check, ...]
    authentic: frozenset[str]
    signer: Certificate | None = None
    anchor: Certificate | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """The first four questions, which EF.SOD and EF.CardSecurity share."""

    signature: Signature
    chain: Finding
    anchor: Certificate | None
    validity: Finding
    revocation: Finding

    @property
    def vouched(self) -> bool:
        return self.signature.finding.outcome is self.chain.outcome is Outcome.PASSED


def _judge(signed: SignedData, trust: TrustStore, now: datetime) -> _Judged:
    signature = check_signature(signed, trust)
    signer, info = signature.signer, signature.signer_info
    if signer is None:
        nobody = unknown(Said("there is no document signer to follow"))
        return _Judged(signature, nobody, None, nobody, nobody)
    chain = chain_of(signer, trust)
    signed_at = info.signing_time if info else None
    return _Judged(
        signature,
        chain.finding,
        chain.anchor,
        check_validity(signer, chain.path, signed_at, now),
        check_revocation(signer, chain.path, trust, now),
    )


def passive_authentication(
    files: Mapping[str, bytes], unread: Mapping[str, int], trust: TrustStore, now: datetime
) -> PassiveAuthentication:
    """The five checks of `files` (name -> bytes as read) at the time `now`; broken bytes end in a check.

    unread: files that were not read -> the status word, or 0.
    """
    if EF_SOD.name not in files:
        return _all(unknown(Said("there is no EF.SOD")))
    try:
        signed = parse_sod(files[EF_SOD.name])
        security_object = parse_lds_security_object(signed.content)
    except UnsupportedError as error:
        return _all(unknown(Said("{reason}", reason=error)))
    except CardError as error:
        broken = failed(Said("EF.SOD is broken: {reason}", reason=error))
        return _all(unknown(Said("EF.SOD cannot be read")), first=broken)
    judged = _judge(signed, trust, now)
    hashes, intact = check_hashes(security_object, files, unread)
    chain = check_state(judged.chain, judged.signature.signer, files)
    findings = (judged.signature.finding, chain, judged.validity, judged.revocation, hashes)
    info = judged.signature.signer_info
    return PassiveAuthentication(
        checks=_checks(findings),
        authentic=intact if judged.vouched and chain.outcome is Outcome.PASSED else frozenset(),
        signer=judged.signature.signer,
        anchor=judged.anchor,
        signed_at=info.signing_time if info else None,
    )


def authentic_card_security(files: Mapping[str, bytes], trust: TrustStore, now: datetime) -> bytes | None:
    """The SecurityInfos of EF.CardSecurity when its issuer is as trusted as that of EF.SOD must be; else None."""
    raw = files.get(EF_CARD_SECURITY.name)
    try:
        signed = parse_card_security(raw) if raw is not None else None
    except CardError:
        return None
    if signed is None:
        return None
    judged = _judge(signed, trust, now)
    sound = judged.vouched and judged.validity.outcome is Outcome.PASSED
    return signed.content if sound and judged.revocation.outcome is not Outcome.FAILED else None


def _checks(findings: tuple[Finding, ...]) -> tuple[Check, ...]:
    return tuple(each.check(name, _SOURCES[name]) for each, name in zip(findings, _SOURCES, strict=True))


def _all(finding: Finding, *, first: Finding | None = None) -> PassiveAuthentication:
    return PassiveAuthentication(_checks((first or finding, *[finding] * (len(_SOURCES) - 1))), frozenset())


# The hashes of the data groups ----------------------------------------------------------------------------------------


def check_hashes(
    signed: LDSSecurityObject, files: Mapping[str, bytes], unread: Mapping[str, int]
) -> tuple[Finding, frozenset[str]]:
    """What `data-group-hashes` says, and the files whose hash is right."""
    if signed.version not in (0, 1):
        template = "an LDSSecurityObject of version {version}, which is not known"
        return unknown(Said(template, version=signed.version)), frozenset()
    if signed.repeated:
        return failed(Said("EF.SOD lists a data group more than once")), frozenset()
    present = [file.name for file in DATA_GROUPS if file.name in files]
    by_name = {_NAMES[number]: digest for number, digest in signed.hashes.items()}
    wrong = [name for name in present if name in by_name and not _hash_is(files[name], by_name[name], signed.hash_name)]
    if wrong:
        return failed(Said("changed since they were signed: {files}", files=", ".join(wrong))), frozenset()
    unsigned = [name for name in present if name not in by_name]
    intact = frozenset(present) - frozenset(unsigned)
    if unsigned:
        return unknown(Said("not signed by the issuer: {files}", files=", ".join(unsigned))), intact
    if not intact:
        return unknown(Said("no data group was read")), intact
    return _intact(signed, by_name, intact, unread), intact


def _intact(
    signed: LDSSecurityObject, by_name: Mapping[str, bytes], intact: frozenset[str], unread: Mapping[str, int]
) -> Finding:
    template = "{count} of {all} data groups, {hash}"
    said = Said(template, count=len(intact), all=len(by_name), hash=spelled(signed.hash_name))
    remarks = list(_remarks(signed, by_name, intact, unread))
    left = [_left(name, unread) for name in by_name if name not in intact]
    if left:
        said = Said("{said}; signed but not read: {files}", said=said, files=", ".join(left))
    return passed(said, remarks)


_ABSENT = 0x6A82


def _left(name: str, unread: Mapping[str, int]) -> str:
    if unread.get(name) == _ABSENT:
        return f"{name} (not on the chip)"
    return f"{name} (protected)" if name in _PROTECTED else name


def _remarks(
    signed: LDSSecurityObject, by_name: Mapping[str, bytes], intact: frozenset[str], unread: Mapping[str, int]
) -> list[Remark]:
    found = []
    open_files = [name for name in by_name if name not in intact and name not in _PROTECTED]
    if open_files:
        found.append(remark(RemarkCode.NOT_READ, "signed but not read: {files}", files=", ".join(open_files)))
    if bool(signed.lds_version) != bool(signed.version):
        found.append(remark(RemarkCode.LDS_VERSION, "version and LDSVersionInfo of EF.SOD do not fit each other"))
    if signed.hash_name == "sha1":
        found.append(remark(RemarkCode.SHA_1, "the data groups are hashed with SHA-1, which is weak"))
    return found


def _hash_is(content: bytes, digest: bytes, hash_name: str) -> bool:
    return hmac.compare_digest(hashlib.new(hash_name, content).digest(), digest)
