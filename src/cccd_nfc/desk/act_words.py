"""The words of acts by the card, of accounts and devices, and of the overview."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

ACT_WORDS: Mapping[str, Text] = {
    "more": {"vi": "Việc khác", "en": "Other work"},
    "act_unlink": {"vi": "Hủy liên kết điện thoại", "en": "Unlink the phone"},
    "act_lock": {"vi": "Khóa tài khoản", "en": "Lock the account"},
    "act_unlock": {"vi": "Mở khóa tài khoản", "en": "Unlock the account"},
    "lead_unlink": {
        "vi": "Điện thoại đang dùng sẽ không vào được tài khoản nữa. Để thẻ nằm trên đầu đọc.",
        "en": "The active phone will not reach the account any more. Leave the card on the reader.",
    },
    "lead_lock": {
        "vi": "Tài khoản bị khóa ngay; mã và kích hoạt đang chờ sẽ bị hủy. Để thẻ nằm trên đầu đọc.",
        "en": "The account is locked at once; codes and activations that wait will end. Leave the card on the reader.",
    },
    "lead_unlock": {
        "vi": "Nhìn người trước mặt và ảnh trong chip trước khi mở khóa. Để thẻ nằm trên đầu đọc.",
        "en": "Look at the person and at the chip's portrait before you unlock. Leave the card on the reader.",
    },
    "lock_reason": {"vi": "Lý do", "en": "Reason"},
    "done_unlink": {"vi": "Đã hủy liên kết điện thoại", "en": "The phone is unlinked"},
    "done_lock": {"vi": "Đã khóa tài khoản", "en": "The account is locked"},
    "done_unlock": {"vi": "Đã ghi nhận mở khóa", "en": "The unlock is entered"},
    "back": {"vi": "Quay lại", "en": "Back"},
    "account": {"vi": "Tài khoản và thiết bị", "en": "Account and devices"},
    "state": {"vi": "Trạng thái", "en": "State"},
    "level": {"vi": "Mức định danh", "en": "Level"},
    "locks": {"vi": "Các lần khóa", "en": "Locks"},
    "no_locks": {"vi": "Tài khoản chưa từng bị khóa.", "en": "The account was never locked."},
    "devices": {"vi": "Thiết bị", "en": "Devices"},
    "no_devices": {"vi": "Chưa có thiết bị nào.", "en": "There is no device yet."},
    "ground": {"vi": "Căn cứ khóa", "en": "Ground"},
    "from": {"vi": "Từ", "en": "From"},
    "until": {"vi": "Đến", "en": "Until"},
    "now": {"vi": "nay", "en": "now"},
    "device_name": {"vi": "Tên", "en": "Name"},
    "grade": {"vi": "Hạng", "en": "Grade"},
    "overview": {"vi": "Tổng quan", "en": "Overview"},
    "requests": {"vi": "Đề nghị đang chờ", "en": "Requests that wait"},
    "no_requests": {"vi": "Không có đề nghị nào đang chờ.", "en": "No request waits."},
    "agency": {"vi": "Cơ quan", "en": "Agency"},
    "document": {"vi": "Văn bản", "en": "Document"},
    "kind": {"vi": "Việc", "en": "Kind"},
    "due": {"vi": "Hạn bước tiếp theo", "en": "Next step due"},
    "overdue": {"vi": "QUÁ HẠN", "en": "OVERDUE"},
    "log_head": {"vi": "Nhật ký", "en": "Audit log"},
    "log_entries": {"vi": "Số mục", "en": "Entries"},
    "log_root": {"vi": "Gốc cây băm", "en": "Root of the tree"},
}
