"""The certificate profile of ICAO 9303-12 (8th ed.) §7.1, tables 5 and 6, as rules: what differs from it is reported.

A rule's code is the field's name and the kind of difference, as the ICAO PKD numbers them: SUB.34 is a subject without
a common name, CDP.14 a missing distribution point. Much of what states issue differs somewhere, so no rule is fatal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from cccd_nfc.errors import CccdError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.findings import remark
from cccd_nfc.pki.names import COMMON_NAME, COUNTRY, SERIAL_NUMBER, attributes_of
from cccd_nfc.pki.states import countries_of
from cccd_nfc.pki.times import GENERALIZED_TIME, UTC_TIME
from cccd_nfc.report import Remark, RemarkCode
from cccd_nfc.sentences import Said


class Role(StrEnum):
    """What a certificate is for; the rules differ by it."""

    CSCA = "CSCA"
    LINK = "link"
    DOCUMENT_SIGNER = "document signer"


CA = frozenset({Role.CSCA, Role.LINK})
EVERY = frozenset(Role)
SIGNER = frozenset({Role.DOCUMENT_SIGNER})
ISSUED = frozenset({Role.LINK, Role.DOCUMENT_SIGNER})


@dataclass(frozen=True, slots=True)
class Rule:
    """breaks: whether a certificate differs. clause: the rule's place in 9303-12. text: what it demands."""

    code: str
    roles: frozenset[Role]
    clause: str
    text: str
    breaks: Callable[[Certificate], bool]


def _absent(oid: str) -> Callable[[Certificate], bool]:
    return lambda certificate: oid not in certificate.extensions.values


def _present(*oids: str) -> Callable[[Certificate], bool]:
    return lambda certificate: any(oid in certificate.extensions.values for oid in oids)


def _not_critical(oid: str) -> Callable[[Certificate], bool]:
    return lambda c: oid in c.extensions.values and oid not in c.extensions.critical


def _critical(*oids: str) -> Callable[[Certificate], bool]:
    return lambda certificate: any(oid in certificate.extensions.critical for oid in oids)


_UTF8, _PRINTABLE = 0x0C, 0x13
_FIRST_GENERALIZED_YEAR = 2050
_MOST_SERIAL = 1 << 159


class _Name(NamedTuple):
    """kinds: of its attributes.  badly_written: countryName and serialNumber are PrintableString, the rest that or
    UTF8String.  small: a country in small letters.
    """

    kinds: frozenset[bytes]
    badly_written: bool
    small: bool


@lru_cache(maxsize=1024)
def _name(der: bytes) -> _Name:
    found = attributes_of(der)
    odd = [each for each in found if each.tag != _PRINTABLE]
    return _Name(
        frozenset([each.kind for each in found]),
        any(each.tag != _UTF8 or each.kind in (COUNTRY, SERIAL_NUMBER) for each in odd),
        any(each.text != each.text.upper() for each in found if each.kind == COUNTRY),
    )


def _times_badly_written(certificate: Certificate) -> bool:
    """UTCTime up to 2049, GeneralizedTime from 2050, both with seconds and Z."""
    times = tlv.parse_one(certificate.validity).children()
    moments = (certificate.not_before, certificate.not_after)
    return any(
        each.tag != (UTC_TIME if moment.year < _FIRST_GENERALIZED_YEAR else GENERALIZED_TIME)
        or len(each.value) != (13 if each.tag == UTC_TIME else 15)
        for each, moment in zip(times, moments, strict=False)
    )


def _curve_by_name(certificate: Certificate) -> bool:
    algorithm = tlv.parse_one(certificate.subject_public_key_info).children()[0].children()
    return len(algorithm) > 1 and algorithm[1].tag == 0x06


def _hash_not_permitted(certificate: Certificate) -> bool:
    try:
        return certificate.scheme.hash_name == "sha1"
    except CccdError:
        return True


def _not_a_ca(certificate: Certificate) -> bool:
    found = certificate.basic_constraints
    return found is not None and not found.is_ca


def _path_length_not_zero(certificate: Certificate) -> bool:
    found = certificate.basic_constraints
    return found is not None and found.path_length != 0


