"""The trust store on disk: what a folder gives, what it skips, and what it never does."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_store import StateList, Tier, TrustStore
from pki.issuing import Holder, crl, csca, document_signer

ONE, TWO = csca(1), csca(2)


def pem(*holders: Holder) -> bytes:
    return b"".join(holder.certificate.public_bytes(Encoding.PEM) for holder in holders)


def test_a_folder_gives_its_certificates_and_revocation_lists(tmp_path: Path) -> None:
    (tmp_path / "one.cer").write_bytes(ONE.parsed.raw)
    (tmp_path / "both.PEM").write_bytes(pem(ONE, TWO))
    (tmp_path / "list.crl").write_bytes((listed := crl(ONE)).raw)
    (tmp_path / "README.txt").write_text("not an entry")
    store = load_trust_store(tmp_path)
    assert set(store.anchors) == {ONE.parsed, TWO.parsed}
    assert len(store.anchors) == 2
    assert [each.raw for each in store.crls] == [listed.raw]
    assert store.skipped == ()


def test_a_broken_file_is_skipped_with_a_record(tmp_path: Path) -> None:
    (tmp_path / "broken.cer").write_bytes(ONE.parsed.raw[:-1])
    (tmp_path / "empty.crl").write_bytes(b"")
    (tmp_path / "good.der").write_bytes(TWO.parsed.raw)
    store = load_trust_store(tmp_path)
    assert store.anchors == (TWO.parsed,)
    assert sorted(each.name for each in store.skipped) == ["broken.cer", "empty.crl"]
    assert all(each.reason for each in store.skipped)


def test_an_empty_folder_trusts_nobody(tmp_path: Path) -> None:
    store = load_trust_store(tmp_path)
    assert store.anchors == ()
    assert store.issuers_of(document_signer(ONE).parsed) == ()


def test_one_certificate_file_is_a_store(tmp_path: Path) -> None:
    path = tmp_path / "csca.cer"
    path.write_bytes(ONE.parsed.raw)
    assert load_trust_store(path).anchors == (ONE.parsed,)


def test_candidates_come_by_key_identifier_first_and_then_by_name() -> None:
    store = TrustStore((TWO.parsed, ONE.parsed))
    signer = document_signer(ONE).parsed
    assert store.issuers_of(signer) == (ONE.parsed, TWO.parsed)


def test_the_digest_names_the_content_and_not_the_order() -> None:
    one_two, two_one = TrustStore((ONE.parsed, TWO.parsed)), TrustStore((TWO.parsed, ONE.parsed))
    assert one_two.digest() == two_one.digest()
    assert one_two.digest() != TrustStore((ONE.parsed,)).digest()
    assert one_two.digest() != TrustStore(one_two.anchors, (crl(ONE),)).digest()


def test_a_link_comes_before_an_unsigned_anchor_of_the_same_key_and_after_the_trusted_ones() -> None:
    """The new root lies about unsigned, and its link by the pinned old root is worth more."""
    new_root, link, listed = csca(3), csca(3, issuer=ONE, serial=33), csca(3, serial=34)
    tiers = {new_root.parsed.fingerprint: Tier.UNSIGNED, listed.parsed.fingerprint: Tier.NATIONAL}
    store = TrustStore((new_root.parsed, listed.parsed), links=(link.parsed,), tiers=tiers)
    assert store.issuers_of(document_signer(new_root).parsed) == (listed.parsed, link.parsed, new_root.parsed)
    assert store.named(new_root.parsed.subject) == (listed.parsed, link.parsed, new_root.parsed)


def test_the_digest_tells_stores_apart_that_hold_the_same_bytes_for_another_use() -> None:
    one, two = ONE.parsed, TWO.parsed
    lists = [(StateList(country, b"list", None),) for country in ("UT", "EL")]
    stores = [
        TrustStore((one, two)),
        TrustStore((one,), links=(two,)),
        TrustStore((two,), links=(one,)),
        TrustStore((one,), signers=(two,)),
        TrustStore((one, two), tiers={two.fingerprint: Tier.UNSIGNED}),
        TrustStore((one, two), tiers={two.fingerprint: Tier.NATIONAL}),
        *(TrustStore((one, two), deviation_lists=each) for each in lists),  # type: ignore[arg-type]
    ]
    assert len({store.digest() for store in stores}) == len(stores)
    assert TrustStore((one,), tiers={one.fingerprint: Tier.PINNED}).digest() == TrustStore((one,)).digest()


def test_a_torn_block_of_a_bundle_takes_no_other_with_it(tmp_path: Path) -> None:
    torn = pem(ONE)[: len(pem(ONE)) // 2]
    (tmp_path / "all.pem").write_bytes(b"some text\n" + torn + b"\n" + pem(TWO))
    store = load_trust_store(tmp_path)
    assert store.anchors == (TWO.parsed,)
    assert len(store.skipped) == 1
