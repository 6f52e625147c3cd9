"""What the documents say is so: every command of the README and of `docs/operating.md` runs, and what is drawn from the
code matches it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyotp
import pytest

from cccd_nfc.cli.main import COMMANDS
from cccd_nfc.inspection.policy import FIELD, POLICIES, STRICT
from cccd_nfc.report import CheckName, RemarkCode
from cli.test_desk import page_at
from cli.test_serve import free_port
from postgres_server import PASSWORD, USER, Server

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
OPERATING = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README + OPERATING, re.DOTALL)
MANY_DESKS = [block for block in BLOCKS if "createdb" in block or "CCCD_REGISTRY" in block]
WITH_OFFICERS = [block for block in BLOCKS if "officer login" in block]
OFFLINE = [block for block in BLOCKS if "cccd offline" in block]
DESK = [block for block in BLOCKS if "cccd desk" in block]
APART = [*MANY_DESKS, *WITH_OFFICERS, *OFFLINE, *DESK]
"""What needs a registry of its own, runs until it is told to stop, or has a person read what is shown: each has a test
below."""
LINES = [line for block in BLOCKS if block not in APART for line in block.splitlines() if line.strip()]
COMMAND_LINES = [line for line in LINES if line.startswith("cccd ")]
ELSEWHERE = ("sh tools/demo.sh", "sh tools/test.sh", "export PATH=")
"""The demo has a test of its own, the tests are this very run, and the path is what this test sets."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the README's reader stands, with what it speaks of in capital letters."""
    folder = tmp_path_factory.mktemp("readme")
    cccd(folder, "cccd device new-key -o phone", "")
    return folder


