"""What a review found: each of these must hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ObjectIdentifier

from cccd_nfc.errors import UsageError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.iso7816.oid import encode_oid
from cccd_nfc.lds.sod import LDS_SECURITY_OBJECT
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.passive_authentication import PassiveAuthentication, passive_authentication
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_store import TrustStore
from cccd_nfc.report import CheckName, Outcome
from pki.issuing import FILES, NOW, Holder, content_of, crl, csca, document_signer, key_usage, name, sod, year

CSCA = csca()
SIGNER = document_signer(CSCA)
SOD = sod(SIGNER)


def judge(
    ef_sod: bytes, *anchors: Holder, crls: Sequence[CertificateRevocationList] = (), now: datetime = NOW
) -> PassiveAuthentication:
    trust = TrustStore(tuple(each.parsed for each in anchors or (CSCA,)), tuple(crls))
    return passive_authentication({**FILES, "EF.SOD": ef_sod}, {}, trust, now)


def outcome(result: PassiveAuthentication, check: CheckName) -> Outcome:
    return next(each.outcome for each in result.checks if each.name == check)


def rebuilt(raw: bytes, old: bytes, new: bytes) -> bytes:
    """`raw` with the data object `old` replaced and all lengths around it put right."""
    found = tlv.parse_one(raw)
    if found.raw == old:
        return new
    return tlv.encode(found.tag, *(rebuilt(e.raw, old, new) for e in found.children())) if found.is_constructed else raw


SERIAL = tlv.parse_one(SIGNER.parsed.tbs).children()[1].raw
SID = tlv.encode(0x30, SIGNER.parsed.issuer, SERIAL)
TORN_NAME = tlv.encode(0x30, tlv.encode(0x31, tlv.encode(0x30, encode_oid("2.5.4.6"))))
HOSTILE = {
    "empty signer identifier (IndexError)": (SID, b"\xa0\x00"),
    "an attribute without value in the signer's name (ValueError)": (SID, tlv.encode(0x30, TORN_NAME, SERIAL)),
    "a huge object identifier (ValueError)": (encode_oid(LDS_SECURITY_OBJECT), tlv.encode(6, b"\xff" * 6000 + b"\x01")),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_1_hostile_bytes_end_in_a_check(kind: str) -> None:
    assert len(judge(rebuilt(SOD, *HOSTILE[kind])).checks) == 5


def test_1_no_changed_bit_of_the_certificate_raises_or_is_accepted() -> None:
    begin = SOD.index(SIGNER.parsed.raw)
    for bit in range(8 * begin, 8 * (begin + len(SIGNER.parsed.raw))):
        changed = bytearray(SOD)
        changed[bit // 8] ^= 1 << bit % 8
        assert judge(bytes(changed)).authentic == frozenset(), bit


def test_2_a_later_list_that_revokes_is_heard_beside_an_older_usable_one() -> None:
    older = crl(CSCA, this_update=NOW - timedelta(days=20))
    latest = crl(CSCA, SIGNER.parsed.serial)
    for lists in ((older, latest), (latest, older)):
        assert outcome(judge(SOD, crls=lists), CheckName.REVOCATION) is Outcome.FAILED


def test_3_a_master_list_signer_signs_no_documents() -> None:
    purpose = x509.ExtendedKeyUsage([ObjectIdentifier("2.23.136.1.1.3")])
    result = judge(sod(document_signer(CSCA, extra=[(purpose, True)])))
    assert outcome(result, CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.FAILED


def test_4_an_unknown_critical_extension_of_the_signer_leaves_the_chain_open() -> None:
    unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
    result = judge(sod(document_signer(CSCA, extra=[(unknown, True)])))
    assert outcome(result, CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.INDETERMINATE


def test_5_two_anchors_with_one_key_identifier_are_both_tried() -> None:
    impostor = csca(2, ski=CSCA.parsed.subject_key_identifier)
    for anchors in ((impostor, CSCA), (CSCA, impostor)):
        assert outcome(judge(SOD, *anchors), CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.PASSED


def test_6_a_csca_without_country_is_not_of_another_country() -> None:
    anchor = csca(subject=name("CSCA Utopia", ""))
    assert outcome(judge(sod(document_signer(anchor)), anchor), CheckName.DOCUMENT_SIGNER_CHAIN) is Outcome.PASSED


def test_7_only_a_security_object_of_documents_is_taken_for_one() -> None:
    result = judge(sod(SIGNER, content_type="0.4.0.127.0.7.3.2.1"))
    assert outcome(result, CheckName.SOD_SIGNATURE) is not Outcome.PASSED


def test_8_an_unknown_version_of_the_signed_list_is_not_judged() -> None:
    content = content_of(FILES).replace(b"\x02\x01\x00", b"\x02\x01\x02", 1)
    assert judge(sod(SIGNER, content=content)).authentic == frozenset()


def test_9_a_signing_time_to_come_is_not_believed() -> None:
    result = judge(sod(SIGNER, signing_time=year(2027)))
    assert outcome(result, CheckName.DOCUMENT_SIGNER_VALIDITY) is not Outcome.PASSED


def test_10_a_csca_not_for_revocation_lists_signs_none() -> None:
    anchor = csca(usage=key_usage("key_cert_sign"))
    result = judge(sod(document_signer(anchor)), anchor, crls=(crl(anchor),))
    assert outcome(result, CheckName.REVOCATION) is Outcome.INDETERMINATE


def test_11_a_certificate_that_the_signer_does_not_name_disproves_nothing() -> None:
    result = judge(sod(SIGNER, certificates=[document_signer(CSCA, 60)]))
    assert outcome(result, CheckName.SOD_SIGNATURE) is Outcome.INDETERMINATE


def test_12_a_list_by_the_csca_s_newer_key_counts() -> None:
    newer = csca(2)
    result = judge(SOD, CSCA, newer, crls=(crl(newer),))
    assert outcome(result, CheckName.REVOCATION) is Outcome.PASSED


def test_13_a_trust_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_trust_store(tmp_path / "nowhere")


def test_13_a_single_file_of_any_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "csca"
    path.write_bytes(CSCA.parsed.raw)
    assert load_trust_store(path).anchors == (CSCA.parsed,)


def test_13_one_broken_block_does_not_sink_its_bundle(tmp_path: Path) -> None:
    block = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
    good = CSCA.certificate.public_bytes(Encoding.PEM)
    (tmp_path / "all.pem").write_bytes(block % b"MAMBAgM=" + good)
    store = load_trust_store(tmp_path)
    assert store.anchors == (CSCA.parsed,)
    assert len(store.skipped) == 1
