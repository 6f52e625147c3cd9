"""`cccd person`, and the commands that keep a registry's files: through the command line, from end to end."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from cccd_nfc.registry import subject_requests
from cccd_nfc.registry.working_days import WorkingDays
from cli.running import Run

TWO = ("--approved-by", "one", "--approved-by", "two")
PHRASE = "correct horse battery"

Where = tuple[str, str]


@pytest.fixture(autouse=True)
def _calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line has the time of today; a calendar without holidays holds on any day that the tests run."""
    weeks = WorkingDays(frozenset(range(2022, 2200)), frozenset(), frozenset())
    monkeypatch.setattr(subject_requests, "working_days", lambda: weeks)


@pytest.fixture
def registry(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path) -> Where:
    """--registry of one in which the card's owner has an account."""
    where = ("--registry", f"sqlite:///{tmp_path / 'r' / 'registry.db'}")
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    created = cccd(
        "account", "create", *card, *where, "--phone", "0912345678", "--consent", "signed-form", stdin=secrets["number"]
    )
    assert created.code == 0
    return where


def elsewhere(tmp_path: Path, name: str) -> Where:
    return "--registry", f"sqlite:///{tmp_path / name / 'registry.db'}"


def is_private(path: Path) -> bool:
    return stat.S_IMODE(path.stat().st_mode) == 0o600


# --- one person -------------------------------------------------------------------------------------------------------


def test_a_person_is_shown_unmasked_to_who_says_why(cccd: Run, registry: Where, secrets: dict[str, str]) -> None:
    number = secrets["number"]
    assert cccd("person", "show", *registry, stdin=number).code == 2, "no reason"
    shown = cccd("person", "show", "--why", "a letter came back", *registry, stdin=number)
    assert (shown.code, number in shown.out, "+84912345678" in shown.out) == (0, True, True)
    assert json.loads(cccd("person", "show", "--json", "--why", "x", *registry, stdin=number).out)["number"] == number
    assert number not in cccd("account", "show", *registry, stdin=number).out


