"""Recorded sessions, replayed byte for byte without hardware: the report must be the one that lies beside the tape.

And each of them cut and bit-flipped at every exchange: an error of ours, or a report that names nobody it should not.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cccd_nfc.errors import CardLostError, CccdError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.inspection.verifying import verify
from cccd_nfc.pki.trust_files import load_trust_store
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.report import InspectionReport, Outcome
from cccd_nfc.transport.tape import ReplayTransport
from conftest import PROJECT

FIXTURES = sorted(path.parent for path in (PROJECT / "fixtures").glob("*/session.tape"))
NAMES = [folder.name for folder in FIXTURES]


def opens(folder: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((folder / "opens.json").read_text(encoding="utf-8"))
    return content


def now_of(folder: Path) -> datetime:
    return datetime.fromisoformat(opens(folder)["now"])


def replayed(folder: Path, transport: Any = None) -> Evidence:
    tape = ReplayTransport.open(folder / "session.tape")
    secret = opens(folder)
    password = Password.can(secret["value"]) if secret["secret"] == "can" else Password.from_mrz(secret["value"])
    request = Request(password, tape.random_bytes(8))
    used = transport(tape) if transport else tape
    return read(request, used, random_bytes=tape.random_bytes, now=now_of(folder))


def report_of(folder: Path, evidence: Evidence) -> InspectionReport:
    return verify(evidence, load_trust_store(folder / "trust"), now=now_of(folder))


def golden(report: InspectionReport) -> dict[str, Any]:
    """The report without what differs from one machine to the next."""
    content = report.to_json()
    for phase in (content["chip"], *content["chip"]["phases"]):
        del phase["milliseconds"]
    return content


def test_there_are_tapes_of_our_card_and_of_cards_that_others_wrote() -> None:
    assert {name.split("-")[0] for name in NAMES} == {"cccd", "passport", "vicc"}


@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_a_replay_gives_the_report_beside_the_tape(folder: Path, request: pytest.FixtureRequest) -> None:
    found = golden(report_of(folder, replayed(folder)))
    path = folder / "report.json"
    if request.config.getoption("--regenerate"):
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_replays_are_byte_identical(folder: Path) -> None:
    assert replayed(folder).digest() == replayed(folder).digest()


@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_what_others_cards_cannot_prove_is_not_believed(folder: Path) -> None:
    report = report_of(folder, replayed(folder))
    assert (report.verdict is Outcome.PASSED) is not folder.name.startswith("vicc")


class Spoiled:
    """The replay, with what happens at exchange `at`: the card is pulled, or a bit of its answer flips."""

    def __init__(self, tape: ReplayTransport, at: int, bit: int | None) -> None:
        self.tape, self.at, self.bit, self.count = tape, at, bit, -1

    def transmit(self, command: bytes) -> bytes:
        self.count += 1
        if self.count > self.at and self.bit is None:
            raise CardLostError("the card is gone")
        answer = self.tape.transmit(command)
        if self.count != self.at:
            return answer
        if self.bit is None:
            raise CardLostError("the card is gone")
        at = self.bit % (len(answer) * 8)
        return answer[: at // 8] + bytes((answer[at // 8] ^ 1 << at % 8,)) + answer[at // 8 + 1 :]

    def reset(self) -> None:
        self.tape.reset()

    def close(self) -> None:
        self.tape.close()


def exchanges(folder: Path) -> int:
    return sum('"command"' in line for line in (folder / "session.tape").read_text().splitlines())


@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_a_card_pulled_at_any_exchange_gives_an_error_and_no_report(folder: Path) -> None:
    for at in range(exchanges(folder)):
        with pytest.raises(CardLostError):
            replayed(folder, lambda tape, at=at: Spoiled(tape, at, None))


@pytest.mark.parametrize("bit", [0, 9, 77, 1001, -1, -9, -20, -120])
@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_a_flipped_bit_in_any_answer_never_passes(folder: Path, bit: int) -> None:
    good = replayed(folder)
    for at in range(exchanges(folder)):
        try:
            evidence = replayed(folder, lambda tape, at=at: Spoiled(tape, at, bit))
        except CccdError:
            continue
        report = report_of(folder, evidence)
        if report.verdict is Outcome.PASSED:
            signed = [name for name in evidence.files if name not in ("EF.CardAccess", "EF.COM")]
            assert all(evidence.files[name] == good.files[name] for name in signed), at


@pytest.mark.parametrize("folder", FIXTURES, ids=NAMES)
def test_a_tape_says_that_it_is_synthetic(folder: Path) -> None:
    header = json.loads((folder / "session.tape").read_text().splitlines()[0])
    assert header["synthetic"] is True
