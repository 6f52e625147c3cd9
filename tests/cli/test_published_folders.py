"""`cccd verify FOLDER` on the published specimens, under the names that their tools gave them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.running import Run

pytestmark = pytest.mark.realdata

DISPROVED = ("two_signers_second_bad",)
"""Whose signature is wrong though its certificate is there."""


def verified(cccd: Run, folder: Path, *arguments: str) -> dict[str, Any]:
    result = cccd("verify", str(folder), "--json", "--now", "2026-06-01", *arguments)
    assert result.code == 1, "no chip was asked, and every specimen has expired"
    report: dict[str, Any] = json.loads(result.out)
    return {**{check["name"]: check["outcome"] for check in report["checks"]}, "verdict": report["verdict"]}


def test_every_synthetic_security_object_is_judged_in_its_folder(cccd: Run, realdata: Path, tmp_path: Path) -> None:
    expected = json.loads((realdata / "expected.json").read_text())["sod"]
    judged = 0
    for path, facts in expected.items():
        csca = facts.get("chain") or facts.get("signer_csca")
        if csca is None:
            continue
        folder = tmp_path / Path(path).stem
        folder.mkdir()
        for number in (1, 2, 14, 15):
            shutil.copy(realdata / Path(path).parent / f"EF_DG{number}.bin", folder)
        shutil.copy(realdata / path, folder / "EF_SOD.bin")
        found = verified(cccd, folder, "--trust", str(realdata / csca))
        wrong = Path(path).stem in DISPROVED
        right = all(facts["dg_files_match"].values())
        assert found["sod-signature"] == ("failed" if wrong else "passed"), path
        assert found["data-group-hashes"] == ("passed" if right else "failed"), path
        assert found["document-signer-chain"] == "passed", path
        assert found["revocation"] == "indeterminate", path
        assert (found["document-validity"], found["verdict"]) == ("failed", "failed"), path
        judged += 1
    assert judged == 35


@pytest.mark.parametrize(("folder", "hashes"), [("bsi_2008", "passed"), ("bsi_tr03105-5_reference", "indeterminate")])
def test_the_specimens_of_the_bsi_are_right_and_of_nobody_known(
    cccd: Run, realdata: Path, folder: str, hashes: str
) -> None:
    """The reference set's EF.DG15 is not in its security object, and is said to be signed by nobody."""
    found = verified(cccd, realdata / "sod" / folder)
    assert (found["sod-signature"], found["data-group-hashes"]) == ("passed", hashes)
    assert found["document-signer-chain"] == found["revocation"] == "indeterminate"
