"""What the commands about papers, letters, heads and clocks say."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.cli.words import Text

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

DOCUMENT_ERRORS: Mapping[str, str] = {
    "give a request and -o FILE, or --verify FILE": "hãy nêu một yêu cầu và -o FILE, hoặc --verify FILE",
    "cannot read {path}": "không đọc được {path}",
    "no law on electronic identification is known for {day}": "không biết luật nào về định danh điện tử cho ngày {day}",
    "the table of legal bases cannot be read": "không đọc được bảng căn cứ pháp lý",
    "the table of legal bases is broken": "bảng căn cứ pháp lý bị hỏng",
    "no clock for issuing accounts is known for {day}": "không biết thời hạn cấp tài khoản nào cho ngày {day}",
    "the clocks for issuing accounts cannot be read": "không đọc được bảng thời hạn cấp tài khoản",
    "the clocks for issuing accounts are broken": "bảng thời hạn cấp tài khoản bị hỏng",
    "the period ends before it begins, or is longer than {days} days":
        "khoảng thời gian kết thúc trước khi bắt đầu, hoặc dài hơn {days} ngày",
    "not a receipt": "không phải biên nhận",
    "a receipt without its facts": "biên nhận thiếu nội dung",
    "the receipt is too large for QR codes": "biên nhận quá lớn để ghi thành mã QR",
    "a line that is no QR code of this receipt": "có dòng không phải mã QR của biên nhận này",
    "QR codes of different receipts, or none": "mã QR của các biên nhận khác nhau, hoặc không có mã nào",
    "QR codes of the receipt are missing: {which}": "còn thiếu mã QR của biên nhận: {which}",
    "the QR codes hold no receipt": "các mã QR không chứa biên nhận",
    "the form TK03 wants its {field}": "mẫu TK03 còn thiếu: {field}",
    "requester": "người yêu cầu",
    "capacity": "tư cách",
    "content": "nội dung",
    "reason": "lý do",
    "a field of the form TK03 is longer than {most} letters": "một mục của mẫu TK03 dài hơn {most} ký tự",
    "not a form TK03: JSON with channel, requester, capacity, content and reason":
        "không phải mẫu TK03: cần JSON có channel, requester, capacity, content và reason",
    "the request has not been decided yet": "yêu cầu chưa được quyết định",
    "not the signature of a letter": "không phải chữ ký của văn bản trả lời",
    "the letter is not the one that was signed": "văn bản không phải bản đã được ký",
    "the audit log has no entries yet": "nhật ký chưa có mục nào",
    "another head of {size} entries is kept already": "đã lưu một đầu nhật ký khác cho {size} mục",
    "a head of {longest} entries is kept already, and this log has {size}":
        "đã lưu đầu nhật ký {longest} mục, trong khi nhật ký này có {size}",
    "the heads of the audit log cannot be carried away": "không chuyển được các đầu nhật ký ra ngoài",
    "the published head of {size} entries was changed": "đầu nhật ký {size} mục đã công bố bị thay đổi",
    "the audit log no longer holds entry {size} as it was: entries were cut or changed":
        "nhật ký không còn giữ mục {size} như trước: có mục bị cắt hoặc bị sửa",
}  # fmt: skip
"""The sentences of errors about these things in Vietnamese."""
