"""The register's file: killed, raced, on a full disk and in folders that may not be read or written."""

from __future__ import annotations

import os
import resource
import signal
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import filelock
import pytest

from cccd_nfc.errors import CccdError, EncodingError, UsageError
from cccd_nfc.pki import trust_files
from cccd_nfc.pki.trust_files import edit_register, load_trust_store, read_register
from cccd_nfc.pki.trust_register import REGISTER_NAME, Entry, Kind, Origin, Register, pinned
from cccd_nfc.pki.trust_store import Tier
from pki.issuing import NOW, csca
from registry_processes import FORK, PATIENCE, race_anything

CSCA_ONE, CSCA_TWO = csca(1).parsed, csca(2).parsed
ONE, TWO = pinned(CSCA_ONE, "one", NOW), pinned(CSCA_TWO, "two", NOW)
MOST_STEPS = 60


def adding(*entries: Entry) -> Callable[[Register], Register]:
    return lambda register: register.with_entries(entries)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_is_for_its_owner_alone_and_the_folder_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "trust"
    changed = edit_register(folder, adding(ONE))
    assert read_register(folder) == changed
    assert (mode(folder), mode(folder / REGISTER_NAME)) == (0o700, 0o600)
    edit_register(folder, adding(TWO))
    assert mode(folder / REGISTER_NAME) == 0o600
    assert list(read_register(folder).entries) == [ONE.sha256, TWO.sha256]


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    edit_register(tmp_path, adding(ONE))
    before = sorted(tmp_path.iterdir())

    def refuse(_: Register) -> Register:
        raise UsageError("no")

    with pytest.raises(UsageError, match=r"^no$"):
        edit_register(tmp_path, refuse)
    assert list(read_register(tmp_path).entries) == [ONE.sha256]
    assert sorted(tmp_path.iterdir()) == before


def test_a_register_that_cannot_be_read_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / REGISTER_NAME).write_bytes(b"{")
    with pytest.raises(EncodingError):
        edit_register(tmp_path, adding(ONE))
    assert (tmp_path / REGISTER_NAME).read_bytes() == b"{"
    (skipped,) = load_trust_store(tmp_path).skipped
    assert skipped.name == REGISTER_NAME


def test_what_a_person_put_there_is_pinned_whatever_the_register_says(tmp_path: Path) -> None:
    unsigned = Entry(Kind.CSCA, ONE.raw, (Origin(Tier.UNSIGNED, "bundle"),))
    edit_register(tmp_path, adding(unsigned))
    assert load_trust_store(tmp_path).tier_of(CSCA_ONE) is Tier.UNSIGNED
    (tmp_path / "one.cer").write_bytes(ONE.raw)
    store = load_trust_store(tmp_path)
    assert (store.anchors, store.tier_of(CSCA_ONE)) == ((CSCA_ONE,), Tier.PINNED)
    assert load_trust_store(tmp_path / REGISTER_NAME).tier_of(CSCA_ONE) is Tier.UNSIGNED


def test_a_file_that_is_too_large_is_skipped_with_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit_register(tmp_path, adding(ONE))
    (tmp_path / "two.cer").write_bytes(TWO.raw)
    monkeypatch.setattr(trust_files, "_MAX_FILE", len(TWO.raw))
    store = load_trust_store(tmp_path)
    assert store.anchors == (CSCA_TWO,)
    assert [each.name for each in store.skipped] == [REGISTER_NAME]


# --- killed ---------------------------------------------------------------------------------------------------------


def dies_at_step(number: int, act: Callable[[], object]) -> bool:
    """Runs `act` in a process that kills itself just before its `number`-th open, lock, rename, removal or fsync;
    False when there were fewer.
    """

    def killed() -> None:
        left = number

        def step(event: str, _: Any = None) -> None:
            nonlocal left
            if event.startswith(("open", "os.", "fcntl.", "tempfile.")) and event != "os.kill":
                left -= 1
                if left <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        fsync = os.fsync
        os.fsync = lambda file: (step("os.fsync"), fsync(file))[1]
        sys.addaudithook(step)
        act()
        os._exit(0)

    process = FORK.Process(target=killed)
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL), f"the process ended with {process.exitcode}"
    return process.exitcode != 0


