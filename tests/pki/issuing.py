"""A small invented state: its CSCA, document signers, security objects, revocation lists, as a test wants them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT, LDSSecurityObject, encode_lds_security_object, wrap_sod
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.cms import SIGNED_DATA
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.signed_data import CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME

SHA256, ECDSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SIGNED_AT = datetime(2021, 6, 1, tzinfo=UTC)
FILES = {"EF.DG1": b"\x61\x03one", "EF.DG2": b"\x75\x03two", "EF.DG14": b"\x6e\x04four"}


def key(number: int) -> ec.EllipticCurvePrivateKey:
    """The private key number `number` on P-256: the same in each run."""
    return ec.derive_private_key(1_000_003 * number + 7, ec.SECP256R1())


def year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def name(common_name: str, country: str = "UT") -> x509.Name:
    attributes = [(NameOID.COUNTRY_NAME, country)] if country else []
    return x509.Name([x509.NameAttribute(o, v) for o, v in (*attributes, (NameOID.COMMON_NAME, common_name))])


@dataclass(frozen=True)
class Holder:
    """A certificate with its private key."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey

    @property
    def parsed(self) -> Certificate:
        return Certificate.parse(self.certificate.public_bytes(serialization.Encoding.DER))


def key_usage(*used: str) -> x509.KeyUsage:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    every += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{each: each in used for each in every})


def certify(
    subject: x509.Name,
    number: int,
    issuer: Holder | None = None,
    *,
    years: tuple[int, int] = (2020, 2035),
    serial: int | None = None,
    usage: x509.KeyUsage | None = None,
    is_ca: bool | None = None,
    ski: bytes | None = None,
    aki: bytes | None = None,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> Holder:
    """A certificate for key `number`, by `issuer` or by itself. ski, aki: b"" leaves them out, None computes them."""
    private_key = key(number)
    signing_key = issuer.private_key if issuer else private_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private_key.public_key())
        .serial_number(serial or 1000 + number)
        .not_valid_before(year(years[0]))
        .not_valid_after(year(years[1]))
    )
    own = x509.SubjectKeyIdentifier.from_public_key(private_key.public_key()).digest if ski is None else ski
    theirs = x509.SubjectKeyIdentifier.from_public_key(signing_key.public_key()).digest if aki is None else aki
    wanted: list[tuple[x509.ExtensionType, bool]] = list(extra)
    if own:
        wanted.append((x509.SubjectKeyIdentifier(own), False))
    if theirs:
        wanted.append((x509.AuthorityKeyIdentifier(theirs, None, None), False))
    if usage is not None:
        wanted.append((usage, True))
    if is_ca is not None:
        wanted.append((x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), True))
    for extension, critical in wanted:
        builder = builder.add_extension(extension, critical)
    return Holder(builder.sign(signing_key, hashes.SHA256()), private_key)


def csca(number: int = 1, **options: Any) -> Holder:
    options = {"usage": key_usage("key_cert_sign", "crl_sign"), "is_ca": True, **options}
    return certify(options.pop("subject", name("CSCA Utopia")), number, **options)


def document_signer(issuer: Holder, number: int = 50, **options: Any) -> Holder:
    options = {"usage": key_usage("digital_signature"), "years": (2021, 2031), **options}
    return certify(options.pop("subject", name("Document Signer")), number, issuer, **options)


def algorithm(oid: str) -> bytes:
    return tlv.encode(0x30, encode_oid(oid))


def attribute(oid: str, *values: bytes) -> bytes:
    return tlv.encode(0x30, encode_oid(oid), tlv.encode(0x31, *values))


def utc_time(moment: datetime) -> bytes:
    return tlv.encode(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def content_of(files: Mapping[str, bytes], hash_name: str = "sha256") -> bytes:
    digests = {int(each.removeprefix("EF.DG")): hashlib.new(hash_name, raw).digest() for each, raw in files.items()}
    return encode_lds_security_object(LDSSecurityObject(0, hash_name, digests))


def sod(
    signer: Holder,
    files: Mapping[str, bytes] = FILES,
    *,
    content: bytes | None = None,
    signing_time: datetime | None = SIGNED_AT,
    attributes: Sequence[bytes] | None = None,
    certificates: Sequence[Holder] | None = None,
    content_type: str = LDS_SECURITY_OBJECT,
    digest_oid: str = SHA256,
    signature: bytes | None = None,
) -> bytes:
    """EF.SOD over `files`. attributes: in place of contentType, messageDigest and signingTime."""
    content = content_of(files) if content is None else content
    if attributes is None:
        attributes = [attribute(CONTENT_TYPE, encode_oid(content_type)), digest_attribute(content)]
        attributes += [attribute(SIGNING_TIME, utc_time(signing_time))] if signing_time else []
    ordered = sorted(attributes)
    if signature is None:
        signature = signer.private_key.sign(tlv.encode(0x31, *ordered), ec.ECDSA(hashes.SHA256()))
    parsed = signer.parsed
    serial = tlv.parse_one(parsed.tbs).children()[1].raw
    signer_info = tlv.encode(
        0x30,
        b"\x02\x01\x01",
        tlv.encode(0x30, parsed.issuer, serial),
        algorithm(digest_oid),
        tlv.encode(0xA0, *ordered),
        algorithm(ECDSA_SHA256),
        tlv.encode(0x04, signature),
    )
    enclosed = tlv.encode(0x30, encode_oid(content_type), tlv.encode(0xA0, tlv.encode(0x04, content)))
    given = [signer] if certificates is None else certificates
    fields = [b"\x02\x01\x03", tlv.encode(0x31, algorithm(digest_oid)), enclosed]
    fields += [tlv.encode(0xA0, *(each.parsed.raw for each in given))] if given else []
    signed_data = tlv.encode(0x30, *fields, tlv.encode(0x31, signer_info))
    return wrap_sod(tlv.encode(0x30, encode_oid(SIGNED_DATA), tlv.encode(0xA0, signed_data)))


def digest_attribute(content: bytes) -> bytes:
    return attribute(MESSAGE_DIGEST, tlv.encode(0x04, hashlib.sha256(content).digest()))


def crl(
    issuer: Holder,
    *revoked: int,
    this_update: datetime = NOW - timedelta(days=2),
    next_update: datetime = NOW + timedelta(days=30),
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    subject: x509.Name | None = None,
) -> CertificateRevocationList:
    builder = x509.CertificateRevocationListBuilder().issuer_name(subject or issuer.certificate.subject)
    builder = builder.last_update(this_update).next_update(next_update)
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(year(2022)).build()
        builder = builder.add_revoked_certificate(entry)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    signed = builder.sign(issuer.private_key, hashes.SHA256())
    return CertificateRevocationList.parse(signed.public_bytes(serialization.Encoding.DER))
