"""What the registry's commands say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.cli.words import Text

WORDS: Mapping[str, Text] = {
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
        "vi": "Không chia sẻ mật khẩu, mã OTP hay dữ liệu tài khoản với bất kỳ ai. Hỏi đáp: 1900.0368.",
        "en": "Share password, codes and account data with nobody. Questions: 1900.0368.",
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
    "no_devices": {"vi": "Chưa có thiết bị nào.", "en": "There is no device yet."},
}

ACTS: Mapping[str, Text] = {
    "device-bound": {"vi": "Kích hoạt thiết bị", "en": "Device activated"},
    "device-unlinked": {"vi": "Hủy liên kết thiết bị", "en": "Device unlinked"},
}

RECEIPT_LABELS: Mapping[str, Text] = {
    "act": {"vi": "Việc đã làm", "en": "Act"},
    "account": {"vi": "Tài khoản", "en": "Account"},
    "device": {"vi": "Thiết bị", "en": "Device"},
    "device_label": {"vi": "Tên thiết bị", "en": "Device name"},
    "replaced": {"vi": "Thay thế thiết bị", "en": "Replaces device"},
    "grade": {"vi": "Hạng bằng chứng", "en": "Grade of evidence"},
    "time": {"vi": "Thời điểm", "en": "Time"},
    "transaction": {"vi": "Giao dịch", "en": "Transaction"},
    "audit_size": {"vi": "Mục nhật ký", "en": "Audit entry"},
    "audit_root": {"vi": "Gốc cây nhật ký", "en": "Root of the log"},
}

STATES: Mapping[str, Text] = {
    "PENDING": {"vi": "chờ mã", "en": "waiting for a code"},
    "ACTIVE": {"vi": "đang dùng", "en": "active"},
    "SUSPENDED": {"vi": "tạm ngừng", "en": "suspended"},
    "UNLINKED": {"vi": "đã hủy liên kết", "en": "unlinked"},
    "REPLACED": {"vi": "đã bị thay thế", "en": "replaced"},
    "REVOKED": {"vi": "đã thu hồi", "en": "revoked"},
    "EXPIRED": {"vi": "hết hạn", "en": "expired"},
    "ISSUED": {"vi": "đã cấp, chưa kích hoạt", "en": "issued, not activated"},
    "LOCKED": {"vi": "đã khóa", "en": "locked"},
    "CLOSED": {"vi": "đã đóng", "en": "closed"},
}