def _writes_default(certificate: Certificate) -> bool:
    """DER leaves out what is the default: `critical FALSE` of an extension, `cA FALSE`; BasicConstraints that say
    nothing else are a default too.
    """
    found = certificate.basic_constraints
    says_nothing = found is not None and not found.is_ca and found.path_length is None
    return bool(certificate.extensions.defaults) or says_nothing or bool(found and found.writes_default)


def _of_another_state(oid: str) -> Callable[[Certificate], bool]:
    """Whether the state that an alternative name states is none of the certificate's country (9303-12 §7.1.1.2)."""

    def breaks(certificate: Certificate) -> bool:
        value = certificate.extensions.values.get(oid)
        codes = ext.mrz_codes(value) if value is not None else frozenset()
        return bool(codes) and not any(certificate.country in (countries_of(code) or ()) for code in codes)

    return breaks


def _usage_is_not(*bits: int) -> Callable[[Certificate], bool]:
    return lambda certificate: certificate.key_usage is not None and certificate.key_usage != frozenset(bits)


PROHIBITED = (
    "2.5.29.33", "2.5.29.9", "2.5.29.30", "2.5.29.36", "2.5.29.46", "2.16.840.1.113730.1.1",
)  # fmt: skip
"""PolicyMappings, SubjectDirectoryAttributes, NameConstraints, PolicyConstraints, FreshestCRL, Netscape's type."""

_NEVER_CRITICAL = (
    ext.AUTHORITY_KEY_IDENTIFIER, ext.SUBJECT_KEY_IDENTIFIER, ext.PRIVATE_KEY_USAGE_PERIOD,
    ext.SUBJECT_ALTERNATIVE_NAME, ext.ISSUER_ALTERNATIVE_NAME, ext.CRL_DISTRIBUTION_POINTS,
    ext.DOCUMENT_TYPE_LIST, ext.NAME_CHANGE,
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule("VER.41", EVERY, "table 5", "version 3", lambda c: c.version != 3),
    Rule("SER.43", EVERY, "table 5", "a positive serial number", lambda c: not 0 < c.serial < _MOST_SERIAL),
    Rule("SIG.42", EVERY, "§4.1.6.4", "SHA-224 to SHA-512", _hash_not_permitted),
    Rule("SIG.44", EVERY, "table 5", "one algorithm in both", lambda c: c.inner_algorithm != c.signature_algorithm),
    Rule("ISS.33", EVERY, "§7.1.1.1", "the issuer's country", lambda c: COUNTRY not in _name(c.issuer).kinds),
    Rule("ISS.34", EVERY, "§7.1.1.1", "the issuer's common name", lambda c: COMMON_NAME not in _name(c.issuer).kinds),
    Rule("ISS.11", EVERY, "table 5", "the issuer's string types", lambda c: _name(c.issuer).badly_written),
    Rule("ISS.45", EVERY, "table 5", "the country in capitals", lambda c: _name(c.issuer).small),
    Rule("VAL.46", EVERY, "table 5", "the forms of the times", _times_badly_written),
    Rule("SUB.33", EVERY, "§7.1.1.1", "the subject's country", lambda c: COUNTRY not in _name(c.subject).kinds),
    Rule("SUB.34", EVERY, "§7.1.1.1", "the subject's common name", lambda c: COMMON_NAME not in _name(c.subject).kinds),
    Rule("SUB.11", EVERY, "table 5", "the subject's string types", lambda c: _name(c.subject).badly_written),
    Rule("SUB.45", EVERY, "table 5", "the country in capitals", lambda c: _name(c.subject).small),
    Rule("SPK.47", EVERY, "§4.1.6.3", "explicit curve parameters", _curve_by_name),
    Rule("UID.15", EVERY, "table 5", "no unique identifiers", lambda c: c.has_unique_ids),
    Rule("EXT.22", EVERY, "table 5", "no defaults written out", _writes_default),
    Rule("EXT.48", EVERY, "RFC 5280 §4.2", "each extension once", lambda c: bool(c.extensions.repeated)),
    Rule("EXT.15", EVERY, "table 6", "none of the prohibited extensions", _present(*PROHIBITED)),
    Rule("EXT.21", EVERY, "table 6", "not critical what is only said", _critical(*_NEVER_CRITICAL)),
    Rule("AKI.14", ISSUED, "table 6", "AuthorityKeyIdentifier", _absent(ext.AUTHORITY_KEY_IDENTIFIER)),
    Rule("SKI.14", CA, "table 6", "SubjectKeyIdentifier", _absent(ext.SUBJECT_KEY_IDENTIFIER)),
    Rule("BKU.14", EVERY, "table 6", "KeyUsage", _absent(ext.KEY_USAGE)),
    Rule("BKU.20", EVERY, "table 6", "KeyUsage critical", _not_critical(ext.KEY_USAGE)),
    Rule("BKU.19", CA, "table 6", "keyCertSign and cRLSign alone", _usage_is_not(ext.KEY_CERT_SIGN, ext.CRL_SIGN)),
    Rule("BKU.19", SIGNER, "table 6", "digitalSignature alone", _usage_is_not(ext.DIGITAL_SIGNATURE)),
    Rule("PKU.14", EVERY, "table 6", "PrivateKeyUsagePeriod", _absent(ext.PRIVATE_KEY_USAGE_PERIOD)),
    Rule("SAN.14", EVERY, "table 6", "SubjectAltName", _absent(ext.SUBJECT_ALTERNATIVE_NAME)),
    Rule("SAN.69", EVERY, "§7.1.1.2", "the state's own code", _of_another_state(ext.SUBJECT_ALTERNATIVE_NAME)),
    Rule("IAN.14", EVERY, "table 6", "IssuerAltName", _absent(ext.ISSUER_ALTERNATIVE_NAME)),
    Rule("IAN.69", EVERY, "§7.1.1.2", "the state's own code", _of_another_state(ext.ISSUER_ALTERNATIVE_NAME)),
    Rule("BAC.14", CA, "table 6", "BasicConstraints", _absent(ext.BASIC_CONSTRAINTS)),
    Rule("BAC.20", CA, "table 6", "BasicConstraints critical", _not_critical(ext.BASIC_CONSTRAINTS)),
    Rule("BAC.24", CA, "table 6", "cA true", _not_a_ca),
    Rule("BAC.25", CA, "table 6", "pathLenConstraint 0", _path_length_not_zero),
    Rule("BAC.15", SIGNER, "table 6", "no BasicConstraints", _present(ext.BASIC_CONSTRAINTS)),
    Rule("BAC.25", SIGNER, "table 6", "no path length but 0", _path_length_not_zero),
    Rule("EKU.15", EVERY, "table 6", "no ExtKeyUsage", _present(ext.EXTENDED_KEY_USAGE)),
    Rule("CDP.14", EVERY, "table 6", "CRLDistributionPoints", _absent(ext.CRL_DISTRIBUTION_POINTS)),
    Rule("DTL.14", SIGNER, "§7.1.1.6", "DocumentTypeList", _absent(ext.DOCUMENT_TYPE_LIST)),
    Rule("NCH.15", SIGNER, "§7.1.1.5", "no NameChange", _present(ext.NAME_CHANGE)),
)


