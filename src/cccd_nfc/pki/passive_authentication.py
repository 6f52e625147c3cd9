"""Passive Authentication (ICAO 9303-11 §5.1, 8th ed.): are the data those that the issuer signed?

Five questions, each answered for itself: the signature on EF.SOD, the signer's chain to a trusted CSCA, the validity of
both certificates, revocation, and the hash of every file that was read. What cannot be known is indeterminate.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cccd_nfc.crypto.signatures import spelled
from cccd_nfc.errors import CardError, SignatureError, UnsupportedError
from cccd_nfc.lds.files import DATA_GROUPS, EF_SOD, data_group
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT, LDSSecurityObject, parse_lds_security_object, unwrap_sod
from cccd_nfc.pki.certificates import (
    BASIC_CONSTRAINTS,
    DIGITAL_SIGNATURE,
    EXTENDED_KEY_USAGE,
    KEY_CERT_SIGN,
    KEY_USAGE,
    Certificate,
)
from cccd_nfc.pki.cms import SignedData, SignerInfo, parse_signed_data
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import Check, CheckName, Outcome

_SOURCES = {
    CheckName.SOD_SIGNATURE: "ICAO 9303-11 §5.1, 9303-10 §4.6.2",
    CheckName.DOCUMENT_SIGNER_CHAIN: "ICAO 9303-11 §5.1, 9303-12 §6",
    CheckName.DOCUMENT_SIGNER_VALIDITY: "ICAO 9303-12 §7.1, RFC 5280 §6.1",
    CheckName.REVOCATION: "ICAO 9303-12 §7.1.4, RFC 5280 §6.3",
    CheckName.DATA_GROUP_HASHES: "ICAO 9303-11 §5.1",
}


_NOT_FOR_DOCUMENTS = frozenset({"2.23.136.1.1.3", "2.23.136.1.1.8"})
"""Purposes of master list and deviation list signers (9303-12 §7.1.1.3), whom the same CSCA certifies."""

_UNDERSTOOD = frozenset({KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE})
"""Extensions that may be critical; one that is not known fails the path (9303-12 App. D.1.1.3)."""

_PROTECTED = (data_group(3).name, data_group(4).name)
"""Fingerprints and irises: readable after Terminal Authentication only."""

_CONTENT_TYPES = frozenset({LDS_SECURITY_OBJECT, "1.2.840.113549.1.7.1"})
"""What EF.SOD encloses: the LDSSecurityObject, which old documents call id-data."""


@dataclass(frozen=True, slots=True)
class PassiveAuthentication:
    """checks: the five, in the order of `_SOURCES`.  authentic: names of the files that signature, chain and hash prove
    to be the issuer's.  signer: the document signer's certificate.  anchor: its CSCA.  Each None when not found.
    """

    checks: tuple[Check, ...]
    authentic: frozenset[str]
    signer: Certificate | None = None
    anchor: Certificate | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    outcome: Outcome
    detail: str

    def check(self, name: CheckName) -> Check:
        return Check(name, self.outcome, self.detail, _SOURCES[name])


def _passed(detail: str) -> _Answer:
    return _Answer(Outcome.PASSED, detail)


def _failed(detail: str) -> _Answer:
    return _Answer(Outcome.FAILED, detail)


def _unknown(detail: str) -> _Answer:
    return _Answer(Outcome.INDETERMINATE, detail)


def passive_authentication(
    files: Mapping[str, bytes], unread: Mapping[str, int], trust: TrustStore, now: datetime
) -> PassiveAuthentication:
    """The five checks of `files` (name -> bytes as read) at the time `now`; broken bytes end in a check."""
    if EF_SOD.name not in files:
        return _all(_unknown("there is no EF.SOD"))
    try:
        signed = parse_signed_data(unwrap_sod(files[EF_SOD.name]))
        security_object = parse_lds_security_object(signed.content)
        if signed.content_type not in _CONTENT_TYPES:
            raise UnsupportedError(f"EF.SOD: signed content of the kind {signed.content_type}")
    except UnsupportedError as error:
        return _all(_unknown(str(error)))
    except CardError as error:
        return _all(_unknown("EF.SOD cannot be read"), first=_failed(f"EF.SOD is broken: {error}"))

    signature, signer_info, signer = _check_signature(signed)
    chain, anchor = _check_chain(signer, trust)
    hashes, intact = _check_hashes(security_object, files, unread)
    answers = (
        signature,
        chain,
        _check_validity(signer, anchor, signer_info, now),
        _check_revocation(signer, anchor, trust, now),
        hashes,
    )
    vouched = signature.outcome is chain.outcome is Outcome.PASSED
    checks = tuple(answer.check(name) for answer, name in zip(answers, _SOURCES, strict=True))
    return PassiveAuthentication(checks, intact if vouched else frozenset(), signer, anchor)


def _all(answer: _Answer, *, first: _Answer | None = None) -> PassiveAuthentication:
    answers = (first or answer, *[answer] * (len(_SOURCES) - 1))
    return PassiveAuthentication(tuple(a.check(n) for a, n in zip(answers, _SOURCES, strict=True)), frozenset())


# 1. The signature on EF.SOD ------------------------------------------------------------------------------------------


def _check_signature(signed: SignedData) -> tuple[_Answer, SignerInfo | None, Certificate | None]:
    """Of several signers one with a right signature suffices; a wrong one among them is a failure all the same."""
    if not signed.signers:
        return _failed("EF.SOD is not signed"), None, None
    found: tuple[SignerInfo, Certificate] | None = None
    problem: _Answer | None = None
    for signer_info in signed.signers:
        certificate = _certificate_of(signer_info, signed)
        if certificate is None:
            problem = problem or _unknown("the document signer's certificate is not in EF.SOD")
            continue
        try:
            signed.verify_signer(signer_info, certificate.public_key)
        except SignatureError as error:
            if not signer_info.names(certificate):
                problem = problem or _unknown("the certificate in EF.SOD is not the one that its signer names")
                continue
            return _failed(f"EF.SOD: {error}"), signer_info, certificate
        except CardError as error:
            problem = problem or _unknown(f"EF.SOD: {error}")
            continue
        found = found or (signer_info, certificate)
    if found is None:
        return problem or _unknown("EF.SOD has no signer that is known"), None, None
    return _passed(f"{found[0].scheme.description}, {found[1].public_key.description}"), *found


def _certificate_of(signer: SignerInfo, signed: SignedData) -> Certificate | None:
    """By name and serial, or key identifier; else the only one there: some issuers spell themselves differently."""
    named = [certificate for certificate in signed.certificates if signer.names(certificate)]
    if named:
        return named[0]
    return signed.certificates[0] if len(signed.certificates) == 1 else None


# 2. The chain to a trusted CSCA ---------------------------------------------------------------------------------------


def _check_chain(signer: Certificate | None, trust: TrustStore) -> tuple[_Answer, Certificate | None]:
    """Several CSCAs of a country may carry one name, so each candidate is tried, and the signature decides."""
    if signer is None:
        return _unknown("there is no document signer to follow"), None
    if signer in trust.anchors:
        return _unknown("the document signer is itself in the trust store; only a CSCA vouches for it"), None
    candidates = trust.candidates(signer.issuer, signer.authority_key_identifier)
    if not candidates:
        return _unknown(f"no trusted CSCA for {signer.country or 'this issuer'}"), None
    open_question, disproved = "", False
    for anchor in candidates:
        try:
            signer.verify_signed_by(anchor)
        except SignatureError:
            if anchor.subject_key_identifier and anchor.subject_key_identifier == signer.authority_key_identifier:
                disproved = True
            continue
        except CardError as error:
            open_question = str(error)
            continue
        return _profile(signer, anchor), anchor
    if disproved:
        return _failed("the CSCA that the document signer names did not sign its certificate"), None
    # Another key under the same name is how a CSCA is renewed: that the trusted one did not sign disproves nothing.
    return _unknown(open_question or "the trusted CSCA of that name has another key than the signer's issuer"), None


def _profile(signer: Certificate, anchor: Certificate) -> _Answer:
    """What the extensions of both must not say (9303-12 §7.1.1)."""
    if anchor.key_usage(KEY_CERT_SIGN) is False:
        return _failed("the CSCA's key is not for signing certificates")
    if signer.key_usage(DIGITAL_SIGNATURE) is False:
        return _failed("the document signer's key is not for signing documents")
    if signer.is_ca:
        return _failed("the document signer's certificate is that of a CA")
    if signer.country != anchor.country and anchor.country:
        return _failed("the document signer and its CSCA are of different countries")
    try:
        if signer.extended_key_usage & _NOT_FOR_DOCUMENTS:
            return _failed("the document signer's key is for signing lists, not documents")
    except CardError as error:
        return _unknown(str(error))
    if signer.critical - _UNDERSTOOD:
        return _unknown("the document signer's certificate has a critical extension that is not known")
    return _passed(f"{anchor.subject_text}, SHA-256 {anchor.fingerprint[:16]}…")


# 3. Validity ----------------------------------------------------------------------------------------------------------


def _check_validity(
    signer: Certificate | None, anchor: Certificate | None, signer_info: SignerInfo | None, now: datetime
) -> _Answer:
    """Both certificates must have been valid when the document was signed; one that has expired since is said."""
    if signer is None:
        return _unknown("there is no document signer")
    signed_at = signer_info.signing_time if signer_info else None
    for name, certificate in (("document signer", signer), ("CSCA", anchor)):
        if certificate is None:
            continue
        if now < certificate.not_before:
            return _failed(f"the {name}'s certificate is not valid yet")
        if signed_at and signed_at > now:
            return _unknown("EF.SOD says that it was signed at a time to come")
        if signed_at and not certificate.not_before <= signed_at <= certificate.not_after:
            return _failed(f"the {name}'s certificate was not valid when the document was signed")
        if now > certificate.not_after and signed_at is None:
            return _unknown(f"the {name}'s certificate has expired, and EF.SOD does not say when it was signed")
    if anchor is None:
        return _unknown("the CSCA is not known")
    expired = [name for name, each in (("document signer", signer), ("CSCA", anchor)) if now > each.not_after]
    since = f"; expired since: {', '.join(expired)}" if expired else ""
    return _passed(f"until {signer.not_after:%Y-%m-%d}{since}")


# 4. Revocation --------------------------------------------------------------------------------------------------------


def _check_revocation(
    signer: Certificate | None, anchor: Certificate | None, trust: TrustStore, now: datetime
) -> _Answer:
    if signer is None or anchor is None:
        return _unknown("there is no chain to ask about")
    why = "no revocation list of this CSCA is at hand"
    latest: CertificateRevocationList | None = None
    for crl in trust.crls_of(anchor):
        reason = _unsigned(crl, trust)
        if not reason and signer.serial in crl.revoked:
            return _failed("the document signer's certificate has been revoked")
        reason = reason or crl.unusable_because(now)
        if reason:
            why = reason
        elif latest is None or crl.this_update > latest.this_update:
            latest = crl
    return _passed(f"not on the list of {latest.this_update:%Y-%m-%d}") if latest else _unknown(why)


def _unsigned(crl: CertificateRevocationList, trust: TrustStore) -> str:
    """Why no trusted key of the CSCA vouches for the list, or nothing. Its latest key may sign (App. D.1.2.3)."""
    why = "the revocation list was not signed by this CSCA"
    for issuer in trust.candidates(crl.issuer, b""):
        try:
            crl.verify_signed_by(issuer)
            return ""
        except SignatureError:
            continue
        except CardError as error:
            why = str(error)
    return why


# 5. The hashes of the data groups -------------------------------------------------------------------------------------


def _check_hashes(
    signed: LDSSecurityObject, files: Mapping[str, bytes], unread: Mapping[str, int]
) -> tuple[_Answer, frozenset[str]]:
    if signed.version not in (0, 1):
        return _unknown(f"an LDSSecurityObject of version {signed.version}, which is not known"), frozenset()
    if signed.repeated:
        return _failed("EF.SOD lists a data group more than once"), frozenset()
    present = [file.name for file in DATA_GROUPS if file.name in files]
    by_name = {data_group(number).name: digest for number, digest in signed.hashes.items()}
    wrong = [name for name in present if name in by_name and not _hash_is(files[name], by_name[name], signed.hash_name)]
    if wrong:
        return _failed(f"changed since they were signed: {', '.join(wrong)}"), frozenset()
    unsigned = [name for name in present if name not in by_name]
    intact = frozenset(present) - frozenset(unsigned)
    if unsigned:
        return _unknown(f"not signed by the issuer: {', '.join(unsigned)}"), intact
    if not intact:
        return _unknown("no data group was read"), intact
    left = [f"{name} (protected)" if name in _PROTECTED else name for name in by_name if name not in files]
    said = f"; signed but not read: {', '.join(left)}" if left else ""
    return _passed(f"{len(intact)} of {len(by_name)} data groups, {spelled(signed.hash_name)}{said}"), intact


def _hash_is(content: bytes, digest: bytes, hash_name: str) -> bool:
    return hmac.compare_digest(hashlib.new(hash_name, content).digest(), digest)
