"""The checks that are not Passive Authentication's: access, the proofs that the chip is no copy, what the data say."""

from __future__ import annotations

from datetime import datetime

from cccd_nfc.crypto.strength import key_weaknesses
from cccd_nfc.errors import CardError, CccdError, SignatureError, UnsupportedError
from cccd_nfc.evidence import Evidence
from cccd_nfc.lds.dg15 import parse_dg15
from cccd_nfc.lds.files import EF_CARD_ACCESS, data_group
from cccd_nfc.lds.mrz import MRZ
from cccd_nfc.lds.security_infos import SecurityInfos, parse_card_access
from cccd_nfc.pki.findings import remark, remark_weak
from cccd_nfc.protocol.active_authentication import VerifiedAnswer, verify_active_authentication
from cccd_nfc.protocol.chip_authentication import confirm_chip_authentication
from cccd_nfc.report import Check, CheckName, Outcome, Remark, RemarkCode
from cccd_nfc.sentences import Said, joined, sentence_of
from cccd_nfc.vietnam.dg13 import CitizenData
from cccd_nfc.vietnam.identity import build_identity, consistency

NOT_SUPPORTED = (0x6D00, 0x6E00, 0x6A81, 0x6A88)
"""Status words by which genuine chips say that they do not do this at all."""


# --- access ---------------------------------------------------------------------------------------------------------


def access_control(evidence: Evidence) -> Check:
    name, source = CheckName.ACCESS_CONTROL, "ICAO 9303-11 §4.2"
    access = evidence.access
    if evidence.source != "chip":
        return Check(name, Outcome.NOT_PERFORMED, Said("files without a chip"), source)
    if access.protocol == "none":
        return Check(name, Outcome.INDETERMINATE, Said("the chip was read without access control"), source)
    how = Said("{protocol} with {password}", protocol=access.protocol, password=access.password.upper())
    if access.fallback:
        detail = Said("{how} in place of PACE: {reason}", how=how, reason=_why_not_pace(access.fallback))
        return Check(name, Outcome.INDETERMINATE, detail, source)
    return Check(name, Outcome.PASSED, how, source)


def _why_not_pace(fallback: str) -> Said:
    """What the record says, as a sentence: of a failed PACE it has the error's name in brackets."""
    what, _, error = fallback.removesuffix(")").partition(" (")
    return Said("{said} ({reason})", said=Said(what), reason=error) if error else Said(fallback)


def card_access_authenticity(evidence: Evidence, file: str, infos: SecurityInfos | None) -> Check:
    """EF.CardAccess is unsigned: unless the signed `file` says the same, somebody may have changed what was offered."""
    name, source = CheckName.CARD_ACCESS_AUTHENTICITY, "ICAO 9303-11 §4.2, 9303-10 §3.11.3"
    raw = evidence.files.get(EF_CARD_ACCESS.name)
    used_pace = evidence.access.protocol == "PACE"
    if raw is None and not used_pace:
        return Check(name, Outcome.NOT_PERFORMED, Said("no EF.CardAccess"), source)
    if infos is None:
        detail = Said("no authentic {file} to compare EF.CardAccess with", file=file)
        return Check(name, Outcome.INDETERMINATE, detail, source)
    signed = {(info.protocol, info.parameter_id) for info in infos.pace}
    try:
        offered = {(info.protocol, info.parameter_id) for info in parse_card_access(raw).pace} if raw else set()
    except CardError as error:
        return Check(name, Outcome.FAILED, Said("EF.CardAccess is broken: {reason}", reason=error), source)
    if used_pace:
        offered.add((evidence.access.oid, evidence.access.parameter_id))
    if offered == signed:
        detail = Said("EF.CardAccess offers the same PACE as the signed {file}", file=file)
        return Check(name, Outcome.PASSED, detail, source)
    detail = Said("EF.CardAccess and the signed {file} offer different PACE", file=file)
    return Check(name, Outcome.FAILED, detail, source)


# --- proofs that the chip is no copy --------------------------------------------------------------------------------


_NO_CHIP = Said("no chip was asked")