_BY_ROLE = {role: tuple(rule for rule in RULES if role in rule.roles) for role in Role}


@lru_cache(maxsize=1024)
def deviations(certificate: Certificate, role: Role) -> tuple[Rule, ...]:
    """The rules that `certificate` does not keep in `role`; what cannot be read keeps none."""
    rules = _BY_ROLE[role]
    try:
        return tuple([rule for rule in rules if rule.breaks(certificate)])
    except (CccdError, IndexError):
        return tuple(rule for rule in rules if _breaks(rule, certificate))


@lru_cache(maxsize=1024)
def profile_remarks(signer: Certificate, path: tuple[Certificate, ...]) -> tuple[Remark, ...]:
    """What differs in a chain, certificate by certificate. path: the signer's issuers, up to the anchor."""
    roles = [(signer, Role.DOCUMENT_SIGNER), *((link, Role.LINK) for link in path[:-1])]
    roles += [(anchor, Role.CSCA) for anchor in path[-1:]]
    found = [(role, ", ".join(each.code for each in deviations(certificate, role))) for certificate, role in roles]
    text = "{role}: differs from the profile of 9303-12 ({codes})"
    return tuple(remark(RemarkCode.PROFILE, text, role=Said(role.value), codes=codes) for role, codes in found if codes)


def _breaks(rule: Rule, certificate: Certificate) -> bool:
    try:
        return rule.breaks(certificate)
    except (CccdError, IndexError):
        return True
