"""What papers say: Vietnamese first, English small beneath. What has no word here is said as the registry does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from cccd_nfc.registry.hotline import HOTLINE

Pair: TypeAlias = tuple[str, str]
"""(Vietnamese, English)"""

HOTLINE_SPOKEN = f"{HOTLINE[:4]}.{HOTLINE[4:]}"

ACTS: Mapping[str, Pair] = {
    "account-activated": ("Kích hoạt tài khoản trên web", "Account activated on the web"),
    "device-bound": ("Kích hoạt tài khoản trên thiết bị", "Device activated"),
    "device-unlinked": ("Hủy liên kết thiết bị", "Device unlinked"),
    "account-locked": ("Khóa tài khoản", "Account locked"),
    "lock-repeated": ("Khóa tài khoản (đã khóa từ trước)", "Account locked (it was locked already)"),
    "device-revoked": (
        "Thu hồi thiết bị; tài khoản đã khóa từ trước",
        "Device revoked; the account was locked already",
    ),
    "unlocked-and-bound": ("Mở khóa và kích hoạt trên thiết bị mới", "Unlocked, and device activated"),
    "account-unlocked": ("Mở khóa theo yêu cầu của chủ tài khoản", "The owner's lock ended"),
}

GROUNDS: Mapping[str, Pair] = {
    "OWNER_REQUEST": ("chủ tài khoản yêu cầu", "the owner asked for it"),
    "TERMS_VIOLATION": ("vi phạm điều khoản sử dụng", "terms of use violated"),
    "CARD_REVOKED_OR_HELD": ("thẻ căn cước bị thu hồi hoặc bị giữ", "card revoked or held"),
    "DECEASED": ("chủ tài khoản đã chết", "the owner has died"),
    "AUTHORITY_REQUEST": ("yêu cầu của cơ quan có thẩm quyền", "request of an authority"),
    "CARD_EXPIRED": ("thẻ căn cước hết hạn", "the card has run out"),
    "SERVICE_PARTY_REQUEST": ("yêu cầu của bên sử dụng dịch vụ", "request of a service-using party"),
}

CHANNELS: Mapping[str, Pair] = {
    "desk": ("tại quầy", "at a desk"),
    "app": ("ứng dụng", "app"),
    "web": ("cổng dịch vụ", "web"),
    "hotline": ("tổng đài", "hotline"),
    "system": ("hệ thống", "system"),
}

GRADES: Mapping[str, Pair] = {
    "A": ("A: chip đã ký và cán bộ đã đối chiếu người", "A: the chip signed, and an officer compared the person"),
    "B": ("B: chip đã ký xác nhận giao dịch này", "B: the chip signed for this act"),
    "C": ("C: chip đã chứng minh với máy đọc", "C: the chip proved itself to the reader"),
}

TITLE: Pair = ("BIÊN NHẬN", "RECEIPT")
ACT: Pair = ("Việc đã làm", "Act")
ACCOUNT: Pair = ("Tài khoản", "Account")
TIME: Pair = ("Thời điểm (giờ Việt Nam)", "Time in Vietnam")
DEVICE: Pair = ("Thiết bị", "Device")
DEVICE_NAME: Pair = ("Tên thiết bị", "Device name")
REPLACED: Pair = ("Thiết bị cũ, đã bị thay thế", "Old device, replaced")
STILL_LOCKED: Pair = ("Đang khóa vì", "Locked because")
GRADE: Pair = ("Hạng bằng chứng", "Grade of evidence")
CHANNEL: Pair = ("Nơi thực hiện", "Where it was done")
LAW: Pair = ("Căn cứ pháp lý", "Legal basis")
TRANSACTION: Pair = ("Mã giao dịch", "Transaction")
ENTRY: Pair = ("Mục nhật ký số", "Audit entry")
ROOT: Pair = ("Gốc cây nhật ký", "Root of the log")

NEVER_SHARE: Pair = (
    "Không đưa mật khẩu, mã OTP hay dữ liệu tài khoản cho bất kỳ ai, kể cả cán bộ.",
    "Share neither password, nor code, nor account data with anybody, officers included.",
)
WHOM_TO_ASK: Pair = (
    f"Hỏi đáp: Công an xã, phường, thị trấn nơi cư trú, hoặc tổng đài {HOTLINE_SPOKEN}.",
    f"Questions: the police of the commune or ward where you live, or the hotline {HOTLINE_SPOKEN}.",
)
NOT_YOU: Pair = (
    f"Nếu không phải bạn thực hiện, gọi ngay {HOTLINE_SPOKEN}.",
    f"If it was not you, call {HOTLINE_SPOKEN} at once.",
)
KINDS: Mapping[str, str] = {"lock": "khóa", "unlock": "mở khóa"}

HOW_TO_CHECK: Pair = (
    "Kiểm tra: quét từng mã QR, đưa các dòng chữ vào lệnh cccd receipt verify --qr-text.",
    "To check: scan each QR code and give the lines to cccd receipt verify --qr-text.",
)


def pair_of(words: Mapping[str, Pair], name: str) -> Pair:
    """The words for a name; the name itself in both languages where there are none."""
    return words.get(name, (name, name))
