"""What the commands of officers, stations and proposals say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

OFFICER_WORDS: Mapping[str, Text] = {
    "ask_new_password": {
        "vi": "Mật khẩu mới của cán bộ (từ 15 ký tự)",
        "en": "The officer's new password (15 characters or more)",
    },
    "ask_password": {"vi": "Mật khẩu", "en": "Password"},
    "ask_totp": {"vi": "Mã trên ứng dụng xác thực (6 số)", "en": "Code of the authenticator (6 digits)"},
    "totp_once": {
        "vi": "Quét mã này bằng ứng dụng xác thực ngay bây giờ; nó không hiện lại lần nữa.",
        "en": "Scan this with the authenticator now; it is not shown again.",
    },
    "logged_in": {
        "vi": "Đã đăng nhập; phiên kết thúc lúc {until} (giờ Việt Nam), hoặc sau 15 phút không dùng.",
        "en": "Logged in; the session ends at {until} (Vietnam time), or after 15 idle minutes.",
    },
    "logged_out": {"vi": "Đã đăng xuất.", "en": "Logged out."},
    "officer_added": {"vi": "Đã thêm cán bộ {login}.", "en": "Officer {login} was added."},
    "officer_disabled": {"vi": "Đã vô hiệu hóa {login}.", "en": "{login} is disabled."},
    "officer_enabled": {"vi": "{login} được đăng nhập lại.", "en": "{login} may log in again."},
    "officer_renewed": {
        "vi": "{login} có mật khẩu và mã xác thực mới.",
        "en": "{login} has a new password and a new authenticator.",
    },
    "phone_registered": {
        "vi": "Điện thoại công vụ này không bao giờ thành thiết bị của tài khoản.",
        "en": "This duty phone never becomes the device of an account.",
    },
    "confirm_disable": {"vi": "Vô hiệu hóa cán bộ này ngay?", "en": "Disable this officer now?"},
    "confirm_proposal": {
        "vi": "Chấp thuận và thực hiện ngay đề xuất này?",
        "en": "Approve this proposal, and have it done now?",
    },
    "confirm_rejection": {"vi": "Bác đề xuất này?", "en": "Reject this proposal?"},
    "unit_added": {"vi": "Đã thêm đơn vị {code}.", "en": "Unit {code} was added."},
    "station_added": {"vi": "Đã thêm trạm {name}; mã của trạm:", "en": "Station {name} was added; its id:"},
    "station_disabled": {"vi": "Trạm đã bị vô hiệu hóa.", "en": "The station is disabled."},
    "station_enabled": {"vi": "Trạm hoạt động trở lại.", "en": "The station works again."},
    "proposed": {
        "vi": "Đã đề xuất; người khác phải chấp thuận trước {until} (giờ Việt Nam).",
        "en": "Proposed; another person has to approve it before {until} (Vietnam time).",
    },
    "proposal_approved": {"vi": "Đã chấp thuận.", "en": "Approved."},
    "proposal_rejected": {"vi": "Đã bác.", "en": "Rejected."},
    "no_proposals": {"vi": "Không có đề xuất nào đang chờ.", "en": "No proposal waits."},
    "enabled": {"vi": "hoạt động", "en": "enabled"},
    "disabled": {"vi": "vô hiệu", "en": "disabled"},
}

UNIT_KINDS: Mapping[str, Text] = {
    "commune": {"vi": "cấp xã", "en": "commune"},
    "province": {"vi": "cấp tỉnh", "en": "province"},
    "ministry": {"vi": "Bộ Công an", "en": "ministry"},
}

ROLES: Mapping[str, Text] = {
    "receiving": {"vi": "cán bộ tiếp nhận", "en": "receiving officer"},
    "unit-head": {"vi": "thủ trưởng đơn vị", "en": "head of the unit"},
    "agency-head": {"vi": "thủ trưởng cơ quan quản lý", "en": "head of the agency"},
    "hotline": {"vi": "tổng đài", "en": "hotline"},
    "importer": {"vi": "nhập dữ liệu cơ quan", "en": "importer"},
    "auditor": {"vi": "kiểm tra", "en": "auditor"},
    "administrator": {"vi": "quản trị", "en": "administrator"},
}

PROPOSAL_KINDS: Mapping[str, Text] = {
    "correct-death": {"vi": "đính chính ghi nhầm đã chết", "en": "correct a wrong entry of death"},
    "close-account": {"vi": "đóng tài khoản", "en": "close an account"},
    "rotate-keys": {"vi": "thay khóa", "en": "change the keys"},
    "erase-data": {"vi": "xóa dữ liệu của một người", "en": "erasure of a person's data"},
    "mass-export": {"vi": "xuất dữ liệu hàng loạt", "en": "export of many"},
}