def test_an_export_is_written_for_its_reader_only_and_checked_without_the_registry(
    cccd: Run, registry: Where, secrets: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "person.jws"
    done = cccd("person", "export", "--why", "asked", "-o", str(path), *registry, stdin=secrets["number"])
    assert (done.code, is_private(path)) == (0, True)
    key = cccd("receipt", "key", *registry).out.strip()
    content = json.loads(cccd("person", "verify-export", str(path), "--key", key).out)
    assert content["account"]["number"] == secrets["number"]
    other = cccd("audit", "key", *registry).out.strip()
    assert cccd("person", "verify-export", str(path), "--key", other).code == 1


def test_erasing_needs_two_names_and_a_yes(cccd: Run, registry: Where, secrets: dict[str, str]) -> None:
    number = secrets["number"]
    assert cccd("person", "erase", *TWO, *registry, stdin=number).code == 2, "nobody confirmed"
    for names in ((), TWO[:2], ("--approved-by", "one", "--approved-by", "One"), (*TWO, "--approved-by", "three")):
        assert cccd("person", "erase", *names, "--yes", *registry, stdin=number).code in (1, 2)
    done = cccd("person", "erase", *TWO, "--yes", *registry, stdin=number)
    assert (done.code, "1 pieces of evidence" in done.err) == (0, True), done.err
    assert cccd("account", "show", *registry, stdin=number).code == 0, "kept by law"
    assert cccd("registry", "check", *registry).code == 0


def test_a_persons_request_goes_from_its_receipt_to_its_end(
    cccd: Run, registry: Where, secrets: dict[str, str]
) -> None:
    assert "No request" in cccd("person", "requests", *registry).err
    asked = cccd("person", "ask", "--kind", "copy", *registry, stdin=secrets["number"])
    assert (asked.code, "356/2025" in asked.err) == (0, True)
    request = asked.out.strip()
    (listed,) = json.loads(cccd("person", "requests", "--json", *registry).out)
    assert (listed["id"], listed["overdue"], listed["kind"]) == (request, "", "copy")
    assert request in cccd("person", "requests", *registry).out
    assert cccd("person", "answer", request, *registry).code == 0
    assert cccd("person", "extend", request, *registry).code == 0
    assert cccd("person", "extend", request, *registry).code == 1
    assert cccd("person", "finish", request, "--outcome", "done", *registry).code == 0
    assert json.loads(cccd("person", "requests", "--json", *registry).out) == []


# --- all persons ------------------------------------------------------------------------------------------------------


def test_a_breach_is_listed_into_a_file_of_its_own(cccd: Run, registry: Where, tmp_path: Path) -> None:
    path = tmp_path / "breach.json"
    times = ("--since", "2020-01-01", "--until", "2199-01-01 08:00", "--detected", "2026-01-01 08:00")
    done = cccd(
        "registry", "breach", "--exposed", "accounts", "--exposed", "evidence", *times, "-o", str(path), *registry
    )
    assert (done.code, is_private(path)) == (0, True), done.err
    assert "72 hours from detection are over" in done.err
    content = json.loads(path.read_text())
    assert content["report_by"] == "2026-01-04T08:00:00+07:00"
    assert [each["exposed"] for each in content["persons"]] == [["accounts", "evidence"]]


def test_what_is_over_is_dropped_by_a_timer(cccd: Run, registry: Where) -> None:
    done = cccd("registry", "retire", *registry)
    assert (done.code, "Nothing was over" in done.err) == (0, True)


# --- the registry's files ---------------------------------------------------------------------------------------------


def test_a_backup_by_passphrase_is_restored_in_another_place(
    cccd: Run, registry: Where, secrets: dict[str, str], tmp_path: Path
) -> None:
    path, there = tmp_path / "backup", elsewhere(tmp_path, "there")
    made = cccd("registry", "backup", str(path), "--with-keys", *registry, stdin=PHRASE)
    assert (made.code, is_private(path)) == (0, True), made.err
    assert cccd("registry", "backup", str(path), "--with-keys", *registry, stdin=PHRASE).code == 2, "the name is taken"
    assert cccd("registry", "backup", str(tmp_path / "b"), *registry, stdin="short").code == 2
    assert cccd("registry", "restore", str(path), *there, stdin="another passphrase").code == 1
    back = cccd("registry", "restore", str(path), *there, stdin=PHRASE)
    assert back.code == 0, back.err
    assert cccd("account", "show", *there, stdin=secrets["number"]).code == 0
    assert cccd("registry", "restore", str(path), *there, stdin=PHRASE).code == 1, "it is not empty now"


def test_a_backup_for_a_recipient_and_a_head_that_it_is_older_than(
    cccd: Run, registry: Where, secrets: dict[str, str], tmp_path: Path
) -> None:
    keys, path, there = tmp_path / "key", tmp_path / "backup", elsewhere(tmp_path, "there")
    assert cccd("registry", "backup-key", "-o", str(keys)).code == 0
    assert cccd("registry", "backup-key", "-o", str(keys)).code == 2
    backup = ("registry", "backup", str(path), "--with-keys", "--recipient", str(keys / "public.pem"))
    assert cccd(*backup, *registry).code == 0
    lock = ("account", "lock", "--reason", "lost-device", "--yes", *registry)
    assert cccd(*lock, stdin=secrets["number"]).code in (0, 2)
    assert cccd("registry", "retire", *registry).code == 0
    cccd("person", "show", "--why", "one more entry", *registry, stdin=secrets["number"])
    head = tmp_path / "head"
    assert cccd("audit", "head", "-o", str(head), *registry).code == 0
    restore = ("registry", "restore", str(path), "--key", str(keys / "private.pem"), "--head", str(head), *there)
    refused = cccd(*restore)
    assert (refused.code, "older than the head" in refused.err) == (1, True), refused.err
    assert cccd(*restore, "--force-older", "one").code == 1
    assert cccd(*restore, "--force-older", "one", "--force-older", "two").code == 0


def test_an_export_is_imported_where_the_keys_are(
    cccd: Run, registry: Where, secrets: dict[str, str], tmp_path: Path
) -> None:
    import shutil

    path, there = tmp_path / "all.jsonl", elsewhere(tmp_path, "there")
    assert cccd("registry", "export", str(path), *TWO[:2], *registry).code == 1
    assert cccd("registry", "export", str(path), *TWO, *registry).code == 0
    assert is_private(path)
    assert cccd("registry", "import", str(path), *there).code == 1, "no keys"
    shutil.copytree(tmp_path / "r" / "keys", tmp_path / "there" / "keys")
    assert cccd("registry", "import", str(path), *there).code == 0
    assert cccd("registry", "check", *there).code == 0
    assert cccd("account", "show", *there, stdin=secrets["number"]).code == 0


@pytest.mark.row("S-37")
def test_s37_a_key_is_rotated_and_the_old_one_is_listed(cccd: Run, registry: Where) -> None:
    old = cccd("receipt", "key", *registry).out.strip()
    assert cccd("registry", "rotate-key", "receipt", *TWO, *registry).code == 2, "nobody confirmed"
    assert cccd("registry", "rotate-key", "receipt", *TWO[:2], "--yes", *registry).code == 1
    assert cccd("registry", "rotate-key", "receipt", *TWO, "--yes", *registry).code == 0
    new = cccd("receipt", "key", *registry).out.strip()
    listed = [line.split() for line in cccd("receipt", "key", "--all", *registry).out.splitlines()]
    assert [line[0] for line in listed] == [new, old]
    assert len(listed[0]) == 2, "what the old key says about the new one"
    assert cccd("audit", "key", "--all", *registry).code == 0


def test_an_upgrade_says_from_what_to_what_and_backs_up_first(cccd: Run, registry: Where, tmp_path: Path) -> None:
    assert cccd("registry", "upgrade", *registry).code == 2
    assert "already" in cccd("registry", "upgrade", "--no-backup", *registry).err
    assert "init" in cccd("registry", "upgrade", "--no-backup", *elsewhere(tmp_path, "nowhere")).err
    from registry_places import BACK_TO_0002, SqlitePlace

    SqlitePlace.new(tmp_path / "r").change(*BACK_TO_0002)
    path = tmp_path / "before"
    assert cccd("registry", "upgrade", "--backup", str(path), *registry, stdin=PHRASE).code == 2, "nobody confirmed"
    done = cccd("registry", "upgrade", "--backup", str(path), "--yes", *registry, stdin=PHRASE)
    assert done.code == 0, done.err
    assert "from 0002 to " in done.err
    assert is_private(path)
    assert cccd("registry", "check", *registry).code == 0
    there = elsewhere(tmp_path, "there")
    assert cccd("registry", "restore", str(path), *there, stdin=PHRASE).code == 0
    assert cccd("registry", "check", *there).code == 0


def test_a_newer_registry_is_not_upgraded(cccd: Run, registry: Where, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "r" / "registry.db")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    refused = cccd("registry", "upgrade", "--no-backup", "--yes", *registry)
    assert (refused.code, "newer version" in refused.err) == (1, True)
