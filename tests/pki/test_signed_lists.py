"""Lists that a state signs: who may, when, under whom; and what is in a master list, made here and as published.

CSCA (pinned) -> list signer (purpose of 9303-12 table 6) -> list
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import EncodingError, SignatureError, UnsupportedError
from cccd_nfc.iso7816 import tlv
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import DEFECT_LIST_SIGNER, DEVIATION_LIST_SIGNER, MASTER_LIST_SIGNER
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.defect_list import DEFECT_LIST
from cccd_nfc.pki.deviation_list import DEVIATION_LIST
from cccd_nfc.pki.names import names_equal
from cccd_nfc.pki.signed_data import SignedData
from cccd_nfc.pki.signed_lists import MASTER_LIST, ListSigner, parse_master_list, verify_list
from cccd_nfc.pki.trust_store import Tier, TrustStore
from pki.issuing import NOW, SIGNED_AT, Holder, crl, csca, name
from pki.listing import DEFECTS, DEVIATIONS, list_signer, listed, master_list_content, signed_list, trusting

CSCA, OTHER = csca(1), csca(2, subject=name("CSCA Elsewhere", "EL"))
SIGNER = list_signer(CSCA)
CONTENTS = {MASTER_LIST: listed(CSCA, OTHER), DEVIATION_LIST: DEVIATIONS, DEFECT_LIST: DEFECTS}
PURPOSES = {
    MASTER_LIST: MASTER_LIST_SIGNER,
    DEVIATION_LIST: DEVIATION_LIST_SIGNER,
    DEFECT_LIST: DEFECT_LIST_SIGNER,
}


def judged(signer: Holder, trust: TrustStore, content_type: str = MASTER_LIST, **options: Any) -> ListSigner:
    """What `verify_list` says of a list of that kind, at NOW."""
    raw = signed_list(signer, CONTENTS.get(content_type, b"\x30\x00"), content_type, **options)
    return verify_list(parse_signed_data(raw), trust, NOW)


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", CONTENTS)
def test_a_signer_for_such_lists_under_a_pinned_csca_vouches_for_its_list(content_type: str) -> None:
    signer = list_signer(CSCA, purpose=PURPOSES[content_type])
    found = judged(signer, trusting(CSCA), content_type)
    assert (found.certificate, found.anchor) == (signer.parsed, CSCA.parsed)
    assert (found.country, found.tier, found.signed_at) == ("UT", Tier.NATIONAL, SIGNED_AT)


def test_what_the_united_nations_sign_is_of_the_tier_of_icao() -> None:
    icao = csca(3, subject=name("United Nations CSCA", "UN"))
    found = judged(list_signer(icao, subject=name("ICAO Master List Signer", "UN")), trusting(icao))
    assert (found.country, found.tier) == ("UN", Tier.ICAO)


@pytest.mark.parametrize("purpose", [MASTER_LIST_SIGNER, DEVIATION_LIST_SIGNER])
def test_a_defect_list_may_be_signed_as_germany_signs_its_own(purpose: str) -> None:
    assert judged(list_signer(CSCA, purpose=purpose), trusting(CSCA), DEFECT_LIST).country == "UT"


@pytest.mark.parametrize("content_type", CONTENTS)
@pytest.mark.parametrize("purpose", ["", "1.3.6.1.5.5.7.3.3", "2.5.29.37.0"])
def test_a_signer_for_another_purpose_or_none_is_refused(content_type: str, purpose: str) -> None:
    with pytest.raises(SignatureError, match="not for signing such lists"):
        judged(list_signer(CSCA, purpose=purpose), trusting(CSCA), content_type)


@pytest.mark.parametrize(
    ("content_type", "purpose"),
    [
        (MASTER_LIST, DEVIATION_LIST_SIGNER),
        (MASTER_LIST, DEFECT_LIST_SIGNER),
        (DEVIATION_LIST, MASTER_LIST_SIGNER),
        (DEVIATION_LIST, DEFECT_LIST_SIGNER),
    ],
)
def test_one_kind_of_list_signer_does_not_sign_the_other_kind(content_type: str, purpose: str) -> None:
    with pytest.raises(SignatureError, match="not for signing such lists"):
        judged(list_signer(CSCA, purpose=purpose), trusting(CSCA), content_type)


def test_a_broken_purpose_is_no_purpose() -> None:
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), b"\x30\x05\x06")
    with pytest.raises(EncodingError):
        judged(list_signer(CSCA, extra=[(broken, True)]), trusting(CSCA))


def test_a_csca_may_sign_its_list_itself() -> None:
    """Germany's list of 2019: no extended key usage, since the CSCA's own key signed."""
    found = judged(CSCA, trusting(CSCA))
    assert found.certificate == found.anchor == CSCA.parsed


def test_a_list_of_an_unknown_kind_is_refused_even_from_the_csca() -> None:
    with pytest.raises(UnsupportedError, match=r"1\.2\.3"):
        judged(CSCA, trusting(CSCA), "1.2.3")


def test_a_signer_that_claims_another_country_than_its_csca_is_refused() -> None:
    """CSCA of UT -> list signer of EL: such a list would take the place of EL's and speak of its documents."""
    for purpose, content_type in ((MASTER_LIST_SIGNER, MASTER_LIST), (DEVIATION_LIST_SIGNER, DEVIATION_LIST)):
        foreign = list_signer(CSCA, subject=name("List Signer", "EL"), purpose=purpose)
        with pytest.raises(SignatureError, match="country"):
            judged(foreign, trusting(CSCA), content_type)


