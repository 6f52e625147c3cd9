"""The whole collection of published certificates and lists, brought in as a person would, and counted."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from cccd_nfc.errors import CccdError, UsageError
from cccd_nfc.pki.certificates import Certificate
from cccd_nfc.pki.cms import parse_signed_data
from cccd_nfc.pki.importing import Options, Plan, merge, plan_import
from cccd_nfc.pki.ldif import read_ldif
from cccd_nfc.pki.signed_lists import parse_master_list
from cccd_nfc.pki.trust_check import TroubleKind, troubles
from cccd_nfc.pki.trust_register import Register, pinned

pytestmark = pytest.mark.realdata

NOW = datetime(2026, 9, 1, tzinfo=UTC)
NO_KIND = {"MANIFEST.tsv", "expected.json", "nist_pkits.tar.gz"}


def root_register(realdata: Path) -> Register:
    """A register with the roots of Germany and the Netherlands pinned."""
    files = sorted((realdata / "trust_anchor").iterdir())
    return Register().with_entries([pinned(Certificate.parse(each.read_bytes()), each.name, NOW) for each in files])


@cache
def plans_of(realdata: Path) -> dict[str, Plan | str]:
    """File -> its plan, or why there is none; security objects and test vectors are left out."""
    trust, options = root_register(realdata).to_store(), Options(NOW, signers=True)
    plans: dict[str, Plan | str] = {}
    for path in sorted(realdata.rglob("*")):
        inside = path.relative_to(realdata)
        if path.is_file() and inside.parts[0] not in ("sod", "wycheproof", "cardsecurity"):
            try:
                plans[str(inside)] = plan_import(str(inside), path.read_bytes(), trust, options)
            except UsageError as error:
                plans[str(inside)] = str(error)
    return plans


def test_every_file_of_the_collection_is_known_for_what_it_is(realdata: Path) -> None:
    plans = plans_of(realdata)
    unknown = {Path(name).name for name, plan in plans.items() if isinstance(plan, str)}
    assert unknown == NO_KIND
    found = [plan for plan in plans.values() if isinstance(plan, Plan)]
    assert all(plan.entries or plan.refused for plan in found)
    assert [each for plan in found for each in plan.skipped] == []


def test_the_lists_that_the_pinned_roots_vouch_for_enter_with_what_was_counted(realdata: Path) -> None:
    expected = json.loads((realdata / "expected.json").read_text())["master_lists"]
    entered = {}
    for name, plan in plans_of(realdata).items():
        if name in expected and isinstance(plan, Plan) and plan.entries:
            entered[name] = len(plan.entries)
    assert set(entered) == {
        "masterlist/DE_ML_2025-03-05-08-05-28.ml",
        "masterlist/NL_ML_2025-07-29.ml",
        "masterlist/NL_ML_2025-12-20.ml",
        "masterlist/NL_ML_2026-07-22.ml",
    }
    assert entered == {name: expected[name]["distinct"] for name in entered}


def test_after_the_import_only_the_newest_list_of_each_state_counts(realdata: Path) -> None:
    whole = merge(plan for plan in plans_of(realdata).values() if isinstance(plan, Plan))
    register = whole.apply(root_register(realdata))
    assert Register.from_bytes(register.to_bytes()) == register
    of = Counter((o.list_of, o.signed_at[:10], e.kind.value) for e in register.entries.values() for o in e.origins)
    listed = {key: count for key, count in of.items() if key[0]}
    assert listed == {
        ("DE", "2025-03-05", "csca"): 363,
        ("DE", "2025-03-05", "link"): 194,
        ("NL", "2026-07-23", "csca"): 411,
        ("DE", "2025-12-10", "defect-list"): 1,
    }
    store = register.to_store()
    assert store.skipped == ()
    counts = Counter((entry.kind.value, entry.tier.value) for entry in register.entries.values())
    assert counts == {
        ("csca", "pinned"): 2,
        ("csca", "national-list"): 438,
        ("csca", "unsigned"): 45,
        ("link", "national-list"): 194,
        ("link", "unsigned"): 9,
        ("document-signer", "unsigned"): 284,
        ("crl", "unsigned"): 23,
        ("defect-list", "national-list"): 1,
    }
    assert not [each for each in troubles(store, NOW) if each.kind is TroubleKind.UNUSABLE]


def test_bringing_the_collection_again_changes_nothing(realdata: Path) -> None:
    whole = merge(plan for plan in plans_of(realdata).values() if isinstance(plan, Plan))
    register = whole.apply(root_register(realdata))
    assert whole.apply(register) == register


def all_certificates(realdata: Path) -> dict[bytes, Certificate]:
    """Every distinct certificate of the lists, their signers, the PKD's LDIF file and the folders of certificates."""
    raws: list[bytes] = []
    for path in [*sorted((realdata / "masterlist").iterdir()), *sorted((realdata / "mock_csca_demo").glob("*.ml"))]:
        if path.suffix == ".cer":
            continue
        signed = parse_signed_data(path.read_bytes())
        raws += [each.raw for each in signed.certificates]
        if path.name != "eidas_test_wrongMasterList.bin":
            raws += [each.raw for each in parse_master_list(signed.content)[0]]
    raws += [each.raw for each in read_ldif((realdata / "pkd" / "icaopkd-003-nonconformant-open.ldif").read_bytes())]
    for suffix in (".cer", ".der", ".pem"):
        raws += [path.read_bytes() for path in sorted(realdata.rglob(f"*{suffix}")) if "sod" not in path.parts]
    found = (Certificate.parse(raw) for raw in raws)
    return {certificate.raw: certificate for certificate in found}


def test_every_published_certificate_has_a_key_that_can_be_used_and_each_root_verifies_itself(realdata: Path) -> None:
    certificates = all_certificates(realdata).values()
    assert len(certificates) == 1186
    unusable = []
    for certificate in certificates:
        try:
            assert certificate.public_key
            assert certificate.scheme
        except CccdError as error:
            unusable.append((certificate.fingerprint, str(error)))
    assert unusable == []
    named_after_itself = [each for each in certificates if each.is_self_issued]
    roots = [each for each in named_after_itself if each.is_self_signed]
    assert (len(named_after_itself), len(roots)) == (770, 612)
    # The others carry a name that the CSCA kept when it changed its key: links, which another key signed.
    links = [each for each in named_after_itself if not each.is_self_signed]
    assert all(each.authority_key_identifier != each.subject_key_identifier for each in links)
    names = {(root.subject, root.subject_key_identifier): root for root in roots}
    issued = [(each, names.get((each.issuer, each.authority_key_identifier))) for each in links]
    known = [(each, issuer) for each, issuer in issued if issuer is not None]
    assert all(each.is_signed_by(issuer) for each, issuer in known)
    assert len(known) > 100
