"""Passive Authentication (ICAO 9303-11 §5.1, 8th ed.): are the data those that the issuer signed?

Five questions, each answered for itself: the signature on EF.SOD, the signer's chain to a trusted CSCA, the validity of
the certificates, revocation, and the hash of every file that was read. What cannot be known is indeterminate.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from cccd_nfc.crypto.signatures import HASHERS, spelled
from cccd_nfc.errors import CardError, UnsupportedError
from cccd_nfc.lds.files import EF_CARD_SECURITY, EF_SOD, data_group
from cccd_nfc.lds.sod import LDSSecurityObject, parse_lds_security_object
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import chain_of
from cccd_nfc.pki.findings import Finding, failed, passed, remark, unknown
from cccd_nfc.pki.issuing_state import check_state
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.security_object import Signature, check_signature, parse_card_security, parse_sod
from cccd_nfc.pki.signed_data import SignedData
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.pki.validity import check_validity
from cccd_nfc.report import Check, CheckName, Outcome, Remark, RemarkCode
from cccd_nfc.sentences import Said, joined, sentence_of

_SOURCES = {
    CheckName.SOD_SIGNATURE: "ICAO 9303-11 §5.1, 9303-10 §4.6.2",
    CheckName.DOCUMENT_SIGNER_CHAIN: "ICAO 9303-11 §5.1, 9303-12 §6",
    CheckName.DOCUMENT_SIGNER_VALIDITY: "ICAO 9303-12 §7.1, RFC 5280 §6.1",
    CheckName.REVOCATION: "ICAO 9303-12 §7.1.4, RFC 5280 §6.3",
    CheckName.DATA_GROUP_HASHES: "ICAO 9303-11 §5.1",
}

_NAMES_OF_CHECKS, _CLAUSES = tuple(_SOURCES), tuple(_SOURCES.values())

_PROTECTED = (data_group(3).name, data_group(4).name)
"""Fingerprints and irises: readable after Terminal Authentication only."""

_NAMES = {number: data_group(number).name for number in range(1, 17)}
_NUMBERS = {name: number for number, name in _NAMES.items()}


class PassiveAuthentication(NamedTuple):
    """checks: the five, in the order of `_SOURCES`.  authentic: names of the files that signature, chain and hash prove
    to be the issuer's.  signer: the document signer's certificate, None when not found.  path: its issuers, up to the
    anchor; none when no chain was found.  signed_at: as EF.SOD states it.
    """

    checks: tuple[Check, ...]
    authentic: frozenset[str]
    signer: Certificate | None = None
    path: tuple[Certificate, ...] = ()
    signed_at: datetime | None = None

    @property
    def anchor(self) -> Certificate | None:
        return self.path[-1] if self.path else None


class _Judged(NamedTuple):
    """The first four questions, which EF.SOD and EF.CardSecurity share."""

    signature: Signature
    signed_at: datetime | None
    chain: Finding
    path: tuple[Certificate, ...]
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
        return _Judged(signature, None, nobody, (), nobody, nobody)
    chain = chain_of(signer, trust)
    signed_at = info.signing_time if info else None
    return _Judged(
        signature,
        signed_at,
        chain.finding,
        chain.path,
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
        return _all(unknown(sentence_of(error)))
    except CardError as error:
        broken = failed(Said("EF.SOD is broken: {reason}", reason=error))
        return _all(unknown(Said("EF.SOD cannot be read")), first=broken)
    judged = _judge(signed, trust, now)
    hashes, intact = check_hashes(security_object, files, unread)
    chain = check_state(judged.chain, judged.signature.signer, files)
    findings = (judged.signature.finding, chain, judged.validity, judged.revocation, hashes)
    return PassiveAuthentication(
        checks=_checks(findings),
        authentic=intact if judged.vouched and chain.outcome is Outcome.PASSED else frozenset(),
        signer=judged.signature.signer,
        path=judged.path,
        signed_at=judged.signed_at,
    )


def authentic_card_security(files: Mapping[str, bytes], trust: TrustStore, now: datetime, country: str) -> bytes | None:
    """The SecurityInfos of EF.CardSecurity when its issuer is as trusted as that of EF.SOD must be; else None.

    country: of EF.SOD's signer; a security object of another state says nothing of this chip.
    """
    raw = files.get(EF_CARD_SECURITY.name)
    try:
        signed = parse_card_security(raw) if raw is not None else None
    except CardError:
        return None
    if signed is None:
        return None
    judged = _judge(signed, trust, now)
    signer = judged.signature.signer
    if signer is None or signer.country != country:
        return None
    sound = judged.vouched and judged.validity.outcome is Outcome.PASSED
    return signed.content if sound and judged.revocation.outcome is not Outcome.FAILED else None


def _checks(findings: tuple[Finding, ...]) -> tuple[Check, ...]:
    return tuple(map(Finding.check, findings, _NAMES_OF_CHECKS, _CLAUSES))


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
    digest_of = HASHERS[signed.hash_name]
    intact, wrong, left = [], [], []
    for number, digest in signed.hashes.items():
        name = _NAMES[number]
        if name not in files:
            left.append(name)
        elif digest_of(files[name]).digest() == digest:
            intact.append(name)
        else:
            wrong.append(name)
    if wrong:
        return failed(Said("changed since they were signed: {files}", files=", ".join(wrong))), frozenset()
    unsigned = [name for name in files if name in _NUMBERS and _NUMBERS[name] not in signed.hashes]
    if unsigned:
        named = ", ".join(sorted(unsigned, key=_NUMBERS.__getitem__))
        return unknown(Said("not signed by the issuer: {files}", files=named)), frozenset(intact)
    if not intact:
        return unknown(Said("no data group was read")), frozenset()
    reasons = tuple((name, unread.get(name, 0)) for name in left)
    odd_version = bool(signed.lds_version) != bool(signed.version)
    return _intact(len(intact), reasons, signed.hash_name, odd_version), frozenset(intact)


@lru_cache(maxsize=256)
def _intact(count: int, left: tuple[tuple[str, int], ...], hash_name: str, odd_version: bool) -> Finding:
    """All that was read is as it was signed. left: files that were not read -> the status word, or 0."""
    template = "{count} of {all} data groups, {hash}"
    said = Said(template, count=count, all=count + len(left), hash=spelled(hash_name))
    if left:
        named = joined((_left(name, sw) for name, sw in left), ", ")
        said = Said("{said}; signed but not read: {files}", said=said, files=named)
    return passed(said, _remarks(left, hash_name, odd_version))


_ABSENT = 0x6A82


def _left(name: str, sw: int) -> Said:
    if sw == _ABSENT:
        return Said("{file} (not on the chip)", file=name)
    return Said("{file} (protected)", file=name) if name in _PROTECTED else Said("{file}", file=name)


def _remarks(left: tuple[tuple[str, int], ...], hash_name: str, odd_version: bool) -> list[Remark]:
    found = []
    open_files = [name for name, _ in left if name not in _PROTECTED]
    if open_files:
        found.append(remark(RemarkCode.NOT_READ, "signed but not read: {files}", files=", ".join(open_files)))
    if odd_version:
        found.append(remark(RemarkCode.LDS_VERSION, "version and LDSVersionInfo of EF.SOD do not fit each other"))
    if hash_name == "sha1":
        found.append(remark(RemarkCode.SHA_1, "the data groups are hashed with SHA-1, which is weak"))
    return found
