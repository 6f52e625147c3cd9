"""Folders of raw files as other tools name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cccd_nfc.errors import EncodingError, UsageError
from cccd_nfc.inspection.dumps import DUMPED, from_folder, load_evidence


def dumped(folder: Path, *names: str) -> dict[str, bytes]:
    """The files of the evidence in a folder with files of these names, each holding its own name."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return dict(from_folder(folder).files)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("SOD.bin", "EF.SOD"),
        ("sod.bin", "EF.SOD"),
        ("EF_SOD.bin", "EF.SOD"),
        ("EF.SOD", "EF.SOD"),
        ("EF.SOD.bin", "EF.SOD"),
        ("EF_SOD.BIN", "EF.SOD"),
        ("ef-sod.der", "EF.SOD"),
        ("SOD", "EF.SOD"),
        ("EF.COM", "EF.COM"),
        ("COM.dat", "EF.COM"),
        ("CardAccess.bin", "EF.CardAccess"),
        ("EF.CardAccess", "EF.CardAccess"),
        ("EF_CardSecurity.bin", "EF.CardSecurity"),
        ("DG1.bin", "EF.DG1"),
        ("dg01.BIN", "EF.DG1"),
        ("DG01", "EF.DG1"),
        ("EF.DG1", "EF.DG1"),
        ("EF.DG1.bin", "EF.DG1"),
        ("EF_DG1.bin", "EF.DG1"),
        ("Datagroup1.bin", "EF.DG1"),
        ("DATAGROUP16.BIN", "EF.DG16"),
        ("DataGroup 2.bin", "EF.DG2"),
        ("DG_13.bin", "EF.DG13"),
        ("DG16", "EF.DG16"),
    ],
)
def test_a_file_is_known_by_the_names_that_tools_give_it(tmp_path: Path, name: str, file: str) -> None:
    assert dumped(tmp_path, name) == {file: name.encode()}


def test_every_file_of_a_chip_is_found_under_its_own_name(tmp_path: Path) -> None:
    found = dumped(tmp_path, *(file.dump_name for file in DUMPED))
    assert set(found) == {file.name for file in DUMPED}
    assert from_folder(tmp_path).source == "files"


@pytest.mark.parametrize(
    "other",
    [
        "DG17.bin",
        "DG0.bin",
        "DG1.txt",
        "DG1.json",
        "MRZ.bin",
        "SOD.bin.bak",
        "xSOD.bin",
        "secrets.json",
        "DG",
    ],
)
def test_other_files_are_left_alone(tmp_path: Path, other: str) -> None:
    assert set(dumped(tmp_path, "SOD.bin", other)) == {"EF.SOD"}
    (tmp_path / "SOD.bin").unlink()
    with pytest.raises(UsageError, match=r"no SOD\.bin"):
        from_folder(tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DG1.bin", "DG01.bin"),
        ("DG1.bin", "dg1.bin"),
        ("SOD.bin", "EF_SOD.bin"),
        ("EF.SOD", "SOD"),
        ("DG2", "Datagroup2.bin"),
    ],
)
def test_a_file_that_is_there_twice_is_refused_since_either_could_be_meant(
    tmp_path: Path, one: str, other: str
) -> None:
    with pytest.raises(UsageError, match="twice") as caught:
        dumped(tmp_path, one, other)
    assert one in str(caught.value)
    assert other in str(caught.value)


def test_a_folder_of_such_a_name_is_no_file(tmp_path: Path) -> None:
    for name in ("dg1", "SOD", "trust"):
        (tmp_path / name).mkdir()
    assert dumped(tmp_path, "DG1.bin") == {"EF.DG1": b"DG1.bin"}


def test_a_folder_without_any_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no SOD\.bin"):
        load_evidence(tmp_path)


def test_a_file_that_is_larger_than_any_of_a_chip_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "DG2.bin").open("wb") as file:
        file.truncate((1 << 20) + 1)
    with pytest.raises(EncodingError, match="1048577 bytes"):
        load_evidence(tmp_path)
    with (tmp_path / "DG2.bin").open("wb") as file:
        file.truncate(1 << 20)
    assert len(load_evidence(tmp_path).files["EF.DG2"]) == 1 << 20


@pytest.mark.realdata
def test_the_reference_data_set_of_the_bsi_is_found_as_it_was_published(realdata: Path) -> None:
    found = from_folder(realdata / "sod" / "bsi_tr03105-5_reference").files
    assert {"EF.SOD", "EF.DG1", "EF.DG2", "EF.DG3", "EF.DG4", "EF.DG14", "EF.DG15"} <= set(found)