def test_a_list_of_no_country_is_refused() -> None:
    """It would be the newest list of nobody, and take the place of everything that came from no list."""
    nobody = csca(4, subject=name("CSCA of nobody", ""))
    with pytest.raises(SignatureError, match="country"):
        judged(list_signer(nobody, subject=name("List Signer", "")), trusting(nobody))


# --- under whom -----------------------------------------------------------------------------------------------------


def test_a_csca_that_only_a_list_has_vouches_for_its_deviations_and_for_no_master_list() -> None:
    listed_only = trusting(CSCA, tier=Tier.NATIONAL)
    with pytest.raises(UnsupportedError, match=f"not pinned.*{CSCA.parsed.fingerprint}"):
        judged(SIGNER, listed_only)
    assert judged(list_signer(CSCA, purpose=DEVIATION_LIST_SIGNER), listed_only, DEVIATION_LIST).country == "UT"


@pytest.mark.parametrize("content_type", CONTENTS)
def test_a_csca_that_somebody_brought_along_vouches_for_nothing(content_type: str) -> None:
    with pytest.raises(UnsupportedError, match=f"not pinned.*{CSCA.parsed.fingerprint}"):
        judged(list_signer(CSCA, purpose=PURPOSES[content_type]), trusting(CSCA, tier=Tier.UNSIGNED), content_type)


def test_the_renewed_key_of_a_pinned_csca_vouches_by_its_link() -> None:
    """CSCA (pinned) -> link -> list signer, while the new root itself is known from the last list alone."""
    root = csca(5)
    link = csca(5, issuer=CSCA, serial=77)
    trust = TrustStore((root.parsed, CSCA.parsed), links=(link.parsed,), tiers={root.parsed.fingerprint: Tier.NATIONAL})
    found = judged(list_signer(root), trust)
    assert found.anchor == CSCA.parsed
    with pytest.raises(UnsupportedError, match="not pinned"):
        judged(list_signer(root), TrustStore(trust.anchors, tiers=trust.tiers))


def test_the_message_names_the_sha_256_of_the_csca_that_must_be_pinned() -> None:
    for trust in (TrustStore.empty(), trusting(OTHER)):
        with pytest.raises(UnsupportedError, match=f"CSCA Utopia, SHA-256 {CSCA.parsed.fingerprint}"):
            judged(SIGNER, trust, certificates=[SIGNER, CSCA])


def test_the_message_names_the_signer_where_the_list_does_not_bring_its_csca() -> None:
    with pytest.raises(UnsupportedError, match=r"no trusted CSCA: it is .*List Signer"):
        judged(SIGNER, TrustStore.empty())


def test_a_csca_of_the_right_name_with_another_key_vouches_for_nothing() -> None:
    with pytest.raises(UnsupportedError, match="no trusted CSCA"):
        judged(SIGNER, trusting(csca(6)))


# --- signature and time ---------------------------------------------------------------------------------------------


