"""What is in a file that somebody brings, told by its bytes alone, and what of it may enter the trust store."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.cli.trust_view import pem as exported
from cccd_nfc.errors import UsageError
from cccd_nfc.pki.chain import DEFECT_LIST_SIGNER, DEVIATION_LIST_SIGNER
from cccd_nfc.pki.defect_list import DEFECT_LIST
from cccd_nfc.pki.deviation_list import DEVIATION_LIST
from cccd_nfc.pki.importing import Options, Plan, merge, only_vouched, plan_import
from cccd_nfc.pki.trust_register import CSCA_KINDS, Kind, Register, pinned
from cccd_nfc.pki.trust_store import Tier, TrustStore
from pki.issuing import NOW, SIGNED_AT, Holder, certify, crl, csca, document_signer, name
from pki.listing import DEFECTS, DEVIATIONS, list_signer, listed, master_list_content, signed_list, trusting

CSCA, OTHER = csca(1), csca(2, subject=name("CSCA Elsewhere", "EL"))
LINK = csca(3, issuer=CSCA, serial=33)
SIGNER = document_signer(CSCA)
REVOKING = crl(CSCA, 4711)
MASTER = signed_list(list_signer(CSCA), listed(CSCA, OTHER, LINK))
DEVIATION = signed_list(list_signer(CSCA, purpose=DEVIATION_LIST_SIGNER), DEVIATIONS, DEVIATION_LIST)
DEFECT = signed_list(list_signer(CSCA, purpose=DEFECT_LIST_SIGNER), DEFECTS, DEFECT_LIST)
KNOWN = trusting(CSCA)


def planned(raw: bytes, trust: TrustStore = KNOWN, *, unsigned: bool = False, signers: bool = False) -> Plan:
    """The plan for a file whose name says nothing."""
    return plan_import("file.xyz", raw, trust, Options(NOW, unsigned, signers))


def kinds(plan: Plan) -> list[tuple[str, bytes, Tier]]:
    return [(entry.kind, entry.raw, entry.tier) for entry in plan.entries]


def pem(raw: bytes, label: str = "CERTIFICATE") -> bytes:
    lines = base64.encodebytes(raw).decode()
    return f"-----BEGIN {label}-----\n{lines}-----END {label}-----\n".encode()


def ldif(*rows: tuple[str, bytes]) -> bytes:
    """An LDIF file with an entry for each (attribute, value)."""
    entries = (f"dn: cn={at}\n{key}:: {base64.b64encode(raw).decode()}\n" for at, (key, raw) in enumerate(rows))
    return ("version: 1\n\n" + "\n".join(entries)).encode()


# --- every kind by its bytes ----------------------------------------------------------------------------------------

ROOT, LINKED = (Kind.CSCA, CSCA.parsed.raw, Tier.UNSIGNED), (Kind.LINK, LINK.parsed.raw, Tier.UNSIGNED)
LISTED = (Kind.CRL, REVOKING.raw, Tier.UNSIGNED)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (CSCA.parsed.raw, [ROOT]),
        (LINK.parsed.raw, [LINKED]),
        (pem(CSCA.parsed.raw), [ROOT]),
        (b"subject=/C=UT\nissuer=/C=UT\n" + pem(CSCA.parsed.raw) + b"the end\n", [ROOT]),
        (b"Bag Attributes\n" + pem(CSCA.parsed.raw) + b"\nnext\n" + pem(LINK.parsed.raw), [ROOT, LINKED]),
        (exported(CSCA.parsed) + exported(LINK.parsed), [ROOT, LINKED]),
        (base64.b64encode(CSCA.parsed.raw), [ROOT]),
        (base64.encodebytes(CSCA.parsed.raw).replace(b"\n", b"\r\n"), [ROOT]),
        (REVOKING.raw, [LISTED]),
        (pem(REVOKING.raw, "X509 CRL"), [LISTED]),
        (b"Certificate Revocation List (CRL):\n" + pem(REVOKING.raw, "X509 CRL"), [LISTED]),
        (pem(CSCA.parsed.raw) + pem(REVOKING.raw, "X509 CRL"), [ROOT, LISTED]),
        (CSCA.parsed.raw + b"\x00\x00", [ROOT]),
    ],
)
def test_certificates_and_revocation_lists_are_known_in_every_armour(
    raw: bytes, expected: list[tuple[str, bytes, Tier]]
) -> None:
    plan = planned(raw)
    assert kinds(plan) == expected
    assert (plan.skipped, plan.refused, plan.left_out) == ([], [], 0)
    signed = any(kind is Kind.CRL for kind, _, _ in expected)
    assert plan.lists == ([(frozenset({Kind.CRL}), "C=UT, CN=CSCA Utopia")] if signed else [])


@pytest.mark.parametrize("raw", [MASTER, pem(MASTER, "CMS"), pem(MASTER, "PKCS7"), base64.b64encode(MASTER)])
def test_a_master_list_of_a_pinned_csca_makes_anchors_and_links_of_its_tier(raw: bytes) -> None:
    plan = planned(raw)
    rows = [(Kind.CSCA, CSCA), (Kind.CSCA, OTHER), (Kind.LINK, LINK)]
    assert kinds(plan) == [(kind, holder.parsed.raw, Tier.NATIONAL) for kind, holder in rows]
    assert plan.lists == [(CSCA_KINDS, "UT")]
    (origin,) = plan.entries[1].origins
    assert (origin.source, origin.list_of, origin.signed_at) == ("file.xyz", "UT", "2021-06-01T00:00:00Z")
    assert "List Signer" in origin.signed_by
    assert origin.added_at == "2026-06-01T00:00:00Z"


@pytest.mark.parametrize(("raw", "kind"), [(DEVIATION, Kind.DEVIATION_LIST), (DEFECT, Kind.DEFECT_LIST)])
def test_deviation_and_defect_lists_enter_whole_with_their_signature(raw: bytes, kind: Kind) -> None:
    plan = planned(raw)
    assert kinds(plan) == [(kind, raw, Tier.NATIONAL)]
    assert plan.lists == [(frozenset({kind}), "UT")]
    store = plan.apply(Register().with_entries([pinned(CSCA.parsed, "x", NOW)])).to_store()
    assert [each.country for each in (*store.deviation_lists, *store.defect_lists)] == ["UT"]
    assert planned(raw, TrustStore.empty(), unsigned=True).entries == [], "unsigned takes master lists alone"


def test_a_master_list_of_nobody_is_refused_or_taken_in_the_lowest_tier() -> None:
    plan = planned(MASTER, TrustStore.empty())
    (refused,) = plan.refused
    assert (plan.entries, plan.lists) == ([], [])
    assert "no trusted CSCA" in refused.reason
    plan = planned(MASTER, TrustStore.empty(), unsigned=True)
    assert {entry.tier for entry in plan.entries} == {Tier.UNSIGNED}
    assert (len(plan.entries), plan.lists) == (3, []), "it takes no other list's place"


def test_a_list_whose_signature_is_wrong_is_worth_no_more_than_one_of_nobody() -> None:
    broken = MASTER[:-1] + bytes((MASTER[-1] ^ 1,))
    (refused,) = planned(broken).refused
    assert "signature is wrong" in refused.reason
    assert {entry.tier for entry in planned(broken, unsigned=True).entries} == {Tier.UNSIGNED}


def test_a_master_list_without_its_signature_is_refused_or_taken_in_the_lowest_tier() -> None:
    plan = planned(listed(CSCA, LINK))
    assert plan.entries == []
    assert [str(each.reason) for each in plan.refused] == ["a master list without its signature"]
    assert kinds(planned(listed(CSCA, LINK), unsigned=True)) == [ROOT, LINKED]


def test_document_signers_are_left_out_and_counted_or_kept_when_asked_for() -> None:
    nobody = certify(name("no key usage"), 70, CSCA)
    for holder in (SIGNER, nobody, document_signer(CSCA, is_ca=False), list_signer(CSCA)):
        plan = planned(holder.parsed.raw)
        assert (plan.entries, plan.left_out) == ([], 1)
        plan = planned(holder.parsed.raw, signers=True)
        assert (kinds(plan), plan.left_out) == ([(Kind.SIGNER, holder.parsed.raw, Tier.UNSIGNED)], 0)


@pytest.mark.parametrize(
    "options",
    [{"usage": None}, {"is_ca": None}, {"usage": None, "is_ca": None}, {"is_ca": False}],
)
def test_a_root_is_known_by_its_own_signature_whatever_its_extensions_lack(options: dict[str, object]) -> None:
    root = csca(4, **options)
    assert kinds(planned(root.parsed.raw)) == [(Kind.CSCA, root.parsed.raw, Tier.UNSIGNED)]


# --- LDIF -----------------------------------------------------------------------------------------------------------


def test_an_ldif_file_gives_all_kinds() -> None:
    raw = ldif(
        ("userCertificate;binary", SIGNER.parsed.raw),
        ("cACertificate;binary", CSCA.parsed.raw),
        ("certificateRevocationList;binary", REVOKING.raw),
        ("pkdMasterListContent", MASTER),
        ("CscaMasterListData", MASTER),
        ("pkdDeviationListContent", DEVIATION),
    )
    for shape in (raw, b"# of the PKD\n\n" + raw, b"\xef\xbb\xbf" + raw, raw.replace(b"version: 1\n\n", b"")):
        plan = planned(shape)
        found = [entry.kind.value for entry in plan.entries]
        assert found == ["csca", "crl", *["csca", "csca", "link"] * 2, "deviation-list"]
        assert (plan.left_out, plan.skipped, plan.refused) == (1, [], [])


def test_values_in_one_colon_base64_are_read_too() -> None:
    assert kinds(planned(ldif(("cACertificate", CSCA.parsed.raw)).replace(b"::", b":"))) == [ROOT]


def test_a_bad_value_of_an_ldif_file_is_recorded_with_its_line_and_the_rest_enters() -> None:
    raw = ldif(("cACertificate", b"\x30\x00"), ("cACertificate", CSCA.parsed.raw), ("pkdMasterListContent", b"\x31"))
    plan = planned(raw + b"\ndn: cn=3\ncACertificate:: ?\n")
    assert kinds(plan) == [ROOT]
    assert [each.name for each in plan.skipped] == ["file.xyz, line 4", "file.xyz, line 10", "file.xyz, line 13"]


# --- what is bad ----------------------------------------------------------------------------------------------------

RUBBISH = [
    b"",
    b"\n",
    b"\x00" * 50,
    b"\x30\x00",
    b"hello world, this is no certificate!",
    b"# Trust\n\nA file for people about version: and dn: of things.\n",
    b"[1, 2]",
    b"-----BEGIN CERTIFICATE-----\n",
    pem(b"\x30\x03\x02\x01\x00"),
    pem(b""),
    CSCA.parsed.raw[:-1],
    MASTER[:200],
    master_list_content(),
    signed_list(list_signer(CSCA), b"\x30\x00"),
    signed_list(list_signer(CSCA, purpose=DEVIATION_LIST_SIGNER), b"\x30\x00", DEVIATION_LIST),
]


@pytest.mark.parametrize("raw", RUBBISH)
def test_a_file_of_no_known_kind_is_said(raw: bytes) -> None:
    with pytest.raises(UsageError, match=r"file\.xyz is no certificate"):
        planned(raw)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_plan_or_our_error(raw: bytes) -> None:
    for shape in (raw, b"\x30" + raw, b"dn: " + raw, pem(raw) * 2):
        try:
            plan = planned(shape)
        except UsageError:
            continue
        assert plan.entries == []


def test_a_torn_block_of_a_bundle_is_recorded_and_sinks_no_other() -> None:
    whole = pem(CSCA.parsed.raw)
    for broken in (pem(b"\x30\x00"), pem(b"?"), whole[: len(whole) // 2], b"-----BEGIN CERTIFICATE-----\n"):
        plan = planned(broken + whole + pem(LINK.parsed.raw))
        assert kinds(plan) == [ROOT, LINKED]
        assert [each.name for each in plan.skipped] == ["file.xyz, block 1"]


def test_a_bad_certificate_of_a_master_list_is_recorded_and_sinks_no_other() -> None:
    content = master_list_content(CSCA.parsed.raw, b"\x30\x00", OTHER.parsed.raw)
    plan = planned(signed_list(list_signer(CSCA), content))
    assert [entry.raw for entry in plan.entries] == [CSCA.parsed.raw, OTHER.parsed.raw]
    assert [each.name for each in plan.skipped] == ["file.xyz, certificate 2"]


def test_a_private_key_beside_its_certificate_does_not_enter() -> None:
    plan = planned(pem(CSCA.parsed.raw) + pem(b"\x30\x03\x02\x01\x00", "PRIVATE KEY"))
    assert kinds(plan) == [ROOT]
    assert len(plan.skipped) == 1


# --- carrying out ---------------------------------------------------------------------------------------------------


def newer(*holders: Holder, days: int = 1) -> bytes:
    return signed_list(list_signer(CSCA), listed(*holders), signing_time=SIGNED_AT + timedelta(days=days))


def test_of_several_lists_of_one_issuer_the_newest_counts_in_whatever_order_they_come() -> None:
    root = pinned(CSCA.parsed, "one.cer", NOW)
    plans = [planned(MASTER), planned(newer(OTHER)), planned(newer(LINK, days=-1))]
    for order in (plans, plans[::-1]):
        found = merge(order).apply(Register().with_entries([root]))
        assert {(each.raw, each.tier) for each in found.entries.values()} == {
            (CSCA.parsed.raw, Tier.PINNED),
            (OTHER.parsed.raw, Tier.NATIONAL),
        }


def test_plans_are_merged_whole() -> None:
    plans = [planned(MASTER), planned(SIGNER.parsed.raw), planned(listed(CSCA)), planned(pem(b"") + pem(REVOKING.raw))]
    whole = merge(plans)
    assert (len(whole.entries), len(whole.lists), len(whole.skipped), len(whole.refused), whole.left_out) == (
        4,
        2,
        1,
        1,
        1,
    )


def test_a_newer_revocation_list_takes_the_older_one_s_place_when_a_trusted_key_signed_it() -> None:
    older, newer = crl(CSCA, 1, this_update=NOW - timedelta(days=20)), crl(CSCA, 2)
    forged = crl(csca(9), this_update=NOW - timedelta(days=1))
    register = planned(older.raw).apply(Register())
    for raw, left in ((forged.raw, [older, forged]), (newer.raw, [forged, newer]), (older.raw, [forged, newer])):
        register = planned(raw).apply(register)
        assert [each.raw for each in register.entries.values()] == [each.raw for each in left]


# --- updating -------------------------------------------------------------------------------------------------------


def vouched(raw: bytes, trust: TrustStore = KNOWN) -> tuple[list[Kind], list[str]]:
    plan = only_vouched(planned(raw, trust), trust)
    return [entry.kind for entry in plan.entries], [str(each.reason) for each in plan.refused]


def test_an_update_takes_no_new_root_and_says_what_to_pin() -> None:
    entered, refused = vouched(OTHER.parsed.raw)
    assert (entered, len(refused)) == ([], 1)
    assert f"pin SHA-256 {OTHER.parsed.fingerprint}" in refused[0]
    assert vouched(CSCA.parsed.raw) == ([Kind.CSCA], []), "it is there already"


def test_an_update_takes_a_link_that_leads_to_a_trusted_anchor_and_no_other() -> None:
    assert vouched(LINK.parsed.raw) == ([Kind.LINK], [])
    for trust in (TrustStore.empty(), trusting(OTHER), trusting(CSCA, tier=Tier.UNSIGNED)):
        entered, refused = vouched(LINK.parsed.raw, trust)
        assert (entered, len(refused)) == ([], 1)


def test_an_update_takes_the_lists_that_a_trusted_key_signed() -> None:
    assert vouched(MASTER) == ([Kind.CSCA, Kind.CSCA, Kind.LINK], [])
    assert vouched(DEVIATION) == ([Kind.DEVIATION_LIST], [])
    assert vouched(REVOKING.raw) == ([Kind.CRL], [])
    for raw in (MASTER, DEVIATION, REVOKING.raw, listed(CSCA)):
        for trust in (TrustStore.empty(), trusting(CSCA, tier=Tier.UNSIGNED)):
            entered, refused = vouched(raw, trust)
            assert (entered, len(refused)) == ([], 1)


def test_a_certificate_that_only_looks_like_a_link_is_refused() -> None:
    """It names CSCA as its issuer, and another key signed it."""
    false = Holder(CSCA.certificate, csca(8).private_key)
    forged = certify(name("CSCA Utopia"), 9, false, is_ca=True, aki=CSCA.parsed.subject_key_identifier)
    assert (forged.parsed.issuer, forged.parsed.authority_key_identifier) == (
        CSCA.parsed.subject,
        CSCA.parsed.subject_key_identifier,
    )
    entered, refused = vouched(forged.parsed.raw)
    assert (entered, len(refused)) == ([], 1)