def cccd(folder: Path, line: str, stdin: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "home"), "CCCD_LANG": "en"}
    arguments = [sys.executable, "-m", "cccd_nfc", *shlex.split(line)[1:]]
    return subprocess.run(
        arguments, cwd=folder, input=stdin, capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def placed(folder: Path, line: str) -> str:
    """The line with the reader's own names filled in, and what a script has to add to answer the questions."""
    line = line.replace("--reader pcsc ", "--reader sim:mycard ").replace("CSCA-FOLDER", "mycard/trust")
    line = (
        line.replace("PUBLIC.pem", "phone/public.pem")
        .replace("RECEIPT", "receipt.jws")
        .replace(" HEAD", " head.jws")
        .replace("PROOF", "proof.json")
    )
    line = line.replace("EVIDENCE-FOLDER", "evidence").replace("FOLDER-OF-NEW-LISTS", "mycard/trust")
    line = line.replace("LIST.ml", "list.ml --yes")
    for name in ("PERSON.jws", "BREACH.json", "BACKUP-KEY", "BACKUP", "ALL.jsonl", "PAPER.pdf"):
        line = line.replace(f" {name}", f" {name.lower()}")
    if "trust pin" in line:
        csca = folder / "mycard" / "trust" / "csca.cer"
        line = line.replace("CSCA.cer", f"{csca} --sha256 {hashlib.sha256(csca.read_bytes()).hexdigest()}")
    if any(act in line for act in ("device unlink", "account lock ", "account unlock ")):
        line += " --yes"
    if "account create" in line and "--consent" not in line:
        line += " --consent signed-form"
    if "cccd activate" in line:
        line += " --yes --phone-key phone/private.pem --receipt receipt.jws"
    return line


ORDER = (
    "card new",
    "read --reader",
    "trust pin",
    "trust",
    "verify",
    "account create",
    "audit head",
    "activate",
    "device list",
    "receipt key",
    "receipt",
    "audit verify --",
    "audit prove",
    "audit key",
    "audit verify-proof",
    "registry check",
    "device unlink",
    "account",
    "person",
    "registry backup-key",
    "registry backup",
    "registry",
    "request",
    "readers",
    "doctor",
    "--help",
)
SERVED_ELSEWHERE = "cccd card serve"


def test_every_command_of_the_readme_is_tried() -> None:
    unknown = [line for line in LINES if line not in COMMAND_LINES and not line.startswith(ELSEWHERE)]
    assert unknown == []
    assert {line.split()[1] for line in COMMAND_LINES if not line.split()[1].startswith("-")} <= set(COMMANDS)
    assert len(COMMAND_LINES) >= 15


def test_the_readmes_commands_do_what_it_says(place: Path) -> None:
    def rank(line: str) -> int:
        return next(index for index, part in enumerate(ORDER) if f"cccd {part}" in line)

    key = ""
    for line in sorted(COMMAND_LINES, key=rank):
        if "cccd card new" in line:
            assert cccd(place, line, "").returncode == 0
            secrets = json.loads((place / "mycard" / "secrets.json").read_text(encoding="utf-8"))
            put_lists(place)
            continue
        kind = re.search(r"--secret (\w+)", line)
        stdin = secrets[kind[1]] + "\n" if kind else secrets["number"] + "\n"
        if "cccd activate" in line:
            done = activated(place, placed(place, line), secrets["number"])
        else:
            done = cccd(place, placed(place, line).replace("--key KEY", f"--key {key}"), stdin)
        # A dump of files leaves the chip open (1); a machine without readers says so (3).
        open_ended = line.startswith(("cccd verify mycard", "cccd verify --batch"))
        allowed = {1} if open_ended else {0, 3} if line in ("cccd readers", "cccd doctor") else {0}
        assert done.returncode in allowed, (line, done.stderr)
        if line.endswith((" receipt key", " audit key")):
            key = done.stdout.strip()


def test_the_readmes_commands_for_officers_do_what_it_says(tmp_path: Path) -> None:
    (block,), password, seeds, station = WITH_OFFICERS, "mot mat khau kha dai 1", {}, ""
    for line in block.splitlines():
        name, stdin = (shlex.split(line)[3:] or [""])[0], ""
        if "officer add" in line:
            stdin = password + "\n"
        if "officer login" in line:
            stdin = f"{password}\n{pyotp.TOTP(seeds[name]).now()}\n"
        done = cccd(tmp_path, line.replace("STATION", station), stdin)
        assert done.returncode == 0, (line, done.stderr)
        if "officer add" in line:
            found = re.search(r"otpauth://\S+", done.stdout + done.stderr)
            assert found
            seeds[name] = pyotp.parse_uri(found[0]).secret
        if "station add" in line:
            station = done.stdout.strip()


def test_the_readmes_commands_of_an_offline_desk_do_what_it_says(tmp_path: Path) -> None:
    (block,) = OFFLINE
    for line in ("cccd card new -o mycard", "cccd device new-key -o phone", "cccd device new-key -o station"):
        assert cccd(tmp_path, line, "").returncode == 0
    number = json.loads((tmp_path / "mycard" / "secrets.json").read_text(encoding="utf-8"))["number"]
    create = "cccd account create --reader pcsc --secret number --trust CSCA-FOLDER --phone 0912345678"
    assert cccd(tmp_path, placed(tmp_path, create), number + "\n").returncode == 0
    for line in block.splitlines():
        command, _, target = placed(tmp_path, line).partition(" > ")
        if "offline bind" in line:
            done = bound_offline(tmp_path, f"{command} --yes --phone-key phone/private.pem", number)
        else:
            done = cccd(tmp_path, command + (" --yes" if "offline lock" in line else ""), number + "\n")
        assert done.returncode == 0, (line, done.stderr)
        if target:
            (tmp_path / target).write_text(done.stdout)
    assert "LOCKED" in cccd(tmp_path, "cccd account show --json", number + "\n").stdout


def bound_offline(place: Path, line: str, number: str) -> subprocess.CompletedProcess[str]:
    """Types the code that the desk shows."""
    return typing(place, line, number, r"\b(\d{6})\b")


def test_the_readmes_commands_for_many_desks_do_what_it_says(postgres_server: Server, tmp_path: Path) -> None:
    """In a session without a terminal: the new user's password is typed, and afterwards taken from a file."""
    passwords = tmp_path / "pgpass"
    passwords.write_text("".join(f"127.0.0.1:*:*:{name}:{PASSWORD}\n" for name in (USER, "cccd")))
    passwords.chmod(0o600)
    environment = {
        **os.environ,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres_server.port),
        "PGUSER": USER,
        "PGPASSFILE": str(passwords),
        "XDG_DATA_HOME": str(tmp_path),
        "CCCD_LANG": "en",
        "PATH": os.pathsep.join((str(postgres_server.programs), os.environ["PATH"])),
    }
    script = "".join(MANY_DESKS).replace("DATABASE-HOST", f"127.0.0.1:{postgres_server.port}")
    script = re.sub(r"^cccd ", f"{sys.executable} -m cccd_nfc ", script, flags=re.MULTILINE)
    done = subprocess.run(
        ["sh", "-euc", script], input=f"{PASSWORD}\n" * 2, capture_output=True, text=True, env=environment,
        cwd=tmp_path, timeout=60, check=False, start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, len(MANY_DESKS)) == (0, 2), done.stderr
    assert (tmp_path / "cccd_nfc" / "registry" / "keys").is_dir()


