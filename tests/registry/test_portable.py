"""Export, import, backup and restore: whole, from one database to the other and back, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import resource
import shutil
import signal
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cccd_nfc.errors import CccdError, ConflictError, RefusedError, RegistryUnavailableError, UsageError
from cccd_nfc.registry import backup, portable
from cccd_nfc.registry.key_ring import KeyKind
from cccd_nfc.registry.lock_grounds import LockGround, Role
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.portable import import_file
from cccd_nfc.registry.receipts import verify_receipt
from cccd_nfc.registry.restoring import restore
from cccd_nfc.registry.sealed_file import Passphrase, Recipient, SealingWriter, new_recipient
from cccd_nfc.registry.states import AccountState
from registry_places import BACK_TO_0002, Place, SqlitePlace, only_sqlite
from registry_processes import FORK, _count_down, open_registry, race, race_anything
from registry_support import Desk, card

TWO = ("officer-1", "officer-2")
PRIVATE, PUBLIC = new_recipient()
MINE, THEIRS = Recipient.parse(PRIVATE), Recipient.parse(PUBLIC)


def used(desk: Desk) -> str:
    number = desk.enrol()
    desk.bind(Phone.new())
    desk.clock.go(hours=1)
    desk.bind(Phone.new())
    desk.enrol(card(2))
    return number


def same_rows(one: Place, other: Place) -> bool:
    """Whether both hold the same, whatever types their databases give back for it, and in whatever order."""
    return sorted_rows(one) == sorted_rows(other)


def sorted_rows(place: Place) -> dict[str, list[str]]:
    rows = place.rows().items()
    return {table: sorted(json.dumps(row, default=bytes.hex) for row in found) for table, found in rows}


def works(place: Place, desk: Desk, number: str) -> Desk:
    """The registry in a new place goes on: it knows the person, binds a device, and its log holds."""
    other = Desk.__new__(Desk)
    other.place, other.clock = place, desk.clock
    other.registry = open_registry(place, desk.clock)
    assert other.registry.account(number).number == number
    desk.clock.go(hours=1)
    receipt = other.bind(Phone.new())
    assert verify_receipt(receipt, other.registry.receipt_key())["replaced"]
    other.registry.check()
    return other


@pytest.fixture
def another(new_place: Callable[[Path], Place], tmp_path: Path) -> Place:
    return new_place(tmp_path / "another")


def with_keys(desk: Desk, place: Place) -> Place:
    shutil.copytree(desk.folder / "keys", place.folder / "keys")
    return place


# --- export and import ------------------------------------------------------------------------------------------------


def test_an_export_taken_in_elsewhere_is_the_same_registry_row_for_row(
    desk: Desk, another: Place, tmp_path: Path
) -> None:
    number = used(desk)
    desk.registry.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    moved = desk.registry.export(tmp_path / "export.jsonl", approved_by=TWO)
    taken = import_file(tmp_path / "export.jsonl", with_keys(desk, another).url, another.folder)
    assert taken == moved
    assert same_rows(desk.place, another)
    assert moved.head == desk.registry.check()
    works(another, desk, number).registry.close()


def test_a_registry_goes_from_one_database_to_the_other_and_back(desk: Desk, another: Place, tmp_path: Path) -> None:
    """Over SQLite in between: on PostgreSQL that is the way out of it and back."""
    number = used(desk)
    between = with_keys(desk, SqlitePlace.new(tmp_path / "between"))
    desk.registry.export(tmp_path / "1.jsonl", approved_by=TWO)
    import_file(tmp_path / "1.jsonl", between.url, between.folder)
    assert same_rows(desk.place, between)
    there = open_registry(between, desk.clock)
    there.export(tmp_path / "2.jsonl", approved_by=TWO)
    there.close()
    import_file(tmp_path / "2.jsonl", with_keys(desk, another).url, another.folder)
    assert same_rows(between, another)
    works(another, desk, number).registry.close()


def test_an_export_is_for_its_owner_only_and_shows_no_person(desk: Desk, tmp_path: Path) -> None:
    number = used(desk)
    path = tmp_path / "export.jsonl"
    desk.registry.export(path, approved_by=TWO)
    assert path.stat().st_mode & 0o077 == 0
    content = path.read_text(encoding="utf-8")
    assert number not in content
    assert desk.registry.account(number).full_name not in content
    with pytest.raises(UsageError, match="file of this name"):
        desk.registry.export(path, approved_by=TWO)
    with pytest.raises(RefusedError, match="two persons"):
        desk.registry.export(tmp_path / "x", approved_by=("one", "one"))


def test_a_place_that_is_not_empty_takes_nothing_in(desk: Desk, another: Place, tmp_path: Path) -> None:
    used(desk)
    desk.registry.export(tmp_path / "export.jsonl", approved_by=TWO)
    before = desk.place.rows()
    with pytest.raises(ConflictError, match="holds a registry already"):
        import_file(tmp_path / "export.jsonl", desk.place.url, desk.folder)
    assert desk.place.rows() == before


def changes(lines: list[bytes]) -> dict[str, list[bytes]]:
    end = json.loads(lines[-1])
    short = {**end, "rows": {**end["rows"], "account": 7}}
    cut_log = [line for line in lines[:-1] if b'"table":"audit","row":{"seq":2,' not in line]
    assert len(cut_log) < len(lines) - 1
    return {
        "cut off": lines[:-1],
        "half a line": [*lines[:-1], lines[-1][:-5]],
        "a row less": [*lines[:2], *lines[3:]],
        "a row twice": [*lines[:3], lines[2], *lines[3:]],
        "another count": [*lines[:-1], json.dumps(short).encode() + b"\n"],
        "a changed row": [line.replace(b'"level":1', b'"level":2') for line in lines],
        "more after the end": [*lines, lines[1]],
        "no export": [b"nothing\n"],
        "empty": [],
        "another table": [lines[0], b'{"table":"sqlite_master","row":{}}\n', *lines[1:]],
        "forged log": forged(cut_log, end),
    }


def forged(lines: list[bytes], end: dict[str, Any]) -> list[bytes]:
    """Without an entry of the audit log, its count and its digest as they should be."""
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    rows = {**end["rows"], "audit": end["rows"]["audit"] - 1}
    return [*lines, json.dumps({**end, "rows": rows, "sha256": digest}).encode() + b"\n"]


WAYS = [
    *("cut off", "half a line", "a row less", "a row twice", "another count", "a changed row"),
    *("more after the end", "no export", "empty", "another table", "forged log"),
]


@pytest.mark.parametrize("way", WAYS)
def test_an_export_that_is_not_as_it_was_written_is_refused_whole(
    desk: Desk, another: Place, tmp_path: Path, way: str
) -> None:
    used(desk)
    path = tmp_path / "export.jsonl"
    desk.registry.export(path, approved_by=TWO)
    path.write_bytes(b"".join(changes(path.read_bytes().splitlines(keepends=True))[way]))
    with pytest.raises(CccdError):
        import_file(path, with_keys(desk, another).url, another.folder)
    left = another.rows()
    assert sum(len(rows) for name, rows in left.items() if name not in ("alembic_version", "nobody")) == 0


def test_an_export_without_the_keys_of_its_registry_is_refused(desk: Desk, another: Place, tmp_path: Path) -> None:
    used(desk)
    desk.registry.export(tmp_path / "export.jsonl", approved_by=TWO)
    with pytest.raises(RegistryUnavailableError, match="keys"):
        import_file(tmp_path / "export.jsonl", another.url, another.folder)
    stranger = Desk(SqlitePlace.new(tmp_path / "stranger"))
    stranger.registry.close()
    shutil.copytree(stranger.folder / "keys", another.folder / "keys")
    with pytest.raises(RegistryUnavailableError, match="keys"):
        import_file(tmp_path / "export.jsonl", another.url, another.folder)
    shutil.rmtree(another.folder / "keys")
    import_file(tmp_path / "export.jsonl", with_keys(desk, another).url, another.folder)


def test_an_export_of_a_newer_version_is_refused(desk: Desk, another: Place, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    desk.registry.export(path, approved_by=TWO)
    head, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(head), "revision": "9999"}).encode() + b"\n" + rest)
    with pytest.raises(RegistryUnavailableError, match="newer version"):
        import_file(path, another.url, another.folder)


@only_sqlite
def test_an_import_killed_in_the_middle_leaves_an_empty_place_or_the_whole_registry(desk: Desk, tmp_path: Path) -> None:
    number = used(desk)
    desk.registry.export(tmp_path / "export.jsonl", approved_by=TWO)
    for step in (1, 20, 60, 75, 80, 85, 90, 95, 100, 110, 120):
        place = with_keys(desk, SqlitePlace.new(tmp_path / str(step)))

        def killed(place: Place = place, step: int = step) -> None:
            _count_down(Engine, step)
            import_file(tmp_path / "export.jsonl", place.url, place.folder)

        process = FORK.Process(target=killed)
        process.start()
        process.join(60)
        if process.exitcode != 0:
            with contextlib.suppress(ConflictError):  # it was whole already
                import_file(tmp_path / "export.jsonl", place.url, place.folder)
        registry = open_registry(place, desk.clock)
        assert registry.account(number).number == number
        registry.check()
        registry.close()


# --- backup and restore -----------------------------------------------------------------------------------------------


def backed_up(desk: Desk, path: Path, *, keys: bool = True) -> Path:
    desk.registry.back_up(path, THEIRS, with_keys=keys)
    return path


def restored(desk: Desk, path: Path, place: Place, **more: Any) -> backup.Backup:
    return restore(path, MINE, place.url, place.folder, desk.clock.now, **more)


def test_a_backup_with_keys_is_all_that_a_new_machine_needs(desk: Desk, another: Place, tmp_path: Path) -> None:
    number = used(desk)
    desk.registry.rotate_key(KeyKind.HEAD, approved_by=TWO)
    desk.registry.rotate_key(KeyKind.PERSONAL, approved_by=TWO)
    path = backed_up(desk, tmp_path / "backup")
    assert path.stat().st_mode & 0o077 == 0
    head, raw = desk.registry.check(), path.read_bytes()
    assert b"SQLite" not in raw
    assert desk.registry._office.keys.lookup not in raw
    found = restored(desk, path, another)
    assert (found.head, found.keys) == (head, True)
    for key in (another.folder / "keys").iterdir():
        assert key.stat().st_mode & 0o077 == 0
        assert key.read_bytes() == (desk.folder / "keys" / key.name).read_bytes()
    other = works(another, desk, number)
    acts = [json.loads(content)["act"] for (content,) in another.ask("SELECT content FROM audit ORDER BY seq")]
    assert "registry-restored" in acts
    assert other.registry.check(head).size > head.size
    other.registry.close()


def test_a_backup_by_passphrase_without_keys_needs_the_keys_that_are_kept_elsewhere(
    desk: Desk, another: Place, tmp_path: Path
) -> None:
    number = used(desk)
    phrase = Passphrase("correct horse battery")
    desk.registry.back_up(tmp_path / "backup", phrase, with_keys=False)
    with pytest.raises(RegistryUnavailableError, match="keys"):
        restore(tmp_path / "backup", phrase, another.url, another.folder, desk.clock.now)
    with_keys(desk, another)
    assert not restore(tmp_path / "backup", phrase, another.url, another.folder, desk.clock.now).keys
    works(another, desk, number).registry.close()


def test_a_backup_goes_into_the_other_kind_of_database_too(desk: Desk, tmp_path: Path) -> None:
    number = used(desk)
    place = SqlitePlace.new(tmp_path / "on sqlite")
    restored(desk, backed_up(desk, tmp_path / "backup"), place)
    works(place, desk, number).registry.close()


def test_a_backup_is_consistent_though_desks_go_on_working(desk: Desk, another: Place, tmp_path: Path) -> None:
    number = used(desk)

    def work(registry: Any) -> None:
        for _ in range(40):
            registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, "lost-device")
            registry.clear_lock(number, LockGround.OWNER_REQUEST, Role.OFFICER)

    def back_up(registry: Any) -> None:
        for turn in range(4):
            registry.back_up(tmp_path / f"backup-{turn}", THEIRS, with_keys=True)

    finishes = race(desk.place, desk.clock, [back_up, work])
    assert finishes[0].error is None
    for turn in range(4):
        place = SqlitePlace.new(tmp_path / f"place-{turn}")
        restored(desk, tmp_path / f"backup-{turn}", place)
        registry = open_registry(place, desk.clock)
        assert registry.check().size > 0
        registry.close()


def test_a_place_that_is_not_empty_is_not_restored_into(desk: Desk, tmp_path: Path) -> None:
    used(desk)
    path = backed_up(desk, tmp_path / "backup")
    before = desk.place.rows()
    with pytest.raises(ConflictError, match="holds a registry already"):
        restored(desk, path, desk.place)
    assert desk.place.rows() == before
    with pytest.raises(UsageError, match="file of this name"):
        backed_up(desk, path)


def test_keys_of_another_registry_in_the_folder_are_not_written_over(
    desk: Desk, another: Place, tmp_path: Path
) -> None:
    used(desk)
    path = backed_up(desk, tmp_path / "backup")
    stranger = Desk(SqlitePlace.new(tmp_path / "stranger"))
    stranger.registry.close()
    shutil.copytree(stranger.folder / "keys", another.folder / "keys")
    kept = {key.name: key.read_bytes() for key in (another.folder / "keys").iterdir()}
    with pytest.raises(ConflictError, match="keys of another"):
        restored(desk, path, another)
    assert {key.name: key.read_bytes() for key in (another.folder / "keys").iterdir()} == kept


def test_a_torn_or_changed_backup_is_refused_and_leaves_nothing(desk: Desk, another: Place, tmp_path: Path) -> None:
    used(desk)
    raw = backed_up(desk, tmp_path / "backup").read_bytes()
    middle = len(raw) // 2
    for broken in (raw[:-1], raw[:middle], raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :], b"", b"x" * 99):
        (tmp_path / "broken").write_bytes(broken)
        with pytest.raises(RefusedError, match="nothing was restored"):
            restored(desk, tmp_path / "broken", another)
        assert not (another.folder / "keys").exists()
        assert not [path for path in another.folder.iterdir() if path.stat().st_size]
    with pytest.raises(UsageError):
        restored(desk, tmp_path / "nothing", another)


@pytest.mark.row("S-33")
def test_a_backup_older_than_a_head_kept_elsewhere_needs_two_persons(
    desk: Desk, another: Place, tmp_path: Path
) -> None:
    number = used(desk)
    early = desk.registry.log_head()
    path = backed_up(desk, tmp_path / "backup")
    desk.registry.lock(number, LockGround.OWNER_REQUEST, Role.HOTLINE, "lost-device")
    late = desk.registry.log_head()
    with pytest.raises(RefusedError, match="older than the head"):
        restored(desk, path, another, known_head=late)
    with pytest.raises(RefusedError, match="two persons"):
        restored(desk, path, another, known_head=late, forced_by=("one", "One"))
    restored(desk, path, another, known_head=late, forced_by=TWO)
    registry = open_registry(another, desk.clock)
    assert registry.account(number).state is AccountState.ACTIVE, "the lock is forgotten, which is why it takes two"
    (entry,) = [
        entry
        for (content,) in another.ask("SELECT content FROM audit")
        if (entry := json.loads(content))["act"] == "registry-restored"
    ]
    assert (entry["older"], entry["approved_by"]) == ("yes", "officer-1, officer-2")
    registry.close()
    calm = SqlitePlace.new(tmp_path / "calm")
    assert restored(desk, path, calm, known_head=early).keys


def test_a_head_that_another_registry_has_signed_is_refused(desk: Desk, another: Place, tmp_path: Path) -> None:
    used(desk)
    path = backed_up(desk, tmp_path / "backup")
    stranger = Desk(SqlitePlace.new(tmp_path / "stranger"))
    with pytest.raises(RefusedError, match="not signed by this registry"):
        restored(desk, path, another, known_head=stranger.registry.log_head())
    stranger.registry.close()


@only_sqlite
def test_a_backup_whose_log_was_cut_is_refused(desk: Desk, tmp_path: Path) -> None:
    """Made by somebody who has the keys to encrypt it, and not the one that signs heads."""
    used(desk)
    desk.registry.close()
    head = sqlite3.connect(desk.folder / "registry.db")
    head.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
    head.commit()
    head.close()
    desk.registry = open_registry(desk.place, desk.clock)
    keys, now = desk.registry._office.keys, desk.clock.now
    backup.back_up_database(desk.registry._office.database, keys, tmp_path / "b", THEIRS, now, with_keys=True)
    place = SqlitePlace.new(tmp_path / "place")
    with pytest.raises(CccdError):
        restored(desk, tmp_path / "b", place)
    assert not (place.folder / "keys").exists()


def test_what_does_not_belong_into_a_backup_is_not_unpacked(desk: Desk, another: Place, tmp_path: Path) -> None:
    with (tmp_path / "evil").open("wb") as file:
        writer = SealingWriter(file, THEIRS)
        with tarfile.open(fileobj=writer, mode="w|") as tar:  # type: ignore[call-overload]
            member = tarfile.TarInfo("keys/../../evil.key")
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
        writer.finish()
    with pytest.raises(RefusedError, match="does not belong"):
        restored(desk, tmp_path / "evil", another)
    assert not list(tmp_path.rglob("evil.key"))


def test_a_backup_of_an_earlier_version_is_restored_into_todays_model(
    desk: Desk, another: Place, tmp_path: Path
) -> None:
    number = used(desk)
    desk.registry.close()
    desk.place.change(*BACK_TO_0002)
    database, keys = desk.registry._office.database, desk.registry._office.keys
    made = backup.back_up_database(database, keys, tmp_path / "old", THEIRS, desk.clock.now, with_keys=True)
    assert made.revision == "0002"
    restored(desk, tmp_path / "old", another)
    works(another, desk, number).registry.close()


@only_sqlite
@pytest.mark.parametrize("name", ["backup", "export"])
def test_a_full_disk_leaves_no_half_backup_and_no_harm(desk: Desk, tmp_path: Path, name: str) -> None:
    number = used(desk)
    path = tmp_path / "file"
    desk.registry.close()

    def hungry(start: Callable[[], object]) -> str:
        registry = open_registry(desk.place, desk.clock)
        start()
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        most = 60_000 if name == "backup" else 20_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        try:
            if name == "backup":
                registry.back_up(path, THEIRS, with_keys=True)
            else:
                registry.export(path, approved_by=TWO)
        except CccdError as error:
            return type(error).__name__
        return "done"

    (finish,) = race_anything([hungry])
    assert finish.value == "RegistryUnavailableError"
    assert not path.exists()
    assert not list(tmp_path.glob(".file*"))
    works(desk.place, desk, number).registry.close()


def test_a_manifest_says_nothing_of_persons(desk: Desk) -> None:
    made = backup.Backup(desk.clock.now, "0012", desk.registry.check(), keys=True)
    content = json.loads(backup._manifest(made, desk.registry._office.keys))
    assert set(content) == {"format", "version", "made_at", "revision", "keys", "head"}
    assert portable.FORMAT not in content["format"]
