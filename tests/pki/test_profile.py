"""The certificate profile as rules, and weak signatures: certificates written byte by byte, to break one rule each.

CSCA (key 1) --signs--> link (key 2) --signs--> document signer (key 3); each keeps the whole profile unless a test says
otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from Crypto.Util.number import getPrime
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.pki import extensions as ext
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import find_chain
from cccd_nfc.pki.findings import Finding
from cccd_nfc.pki.profile import PROHIBITED, RULES, Role, deviations, profile_remarks
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import Outcome, RemarkCode
from pki.issuing import ECDSA_SHA256, algorithm, key

ECDSA_SHA1, ECDSA_SHA384 = "1.2.840.10045.4.1", "1.2.840.10045.4.3.3"
RSA_KEY, RSA_MD5, RSA_SHA1, RSA_SHA256 = (f"1.2.840.113549.1.1.{n}" for n in (1, 4, 5, 11))
PRINTABLE, UTF8, TELETEX = 0x13, 0x0C, 0x14
COUNTRY, COMMON_NAME = "2.5.4.6", "2.5.4.3"
UNTIL_2040 = tlv.encode(0x30, tlv.encode(0x17, b"200101000000Z"), tlv.encode(0x17, b"400101000000Z"))


def number(value: int) -> bytes:
    return tlv.encode(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def named(*attributes: tuple[str, int, str]) -> bytes:
    pairs = (tlv.encode(0x30, encode_oid(oid), tlv.encode(tag, text.encode())) for oid, tag, text in attributes)
    return tlv.encode(0x30, *(tlv.encode(0x31, pair) for pair in pairs))


def name(common_name: str) -> bytes:
    return named((COUNTRY, PRINTABLE, "UT"), (COMMON_NAME, UTF8, common_name))


def extension(oid: str, value: bytes, critical: bytes = b"") -> bytes:
    return tlv.encode(0x30, encode_oid(oid), critical, tlv.encode(0x04, value))


CRITICAL, CRITICAL_FALSE = b"\x01\x01\xff", b"\x01\x01\x00"


def spki(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """SubjectPublicKeyInfo on P-256 with its parameters written out, as the profile asks."""
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    b = "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B"
    generator = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    keys = (generator, private_key.public_key())
    points = [each.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint) for each in keys]
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    field = tlv.encode(0x30, encode_oid("1.2.840.10045.1.1"), number(p))
    curve = tlv.encode(0x30, tlv.encode(0x04, (p - 3).to_bytes(32, "big")), tlv.encode(0x04, bytes.fromhex(b)))
    parameters = tlv.encode(0x30, number(1), field, curve, tlv.encode(0x04, points[0]), number(order), number(1))
    return tlv.encode(0x30, tlv.encode(0x30, encode_oid("1.2.840.10045.2.1"), parameters), bits(points[1]))


def bits(raw: bytes) -> bytes:
    return tlv.encode(0x03, b"\x00" + raw)


DIRECTORY = tlv.encode(0x30, tlv.encode(0xA4, named(("2.5.4.7", PRINTABLE, "UTO"))))
TYPES = tlv.encode(0x30, number(0), tlv.encode(0x31, tlv.encode(PRINTABLE, b"P")))
FETCHED = tlv.encode(0xA0, tlv.encode(0xA0, tlv.encode(0x86, b"http://crl.example/")))
EVERYWHERE = {
    ext.AUTHORITY_KEY_IDENTIFIER: (tlv.encode(0x30, tlv.encode(0x80, b"key")), b""),
    ext.PRIVATE_KEY_USAGE_PERIOD: (tlv.encode(0x30, tlv.encode(0x81, b"20300101000000Z")), b""),
    ext.SUBJECT_ALTERNATIVE_NAME: (DIRECTORY, b""),
    ext.ISSUER_ALTERNATIVE_NAME: (DIRECTORY, b""),
    ext.CRL_DISTRIBUTION_POINTS: (tlv.encode(0x30, tlv.encode(0x30, FETCHED)), b""),
}
OF_CA = {
    **EVERYWHERE,
    ext.SUBJECT_KEY_IDENTIFIER: (tlv.encode(0x04, b"key"), b""),
    ext.KEY_USAGE: (b"\x03\x02\x01\x06", CRITICAL),
    ext.BASIC_CONSTRAINTS: (b"\x30\x06\x01\x01\xff\x02\x01\x00", CRITICAL),
}
OF_SIGNER = {**EVERYWHERE, ext.KEY_USAGE: (b"\x03\x02\x07\x80", CRITICAL), ext.DOCUMENT_TYPE_LIST: (TYPES, b"")}

BY_LINK = (tlv.encode(0x30, tlv.encode(0x80, b"link")), b"")

Extensions = dict[str, tuple[bytes, bytes]]
Signing = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Draft:
    """The fields of a certificate as bytes. more: extensions that come after those that have a name."""

    subject: bytes
    key_info: bytes
    extensions: Extensions
    issuer: bytes = name("CSCA")
    version: bytes = b"\xa0\x03\x02\x01\x02"
    serial: bytes = b"\x02\x01\x05"
    inner: bytes = algorithm(ECDSA_SHA256)
    outer: bytes = b""
    validity: bytes = UNTIL_2040
    unique: bytes = b""
    more: bytes = b""

    def signed(self, sign: Signing) -> Certificate:
        rows = b"".join(extension(oid, *value) for oid, value in self.extensions.items()) + self.more
        fields = (self.version, self.serial, self.inner, self.issuer, self.validity, self.subject, self.key_info)
        tbs = tlv.encode(0x30, *fields, self.unique, tlv.encode(0xA3, tlv.encode(0x30, rows)))
        return Certificate.parse(tlv.encode(0x30, tbs, self.outer or self.inner, bits(sign(tbs))))

    @property
    def parsed(self) -> Certificate:
        return self.signed(lambda tbs: b"unsigned")

    def with_extension(self, oid: str, value: bytes, critical: bytes = b"") -> Draft:
        return replace(self, extensions={**self.extensions, oid: (value, critical)})

    def without(self, oid: str) -> Draft:
        return replace(self, extensions={each: value for each, value in self.extensions.items() if each != oid})

    def marked(self, oid: str, critical: bytes) -> Draft:
        return self.with_extension(oid, self.extensions.get(oid, (b"\x05\x00", b""))[0], critical)


def ecdsa(private_key: ec.EllipticCurvePrivateKey, algorithm: hashes.HashAlgorithm | None = None) -> Signing:
    return lambda tbs: private_key.sign(tbs, ec.ECDSA(algorithm or hashes.SHA256()))


DRAFTS = {
    Role.CSCA: Draft(name("CSCA"), spki(key(1)), OF_CA),
    Role.LINK: Draft(name("CSCA"), spki(key(2)), {**OF_CA, ext.SUBJECT_KEY_IDENTIFIER: (b"\x04\x04link", b"")}),
    Role.DOCUMENT_SIGNER: Draft(name("Signer"), spki(key(3)), {**OF_SIGNER, ext.AUTHORITY_KEY_IDENTIFIER: BY_LINK}),
}
CSCA, LINK, SIGNER = DRAFTS.values()

# --- the rules --------------------------------------------------------------------------------------------------------

A_CA, ISSUED, A_SIGNER, EVERY = (Role.CSCA, Role.LINK), (Role.LINK, Role.DOCUMENT_SIGNER), (Role.DOCUMENT_SIGNER,), Role
NAMES = {
    "33": ("without country", named((COMMON_NAME, UTF8, "CSCA"))),
    "34": ("without common name", named((COUNTRY, PRINTABLE, "UT"))),
    "45": ("with its country in small letters", named((COUNTRY, PRINTABLE, "ut"), (COMMON_NAME, UTF8, "CSCA"))),
    "11": ("with its country as UTF8String", named((COUNTRY, UTF8, "UT"), (COMMON_NAME, UTF8, "CSCA"))),
}
TELETEX_NAME = named((COUNTRY, PRINTABLE, "UT"), (COMMON_NAME, TELETEX, "CSCA"))
EARLY = tlv.encode(0x30, tlv.encode(0x18, b"20200101000000Z"), tlv.encode(0x17, b"400101000000Z"))
HASTY = tlv.encode(0x30, tlv.encode(0x17, b"2001010000Z"), tlv.encode(0x17, b"400101000000Z"))
BY_NAME = key(4).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
NO_CA, DEEP, ENDLESS = b"\x30\x03\x01\x01\x00", b"\x30\x06\x01\x01\xff\x02\x01\x01", b"\x30\x03\x01\x01\xff"
NOTHING = b"\x30\x00"
ELSEWHERE = DIRECTORY.replace(b"UTO", b"VNM")
NEVER_CRITICAL = {
    ext.AUTHORITY_KEY_IDENTIFIER: EVERY, ext.SUBJECT_KEY_IDENTIFIER: EVERY, ext.PRIVATE_KEY_USAGE_PERIOD: EVERY,
    ext.SUBJECT_ALTERNATIVE_NAME: EVERY, ext.ISSUER_ALTERNATIVE_NAME: EVERY, ext.CRL_DISTRIBUTION_POINTS: EVERY,
    ext.DOCUMENT_TYPE_LIST: EVERY, ext.NAME_CHANGE: A_CA,
}  # fmt: skip
AGAIN = extension(ext.SUBJECT_ALTERNATIVE_NAME, DIRECTORY)
BOTH_ALGORITHMS = {"inner": algorithm(ECDSA_SHA1), "outer": algorithm(ECDSA_SHA1)}

# What is wrong -> the codes that it has, the roles in which it is wrong, and how it comes about.
BREACHES: dict[str, tuple[str, tuple[Role, ...] | type[Role], Callable[[Draft], Draft]]] = {
    "version 1": ("VER.41", EVERY, lambda d: replace(d, version=b"")),
    "a serial number of zero": ("SER.43", EVERY, lambda d: replace(d, serial=number(0))),
    "a negative serial number": ("SER.43", EVERY, lambda d: replace(d, serial=number(-5))),
    "a serial number of 21 bytes": ("SER.43", EVERY, lambda d: replace(d, serial=number(1 << 159))),
    "SHA-1": ("SIG.42", EVERY, lambda d: replace(d, **BOTH_ALGORITHMS)),
    "two algorithms": ("SIG.42 SIG.44", EVERY, lambda d: replace(d, outer=algorithm(ECDSA_SHA384))),
    **{f"issuer {why}": (f"ISS.{n}", EVERY, lambda d, v=v: replace(d, issuer=v)) for n, (why, v) in NAMES.items()},
    **{f"subject {why}": (f"SUB.{n}", EVERY, lambda d, v=v: replace(d, subject=v)) for n, (why, v) in NAMES.items()},
    "a TeletexString": ("ISS.11 SUB.11", EVERY, lambda d: replace(d, issuer=TELETEX_NAME, subject=TELETEX_NAME)),
    "GeneralizedTime before 2050": ("VAL.46", EVERY, lambda d: replace(d, validity=EARLY)),
    "a time without seconds": ("VAL.46", EVERY, lambda d: replace(d, validity=HASTY)),
    "a curve by name": ("SPK.47", EVERY, lambda d: replace(d, key_info=BY_NAME)),
    "a unique identifier": ("UID.15", EVERY, lambda d: replace(d, unique=tlv.encode(0x81, b"\x00\x01"))),
    "critical FALSE": ("EXT.22", EVERY, lambda d: d.marked(ext.SUBJECT_ALTERNATIVE_NAME, CRITICAL_FALSE)),
    "cA FALSE": ("BAC.24 BAC.25 EXT.22", A_CA, lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, NO_CA, CRITICAL)),
    "an extension twice": ("EXT.48", EVERY, lambda d: replace(d, more=AGAIN)),
    **{f"prohibited {oid}": ("EXT.15", EVERY, lambda d, o=oid: d.with_extension(o, b"\x05\x00")) for oid in PROHIBITED},
    **{
        f"critical {oid}": ("EXT.21", roles, lambda d, o=oid: d.marked(o, CRITICAL))
        for oid, roles in NEVER_CRITICAL.items()
    },
    "no AuthorityKeyIdentifier": ("AKI.14", ISSUED, lambda d: d.without(ext.AUTHORITY_KEY_IDENTIFIER)),
    "no SubjectKeyIdentifier": ("SKI.14", A_CA, lambda d: d.without(ext.SUBJECT_KEY_IDENTIFIER)),
    "no KeyUsage": ("BKU.14", EVERY, lambda d: d.without(ext.KEY_USAGE)),
    "KeyUsage not critical": ("BKU.20", EVERY, lambda d: d.marked(ext.KEY_USAGE, b"")),
    "a further usage": ("BKU.19", EVERY, lambda d: d.with_extension(ext.KEY_USAGE, b"\x03\x02\x01\x86", CRITICAL)),
    "no PrivateKeyUsagePeriod": ("PKU.14", EVERY, lambda d: d.without(ext.PRIVATE_KEY_USAGE_PERIOD)),
    "no SubjectAltName": ("SAN.14", EVERY, lambda d: d.without(ext.SUBJECT_ALTERNATIVE_NAME)),
    "another state's code": ("SAN.69", EVERY, lambda d: d.with_extension(ext.SUBJECT_ALTERNATIVE_NAME, ELSEWHERE)),
    "an issuer's code of another state": (
        "IAN.69",
        EVERY,
        lambda d: d.with_extension(ext.ISSUER_ALTERNATIVE_NAME, ELSEWHERE),
    ),
    "no IssuerAltName": ("IAN.14", EVERY, lambda d: d.without(ext.ISSUER_ALTERNATIVE_NAME)),
    "no BasicConstraints": ("BAC.14", A_CA, lambda d: d.without(ext.BASIC_CONSTRAINTS)),
    "BasicConstraints not critical": ("BAC.20", A_CA, lambda d: d.marked(ext.BASIC_CONSTRAINTS, b"")),
    "not a CA": ("BAC.24 BAC.25 EXT.22", A_CA, lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, NOTHING, CRITICAL)),
    "a path length of one": ("BAC.25", A_CA, lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, DEEP, CRITICAL)),
    "no path length": ("BAC.25", A_CA, lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, ENDLESS, CRITICAL)),
    "BasicConstraints": (
        "BAC.15 BAC.25 EXT.22",
        A_SIGNER,
        lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, NOTHING, CRITICAL),
    ),
    "a path": ("BAC.15 BAC.25", A_SIGNER, lambda d: d.with_extension(ext.BASIC_CONSTRAINTS, DEEP, CRITICAL)),
    "ExtKeyUsage": ("EKU.15", EVERY, lambda d: d.with_extension(ext.EXTENDED_KEY_USAGE, b"\x30\x00")),
    "no CRLDistributionPoints": ("CDP.14", EVERY, lambda d: d.without(ext.CRL_DISTRIBUTION_POINTS)),
    "no DocumentTypeList": ("DTL.14", A_SIGNER, lambda d: d.without(ext.DOCUMENT_TYPE_LIST)),
    "NameChange": ("NCH.15", A_SIGNER, lambda d: d.with_extension(ext.NAME_CHANGE, b"\x05\x00")),
}


def codes(certificate: Certificate, role: Role) -> set[str]:
    return {rule.code for rule in deviations(certificate, role)}


@pytest.mark.parametrize("role", Role)
def test_a_certificate_that_keeps_the_whole_profile_has_no_code(role: Role) -> None:
    assert codes(DRAFTS[role].parsed, role) == set()


@pytest.mark.parametrize("what", BREACHES)
def test_what_differs_from_the_profile_has_its_code_and_no_other(what: str) -> None:
    expected, roles, change = BREACHES[what]
    for role in roles:
        assert codes(change(DRAFTS[role]).parsed, role) == set(expected.split()), role


def test_each_rule_is_broken_by_a_certificate_in_each_of_its_roles() -> None:
    broken = {
        (rule, role)
        for _, roles, change in BREACHES.values()
        for role in roles
        for rule in deviations(change(DRAFTS[role]).parsed, role)
    }
    assert broken == {(rule, role) for rule in RULES for role in rule.roles}


# --- in a chain -------------------------------------------------------------------------------------------------------


def judged(signer: Draft = SIGNER, link: Draft = LINK, csca: Draft = CSCA) -> Finding:
    """signer <- link <- CSCA, all rightly signed with ECDSA and SHA-256."""
    anchor, middle = csca.signed(ecdsa(key(1))), link.signed(ecdsa(key(1)))
    return find_chain(signer.signed(ecdsa(key(2))), TrustStore((anchor,), links=(middle,))).finding


def test_a_chain_that_keeps_the_profile_has_no_remark_about_it() -> None:
    found = judged()
    assert found.outcome is Outcome.PASSED
    assert [each.code for each in found.remarks] == [RemarkCode.LINK]


def test_what_differs_is_said_of_each_certificate_and_does_not_decide() -> None:
    """signer without CRLDistributionPoints <- link without IssuerAltName <- CSCA of version 1."""
    drafts = (SIGNER.without(ext.CRL_DISTRIBUTION_POINTS), LINK.without(ext.ISSUER_ALTERNATIVE_NAME))
    version_1 = replace(CSCA, version=b"")
    assert judged(*drafts, version_1).outcome is Outcome.PASSED
    signer, link = (draft.parsed for draft in drafts)
    found = profile_remarks(signer, (link, version_1.parsed))
    texts = sorted(str(each.text) for each in found)
    assert {each.code for each in found} == {RemarkCode.PROFILE}
    assert [(text.split(":")[0], text[-8:]) for text in texts] == [
        ("CSCA", "(VER.41)"), ("document signer", "(CDP.14)"), ("link", "(IAN.14)"),
    ]  # fmt: skip


def test_an_extension_that_stands_twice_leaves_the_chain_open() -> None:
    """signer <- link <- CSCA: which of the two counts is not said, in the signer and in the link."""
    usage = extension(ext.KEY_USAGE, OF_SIGNER[ext.KEY_USAGE][0], CRITICAL)
    constraints = extension(ext.BASIC_CONSTRAINTS, ENDLESS, CRITICAL)
    assert judged(replace(SIGNER, more=usage)).outcome is Outcome.INDETERMINATE
    assert judged(link=replace(LINK, more=constraints)).outcome is Outcome.INDETERMINATE
    assert judged(csca=replace(CSCA, more=constraints)).outcome is Outcome.PASSED


# --- weak signatures --------------------------------------------------------------------------------------------------

DIGESTS = {RSA_MD5: ("md5", "1.2.840.113549.2.5"), RSA_SHA1: ("sha1", "1.3.14.3.2.26"),
           RSA_SHA256: ("sha256", "2.16.840.1.101.3.4.2.1")}  # fmt: skip
NULL = b"\x05\x00"


def rsa(size: int, oid: str) -> tuple[bytes, Signing]:
    """SubjectPublicKeyInfo of a new RSA key of `size` bits, and PKCS #1 v1.5 by it, which no library makes so weak."""
    modulus, private = 0, 0
    while modulus.bit_length() != size or not private:
        p, q = getPrime(size // 2), getPrime(size - size // 2)
        modulus, phi = p * q, (p - 1) * (q - 1)
        private = pow(65537, -1, phi) if phi % 65537 else 0
    name_of_hash, digest_oid = DIGESTS[oid]

    def sign(tbs: bytes) -> bytes:
        digest = tlv.encode(0x04, hashlib.new(name_of_hash, tbs, usedforsecurity=False).digest())
        info = tlv.encode(0x30, tlv.encode(0x30, encode_oid(digest_oid), NULL), digest)
        length = (size + 7) // 8
        padded = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
        return pow(int.from_bytes(padded, "big"), private, modulus).to_bytes(length, "big")

    public = bits(tlv.encode(0x30, number(modulus), number(65537)))
    return tlv.encode(0x30, tlv.encode(0x30, encode_oid(RSA_KEY), NULL), public), sign


RSA_CASES = {
    "2048 bits, SHA-256": (2048, RSA_SHA256, Outcome.PASSED, set()),
    "2048 bits, SHA-1": (2048, RSA_SHA1, Outcome.PASSED, {RemarkCode.SHA_1}),
    "1024 bits, SHA-256": (1024, RSA_SHA256, Outcome.PASSED, {RemarkCode.SHORT_RSA}),
    "1024 bits, SHA-1": (1024, RSA_SHA1, Outcome.PASSED, {RemarkCode.SHA_1, RemarkCode.SHORT_RSA}),
    "1023 bits, SHA-256": (1023, RSA_SHA256, Outcome.INDETERMINATE, set()),
    "768 bits, SHA-256": (768, RSA_SHA256, Outcome.INDETERMINATE, set()),
    "2048 bits, MD5": (2048, RSA_MD5, Outcome.INDETERMINATE, set()),
}
WEAK = {RemarkCode.SHA_1, RemarkCode.SHORT_RSA, RemarkCode.SHORT_CURVE}


@pytest.mark.parametrize("how", RSA_CASES)
def test_a_weak_signature_in_a_chain_is_named_and_one_too_weak_never_passes(how: str) -> None:
    """signer <- CSCA, an RSA key that rightly signed it; the CSCA's own signature shows nothing and does not count."""
    size, oid, outcome, said = RSA_CASES[how]
    key_info, sign = rsa(size, oid)
    anchor = replace(CSCA, key_info=key_info).parsed
    signer = replace(SIGNER, inner=tlv.encode(0x30, encode_oid(oid), NULL)).signed(sign)
    found = find_chain(signer, TrustStore((anchor,))).finding
    assert found.outcome is outcome
    assert {each.code for each in found.remarks} & WEAK == said


def test_a_weak_signature_on_a_link_is_named_too() -> None:
    """signer <- link, signed with SHA-1 <- CSCA."""
    anchor, link = CSCA.parsed, replace(LINK, inner=algorithm(ECDSA_SHA1)).signed(ecdsa(key(1), hashes.SHA1()))
    found = find_chain(SIGNER.signed(ecdsa(key(2))), TrustStore((anchor,), links=(link,))).finding
    assert found.outcome is Outcome.PASSED
    assert {each.code for each in found.remarks} & WEAK == {RemarkCode.SHA_1}
