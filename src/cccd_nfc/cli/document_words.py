"""What the commands about papers, letters, heads and clocks say."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

DOCUMENT_WORDS: Mapping[str, Text] = {
    "paper_saved": {"vi": "Đã ghi biên nhận in được vào {path}.", "en": "The receipt to print is in {path}."},
    "letter_saved": {
        "vi": "Đã ghi văn bản trả lời vào {path}, chữ ký vào {signature}.",
        "en": "The letter is in {path}, its signature in {signature}.",
    },
    "letter_genuine": {
        "vi": "Văn bản đúng là do sổ đăng ký này ký: trả lời văn bản {document}, {decision}, {time}.",
        "en": "The letter was signed by this registry: it answers document {document}, {decision}, {time}.",
    },
    "granted": {"vi": "chấp thuận", "en": "granted"},
    "refused": {"vi": "từ chối", "en": "refused"},
    "head_published": {"vi": "Đã công bố đầu nhật ký.", "en": "The log's head is published."},
    "heads_wait": {
        "vi": "Chú ý: chưa chuyển được đầu nhật ký ra ngoài ({reason}).",
        "en": "Note: heads of the audit log were not carried away ({reason}).",
    },
    "scan": {
        "vi": "Quét từng mã QR, mỗi mã một dòng; dòng trống để kết thúc.",
        "en": "Scan each QR code, one line each; an empty line ends it.",
    },
    "whom_to_ask": {
        "vi": "Hỏi đáp: Công an xã, phường, thị trấn nơi cư trú, hoặc tổng đài 1900.0368.",
        "en": "Questions: the police of the commune or ward where you live, or the hotline 1900.0368.",
    },
    "no_form": {"vi": "Yêu cầu này không kèm mẫu TK03.", "en": "This request came without a form TK03."},
    "overdue": {"vi": "QUÁ HẠN", "en": "OVERDUE"},
}

STANDINGS: Mapping[str, Text] = {
    "held": {"vi": "nằm trong nhật ký này", "en": "this log began so"},
    "longer": {
        "vi": "thuộc nhật ký dài hơn: nhật ký này là bản cũ hoặc đã bị cắt",
        "en": "of a longer log: this one is an old copy, or was cut",
    },
    "other": {
        "vi": "KHÁC: có hai lịch sử của cùng một nhật ký",
        "en": "DIFFERENT: there are two histories of one log",
    },
}

CLOCKS: Mapping[str, Text] = {
    "forward": {"vi": "chuyển yêu cầu", "en": "forward the request"},
    "decide": {"vi": "quyết định yêu cầu", "en": "decide the request"},
    "issue-level-1": {"vi": "cấp tài khoản mức 1", "en": "issue level 1"},
    "issue-level-2": {"vi": "cấp tài khoản mức 2", "en": "issue level 2"},
    "issue-level-2-without-valid-card": {
        "vi": "cấp mức 2, chưa có thẻ còn hạn",
        "en": "issue level 2, without a valid card",
    },
}

FORM_LABELS: Mapping[str, Text] = {
    "channel": {"vi": "Nơi nộp", "en": "Filed by"},
    "requester": {"vi": "Người yêu cầu", "en": "Requester"},
    "capacity": {"vi": "Tư cách", "en": "Capacity"},
    "content": {"vi": "Nội dung", "en": "Content"},
    "reason": {"vi": "Lý do", "en": "Reason"},
}

FILING_CHANNELS: Mapping[str, Text] = {
    "commune-desk": {"vi": "công an cấp xã", "en": "police of the commune"},
    "province-desk": {"vi": "công an cấp tỉnh", "en": "police of the province"},
    "post": {"vi": "bưu điện", "en": "post"},
}
