"""The letter as a sheet, in the form of a Vietnamese official letter (Decree 30/2020, Annex I)."""

from __future__ import annotations

from datetime import date, datetime

from cccd_nfc.registry.clock import day_in_vietnam
from cccd_nfc.registry.legal_basis import in_vietnamese
from cccd_nfc.registry.papers import words
from cccd_nfc.registry.papers.letter import Letter
from cccd_nfc.registry.papers.sheet import WIDTH, Sheet

_BLANK = "…" * 14
_LEFT = 76.0
_RIGHT, _RIGHT_WIDTH = 80.0, WIDTH - 80.0
_SIGNERS = {
    "AGENCY_HEAD": "THỦ TRƯỞNG CƠ QUAN QUẢN LÝ CĂN CƯỚC",
    "UNIT_HEAD": "THỦ TRƯỞNG ĐƠN VỊ",
}


def letter_pdf(letter: Letter) -> bytes:
    """The PDF; the same bytes for the same letter."""
    decided = datetime.fromisoformat(letter.decided_at)
    sheet = Sheet("Trả lời yêu cầu", decided)
    _heading(sheet, letter, day_in_vietnam(decided))
    _body(sheet, letter)
    _signature(sheet, letter)
    return sheet.pdf()


def _heading(sheet: Sheet, letter: Letter, day: date) -> None:
    """Unit and number on the left; the national heading, and the day, on the right."""
    top = sheet.below
    sheet.text(letter.unit.upper() or _BLANK, bold=True, align="C", width=_LEFT)
    sheet.rule(left=_LEFT / 2 - 12, width=24)
    sheet.text(f"Số: {_BLANK}", align="C", width=_LEFT)
    sheet.text(f"V/v trả lời yêu cầu {_wanted(letter)}", size=9.5, align="C", width=_LEFT)
    bottom = sheet.below
    sheet.go_to(top)
    sheet.text("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold=True, size=10.5, align="C", left=_RIGHT, width=_RIGHT_WIDTH)
    sheet.text("Độc lập - Tự do - Hạnh phúc", bold=True, align="C", left=_RIGHT, width=_RIGHT_WIDTH)
    sheet.rule(left=_RIGHT + _RIGHT_WIDTH / 2 - 25, width=50)
    sheet.text(f"{_BLANK[:8]}, {_spoken(day)}", align="C", left=_RIGHT, width=_RIGHT_WIDTH)
    sheet.go_to(max(bottom, sheet.below) + 10)


def _body(sheet: Sheet, letter: Letter) -> None:
    sheet.text(f"Kính gửi: {letter.agency}", align="C", bold=True)
    sheet.gap(6)
    for paragraph in (
        f"Căn cứ {_inside(in_vietnamese(letter.clause))};",
        _request(letter),
        _decision(letter),
        *([f"Lý do: {letter.reason}"] if letter.reason else []),
        words.WHOM_TO_ASK[0],
    ):
        sheet.text(paragraph, align="J")
        sheet.gap(3)


def _request(letter: Letter) -> str:
    received = _spoken(date.fromisoformat(letter.document_date))
    return (
        f"Xét văn bản số {letter.document} {received} của {letter.agency} về việc yêu cầu {_wanted(letter)} của chủ "
        f"tài khoản có số định danh cá nhân {letter.account} (mã yêu cầu {letter.request}),"
    )


def _decision(letter: Letter) -> str:
    if letter.granted:
        return f"Đơn vị trả lời: CHẤP THUẬN yêu cầu và đã thực hiện việc {_wanted(letter)} nêu trên."
    return f"Đơn vị trả lời: TỪ CHỐI yêu cầu {_wanted(letter)} nêu trên."


def _signature(sheet: Sheet, letter: Letter) -> None:
    sheet.gap(8)
    top = sheet.below
    sheet.text("Nơi nhận:", size=9.5, bold=True, width=_LEFT)
    for line in ("- Như trên;", "- Lưu: VT."):
        sheet.text(line, size=9.5, width=_LEFT)
    sheet.go_to(top)
    sheet.text(_SIGNERS[letter.signer], bold=True, align="C", left=_RIGHT, width=_RIGHT_WIDTH)
    sheet.text("(Ký, ghi rõ họ tên, đóng dấu)", size=9.5, align="C", left=_RIGHT, width=_RIGHT_WIDTH)
    sheet.gap(26)
    sheet.text(letter.decided_by, bold=True, align="C", left=_RIGHT, width=_RIGHT_WIDTH)


def _wanted(letter: Letter) -> str:
    return f"{words.KINDS[letter.kind]} tài khoản định danh điện tử"


def _spoken(day: date) -> str:
    """ngày 08 tháng 6 năm 2026: days below ten and the months January and February have two digits (Annex I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def _inside(said: str) -> str:
    """The same inside a sentence: the law's own name keeps its capital."""
    return said if said.startswith(("Luật", "Nghị định", "Điều")) else said[0].lower() + said[1:]