def test_a_list_with_another_content_or_signature_is_refused() -> None:
    raw = signed_list(SIGNER, CONTENTS[MASTER_LIST])
    inside = raw.index(CSCA.parsed.signature) + 3
    for at in (inside, len(raw) - 1):
        changed = bytearray(raw)
        changed[at] ^= 1
        with pytest.raises(SignatureError, match="signature is wrong"):
            verify_list(parse_signed_data(bytes(changed)), trusting(CSCA), NOW)


def test_a_list_without_a_signature_or_its_signer_is_refused() -> None:
    signed = parse_signed_data(signed_list(SIGNER, CONTENTS[MASTER_LIST]))
    with pytest.raises(SignatureError, match="not signed"):
        verify_list(signed._replace(signers=()), trusting(CSCA), NOW)
    with pytest.raises(UnsupportedError, match="cannot be judged"):
        verify_list(signed._replace(certificates=()), trusting(CSCA), NOW)


def test_a_signer_must_have_been_valid_when_it_signed_and_not_today() -> None:
    expired = list_signer(CSCA, years=(2020, 2022))
    assert judged(expired, trusting(CSCA)).signed_at == SIGNED_AT
    for signed_at in (datetime(2022, 1, 2, tzinfo=UTC), datetime(2019, 12, 31, tzinfo=UTC)):
        with pytest.raises(SignatureError, match="not valid when"):
            judged(expired, trusting(CSCA), signing_time=signed_at)


def test_a_list_that_does_not_say_when_it_was_signed_needs_a_signer_that_is_valid_now() -> None:
    assert judged(SIGNER, trusting(CSCA), signing_time=None).signed_at is None
    with pytest.raises(SignatureError, match="not valid when"):
        judged(list_signer(CSCA, years=(2020, 2022)), trusting(CSCA), signing_time=None)


def test_a_list_from_the_future_is_refused() -> None:
    assert judged(SIGNER, trusting(CSCA), signing_time=NOW).signed_at == NOW
    with pytest.raises(UnsupportedError, match="time to come"):
        judged(SIGNER, trusting(CSCA), signing_time=NOW + timedelta(seconds=1))


def test_a_revoked_signer_is_refused_and_another_entry_revokes_nobody() -> None:
    with pytest.raises(SignatureError, match="revoked"):
        judged(SIGNER, trusting(CSCA, crls=(crl(CSCA, SIGNER.parsed.serial),)))
    assert judged(SIGNER, trusting(CSCA, crls=(crl(CSCA, 4711),))).certificate == SIGNER.parsed


# --- master lists ---------------------------------------------------------------------------------------------------


def test_a_certificate_that_is_listed_twice_comes_once() -> None:
    found, skipped = parse_master_list(listed(CSCA, OTHER, CSCA))
    assert (found, skipped) == ([CSCA.parsed, OTHER.parsed], [])


def test_a_broken_certificate_is_skipped_with_its_number_and_the_others_stay() -> None:
    broken = tlv.encode(0x30, b"\x30\x00", b"\x05\x00")
    found, skipped = parse_master_list(master_list_content(CSCA.parsed.raw, broken, b"\x05\x00", OTHER.parsed.raw))
    assert found == [CSCA.parsed, OTHER.parsed]
    assert [each.name for each in skipped] == ["certificate 2", "certificate 3"]
    assert all(each.reason for each in skipped)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x30\x00", b"\x31\x00", b"\x30\x03\x02\x01\x00", b"\x30\x05\x31\x00\x02\x01\x00", DEVIATIONS[:-1]],
)
def test_what_is_no_master_list_is_said(content: bytes) -> None:
    with pytest.raises(EncodingError):
        parse_master_list(content)


@given(st.one_of(st.binary(max_size=80), st.binary(max_size=80).map(master_list_content)))
def test_any_bytes_are_a_list_or_our_error(content: bytes) -> None:
    try:
        found, skipped = parse_master_list(content)
    except EncodingError:
        return
    assert all(isinstance(each, Certificate) for each in found)
    assert all(each.reason for each in skipped)


@given(st.integers(0, len(listed(CSCA)) - 1), st.integers(1, 255))
def test_a_changed_byte_never_ends_in_another_error(at: int, change: int) -> None:
    raw = bytearray(listed(CSCA))
    raw[at] ^= change
    try:
        found, skipped = parse_master_list(bytes(raw))
    except EncodingError:
        return
    assert all(each.raw in raw for each in found), "what is found is what stands there"
    assert all(each.reason for each in skipped)


