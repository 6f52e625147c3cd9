"""`cccd trust` as the keeper of a store meets it: what is asked, what enters, what is shown, with which exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.cli.trust_view import pem
from cccd_nfc.cli.trust_words import KINDS, TIERS, TROUBLES, WORDS
from cccd_nfc.pki.trust_check import TroubleKind
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.pki.trust_register import Kind
from cccd_nfc.pki.trust_store import Tier
from cli.running import Result, Run, Terminal
from pki.issuing import Holder, crl, csca, document_signer, name, year
from pki.listing import list_signer, listed, signed_list

ONE, TWO = csca(1), csca(2, subject=name("CSCA Elsewhere", "EL"))
LINK = csca(3, issuer=ONE, serial=33)
MASTER = signed_list(list_signer(ONE), listed(ONE, TWO, LINK))


class Keeper:
    """Runs `cccd trust` on a store, and makes the files that it is given."""

    def __init__(self, cccd: Run, folder: Path) -> None:
        self._cccd, self.folder, self.store = cccd, folder, folder / "store"

    def __call__(self, *arguments: str, stdin: Any = "", lang: str = "en") -> Result:
        return self._cccd("--lang", lang, "trust", *arguments, "--store", str(self.store), stdin=stdin)

    def file(self, raw: bytes, called: str = "file") -> str:
        path = self.folder / called
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(raw)
        return str(path)

    def pinned(self, holder: Holder) -> None:
        self("pin", self.file(holder.parsed.raw, "root.cer"), "--sha256", holder.parsed.fingerprint)

    def tiers(self) -> dict[str, str]:
        """SHA-256 -> tier, of what `list` shows."""
        return {row["sha256"]: row["tier"] for row in json.loads(self("list", "--json").out)}


@pytest.fixture
def keeper(cccd: Run, tmp_path: Path) -> Keeper:
    return Keeper(cccd, tmp_path)


# --- importing ------------------------------------------------------------------------------------------------------


def test_an_import_shows_what_would_enter_and_asks(keeper: Keeper) -> None:
    file = keeper.file(ONE.parsed.raw)
    for answer, code, entered in (("n\n", 1, 0), ("y\n", 0, 1)):
        result = keeper("import", file, stdin=Terminal(answer))
        assert (result.code, len(keeper.tiers())) == (code, entered)
        assert WORDS["confirm_import"]["en"] in result.err
        assert f"SHA-256 {ONE.parsed.fingerprint}" in result.err
        assert result.out == ""


def test_without_a_terminal_an_import_needs_yes(keeper: Keeper) -> None:
    file = keeper.file(ONE.parsed.raw)
    result = keeper("import", file)
    assert (result.code, keeper.tiers()) == (2, {})
    assert "--yes" in result.err
    result = keeper("import", file, "--yes")
    assert (result.code, keeper.tiers()) == (0, {ONE.parsed.fingerprint: "unsigned"})
    assert "1 added, 0 removed" in result.err
    assert "cccd trust pin SHA256" in result.err
    assert WORDS["nothing_new"]["en"] in keeper("import", file, "--yes").err


def test_a_master_list_enters_once_its_csca_is_pinned(keeper: Keeper) -> None:
    file = keeper.file(MASTER)
    result = keeper("import", file, "--yes")
    assert (result.code, keeper.tiers()) == (1, {})
    assert "no trusted CSCA" in result.err
    keeper.pinned(ONE)
    assert keeper("import", file, "--yes").code == 0
    assert keeper.tiers() == {
        ONE.parsed.fingerprint: "pinned",
        TWO.parsed.fingerprint: "national-list",
        LINK.parsed.fingerprint: "national-list",
    }


def test_unsigned_takes_the_list_of_nobody_in_the_lowest_tier(keeper: Keeper) -> None:
    assert keeper("import", keeper.file(MASTER), "--unsigned", "--yes").code == 0
    assert set(keeper.tiers().values()) == {"unsigned"}


def test_document_signers_are_left_out_unless_they_are_asked_for(keeper: Keeper) -> None:
    file = keeper.file(document_signer(ONE).parsed.raw)
    result = keeper("import", file, "--yes")
    assert (result.code, keeper.tiers()) == (0, {})
    assert "1 document signers are left out" in result.err
    keeper("import", file, "--signers", "--yes")
    assert len(load_trust_store(keeper.store).signers) == 1


def test_files_that_are_nothing_end_with_2_and_change_nothing(keeper: Keeper) -> None:
    for raw in (b"", b"rubbish!", b"# a page for people\n"):
        result = keeper("import", keeper.file(raw, "bad"), keeper.file(ONE.parsed.raw), "--yes")
        assert (result.code, keeper.store.exists()) == (2, False)
        assert "bad is no certificate" in result.err
    assert keeper("import", str(keeper.folder / "nowhere"), "--yes").code == 2
    assert keeper("import", str(keeper.folder), "--yes").code == 2


def test_many_entries_are_shown_in_part_and_all_when_asked(keeper: Keeper) -> None:
    roots = [csca(number, subject=name(f"CSCA {number}")) for number in range(1, 16)]
    file = keeper.file(b"".join(pem(root.parsed) for root in roots))
    short, long = keeper("import", file), keeper("import", file, "--all")
    assert short.err.count("SHA-256 ") == 12
    assert "3 more" in short.err
    assert long.err.count("SHA-256 ") == 15


# --- pinning and removing -------------------------------------------------------------------------------------------


def test_a_file_is_pinned_by_its_sha_256_however_it_is_written(keeper: Keeper) -> None:
    sha256 = ONE.parsed.fingerprint
    colons = ":".join(sha256[at : at + 2] for at in range(0, 64, 2)).upper()
    for written in (sha256, colons, colons.replace(":", " ")):
        result = keeper("pin", keeper.file(ONE.parsed.raw), "--sha256", written)
        assert (result.code, keeper.tiers()) == (0, {sha256: "pinned"})
        assert "Pinned: C=UT, CN=CSCA Utopia" in result.err


def test_another_sha_256_pins_nothing(keeper: Keeper) -> None:
    for written in (TWO.parsed.fingerprint, ONE.parsed.fingerprint[:-1], ""):
        result = keeper("pin", keeper.file(ONE.parsed.raw), "--sha256", written)
        assert (result.code, keeper.store.exists()) == (2, False)
        assert "another SHA-256" in result.err


def test_pinning_asks_whether_it_was_compared(keeper: Keeper) -> None:
    file = keeper.file(ONE.parsed.raw)
    result = keeper("pin", file)
    assert (result.code, keeper.tiers()) == (2, {})
    assert "--sha256" in result.err, "there is no --yes to a comparison"
    result = keeper("pin", file, stdin=Terminal("n\n"))
    assert (result.code, keeper.tiers()) == (1, {})
    result = keeper("pin", file, stdin=Terminal("y\n"))
    assert (result.code, keeper.tiers()) == (0, {ONE.parsed.fingerprint: "pinned"})
    assert WORDS["confirm_pin"]["en"] in result.err


def test_an_unsigned_entry_is_pinned_by_the_first_digits_of_its_sha_256(keeper: Keeper) -> None:
    keeper("import", keeper.file(ONE.parsed.raw), "--yes")
    result = keeper("pin", ONE.parsed.fingerprint[:12].upper(), stdin=Terminal("y\n"))
    assert (result.code, keeper.tiers()) == (0, {ONE.parsed.fingerprint: "pinned"})
    (row,) = json.loads(keeper("list", "--json").out)
    assert [origin["tier"] for origin in row["origins"]] == ["unsigned", "pinned"]


def test_only_a_csca_can_be_pinned(keeper: Keeper) -> None:
    for raw, said in ((LINK.parsed.raw, "self-signed"), (crl(ONE).raw, "no certificate"), (b"x", "no certificate")):
        result = keeper("pin", keeper.file(raw), stdin=Terminal("y\n"))
        assert (result.code, keeper.tiers(), said in result.err) == (2, {}, True), result.err
    assert "0 entries" in keeper("pin", "abcdef", stdin=Terminal("y\n")).err


def test_what_is_removed_is_trusted_no_longer(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    keeper.pinned(TWO)
    assert keeper("remove", ONE.parsed.fingerprint[:8]).code == 2
    assert keeper("remove", ONE.parsed.fingerprint[:8], stdin=Terminal("n\n")).code == 1
    assert len(keeper.tiers()) == 2
    result = keeper("remove", ONE.parsed.fingerprint[:8], "--yes")
    assert (result.code, "Removed: C=UT" in result.err) == (0, True)
    assert keeper.tiers() == {TWO.parsed.fingerprint: "pinned"}
    assert keeper("remove", ONE.parsed.fingerprint[:8], "--yes").code == 2


# --- showing --------------------------------------------------------------------------------------------------------


def test_the_list_names_every_entry_and_can_be_cut_to_a_country(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    keeper("import", keeper.file(MASTER), keeper.file(crl(ONE).raw, "crl"), "--yes")
    (keeper.store / "by-hand.cer").write_bytes(csca(9, subject=name("CSCA by hand", "BH")).parsed.raw)
    lines = keeper("list").out.splitlines()
    assert len(lines) == 5
    for sha256, tier in keeper.tiers().items():
        (line,) = [line for line in lines if sha256[:16] in line]
        assert TIERS[tier]["en"] in line
    rows = json.loads(keeper("list", "--country", "el", "--json").out)
    assert [(row["country"], row["kind"], row["tier"]) for row in rows] == [("EL", "csca", "national-list")]
    assert json.loads(keeper("list", "--country", "XX", "--json").out) == []


def test_an_entry_is_shown_whole(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    keeper("import", keeper.file(MASTER, "list.ml"), "--yes")
    row = json.loads(keeper("show", TWO.parsed.fingerprint[:10], "--json").out)
    assert (row["sha256"], row["tier"]) == (TWO.parsed.fingerprint, "national-list")
    assert row["subject"] == "C=EL, CN=CSCA Elsewhere"
    (origin,) = row["origins"]
    assert (origin["source"], origin["list_of"], origin["signed_at"]) == ("list.ml", "UT", "2021-06-01T00:00:00Z")
    shown = keeper("show", TWO.parsed.fingerprint[:10]).out
    assert all(value in shown for value in (row["sha256"], row["subject"], row["valid"], origin["signed_by"]))
    assert keeper("show", "").code == keeper("show", "ffffffffff").code == 2


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_an_empty_store_says_how_to_begin(keeper: Keeper, lang: str) -> None:
    result = keeper("list", lang=lang)
    assert (result.code, result.out) == (0, "")
    assert result.err.strip() == WORDS["empty"][lang].format(store=keeper.store)  # type: ignore[literal-required]


def test_an_export_is_a_store_of_the_same_anchors_without_those_of_nobody(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    unsigned = csca(5, subject=name("CSCA of nobody", "NB"))
    keeper("import", keeper.file(MASTER), keeper.file(unsigned.parsed.raw, "nobody"), "--yes")
    output = keeper.folder / "out.pem"
    result = keeper("export", "-o", str(output))
    assert (result.code, "2 certificates" in result.err) == (0, True)
    assert set(load_trust_store(output).anchors) == {ONE.parsed, TWO.parsed}
    assert f"# SHA-256 {ONE.parsed.fingerprint}" in output.read_text()
    assert output.stat().st_mode & 0o077 == 0
    keeper("export", "-o", str(output), "--country", "el")
    assert load_trust_store(output).anchors == (TWO.parsed,)
    assert keeper("export", "-o", "/nowhere/out.pem").code == 2


def test_an_export_can_be_imported_again(keeper: Keeper, cccd: Run) -> None:
    keeper.pinned(ONE)
    keeper("export", "-o", str(output := keeper.folder / "out.pem"))
    other = Keeper(cccd, keeper.folder / "other")
    assert other("import", str(output), "--yes").code == 0
    assert other.tiers() == {ONE.parsed.fingerprint: "unsigned"}


# --- looking after --------------------------------------------------------------------------------------------------


def test_check_ends_with_1_when_something_should_be_mended(keeper: Keeper) -> None:
    assert keeper("check").code == 0
    keeper.pinned(ONE)
    result = keeper("check")
    assert (result.code, result.out, result.err.strip()) == (0, "", WORDS["sound"]["en"])
    keeper("import", keeper.file(TWO.parsed.raw), "--yes")
    result = keeper("check")
    assert result.code == 1
    assert result.out.startswith("unsigned")
    assert f"{TWO.parsed.fingerprint[:16]}  C=EL, CN=CSCA Elsewhere: came from" in result.out
    rows = json.loads(keeper("check", "--json").out)
    assert {row["kind"] for row in rows} == {"unsigned", "differs-from-profile"}


def test_check_looks_at_the_time_it_is_told(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    late = keeper("check", "--now", "2036-01-01")
    assert (late.code, "expired on 2035-01-01" in late.out) == (0, True), "its documents are still about"
    assert keeper("check", "--now", "tomorrow").code == 2


def test_an_update_adds_and_removes_by_what_is_trusted(keeper: Keeper) -> None:
    keeper.pinned(ONE)
    keeper("import", keeper.file(MASTER), "--yes")
    newer = signed_list(list_signer(ONE), listed(ONE, csca(6, subject=name("CSCA New", "NW"))), signing_time=year(2022))
    root = csca(7, subject=name("CSCA Unknown", "UK"))
    for called, raw in {"a.ml": newer, "b.cer": LINK.parsed.raw, "c.cer": root.parsed.raw, "README": b"!"}.items():
        keeper.file(raw, f"new/{called}")
    result = keeper("update", str(keeper.folder / "new"))
    assert result.code == 0
    assert "1 added, 1 removed, 2 kept" in result.err
    assert f"pin SHA-256 {root.parsed.fingerprint}" in result.err
    assert "Cannot be read: README" in result.err
    assert sorted(row["country"] for row in json.loads(keeper("list", "--json").out)) == ["NW", "UT", "UT"]
    assert TWO.parsed.fingerprint not in keeper.tiers()
    again = keeper("update", str(keeper.folder / "new"))
    assert (again.code, "0 added, 0 removed, 3 kept" in again.err) == (0, True)


def test_a_store_that_cannot_be_read_is_said_and_kept(keeper: Keeper) -> None:
    keeper.store.mkdir()
    (keeper.store / "trust.json").write_text("{}")
    for command in (("list",), ("import", keeper.file(ONE.parsed.raw), "--yes"), ("remove", "ab", "--yes")):
        result = keeper(*command)
        assert (result.code, "Traceback" in result.err) == (4, False)
    assert (keeper.store / "trust.json").read_text() == "{}"


# --- languages ------------------------------------------------------------------------------------------------------


def test_everything_is_said_in_both_languages() -> None:
    assert set(TIERS) == {tier.value for tier in Tier}
    assert set(KINDS) == {kind.value for kind in Kind}
    assert set(TROUBLES) == {kind.value for kind in TroubleKind}
    for words in (WORDS, TIERS, KINDS, TROUBLES):
        for text in words.values():
            assert text["vi"]
            assert text["en"]
            assert set(re.findall(r"\{\w+\}", text["vi"])) == set(re.findall(r"\{\w+\}", text["en"]))


def test_vietnamese_is_spoken_from_the_question_to_the_end(keeper: Keeper) -> None:
    result = keeper("import", keeper.file(ONE.parsed.raw), stdin=Terminal("y\n"), lang="vi")
    assert (result.code, WORDS["confirm_import"]["vi"] in result.err) == (0, True)
    assert "chưa ai ký" in result.err
    assert "thêm 1" in result.err
    listed_line = keeper("list", lang="vi").out
    assert "chưa ai ký" in listed_line
    checked = keeper("check", lang="vi")
    assert (checked.code, checked.out.startswith("chưa ai ký")) == (1, True)
    refused = keeper("import", keeper.file(signed_list(list_signer(TWO), listed(TWO))), "--yes", lang="vi")
    assert "Không nhận" in refused.err
