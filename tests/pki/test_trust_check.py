"""What a trust store should be looked at for: a store built for each kind of trouble, and one that has none."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cccd_nfc.crypto.strength import Weakness
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.profile import Role, deviations
from cccd_nfc.pki.trust_check import WANTS_MENDING, Trouble, TroubleKind, troubles
from cccd_nfc.pki.trust_store import Skipped, Tier, TrustStore
from cccd_nfc.sentences import Said
from pki.issuing import NOW, Holder, crl, csca, document_signer, name, year
from pki.listing import trusting

CSCA = csca(1)
LINK = csca(2, issuer=CSCA, serial=22)


def found(trust: TrustStore, now: datetime = NOW) -> list[Trouble]:
    """All troubles but the notes, which every certificate of ours has."""
    return [each for each in troubles(trust, now) if each.kind is not TroubleKind.NOTE]


def only(trust: TrustStore, kind: TroubleKind, now: datetime = NOW) -> Trouble:
    """The one trouble that the store has."""
    (trouble,) = found(trust, now)
    assert trouble.kind is kind
    return trouble


def rsa_root(bits: int, hash_algorithm: hashes.HashAlgorithm) -> Certificate:
    """A self-signed certificate with an RSA key."""
    private_key = rsa.generate_private_key(65537, bits)
    builder = x509.CertificateBuilder().subject_name(name("CSCA RSA")).issuer_name(name("CSCA RSA")).serial_number(7)
    builder = builder.public_key(private_key.public_key()).not_valid_before(year(2020)).not_valid_after(year(2035))
    return Certificate.parse(builder.sign(private_key, hash_algorithm).public_bytes(serialization.Encoding.DER))


def test_a_sound_store_has_nothing_that_wants_mending() -> None:
    sound = trusting(CSCA, csca(5, subject=name("CSCA Elsewhere", "EL")), links=(LINK.parsed,), crls=(crl(CSCA, 1),))
    assert found(sound) == []
    assert found(TrustStore.empty()) == []


def test_expired_superseded_and_weak_anchors_stay_since_their_documents_do() -> None:
    staying = {TroubleKind.EXPIRED, TroubleKind.NOT_YET_VALID, TroubleKind.SUPERSEDED, TroubleKind.WEAK}
    assert set(TroubleKind) - WANTS_MENDING == {*staying, TroubleKind.NOTE}


def test_an_anchor_and_a_link_whose_time_is_over_are_expired() -> None:
    trouble = only(trusting(CSCA), TroubleKind.EXPIRED, year(2035) + timedelta(seconds=1))
    assert (trouble.sha256, trouble.who) == (CSCA.parsed.fingerprint, CSCA.parsed.subject_text)
    assert trouble.text == "expired on 2035-01-01"
    assert found(trusting(CSCA), year(2035)) == []
    short = csca(2, issuer=CSCA, years=(2020, 2025))
    assert only(trusting(CSCA, links=(short.parsed,)), TroubleKind.EXPIRED).sha256 == short.parsed.fingerprint


def test_an_anchor_whose_time_has_not_come_is_not_yet_valid() -> None:
    trouble = only(trusting(csca(3, years=(2027, 2040))), TroubleKind.NOT_YET_VALID)
    assert trouble.text == "not valid before 2027-01-01"


def test_an_older_key_of_the_same_name_is_superseded_and_the_newer_one_named() -> None:
    newer = csca(3, years=(2025, 2040))
    trouble = only(trusting(newer, CSCA), TroubleKind.SUPERSEDED)
    assert trouble.sha256 == CSCA.parsed.fingerprint
    assert newer.parsed.fingerprint[:16] in trouble.text
    assert "2025-01-01" in trouble.text


def test_a_key_of_another_name_supersedes_nothing() -> None:
    assert found(trusting(CSCA, csca(3, years=(2025, 2040), subject=name("CSCA Utopia 2")))) == []


@pytest.mark.parametrize(
    ("link", "anchors"),
    [
        (LINK, ()),
        (LINK, (csca(5),)),
        (csca(2, issuer=csca(9, subject=name("CSCA Nowhere"))), (CSCA,)),
        (csca(2, issuer=Holder(CSCA.certificate, csca(8).private_key)), (CSCA,)),
    ],
)
def test_a_link_that_no_trusted_csca_signed_is_broken(link: Holder, anchors: tuple[Holder, ...]) -> None:
    trouble = only(trusting(*anchors, links=(link.parsed,)), TroubleKind.BROKEN_LINK)
    assert trouble.sha256 == link.parsed.fingerprint


def test_a_chain_of_links_is_whole_as_long_as_its_first_one_is_there() -> None:
    second = csca(4, issuer=LINK, serial=44)
    assert found(trusting(CSCA, links=(second.parsed, LINK.parsed))) == []
    assert only(trusting(CSCA, links=(second.parsed,)), TroubleKind.BROKEN_LINK).sha256 == second.parsed.fingerprint


def test_two_anchors_of_one_name_and_key_are_duplicates_both() -> None:
    again = csca(1, serial=5, years=(2020, 2036))
    twins = found(trusting(CSCA, again))
    assert [(each.kind, each.sha256) for each in twins] == [
        (TroubleKind.DUPLICATE, CSCA.parsed.fingerprint),
        (TroubleKind.DUPLICATE, again.parsed.fingerprint),
    ]
    assert found(trusting(CSCA, csca(1, subject=name("CSCA Elsewhere", "EL")))) == [], "another name is another CSCA"


def test_an_anchor_that_nobody_known_has_signed_says_so_and_those_of_lists_do_not() -> None:
    assert only(trusting(CSCA, tier=Tier.UNSIGNED), TroubleKind.UNSIGNED).sha256 == CSCA.parsed.fingerprint
    for tier in (Tier.PINNED, Tier.NATIONAL, Tier.ICAO):
        assert found(trusting(CSCA, tier=tier)) == []


def test_a_key_or_an_algorithm_that_is_not_known_is_unusable() -> None:
    raw = CSCA.parsed.raw
    curve, ecdsa = bytes.fromhex("2A8648CE3D030107"), bytes.fromhex("2A8648CE3D040302")
    for changed in (raw.replace(curve, curve[:-1] + b"\x7f"), raw.replace(ecdsa, ecdsa[:-1] + b"\x7f")):
        trouble = only(TrustStore((Certificate.parse(changed),)), TroubleKind.UNUSABLE)
        assert trouble.text


def test_sha_1_and_short_keys_are_weak() -> None:
    short = only(TrustStore((rsa_root(1024, hashes.SHA256()),)), TroubleKind.WEAK)
    assert Weakness.SHORT_RSA in short.text
    assert found(TrustStore((rsa_root(2048, hashes.SHA256()),))) == []


@pytest.mark.realdata
def test_a_published_root_that_signs_with_sha_1_is_weak(realdata: Path) -> None:
    raw = (realdata / "edge_certs" / "ea1ad38f77cee9a4.cer").read_bytes()
    weak = [each for each in found(TrustStore((Certificate.parse(raw),))) if each.kind is TroubleKind.WEAK]
    assert [each.text for each in weak] == ["weak: sha-1"]


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (crl(CSCA, next_update=NOW - timedelta(days=1)), "out of date since 2026-05-31"),
        (crl(CSCA, this_update=NOW + timedelta(days=1)), "dated in the future"),
        (crl(csca(5)), "not signed by this CSCA"),
        (crl(csca(5, subject=name("CSCA Nowhere"))), "not signed by this CSCA"),
    ],
)
def test_a_revocation_list_that_is_old_or_of_nobody_is_said(listed: CertificateRevocationList, why: str) -> None:
    trouble = only(trusting(CSCA, crls=(listed,)), TroubleKind.OLD_LIST)
    assert (trouble.sha256, trouble.who) == (listed.fingerprint, listed.issuer_text)
    assert why in trouble.text


def test_what_could_not_be_read_is_said_by_its_name() -> None:
    trouble = only(TrustStore(skipped=(Skipped("broken.cer", Said("no certificate")),)), TroubleKind.SKIPPED)
    assert (trouble.sha256, trouble.text) == ("broken.cer", "no certificate")


def test_what_differs_from_the_profile_is_a_note_by_its_codes() -> None:
    (note,) = [each for each in troubles(trusting(CSCA), NOW) if each.kind is TroubleKind.NOTE]
    codes = [rule.code for rule in deviations(CSCA.parsed, Role.CSCA)]
    assert codes
    assert all(code in note.text for code in codes)
    assert note.kind not in WANTS_MENDING


def test_document_signers_are_of_no_concern() -> None:
    assert found(trusting(CSCA, signers=(document_signer(CSCA, years=(2010, 2012)).parsed,))) == []
