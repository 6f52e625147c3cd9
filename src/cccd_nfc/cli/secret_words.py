"""What the commands of logins, secrets and web activation say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

SECRET_WORDS: Mapping[str, Text] = {
    "ask_phone": {"vi": "Số điện thoại đã đăng ký", "en": "Registered phone number"},
    "ask_login_password": {"vi": "Mật khẩu", "en": "Password"},
    "ask_old_password": {"vi": "Mật khẩu hiện tại", "en": "Present password"},
    "ask_new_password": {
        "vi": "Mật khẩu mới (8–20 ký tự: chữ số, chữ hoa, chữ thường, ký tự đặc biệt)",
        "en": "New password (8 to 20 characters: digit, capital, small letter, special character)",
    },
    "ask_passcode": {"vi": "Passcode (để trống nếu không có)", "en": "Passcode (empty for none)"},
    "ask_new_passcode": {"vi": "Passcode mới (6 chữ số)", "en": "New passcode (6 digits)"},
    "ask_question": {"vi": "Câu hỏi {n} ({names})", "en": "Question {n} ({names})"},
    "ask_answer": {"vi": "Trả lời: {question}", "en": "Answer: {question}"},
    "web_asked": {
        "vi": "Nếu số định danh và số điện thoại khớp, mã OTP đã được gửi tới số đã đăng ký. Giao dịch {transaction}.",
        "en": "If number and phone belong together, a code went to the registered phone. Transaction {transaction}.",
    },
    "already_activated": {
        "vi": "Tài khoản của bạn đã thực hiện kích hoạt. Hãy Đăng nhập (cccd login).",
        "en": "Your account has been activated already. Log in (cccd login).",
    },
    "code_accepted": {
        "vi": "Mã đúng. Đặt mật khẩu, passcode và câu hỏi bảo mật trong 15 phút: cccd web finish.",
        "en": "The code is right. Set password, passcode and security questions within 15 minutes: cccd web finish.",
    },
    "web_activated": {
        "vi": "Tài khoản đã được kích hoạt, không gắn thiết bị nào. Hãy Đăng nhập bằng số định danh và mật khẩu.",
        "en": "The account is active, with no device bound. Log in by personal number and password.",
    },
    "logged_in": {
        "vi": "Đã đăng nhập đến {until} (giờ Việt Nam). Hãy đăng xuất (cccd logout) trước khi cho mượn điện thoại.",
        "en": "Logged in until {until} (Vietnam time). Log out (cccd logout) before you lend the phone.",
    },
    "logged_out": {"vi": "Đã đăng xuất.", "en": "Logged out."},
    "password_changed": {
        "vi": "Đã đổi mật khẩu; các phiên đăng nhập khác đã kết thúc.",
        "en": "The password is changed; other logins have ended.",
    },
    "secrets_reset": {
        "vi": "Đã đặt lại; mọi phiên đăng nhập đã kết thúc.",
        "en": "Set anew; every login has ended.",
    },
    "use_allowed": {
        "vi": "Passcode đúng: được dùng dịch vụ {service}.",
        "en": "Passcode right: {service} may be used.",
    },
}

SECRET_ACTS: Mapping[str, Text] = {
    "account-activated": {"vi": "Kích hoạt tài khoản trên web", "en": "Account activated on the web"},
    "secrets-reset": {"vi": "Đặt lại mật khẩu hoặc passcode", "en": "Password or passcode set anew"},
}
