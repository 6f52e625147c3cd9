"""The law as data: the right profile on each day, and nothing where the files are broken (L-01, L-11 to L-14, S-38)."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import RulesUnavailableError
from cccd_nfc.registry.lock_grounds import (
    ON_REQUEST,
    LockGround,
    LockSource,
    Role,
    load_profiles,
    profile_named,
    profile_on,
    source_of,
)

LAW = resources.files("cccd_nfc.registry").joinpath("law")
FOREIGN = {LockGround.TRAVEL_DOCUMENT_EXPIRED, LockGround.RESIDENCE_EXPIRED}
OLD, NEW = date(2024, 6, 30), date(2024, 7, 1)


@pytest.mark.row("L-01")
@pytest.mark.parametrize(
    ("day", "profile"),
    [
        (date(2022, 10, 20), "decree-59-2022"),
        (OLD, "decree-59-2022"),
        (NEW, "law-26-2023"),
        (date(2026, 11, 25), "law-26-2023"),
    ],
)
def test_l01_the_day_chooses_the_law(day: date, profile: str) -> None:
    assert profile_on(day).id == profile
    assert profile_named(profile) is profile_on(day)


@pytest.mark.row("S-38")
def test_s38_a_day_or_a_name_without_a_law_is_an_error() -> None:
    with pytest.raises(RulesUnavailableError, match="2022-10-19"):
        profile_on(date(2022, 10, 19))
    with pytest.raises(RulesUnavailableError):
        profile_named("decree-0")


@pytest.mark.row("L-11", "L-12")
def test_l11_l12_the_grounds_of_each_law() -> None:
    every = set(LockGround) - FOREIGN
    assert set(profile_on(OLD).grounds) == every - {LockGround.CARD_EXPIRED}
    assert set(profile_on(NEW).grounds) == every - {LockGround.SERVICE_PARTY_REQUEST}


@pytest.mark.row("L-20")
@pytest.mark.parametrize(("day", "article"), [(OLD, "Decree 59/2022 Art. 19(2)"), (NEW, "Decree 69/2024 Art. 15(2)")])
def test_l20_the_grounds_for_foreigners_accounts(day: date, article: str) -> None:
    found = profile_on(day).grounds_of("foreigner")
    shared = {LockGround.OWNER_REQUEST, LockGround.TERMS_VIOLATION, LockGround.DECEASED}
    assert set(found) == FOREIGN | shared
    assert {rule.clause for rule in found.values()} == {article}
    assert found[LockGround.DECEASED].cleared_by == frozenset()
    assert profile_on(day).grounds_of("citizen") is profile_on(day).grounds


@pytest.mark.row("R-083")
def test_r083_a_ground_tells_what_brought_it() -> None:
    said = {ground: source_of(ground) for ground in LockGround}
    assert said.pop(LockGround.OWNER_REQUEST) is LockSource.DECLARATION
    assert {said.pop(ground) for ground in ON_REQUEST} == {LockSource.REQUEST}
    assert set(said.values()) == {LockSource.DATA_UPDATE}


@pytest.mark.row("L-13", "L-14", "R-085", "R-086")
def test_l13_l14_r085_r086_clock_and_decider_of_an_authoritys_request() -> None:
    old, new = (profile_on(day).grounds[LockGround.AUTHORITY_REQUEST] for day in (OLD, NEW))
    assert (old.forward_days, old.decide_days, old.set_by) == (0, 2, {Role.UNIT_HEAD})
    assert (new.forward_days, new.decide_days, new.set_by) == (1, 2, {Role.AGENCY_HEAD})


@pytest.mark.row("R-079", "R-087")
@pytest.mark.parametrize("day", [OLD, NEW])
def test_r079_r087_the_other_grounds_act_at_once(day: date) -> None:
    requested = {LockGround.AUTHORITY_REQUEST, LockGround.SERVICE_PARTY_REQUEST}
    for ground, rule in profile_on(day).grounds.items():
        assert (rule.decide_days == 0) is (ground not in requested)


@pytest.mark.row("AS-09")
@pytest.mark.parametrize("day", [OLD, NEW])
def test_as09_nobody_clears_a_death_and_the_hotline_clears_nothing(day: date) -> None:
    grounds = profile_on(day).grounds
    assert grounds[LockGround.DECEASED].cleared_by == frozenset()
    assert [rule for rule in grounds.values() if Role.HOTLINE in rule.cleared_by] == []
    assert Role.HOTLINE in grounds[LockGround.OWNER_REQUEST].set_by


# --- broken files -----------------------------------------------------------------------------------------------------

Change = Callable[[dict[str, Any]], object]

BROKEN: dict[str, Change] = {
    "unknown ground": lambda law: law["grounds"].update(WHIM=law["grounds"]["DECEASED"]),
    "unknown role": lambda law: law["grounds"]["DECEASED"].update(set_by=["NEIGHBOUR"]),
    "nobody sets": lambda law: law["grounds"]["DECEASED"].update(set_by=[]),
    "no clause": lambda law: law["grounds"]["DECEASED"].update(clause=""),
    "missing key": lambda law: law["grounds"]["DECEASED"].pop("cleared_by"),
    "further key": lambda law: law.update(comment="x"),
    "no grounds for foreigners": lambda law: law.update(foreign_grounds={}),
    "no grounds": lambda law: law.update(grounds={}),
    "negative days": lambda law: law["grounds"]["DECEASED"].update(decide_days=-1),
    "days as text": lambda law: law["grounds"]["DECEASED"].update(decide_days="2"),
    "days as truth": lambda law: law["grounds"]["DECEASED"].update(decide_days=True),
    "no date": lambda law: law.update({"from": "1 July"}),
    "ends before it begins": lambda law: law.update(until="2020-01-01"),
}


@pytest.mark.row("S-38")
@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_s38_a_broken_profile_is_no_law(tmp_path: Path, change: Change) -> None:
    law = copy.deepcopy(json.loads(LAW.joinpath("law-26-2023.json").read_text(encoding="utf-8")))
    change(law)
    (tmp_path / "law.json").write_text(json.dumps(law), encoding="utf-8")
    with pytest.raises(RulesUnavailableError, match=r"law\.json is broken"):
        load_profiles(tmp_path)


@pytest.mark.row("S-38")
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_s38_what_is_no_json_is_no_law(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "law.json").write_bytes(content)
    with pytest.raises(RulesUnavailableError):
        load_profiles(tmp_path)


@pytest.mark.row("S-38")
def test_s38_no_file_no_folder_and_two_laws_for_one_day_are_no_law(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RulesUnavailableError):
            load_profiles(folder)
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(LAW.joinpath("law-26-2023.json").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RulesUnavailableError, match="same day"):
        load_profiles(tmp_path)
