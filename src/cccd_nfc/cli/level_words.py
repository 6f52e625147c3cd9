"""What the commands about levels, papers, representatives and status data say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

LEVEL_WORDS: Mapping[str, Text] = {
    "ask_consent": {"vi": "Người này có đồng ý không?", "en": "Does the person agree?"},
    "ask_representative": {"vi": "Số định danh của người đại diện", "en": "The representative's personal number"},
    "ask_foreigner": {"vi": "Số định danh cấp cho người nước ngoài", "en": "The number given to the foreigner"},
    "activations_expired": {
        "vi": "Số tài khoản quá hạn kích hoạt: {count}.",
        "en": "Accounts whose days of activation are over: {count}.",
    },
    "status_imported": {
        "vi": "Đã nhận {done} dòng; đã có từ trước {known}; từ chối {refused}.",
        "en": "{done} rows taken in; {known} came before; {refused} refused.",
    },
    "confirm_assist": {
        "vi": "Chủ thẻ đang ở đây và đúng là người trong ảnh? Kích hoạt tài khoản quá hạn này?",
        "en": "Is the card's owner here, and the person of the portrait? Activate this late account?",
    },
    "paper_added": {"vi": "Đã tích hợp giấy tờ.", "en": "The paper is integrated."},
    "no_papers": {"vi": "Chưa tích hợp giấy tờ nào.", "en": "No paper is integrated."},
    "use_consented": {
        "vi": "Người đại diện đã đồng ý cho sử dụng tài khoản.",
        "en": "The representative has consented to the use of the account.",
    },
    "use_withdrawn": {
        "vi": "Người đại diện đã rút lại sự đồng ý; thiết bị đã bị hủy liên kết.",
        "en": "The representative has withdrawn the consent; the device is unlinked.",
    },
    "confirm_withdraw": {
        "vi": "Rút lại sự đồng ý? Thiết bị của tài khoản sẽ bị hủy liên kết.",
        "en": "Withdraw the consent? The account's device will be unlinked.",
    },
    "application_due": {
        "vi": "Kết quả phải có trước {until} (giờ Việt Nam). Căn cứ: {clause}.",
        "en": "The result must be there before {until} (Vietnam time). Legal basis: {clause}.",
    },
    "application_edited": {
        "vi": "Khác với dữ liệu trong chip: {names}.",
        "en": "Entered otherwise than the chip has it: {names}.",
    },
    "application_state": {"vi": "Hồ sơ: {state}.", "en": "The application: {state}."},
    "no_applications": {"vi": "Không có hồ sơ nào đang chờ.", "en": "No application waits."},
    "confirm_issue": {"vi": "Cấp mức 2 cho hồ sơ này?", "en": "Issue level 2 for this application?"},
    "confirm_refuse_level": {"vi": "Từ chối hồ sơ này?", "en": "Refuse this application?"},
}

LEVEL_ACTS: Mapping[str, Text] = {
    "activation-assisted": {"vi": "Hỗ trợ kích hoạt tài khoản", "en": "Activation assisted"},
    "level-2-applied": {"vi": "Tiếp nhận hồ sơ mức 2", "en": "Application for level 2 received"},
    "level-2-issued": {"vi": "Cấp tài khoản mức 2", "en": "Level 2 issued"},
}

APPLICATION_STATES: Mapping[str, Text] = {
    "WITH_CARD_ISSUE": {"vi": "chờ cấp thẻ", "en": "waits for the card"},
    "RECEIVED": {"vi": "đã nhận", "en": "received"},
    "MATCHED": {"vi": "sinh trắc khớp", "en": "matched"},
    "NO_MATCH": {"vi": "sinh trắc không khớp", "en": "no match"},
    "UNAVAILABLE": {"vi": "chưa đối chiếu được", "en": "could not be compared"},
    "ISSUED": {"vi": "đã cấp", "en": "issued"},
    "REFUSED": {"vi": "đã từ chối", "en": "refused"},
}

SOURCES: Mapping[str, Text] = {
    "declaration": {"vi": "theo khai báo", "en": "by declaration"},
    "data-update": {"vi": "theo cập nhật dữ liệu", "en": "by a data update"},
    "request": {"vi": "theo văn bản yêu cầu", "en": "by request"},
}

ENTRY_PROMPTS: Mapping[str, Text] = {
    "full_name": {"vi": "Họ và tên", "en": "Full name"},
    "birth_date": {"vi": "Ngày sinh (YYYY-MM-DD)", "en": "Birth date (YYYY-MM-DD)"},
    "sex": {"vi": "Giới tính (M nam, F nữ)", "en": "Sex (M or F)"},
}
"""What is asked for an applicant who has no card yet."""