def active_authentication(evidence: Evidence, authentic: frozenset[str], infos: SecurityInfos | None) -> Check:
    name, source = CheckName.ACTIVE_AUTHENTICATION, "ICAO 9303-11 §6.1"
    record, file = evidence.active_authentication, data_group(15).name
    if record is None or file not in evidence.files:
        no_key = Said("the chip has no key for it (no EF.DG15)")
        return Check(name, Outcome.NOT_PERFORMED, no_key if evidence.source == "chip" else _NO_CHIP, source)
    if record.sw in NOT_SUPPORTED:
        return Check(name, Outcome.INDETERMINATE, Said("the chip does not do it ({sw})", sw=f"{record.sw:04X}"), source)
    try:
        key = parse_dg15(evidence.files[file])
        answer = verify_active_authentication(record, key, infos.active_authentication if infos else None)
    except UnsupportedError as error:
        return Check(name, Outcome.INDETERMINATE, sentence_of(error), source)
    except (SignatureError, CardError) as error:
        return Check(name, Outcome.FAILED, sentence_of(error), source)
    if file not in authentic:
        detail = Said("{what}; but the key in {file} is not vouched for", what=answer.description, file=file)
        return Check(name, Outcome.INDETERMINATE, detail, source)
    return Check(name, Outcome.PASSED, Said("{what}", what=answer.description), source, _weak(answer))


def _weak(answer: VerifiedAnswer) -> tuple[Remark, ...]:
    """SHA-1 in a chip's answer is what 9303-11 has for RSA keys of this generation: named, and a remark of its own."""
    weak = [remark_weak(each) for each in key_weaknesses(answer.key)]
    if answer.hash_name == "sha1":
        weak.append(remark(RemarkCode.SHA_1_OF_CHIP, "the chip answers with SHA-1, which is weak for documents"))
    return tuple(weak)


def chip_authentication(evidence: Evidence, infos: SecurityInfos | None) -> Check:
    name, source = CheckName.CHIP_AUTHENTICATION, "ICAO 9303-11 §6.2"
    record, file = evidence.chip_authentication, data_group(14).name
    if record is None:
        no_key = Said("the chip has no key for it that is known here")
        return Check(name, Outcome.NOT_PERFORMED, no_key if evidence.source == "chip" else _NO_CHIP, source)
    if record.sw in NOT_SUPPORTED:
        return Check(name, Outcome.INDETERMINATE, Said("the chip does not do it ({sw})", sw=f"{record.sw:04X}"), source)
    if not record.proven:
        return Check(name, Outcome.FAILED, Said("the chip did not prove that it holds the private key"), source)
    if infos is None:
        unvouched = Said("proven; but the key in {file} is not vouched for", file=file)
        return Check(name, Outcome.INDETERMINATE, unvouched, source)
    try:
        what = confirm_chip_authentication(record, infos)
    except CccdError as error:
        return Check(name, Outcome.FAILED, sentence_of(error), source)
    return Check(name, Outcome.PASSED, Said("{what}; only this terminal saw the proof", what=what), source)


# --- what the data say ----------------------------------------------------------------------------------------------


def document_validity(mrz: MRZ | None, citizen: CitizenData | None, now: datetime) -> Check:
    name, source = CheckName.DOCUMENT_VALIDITY, "ICAO 9303-3 §4.8"
    if mrz is None:
        return Check(name, Outcome.INDETERMINATE, Said("EF.DG1 cannot be read"), source)
    identity = build_identity(mrz, citizen, b"", today=now.date())
    if identity.no_expiry:
        return Check(name, Outcome.PASSED, Said("the document has no expiry date"), source)
    if identity.expiry_date is None:
        return Check(name, Outcome.INDETERMINATE, Said("the expiry date cannot be read"), source)
    day = identity.expiry_date
    if day < now.date():
        return Check(name, Outcome.FAILED, Said("the document expired on {day}", day=day), source)
    return Check(name, Outcome.PASSED, Said("valid until {day}", day=day), source)


def identity_consistency(evidence: Evidence, mrz: MRZ | None, citizen: CitizenData | None) -> Check:
    name, source = CheckName.IDENTITY_CONSISTENCY, "ICAO 9303-3 §4.9"
    if mrz is None:
        return Check(name, Outcome.INDETERMINATE, Said("EF.DG1 cannot be read"), source)
    findings = consistency(mrz, citizen)
    details = [finding.detail for finding in findings]
    if any(finding.severity == "failed" for finding in findings):
        return Check(name, Outcome.FAILED, joined(details), source)
    if citizen is None and data_group(13).name in evidence.files and mrz.issuer == "VNM":
        return Check(name, Outcome.INDETERMINATE, Said("EF.DG13 cannot be read"), source)
    agreed = Said("EF.DG1 and EF.DG13 agree") if citizen else Said("the check digits of EF.DG1 are right")
    return Check(name, Outcome.PASSED, joined([agreed, *details]), source)
