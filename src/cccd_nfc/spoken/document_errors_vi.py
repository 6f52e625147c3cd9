"""What letters, receipts on paper, heads and clocks say when they cannot be made, in Vietnamese."""

from __future__ import annotations

from collections.abc import Mapping

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
}  # fmt: skip
"""The sentences of errors about these things in Vietnamese."""
