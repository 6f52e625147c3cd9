"""The words of the registry's states and of an owner's reasons to lock, for the command line and for the pages."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

DEVICE_STATES: Mapping[str, Text] = {
    "SEEN": {"vi": "đã đăng nhập, chưa liên kết", "en": "logged in, not bound"},
    "READER": {"vi": "chỉ đọc hộ", "en": "only reads"},
    "PROVISIONAL": {"vi": "liên kết tạm", "en": "provisional"},
    "PENDING": {"vi": "chờ mã", "en": "waiting for a code"},
    "ACTIVE": {"vi": "đang dùng", "en": "active"},
    "SUSPENDED": {"vi": "tạm ngừng", "en": "suspended"},
    "UNLINKED": {"vi": "đã hủy liên kết", "en": "unlinked"},
    "REPLACED": {"vi": "đã bị thay thế", "en": "replaced"},
    "REVOKED": {"vi": "đã thu hồi", "en": "revoked"},
    "EXPIRED": {"vi": "hết hạn", "en": "expired"},
}

ACCOUNT_STATES: Mapping[str, Text] = {
    "ISSUED": {"vi": "đã cấp, chưa kích hoạt", "en": "issued, not activated"},
    "ISSUED_LATE": {"vi": "quá hạn kích hoạt, cần hỗ trợ", "en": "not activated in time, needs assistance"},
    "ACTIVE": {"vi": "đang hoạt động", "en": "active"},
    "LOCKED": {"vi": "đã khóa", "en": "locked"},
    "CLOSED": {"vi": "đã đóng", "en": "closed"},
}

LOCK_REASONS: Mapping[str, Text] = {
    "lost-device": {"vi": "mất thiết bị", "en": "device lost"},
    "broken-device": {"vi": "hỏng thiết bị", "en": "device broken"},
    "lost-card": {"vi": "mất thẻ căn cước", "en": "card lost"},
    "suspected-leak": {"vi": "nghi lộ thông tin", "en": "leak suspected"},
    "suspected-misuse": {"vi": "nghi bị sử dụng trái phép", "en": "misuse suspected"},
    "other": {"vi": "lý do khác", "en": "another reason"},
}
