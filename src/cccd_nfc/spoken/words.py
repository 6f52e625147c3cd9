"""Every word that is said to a person about a card, in Vietnamese and English."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from cccd_nfc.errors import (
    AccessDeniedError,
    AuthenticationError,
    CardAbsentError,
    CardError,
    CardLostError,
    CccdError,
    ReaderUnavailableError,
    RegistryError,
    RegistryUnavailableError,
    TapeError,
    TransportError,
    UsageError,
)
from cccd_nfc.report import CheckName, Outcome

Language = Literal["vi", "en"]
Text = Mapping[Language, str]


def language(chosen: str | None) -> Language:
    """`chosen` where it is given, else what CCCD_LANG or the locale says; English for any other language."""
    said = chosen or next(
        (os.environ[name] for name in ("CCCD_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "vi" if said.lower().startswith("vi") else "en"


def _text(vi: str, en: str) -> Text:
    return {"vi": vi, "en": en}


VERDICTS: Mapping[Outcome, Text] = {
    Outcome.PASSED: _text("THẺ THẬT", "GENUINE"),
    Outcome.FAILED: _text("KHÔNG HỢP LỆ", "NOT VALID"),
    Outcome.INDETERMINATE: _text("CHƯA KẾT LUẬN ĐƯỢC", "CANNOT TELL"),
}

ADVICE: Mapping[Outcome, Text] = {
    Outcome.PASSED: _text(
        "Dữ liệu do cơ quan cấp thẻ ký và chip không phải bản sao.",
        "The data were signed by the issuer, and the chip is not a copy.",
    ),
    Outcome.FAILED: _text(
        "Không dùng thẻ này làm bằng chứng. Xem các mục không đạt bên dưới.",
        "Do not accept this card as proof. See the checks below that failed.",
    ),
    Outcome.INDETERMINATE: _text(
        "Chưa đủ căn cứ để tin. Xem các mục chưa rõ bên dưới và làm theo lời chỉ dẫn.",
        "There is not enough to believe it. See the open checks below for what is missing.",
    ),
}

OUTCOMES: Mapping[Outcome, Text] = {
    Outcome.PASSED: _text("đạt", "passed"),
    Outcome.FAILED: _text("không đạt", "failed"),
    Outcome.INDETERMINATE: _text("chưa rõ", "cannot tell"),
    Outcome.NOT_PERFORMED: _text("không làm", "not done"),
}

CHECKS: Mapping[CheckName, Text] = {
    CheckName.ACCESS_CONTROL: _text("Mở chip", "Access to the chip"),
    CheckName.CARD_ACCESS_AUTHENTICITY: _text("EF.CardAccess không bị đổi", "EF.CardAccess unchanged"),
    CheckName.SOD_SIGNATURE: _text("Chữ ký trên dữ liệu (SOD)", "Signature on the data (SOD)"),
    CheckName.DOCUMENT_SIGNER_CHAIN: _text("Chứng thư ký do CSCA tin cậy cấp", "Signer certified by a trusted CSCA"),
    CheckName.DOCUMENT_SIGNER_VALIDITY: _text("Hạn của chứng thư ký", "Signer's certificate in date"),
    CheckName.REVOCATION: _text("Thu hồi chứng thư", "Certificate revocation"),
    CheckName.DATA_GROUP_HASHES: _text("Dữ liệu nguyên vẹn", "Data unchanged"),
    CheckName.ACTIVE_AUTHENTICATION: _text("Chip thật: Active Authentication", "Chip: Active Authentication"),
    CheckName.CHIP_AUTHENTICATION: _text("Chip thật: Chip Authentication", "Chip: Chip Authentication"),
    CheckName.DOCUMENT_VALIDITY: _text("Hạn của thẻ", "Card in date"),
    CheckName.IDENTITY_CONSISTENCY: _text("Thông tin khớp nhau", "Data agree with each other"),
}

NEXT_STEPS: Mapping[tuple[CheckName, Outcome], Text] = {
    (CheckName.DOCUMENT_SIGNER_CHAIN, Outcome.INDETERMINATE): _text(
        "So SHA-256 của chứng thư CSCA rồi ghim nó: cccd trust pin TỆP.",
        "Compare its CSCA's SHA-256 and pin it: cccd trust pin FILE.",
    ),
    (CheckName.ACTIVE_AUTHENTICATION, Outcome.NOT_PERFORMED): _text(
        "Đọc lại chính chip đó bằng --reader để chứng minh không phải bản sao.",
        "Read the chip itself with --reader to show that it is not a copy.",
    ),
    (CheckName.DOCUMENT_VALIDITY, Outcome.FAILED): _text("Công dân cần đổi thẻ mới.", "The citizen needs a new card."),
}

LABELS: Mapping[str, Text] = {
    "personal_number": _text("Số định danh", "Personal number"),
    "document_number": _text("Số giấy tờ", "Document number"),
    "full_name": _text("Họ và tên", "Name"),
    "birth_date": _text("Ngày sinh", "Birth date"),
    "sex": _text("Giới tính", "Sex"),
    "nationality": _text("Quốc tịch", "Nationality"),
    "issue_date": _text("Ngày cấp", "Issued"),
    "expiry_date": _text("Có giá trị đến", "Valid until"),
    "no_expiry": _text("Không thời hạn", "No expiry"),
    "checks": _text("Các mục kiểm tra", "Checks"),
    "chip": _text("Trao đổi với chip", "Conversation with the chip"),
    "phase": _text("Bước", "Phase"),
    "files": _text("các tệp", "files"),
    "exchanges": _text("lượt", "exchanges"),
    "sent": _text("byte gửi", "bytes sent"),
    "received": _text("byte nhận", "bytes received"),
    "milliseconds": _text("ms", "ms"),
    "policy": _text("Quy tắc", "Policy"),
    "total": _text("Tổng", "Total"),
}

SEXES: Mapping[str, Text] = {"M": _text("Nam", "male"), "F": _text("Nữ", "female")}

PROMPTS: Mapping[str, Text] = {
    "can": _text("CAN (6 số cuối của số in trên thẻ)", "CAN (last 6 digits of the number on the card)"),
    "number": _text("Số định danh 12 chữ số", "Personal number, 12 digits"),
    "pin": _text("PIN", "PIN"),
    "puk": _text("PUK", "PUK"),
    "mrz": _text("Dòng MRZ", "MRZ line"),
    "document_number": _text("Số giấy tờ", "Document number"),
    "birth_date": _text("Ngày sinh (NNNN-TT-NN)", "Birth date (YYYY-MM-DD)"),
    "expiry_date": _text(
        "Ngày hết hạn (NNNN-TT-NN, hoặc none nếu không thời hạn)", "Expiry date (YYYY-MM-DD, or none)"
    ),
}

SAYINGS: Mapping[str, Text] = {
    "put_card": _text("Đặt thẻ lên đầu đọc và giữ yên.", "Put the card on the reader and leave it there."),
    "reading": _text("Đang đọc thẻ", "Reading the card"),
    "read_done": _text("Đã đọc xong; bằng chứng ghi vào {path}.", "Read; the evidence is in {path}."),
    "tape_made": _text(
        "Bản ghi phiên ở {path}: ai biết mật khẩu thẻ đều mở được, hãy giữ kín.",
        "The recording is in {path}: whoever knows the card's password can open it, so keep it to yourself.",
    ),
    "portrait_saved": _text("Ảnh chân dung ghi vào {path}.", "The portrait is in {path}."),
    "no_trust": _text(
        "Chưa có chứng thư gốc nào được tin cậy: kết quả sẽ là “chưa kết luận được”.",
        "No root certificate is trusted yet: the answer will be “cannot tell”.",
    ),
    "trust_skipped": _text("Bỏ qua trong kho tin cậy: {what}", "Skipped in the trust folder: {what}"),
    "card_made": _text("Thẻ giả lập ghi vào {path} (người và khóa đều hư cấu).", "A synthetic card is in {path}."),
    "card_served": _text(
        "Thẻ đang nằm trên đầu đọc ảo {where}. Ctrl+C để lấy ra.",
        "The card lies on the virtual reader {where}. Ctrl+C takes it off.",
    ),
    "simulated": _text("Thẻ giả lập: số {number}, CAN {can}.", "Simulated card: number {number}, CAN {can}."),
    "verifying": _text("Đã kiểm tra", "Verified"),
    "batch_done": _text(
        "Xong {rows} mục (trước đó {before}): {counts}.", "{rows} items done ({before} before): {counts}."
    ),
    "error": _text("Lỗi", "Error"),
}


def error_advice(error: CccdError) -> Text:
    """What to do next, by the kind of the error; the first class that fits decides."""
    return next(text for kind, text in _ERROR_ADVICE if isinstance(error, kind))


_ERROR_ADVICE: tuple[tuple[type[CccdError], Text], ...] = (
    (UsageError, _text("Sửa lại lệnh rồi thử lại; xem --help.", "Correct the command and try again; see --help.")),
    (
        CardLostError,
        _text(
            "Thẻ bị nhấc ra hoặc mất sóng. Đặt lại thẻ, giữ yên, rồi chạy lại lệnh.",
            "The card was lifted or lost its field. Put it back, leave it still, and run the command again.",
        ),
    ),
    (CardAbsentError, _text("Đặt thẻ lên đầu đọc rồi thử lại.", "Put the card on the reader and try again.")),
    (
        ReaderUnavailableError,
        _text("Chạy `cccd doctor` để biết cách khắc phục.", "Run `cccd doctor`: it says how to mend this."),
    ),
    (
        TapeError,
        _text(
            "Phát lại với đúng mật khẩu và tùy chọn như lúc ghi.",
            "Replay it with the password and the options of the recording.",
        ),
    ),
    (TransportError, _text("Thử lại; nếu vẫn lỗi, chạy `cccd doctor`.", "Try again; else run `cccd doctor`.")),
    (
        AccessDeniedError,
        _text(
            "Kiểm tra lại số đã nhập. Không thử quá vài lần: chip có thể tự khóa.",
            "Check what was typed. Do not try many times: the chip may block itself.",
        ),
    ),
    (
        CardError,
        _text(
            "Thẻ hoặc tệp trả lời sai quy cách. Đọc lại một lần; nếu vẫn vậy, đừng tin thẻ này.",
            "The card or file does not answer as it must. Read it once more; if it stays so, do not trust it.",
        ),
    ),
    (AuthenticationError, _text("Không chấp nhận thẻ này.", "Do not accept this card.")),
    (
        RegistryUnavailableError,
        _text(
            "Kiểm tra --registry và máy chủ rồi làm lại. Không việc nào chỉ xong một nửa.",
            "Check --registry and the server, then do the same again. Nothing was left half done.",
        ),
    ),
    (RegistryError, _text("Sổ đăng ký không thay đổi.", "The registry is unchanged.")),
    (CccdError, _text("Thử lại.", "Try again.")),
)
