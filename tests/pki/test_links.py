"""Link certificates and renewed CSCAs: each docstring draws the chain, the signer first, and says what is wrong.

Keys have numbers: `CSCA(1)` is the self-signed certificate of key 1, `link(2 by 1)` that of key 2 by key 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID, ObjectIdentifier

from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.chain import Chain, find_chain
from cccd_nfc.pki.crl import CertificateRevocationList
from cccd_nfc.pki.extensions import NAME_CHANGE
from cccd_nfc.pki.findings import Finding
from cccd_nfc.pki.revocation import check_revocation
from cccd_nfc.pki.trust_store import Tier, TrustStore
from cccd_nfc.pki.validity import check_validity
from cccd_nfc.report import Outcome, RemarkCode
from pki.issuing import NOW, SIGNED_AT, Holder, crl, csca, document_signer, key_usage, name, year

PASSED, FAILED, INDETERMINATE = Outcome.PASSED, Outcome.FAILED, Outcome.INDETERMINATE


def link(number: int, issuer: Holder, **options: Any) -> Holder:
    """The certificate of key `number` by `issuer`, under the same name unless `subject` says another."""
    options = {"serial": 100 * number + issuer.parsed.serial, "subject": issuer.certificate.subject, **options}
    return csca(number, issuer=issuer, **options)


def store(*anchors: Holder, links: Sequence[Holder] = (), crls: Sequence[CertificateRevocationList] = ()) -> TrustStore:
    return TrustStore(tuple(a.parsed for a in anchors), tuple(crls), links=tuple(each.parsed for each in links))


def parsed(*holders: Holder) -> tuple[Certificate, ...]:
    return tuple(each.parsed for each in holders)


def chain(signer: Holder, *anchors: Holder, links: Sequence[Holder] = ()) -> Chain:
    return find_chain(signer.parsed, store(*anchors, links=links))


def revocation(
    signer: Holder, *anchors: Holder, links: Sequence[Holder] = (), crls: Sequence[CertificateRevocationList] = ()
) -> Outcome:
    trust = store(*anchors, links=links, crls=crls)
    path = find_chain(signer.parsed, trust).path
    assert path
    return check_revocation(signer.parsed, path, trust, NOW).outcome


def validity(
    signer: Holder, *anchors: Holder, links: Sequence[Holder] = (), signed_at: datetime = SIGNED_AT
) -> Finding:
    found = chain(signer, *anchors, links=links)
    assert found.finding.outcome is PASSED
    return check_validity(signer.parsed, found.path, signed_at, NOW)


def codes(finding: Finding) -> set[RemarkCode]:
    return {each.code for each in finding.remarks}


ONE, TWO = csca(1), csca(2)
TWO_BY_ONE, ONE_BY_TWO = link(2, ONE), link(1, TWO)

# --- renewed keys -----------------------------------------------------------------------------------------------------


def test_a_new_key_that_the_old_anchor_certified_vouches_for_its_signers() -> None:
    """signer <- link(2 by 1) <- CSCA(1), the anchor."""
    found = chain(document_signer(TWO), ONE, links=[TWO_BY_ONE])
    assert found.finding.outcome is PASSED
    assert found.path == parsed(TWO_BY_ONE, ONE)
    assert (found.issuer, found.anchor) == parsed(TWO_BY_ONE, ONE)
    assert RemarkCode.LINK in codes(found.finding)
    assert str(found.finding.facts["link 1"]).endswith(TWO_BY_ONE.parsed.fingerprint)
    assert str(found.finding.facts["anchor"]).endswith(ONE.parsed.fingerprint)


def test_an_old_key_that_the_new_anchor_certified_vouches_for_its_signers() -> None:
    """signer <- link(1 by 2) <- CSCA(2), the anchor, which is the newer."""
    assert chain(document_signer(ONE), TWO, links=[ONE_BY_TWO]).path == parsed(ONE_BY_TWO, TWO)


@pytest.mark.parametrize("issuer", [ONE, TWO])
@pytest.mark.parametrize("anchor", [ONE, TWO])
def test_links_in_both_directions_lead_to_either_anchor(issuer: Holder, anchor: Holder) -> None:
    """link(2 by 1) and link(1 by 2) are both at hand; the shortest way is taken where the issuer is the anchor."""
    found = chain(document_signer(issuer), anchor, links=[TWO_BY_ONE, ONE_BY_TWO])
    assert found.finding.outcome is PASSED
    assert found.anchor == anchor.parsed
    assert (RemarkCode.LINK in codes(found.finding)) is (issuer is not anchor)


def test_without_the_link_the_new_key_cannot_be_told_from_a_forger_s() -> None:
    """signer <- CSCA(2), not trusted; CSCA(1) of the same name is."""
    assert chain(document_signer(TWO), ONE).finding.outcome is INDETERMINATE


def test_two_renewals_in_a_row_are_followed() -> None:
    """signer <- link(3 by 2) <- link(2 by 1) <- CSCA(1)."""
    third = link(3, TWO_BY_ONE)
    found = chain(document_signer(third), ONE, links=[TWO_BY_ONE, third])
    assert found.path == parsed(third, TWO_BY_ONE, ONE)
    assert {"link 1", "link 2"} <= set(found.finding.facts)


@pytest.mark.parametrize(("renewals", "outcome"), [(7, PASSED), (8, INDETERMINATE)])
def test_a_chain_has_at_most_seven_links(renewals: int, outcome: Outcome) -> None:
    """signer <- link <- ... <- link <- CSCA(1), each key certified by the one before."""
    links = [ONE]
    for number in range(2, renewals + 2):
        links.append(link(number, links[-1]))
    assert chain(document_signer(links[-1]), ONE, links=links[1:]).finding.outcome is outcome


@pytest.mark.parametrize("count", [2, 3, 6])
def test_links_that_certify_each_other_in_a_circle_vouch_for_nobody(count: int) -> None:
    """signer <- link(11 by 12) <- link(12 by 11) <- ..., each key certified by each other; CSCA(1) stands aside."""
    keys = {number: csca(number) for number in range(11, 11 + count)}
    circle = [link(one, keys[other]) for one in keys for other in keys if one != other]
    assert chain(document_signer(keys[11]), ONE, links=circle).finding.outcome is INDETERMINATE
    assert chain(document_signer(ONE), ONE, links=circle).finding.outcome is PASSED
    assert chain(document_signer(keys[11]), ONE, links=[link(11, ONE), *circle]).finding.outcome is PASSED


# --- links that are none ----------------------------------------------------------------------------------------------

UNKNOWN = x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
UNFIT_LINKS = {
    "cA is false": ({"is_ca": False}, FAILED),
    "no BasicConstraints": ({"is_ca": None}, FAILED),
    "its key is not for certificates": ({"usage": key_usage("crl_sign")}, FAILED),
    "an unknown critical extension": ({"extra": [(UNKNOWN, True)]}, INDETERMINATE),
    "an unknown extension that is not critical": ({"extra": [(UNKNOWN, False)]}, PASSED),
}


@pytest.mark.parametrize("why", UNFIT_LINKS)
def test_a_link_must_be_a_ca_of_which_all_is_known(why: str) -> None:
    """signer <- link(2 by 1), rightly signed, with an extension that forbids it <- CSCA(1)."""
    options, outcome = UNFIT_LINKS[why]
    assert chain(document_signer(TWO), ONE, links=[link(2, ONE, **options)]).finding.outcome is outcome


def test_a_link_that_a_forger_signed_vouches_for_nobody() -> None:
    """signer <- link(2 by 9): key 9 has the CSCA's name alone, or claims to be the anchor's key, which disproves it."""
    forger = csca(9)
    claiming = link(2, forger, aki=ONE.parsed.subject_key_identifier)
    assert chain(document_signer(TWO), ONE, links=[link(2, forger)]).finding.outcome is INDETERMINATE
    assert chain(document_signer(TWO), ONE, links=[claiming]).finding.outcome is FAILED


def test_an_anchor_whose_key_is_not_for_certificates_makes_no_links() -> None:
    """signer <- link(2 by 1) <- CSCA(1) with cRLSign alone."""
    anchor = csca(1, usage=key_usage("crl_sign"))
    assert chain(document_signer(TWO), anchor, links=[link(2, anchor)]).finding.outcome is FAILED


def test_a_link_made_after_its_issuer_expired_fails_the_validity() -> None:
    """signer <- link(2 by 1), from 2018 on <- CSCA(1), which ended in 2015."""
    anchor = csca(1, years=(2010, 2015))
    late, early = link(2, anchor, years=(2018, 2035)), link(2, anchor, years=(2014, 2035))
    assert validity(document_signer(TWO), anchor, links=[late]).outcome is FAILED
    assert validity(document_signer(TWO), anchor, links=[early]).outcome is PASSED


# --- names ------------------------------------------------------------------------------------------------------------

NEW_NAME, NEWER_NAME = name("CSCA Utopia of the Second Republic"), name("CSCA Utopia of the Third Republic")
CHANGED = x509.UnrecognizedExtension(ObjectIdentifier(NAME_CHANGE), b"\x05\x00")
RENAMED = link(2, ONE, subject=NEW_NAME, extra=[(CHANGED, False)])
"""link(2 by 1), from the old name to the new."""


def test_a_link_may_change_the_name() -> None:
    """signer, of the new name <- link(2 by 1), issuer: the old name, subject: the new <- CSCA(1), the old name."""
    assert chain(document_signer(RENAMED), ONE, links=[RENAMED]).path == parsed(RENAMED, ONE)


@pytest.mark.parametrize(("length", "outcome"), [(0, FAILED), (1, PASSED), (None, PASSED)])
def test_a_link_below_one_that_changes_the_name_counts_for_its_path_length(
    length: int | None, outcome: Outcome
) -> None:
    """signer <- link(3 by 2), third name <- link(2 by 1), second name, with the path length <- CSCA(1)."""
    upper = link(2, ONE, subject=NEW_NAME, is_ca=None, extra=[(x509.BasicConstraints(True, length), True)])
    lower = link(3, upper, subject=NEWER_NAME)
    assert chain(document_signer(lower), ONE, links=[upper, lower]).finding.outcome is outcome


def test_a_link_that_writes_its_name_in_two_ways_changes_no_name() -> None:
    """signer <- link(3 by 2), subject in capitals <- link(2 by 1), path length 0 <- CSCA(1): RFC 5280 §6.1, §7.1."""
    capitals = link(3, TWO_BY_ONE, subject=name("CSCA UTOPIA"))
    assert chain(document_signer(capitals), ONE, links=[TWO_BY_ONE, capitals]).finding.outcome is PASSED


def printable(common_name: str) -> x509.Name:
    kind = _ASN1Type.PrintableString
    pairs = ((NameOID.COUNTRY_NAME, "UT"), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(oid, value, kind) for oid, value in pairs])


WRITTEN = {
    "in capitals": name("CSCA UTOPIA"),
    "with more spaces": name("  CSCA   Utopia "),
    "as PrintableString": printable("CSCA Utopia"),
    "with its country in small letters": name("CSCA Utopia", "ut"),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_an_issuer_s_name_written_otherwise_is_the_same_name(how: str) -> None:
    """signer, whose issuer is written otherwise and has no key identifier <- CSCA(1)."""
    signer = document_signer(csca(1, subject=WRITTEN[how]), aki=b"")
    assert signer.parsed.issuer != ONE.parsed.subject
    assert chain(signer, ONE).path == parsed(ONE)


def test_a_key_identifier_does_not_stand_for_the_issuer_s_name() -> None:
    """signer, signed by key 1, its AKI that of CSCA(1), its issuer another name: it is not said who issued it."""
    stranger = csca(1, subject=name("CSCA Elsewhere"))
    assert chain(document_signer(stranger), ONE).finding.outcome is INDETERMINATE


def test_of_anchors_and_links_with_one_key_identifier_the_signature_chooses() -> None:
    """signer <- CSCA(1); CSCA(3) and link(4 by 3) claim the same key identifier, and stand before it."""
    identifier = ONE.parsed.subject_key_identifier
    third = csca(3, ski=identifier)
    links = [link(4, third, ski=identifier)]
    assert chain(document_signer(ONE), third, csca(5, ski=identifier), ONE, links=links).path == parsed(ONE)


def test_countries_are_compared_without_letter_case_and_must_be_one() -> None:
    """signer of ut, then of XX <- CSCA(1) of UT."""
    assert chain(document_signer(ONE, subject=name("Signer", "ut")), ONE).finding.outcome is PASSED
    assert chain(document_signer(ONE, subject=name("Signer", "XX")), ONE).finding.outcome is FAILED


# --- revocation -------------------------------------------------------------------------------------------------------


def other_name(old: x509.Name) -> tuple[x509.ExtensionType, bool]:
    return x509.IssuerAlternativeName([x509.DirectoryName(old)]), False


def test_a_list_under_the_new_name_speaks_of_signers_of_the_old_when_it_says_so() -> None:
    """old signer <- CSCA(1); the list is signed by key 2 under the new name, its IssuerAltName the old name."""
    signer, both = document_signer(ONE), [other_name(ONE.certificate.subject)]
    serial = signer.parsed.serial
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED, serial, extra=both)]) is FAILED
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED, extra=both)]) is PASSED
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED, serial)]) is INDETERMINATE


@pytest.mark.parametrize("revoked", [(), (1050,)])
def test_a_csca_speaks_of_no_other_state_s_signers(revoked: tuple[int, ...]) -> None:
    """signer <- CSCA(1) of UT; a trusted CSCA of XX lists it, or does not, with the name of CSCA(1) as its own."""
    signer, foreign = document_signer(ONE), csca(5, subject=name("CSCA Elsewhere", "XX"))
    assert signer.parsed.serial == 1050
    lists = [crl(foreign, *revoked, extra=[other_name(ONE.certificate.subject)])]
    assert revocation(signer, ONE, foreign, crls=lists) is INDETERMINATE


def test_a_link_is_asked_about_at_the_lists_of_its_own_issuer() -> None:
    """ONE ──▶ RENAMED ──▶ signer; the list of RENAMED does not speak of what ONE certified, unless it says so."""
    signer, both = document_signer(RENAMED), [other_name(ONE.certificate.subject)]
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED)]) is INDETERMINATE
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED), crl(ONE)]) is PASSED
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED, extra=both)]) is PASSED
    revoked = crl(ONE, RENAMED.parsed.serial)
    assert revocation(signer, ONE, links=[RENAMED], crls=[crl(RENAMED), revoked]) is FAILED


def test_a_revoked_link_fails_its_signers() -> None:
    """signer <- link(2 by 1), on the list of key 1 <- CSCA(1)."""
    signer, listed = document_signer(TWO), crl(ONE, TWO_BY_ONE.parsed.serial)
    assert revocation(signer, ONE, links=[TWO_BY_ONE], crls=[listed]) is FAILED
    assert revocation(signer, ONE, links=[TWO_BY_ONE], crls=[crl(ONE)]) is PASSED


def test_an_anchor_that_its_own_list_revokes_fails_its_signers() -> None:
    """signer <- CSCA(1), which is on the list of key 1."""
    assert revocation(document_signer(ONE), ONE, crls=[crl(ONE, ONE.parsed.serial)]) is FAILED


def test_a_list_by_a_revoked_key_clears_nobody_and_still_convicts() -> None:
    """signer <- CSCA(1); the list is signed by key 2 of link(2 by 1), which an expired list of key 1 revokes."""
    signer = document_signer(ONE)
    old = crl(ONE, TWO_BY_ONE.parsed.serial, this_update=year(2024), next_update=year(2025))
    assert revocation(signer, ONE, links=[TWO_BY_ONE], crls=[crl(TWO)]) is PASSED
    assert revocation(signer, ONE, links=[TWO_BY_ONE], crls=[crl(TWO), old]) is INDETERMINATE
    assert revocation(signer, ONE, links=[TWO_BY_ONE], crls=[crl(TWO, signer.parsed.serial), old]) is FAILED


# --- when private keys are used, and whom the anchor comes from -------------------------------------------------------


def used(begin: int, end: int) -> tuple[x509.ExtensionType, bool]:
    return x509.PrivateKeyUsagePeriod(year(begin), year(end)), False


@pytest.mark.parametrize(("signer_until", "csca_until", "said"), [(2022, 2022, 0), (2021, 2022, 1), (2021, 2020, 2)])
def test_a_private_key_used_outside_its_period_passes_and_is_said(
    signer_until: int, csca_until: int, said: int
) -> None:
    """signer, from 2021 on, signs in June 2021 <- CSCA(1): either key's period may have ended before."""
    anchor = csca(1, years=(2019, 2035), extra=[used(2019, csca_until)])
    found = validity(document_signer(anchor, extra=[used(2020, signer_until)]), anchor)
    assert found.outcome is PASSED
    assert [each.code for each in found.remarks].count(RemarkCode.OUTSIDE_USAGE_PERIOD) == said