def test_an_edit_that_is_killed_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    old, new = Register().with_entries([ONE]), Register().with_entries([ONE, TWO])
    seen = []
    for number in range(1, MOST_STEPS):
        folder = tmp_path / str(number)
        edit_register(folder, adding(ONE))
        if not dies_at_step(number, lambda folder=folder: edit_register(folder, adding(TWO))):  # type: ignore[misc]
            break
        left = read_register(folder)
        assert left in (old, new)
        seen.append(left)
        assert load_trust_store(folder).skipped == ()
        assert len(load_trust_store(folder).anchors) == len(left.entries), "what was left behind is no entry"
        assert edit_register(folder, adding(TWO)) == new, "the lock of a dead process holds up nobody"
    else:
        raise AssertionError("the edit has more steps than it should")
    assert len(seen) >= 5
    assert seen[0] == old


def test_a_process_that_is_killed_at_the_first_edit_leaves_no_register_or_a_whole_one(tmp_path: Path) -> None:
    for number in range(1, MOST_STEPS):
        folder = tmp_path / str(number)
        if not dies_at_step(number, lambda folder=folder: edit_register(folder, adding(ONE))):  # type: ignore[misc]
            return
        assert list(read_register(folder).entries) in ([], [ONE.sha256])
    raise AssertionError("the edit has more steps than it should")


# --- raced ----------------------------------------------------------------------------------------------------------


def test_eight_who_edit_at_once_lose_nothing(tmp_path: Path) -> None:
    entries = [pinned(csca(number).parsed, str(number), NOW) for number in range(1, 9)]

    def edit(start: Callable[[], object], entry: Entry) -> int:
        start()
        return len(edit_register(tmp_path, adding(entry)).entries)

    finishes = race_anything([lambda start, entry=entry: edit(start, entry) for entry in entries])  # type: ignore[misc]
    assert sorted(finish.value for finish in finishes) == list(range(1, 9))
    assert set(read_register(tmp_path).entries) == {entry.sha256 for entry in entries}
    assert {path.name for path in tmp_path.iterdir()} <= {REGISTER_NAME, f".{REGISTER_NAME}.lock"}


def test_a_lock_that_stays_held_is_said_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_files, "_PATIENCE_SECONDS", 0.05)
    with (
        filelock.FileLock(tmp_path / f".{REGISTER_NAME}.lock", is_singleton=False),
        pytest.raises(UsageError, match="another process"),
    ):
        edit_register(tmp_path, adding(ONE))


# --- disks and folders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [0, 1, 500])
def test_a_disk_that_is_full_is_said_and_the_old_file_stays(tmp_path: Path, most: int) -> None:
    """The system's limit of a file's size stands for the full disk."""
    edit_register(tmp_path, adding(ONE))
    before = sorted(tmp_path.iterdir()), (tmp_path / REGISTER_NAME).read_bytes()

    def starved(start: Callable[[], object]) -> str:
        start()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        edit_register(tmp_path, adding(TWO))
        return "done"

    (finish,) = race_anything([starved])
    assert isinstance(finish.error, UsageError)
    assert "cannot write" in str(finish.error)
    assert (sorted(tmp_path.iterdir()), (tmp_path / REGISTER_NAME).read_bytes()) == before


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_somebody(act: Callable[[], object]) -> CccdError | None:
    """The error of ours that `act` ends with in a process that is not the superuser's, who may write everywhere."""

    def run(start: Callable[[], object]) -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        start()
        act()

    (finish,) = race_anything([run])
    return finish.error


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_may_not_be_written_is_said(public_folder: Path, exists: bool) -> None:
    folder = public_folder if exists else public_folder / "trust"
    public_folder.chmod(0o555)
    error = as_somebody(lambda: edit_register(folder, adding(ONE)))
    assert isinstance(error, UsageError)
    assert "cannot write the trust store" in str(error)
    assert list(public_folder.iterdir()) == []


def test_a_folder_or_register_that_may_not_be_read_is_said(public_folder: Path) -> None:
    folder = public_folder / "trust"
    edit_register(folder, adding(ONE))
    folder.chmod(0)
    for act in (lambda: load_trust_store(folder), lambda: read_register(folder)):
        assert isinstance(as_somebody(act), UsageError)
    folder.chmod(0o755)
    (folder / REGISTER_NAME).chmod(0)
    for act in (lambda: load_trust_store(folder), lambda: read_register(folder)):
        error = as_somebody(act)
        assert isinstance(error, UsageError)
        assert "cannot read" in str(error)


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "trust"):
        with pytest.raises(UsageError, match=r"cannot (write|read)"):
            edit_register(folder, adding(ONE))
