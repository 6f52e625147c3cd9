"""The command line as scripts and people meet it: exit codes, JSON, prompts, and what it never says."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.cli.main import COMMANDS, main
from cccd_nfc.report import CheckName
from cccd_nfc.spoken.words import ADVICE, CHECKS, LABELS, NEXT_STEPS, OUTCOMES, PROMPTS, SAYINGS, VERDICTS
from cli.running import Result, Run, Terminal

NO_SECRET = "999999"
CHECK_FIELDS = {"name", "outcome", "detail", "source", "remarks", "facts"}


def test_a_card_is_made_with_all_its_files(made: Path, secrets: dict[str, str]) -> None:
    names = {path.name for path in made.iterdir()}
    dumps = {"COM.bin", "SOD.bin", "CardAccess.bin", *(f"DG{n}.bin" for n in (1, 2, 3, 13, 14, 15))}
    assert dumps | {"trust", "keys", "secrets.json"} <= names
    assert {"number", "can", "mrz", "document_number", "birth_date", "expiry_date"} == set(secrets)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", secrets["birth_date"])


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("can", ["can"]),
        ("number", ["number"]),
        ("mrz", ["mrz"]),
        ("doc", ["document_number", "birth_date", "expiry_date"]),
    ],
)
def test_every_kind_of_secret_opens_the_card(
    cccd: Run, made: Path, secrets: dict[str, str], kind: str, lines: list[str]
) -> None:
    stdin = "\n".join(secrets[line] for line in lines) + "\n"
    result = cccd(
        "verify", "--reader", f"sim:{made}", "--secret", kind, "--trust", str(made / "trust"), "--json", stdin=stdin
    )
    report = json.loads(result.out)
    assert (result.code, report["verdict"]) == (0, "passed"), result.err


def verified(cccd: Run, made: Path, secrets: dict[str, str], *more: str) -> tuple[Result, dict[str, Any]]:
    arguments = ("verify", "--reader", f"sim:{made}", "--secret", "can", "--json", *more)
    result = cccd(*arguments, stdin=secrets["can"] + "\n")
    return result, json.loads(result.out)


def test_json_has_the_published_shape(cccd: Run, made: Path, secrets: dict[str, str]) -> None:
    _, report = verified(cccd, made, secrets, "--trust", str(made / "trust"))
    assert {"verdict", "checks", "identity", "access", "chip"} <= set(report)
    assert [check["name"] for check in report["checks"]] == [name.value for name in CheckName]
    assert all(set(check) == CHECK_FIELDS for check in report["checks"])
    assert {"protocol", "parameter_id", "password"} <= set(report["access"])
    assert (report["access"]["protocol"], report["access"]["parameter_id"], report["access"]["password"]) == (
        "PACE",
        13,
        "can",
    )
    assert {"exchanges", "bytes_sent", "bytes_received", "milliseconds", "phases"} <= set(report["chip"])
    assert report["chip"]["exchanges"] == sum(phase["exchanges"] for phase in report["chip"]["phases"]) == 24
    assert report["identity"]["personal_number"] == secrets["number"]


def test_without_trust_the_answer_is_cannot_tell_and_the_exit_status_1(
    cccd: Run, made: Path, secrets: dict[str, str]
) -> None:
    result, report = verified(cccd, made, secrets)
    assert (result.code, report["verdict"]) == (1, "indeterminate")
    assert "No root certificate is trusted" in result.err


def test_a_clone_fails(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(made, clone)
    shutil.rmtree(clone / "keys")
    result, report = verified(cccd, clone, secrets, "--trust", str(made / "trust"))
    assert (result.code, report["verdict"]) == (1, "failed")
    assert {c["name"] for c in report["checks"] if c["outcome"] == "failed"} == {
        "active-authentication",
        "chip-authentication",
    }


def test_evidence_and_tape_give_the_same_report_again(
    cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path
) -> None:
    trust, can = ("--trust", str(made / "trust")), secrets["can"] + "\n"
    evidence, tape = str(tmp_path / "e.json"), str(tmp_path / "s.tape")
    read = cccd("read", "--reader", f"sim:{made}", "--secret", "can", "-o", evidence, "--record", tape, stdin=can)
    assert read.code == 0, read.err
    saved = cccd("verify", evidence, *trust, "--json")
    replayed = cccd("verify", "--reader", f"replay:{tape}", "--secret", "can", *trust, "--json", stdin=can)
    assert (saved.code, replayed.code) == (0, 0), replayed.err
    one, other = json.loads(saved.out), json.loads(replayed.out)
    for check in (*one["checks"], *other["checks"]):
        check["facts"].pop("now", None)  # the two may stand on both sides of a full second
    assert one["checks"] == other["checks"]
    assert one["identity"] == other["identity"]
    assert [p["bytes_received"] for p in one["chip"]["phases"]] == [
        p["bytes_received"] for p in other["chip"]["phases"]
    ]


def test_the_wrong_password_for_a_tape_is_refused(
    cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path
) -> None:
    tape = tmp_path / "s.tape"
    cccd(
        "read",
        "--reader",
        f"sim:{made}",
        "--secret",
        "can",
        "-o",
        str(tmp_path / "e"),
        "--record",
        str(tape),
        stdin=secrets["can"],
    )
    result = cccd("verify", "--reader", f"replay:{tape}", "--secret", "can", stdin=f"{NO_SECRET}\n")
    assert result.code in (1, 3)


def test_photos_stay_on_the_chip_when_asked(cccd: Run, made: Path, secrets: dict[str, str]) -> None:
    _, report = verified(cccd, made, secrets, "--no-photo", "--trust", str(made / "trust"))
    assert report["verdict"] == "passed"
    assert report["identity"]["portrait_bytes"] == 0


def test_the_portrait_is_saved_as_png_for_its_owner(
    cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path
) -> None:
    picture = tmp_path / "face.png"
    verified(cccd, made, secrets, "--save-portrait", str(picture))
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_mode & 0o077 == 0


def test_now_decides_about_expiry(cccd: Run, made: Path) -> None:
    path, trust = str(made), str(made / "trust")
    late = json.loads(cccd("verify", path, "--trust", trust, "--now", "2099-01-01", "--json").out)
    assert late["verdict"] == "failed" or any(c["outcome"] != "passed" for c in late["checks"])
    assert cccd("verify", path, "--now", "yesterday").code == 2


# --- bad input: one clear sentence, the right exit status -------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "said"),
    [
        (("verify",), "", 2, "--reader"),
        (("verify", "--reader", "sim:CARD"), "", 2, "--secret"),
        (("verify", "--reader", "usb", "--secret", "can"), "123456\n", 2, "no reader of the kind"),
        (("verify", "--reader", "sim:nowhere", "--secret", "can"), "123456\n", 2, "neither a profile"),
        (("verify", "--reader", "sim:CARD", "--secret", "can"), "", 2, "standard input"),
        (("verify", "--reader", "sim:CARD", "--secret", "can"), "12345\n", 2, "six digits"),
        (("verify", "--reader", "sim:CARD", "--secret", "doc"), "1\nx\ny\n", 2, "not a date"),
        (("verify", "--reader", "sim:CARD", "--secret", "mrz"), "P<UTO\n", 2, "no MRZ"),
        (("verify", "--reader", "sim:CARD", "--secret", "can"), f"{NO_SECRET}\n", 1, "did not accept the password"),
        (("verify", "--reader", "replay:/nowhere", "--secret", "can"), "123456\n", 2, "cannot read the tape"),
        (("verify", "nowhere"), "", 2, "does not exist"),
        (("verify", "CARD", "--reader", "pcsc"), "", 2, "either PATH"),
        (("verify", "CARD", "--trust", "nowhere"), "", 2, "does not exist"),
        (("read", "--reader", "sim:CARD", "--secret", "can", "-o", "/nowhere/e"), "CAN", 2, "cannot write"),
        (("card", "new", "-o", "CARD"), "", 2, "there already"),
        (("card", "serve", "CARD", "--vpcd", "127.0.0.1:1"), "", 3, "virtual reader"),
        (("card", "serve", "CARD", "--vpcd", "nonsense"), "", 2, "HOST:PORT"),
        (("activate", "--reader", "sim:CARD", "--secret", "can", "--device", "CARD/SOD.bin"), "", 2, "cannot read"),
        (
            ("activate", "--reader", "sim:CARD", "--secret", "can", "--device", "CARD/secrets.json"),
            "",
            2,
            "device's key",
        ),
        (("registry", "check", "--registry", "mysql+nothing://x"), "", 2, "address"),
        (("registry", "check", "--registry", "sqlite:////proc/nowhere/r.db"), "", 1, "registry"),
        (("registry", "check", "--registry", "postgresql://u:geheim@127.0.0.1:1/r"), "", 1, "connection refused"),
        (("registry", "check", "--registry", "mysql://u:geheim@127.0.0.1:1/r"), "", 2, "not one of a database"),
        (("nonsense",), "", 2, "No such command"),
    ],
)
def test_each_mistake_has_its_sentence_and_its_status(
    cccd: Run, made: Path, secrets: dict[str, str], arguments: tuple[str, ...], stdin: str, code: int, said: str
) -> None:
    placed = [argument.replace("CARD", str(made)) for argument in arguments]
    result = cccd(*placed, stdin=secrets["can"] if stdin == "CAN" else stdin)
    assert (result.code, said in result.err) == (code, True), result.err
    assert "Traceback" not in result.err
    assert "geheim" not in result.err


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 50, b'{"format": "cccd-nfc-tape", "version": 1}'])
def test_files_that_are_no_evidence_end_with_4(cccd: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert cccd("verify", str(tmp_path / "x")).code == 4


@pytest.mark.parametrize("cut", [0, 1, 40, 300, 2000, 9000])
def test_a_torn_tape_is_said(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path, cut: int) -> None:
    tape = tmp_path / "s.tape"
    cccd(
        "read",
        "--reader",
        f"sim:{made}",
        "--secret",
        "can",
        "-o",
        str(tmp_path / "e"),
        "--record",
        str(tape),
        stdin=secrets["can"],
    )
    tape.write_bytes(tape.read_bytes()[:cut])
    result = cccd("verify", "--reader", f"replay:{tape}", "--secret", "can", stdin=secrets["can"])
    assert result.code in (3, 4), result.err
    assert "Traceback" not in result.err


def test_secrets_are_never_said(cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path) -> None:
    wrong = cccd("verify", "--reader", f"sim:{made}", "--secret", "can", stdin=f"{NO_SECRET}\n")
    assert NO_SECRET not in wrong.out + wrong.err
    bad = cccd("verify", "--reader", f"sim:{made}", "--secret", "number", stdin="0123456789\n")
    assert "0123456789" not in bad.out + bad.err


# --- the registry's flow ----------------------------------------------------------------------------------------------


class Owner(io.StringIO):
    """Types the number, then waits for the code as the owner of the phone would, and types it."""

    def __init__(self, number: str, outbox: Path, already: int) -> None:
        super().__init__()
        self.lines = iter((number, None))
        self.outbox, self.already = outbox, already

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        line = next(self.lines)
        return f"{line if line is not None else self.code()}\n"

    def code(self) -> str:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            sent = sorted(self.outbox.glob("*-otp-*.json"))
            if len(sent) > self.already:
                found = re.search(r": (\d{6}) ", json.loads(sent[-1].read_text())["text"])
                assert found
                return found[1]
            threading.Event().wait(0.02)
        raise AssertionError("no code came")


@pytest.mark.row("R-016", "R-021", "R-023", "R-029", "R-035", "R-058")
def test_from_a_card_to_a_bound_device_and_on_to_the_next(
    cccd: Run,
    made: Path,
    secrets: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry = ("--registry", f"sqlite:///{tmp_path / 'r' / 'registry.db'}")
    card = ("--reader", f"sim:{made}", "--secret", "number", "--no-photo", "--trust", str(made / "trust"))
    number = secrets["number"] + "\n"
    assert (
        cccd(
            "account", "create", *card, *registry, "--phone", "0912345678", "--consent", "signed-form", stdin=number
        ).code
        == 0
    )
    again = cccd(
        "account", "create", *card, *registry, "--phone", "0912345678", "--consent", "signed-form", stdin=number
    )
    assert (again.code, "account already" in again.err) == (1, True)

    receipts = []
    for index, name in enumerate(("one", "two")):
        assert cccd("device", "new-key", "-o", str(tmp_path / name)).code == 0
        receipts.append(tmp_path / f"{name}.jws")
        monkeypatch.setattr(sys, "stdin", Owner(secrets["number"], tmp_path / "r" / "outbox", index))
        keys = ("--device", str(tmp_path / name / "public.pem"), "--phone-key", str(tmp_path / name / "private.pem"))
        with pytest.raises(SystemExit) as ended:
            main(["activate", *card, *registry, *keys, "--label", name, "--yes", "--receipt", str(receipts[-1])])
        captured = capsys.readouterr()
        said = captured.out + captured.err
        assert ended.value.code in (0, None), said
        with closing(sqlite3.connect(tmp_path / "r" / "registry.db")) as database, database:
            database.execute("DELETE FROM limit_count")  # as if the minute between two codes had passed
        assert "You are logging in on a new device" in said
        assert "Share password, codes and account data with nobody" in said

    devices = json.loads(cccd("device", "list", *registry, "--json", stdin=number).out)
    assert [(d["label"], d["state"]) for d in devices] == [("two", "ACTIVE"), ("one", "REPLACED")]
    key = cccd("receipt", "key", *registry).out.strip()
    shown = cccd("receipt", "verify", str(receipts[1]), "--key", key)
    assert (shown.code, "Replaces device" in shown.out) == (0, True)
    assert cccd("receipt", "verify", str(receipts[1]), "--key", key[::-1]).code in (1, 4)
    assert cccd("audit", "verify", *registry, "--receipt", str(receipts[0])).code == 0
    _prove_the_log(cccd, registry, tmp_path)
    assert cccd("device", "unlink", *card, *registry, "--yes", stdin=number).code == 0
    assert cccd("device", "unlink", *card, *registry, "--yes", stdin=number).code == 1
    assert cccd("account", "show", *registry, stdin=number).code == 0
    assert cccd("account", "show", *registry, stdin="001099000001\n").code == 1


@pytest.mark.row("R-020")
def test_without_a_terminal_nothing_lasting_happens_unless_confirmed(
    cccd: Run, made: Path, secrets: dict[str, str], tmp_path: Path
) -> None:
    registry = ("--registry", f"sqlite:///{tmp_path / 'registry.db'}")
    result = cccd("device", "unlink", "--reader", f"sim:{made}", "--secret", "can", *registry, stdin=secrets["can"])
    assert (result.code, "--yes" in result.err) == (2, True)
    assert not (tmp_path / "registry.db").exists()


@pytest.mark.row("R-020")
def test_who_says_no_changes_nothing(cccd: Run, made: Path, tmp_path: Path) -> None:
    registry = ("--registry", f"sqlite:///{tmp_path / 'registry.db'}")
    asked = ("device", "unlink", "--reader", f"sim:{made}", "--secret", "can", *registry)
    result = cccd(*asked, stdin=Terminal("n\n"))
    assert (result.code, "nothing was changed" in result.err) == (0, True)
    assert not (tmp_path / "registry.db").exists()


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_word_is_there_in_vietnamese_and_english() -> None:
    from cccd_nfc.cli import registry_words
    from cccd_nfc.spoken import state_words

    catalogues = [
        VERDICTS, ADVICE, OUTCOMES, CHECKS, NEXT_STEPS, LABELS, PROMPTS, SAYINGS,
        registry_words.WORDS, registry_words.ACTS, registry_words.RECEIPT_LABELS, registry_words.REQUEST_STATES,
        registry_words.GROUNDS, registry_words.REQUEST_KINDS,
        state_words.ACCOUNT_STATES, state_words.DEVICE_STATES, state_words.LOCK_REASONS,
    ]  # fmt: skip
    for catalogue in catalogues:
        for text in catalogue.values():  # type: ignore[attr-defined]
            assert set(text) == {"vi", "en"}
            assert all(text.values())
            assert sorted(re.findall(r"{\w+}", text["vi"])) == sorted(re.findall(r"{\w+}", text["en"]))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_report_speaks_the_language_asked_for(cccd: Run, made: Path, lang: str) -> None:
    result = cccd("--lang", lang, "verify", str(made), "--trust", str(made / "trust"))
    assert ("CHƯA KẾT LUẬN" in result.out) is (lang == "vi")


def test_help_lists_every_command_without_importing_them(cccd: Run) -> None:
    result = cccd("--help")
    assert result.code == 0
    assert all(re.search(rf"^  {name} ", result.out, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help(cccd: Run, name: str) -> None:
    assert cccd(name, "--help").code == 0


def test_the_secrets_of_a_card_without_expiry_open_it_too(cccd: Run, tmp_path: Path) -> None:
    for seed in range(30):
        folder = tmp_path / str(seed)
        cccd("card", "new", "-o", str(folder), "--seed", str(seed))
        secrets = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
        if secrets["expiry_date"] == "9999-12-31":
            break
    else:
        raise AssertionError("no card without expiry among the seeds")
    stdin = "\n".join((secrets["document_number"], secrets["birth_date"], secrets["expiry_date"]))
    result = cccd(
        "verify",
        "--reader",
        f"sim:{folder}",
        "--secret",
        "doc",
        "--trust",
        str(folder / "trust"),
        "--json",
        stdin=stdin,
    )
    report = json.loads(result.out)
    assert (report["verdict"], report["identity"]["no_expiry"], report["identity"]["expiry_date"]) == (
        "passed",
        True,
        None,
    )


def _prove_the_log(cccd: Run, registry: tuple[str, ...], tmp_path: Path) -> None:
    head, proof = tmp_path / "head.jws", tmp_path / "proof.json"
    assert cccd("audit", "head", *registry, "-o", str(head)).code == 0
    assert head.stat().st_mode & 0o777 == 0o600
    assert cccd("audit", "verify", *registry, "--head", str(head)).code == 0
    key = cccd("audit", "key", *registry).out.strip()
    for what in (("--entry", "2"), ("--since", str(head))):
        assert cccd("audit", "prove", *registry, *what, "-o", str(proof)).code == 0
        assert cccd("audit", "verify-proof", str(proof), "--key", key).code == 0
    shown = cccd("audit", "prove", *registry, "--entry", "2").out
    assert json.loads(shown)["proves"] == "inclusion"
    proof.write_text(shown.replace('"number": 2', '"number": 1'))
    assert cccd("audit", "verify-proof", str(proof), "--key", key).code in (1, 4)
    assert cccd("audit", "prove", *registry).code == 2
    assert cccd("audit", "prove", *registry, "--entry", "99").code == 1
    assert cccd("audit", "verify", *registry, "--head", str(proof)).code in (1, 4)