def test_an_anchor_that_nobody_known_vouches_for_is_said() -> None:
    """signer <- CSCA(1), from a list that was not signed by a known key; then from the user."""
    signer = document_signer(ONE).parsed
    unsigned = TrustStore(parsed(ONE), tiers={ONE.parsed.fingerprint: Tier.UNSIGNED})
    found = find_chain(signer, unsigned).finding
    assert found.outcome is PASSED
    assert RemarkCode.ANCHOR_UNSIGNED in codes(found)
    assert found.facts["trusted"] == Tier.UNSIGNED.value
    assert RemarkCode.ANCHOR_UNSIGNED not in codes(find_chain(signer, store(ONE)).finding)


def test_a_list_that_only_an_unsigned_anchor_signed_convicts_nobody() -> None:
    """CSCA (pinned) -> signer; a second CSCA of the same name, which somebody brought along, signs a list of it."""
    signer, other = document_signer(ONE), csca(9)
    trust = TrustStore(
        (ONE.parsed, other.parsed),
        (crl(other, signer.parsed.serial),),
        tiers={other.parsed.fingerprint: Tier.UNSIGNED},
    )
    found = check_revocation(signer.parsed, (ONE.parsed,), trust, NOW)
    assert found.outcome is Outcome.INDETERMINATE
