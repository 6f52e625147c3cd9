"""What the registry's commands say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.cli.document_words import DOCUMENT_WORDS
from cccd_nfc.cli.level_words import LEVEL_ACTS, LEVEL_WORDS
from cccd_nfc.cli.message_words import MESSAGE_ACTS, MESSAGE_WORDS
from cccd_nfc.cli.officer_words import OFFICER_WORDS
from cccd_nfc.cli.offline_words import OFFLINE_WORDS
from cccd_nfc.cli.privacy_words import PRIVACY_WORDS
from cccd_nfc.cli.secret_words import SECRET_ACTS, SECRET_WORDS
from cccd_nfc.registry.hotline import HOTLINE, grouped
from cccd_nfc.spoken.words import Text

WORDS: Mapping[str, Text] = {
    **MESSAGE_WORDS,
    **OFFICER_WORDS,
    **PRIVACY_WORDS,
    "account_created": {
        "vi": "Đã tạo tài khoản mức {level} cho {name} (số {number}).",
        "en": "Account of level {level} created for {name} (number {number}).",
    },
    "new_device": {
        "vi": "Bạn đang đăng nhập trên thiết bị mới ({device}).",
        "en": "You are logging in on a new device ({device}).",
    },
    "replaces": {
        "vi": "Thiết bị cũ {device} sẽ bị thay thế.",
        "en": "The old device {device} will be replaced.",
    },
    "code_sent": {
        "vi": "Mã {reference} đã gửi tới số điện thoại đã đăng ký; có hiệu lực đến {until} (giờ Việt Nam).",
        "en": "Code {reference} went to the registered phone number; it is good until {until} (Vietnam time).",
    },
    "bound": {"vi": "Đã kích hoạt thiết bị {device}.", "en": "Device {device} is now active."},
    "unlinked": {"vi": "Đã hủy liên kết thiết bị {device}.", "en": "Device {device} is unlinked."},
    "confirm_bind": {"vi": "Kích hoạt thiết bị này?", "en": "Activate this device?"},
    "confirm_unlink": {
        "vi": "Bạn có chắc muốn hủy liên kết thiết bị đang dùng?",
        "en": "Are you sure that the active device is to be unlinked?",
    },
    "cancelled": {"vi": "Đã dừng; không có gì thay đổi.", "en": "Stopped; nothing was changed."},
    "ask_code": {"vi": "Mã OTP", "en": "Code (OTP)"},
    "ask_confirmation": {
        "vi": "Dán xác nhận do điện thoại ký cho giao dịch {transaction}, mã {reference}",
        "en": "Paste the confirmation that the phone signed for transaction {transaction}, code {reference}",
    },
    "key_made": {
        "vi": "Khóa của điện thoại giả lập ở {path}; private.pem không rời điện thoại.",
        "en": "The simulated phone's keys are in {path}; private.pem never leaves a phone.",
    },
    "never_share": {
        "vi": "Không chia sẻ mật khẩu, mã OTP hay dữ liệu tài khoản với bất kỳ ai. Đăng xuất trước khi "
        f"cho mượn điện thoại. Đọc thông báo bảo mật khi nhận được. Hỏi đáp: {grouped(HOTLINE)}.",
        "en": "Share password, codes and account data with nobody. Log out before you lend the phone. "
        f"Read notices about security when they come. Questions: {grouped(HOTLINE)}.",
    },
    "receipt": {"vi": "BIÊN NHẬN", "en": "RECEIPT"},
    "receipt_saved": {"vi": "Biên nhận có chữ ký ghi vào {path}.", "en": "The signed receipt is in {path}."},
    "audit_holds": {
        "vi": "Nhật ký nguyên vẹn: {size} mục, gốc cây băm {root}",
        "en": "The audit log holds: {size} entries, root of the tree {root}",
    },
    "proved_inclusion": {
        "vi": "Được chứng minh: mục sau có trong nhật ký {size} mục.",
        "en": "Proved: this entry is in the log of {size} entries.",
    },
    "proved_consistency": {
        "vi": "Được chứng minh: nhật ký {size} mục nối tiếp nguyên vẹn nhật ký {earlier} mục.",
        "en": "Proved: the log of {size} entries goes on from that of {earlier}, unchanged.",
    },
    "ready": {"vi": "Sổ đăng ký sẵn sàng: {url}", "en": "The registry is ready: {url}"},
    "confirm_lock": {
        "vi": "Khóa tài khoản này? Mã và kích hoạt đang chờ sẽ bị hủy.",
        "en": "Lock this account? Codes and activations that wait will end.",
    },
    "confirm_unlock_and_bind": {
        "vi": "Mở khóa tài khoản này và kích hoạt thiết bị này?",
        "en": "Unlock this account and activate this device?",
    },
    "lost_card_noted": {
        "vi": "Đã ghi nhận. Không có thẻ thì không mở khóa được ở đây: cơ quan quản lý căn cước xác minh nhân thân.",
        "en": "Noted. Without the card nothing is unlocked here: the identity agency finds out who the person is.",
    },
    "confirm_unlock": {"vi": "Mở khóa tài khoản này?", "en": "Unlock this account?"},
    "locked": {"vi": "Tài khoản đã bị khóa.", "en": "The account is locked."},
    "no_locks": {"vi": "Tài khoản chưa từng bị khóa.", "en": "The account was never locked."},
    "still_open": {"vi": "nay", "en": "now"},
    "expired_locked": {
        "vi": "Số tài khoản bị khóa vì thẻ hết hạn: {count}.",
        "en": "Accounts locked because the card has run out: {count}.",
    },
    "request_due": {
        "vi": "Bước tiếp theo phải xong trước {until} (giờ Việt Nam).",
        "en": "The next step must be done before {until} (Vietnam time).",
    },
    "confirm_approve": {
        "vi": "Ghi nhận yêu cầu được chấp thuận và thực hiện ngay?",
        "en": "Enter that the request was granted, and carry it out now?",
    },
    "confirm_refuse": {"vi": "Ghi nhận yêu cầu bị từ chối?", "en": "Enter that the request was refused?"},
    "request_approved": {"vi": "Đã chấp thuận và thực hiện.", "en": "Granted and carried out."},
    "request_refused": {
        "vi": "Đã từ chối; văn bản trả lời nằm trong hộp thư đi.",
        "en": "Refused; the letter is in the outbox.",
    },
    "serving": {
        "vi": "Sổ đăng ký phục vụ tại {url}; dừng bằng Ctrl-C.",
        "en": "The registry serves at {url}; Ctrl-C stops it.",
    },
    "desk_open": {
        "vi": "Quầy mở tại {url}; dừng bằng Ctrl-C.",
        "en": "The desk is open at {url}; Ctrl-C stops it.",
    },
    "no_requests": {"vi": "Không có yêu cầu nào đang chờ.", "en": "No request waits."},
    **DOCUMENT_WORDS,
    "no_devices": {"vi": "Chưa có thiết bị nào.", "en": "There is no device yet."},
    **LEVEL_WORDS,
    **SECRET_WORDS,
    **OFFLINE_WORDS,
}

ACTS: Mapping[str, Text] = {
    "device-bound": {"vi": "Kích hoạt thiết bị", "en": "Device activated"},
    **MESSAGE_ACTS,
    "device-unlinked": {"vi": "Hủy liên kết thiết bị", "en": "Device unlinked"},
    "account-locked": {"vi": "Khóa tài khoản", "en": "Account locked"},
    "lock-repeated": {"vi": "Khóa tài khoản (đã khóa từ trước)", "en": "Account locked (it was locked already)"},
    "device-revoked": {
        "vi": "Thu hồi thiết bị; tài khoản đã khóa từ trước",
        "en": "Device revoked; the account was locked already",
    },
    "unlocked-and-bound": {
        "vi": "Mở khóa và kích hoạt thiết bị mới",
        "en": "Owner's lock ended, and device activated",
    },
    "account-unlocked": {"vi": "Mở khóa theo yêu cầu của chủ tài khoản", "en": "The owner's lock ended"},
    **LEVEL_ACTS,
    **SECRET_ACTS,
}

GROUNDS: Mapping[str, Text] = {
    "OWNER_REQUEST": {"vi": "chủ tài khoản yêu cầu", "en": "the owner asked for it"},
    "TERMS_VIOLATION": {"vi": "vi phạm điều khoản sử dụng", "en": "terms of use violated"},
    "CARD_REVOKED_OR_HELD": {"vi": "thẻ căn cước bị thu hồi hoặc bị giữ", "en": "card revoked or held"},
    "DECEASED": {"vi": "chủ tài khoản đã chết", "en": "the owner has died"},
    "AUTHORITY_REQUEST": {"vi": "yêu cầu của cơ quan có thẩm quyền", "en": "request of an authority"},
    "CARD_EXPIRED": {"vi": "thẻ căn cước hết hạn", "en": "the card has run out"},
    "SERVICE_PARTY_REQUEST": {"vi": "yêu cầu của bên sử dụng dịch vụ", "en": "request of a service-using party"},
    "TRAVEL_DOCUMENT_EXPIRED": {
        "vi": "hộ chiếu hoặc giấy tờ đi lại hết hạn",
        "en": "the passport or travel document has run out",
    },
    "RESIDENCE_EXPIRED": {"vi": "hết thời hạn cư trú", "en": "the residence has run out"},
}

RECEIPT_LABELS: Mapping[str, Text] = {
    "act": {"vi": "Việc đã làm", "en": "Act"},
    "account": {"vi": "Tài khoản", "en": "Account"},
    "device": {"vi": "Thiết bị", "en": "Device"},
    "device_label": {"vi": "Tên thiết bị", "en": "Device name"},
    "replaced": {"vi": "Thay thế thiết bị", "en": "Replaces device"},
    "grounds": {"vi": "Đang khóa vì", "en": "Locked because"},
    "law": {"vi": "Căn cứ pháp lý", "en": "Legal basis"},
    "due": {"vi": "Hạn trả kết quả", "en": "Result due by"},
    "code_channel": {"vi": "Mã OTP gửi qua", "en": "Code sent by"},
    "grade": {"vi": "Hạng bằng chứng", "en": "Grade of evidence"},
    "time": {"vi": "Thời điểm", "en": "Time"},
    "transaction": {"vi": "Giao dịch", "en": "Transaction"},
    "audit_size": {"vi": "Mục nhật ký", "en": "Audit entry"},
    "audit_root": {"vi": "Gốc cây nhật ký", "en": "Root of the log"},
}

REQUEST_KINDS: Mapping[str, Text] = {
    "lock": {"vi": "khóa", "en": "lock"},
    "unlock": {"vi": "mở khóa", "en": "unlock"},
}

REQUEST_STATES: Mapping[str, Text] = {
    "FILED": {"vi": "đã nhận", "en": "received"},
    "FORWARDED": {"vi": "đã chuyển", "en": "forwarded"},
}
