"""Receipts on paper: what stands on them, and QR codes that give the whole receipt back (R-023, R-059, R-071)."""

from __future__ import annotations

import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cccd_nfc.errors import CccdError, EncodingError, RulesUnavailableError, SignatureError
from cccd_nfc.registry import papers, signed
from cccd_nfc.registry.audit import Head, Inclusion
from cccd_nfc.registry.legal_basis import basis_of, in_vietnamese, parse_basis
from cccd_nfc.registry.lock_effects import LockReason
from cccd_nfc.registry.papers import qr, words
from cccd_nfc.registry.papers.qr import PART_BYTES, modules_of, qr_texts, receipt_in
from cccd_nfc.registry.papers.receipt_paper import CODE_SIDE, receipt_pdf, receipt_rows
from cccd_nfc.registry.papers.sheet import MARGIN, Sheet
from cccd_nfc.registry.phone import Phone
from cccd_nfc.registry.receipts import sign_receipt, verify_receipt
from cccd_nfc.registry.states import Purpose
from registry_places import SqlitePlace
from registry_support import Desk, evidence_for

POINTS = 72 / 25.4


@dataclass(frozen=True)
class Given:
    """Receipts that a desk gave, and the key that they are checked with."""

    bound: str
    replaced: str
    locked: str
    repeated: str
    key: str

    @property
    def every(self) -> tuple[str, ...]:
        return self.bound, self.replaced, self.locked, self.repeated


def locked_by_card(desk: Desk) -> str:
    ticket = desk.registry.begin(Purpose.LOCK)
    return desk.registry.lock_with_card(ticket.transaction_id, evidence_for(ticket), LockReason.LOST_CARD)


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """Of one desk for all tests: papers are made without the registry."""
    desk = Desk(SqlitePlace.new(tmp_path_factory.mktemp("papers") / "desk"))
    desk.enrol()
    bound, replaced = desk.bind(Phone.new()), desk.bind(Phone.new())
    yield Given(bound, replaced, locked_by_card(desk), locked_by_card(desk), desk.registry.receipt_key())
    desk.registry.close()


def written_on(monkeypatch: pytest.MonkeyPatch, token: str, key: str) -> str:
    """All words of the paper, one after another."""
    said: list[str] = []
    writing = Sheet.text

    def text(sheet: Sheet, words: str, **how: object) -> None:
        said.append(words)
        writing(sheet, words, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Sheet, "text", text)
    receipt_pdf(token, key)
    return "\n".join(said)


