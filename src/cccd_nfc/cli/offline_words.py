"""What the commands of offline desks say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

OFFLINE_WORDS: Mapping[str, Text] = {
    "offline_begun": {"vi": "Bắt đầu làm việc ngoại tuyến; sổ ghi ở {path}.", "en": "Offline from now on, in {path}."},
    "offline_locked": {
        "vi": "Đã ghi việc khóa; có hiệu lực khi nộp sổ ghi.",
        "en": "The lock is written down; it takes effect when the journal is handed in.",
    },
    "offline_code": {
        "vi": "Mã trên quầy: {code}. Người dân tự nhập mã này trên điện thoại của mình.",
        "en": "Code at the desk: {code}. The person types it on their own phone.",
    },
    "offline_bound": {
        "vi": "Đã ghi liên kết tạm; chỉ có hiệu lực sau khi hệ thống chấp nhận sổ ghi.",
        "en": "The provisional binding is written down; it counts when the registry has taken the journal.",
    },
    "ask_offline_statement": {
        "vi": "Dán nội dung điện thoại đã ký cho quầy {station}, số {nonce}",
        "en": "Paste what the phone signed for the station {station}, nonce {nonce}",
    },
    "expired": {"vi": "Số lần kích hoạt đã quá hạn: {count}.", "en": "Activations that came too late: {count}."},
    "answered_before": {
        "vi": "Yêu cầu này đã được thực hiện; đây là biên nhận của lần đó.",
        "en": "This request was done before; here is the receipt of that time.",
    },
}

OUTCOMES: Mapping[str, Text] = {
    "pass": {"vi": "bắt đầu ngoại tuyến", "en": "went offline"},
    "lock": {"vi": "khóa", "en": "lock"},
    "bind": {"vi": "liên kết tạm", "en": "provisional binding"},
    "noted": {"vi": "đã ghi nhận", "en": "noted"},
    "locked": {"vi": "đã khóa", "en": "locked"},
    "bound": {"vi": "đã kích hoạt", "en": "active"},
    "lost": {"vi": "không được kích hoạt", "en": "not activated"},
    "refused": {"vi": "bị từ chối", "en": "refused"},
    "provisional": {"vi": "chờ quyết định", "en": "not decided yet"},
}
