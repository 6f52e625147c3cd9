"""The issuing state of synthetic cards: a CSCA, a document signer under it, the EF.SOD it signs, and a CRL.

Profile as in ICAO 9303-12 §7.1 and on the CCCD: CSCA on secp384r1, signer on brainpoolP384r1, SHA-256 in EF.SOD.
Signing is deterministic (RFC 6979), so that a seed repeats a card byte for byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cccd_nfc.lds.files import data_group
from cccd_nfc.lds.sod import (
    LDS_SECURITY_OBJECT,
    LDSSecurityObject,
    encode_lds_security_object,
    wrap_sod,
)
from cccd_nfc.simulator.seeded import SeededBytes

_CSCA_YEARS, _SIGNER_YEARS = 15, 10
_CSCA_USE, _SIGNER_USE = timedelta(days=5 * 365), timedelta(days=90)
_CRL_ADDRESS = "http://crl.example/csca.crl"


class _SecurityObject(core.OctetString):  # type: ignore[misc]  # asn1crypto is untyped
    """The encapsulated content, whose type asn1crypto does not know."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CSCA and one document signer, with their private keys."""

    csca: x509.Certificate
    signer: x509.Certificate
    csca_key: ec.EllipticCurvePrivateKey = field(repr=False)
    signer_key: ec.EllipticCurvePrivateKey = field(repr=False)
    issued: datetime

    @property
    def csca_der(self) -> bytes:
        return self.csca.public_bytes(serialization.Encoding.DER)

    def sign(self, files: Mapping[str, bytes], numbers: tuple[int, ...], *, hash_name: str = "sha256") -> bytes:
        """EF.SOD over the data groups `numbers` of `files`: CMS SignedData version 3, ECDSA with SHA-256."""
        digests = {n: hashlib.new(hash_name, files[data_group(n).name]).digest() for n in numbers}
        content = encode_lds_security_object(LDSSecurityObject(0, hash_name, digests))
        attributes = cms.CMSAttributes(
            [
                {"type": "content_type", "values": [LDS_SECURITY_OBJECT]},
                {"type": "signing_time", "values": [cms.Time({"utc_time": self.issued})]},
                {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            ]
        )
        signature = self.signer_key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return wrap_sod(_content_info(content, attributes, signature, self.signer))

    def crl(self, day: date, *, revoked: tuple[int, ...] = (), days: int = 365) -> bytes:
        """The CSCA's revocation list of `day`, good for `days`, DER."""
        at = _morning(day)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.csca.subject)
            .last_update(at)
            .next_update(at + timedelta(days=days))
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(_authority_key(self.csca_key), critical=False)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
            builder = builder.add_revoked_certificate(entry.build())
        crl = builder.sign(self.csca_key, hashes.SHA384(), ecdsa_deterministic=True)
        return crl.public_bytes(serialization.Encoding.DER)


def make_issuer(
    random: SeededBytes, issued: date, *, country: str = "VN", organisation: str = "Synthetic Issuer"
) -> Issuer:
    """A CSCA that began two years before `issued`, and a signer that began some weeks before."""
    moment = _morning(issued)
    csca_key = ec.derive_private_key(_scalar(random, 384), ec.SECP384R1())
    signer_key = ec.derive_private_key(_scalar(random, 383), ec.BrainpoolP384R1())
    csca_name = _name(country, organisation, "CSCA Synthetic")
    csca = _certificate(
        csca_name, csca_name, csca_key, csca_key, moment - timedelta(days=730), _CSCA_YEARS, random, is_ca=True
    )
    signer_name = _name(country, organisation, "Document Signer Synthetic 00001")
    start = moment - timedelta(days=30)
    signer = _certificate(signer_name, csca_name, signer_key, csca_key, start, _SIGNER_YEARS, random, is_ca=False)
    return Issuer(csca, signer, csca_key, signer_key, moment)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    years: int,
    random: SeededBytes,
    *,
    is_ca: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(random(16), "big") | 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key(issuer_key), critical=False)
        .add_extension(x509.PrivateKeyUsagePeriod(start, start + (_CSCA_USE if is_ca else _SIGNER_USE)), critical=False)
        .add_extension(x509.SubjectAlternativeName(_alternative_name(issuer)), critical=False)
        .add_extension(x509.IssuerAlternativeName(_alternative_name(issuer)), critical=False)
        .add_extension(_crl_address(), critical=False)
    )
    if is_ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(issuer_key, hashes.SHA384(), ecdsa_deterministic=True)


def _alternative_name(issuer: x509.Name) -> list[x509.GeneralName]:
    """The state's code as locality, as the citizen card's signer has it: two letters where 9303-12 wants the MRZ's."""
    (country,) = issuer.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    return [x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.LOCALITY_NAME, country.value)]))]


def _crl_address() -> x509.CRLDistributionPoints:
    where = x509.UniformResourceIdentifier(_CRL_ADDRESS)
    return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)])


def _authority_key(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _name(country: str, organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _scalar(random: SeededBytes, bits: int) -> int:
    """A private key well inside the order of a curve of 384 bits."""
    return int.from_bytes(random(48), "big") >> (384 - bits + 2) | 1


def _content_info(content: bytes, attributes: Any, signature: bytes, signer: x509.Certificate) -> bytes:
    certificate = cms.Certificate.load(signer.public_bytes(serialization.Encoding.DER))
    sha256 = {"algorithm": "sha256", "parameters": core.Null()}
    signer_info = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}},
        "digest_algorithm": sha256,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature,
    }
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": LDS_SECURITY_OBJECT, "content": core.ParsableOctetString(content)},
            "certificates": [certificate],
            "signer_infos": [signer_info],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
