"""The words of logging in, and of officers' roles."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.registry.permissions import OfficerRole
from cccd_nfc.spoken.words import Text

OFFICER_WORDS: Mapping[str, Text] = {
    "login_title": {"vi": "Đăng nhập", "en": "Log in"},
    "login_name": {"vi": "Tên đăng nhập", "en": "Login name"},
    "password": {"vi": "Mật khẩu", "en": "Password"},
    "totp": {"vi": "Mã 6 số của ứng dụng xác thực", "en": "6-digit code of the authenticator"},
    "login": {"vi": "Đăng nhập", "en": "Log in"},
    "by_key": {"vi": "Đăng nhập bằng khóa bảo mật", "en": "Log in by security key"},
    "or": {"vi": "hoặc", "en": "or"},
    "logout": {"vi": "Đăng xuất", "en": "Log out"},
    "lock_screen": {"vi": "Khóa màn hình", "en": "Lock the screen"},
    "step_up_title": {"vi": "Xác thực lại", "en": "Log in once more"},
    "step_up_lead": {
        "vi": "Việc này cần lần đăng nhập trong năm phút gần đây.",
        "en": "This needs a login of the last five minutes.",
    },
    "step_up": {"vi": "Xác thực", "en": "Confirm it is you"},
    "step_up_key": {"vi": "Xác thực bằng khóa bảo mật", "en": "Confirm by security key"},
    "keys": {"vi": "Khóa bảo mật", "en": "Security keys"},
    "keys_lead": {
        "vi": "Đăng ký khóa FIDO2 của bạn, rồi đăng nhập bằng khóa đó thay cho mật khẩu và mã.",
        "en": "Register your FIDO2 key, and log in by it in place of password and code.",
    },
    "key_name": {"vi": "Tên gọi của khóa", "en": "Name of the key"},
    "add_key": {"vi": "Đăng ký khóa này", "en": "Register this key"},
    "key_added": {"vi": "Đã đăng ký khóa.", "en": "The key is registered."},
    "key_silent": {
        "vi": "Khóa không trả lời, hoặc đã hủy. Cắm khóa, chạm vào khóa, rồi thử lại.",
        "en": "The key did not answer, or it was stopped. Plug it in, touch it, and try again.",
    },
    "at_registered_station": {"vi": "bàn đã đăng ký", "en": "registered station"},
}

ROLES: Mapping[OfficerRole, Text] = {
    OfficerRole.RECEIVING: {"vi": "tiếp nhận", "en": "receiving"},
    OfficerRole.UNIT_HEAD: {"vi": "thủ trưởng đơn vị", "en": "head of the unit"},
    OfficerRole.AGENCY_HEAD: {"vi": "thủ trưởng cơ quan quản lý", "en": "head of the agency"},
    OfficerRole.HOTLINE: {"vi": "tổng đài", "en": "hotline"},
    OfficerRole.IMPORTER: {"vi": "nhập dữ liệu", "en": "importer"},
    OfficerRole.AUDITOR: {"vi": "kiểm tra", "en": "auditor"},
    OfficerRole.ADMINISTRATOR: {"vi": "quản trị", "en": "administrator"},
}
