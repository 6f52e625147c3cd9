"""The words of the phone's own page, and of what the desk says about it."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

PHONE_WORDS: Mapping[str, Text] = {
    "mine_brand": {"vi": "Điện thoại của tôi", "en": "My phone"},
    "mine_title": {"vi": "Khóa của điện thoại này", "en": "This phone's key"},
    "mine_no_script": {"vi": "Trang này cần JavaScript.", "en": "This page needs JavaScript."},
    "mine_insecure": {
        "vi": "Trình duyệt chỉ tạo khóa khi mở trang qua https. Mở lại trang bằng địa chỉ https của quầy.",
        "en": "The browser makes keys over https only. Open this page again by the desk's https address.",
    },
    "mine_unreachable": {
        "vi": "Không liên lạc được với quầy. Khóa vẫn ở trong máy; cho quầy xem dòng chữ.",
        "en": "The desk cannot be reached. The key is still on this phone; show the desk the text.",
    },
    "mine_failed": {
        "vi": "Trình duyệt không tạo hoặc không giữ được khóa. Tắt chế độ ẩn danh rồi thử lại.",
        "en": "The browser could not make or keep the key. Leave private browsing, and try again.",
    },
    "mine_lead": {
        "vi": "Khóa được tạo trong điện thoại này và không bao giờ rời khỏi máy. Quầy chỉ nhận phần công khai.",
        "en": "The key is made on this phone and never leaves it. The desk gets the public part only.",
    },
    "mine_name": {"vi": "Tên gọi điện thoại", "en": "Name of the phone"},
    "mine_make": {"vi": "Tạo khóa", "en": "Make the key"},
    "mine_is": {"vi": "Khóa của máy này kết thúc bằng", "en": "This phone's key ends in"},
    "mine_show": {
        "vi": "1. Đưa khóa cho quầy",
        "en": "1. Give the key to the desk",
    },
    "mine_letters": {"vi": "Lấy mã 6 chữ cái", "en": "Get six letters"},
    "mine_letters_lead": {
        "vi": "Đọc mã này cho cán bộ nhập tại quầy. Mã có hiệu lực 10 phút.",
        "en": "Let the officer type these letters at the desk. They are good for 10 minutes.",
    },
    "mine_or_qr": {
        "vi": "Hoặc cho quầy quét mã QR này, hay gửi dòng chữ bên dưới.",
        "en": "Or let the desk scan this QR code, or send it the text below.",
    },
    "mine_public": {"vi": "Khóa công khai", "en": "Public key"},
    "mine_copy": {"vi": "Sao chép", "en": "Copy"},
    "mine_copied": {"vi": "Đã sao chép.", "en": "Copied."},
    "mine_sign": {"vi": "2. Ký xác nhận", "en": "2. Sign the confirmation"},
    "mine_asked": {
        "vi": "Dòng chữ hoặc mã QR trên màn hình quầy",
        "en": "Text or QR code on the desk's screen",
    },
    "mine_look": {"vi": "Xem trước khi ký", "en": "Look at it, then sign"},
    "mine_camera": {"vi": "Quét bằng máy ảnh", "en": "Scan with the camera"},
    "mine_no_camera": {"vi": "Không mở được máy ảnh. Hãy dán dòng chữ.", "en": "No camera. Paste the text instead."},
    "mine_not_one": {
        "vi": "Đây không phải yêu cầu xác nhận của quầy. Kiểm tra lại dòng chữ.",
        "en": "This is not what the desk asks to confirm. Look at the text again.",
    },
    "mine_sure": {"vi": "Gắn điện thoại này với tài khoản của bạn?", "en": "Bind this phone to your account?"},
    "mine_sure_lead": {
        "vi": "Điện thoại này sẽ thay điện thoại cũ của tài khoản. Chỉ đồng ý khi chính bạn đang làm việc tại quầy "
        "và hai chữ này giống trên màn hình quầy hoặc trong tin nhắn:",
        "en": "This phone will take the place of the account's old one. Say yes only if you are at the desk yourself, "
        "and these two letters are those on its screen or in the message:",
    },
    "mine_yes": {"vi": "Đồng ý và ký", "en": "Yes, sign"},
    "mine_no": {"vi": "Không ký", "en": "Do not sign"},
    "mine_sent": {
        "vi": "Đã ký và gửi đến quầy. Nhập mã OTP tại quầy để kết thúc.",
        "en": "Signed, and sent to the desk. Type the code at the desk to finish.",
    },
    "mine_signed": {
        "vi": "Đã ký. Quầy này không chờ xác nhận đó qua mạng: cho quầy quét mã QR, hoặc gửi dòng chữ.",
        "en": "Signed. The desk did not take it by the line: let it scan the QR code, or send it the text.",
    },
    "mine_word": {"vi": "Xác nhận đã ký", "en": "The signed confirmation"},
    "mine_delete": {"vi": "Xóa khóa này", "en": "Delete this key"},
    "mine_delete_sure": {"vi": "Xóa khóa của điện thoại này?", "en": "Delete this phone's key?"},
    "mine_delete_lead": {
        "vi": "Không lấy lại được. Nếu điện thoại đã kích hoạt, bạn phải kích hoạt lại tại quầy.",
        "en": "It cannot be brought back. If this phone is active, it has to be activated at a desk again.",
    },
    "mine_deleted": {"vi": "Đã xóa khóa.", "en": "The key is deleted."},
    "mine_keep": {"vi": "Giữ lại", "en": "Keep it"},
    "mine_delete_yes": {"vi": "Xóa", "en": "Delete"},
    "mine_open": {
        "vi": "Điện thoại chưa có khóa: mở {url} trên điện thoại đó.",
        "en": "A phone without a key: open {url} on it.",
    },
    "mine_open_code": {"vi": "Mã QR của trang cho điện thoại", "en": "QR code of the phone's page"},
    "mine_ends": {
        "vi": "Khóa của điện thoại mới kết thúc bằng {device}; so với chữ trên điện thoại.",
        "en": "The new phone's key ends in {device}; compare it with the phone's screen.",
    },
    "mine_text": {"vi": "Dòng chữ cho điện thoại", "en": "Text for the phone"},
    "mine_waiting": {
        "vi": "Xác nhận tự đến đây khi điện thoại mở trang của quầy này.",
        "en": "The confirmation comes by itself from a phone that has this desk's page open.",
    },
    "mine_came": {"vi": "Điện thoại mới đã ký xác nhận.", "en": "The new phone has signed."},
}