def drawn(pdf: bytes) -> set[tuple[float, float, float]]:
    """The filled rectangles of the first page, (left, top, width) in millimetres."""
    found = set()
    for stream in re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        for x, y, width, _ in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) (-[\d.]+) re f", content):
            found.add((float(x) / POINTS, 297 - float(y) / POINTS, float(width) / POINTS))
    return found


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-023", "R-059", "R-071")
def test_r023_r059_r071_the_paper_says_what_whom_to_ask_and_by_which_law(
    receipts: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = written_on(monkeypatch, receipts.replaced, receipts.key)
    for wanted in (
        *("Không đưa mật khẩu, mã OTP", "Share neither password, nor code"),
        *("Công an xã, phường, thị trấn nơi cư trú, hoặc tổng đài 1900.0368", "the hotline 1900.0368"),
        *("Khoản 1 Điều 14 Nghị định 69/2024/NĐ-CP", "Decree 69/2024 Art. 14(1)"),
    ):
        assert wanted in said, wanted


@pytest.mark.row("R-056")
def test_r056_the_paper_names_both_devices_the_moment_in_vietnam_and_the_entry(
    receipts: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = written_on(monkeypatch, receipts.replaced, receipts.key)
    facts = verify_receipt(receipts.replaced, receipts.key)
    old = verify_receipt(receipts.bound, receipts.key)["device"]
    assert facts["replaced"] == old
    for wanted in (facts["device"], old, "01/06/2026 16:02:00", facts["account"], facts["audit"]["root"], "\n5\n"):
        assert wanted in said, wanted
    assert re.search(r"\b\d{12}\b", said) is None, "the number is masked"


def test_rows_are_in_both_languages_and_leave_out_what_the_receipt_does_not_say(receipts: Given) -> None:
    rows = dict(receipt_rows(verify_receipt(receipts.locked, receipts.key)))
    assert rows[words.ACT] == ("Khóa tài khoản", "Account locked")
    assert rows[words.STILL_LOCKED] == ("chủ tài khoản yêu cầu", "the owner asked for it")
    assert rows[words.CHANNEL] == ("hệ thống", "system")
    assert words.REPLACED not in rows
    assert words.DEVICE not in rows


def test_the_desk_is_named_where_the_entry_names_one(receipts: Given) -> None:
    facts = verify_receipt(receipts.locked, receipts.key)
    entry = {**json.loads(facts["audit"]["entry"]), "channel": "desk", "station": "S1"}
    facts["audit"] = {**facts["audit"], "entry": json.dumps(entry)}
    assert dict(receipt_rows(facts))[words.CHANNEL] == ("tại quầy, quầy S1", "at a desk, station S1")


@pytest.mark.row("R-056")
def test_the_receipt_of_a_lock_that_was_there_already_says_so(receipts: Given) -> None:
    facts = verify_receipt(receipts.repeated, receipts.key)
    assert facts["act"] == json.loads(facts["audit"]["entry"])["act"] == "lock-repeated"
    assert verify_receipt(receipts.locked, receipts.key)["act"] == "account-locked"


def test_a_receipt_of_another_registry_has_no_paper(receipts: Given) -> None:
    with pytest.raises(SignatureError):
        receipt_pdf(receipts.bound, signed.public_key_text(Ed25519PrivateKey.generate()))
    with pytest.raises(CccdError):
        receipt_pdf("no receipt", receipts.key)


def test_the_same_receipt_is_the_same_paper_byte_by_byte(receipts: Given) -> None:
    papers = {hashlib.sha256(receipt_pdf(receipts.locked, receipts.key)).hexdigest() for _ in range(3)}
    assert len(papers) == 1
    assert receipt_pdf(receipts.bound, receipts.key) != receipt_pdf(receipts.locked, receipts.key)


def test_letters_that_the_font_has_not_got_do_not_stop_a_paper() -> None:
    sheet = Sheet("tên", datetime(2026, 6, 1, tzinfo=UTC))
    sheet.text("điện thoại 📱 中文 \x00 Ưu tiên")
    assert sheet.pdf().startswith(b"%PDF-")


# --- QR codes ---------------------------------------------------------------------------------------------------------


def test_a_receipt_comes_back_from_its_codes_in_any_order_twice_and_with_empty_lines(receipts: Given) -> None:
    for token in receipts.every:
        texts = qr_texts(token)
        lines = [*reversed(texts), "", *texts, f"  {texts[0]}\r\n"]
        assert receipt_in(lines) == token
        assert verify_receipt(receipt_in(lines), receipts.key)


def test_a_code_is_coarse_enough_to_be_read_from_paper(receipts: Given) -> None:
    for token in receipts.every:
        for text in qr_texts(token):
            side = len(modules_of(text)) + 8
            assert CODE_SIDE / side >= 0.42, "millimetres a module"


def big(entries_log2: int = 20) -> str:
    """A receipt out of a log of 2**20 entries."""
    key, path = Ed25519PrivateKey.generate(), tuple(os.urandom(32).hex() for _ in range(entries_log2))
    entry = json.dumps({"act": "device-bound", "device": os.urandom(32).hex(), "previous": os.urandom(32).hex()})
    facts = {"act": "device-bound", "account": "079*****1234", "transaction": os.urandom(16).hex()}
    inclusion = Inclusion(entry, Head(2**entries_log2, os.urandom(32).hex()), path)
    return sign_receipt(key, facts, inclusion, datetime(2026, 6, 1, tzinfo=UTC))


def test_a_receipt_of_a_log_of_a_million_entries_fits_three_codes() -> None:
    token = big()
    assert len(qr_texts(token)) <= 3
    assert receipt_in(qr_texts(token)) == token


def test_a_missing_code_is_named_and_foreign_ones_are_refused(receipts: Given) -> None:
    first, second, third = qr_texts(big())
    with pytest.raises(EncodingError, match="missing: 2"):
        receipt_in([first, third])
    for lines in ([], [""], ["hello"], [first, "hello"], [first, second, qr_texts(big())[0]], [first.lower()]):
        with pytest.raises(EncodingError):
            receipt_in(lines)
    with pytest.raises(EncodingError):
        receipt_in([first, qr_texts(receipts.bound)[0]])


def test_what_is_too_large_or_no_receipt_has_no_codes() -> None:
    with pytest.raises(EncodingError, match="too large"):
        qr_texts(big(150))
    for token in ("", "a.b", "a.b.c", "é.é.é", big()[:-4]):
        with pytest.raises(EncodingError):
            qr_texts(token)


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_lines_end_in_an_error_of_ours(lines: list[str]) -> None:
    with pytest.raises(CccdError):
        receipt_in(lines)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=120))
def test_any_letters_in_a_code_end_in_a_token_or_an_error_of_ours(letters: str) -> None:
    with suppress(EncodingError):
        assert receipt_in([f"CCCDR1:1/1:{letters}."]).count(".") == 2


