"""What the commands on personal data and on the registry's files say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping

from cccd_nfc.spoken.words import Text

PRIVACY_WORDS: Mapping[str, Text] = {
    "person": {
        "vi": "Số: {number}\nHọ tên: {full_name}\nNgày sinh: {birth_date}\nĐiện thoại: {phone}\nTrạng thái: {state}",
        "en": "Number: {number}\nName: {full_name}\nBirth date: {birth_date}\nPhone: {phone}\nState: {state}",
    },
    "person_exported": {
        "vi": "Đã ghi vào {path}: toàn bộ dữ liệu về người này, có chữ ký. Việc đọc đã được ghi nhật ký.",
        "en": "Written to {path}: everything about this person, signed. The reading is in the log.",
    },
    "confirm_erase": {
        "vi": "Hủy khóa dữ liệu của người này? Bằng chứng sẽ không ai đọc lại được nữa.",
        "en": "Destroy this person's data key? Nobody will read the evidence again.",
    },
    "erased": {
        "vi": "Đã xóa: {evidence} bằng chứng, {messages} địa chỉ tin nhắn, {history} mục lịch sử quá hạn. "
        "Tài khoản được giữ theo luật.",
        "en": "Erased: {evidence} pieces of evidence, {messages} addresses of messages, {history} old records of use. "
        "The account is kept by law.",
    },
    "no_subject_requests": {"vi": "Không có yêu cầu nào đang mở.", "en": "No request is open."},
    "subject_request": {
        "vi": "Trả lời trước {answer}; hoàn thành trước {finish} ({clause}).",
        "en": "Answer before {answer}; finish before {finish} ({clause}).",
    },
    "overdue_answer": {"vi": "QUÁ HẠN TRẢ LỜI", "en": "ANSWER OVERDUE"},
    "overdue_finish": {"vi": "QUÁ HẠN", "en": "OVERDUE"},
    "retired": {"vi": "Đã bỏ dữ liệu hết thời hạn: {dropped}.", "en": "Dropped what was over: {dropped}."},
    "nothing_retired": {"vi": "Không có dữ liệu nào hết thời hạn.", "en": "Nothing was over."},
    "breach_listed": {
        "vi": "{count} người bị ảnh hưởng; danh sách ở {path}. Phải báo cáo trước {until} (giờ Việt Nam).",
        "en": "{count} persons are affected; the list is in {path}. Report before {until} (Vietnam time).",
    },
    "breach_overdue": {"vi": "Đã quá 72 giờ kể từ khi phát hiện.", "en": "The 72 hours from detection are over."},
    # storage
    "sealed_opens": {
        "vi": "Mở được toàn bộ {count} bản ghi niêm phong.",
        "en": "All {count} sealed records can be opened.",
    },
    "ask_passphrase": {"vi": "Cụm mật khẩu của bản sao lưu", "en": "Passphrase of the backup"},
    "ask_passphrase_again": {"vi": "Nhập lại cụm mật khẩu", "en": "The passphrase again"},
    "backed_up": {
        "vi": "Đã sao lưu vào {path}: phiên bản {revision}, nhật ký {size} mục, gốc {root}….",
        "en": "Backed up to {path}: version {revision}, log of {size} entries, root {root}….",
    },
    "without_keys": {
        "vi": "Bản sao lưu không có khóa: hãy giữ thư mục {folder} ở nơi khác, nếu không sẽ không mở được.",
        "en": "The backup has no keys: keep the folder {folder} elsewhere, or nobody can open it.",
    },
    "restored": {
        "vi": "Đã khôi phục bản sao lưu lúc {made}: nhật ký {size} mục, gốc {root}….",
        "en": "Restored the backup of {made}: log of {size} entries, root {root}….",
    },
    "keys_wrapped": {"vi": "Đã bọc {count} tệp khóa bằng thẻ khóa.", "en": "Wrapped {count} key files by the token."},
    "exported": {"vi": "Đã xuất {rows} dòng vào {path}.", "en": "Exported {rows} rows to {path}."},
    "imported": {"vi": "Đã nhập {rows} dòng; nhật ký nguyên vẹn.", "en": "Imported {rows} rows; the audit log holds."},
    "upgrade_from": {"vi": "Nâng cấp từ phiên bản {before} lên {after}.", "en": "Upgrading from {before} to {after}."},
    "up_to_date": {"vi": "Sổ đã ở phiên bản {after}.", "en": "The registry is at version {after} already."},
    "no_registry": {
        "vi": "Ở đó chưa có sổ: chạy `cccd registry init`.",
        "en": "No registry there: run `cccd registry init`.",
    },
    "confirm_upgrade": {"vi": "Nâng cấp?", "en": "Upgrade?"},
    "upgraded": {"vi": "Đã nâng cấp.", "en": "Upgraded."},
    "confirm_rotate": {"vi": "Thay khóa {kind}?", "en": "Rotate the key {kind}?"},
    "rotated": {
        "vi": "Đã thay khóa {kind}. Hãy mở lại mọi quầy đang chạy, và sao lưu thư mục khóa.",
        "en": "The key {kind} was rotated. Open every running desk again, and back up the folder of keys.",
    },
    "backup_key_made": {
        "vi": "Khóa sao lưu ở {path}: public.pem để sao lưu; giữ private.pem ở nơi khác.",
        "en": "Key for backups in {path}: public.pem makes backups; keep private.pem elsewhere.",
    },
}
