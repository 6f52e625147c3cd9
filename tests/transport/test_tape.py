"""The tape: what is recorded replays byte for byte; everything else is refused with one clear error."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CardLostError, TapeError, TransportError, UsageError
from cccd_nfc.evidence import Evidence
from cccd_nfc.inspection.reading import read
from cccd_nfc.inspection.request import Request
from cccd_nfc.iso7816.flow import Phase, Progress, RandomBytes, Transport
from cccd_nfc.protocol.passwords import Password
from cccd_nfc.simulator.card import CardData
from cccd_nfc.simulator.chip import Chip
from cccd_nfc.simulator.personalisation import personalise
from cccd_nfc.simulator.seeded import SeededBytes
from cccd_nfc.simulator.transport import SimulatedTransport
from cccd_nfc.transport.tape import RecordingTransport, ReplayTransport

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


class Card:
    """Answers with the command and 9000; fails as told at one command."""

    def __init__(self, fails_at: int = -1, failure: type[TransportError] = CardLostError) -> None:
        self.left, self.failure = fails_at, failure
        self.closed = False

    def transmit(self, command: bytes) -> bytes:
        self.left -= 1
        if self.left == -1:
            raise self.failure("as told")
        return command + b"\x90\x00"

    def reset(self) -> None: ...

    def close(self) -> None:
        self.closed = True


def recorded(path: Path, talk: Callable[[RecordingTransport], object], card: Card | None = None) -> Path:
    tape = RecordingTransport(card or Card(fails_at=1000), path, reader="test", synthetic=True, made_at=NOW)
    talk(tape)
    tape.close()
    return path


def two_commands(tape: Transport) -> None:
    tape.transmit(b"\x00\x84\x00\x00\x08")
    tape.transmit(b"\x00\xb0\x9c\x00\x00")


@pytest.fixture(scope="module")
def card() -> CardData:
    return personalise("cccd-2021", seed=1, today=date(2026, 6, 1))


def read_over(transport: Transport, random_bytes: RandomBytes, card: CardData, *observers: object) -> Evidence:
    request = Request(Password.can(card.secrets.can), bytes(8))
    return read(request, transport, random_bytes=random_bytes, now=NOW, observers=observers)  # type: ignore[arg-type]


def test_a_replayed_reading_gives_the_same_evidence(tmp_path: Path, card: CardData) -> None:
    tape = RecordingTransport(SimulatedTransport(Chip(card)), tmp_path / "t", reader="sim", synthetic=True)
    evidence = read_over(tape, tape.recording(SeededBytes(1, "terminal")), card, tape)
    replay = ReplayTransport.open(tmp_path / "t")
    again = read_over(replay, replay.random_bytes, card)
    assert again.digest() == evidence.digest()
    assert [(p.name, p.exchanges, p.sent, p.received) for p in again.phases] == [
        (p.name, p.exchanges, p.sent, p.received) for p in evidence.phases
    ]


def test_another_password_asks_other_questions_and_is_refused(tmp_path: Path, card: CardData) -> None:
    tape = RecordingTransport(SimulatedTransport(Chip(card)), tmp_path / "t", reader="sim", synthetic=True)
    read_over(tape, tape.recording(SeededBytes(1, "terminal")), card)
    replay = ReplayTransport.open(tmp_path / "t")
    wrong = Request(Password.can("000000"), bytes(8))
    with pytest.raises(TapeError, match="same password"):
        read(wrong, replay, random_bytes=replay.random_bytes, now=NOW)


def test_a_tape_says_what_it_is_and_is_the_owners_alone(tmp_path: Path) -> None:
    def talk(tape: RecordingTransport) -> None:
        tape.noticed(Phase("PACE"))
        tape.noticed(Progress("EF.DG2", 1, 2))
        tape.recording(lambda size: bytes(size))(4)
        tape.transmit(b"\x00\x84\x00\x00\x08")
        tape.reset()

    path = recorded(tmp_path / "t", talk)
    header, *steps = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert path.stat().st_mode & 0o777 == 0o600
    assert (header["format"], header["version"], header["reader"]) == ("cccd-nfc-tape", 1, "test")
    assert header["made_at"] == "2026-06-01T09:00:00+00:00"
    assert header["synthetic"] is True
    assert steps.pop(2).keys() == {"command", "answer", "ms"}
    assert steps == [{"phase": "PACE"}, {"random": "00000000"}, {"reset": True}]


def test_a_tape_of_a_real_card_warns_of_what_it_holds(tmp_path: Path) -> None:
    RecordingTransport(Card(), tmp_path / "t", reader="pcsc")
    assert "private" in ReplayTransport.open(tmp_path / "t").header["warning"]


def test_closing_the_recording_closes_what_it_records(tmp_path: Path) -> None:
    card = Card()
    RecordingTransport(card, tmp_path / "t", reader="test").close()
    assert card.closed


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("precious")
    with pytest.raises(UsageError, match="cannot write the tape"):
        RecordingTransport(Card(), tmp_path / "t", reader="test")
    assert (tmp_path / "t").read_text() == "precious"


@pytest.mark.parametrize("at", [0, 1])
def test_a_card_lost_in_the_recording_is_lost_in_the_replay(tmp_path: Path, at: int) -> None:
    def talk(tape: RecordingTransport) -> None:
        with pytest.raises(CardLostError):
            two_commands(tape)

    replay = ReplayTransport.open(recorded(tmp_path / "t", talk, Card(fails_at=at)))
    with pytest.raises(CardLostError, match="recorded session"):
        two_commands(replay)


def test_a_reset_that_failed_fails_again(tmp_path: Path) -> None:
    class Gone(Card):
        def reset(self) -> None:
            raise CardLostError("gone")

    def talk(tape: RecordingTransport) -> None:
        with pytest.raises(CardLostError):
            tape.reset()

    replay = ReplayTransport.open(recorded(tmp_path / "t", talk, Gone()))
    with pytest.raises(CardLostError):
        replay.reset()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda replay: replay.transmit(b"\x00\x84\x00\x00\x09"), "not the one"),
        (lambda replay: replay.reset(), "something else"),
        (lambda replay: replay.random_bytes(8), "something else"),
        (lambda replay: [two_commands(replay), replay.transmit(b"\x00\x84\x00\x00\x08")], "end"),
    ],
    ids=["another command", "a reset", "randomness", "one more"],
)
def test_every_other_question_is_refused(tmp_path: Path, ask: Callable[[ReplayTransport], object], said: str) -> None:
    replay = ReplayTransport.open(recorded(tmp_path / "t", two_commands))
    with pytest.raises(TapeError, match=said):
        ask(replay)


def test_randomness_of_another_size_is_refused(tmp_path: Path) -> None:
    replay = ReplayTransport.open(recorded(tmp_path / "t", lambda tape: tape.recording(SeededBytes(1, "t"))(8)))
    with pytest.raises(TapeError, match="16 random bytes"):
        replay.random_bytes(16)


def test_errors_of_a_replay_do_not_repeat_what_was_said(tmp_path: Path) -> None:
    replay = ReplayTransport.open(recorded(tmp_path / "t", two_commands))
    with pytest.raises(TapeError) as caught:
        replay.transmit(b"\x0c\xb0\x9c\x00" + b"\x55" * 30)
    assert "5555" not in str(caught.value)


HEADER = '{"format": "cccd-nfc-tape", "version": 1}'


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not a tape",
        "[]",
        '{"format": "another"}',
        '{"format": "cccd-nfc-tape", "version": 2}',
        f"{HEADER}\n\n",
        f"{HEADER}\n[1]",
        f'{HEADER}\n{{"command": "00", "answer": "9000"}}',
        f'{HEADER}\n{{"command": "0", "answer": "9000", "ms": 1}}',
        f'{HEADER}\n{{"command": "00 84", "answer": "9000", "ms": 1}}',
        f'{HEADER}\n{{"command": "00", "failed": "SystemExit"}}',
        f'{HEADER}\n{{"random": 5}}',
        f'{HEADER}\n{{"reset": false}}',
        f"{HEADER}\n{'[' * 100_000}",
    ],
)
def test_what_is_no_tape_is_refused_when_it_is_opened(tmp_path: Path, content: str) -> None:
    (tmp_path / "t").write_text(content)
    with pytest.raises(TapeError):
        ReplayTransport.open(tmp_path / "t")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TapeError):
        ReplayTransport.open(tmp_path / "t")


def test_a_tape_that_is_not_there_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        ReplayTransport.open(tmp_path / "none")


@pytest.fixture(scope="module")
def whole_tape(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return recorded(tmp_path_factory.mktemp("tape") / "t", two_commands).read_bytes()


@given(data=st.data())
def test_a_tape_cut_anywhere_replays_no_further_than_it_goes(
    data: st.DataObject, whole_tape: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "cut"
    path.write_bytes(whole_tape[: data.draw(st.integers(0, len(whole_tape) - 2))])
    with pytest.raises(TapeError):
        two_commands(ReplayTransport.open(path))