def test_an_altered_code_gives_no_receipt_that_verifies(receipts: Given) -> None:
    (text,) = qr_texts(receipts.bound)
    for place in range(len("CCCDR1:1/1:"), len(text) - 1, 37):
        altered = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        with pytest.raises(CccdError):
            verify_receipt(receipt_in([altered]), receipts.key)


def test_a_deflated_flood_is_not_unpacked() -> None:
    deflating = zlib.compressobj(9, zlib.DEFLATED, -15)
    flood = bytes(64) + deflating.compress(b"a" * 200_000) + deflating.flush()
    assert len(flood) < PART_BYTES
    with pytest.raises(EncodingError, match="hold no receipt"):
        receipt_in([f"CCCDR1:1/1:{qr._to_base45(flood)}."])


def test_the_papers_modules_are_those_of_the_codes(receipts: Given) -> None:
    """The black pieces in the PDF, laid on the grid of the code, are the code."""
    (text,) = qr_texts(receipts.locked)
    modules = [list(row) for row in segno.make_qr(text, error="m", boost_error=False).matrix]
    pieces = drawn(receipt_pdf(receipts.locked, receipts.key))
    step = CODE_SIDE / (len(modules) + 8)
    top = min(y for _, y, _ in pieces)
    found = [[0] * len(modules) for _ in modules]
    for x, y, width in pieces:
        column, row, length = (x - MARGIN) / step - 4, (y - top) / step, width / step
        for each in range(round(column), round(column + length)):
            found[round(row)][each] = 1
    assert found == modules


def test_the_frame_of_a_code_is_what_scanners_take_as_alphanumeric(receipts: Given) -> None:
    for text in qr_texts(receipts.bound):
        assert segno.make_qr(text, error="m", boost_error=False).mode == "alphanumeric"


# --- the law ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("R-071")
@pytest.mark.parametrize(
    ("act", "day", "clause"),
    [
        ("device-bound", date(2024, 6, 30), "Decree 59/2022 Art. 14(2)"),
        ("device-bound", date(2024, 7, 1), "Decree 69/2024 Art. 14(1)"),
        ("account-locked", date(2023, 1, 1), "Decree 59/2022 Art. 19(1)(a)"),
        ("account-unlocked", date(2026, 1, 1), "Law 26/2023 Art. 34"),
        ("something-new", date(2026, 1, 1), "Decree 69/2024"),
    ],
)
def test_r071_the_receipt_names_the_law_of_its_day(act: str, day: date, clause: str) -> None:
    assert basis_of(act, day) == clause


@pytest.mark.row("R-071")
def test_r071_the_law_is_in_what_was_signed(receipts: Given) -> None:
    assert verify_receipt(receipts.bound, receipts.key)["law"] == "Decree 69/2024 Art. 14(1)"
    assert verify_receipt(receipts.locked, receipts.key)["law"] == "Law 26/2023 Art. 34(1)(a)"


@pytest.mark.row("S-38")
def test_s38_before_the_first_law_there_is_no_receipt() -> None:
    with pytest.raises(RulesUnavailableError):
        basis_of("device-bound", date(2022, 10, 19))


@pytest.mark.row("S-38")
@pytest.mark.parametrize(
    "text",
    [
        *("", "act,from,until,clause\n", "act,from,until,clause\ndevice-bound,2022-10-20,,Decree 59/2022\n"),
        *("act,from,until,clause\n*,2022-10-20,,\n", "act,from,until,clause\n*,someday,,Decree 59/2022\n"),
        *("act,from,until,clause\n*,2022-10-20,,a law\n", "act,from\n*,2022-10-20\n"),
    ],
)
def test_s38_a_broken_table_of_laws_is_an_error(text: str) -> None:
    with pytest.raises(RulesUnavailableError):
        parse_basis(text)


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("Law 26/2023 Art. 34(1)(đ)", "Điểm đ khoản 1 Điều 34 Luật 26/2023/QH15"),
        ("Decree 59/2022 Art. 14(2)", "Khoản 2 Điều 14 Nghị định 59/2022/NĐ-CP"),
        ("Decree 69/2024", "Nghị định 69/2024/NĐ-CP"),
        ("a custom of the country", "a custom of the country"),
    ],
)
def test_a_clause_is_said_as_vietnamese_papers_say_it(clause: str, said: str) -> None:
    assert in_vietnamese(clause) == said


def test_the_font_and_its_licence_come_with_the_program() -> None:
    folder = Path(papers.__file__).parent / "fonts"
    assert {path.name for path in folder.iterdir()} == {"NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "OFL.txt"}
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