# --- as published ---------------------------------------------------------------------------------------------------

LATER = datetime(2026, 9, 1, tzinfo=UTC)
WRONG = {"masterlist/eidas_test_wrongMasterList.bin", "mock_csca_demo/MasterList3.ml"}


def root_of(signed: SignedData) -> Certificate:
    """The CSCA that the list brings along for its signer, or has among its own certificates."""
    certificates = [*signed.certificates, *parse_master_list(signed.content)[0]]
    signer = signed.certificates[0]
    named = [each for each in certificates if names_equal(each.subject, signer.issuer) and each.is_self_signed]
    return next(each for each in named if signer.is_signed_by(each))


@pytest.mark.realdata
def test_every_published_master_list_holds_what_was_counted_and_verifies_or_not(realdata: Path) -> None:
    lists = json.loads((realdata / "expected.json").read_text())["master_lists"]
    assert len(lists) == 13
    assert set(lists) >= WRONG
    for path in lists.keys() - WRONG:
        facts, signed = lists[path], parse_signed_data((realdata / path).read_bytes())
        certificates, skipped = parse_master_list(signed.content)
        rows = tlv.parse_one(signed.content).children()[1].children()
        assert (len(rows), len(certificates), skipped) == (facts["certificates"], facts["distinct"], []), path
        assert (signed.content_type, len(signed.certificates)) == (MASTER_LIST, facts["signer_certificates"]), path
        root = root_of(signed)
        with pytest.raises(UnsupportedError, match="no trusted CSCA"):
            verify_list(signed, TrustStore.empty(), LATER)
        found = verify_list(signed, TrustStore((root,)), LATER)
        assert found.anchor == root, path
        assert f"Country: {found.country}" in facts["signer"], path
        assert found.tier is (Tier.ICAO if "ICAO" in path else Tier.NATIONAL), path


@pytest.mark.realdata
def test_the_list_whose_digest_info_has_no_null_verifies(realdata: Path) -> None:
    """ICAO's of September 2023, which OpenSSL refuses: the DigestInfo of its RSA signature lacks the NULL."""
    signed = parse_signed_data((realdata / "masterlist" / "ICAO_ml_September2023.ml").read_bytes())
    found = verify_list(signed, TrustStore((root_of(signed),)), LATER)
    assert (found.country, found.tier, found.signed_at) == (
        "UN",
        Tier.ICAO,
        datetime(2023, 9, 15, 17, 21, 56, tzinfo=UTC),
    )


@pytest.mark.realdata
def test_published_lists_that_are_wrong_are_refused(realdata: Path) -> None:
    """eidas: signed by its own root, but no list is in it.  MasterList3: the signature is not that of its CSCA."""
    eidas = parse_signed_data((realdata / "masterlist" / "eidas_test_wrongMasterList.bin").read_bytes())
    with pytest.raises(UnsupportedError, match="no trusted CSCA"):
        verify_list(eidas, TrustStore.empty(), LATER)
    with pytest.raises(EncodingError, match="master list"):
        parse_master_list(eidas.content)
    mock = parse_signed_data((realdata / "mock_csca_demo" / "MasterList3.ml").read_bytes())
    with pytest.raises(SignatureError, match="signature is wrong"):
        verify_list(mock, TrustStore(mock.certificates), LATER)
    assert len(parse_master_list(mock.content)[0]) == 1


@pytest.mark.realdata
def test_the_published_trust_anchors_vouch_for_the_lists_of_their_states(realdata: Path) -> None:
    anchors = {}
    for country in ("DE_ROOT_CA_CSCA07", "NL_ROOT_CA"):
        anchors[country[:2]] = Certificate.parse((realdata / "trust_anchor" / f"{country}.cer").read_bytes())
    trust = TrustStore(tuple(anchors.values()))
    names = ("DE_ML_2025-03-05-08-05-28", "NL_ML_2025-07-29", "NL_ML_2025-12-20", "NL_ML_2026-07-22")
    for stem in names:
        signed = parse_signed_data((realdata / "masterlist" / f"{stem}.ml").read_bytes())
        found = verify_list(signed, trust, LATER)
        assert (found.country, found.anchor) == (stem[:2], anchors[stem[:2]])
