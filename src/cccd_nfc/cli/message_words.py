"""What the commands about messages and addresses say, and whom to ask (R-036, R-037, R-059)."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.registry.hotline import HOTLINE, grouped
from cccd_nfc.spoken.words import Text

WAYS: Text = {
    "vi": "Không đọc được thẻ hoặc bị từ chối: đến công an cấp xã nơi bạn ở; hoặc mượn điện thoại khác có NFC "
    f"để đọc thẻ; hoặc gọi tổng đài {grouped(HOTLINE)}.",
    "en": "If the card cannot be read, or you are refused: go to the police of the commune where you live; or borrow "
    f"another phone with NFC to read the card; or call the hotline {grouped(HOTLINE)}.",
}

MESSAGE_WORDS: Mapping[str, Text] = {
    "not_sent": {
        "vi": "Có tin nhắn chưa gửi được; sẽ gửi lại. Xem `cccd registry outbox`.",
        "en": "Some messages could not be sent yet and will be tried again. See `cccd registry outbox`.",
    },
    "sent": {"vi": "Đã gửi {count} tin nhắn.", "en": "Messages sent: {count}."},
    "outbox_empty": {"vi": "Không có tin nhắn nào đang chờ.", "en": "No message waits."},
    "code_shown": {
        "vi": "Mã {reference} chỉ hiện một lần: {code}. Chỉ cho chủ tài khoản xem.",
        "en": "Code {reference} is shown this once: {code}. For the eyes of the account's owner alone.",
    },
    "code_to_new_number": {
        "vi": "Mã {reference} đã gửi tới số MỚI; có hiệu lực đến {until} (giờ Việt Nam).",
        "en": "Code {reference} went to the NEW number; it is good until {until} (Vietnam time).",
    },
    "confirm_phone": {
        "vi": "Đổi số điện thoại? Trong 7 ngày số mới không nhận mã OTP; số cũ được thông báo.",
        "en": "Change the phone number? For 7 days the new one gets no codes; the old one is told.",
    },
    "ask_email": {"vi": "Địa chỉ e-mail (để trống: xóa)", "en": "E-mail address (empty: remove)"},
    "ask_token": {"vi": "Mã khóa trong thông báo", "en": "The code of the notice"},
    "confirm_not_me": {
        "vi": "Khóa tài khoản ngay vì việc trong thông báo không phải do chủ tài khoản làm?",
        "en": "Lock the account now, since its owner did not do what the notice tells?",
    },
}

MESSAGE_ACTS: Mapping[str, Text] = {
    "phone-changed": {"vi": "Đổi số điện thoại", "en": "Phone number changed"},
    "email-changed": {"vi": "Đổi địa chỉ e-mail", "en": "E-mail address changed"},
    "hold-cleared": {"vi": "Gỡ tạm dừng nhập mã", "en": "Hold after wrong codes ended"},
}

CODE_CHANNELS: Mapping[str, Text] = {
    "sim": {"vi": "số điện thoại đã đăng ký", "en": "the registered number"},
    "device": {"vi": "thiết bị mới", "en": "the new device"},
    "screen": {"vi": "màn hình tại quầy", "en": "the desk's screen"},
}