def test_the_readmes_desk_opens(tmp_path: Path) -> None:
    """With a port of its own, and without the browser that it would open."""
    (block,) = DESK
    new, desk = block.splitlines()
    assert cccd(tmp_path, new, "").returncode == 0
    port = free_port()
    arguments = [sys.executable, "-m", "cccd_nfc", *shlex.split(desk)[1:], "--no-browser", "--port", str(port)]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "home")}
    with subprocess.Popen(arguments, cwd=tmp_path, stderr=subprocess.DEVNULL, env=environment) as served:
        try:
            assert page_at(f"http://localhost:{port}/").status_code == 200
        finally:
            served.send_signal(signal.SIGINT)
            assert served.wait(20) == 0


def put_lists(place: Path) -> None:
    """What the README's reader would have been sent: a list that somebody signed, and evidence from a counter."""
    (place / "evidence").mkdir()
    shutil.copytree(place / "mycard", place / "evidence" / "card")
    shutil.copy(place / "mycard" / "trust" / "csca.crl", place / "list.ml")


def activated(place: Path, line: str, number: str) -> subprocess.CompletedProcess[str]:
    """Types the code from the outbox when it has come."""
    return typing(place, line, number, "went to the registered phone number")


def typing(place: Path, line: str, number: str, when: str) -> subprocess.CompletedProcess[str]:
    """Runs a command and types the code when `when` is said: the group that it finds, else the one in the outbox."""
    environment = {**os.environ, "XDG_DATA_HOME": str(place / "home"), "CCCD_LANG": "en"}
    arguments = [sys.executable, "-m", "cccd_nfc", *shlex.split(line)[1:]]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(arguments, cwd=place, text=True, env=environment, **pipes) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(number + "\n")
        process.stdin.flush()
        said = ""
        for text in process.stderr:
            said += text
            found = re.search(when, text)
            if found:
                process.stdin.write((found[1] if found.groups() else sent_code(place)) + "\n")
                process.stdin.flush()
        return subprocess.CompletedProcess(arguments, process.wait(60), process.stdout.read(), said)


def sent_code(place: Path) -> str:
    (sent,) = (place / "home" / "cccd_nfc" / "registry" / "outbox").glob("*-otp-*.json")
    found = re.search(r": (\d{6}) ", json.loads(sent.read_text())["text"])
    assert found
    return found[1]


def test_the_readmes_python_runs() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "indeterminate" in done.stdout


def test_every_file_that_a_document_names_is_there() -> None:
    for document in [PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")]:
        for name in re.findall(r"`((?:docs|tools|tests|fixtures)/[\w./-]+)`", document.read_text(encoding="utf-8")):
            assert (PROJECT / name).exists(), (document.name, name)


def test_verification_md_lists_every_check_in_order() -> None:
    text = (PROJECT / "docs" / "verification.md").read_text(encoding="utf-8")
    checks = re.findall(r"^\| `([a-z-]+)` \|", text.partition("## The two policies")[0], re.MULTILINE)
    assert checks == [name.value for name in CheckName]
    assert FIELD.required < STRICT.required


def test_verification_md_names_every_remark_with_the_policies_that_it_stops() -> None:
    text = (PROJECT / "docs" / "verification.md").read_text(encoding="utf-8")
    said: dict[str, set[str]] = {}
    for codes, stops in re.findall(
        r"^\| (`[a-z0-9-]+`(?:, `[a-z0-9-]+`)*) \| [^|]+ \| (–|strict|field, strict) \|$", text, re.M
    ):
        for code in re.findall(r"`([a-z0-9-]+)`", codes):
            said[code] = set() if stops == "–" else set(stops.split(", "))
    stopped = {code.value: {policy.name for policy in POLICIES.values() if code in policy.stops} for code in RemarkCode}
    assert said == stopped
