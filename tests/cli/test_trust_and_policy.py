"""`cccd verify` with the store that `cccd trust` keeps, and with policies of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.inspection.policy import FIELD, STRICT
from cccd_nfc.pki.certificates import Certificate
from cli.running import Result, Run
from pki.issuing import csca
from pki.listing import list_signer, master_list_content, signed_list

UTOPIA = csca(1)


def verified(cccd: Run, evidence: Path, store: Path, *more: str) -> tuple[int, str, set[str]]:
    """(exit status, verdict, codes of the remarks) with that store."""
    result = cccd("verify", str(evidence), "--trust", str(store), "--json", *more)
    report = json.loads(result.out)
    remarks = {remark["code"] for check in report["checks"] for remark in check["remarks"]}
    return result.code, report["verdict"], remarks


def test_a_pinned_csca_lets_a_card_pass_and_an_unsigned_one_leaves_it_open(
    cccd: Run, made: Path, evidence: Path, tmp_path: Path
) -> None:
    store, root = tmp_path / "store", str(made / "trust" / "csca.cer")
    cccd("trust", "import", root, "--yes", "--store", str(store))
    code, verdict, remarks = verified(cccd, evidence, store)
    assert (code, verdict, "anchor-unsigned" in remarks) == (1, "indeterminate", True)
    sha256 = Certificate.parse(Path(root).read_bytes()).fingerprint
    assert cccd("trust", "pin", sha256[:12], "--sha256", sha256, "--store", str(store)).code == 0
    code, verdict, remarks = verified(cccd, evidence, store)
    assert (code, verdict, "anchor-unsigned" in remarks) == (0, "passed", False)
    cccd("trust", "remove", sha256[:12], "--yes", "--store", str(store))
    assert verified(cccd, evidence, store)[:2] == (1, "indeterminate")


def test_a_csca_of_a_national_list_lets_a_card_pass(cccd: Run, made: Path, evidence: Path, tmp_path: Path) -> None:
    """UT (pinned) -> list signer -> master list with the CSCA of the card."""
    store, root = str(tmp_path / "store"), (made / "trust" / "csca.cer").read_bytes()
    (tmp_path / "utopia.cer").write_bytes(UTOPIA.parsed.raw)
    (tmp_path / "list.ml").write_bytes(
        signed_list(list_signer(UTOPIA), master_list_content(Certificate.parse(root).raw))
    )
    cccd("trust", "pin", str(tmp_path / "utopia.cer"), "--sha256", UTOPIA.parsed.fingerprint, "--store", store)
    assert verified(cccd, evidence, Path(store))[:2] == (1, "indeterminate")
    assert cccd("trust", "import", str(tmp_path / "list.ml"), "--yes", "--store", store).code == 0
    assert verified(cccd, evidence, Path(store))[:2] == (0, "passed")


def test_the_store_of_this_user_is_taken_where_none_is_named(cccd: Run, made: Path, evidence: Path) -> None:
    assert cccd("verify", str(evidence)).code == 1
    root = made / "trust" / "csca.cer"
    cccd("trust", "pin", str(root), "--sha256", Certificate.parse(root.read_bytes()).fingerprint)
    assert cccd("verify", str(evidence)).code == 0


# --- policies -------------------------------------------------------------------------------------------------------


def test_strict_wants_a_revocation_list_and_field_does_not(cccd: Run, made: Path, evidence: Path) -> None:
    trust = made / "trust"
    assert verified(cccd, evidence, trust, "--policy", "strict")[:2] == (0, "passed")
    assert verified(cccd, evidence, trust / "csca.cer", "--policy", "field")[:2] == (0, "passed")
    assert verified(cccd, evidence, trust / "csca.cer", "--policy", "strict")[:2] == (1, "indeterminate")


def policy(**changes: Any) -> dict[str, Any]:
    return {**FIELD.to_json(), "name": "ours", **changes}


def with_policy(cccd: Run, made: Path, evidence: Path, tmp_path: Path, content: object) -> Result:
    path = tmp_path / "policy.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    trust = str(made / "trust" / "csca.cer")
    return cccd("verify", str(evidence), "--trust", trust, "--json", "--policy", str(path))


def test_a_policy_of_ones_own_decides_and_stands_in_the_report(
    cccd: Run, made: Path, evidence: Path, tmp_path: Path
) -> None:
    result = with_policy(cccd, made, evidence, tmp_path, policy())
    report = json.loads(result.out)
    assert (result.code, report["verdict"], report["policy"]) == (0, "passed", policy())
    for harder in (
        policy(required=[*FIELD.to_json()["required"], "revocation"]),
        policy(stops=["certificate-profile"]),
    ):
        result = with_policy(cccd, made, evidence, tmp_path, harder)
        assert (result.code, json.loads(result.out)["verdict"]) == (1, "indeterminate")
    least = policy(required=["sod-signature", "document-signer-chain", "data-group-hashes"], stops=[])
    assert with_policy(cccd, made, evidence, tmp_path, least).code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (policy(required=[*FIELD.to_json()["required"], "horoscope"]), "horoscope"),
        (policy(stops=["bad-weather"]), "bad-weather"),
        (policy(required=["sod-signature", "document-signer-chain"]), "at least"),
        (policy(required=[]), "at least"),
        (policy(name="field"), "name of its own"),
        (STRICT.to_json(), "name of its own"),
        ({"name": "ours", "required": []}, "not a policy"),
        ({}, "not a policy"),
        ([], "not a policy"),
        ("strictly", "not JSON"),
        ("", "not JSON"),
    ],
)
def test_a_policy_that_is_none_is_refused(
    cccd: Run, made: Path, evidence: Path, tmp_path: Path, content: object, said: str
) -> None:
    result = with_policy(cccd, made, evidence, tmp_path, content)
    assert (result.code, result.out, said in result.err) == (2, "", True), result.err


def test_a_policy_that_is_not_there_is_said_with_those_that_are(cccd: Run, evidence: Path) -> None:
    for named in ("lenient", "/nowhere/policy.json", ""):
        result = cccd("verify", str(evidence), "--policy", named)
        assert (result.code, "field, strict" in result.err) == (2, True)
