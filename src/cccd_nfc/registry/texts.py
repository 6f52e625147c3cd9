"""What the registry writes to people: an SMS has 160 characters of GSM 03.38, or with marks 70 (UCS-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cccd_nfc.registry.clock import VIETNAM
from cccd_nfc.registry.hotline import HOTLINE
from cccd_nfc.registry.lock_grounds import LockGround

GSM_LENGTH, UCS2_LENGTH = 160, 70

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWO = "^{}\\[~]|€\f"


def is_gsm(text: str) -> bool:
    """Whether every character is in the default alphabet of GSM 03.38 or its extension."""
    return all(character in _GSM or character in _GSM_TWO for character in text)


def fits_one_sms(text: str) -> bool:
    """Whether the text goes in one short message; characters of the extension count twice."""
    if is_gsm(text):
        return len(text) + sum(character in _GSM_TWO for character in text) <= GSM_LENGTH
    return len(text.encode("utf-16-be")) // 2 <= UCS2_LENGTH


def code_text(code: str, reference: str, device: str, minutes: int) -> str:
    """The code's message: what it does, for which device, and who never asks."""
    return (
        f"Ma {reference}: {code} de kich hoat thiet bi {device} cho tai khoan dinh danh. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def phone_code_text(code: str, reference: str, minutes: int) -> str:
    """The same for a new number, which it goes to (S-11)."""
    return (
        f"Ma {reference}: {code} de dang ky so dien thoai nay cho tai khoan dinh danh. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def web_code_text(code: str, reference: str, minutes: int) -> str:
    """The OTP of a web activation: what it does, and who never asks."""
    return (
        f"Ma {reference}: {code} de kich hoat tai khoan dinh danh tren web. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def reset_code_text(code: str, reference: str, minutes: int) -> str:
    return (
        f"Ma {reference}: {code} de dat lai mat khau, passcode tai khoan dinh danh. "
        f"Het han sau {minutes} phut. Can bo KHONG hoi ma nay. Goi {HOTLINE}."
    )


def web_activated_text() -> str:
    return "Tai khoan dinh danh da duoc kich hoat tren web, khong gan thiet bi nao."


def secrets_changed_text() -> str:
    return "Mat khau hoac passcode cua tai khoan dinh danh vua duoc thay doi."


def not_me_text(token: str) -> str:
    """What a notice ends with: whoever did not do what it tells gives this to the hotline, and the account locks."""
    return f" Khong phai ban? Goi {HOTLINE}, ma khoa {token}."


def issued_text(level: int, before: datetime) -> str:
    """The notice of the result: what was given, and until when it is activated."""
    until = f"{before.astimezone(VIETNAM):%H:%M %d/%m/%Y}"
    return f"Tai khoan dinh danh muc {level} da duoc cap. Kich hoat truoc {until}."


def raised_text() -> str:
    """The notice of a raised account."""
    return "Tai khoan dinh danh cua ban da duoc nang len muc 2."


def refused_text() -> str:
    return f"Ho so tai khoan dinh danh muc 2 khong duoc chap thuan. Ly do co tai noi tiep nhan. Hoi dap: goi {HOTLINE}."


def assisted_text() -> str:
    """The notice after an assisted activation."""
    return "Tai khoan dinh danh vua duoc can bo ho tro kich hoat."


def bound_text(device: str, replaced: str) -> str:
    """The notice after a binding, to every address (S-24)."""
    ended = f" Thiet bi cu {replaced} da bi huy." if replaced else ""
    return f"Tai khoan dinh danh vua kich hoat tren thiet bi {device}.{ended}"


def unlinked_text(device: str) -> str:
    return f"Da huy lien ket thiet bi {device} voi tai khoan dinh danh."


def phone_changed_text() -> str:
    """To the old number and to the new one (S-11)."""
    return "So dien thoai cua tai khoan dinh danh vua duoc thay doi."


def email_changed_text() -> str:
    return "Dia chi e-mail cua tai khoan dinh danh vua duoc thay doi."


def hold_cleared_text() -> str:
    return "Da go tam dung nhap ma OTP cua tai khoan dinh danh tai quay, bang the can cuoc."


LOCKED_WHY: Mapping[LockGround, str] = {
    LockGround.OWNER_REQUEST: "chu tai khoan yeu cau",
    LockGround.TERMS_VIOLATION: "vi pham dieu khoan su dung",
    LockGround.CARD_REVOKED_OR_HELD: "the can cuoc bi thu hoi hoac bi giu",
    LockGround.AUTHORITY_REQUEST: "yeu cau cua co quan co tham quyen",
    LockGround.CARD_EXPIRED: "the can cuoc het han",
    LockGround.SERVICE_PARTY_REQUEST: "yeu cau cua ben su dung dich vu",
    LockGround.TRAVEL_DOCUMENT_EXPIRED: "ho chieu hoac giay to di lai het han",
    LockGround.RESIDENCE_EXPIRED: "het thoi han cu tru",
}
"""Of a death nobody is told (L-16)."""


def locked_text(ground: LockGround) -> str:
    """The notice after a lock. It offers no code that locks: the account is locked."""
    return f"Tai khoan dinh danh da bi khoa: {LOCKED_WHY[ground]}. Neu khong dung, goi ngay {HOTLINE}."


def cleared_text(ground: LockGround, still_locked: bool) -> str:
    """The notice after a ground has ended: the account is free again, or others still lock it."""
    if still_locked:
        return f"Het ly do khoa ({LOCKED_WHY[ground]}); van con ly do khac. Neu khong dung, goi ngay {HOTLINE}."
    return f"Het ly do khoa ({LOCKED_WHY[ground]}). Tai khoan dinh danh da duoc mo khoa."


def corrected_text(still_locked: bool) -> str:
    """The notice after a wrong entry was put right; it does not say which."""
    if still_locked:
        return f"Thong tin ghi nham da duoc dinh chinh; tai khoan van dang bi khoa. Hoi dap: goi {HOTLINE}."
    return "Thong tin ghi nham da duoc dinh chinh. Tai khoan dinh danh da duoc mo khoa."


def closed_text() -> str:
    return f"Tai khoan dinh danh da bi dong theo quyet dinh. Neu khong dung, goi ngay {HOTLINE}."


def decision_letter(document: str, day: str, kind: str, refusal: str) -> str:
    """The written answer to an authority; it names the request and never the person (R-088, R-089, L-17)."""
    wanted = "khóa" if kind == "lock" else "mở khóa"
    answer = f"không được chấp thuận. Lý do: {refusal}" if refusal else "đã được chấp thuận và thực hiện."
    return f"Trả lời văn bản số {document} ngày {day}: yêu cầu {wanted} tài khoản định danh điện tử {answer}"
